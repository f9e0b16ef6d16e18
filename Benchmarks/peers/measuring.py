"""How the programs beside ours are timed, and what they print: a JSON object a line."""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.spread import Spread  # noqa: E402


def tell(name, values, unit="µs/sample"):
    """Prints a measurement as `Benchmarks/run.py` reads it."""
    print(json.dumps({"section": "peers", "name": name, "unit": unit,
                      "value": Spread(values).as_json()}), flush=True)


def skip(name, reason):
    """Says why something was not measured."""
    print(json.dumps({"section": "peers", "name": name, "skipped": reason}), flush=True)


def time_samples(step, samples, rounds=5):
    """Microseconds a call of `step(t)`, for t that goes on from call to call; once for each round."""
    per_round = max(1, samples // rounds)
    times, t = [], 0
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(per_round):
            step(t)
            t += 1
        times.append((time.perf_counter() - begin) / per_round * 1e6)
    return times
