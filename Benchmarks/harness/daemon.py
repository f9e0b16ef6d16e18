"""The daemon under load, as run by `Benchmarks/load/load.py`, whose output is parsed here."""

import json
import subprocess
import sys

from .places import LOAD

# A number's name in load.py, its name here, and its unit.
NUMBERS = (
    ("run %", "CPU", "% of a core"), ("us a sample", "CPU of a sample", "µs"),
    ("RSS MB", "RSS", "MiB"), ("bytes a metric", "memory of a metric", "B"),
    ("ready fresh ms", "READY, fresh", "ms"), ("ready restored ms", "READY, restored", "ms"),
    ("end ms", "SIGTERM to end", "ms"), ("state MB", "checkpoint", "MB"),
)


class LoadError(Exception):
    """The load generator failed."""


def run(metrics, seconds, *options):
    """Runs load.py with this many metrics at 1 Hz."""
    child = subprocess.run(
        [sys.executable, LOAD, "--seconds", str(seconds), *options, str(metrics)],
        capture_output=True, text=True, check=False)
    for line in child.stdout.splitlines():
        if line.startswith("{"):
            return json.loads(line)
    raise LoadError((child.stderr.strip().splitlines() or ["no result"])[-1])


def note(report, prefix, found):
    """Adds the numbers to the report."""
    for key, name, unit in NUMBERS:
        if found.get(key) is not None:
            report.note(f"{prefix}: {name}", [found[key]], unit)


def measure(report, quick):
    """CPU, memory, startup and shutdown with 100 to 10,000 metrics; checkpoints while running."""
    report.begin("daemon", "the release daemon, metrics over its socket at 1 Hz, after a warm-up")
    if not LOAD.exists():
        report.skip("all of it", f"{LOAD} does not exist")
        return
    for metrics in (100, 1000, 10_000) if quick else (100, 1000, 1479, 10_000):
        try:
            note(report, f"{metrics} metrics", run(metrics, 10 if quick else 30))
        except LoadError as error:
            report.skip(f"{metrics} metrics", str(error))
    for metrics in () if quick else (1000, 10_000):
        try:
            found = run(metrics, 20, "--checkpoint", "6s")
            report.note(f"{metrics} metrics: time of a checkpoint", [found["checkpoint ms"]], "ms")
        except (LoadError, KeyError, TypeError) as error:
            report.skip(f"{metrics} metrics: time of a checkpoint", str(error))
