"""CPU time and memory of a process and all its descendants."""

import os
import pathlib
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def parse_stat(text):
    """From the text of /proc/PID/stat: parent, seconds of CPU time, resident bytes.

    The program's name is in parentheses and may contain any character, including parentheses and spaces.
    """
    fields = text[text.rindex(")") + 1:].split()
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * PAGE


def processes():
    """All processes by pid, as parsed by `parse_stat`."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = parse_stat((folder / "stat").read_text(errors="replace"))
            except OSError:
                pass  # it has exited meanwhile
    return found


def tree(root, table):
    """`root` and all its descendants."""
    members = {root} if root in table else set()
    while True:
        more = {number for number, (parent, _, _) in table.items()
                if parent in members and number not in members}
        if not more:
            return members
        members |= more


class Watch(threading.Thread):
    """Records once a second the usage of a process, alone and with all its descendants."""

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
        """Stops recording."""
        self.done.set()
        self.join()

    def over(self, begin, end):
        """Between two times: percent of a core and maximum MiB, of the process alone and of all; None if
        there are fewer than two recordings in between."""
        notes = [note for note in self.notes if begin <= note[0] <= end]
        if len(notes) < 2:
            return None
        took = notes[-1][0] - notes[0][0]
        return [(100 * (notes[-1][which][0] - notes[0][which][0]) / took,
                 max(note[which][1] for note in notes) / (1 << 20)) for which in (1, 2)]
