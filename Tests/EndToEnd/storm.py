#!/usr/bin/env python3
"""Kills the daemon and the delivery program repeatedly while events stream through them.

Runs inside the throw-away machine. Appends rows to a table, kills one of the two processes at random
times, and finally waits until everything has settled. Prints a summary as one JSON object.
"""

import argparse
import datetime
import json
import math
import os
import pathlib
import random
import signal
import subprocess
import threading
import time

from machine import eventually

COLUMNS = 12
TABLE = pathlib.Path("/srv/storm.csv")
OUTBOXES = pathlib.Path("/var/lib/anomalyd/outbox")
START = datetime.datetime(2026, 2, 1, tzinfo=datetime.timezone.utc)


def header():
    return "timestamp," + ",".join(f"c{column}" for column in range(COLUMNS)) + "\n"


def row(index, noise):
    """Twelve quiet series; each leaves its band for three rows out of some fifty."""
    at = START + datetime.timedelta(minutes=index)
    cells = []
    for column in range(COLUMNS):
        value = 50 + 5 * math.sin(index / 20 + column) + math.sin(index * index + column)
        period = 47 + 3 * column
        if index > 400 and index % period < 3:
            value += 200 + 100 * noise.random()
        cells.append(f"{value:.4f}")
    return f"{at:%Y-%m-%dT%H:%M:%SZ}," + ",".join(cells) + "\n"


def process(unit):
    """The main process of a unit; 0 if it is not running."""
    shown = subprocess.run(["systemctl", "show", "--value", "--property=MainPID", unit],
                           stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return int(shown or 0)


class Feeder(threading.Thread):
    """Appends rows until stopped."""

    def __init__(self, rows_a_second):
        super().__init__(daemon=True)
        self.rate = rows_a_second
        self.rows = 0
        self.done = threading.Event()
        self.noise = random.Random(1)

    def feed(self, count):
        with TABLE.open("a") as table:
            for _ in range(count):
                table.write(row(self.rows, self.noise))
                self.rows += 1

    def run(self):
        while not self.done.is_set():
            self.feed(max(1, self.rate // 20))
            self.done.wait(0.05)


def samples():
    """Rows that have become samples of the first column; None while the daemon does not answer."""
    answer = subprocess.run(["anomalyctl", "metrics", "storm.c0", "--json"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=False)
    lines = answer.stdout.splitlines()
    return json.loads(lines[0])["samples"] if lines else None


def waiting():
    return sum(1 for _ in OUTBOXES.glob("hook/new/*.json"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--rate", type=int, default=200, help="rows a second")
    options = parser.parse_args()
    chance = random.Random()
    feeder = Feeder(options.rate)
    TABLE.write_text(header())
    os.chmod(TABLE, 0o644)
    feeder.feed(400)
    eventually(lambda: samples() == feeder.rows, 30, pause=0.2)
    feeder.start()
    killed = {"anomalyd.service": 0, "anomalyd-webhook.service": 0}
    begin = time.monotonic()
    while sum(killed.values()) < options.kills and time.monotonic() - begin < 3600:
        time.sleep(chance.uniform(0, 0.25))
        unit = chance.choice(list(killed))
        number = process(unit)
        if number == 0:
            continue
        try:
            os.kill(number, signal.SIGKILL)
            killed[unit] += 1
        except ProcessLookupError:
            pass
    feeder.done.set()
    feeder.join()
    stormed = time.monotonic() - begin
    feeder.feed(100)  # quiet rows at the end, so that open events close
    caught_up = eventually(lambda: samples() == feeder.rows, 120, pause=0.2)
    settled = eventually(lambda: waiting() == 0, 120, pause=0.2)
    print(json.dumps({
        "killed": killed, "rows": feeder.rows, "samples": samples(), "seconds": stormed,
        "caught_up": caught_up, "settled": settled, "waiting": waiting()}))


if __name__ == "__main__":
    main()
