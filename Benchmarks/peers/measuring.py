"""Timing of the alternatives and their output: one JSON object per line."""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.spread import Spread  # noqa: E402


def report(name, values, unit="µs/sample"):
    """Prints a measurement for `Benchmarks/run.py`."""
    print(json.dumps({"section": "peers", "name": name, "unit": unit,
                      "value": Spread(values).as_json()}), flush=True)


def skip(name, reason):
    """Reports why something was not measured."""
    print(json.dumps({"section": "peers", "name": name, "skipped": reason}), flush=True)


def time_samples(step, samples, rounds=5):
    """Microseconds per call of `step(t)`, with t increasing from call to call; once per round."""
    per_round = max(1, samples // rounds)
    times, t = [], 0
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(per_round):
            step(t)
            t += 1
        times.append((time.perf_counter() - begin) / per_round * 1e6)
    return times
