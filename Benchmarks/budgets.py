#!/usr/bin/env python3
"""Counts how often noise alarms and pages, relative to a metric's own alarm budget.

    Benchmarks/budgets.py [--anomalyctl .build/release/anomalyctl] [--data ../shared/data] [--samples N]

Replays synthetic series without anomalies, one sample a minute, with budgets of 1,000, 5,000, 20,000 and 100,000
samples per alarm, and prints a table in Markdown, which docs/benchmarks.md quotes. A cell has the events whose
severity ever was above `info`, and after a slash all events, both relative to the budget. Where
--data has them, clean stretches of web KPIs (WSD) are replayed as well.
"""

import argparse
import concurrent.futures
import json
import math
import pathlib
import random
import subprocess
import tempfile

BUDGETS = 1_000, 5_000, 20_000, 100_000
START = 1_600_000_000
# A budget is evaluated over this multiple of its samples, and at least this many samples.
BUDGETS_WORTH, FEWEST = 10, 100_000


def gaussian(chance, count):
    return (chance.gauss(0, 1) for _ in range(count))


def autoregressive(chance, count):
    state = 0.0
    for _ in range(count):
        state = 0.9 * state + chance.gauss(0, 1)
        yield state


def student(chance, count):
    """Three degrees of freedom."""
    for _ in range(count):
        yield chance.gauss(0, 1) / math.sqrt(sum(chance.gauss(0, 1) ** 2 for _ in range(3)) / 3)


def lognormal(chance, count):
    return (math.exp(chance.gauss(0, 1)) for _ in range(count))


def poisson(chance, count):
    """A mean of five."""
    for _ in range(count):
        product, arrivals = chance.random(), 0
        while product > math.exp(-5):
            product *= chance.random()
            arrivals += 1
        yield arrivals


def bursts(chance, count):
    """As in iowait: a few samples long, of all heights, every 400 samples on average."""
    left, height = 0, 0.0
    for _ in range(count):
        if left == 0 and chance.random() < 1 / 400:
            left, height = 1 + int(chance.expovariate(1 / 4)), math.exp(1.5 + 0.8 * chance.gauss(0, 1))
        burst = height * (0.5 + chance.random()) if left else 0
        left = max(0, left - 1)
        yield round(0.3 * abs(chance.gauss(0, 1)) + burst, 2)


def spikes(chance, count):
    for _ in range(count):
        yield chance.gauss(0, 1) + (20 + 5 * chance.gauss(0, 1) if chance.random() < 0.004 else 0)


def regular(chance, count):
    """A spike every 250 samples."""
    for index in range(count):
        yield chance.gauss(0, 1) + (20 + 2 * chance.gauss(0, 1) if index % 250 == 37 else 0)


def wave(chance, count):
    """Noise around a daily course."""
    for index in range(count):
        yield 100 + 30 * math.sin(2 * math.pi * index / 1440) + 3 * chance.gauss(0, 1)


FAMILIES = {
    "Gaussian": gaussian, "autoregressive .9": autoregressive, "Student t 3": student, "lognormal": lognormal,
    "Poisson 5": poisson, "bursts": bursts, "random spikes": spikes, "regular spikes": regular,
    "daily wave": wave,
}


def alarms(program, path, budget):
    """Events that page, and all events, of a replay."""
    done = subprocess.run([program, "backtest", "--json", "--budget", str(budget), "--column", "value", path],
                          capture_output=True, text=True, check=True)
    severities = {}
    for line in map(json.loads, done.stdout.splitlines()):
        if line.get("kind") == "event":
            severities.setdefault(line["id"], set()).add(line["severity"])
    return sum(found != {"info"} for found in severities.values()), len(severities)


def made(program, name, budget, least):
    """Of a family: events that page, all events, samples."""
    count = max(least, BUDGETS_WORTH * budget)
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("timestamp,value\n")
        for index, value in enumerate(FAMILIES[name](random.Random(name), count)):
            file.write(f"{START + 60 * index},{value:.6g}\n")
        file.flush()
        return *alarms(program, file.name, budget), count


def recorded(program, folder, budget):
    found = [alarms(program, path, budget) for path in sorted(folder.glob("*.gz"))]
    return sum(page for page, _ in found), sum(every for _, every in found), 16_000 * len(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default="../shared/data")
    parser.add_argument("--anomalyctl", default=".build/release/anomalyctl")
    parser.add_argument("--samples", type=int, default=FEWEST, help="of the smaller budgets")
    options = parser.parse_args()
    print("| series | " + " | ".join(f"{budget:,}" for budget in BUDGETS) + " |")
    print("|---" * (len(BUDGETS) + 1) + "|")
    rows = [(name, lambda budget, name=name: made(options.anomalyctl, name, budget, options.samples))
            for name in FAMILIES]
    clean = options.data / "kpi_web_clean"
    if clean.exists():
        rows.append(("clean web KPIs", lambda budget: recorded(options.anomalyctl, clean, budget)))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for name, judge in rows:
            cells = [f"{page * budget / count:.2f} / {every * budget / count:.2f}"
                     for budget, (page, every, count) in zip(BUDGETS, pool.map(judge, BUDGETS))]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
