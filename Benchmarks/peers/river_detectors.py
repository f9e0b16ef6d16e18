#!/usr/bin/env python3
"""Measures scoring and learning a sample with River's anomaly detectors."""

import argparse
import math
import random

from river import anomaly, preprocessing, time_series

from measuring import report, time_samples

# Detectors that use features of a sample, and those that use only a value.
DETECTORS = {
    "HalfSpaceTrees": lambda: preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(seed=1),
    "OneClassSVM": lambda: preprocessing.StandardScaler() | anomaly.OneClassSVM(),
    "LocalOutlierFactor": lambda: anomaly.LocalOutlierFactor(),
}
SCORERS = {
    "GaussianScorer": lambda: anomaly.GaussianScorer(window_size=1000),
    "StandardAbsoluteDeviation": lambda: anomaly.StandardAbsoluteDeviation(),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=5000, help="timed samples")
    options = parser.parse_args()
    noise = random.Random(1)
    series = [math.sin(t / 50) + noise.gauss(0, 0.2) for t in range(options.samples + 1000)]

    def tell_of(name, step, samples):
        for t in range(min(1000, samples)):
            step(t)
        report(f"River {name}", time_samples(step, samples))

    for name, make in DETECTORS.items():
        detector = make()

        def step(t, detector=detector):
            x = {"value": series[t], "change": series[t] - series[t - 1]}
            detector.score_one(x)
            detector.learn_one(x)
        # A neighbour search over everything it has seen: it only becomes slower.
        tell_of(name, step, 500 if name == "LocalOutlierFactor" else options.samples)
    for name, make in SCORERS.items():
        scorer = make()

        def step(t, scorer=scorer):
            scorer.score_one({}, series[t])
            scorer.learn_one({}, series[t])
        tell_of(name, step, options.samples)
    forecaster = anomaly.PredictiveAnomalyDetection(
        time_series.SNARIMAX(p=12, d=0, q=12), horizon=1, n_std=3.5, warmup_period=100)

    def step(t):
        forecaster.score_one({}, series[t])
        forecaster.learn_one({}, series[t])
    tell_of("PredictiveAnomalyDetection", step, min(2000, options.samples))


if __name__ == "__main__":
    main()
