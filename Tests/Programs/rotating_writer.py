"""Writes tables at full speed and rotates them all the time.

usage: rotating_writer.py DIRECTORY FILES ROTATIONS KEEP MODE SEED PROGRESS

MODE is rename, dated or copytruncate. PROGRESS is a file of one 64-bit number for each table, how
many of its rows the reader has; a rotated file is deleted only when all of it was read, as no
reader could find it after that. Copying and truncating holds the writing in between, since what is
written there is lost for every reader.
"""

import collections
import mmap
import os
import random
import struct
import sys
import time

directory, files, rotations, keep, mode, seed, progress = sys.argv[1:]
files, rotations, keep = int(files), int(rotations), int(keep)
chance = random.Random(int(seed))
with open(progress, "r+b") as shared:
    rows_read = mmap.mmap(shared.fileno(), 8 * files)


class Table:
    def __init__(self, index):
        self.index = index
        self.path = os.path.join(directory, f"table{index}.csv")
        self.rows = 0
        self.number = 0
        self.rotated = collections.deque()  # (name of a dated file, rows written up to its end)
        self.open()

    def open(self):
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(self.file, b"timestamp,value\n")

    def write(self):
        count = chance.randint(0, 12)
        text = "".join(
            f"{1_700_000_000 + row},{row}\n" for row in range(self.rows, self.rows + count)
        ).encode()
        self.rows += count
        cut = chance.randint(0, len(text))  # also in the middle of a line
        os.write(self.file, text[:cut])
        os.write(self.file, text[cut:])

    def rotate(self):
        if len(self.rotated) == keep:
            name, rows = self.rotated.popleft()
            while struct.unpack_from("q", rows_read, 8 * self.index)[0] < rows:
                time.sleep(0.0005)
            os.unlink(name or f"{self.path}.{keep}")
        if mode == "dated":
            self.number += 1
            name = f"{self.path}-20260102-{self.number:06}"
            os.rename(self.path, name)
            self.reopen()
            self.rotated.append((name, self.rows))
            return
        for number in range(len(self.rotated), 0, -1):
            os.rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")
        if mode == "rename":
            os.rename(self.path, self.path + ".1")
            self.reopen()
        else:
            with open(self.path, "rb") as old, open(self.path + ".1", "xb") as new:
                new.write(old.read())
            os.ftruncate(self.file, 0)
            if chance.random() < 0.7:
                os.write(self.file, b"timestamp,value\n")
        self.rotated.append((None, self.rows))

    def reopen(self):
        if chance.random() < 0.3:
            self.write()  # a writer that has not heard of the rotation yet
        os.close(self.file)
        self.open()


tables = [Table(index) for index in range(files)]
for rotation in range(rotations):
    for table in tables:
        for _ in range(chance.randint(1, 3)):
            table.write()
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            table.rotate()
            table.write()
print(" ".join(str(table.rows) for table in tables))
