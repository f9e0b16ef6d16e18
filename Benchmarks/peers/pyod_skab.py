#!/usr/bin/env python3
"""Has detectors of PyOD judge SKAB's files: the first 400 rows of each train, the others are judged.

    Benchmarks/peers/pyod_skab.py [--seeds 5] FILE...

Prints a JSON object for each detector. Values are standardised by the first 400 rows; the threshold is the
quantile 0.99 of the scores there, as for the simple detectors of `anomalyctl compare`.
"""

import argparse
import csv
import json

import numpy
from pyod.models.ecod import ECOD
from pyod.models.iforest import IForest
from pyod.models.lof import LOF

TRAINING = 400
DETECTORS = {
    "IForest": lambda seed: IForest(random_state=seed),
    "ECOD": lambda seed: ECOD(),
    "LOF": lambda seed: LOF(novelty=True),
}


def read(path):
    """Values and labels of a file."""
    with open(path, encoding="ascii") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    columns = [name for name in rows[0] if name not in ("datetime", "anomaly", "changepoint")]
    return (numpy.array([[float(row[name]) for name in columns] for row in rows]),
            numpy.array([float(row["anomaly"]) > 0 for row in rows]))


def judge(make, seed, recordings):
    """Counts over all recordings: F1, false alarm rate and missed alarm rate in percent."""
    counts = numpy.zeros((2, 2), int)
    for values, labels in recordings:
        first = values[:TRAINING]
        values = (values - first.mean(0)) / numpy.maximum(first.std(0), 1e-9)
        detector = make(seed)
        detector.fit(values[:TRAINING])
        threshold = numpy.quantile(detector.decision_scores_, 0.99)
        alarms = detector.decision_function(values[TRAINING:]) > threshold
        numpy.add.at(counts, (labels[TRAINING:].astype(int), alarms.astype(int)), 1)
    (tn, fp), (fn, tp) = counts.tolist()
    return 2 * tp / (2 * tp + fp + fn), 100 * fp / (fp + tn), 100 * fn / (fn + tp)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    recordings = [read(path) for path in options.files]
    for name, make in DETECTORS.items():
        # Only the forest is random.
        seeds = range(1, options.seeds + 1) if name == "IForest" else [1]
        f1, far, mar = zip(*(judge(make, seed, recordings) for seed in seeds))
        print(json.dumps({"name": name, "f1": f1, "far": far, "mar": mar}), flush=True)


if __name__ == "__main__":
    main()
