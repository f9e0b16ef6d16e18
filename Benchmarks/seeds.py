#!/usr/bin/env python3
"""Trains and judges models on the recordings that this project started from, by anomalyctl alone.

    Benchmarks/seeds.py [--seeds 5] [--data ../shared/data] [--anomalyctl .build/release/anomalyctl]
    Benchmarks/seeds.py --only S2 S3:detector --pictures /tmp

Prints a table in Markdown that docs/models.md quotes, row by row as each is measured; standard error has the
time that each part takes. The same command prints the same table on the same processor: everything random
follows from the seeds, and no result depends on how many threads there are. Rows that a model was trained on
never count; sizes and thresholds are the defaults except for what the table names. A mean is over seeds, with
the spread.
"""

import argparse
import csv
import datetime
import itertools
import json
import os
import pathlib
import sys
import tempfile
import time

import skab
from harness.training import Runner, leave_one_out, mean

def ec2_files(data):
    folder = data / "nab" / "data" / "realAWSCloudwatch"
    return [folder / f"ec2_cpu_utilization_{name}.csv" for name in ("24ae8d", "5f5533", "53ea38", "77c1ca")]


def ec2(runner, data, seeds):
    """S0: four series with labels, trained and scored on the same rows, and each by the three others."""
    files = ec2_files(data)
    labels = data / "nab" / "labels" / "combined_windows.json"
    same, other = [], []
    for seed in seeds:
        options = ["--units", 64, "--epochs", 400, "--seed", seed]
        model = runner.model("classifier", files, "--labels", labels, "--validation", 0, "--patience", 400, *options)
        judged = runner.judge(model, files, "--labels", labels, "--include-training")[-1]["summary"]
        same.append(judged["points"]["f1"])
        f1, every = leave_one_out(runner, files, labels, options)
        other.append(f1)
    return [("EC2 CPU, 4 series, classifier, trained and scored on the same rows",
             f"point F1 {mean(same, 3)}", "F1 0.80 (theirs 0.188)"),
            ("EC2 CPU, each series by the three others", f"point F1 {mean(other, 3)}, flagging every row "
             f"{every:.3f}", "printed beside flagging every row: these series do not teach each other")]


def ec2_detected(runner, data, seeds):
    """S0: the daemon's own detector without labels; events on schedule are recorded and wake nobody."""
    labels = data / "nab" / "labels" / "combined_windows.json"
    found, false, scheduled = [], [], []
    for seed in seeds:
        hit = other = repeated = windows = 0
        for path in ec2_files(data):
            lines = map(json.loads, runner.run(
                "backtest", "--json", "--budget", 5000, "--seed", seed, path).splitlines())
            events = [line for line in lines if "opened" in line]
            waking = [event for event in events if (event.get("recurrence") or {}).get("standing") != "scheduled"]
            repeated += len(events) - len(waking)
            alarms = [(moment(event["opened"]), moment(event["closed"]) if event.get("closed") else float("inf"))
                      for event in waking]
            labelled = spans(labels, path, 0)
            windows += len(labelled)
            hit += sum(any(a <= end and b >= start for a, b in alarms) for start, end in labelled)
            other += sum(not any(a <= end and b >= start for start, end in labelled) for a, b in alarms)
        found.append(hit)
        false.append(other)
        scheduled.append(repeated)
    return [("EC2 CPU, 4 series of 14 days, the daemon's detector, untrained",
             f"found {mean(found, 1)} of {windows}, others {mean(false, 1)}, and {mean(scheduled, 1)} of a daily job on "
             "schedule", "7 of 7, at most 6 others")]


def prices(runner, data, seeds, pictures):
    """S2: trained on 1990 to 2004, judged on all other years, about one alarm a year allowed; and the rule of
    the notebook, a mean absolute error of 0.65 in standard units. Both models in one picture."""
    files = [data / "sp500" / "spx_close_1986_2018.csv"]
    crises = {"October 1987": ("1987-10-12", "1987-11-15"), "October 2008": ("2008-09-15", "2008-11-30"),
              "August 2011": ("2011-08-01", "2011-09-15"), "2015-08-24": ("2015-08-20", "2015-09-05")}
    quiet = ("2005-01-01", "2006-12-31")
    rows = []
    both = {}
    for name, kind, options in PRICES:
        found = {name: 0 for name in crises}
        alarms = []
        for seed in seeds:
            model = runner.model(
                kind, files, "--from", "1990-01-01", "--until", "2004-12-31", "--seed", seed, *options,
                name=f"{name}, seed {seed}")
            both.setdefault(name, model)
            detections = [(d["first"], d["last"]) for d in runner.judge(model, files)[0]["detections"]]
            for crisis, (first, last) in crises.items():
                found[crisis] += any(a <= last + "T" and b >= first for a, b in detections)
            alarms.append(sum(a <= quiet[1] and b >= quiet[0] for a, b in detections))
        named = ", ".join(f"{crisis} {count}/{len(seeds)}" for crisis, count in found.items())
        rows.append((f"S&P 500, {name}", f"{named}; alarms in 2005 and 2006: {mean(alarms, 1)}",
                     "all four; at most 1" if "fixed" not in name else "printed beside"))
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        models = [word for name, model in both.items() if "fixed" not in name for word in ("--model", model)]
        runner.run("plot", *models, *files, "--output", pictures / "sp500.svg")
    return rows


def intervals(path, rows):
    with open(path, "w", encoding="ascii") as file:
        file.write("start,end\n")
        file.writelines(f"{first},{last}\n" for first, last in rows)
    return path


def series(runner, data):
    """S3: name, file, training span, labels, options of the table and of what is judged, goal."""
    with open(data / "ecg" / "mitdb_108.csv", encoding="ascii") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    discords = json.loads((data / "ecg" / "labels.json").read_text())["discord_start_rows"]
    ecg = intervals(runner.folder / "ecg.csv", [(seconds[row], seconds[row + 250]) for row in discords])
    holidays = json.loads((data / "power" / "labels.json").read_text())["holidays"]
    days = intervals(runner.folder / "holidays.csv", [(f"{day}T00:00", f"{day}T23:45") for day in holidays])
    return [
        ("ECG", data / "ecg" / "mitdb_108.csv", ["--skip", 11500], ecg,
         ["--timestamp", "seconds", "--timestamp-format", "epoch"], ["--join", 300], "3 of 3"),
        ("power demand", data / "power" / "power_demand.csv",
         ["--from", "1997-06-01", "--until", "1997-12-01"], days, [], ["--join", 96, "--from", "1997-03-01"],
         "8 of 8 holidays (7 anomalies: two touch), at most 1 other"),
        ("machine temperature",
         data / "nab" / "data" / "realKnownCause" / "machine_temperature_system_failure.csv",
         ["--from", "2013-12-18", "--until", "2014-01-26"], data / "nab" / "labels" / "combined_windows.json",
         [], ["--join", 96], "3 of 4, at most 5 others"),
    ]


def detected(runner, data, seeds):
    """S3: the daemon's own detector at its defaults, one normal sample in 5,000 alarming; alarms are grouped and
    matched as those of models are, and those of all columns count."""
    rows = []
    for name, path, _, labels, table, judged, goal in series(runner, data):
        join = int(judged[judged.index("--join") + 1])
        since = judged[judged.index("--from") + 1] if "--from" in judged else ""
        found, false = [], []
        for seed in seeds:
            scores = runner.folder / f"scores-{os.urandom(4).hex()}"
            runner.run("backtest", "--json", "--budget", 5000, "--seed", seed, *table, "--scores", f"{scores}/", path)
            hit, other = set(), 0
            files = sorted(scores.iterdir())
            anomalies = spans(labels, path, interval(files[0]))
            for file in files:
                for first, last in detections(file, join, since):
                    met = {n for n, (start, end) in enumerate(anomalies) if first <= end and last >= start}
                    hit |= met
                    other += not met
            found.append(len(hit))
            false.append(other)
        rows.append((f"{name}, the daemon's detector, untrained",
                     f"found {mean(found, 1)} of {len(anomalies)}, others {mean(false, 1)}", goal))
    return rows


def moment(text):
    """Seconds, of a number or of a date."""
    try:
        return float(text)
    except ValueError:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).replace(
            tzinfo=datetime.timezone.utc).timestamp()


def interval(scores):
    """Seconds between two rows."""
    with open(scores, encoding="ascii") as file:
        first, second = (moment(row["timestamp"]) for row in itertools.islice(csv.DictReader(file), 2))
        return second - first


def spans(labels, path, gap):
    """Labelled spans of a file, those with no row between them as one."""
    if labels.suffix == ".json":
        windows = json.loads(labels.read_text())
        found = next(value for name, value in windows.items() if name.endswith(path.name))
    else:
        with open(labels, encoding="ascii") as file:
            found = [(row["start"], row["end"]) for row in csv.DictReader(file)]
    merged = []
    for start, end in sorted((moment(start), moment(end)) for start, end in found):
        if merged and start <= merged[-1][1] + gap:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    return merged


def detections(file, join, since):
    """First and last moment of alarms that are at most `join` rows apart."""
    groups, last = [], None
    with open(file, encoding="ascii") as scores:
        for number, row in enumerate(csv.DictReader(scores)):
            if row["event"] != "1" or since and moment(row["timestamp"]) < moment(since):
                continue
            at = moment(row["timestamp"])
            if last is not None and number - last <= join:
                groups[-1][1] = at
            else:
                groups.append([at, at])
            last = number
    return groups


def forecasts(runner, data, seeds, shown, kind, *more):
    """S3: a kind of network with one set of options, each outside of its training span."""
    rows = []
    for name, path, span, labels, table, judged, goal in series(runner, data):
        found, false, ratios = [], [], []
        for seed in seeds:
            model = runner.model(kind, [path], *span, *table, "--seed", seed, *OPTIONS, *more)
            line, summary = runner.judge(model, [path], *table, *judged, "--labels", labels)
            events = summary["summary"]["events"]
            found.append(events["found"])
            false.append(events["false_alarms"])
            ratios += [f["rmse"] / f["last_value_rmse"] for f in line["forecasts"].values()]
        rows.append((f"{name}, {shown}",
                     f"found {mean(found, 1)} of {events['anomalies']}, others {mean(false, 1)}, "
                     f"RMSE {max(ratios):.2f} times the last value's at most", goal))
    return rows


def traces(runner, seeds):
    """S4: generated traces of three threads, a clean half to train on and one with 40 faults in each thread."""
    kinds, half = ("reordered", "missing", "delayed", "foreign"), 20000
    scores, rates, found = [], [], {kind: 0 for kind in kinds}
    together = []
    for seed in seeds:
        trace, labels = runner.folder / f"trace-{seed}.csv", runner.folder / f"faults-{seed}.csv"
        runner.run("synthesize", "--threads", 3, "--rows", 2 * half, "--seed", seed, "-o", trace,
                   "--intervals", labels, *(word for kind in kinds for word in ("--anomaly", f"{kind}:10")))
        with open(labels, encoding="ascii") as file:
            faults = {(row["thread"], float(row["start"])): row["kind"] for row in csv.DictReader(file)}
        model = runner.model("symbols", [trace], "--events", "event", "--thread", "thread", "--first", half,
                             "--seed", seed)
        *lines, summary = runner.judge(model, [trace], "--skip", half, "--labels", labels)
        scores.append(summary["summary"]["events"]["f1"])
        rates.append(summary["summary"]["false_alarms_per_budget"])
        for kind in faults.values():
            found[kind] += 1
        for line in lines:
            for first, _ in line["missed"]:
                moment = datetime.datetime.fromisoformat(first).timestamp()
                thread = line["file"].rsplit(":", 1)[1]
                found[min((abs(at - moment), kind) for (name, at), kind in faults.items() if name == thread)[1]] -= 1
        # The same without threads: what keeping them apart is worth.
        one = runner.model("symbols", [trace], "--events", "event", "--first", 3 * half, "--seed", seed)
        plain = runner.folder / f"plain-{seed}.csv"
        with open(plain, "w", encoding="ascii") as file:
            file.writelines(f"{line.split(',')[0]},{line.split(',')[1]}\n" for line in open(labels, encoding="ascii"))
        together.append(runner.judge(one, [trace], "--skip", 3 * half, "--labels", plain)[-1]["summary"]["events"]["f1"])
    named = ", ".join(f"{kind} {count}/{30 * len(seeds)}" for kind, count in found.items())
    return [("generated traces, 3 threads, symbols", f"event F1 {mean(scores)} ({named}), {mean(rates)} false "
             f"alarms where the budget allows 1", "F1 0.9"),
            ("the same without threads", f"event F1 {mean(together)}", "printed beside")]


OPTIONS = ["--horizon", 96, "--members", 3, "--budget", 500]
PRICES = [
    ("forecaster", "forecaster", ["--transform", "log-difference", "--budget", 250, "--horizon", 1]),
    ("autoencoder", "autoencoder", ["--transform", "log-difference", "--budget", 250, "--window", 10]),
    ("autoencoder of prices, fixed at 0.65", "autoencoder",
     ["--window", 30, "--errors", "absolute", "--threshold", "fixed:0.65"]),
]


def parts(data, seeds, pictures):
    """What is measured: row, name, and what prints its lines of the table."""
    return [
        ("S0", "ec2", lambda r: ec2(r, data, seeds)),
        ("S0", "detector", lambda r: ec2_detected(r, data, seeds)),
        ("S0", "rows", lambda r: skab.labels(r, data, seeds, "five classifiers of single rows", skab.ROWS)),
        ("S0", "baseline", lambda r: skab.labels(
            r, data, seeds, "the same with a baseline", [*skab.ROWS, "--baseline", 400])),
        ("S0", "stateful", lambda r: skab.labels(r, data, seeds, "a stateful classifier", [])),
        ("S1", "models", lambda r: skab.models(r, data, seeds)),
        ("S1", "simple", lambda r: skab.simple(r, data)),
        ("S1", "attribution", lambda r: skab.attribution(r, data, seeds)),
        ("S1", "large", lambda r: skab.large(r)),
        ("S1", "pyod", lambda r: skab.pyod(data, seeds)),
        ("S2", "models", lambda r: prices(r, data, seeds, pictures)),
        ("S3", "detector", lambda r: detected(r, data, seeds)),
        ("S3", "forecaster", lambda r: forecasts(r, data, seeds, "forecaster", "forecaster")),
        ("S3", "window", lambda r: forecasts(r, data, seeds, "window", "window")),
        ("S3", "stateless", lambda r: forecasts(
            r, data, seeds, "forecaster, stateless", "forecaster", "--stateless")),
        ("S4", "traces", lambda r: traces(r, seeds)),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", type=pathlib.Path, default=root.parent / "shared" / "data")
    parser.add_argument("--anomalyctl", default=root / ".build" / "release" / "anomalyctl")
    parser.add_argument("--pictures", type=pathlib.Path, help="a folder for pictures")
    parser.add_argument("--only", nargs="+", metavar="ROW[:PART]", help="such as S0 or S3:window")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"{options.data}: no such folder, nothing to measure with")
    chosen = parts(options.data, range(1, options.seeds + 1), options.pictures)
    names = {name for row, part, _ in chosen for name in (row, f"{row}:{part}")}
    for name in options.only or []:
        if name not in names:
            parser.error(f"--only {name}: expected one of {', '.join(sorted(names))}")
    print("| row | data, model | result | goal |\n|---|---|---|---|", flush=True)
    for row, part, measure in chosen:
        if options.only and not {row, f"{row}:{part}"} & set(options.only):
            continue
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            for cells in measure(Runner(options.anomalyctl, folder)):
                print(f"| {row} | {' | '.join(cells)} |", flush=True)
        print(f"{row}:{part}: {options.seeds} seeds, {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
