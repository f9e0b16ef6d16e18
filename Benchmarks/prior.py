#!/usr/bin/env python3
"""Whether `Prior=` costs quality: each machine of SMD monitored from its first minute, with and without a
prior from another machine.

    Benchmarks/prior.py [--rows 6000] [--interval 1] [--data ../shared/data/smd] [--anomalyctl ...]

Prints a table in Markdown, docs/models.md quotes it. Priors come from the training half of the other machines,
the evaluated rows from the test half, at the defaults, as if rows were --interval seconds apart: with 38 metrics a
second, alarms are so rare that a fresh metric warms up for over 1,600 samples. A labelled stretch is found if an
incident touches it or the ten rows after it; an incident that touches none is a false alarm.
"""

import argparse
import csv
import datetime
import gzip
import itertools
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
# Samples in which the forecast of a new metric is compared: after the scale is known, before both have learnt.
EARLY = range(120, 620)
# The longest warm-up of a fresh metric.
YOUNG = 2000


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def prepare(source, folder, rows, step):
    """A recording named host.csv, so that metrics of all machines have the same names; its labelled stretches."""
    stretches, open_since = [], None
    folder.mkdir(parents=True)
    with gzip.open(source, "rt") as file, open(folder / "host.csv", "w", encoding="ascii") as out:
        header, *body = csv.reader(file)
        labels = [place for place, name in enumerate(header) if not name.startswith("m")]
        kept = [place for place in range(len(header)) if place not in labels]
        out.write("timestamp," + ",".join(header[place] for place in kept) + "\n")
        for number, row in enumerate(body[:rows]):
            at = START + number * step
            out.write(f"{at:%Y-%m-%dT%H:%M:%SZ}," + ",".join(row[place] for place in kept) + "\n")
            is_anomalous = any(float(row[place]) > 0 for place in labels)
            if is_anomalous and open_since is None:
                open_since = at
            if not is_anomalous and open_since is not None:
                stretches.append((open_since, at))
                open_since = None
    return stretches


class Judgement:
    """What the daemon would have done on one recording."""

    def __init__(self, program, folder, prior, stretches, step):
        configuration = folder / "anomalyd.conf"
        configuration.write_text(f"[Detector]\nPrior={prior}\n" if prior else "", encoding="ascii")
        scores = folder / "scores"
        lines = run(program, "backtest", "--json", "--config", configuration, "--scores", f"{scores}/",
                    folder / "host.csv")
        found = [json.loads(line) for line in lines.splitlines()]
        incidents = [line["incident"] for line in found
                     if set(line) == {"incident"} and line["incident"]["notified"]]
        spans = [(moment(one["began"]), moment(one["closed"]) if one.get("closed") else START + 10**6 * step,
                  moment(one["opened"])) for one in incidents]
        self.stretches = len(stretches)
        self.found = sum(any(began <= end + 10 * step and closed >= start for began, closed, _ in spans)
                         for start, end in stretches)
        false = [opened for began, closed, opened in spans
                 if not any(began <= end + 10 * step and closed >= start for start, end in stretches)]
        self.false = len(false)
        self.early = sum(opened < START + YOUNG * step for opened in false)
        self.warm_up = statistics.median(warm_up(path) for path in scores.iterdir())
        self.errors = {path.name: early_error(path) for path in sorted(scores.iterdir())}


def early_error(path):
    """Mean absolute error of the forecast of a new metric; None for one that does not move."""
    with open(path, encoding="ascii") as file:
        rows = list(itertools.islice(csv.DictReader(file), EARLY.stop))[EARLY.start:]
    misses = [abs(float(row["value"]) - float(row["expected"])) for row in rows
              if row["value"] and row["expected"]]
    values = [float(row["value"]) for row in rows if row["value"]]
    return statistics.mean(misses) if misses and len(set(values)) > 20 else None


def warm_up(path):
    """Samples until a metric could alarm."""
    with open(path, encoding="ascii") as file:
        return sum(row["state"].startswith("warming") for row in csv.DictReader(file))


def run(program, *words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--interval", type=float, default=1)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data/smd"))
    parser.add_argument("--anomalyctl", default=".build/release/anomalyctl")
    options = parser.parse_args()
    program = str(pathlib.Path(options.anomalyctl).absolute())
    machines = sorted(path.name.split("_")[0] for path in options.data.glob("*_train.csv.gz"))
    step = datetime.timedelta(seconds=options.interval)
    print("| judged | begins with | warm-up, samples | labelled stretches found | false alarms | before sample "
          f"{YOUNG:,} | early error of the forecast |\n|---|---|---|---|---|---|---|")
    totals = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        priors = {}
        for machine in machines:
            folder = scratch / f"{machine}-train"
            prepare(options.data / f"{machine}_train.csv.gz", folder, options.rows, step)
            priors[machine] = folder / "priors"
            run(program, "backtest", "--json", "--export", priors[machine], folder / "host.csv")
            for path in list(priors[machine].iterdir()):
                # Metrics that did not move have learnt too little.
                if not usable(program, path):
                    path.unlink()
        for machine in machines:
            fresh = None
            for prior in [None] + [other for other in machines if other != machine]:
                folder = scratch / f"{machine}-by-{prior}"
                stretches = prepare(options.data / f"{machine}_test.csv.gz", folder, options.rows, step)
                judged = Judgement(program, folder, priors.get(prior), stretches, step)
                fresh = fresh or judged
                ratios = [judged.errors[name] / fresh.errors[name] for name in fresh.errors
                          if fresh.errors[name] and judged.errors.get(name)]
                ratio = statistics.geometric_mean(ratios)
                print(f"| {machine} | {prior or 'nothing'} | {judged.warm_up:,.0f} | {judged.found} of "
                      f"{judged.stretches} | {judged.false} | {judged.early} | {ratio:.2f} |", flush=True)
                total = totals.setdefault("nothing" if prior is None else "another machine", [])
                total.append((judged.warm_up, judged.found, judged.stretches, judged.false, judged.early, ratio))
    for name, rows in totals.items():
        warm, found, stretches, false, early, ratio = zip(*rows)
        print(f"| all, mean | {name} | {statistics.mean(warm):,.0f} | {sum(found)} of {sum(stretches)} | "
              f"{statistics.mean(false):.1f} | {statistics.mean(early):.1f} | "
              f"{statistics.geometric_mean(ratio):.2f} |")


def usable(program, path):
    """Whether a state can be a prior, by the check of a configuration that names it."""
    configuration = path.with_suffix(".conf")
    configuration.write_text(f"[Detector]\nPrior={path}\n", encoding="ascii")
    done = subprocess.run([program, "config", "check", "--config", str(configuration)], capture_output=True,
                          check=False)
    configuration.unlink()
    return done.returncode == 0


if __name__ == "__main__":
    main()
