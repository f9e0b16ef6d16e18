"""Processor time and memory of a process and of all that it started."""

import os
import pathlib
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def parse_stat(text):
    """From the text of /proc/PID/stat: parent, seconds of processor time, resident bytes.

    The program's name stands in parentheses and may hold any character, parentheses and spaces too.
    """
    fields = text[text.rindex(")") + 1:].split()
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * PAGE


def processes():
    """All processes: their number, then as `parse_stat` has them."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = parse_stat((folder / "stat").read_text(errors="replace"))
            except OSError:
                pass  # it has ended meanwhile
    return found


def tree(root, table):
    """`root` and everything below it."""
    members = {root} if root in table else set()
    while True:
        more = {number for number, (parent, _, _) in table.items()
                if parent in members and number not in members}
        if not more:
            return members
        members |= more


class Watch(threading.Thread):
    """Notes once a second what a process takes, and what it takes with all that it started."""

    def __init__(self, number):
        super().__init__(daemon=True)
        self.number = number
        self.notes = []
        self.done = threading.Event()

    def run(self):
        while True:
            table = processes()
            if self.number in table:
                members = [table[member] for member in tree(self.number, table)]
                self.notes.append((
                    time.monotonic(), table[self.number][1:],
                    (sum(member[1] for member in members), sum(member[2] for member in members))))
            if self.done.wait(1):
                return

    def stop(self):
        """Ends the notes."""
        self.done.set()
        self.join()

    def over(self, begin, end):
        """Between two moments: percent of a core and the most MiB, of the process alone and
        of all; None where there are not two notes between them."""
        notes = [note for note in self.notes if begin <= note[0] <= end]
        if len(notes) < 2:
            return None
        took = notes[-1][0] - notes[0][0]
        return [(100 * (notes[-1][which][0] - notes[0][which][0]) / took,
                 max(note[which][1] for note in notes) / (1 << 20)) for which in (1, 2)]
