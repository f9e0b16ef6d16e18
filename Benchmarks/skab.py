"""What seeds.py measures on SKAB's pump, and on a generated file as wide and long as the one of the notebook."""

import concurrent.futures
import csv
import datetime
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import time

from harness.training import leave_one_out, mean

ROWS = ["--stateless", "--members", 5, "--batch", 256, "--units", 16, "--epochs", 20]

# Window, share held back and threshold are those of the benchmark's own LSTM autoencoder (waico/SKAB,
# notebooks/LSTM_AE.ipynb), so that none of them is chosen on the rows that are judged.
AUTOENCODER = ["--first", 400, "--window", 10, "--validation", 0.1, "--units", 16, "--epochs", 100,
               "--errors", "absolute", "--threshold", "quantile:0.99:1.5"]


def recordings(data):
    return sorted(path for part in ("valve1", "valve2", "other") for path in (data / "skab" / part).glob("*.csv"))


def labels(runner, data, seeds, name, options):
    """S0: where labels do teach. In nearly every file the anomaly is in rows 570 to 970: a rule that knows
    nothing but the number of the row is printed beside."""
    files = recordings(data)
    judged = [leave_one_out(runner, files, "anomaly", ["--seed", seed, *options]) for seed in seeds]
    tp = rows = anomalous = 0
    for path in files:
        with open(path, encoding="ascii") as file:
            marks = [float(row["anomaly"]) for row in csv.DictReader(file, delimiter=";")]
        tp += sum(marks[570:970])
        rows += len(marks[570:970])
        anomalous += sum(marks)
    return [(f"SKAB, each of 34 files by {name} of the others",
             f"point F1 {mean([f1 for f1, _ in judged], 3)}, flagging every row {judged[0][1]:.3f}, flagging rows "
             f"570 to 969 of every file {2 * tp / (rows + anomalous):.3f}", "F1 0.80")]


def simple(runner, data):
    """S1: simple detectors under the same protocol, their threshold the quantile 0.99 of the first 400 rows."""
    lines = runner.run("compare", "--json", "--baseline", "pca", "--baseline", "var", "--fit", 400, "--threshold",
                       "quantile:0.99", "--labels", "anomaly", "--measure", "point-f1", *recordings(data), fails=True)
    names = {"pca": "PCA T2 + Q", "var": "VAR(3)"}
    return [(f"SKAB, 34 files, {names[d['name']]}, for comparison",
             f"point F1 {d['points']['f1']:.3f}, FAR {100 * d['points']['false_alarm_rate']:.1f}%, "
             f"MAR {100 * (1 - d['points']['recall']):.1f}%", "F1 0.78 (best published)")
            for d in json.loads(lines)["detectors"]]


def pyod(data, seeds):
    """S1: detectors of PyOD under the same protocol; none where it is not installed."""
    python = pathlib.Path(__file__).resolve().parent.parent / ".build" / "peers" / "python" / "bin" / "python"
    script = pathlib.Path(__file__).resolve().parent / "peers" / "pyod_skab.py"
    if not python.exists() or subprocess.run([python, "-c", "import pyod"], capture_output=True, check=False).returncode:
        print("S1:pyod: PyOD is not installed, run 'make bench-peers'", file=sys.stderr)
        return []
    done = subprocess.run([python, script, "--seeds", str(len(seeds)), *recordings(data)],
                          stdout=subprocess.PIPE, text=True, check=True)
    return [(f"SKAB, 34 files, PyOD's {d['name']}, for comparison",
             f"point F1 {mean(d['f1'], 3)}, FAR {mean(d['far'], 1)}%, MAR {mean(d['mar'], 1)}%", "F1 0.78 (best published)")
            for d in map(json.loads, done.stdout.splitlines())]


def models(runner, data, seeds):
    """S1: the first 400 rows of each file train its models, the others are judged; counts are pooled."""
    files = recordings(data)
    # The forecaster has the same sizes and threshold, and errors as they come: of one step ahead,
    # correlated.
    other = ["--first", 400, "--window", 32, "--horizon", 1, "--validation", 0.1, "--units", 16, "--epochs", 100,
             "--errors", "multivariate", "--threshold", "quantile:0.99:1.5"]

    def judged(seed):
        def one(path):
            models = [runner.model("autoencoder", [path], *AUTOENCODER, "--seed", seed),
                      runner.model("forecaster", [path], *other, "--seed", seed),
                      runner.model("autoencoder", [path], *AUTOENCODER, "--components", "95%", "--seed", seed)]
            return [runner.judge(chosen, [path], "--labels", "anomaly")[-1]["summary"]["points"]
                    for chosen in (models[:1], models[2:], models[1:2], models[:2])]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return [rates(points) for points in zip(*pool.map(one, files))]

    def rates(points):
        tp, fp, fn, tn = (sum(p[f"{name}s"] for p in points) for name in (
            "true_positive", "false_positive", "false_negative", "true_negative"))
        return 2 * tp / (2 * tp + fp + fn), 100 * fp / (fp + tn), 100 * fn / (fn + tp)

    rows = []
    for name, results in zip(("autoencoder", "autoencoder on principal components (95%)", "forecaster",
                              "autoencoder and forecaster together"),
                             zip(*(judged(seed) for seed in seeds))):
        f1, far, mar = zip(*results)
        rows.append((f"SKAB, 34 files, {name}", f"point F1 {mean(f1, 3)}, FAR {mean(far, 1)}%, "
                     f"MAR {mean(mar, 1)}%", "F1 0.78 (best published), 0.74 (its LSTM autoencoder)"))
    return rows


# What SKAB's description says was done to the rig, and the sensors that measure it. Recordings 12 and 13 of
# `other` are of cavitation, which both flow and vibration show.
PARTS = [
    ("valves and amount of water", ["valve1/*", "valve2/*", *(f"other/{n}" for n in (1, 2, 3, 4, 10, 11))],
     {"Volume Flow RateRMS", "Pressure"}),
    ("rotor imbalance", [f"other/{n}" for n in range(5, 10)], {"Accelerometer1RMS", "Accelerometer2RMS"}),
    ("temperature of the water", ["other/14"], {"Temperature", "Thermocouple"}),
]


def attribution(runner, data, seeds):
    """S1: whether the columns that an alarm names are sensors of the part that something was done to: those of the
    first detection that meets the anomaly. Two of eight sensors belong to each part."""
    def named(path, seed):
        model = runner.model("autoencoder", [path], *AUTOENCODER, "--seed", seed)
        line = runner.judge(model, [path], "--labels", "anomaly")[0]
        found = next((d for d in line["detections"] if d["true"]), None)
        return found and sorted(found["columns"], key=found["columns"].get, reverse=True)
    rows = []
    for part, patterns, sensors in PARTS:
        files = sorted(path for pattern in patterns for path in (data / "skab").glob(f"{pattern}.csv"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = list(pool.map(named, files * len(seeds), [seed for seed in seeds for _ in files]))
        found = [columns for columns in answers if columns]
        first = sum(columns[0] in sensors for columns in found)
        three = sum(bool(sensors & set(columns[:3])) for columns in found)
        rows.append((f"SKAB, {len(files)} file{'s' * (len(files) > 1)}, sensors named by the autoencoder: {part}",
                     f"of {len(found)} detections in {len(answers)}, {first} name one of its two sensors first, "
                     f"{three} among the first three",
                     "the failing part's sensors (by chance .25 and .64)"))
    return rows


LARGE_ROWS, LARGE_COLUMNS = 220_000, 52
# From this row on, for ten hours, three sensors show too much by two and a half of their standard deviations.
FAULT, FAULT_ROWS, FAULTY = 210_000, 600, (7, 19, 33)
LARGE_START = datetime.datetime(2018, 4, 1)


def write_large(path):
    """Eight slow causes with a daily wave; each sensor shows a mixture of two of them, and noise."""
    draw = random.Random(1)
    mixtures = [(draw.uniform(20, 80), column % 8, draw.uniform(0.5, 1.5), (5 * column + 3) % 8, draw.uniform(-0.5, 0.5))
                for column in range(LARGE_COLUMNS)]
    causes = [0.0] * 8
    with open(path, "w", encoding="ascii") as file:
        file.write("timestamp," + ",".join(f"sensor{column}" for column in range(LARGE_COLUMNS)) + "\n")
        for row in range(LARGE_ROWS):
            causes = [0.99 * cause + 0.14 * draw.gauss(0, 1) for cause in causes]
            day = math.sin(2 * math.pi * row / 1440)
            values = [level + one * (causes[a] + day) + two * (causes[b] + day) + 0.2 * draw.gauss(0, 1)
                      for level, a, one, b, two in mixtures]
            if FAULT <= row < FAULT + FAULT_ROWS:
                for column in FAULTY:
                    values[column] += 3
            moment = LARGE_START + datetime.timedelta(minutes=row)
            file.write(moment.isoformat() + "," + ",".join([f"{value:.4f}" for value in values]) + "\n")


def measured(*words):
    """What a command prints, its seconds, and its largest resident set in MB."""
    begin = time.monotonic()
    with subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE) as program:
        output = program.stdout.read()
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        sys.exit(f"{' '.join(map(str, words))}: exit code {program.returncode}")
    return output.decode(), time.monotonic() - begin, usage.ru_maxrss / 1024


def large(runner):
    """S1: a file as wide and as long as the notebook's, trained on all rows but the last 15,000."""
    path, model = runner.folder / "large.csv", runner.folder / "large.model"
    write_large(path)
    def day(row):
        return (LARGE_START + datetime.timedelta(minutes=row)).isoformat()
    labels = runner.folder / "fault.csv"
    labels.write_text(f"start,end\n{day(FAULT)},{day(FAULT + FAULT_ROWS - 1)}\n", encoding="ascii")
    _, trained, used = measured(runner.program, "train", "autoencoder", path, "-o", model, "--components", "95%",
                                "--until", day(LARGE_ROWS - 15_000))
    rows = [(f"a generated file of {LARGE_COLUMNS} columns and {LARGE_ROWS:,} rows, training on principal components (95%)",
             f"{trained:.0f} s, {used:.0f} MB", "at most 300 s")]
    output, seconds, used = measured(runner.program, "evaluate", "--json", "--model", model, "--labels", labels, path)
    line = json.loads(output.splitlines()[0])
    found = next((d["columns"] for d in line["detections"] if d["true"]), {})
    faulty = {f"sensor{column}" for column in FAULTY}
    rows.append((f"the same, judging all rows ('evaluate'); a fault of three sensors {'found' if found else 'missed'}",
                 f"{seconds:.1f} s, {used:.0f} MB; of three columns named, {len(faulty & set(found))} are faulty",
                 "at most 60 s, 300 MB"))
    output, seconds, used = measured(runner.program, "backtest", "--model", model, path)
    rows.append(("the same, streamed as the daemon would, with a detector of its own for each column ('backtest')",
                 f"{seconds:.1f} s, {used:.0f} MB", "at most 60 s, 300 MB"))
    return rows
