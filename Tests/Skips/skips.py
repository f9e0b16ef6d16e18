#!/usr/bin/env python3
"""Counts the tests that skipped, by the reason they give, and fails where more skip than are known to.

    swift test ... --event-stream-output-path FILE && Tests/Skips/skips.py FILE
    Tests/Skips/skips.py --debug FILE       # of a debug build

A test that skips without anybody noticing is a test that is not there. So each reason has a known number
of tests, and on a machine that has what they need the number is 0. The reasons are those of
`Tests/Support/Needs.swift`; a reason that is not listed here fails, too.
"""

import argparse
import collections
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclasses.dataclass(frozen=True)
class Known:
    """A reason to skip."""

    reason: str
    # How many tests give it.
    tests: int
    # Whether this machine has what they need, so that none may skip.
    is_met: typing.Callable[[], bool]


def can_mount():
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "tmpfs", folder], stderr=subprocess.DEVNULL, check=False)
        if mounted.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return mounted.returncode == 0


def known(is_debug):
    """All reasons that are known, for a debug or a release build."""
    python = ROOT / ".build/varlink/bin/python"
    return [
        Known("needs ../shared, which holds real series", 4,
              (ROOT.parent / "shared/data").exists),
        Known("needs root", 6, lambda: os.geteuid() == 0),
        Known("needs a user other than root", 2, lambda: os.geteuid() != 0),
        Known("needs the right to mount a tmpfs", 6, can_mount),
        Known("needs optimised code: swift test -c release", 8, lambda: not is_debug),
        Known("needs systemd-analyze, package systemd", 3,
              pathlib.Path("/usr/bin/systemd-analyze").exists),
        Known("needs varlink and prometheus_client from PyPI: make deps", 2, python.exists),
        Known("needs /proc/softirqs", 1, pathlib.Path("/proc/softirqs").exists),
    ]


@dataclasses.dataclass
class Run:
    """What a run of the tests reported."""

    tests: int = 0
    # Whether it ran to its end.
    ended: bool = False
    # Names of the tests that skipped, by reason.
    skipped: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))


def read(lines):
    """Reads Swift Testing's event stream, an object of JSON a line."""
    run, functions = Run(), set()
    for line in lines:
        record = json.loads(line)
        payload = record["payload"]
        if record["kind"] == "test" and payload["kind"] == "function":
            functions.add(payload["id"])
        elif payload["kind"] == "runEnded":
            run.ended = True
        # A suite that skips reports each of its tests as well.
        elif payload["kind"] == "testSkipped" and payload["testID"] in functions:
            text = " ".join(message["text"] for message in payload["messages"])
            reason = re.search(r'skipped: "(.*)"', text)
            run.skipped[reason[1] if reason else "no reason"].append(payload["testID"])
    run.tests = len(functions)
    return run


def judge(run, reasons):
    """What to print, and what is wrong."""
    count = sum(map(len, run.skipped.values()))
    report = [f"skipped: {count or 'none'} of {run.tests} tests"]
    wrong = [] if run.ended else ["the run did not end"]
    by_reason = {reason.reason: reason for reason in reasons}
    for reason, tests in sorted(run.skipped.items()):
        report.append(f"  {len(tests)} {reason}")
        if reason not in by_reason:
            wrong.append(f"{len(tests)} tests skip for a reason that is not known: {reason}")
            continue
        expected = by_reason[reason]
        allowed = 0 if expected.is_met() else expected.tests
        if len(tests) > allowed:
            names = "".join(f"\n  {name}" for name in sorted(tests))
            met = ", which this machine has" if allowed == 0 else ""
            wrong.append(f"{len(tests)} tests skip, {allowed} are known to: {reason}{met}{names}")
    return report, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--debug", action="store_true", help="the tests were not optimised")
    parser.add_argument("events", type=pathlib.Path, help="Swift Testing's event stream")
    options = parser.parse_args()
    with options.events.open() as lines:
        report, wrong = judge(read(lines), known(options.debug))
    print("\n".join(report))
    if wrong:
        sys.exit("\n".join(f"skips.py: {sentence}" for sentence in wrong))


if __name__ == "__main__":
    main()
