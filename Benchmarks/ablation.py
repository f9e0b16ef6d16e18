#!/usr/bin/env python3
"""Measures the contribution of each rule and each kind of evidence of the detector on labelled recordings.

    Benchmarks/ablation.py [--bench .build/release/anomalyd-bench] [--data ../shared/data] [--seeds 5]
                           [--without PART[+PART]...]... [--family NAME]...

Runs the detector over the development recordings, whole and with parts left out, and prints a table in
Markdown, which docs/detector.md quotes. Parts are the rules `corroboration`, `experience`, `echoes` and
`seasonal-forecast`, and the names of kinds of evidence. Every alarm that begins an episode counts, whether
or not it would page; the alarm budget is 5,000 samples unless the column says otherwise. NAB: standard, low FP,
low FN (false alarms). AIOPS, WSD, SMD, UCR: event F1; SMD by machine; UCR with the archive's tolerance of 100 rows
(series of 20 whose highest score lies there). ECG, power: anomalies found + other alarms. Clean WSD and synthetic
noise: alarms relative to budgets of 1,000, 5,000 and 20,000.
"""

import argparse
import array
import concurrent.futures
import csv
import datetime
import gzip
import json
import math
import pathlib
import queue
import random
import subprocess

import budgets

BUDGETS = 1_000, 5_000, 20_000
# Rows within which alarms of several metrics of a machine are one.
HOLD_OFF = 30
STANDARD = BUDGETS.index(5_000)
PARTS = ["corroboration", "experience", "echoes", "seasonal-forecast", "season+season32",
         "jump", "window8", "window48", "window144", "drift", "value+value3", "quiet"]
# Weights of a hit, a false alarm and a miss in the benchmark's profiles.
PROFILES = (1, 0.11, 1), (1, 0.22, 1), (1, 0.11, 2)


def seconds(text):
    """Unix time of a number, or of a date in UTC."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.datetime.fromisoformat(text.split(".0000")[0])
        return moment.replace(tzinfo=datetime.timezone.utc).timestamp()


def columns(path, *names):
    """Columns of a table as lists of numbers."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as file:
        rows = csv.reader(file)
        header = next(rows)
        places = [header.index(name) for name in names]
        return list(zip(*([seconds(row[place]) for place in places] for row in rows)))


def runs(labels):
    """Pairs of first and last row of each labelled stretch."""
    found, before = [], False
    for row, label in enumerate(labels):
        if label > 0 and before:
            found[-1][1] = row
        elif label > 0:
            found.append([row, row])
        before = label > 0
    return found


# MARK: Measures


class F1:
    """Harmonic mean of the share of labelled stretches found and the share of correct alarms."""

    def __init__(self):
        self.counts = [0, 0, 0, 0]

    def add(self, rows, stretches, first=0):
        rows = [row for row in rows if row >= first]
        hits = [[start <= row <= end for row in rows] for start, end in stretches if end >= first]
        right = sum(map(any, zip(*hits)))
        for place, count in enumerate((sum(map(any, hits)), len(hits), right, len(rows) - right)):
            self.counts[place] += count

    @property
    def value(self):
        found, all_, right, wrong = self.counts
        recall, precision = found / max(1, all_), right / max(1, right + wrong)
        return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def scaled_sigmoid(position):
    return -1 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


class NAB:
    """The benchmark's score for each profile, and the false alarms."""

    def __init__(self):
        self.raw, self.null, self.perfect = [0.0] * 3, [0.0] * 3, [0.0] * 3
        self.false_alarms = 0

    def add(self, rows, windows, count):
        probation = min(count * 15 // 100, 750)
        best, penalty = {}, 0.0
        for row in (row for row in rows if row >= probation):
            place = max((place for place, window in enumerate(windows) if window[0] <= row), default=None)
            if place is not None and row <= windows[place][1]:
                start, end = windows[place]
                reward = scaled_sigmoid(-(end - row + 1) / (end - start + 1)) / scaled_sigmoid(-1)
                best[place] = max(best.get(place, reward), reward)
                continue
            self.false_alarms += 1
            penalty += -1 if place is None else scaled_sigmoid(
                (row - windows[place][1]) / (windows[place][1] - windows[place][0]))
        scorable = sum(end >= probation for _, end in windows)
        for index, (hit, wrong, miss) in enumerate(PROFILES):
            self.null[index] -= miss * scorable
            self.perfect[index] += hit * len(windows)
            self.raw[index] += sum(best.values()) * hit + penalty * wrong - miss * (scorable - len(best))

    @property
    def values(self):
        return [100 * (raw - null) / (perfect - null)
                for raw, null, perfect in zip(self.raw, self.null, self.perfect)]


# MARK: Recordings


def recordings(data, families):
    """Family, times, values and labels of each series."""
    if "NAB" in families:
        development = json.loads((data / "nab" / "split.json").read_text())["development"]
        windows = json.loads((data / "nab" / "labels" / "combined_windows.json").read_text())
        for name in sorted(development):
            times, values = columns(data / "nab" / "data" / name, "timestamp", "value")
            spans = sorted([times.index(seconds(edge)) for edge in window] for window in windows[name])
            yield "NAB", times, values, spans
    for family, folder in ("AIOPS", "kpi_aiops"), ("WSD", "kpi_web"), ("clean WSD", "kpi_web_clean"):
        for path in sorted((data / folder).glob("*.gz")) if family in families else []:
            times, values, labels = columns(path, "timestamp", "value", "label")
            yield family, times, values, runs(labels)
    if "SMD" in families:
        for path in sorted((data / "smd").glob("*_test.csv.gz")):
            *metrics, labels = columns(path, *(f"m{metric:02}" for metric in range(38)), "label")
            times = [budgets.START + 60 * row for row in range(len(labels))]
            for values in metrics:
                yield "SMD", times, values, (path.name, runs(labels))
    if "UCR" in families:
        starts = dict(line.split(",") for line in (data / "ucr" / "test_starts.csv").read_text().split())
        for path in sorted((data / "ucr").glob("*.gz")):
            times, values, labels = columns(path, "timestamp", "value", "label")
            yield "UCR", times, values, (runs(labels), int(starts[path.name.split(".")[0]]))
    if "ECG" in families:
        rows = json.loads((data / "ecg" / "labels.json").read_text())["discord_start_rows"]
        times, values = columns(data / "ecg" / "mitdb_108.csv", "seconds", "lead1")
        # A discord is 600 samples long; alarms may begin a little before its label.
        yield "ECG", times, values, [[row - 50, row + 600] for row in rows]
    if "power" in families:
        labels = json.loads((data / "power" / "labels.json").read_text())
        yield "power", *columns(data / "power" / "power_demand.csv", "timestamp", "value"), labels
    if "noise" in families:
        for name, maker in budgets.FAMILIES.items():
            times = [budgets.START + 60 * row for row in range(budgets.FEWEST)]
            yield "noise", times, list(maker(random.Random(name), len(times))), name


def day(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%d")


class Scores:
    """The measures of one variant with one seed."""

    def __init__(self):
        self.nab, self.f1, self.cells, self.machines = NAB(), {}, {}, {}
        self.clean, self.noise = [[0, 0] for _ in BUDGETS], {}

    def add(self, family, times, labels, opened, scores):
        rows = opened[STANDARD]
        if family == "NAB":
            self.nab.add(rows, labels, len(times))
        elif family in ("AIOPS", "WSD"):
            self.f1.setdefault(family, F1()).add(rows, labels)
        elif family == "SMD":
            machine, stretches = labels
            self.machines.setdefault(machine, (stretches, []))[1].extend(rows)
        elif family == "UCR":
            stretches, first = labels
            near = [[start - 100, end + 100] for start, end in stretches]
            self.f1.setdefault(family, F1()).add(rows, near, first)
            highest = max(range(first, len(scores)), key=scores.__getitem__)
            found = any(start <= highest <= end for start, end in near)
            self.cells["UCR found"] = self.cells.get("UCR found", 0) + found
        elif family == "ECG":
            hits = [[start <= row <= end for row in rows] for start, end in labels]
            self.cells["ECG"] = sum(map(any, hits)), len(rows) - sum(map(any, zip(*hits)))
        elif family == "power":
            # The first two months are warm-up.
            days = [day(times[row]) for row in rows if day(times[row]) >= "1997-03-01"]
            holidays = set(labels["holidays"])
            uncounted = holidays | set(labels["neither_counted_for_nor_against"])
            self.cells["power"] = len(holidays & set(days)), sum(day not in uncounted for day in days)
        else:
            for total, budget, rows in zip(
                    self.clean if family == "clean WSD" else self.noise.setdefault(labels, [
                        [0, 0] for _ in BUDGETS]), BUDGETS, opened):
                total[0] += budget * len(rows)
                total[1] += len(times)

    def finish(self):
        """Counts the alarms of a machine's metrics as those of one detector."""
        for stretches, rows in self.machines.values():
            apart = []
            for row in sorted(rows):
                if not apart or row - apart[-1] > HOLD_OFF:
                    apart.append(row)
            self.f1.setdefault("SMD", F1()).add(apart, stretches)


# MARK: Running


class Bench:
    """A process that answers which alarms the variants of the detector raise."""

    def __init__(self, program, variants, seeds):
        words = [word for variant in variants for word in ("--without", variant)]
        words += [word for budget in BUDGETS for word in ("--budget", str(budget))]
        self.process = subprocess.Popen(
            [program, "--alarms", "--seeds", str(seeds), *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers = (1 + len(variants)) * seeds

    def judge(self, times, values):
        """For each variant and seed: its name, the seed, the rows by budget, and the scores."""
        numbers = array.array("d", (number for pair in zip(times, values) for number in pair))
        self.process.stdin.write(b"%d\n" % len(times) + numbers.tobytes())
        self.process.stdin.flush()
        for _ in range(self.answers):
            variant, seed, *_ = self.process.stdout.readline().decode().split()
            opened = [list(map(int, filter(None, self.process.stdout.readline().decode().strip().split(","))))
                      for _ in BUDGETS]
            scores = array.array("f", self.process.stdout.read(4 * len(times)))
            yield variant, int(seed), opened, scores


def measure(options, variants):
    """Scores by variant and seed."""
    found = {}
    work = queue.Queue(maxsize=4)

    def serve():
        bench = Bench(options.bench, variants, options.seeds)
        while (job := work.get()) is not None:
            family, times, values, labels = job
            for variant, seed, opened, scores in bench.judge(times, values):
                answers.put((variant, seed, family, times, labels, opened, scores))
        bench.process.stdin.close()
        bench.process.wait()
        answers.put(None)

    def feed():
        for recording in recordings(options.data, options.family):
            work.put(recording)
        for _ in range(options.jobs):
            work.put(None)

    answers = queue.Queue(maxsize=64)
    with concurrent.futures.ThreadPoolExecutor(options.jobs + 1) as pool:
        tasks = [pool.submit(feed), *(pool.submit(serve) for _ in range(options.jobs))]
        running = options.jobs
        while running:
            answer = answers.get()
            if answer is None:
                running -= 1
                continue
            variant, seed, *rest = answer
            found.setdefault(variant, {}).setdefault(seed, Scores()).add(*rest)
        for task in tasks:
            task.result()
    for scores in (scores for by_seed in found.values() for scores in by_seed.values()):
        scores.finish()
    return found


# MARK: Tables


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def deviation(values):
    values = list(values)
    return math.sqrt(sum((value - mean(values)) ** 2 for value in values) / max(1, len(values) - 1))


def row(name, runs_of):
    runs_of = list(runs_of)
    cells = [name]
    profiles = list(zip(*(run.nab.values for run in runs_of))) if runs_of[0].nab.perfect[0] else []
    if profiles:
        scores = "/".join(f"{mean(profile):.1f}" for profile in profiles)
        cells.append(f"{scores} ({mean(run.nab.false_alarms for run in runs_of):.0f})")
    for family in (name for name in ("AIOPS", "WSD", "SMD", "UCR") if name in runs_of[0].f1):
        score = f"{mean(run.f1[family].value for run in runs_of):.3f}"
        if family == "UCR":
            score += f" ({mean(run.cells['UCR found'] for run in runs_of):.1f})"
        cells.append(score)
    for family in ("ECG", "power"):
        if family in runs_of[0].cells:
            cells.append(" + ".join(f"{mean(pair):.1f}" for pair in zip(*(run.cells[family] for run in runs_of))))
    if runs_of[0].clean[0][1]:
        cells.append("/".join(f"{mean(run.clean[place][0] / run.clean[place][1] for run in runs_of):.2f}"
                              for place in range(len(BUDGETS))))
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", default=".build/release/anomalyd-bench")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--without", action="append", help="only this part (may be given again)")
    parser.add_argument("--family", action="append", help="only this family (may be given again)")
    options = parser.parse_args()
    everything = ["NAB", "AIOPS", "WSD", "SMD", "UCR", "ECG", "power", "clean WSD", "noise"]
    options.family = options.family or everything
    found = measure(options, options.without or PARTS + ["+".join(PARTS[:5])])
    whole = found["nothing"]
    names = [name for name in everything[:-1]
             if name in options.family and name not in ("ECG", "power", "clean WSD")]
    names += [name for name in ("ECG", "power", "clean WSD") if name in options.family]
    print("| without | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for variant, by_seed in found.items():
        print(row(variant, by_seed.values()), flush=True)
    if whole[1].nab.perfect[0]:
        spread = "/".join(f"{deviation(profile):.2f}" for profile in zip(*(run.nab.values for run in whole.values())))
        print(f"\nStandard deviation of NAB over seeds: {spread}")
    if whole[1].noise:
        print("\n| without | " + " | ".join(whole[1].noise) + " |")
        print("|---" * (len(whole[1].noise) + 1) + "|")
        for variant, by_seed in found.items():
            print(f"| {variant} | " + " | ".join(
                "/".join(f"{mean(run.noise[name][place][0] / run.noise[name][place][1] for run in by_seed.values()):.2f}"
                         for place in range(len(BUDGETS))) for name in whole[1].noise) + " |")


if __name__ == "__main__":
    main()
