#!/usr/bin/env python3
"""Injects faults into the daemon for a while and checks after each that nothing is lost; run by torture.py.

Runs inside the throw-away machine, as root. What it does, and in which order, follows from its seed. Prints
a line per act, a line beginning with FAULT for each failure, and finally a summary as JSON.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import traceback

import torture_checks as checks
import torture_large as large
from machine import eventually
from torture_acts import ANSWERS, Acts, run
from torture_load import ROOT, WARM_UP, Load

LOG = pathlib.Path("/srv/torture/hook.log")


class Torture:
    """One run."""

    def __init__(self, options):
        self.options = options
        self.chance = random.Random(options.seed)
        self.faults = []
        self.done = collections.Counter()

    def fault(self, text):
        self.faults.append(text)
        print(f"FAULT {text}", flush=True)

    def plan(self):
        """An endless sequence of acts: each once, in random order, then at random."""
        first = self.options.acts or list(Acts.ALL)
        order = list(first)
        self.chance.shuffle(order)
        yield from order
        while True:
            yield self.chance.choice(first)

    def prepare(self):
        ROOT.mkdir(exist_ok=True)
        self.load = Load(self.options.seed)
        Acts.answer([{}])
        LOG.touch()
        self.receiver = subprocess.Popen(
            [sys.executable, self.options.receiver, "--stay", f"--log={LOG}", f"--answers={ANSWERS}",
             "--port=8901"], stdout=subprocess.DEVNULL)
        run("systemctl", "start", "anomalyd", "anomalyd-webhook.path")
        for table in self.load.tables:
            table.feed(WARM_UP)
        self.ledger = checks.Ledger(self.load, LOG)
        self.acts = Acts(self.chance, self.load, self.ledger, self.fault)
        for fault in self.ledger.positions(60):
            self.fault(f"at the start: {fault}")
        self.load.start()

    def torment(self):
        """Acts and checks until the time is up."""
        end = time.monotonic() + self.options.seconds
        for name in self.plan():
            if time.monotonic() > end:
                return
            begin = time.monotonic()
            print(f"-- {name}", flush=True)
            known = len(self.faults)
            try:
                getattr(self.acts, name)()
                self.acts.is_up()
                for fault in self.ledger.faults():
                    self.fault(f"after {name}: {fault}")
            except Exception as error:  # noqa: BLE001 - any exception of an act is a fault
                traceback.print_exc(file=sys.stdout)
                self.fault(f"{name}: {type(error).__name__}: {error}")
            self.done[name] += 1
            print(f"        {time.monotonic() - begin:.1f} s", flush=True)
            if len(self.faults) > known and self.options.stop:
                return

    def finish(self):
        """Everything settles: open events close, everything is delivered, and a backtest agrees."""
        self.load.stop()
        for table in self.load.tables:
            table.feed(200)
        Acts.answer([{}])
        for fault in self.ledger.faults():
            self.fault(f"at the end: {fault}")
        empty = eventually(lambda: not list(checks.OUTBOX.glob("new/*.json")), 60)
        if not empty:
            self.fault(f"undelivered: {len(list(checks.OUTBOX.glob('new/*.json')))} messages")
        for table in self.load.tables:
            self.compare(table)
        self.receiver.kill()

    def compare(self, table):
        """The events of an undisturbed run over the same rows."""
        output = run("anomalyctl", "backtest", "--json", "--config", "/etc/anomalyd/anomalyd.conf",
                     str(table.path))
        expected = {(event["metric"], event["opened"]) for event in
                    map(json.loads, filter(lambda line: line.startswith("{"), output.splitlines()))
                    if "opened" in event and "metric" in event and event.get("kind") != "incident"}
        found = set()
        for reply in checks.call("ListEvents", {"pattern": f"{table.name}.*"}, seconds=20):
            found |= {(entry["event"]["metric"], entry["event"]["opened"])
                      for entry in reply["events"]}
        damaged = set(self.ledger.damaged)
        expected = {event for event in expected if event[0] not in damaged}
        found = {event for event in found if event[0] not in damaged}
        print(f"        {len(expected)} events of {table.name} expected, {len(found)} found", flush=True)
        if expected - found:
            self.fault(f"{len(expected - found)} events lost, such as {min(expected - found)}")
        if found - expected:
            self.fault(f"{len(found - expected)} events too many, such as {min(found - expected)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--receiver", required=True)
    parser.add_argument("--large", type=int, default=0, help="metrics of a checkpoint to be killed in")
    parser.add_argument("--acts", nargs="*")
    parser.add_argument("--stop", action="store_true", help="at the first fault")
    options = parser.parse_args()
    torture = Torture(options)
    torture.prepare()
    torture.torment()
    torture.finish()
    if options.large:
        times = 3 if options.seconds >= 60 else 1
        large.kill_in_large_checkpoints(options.large, times, torture.chance, torture.fault)
    print(json.dumps({"acts": torture.done, "faults": len(torture.faults), "seed": options.seed,
                      "rows": [table.rows for table in torture.load.tables],
                      "steps": len(checks.written()),
                      "requests": LOG.read_text().count("\n")}), flush=True)
    os._exit(1 if torture.faults else 0)  # threads of clients may still be waiting


if __name__ == "__main__":
    main()
