#!/usr/bin/env python3
"""Measures scoring and learning a sample with deep-river's rolling LSTM autoencoder."""

import argparse
import math
import random

import torch
from deep_river.anomaly import RollingAutoencoder

from measuring import report, time_samples

WINDOW, HIDDEN = 32, 8


class LSTMAutoencoder(torch.nn.Module):
    """As in deep-river's documentation: the last state of one LSTM, expanded by another."""

    def __init__(self, n_features, hidden_size=HIDDEN):
        super().__init__()
        self.encoder = torch.nn.LSTM(n_features, hidden_size)
        self.decoder = torch.nn.LSTM(hidden_size, hidden_size)
        self.output = torch.nn.Linear(hidden_size, n_features)

    def forward(self, x):
        _, (h, _) = self.encoder(x)
        y, _ = self.decoder(h.expand(x.shape[0], *h.shape[1:]))
        return self.output(y)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=300, help="timed samples")
    options = parser.parse_args()
    torch.set_num_threads(1)
    noise = random.Random(1)
    series = [math.sin(t / 50) + noise.gauss(0, 0.2) for t in range(options.samples + WINDOW)]
    detector = RollingAutoencoder(
        LSTMAutoencoder(n_features=1), loss_fn="mse", optimizer_fn="adam", lr=1e-3,
        window_size=WINDOW)

    def step(t):
        x = {"value": series[t]}
        detector.score_one(x)
        detector.learn_one(x)

    for t in range(WINDOW):
        step(t)
    report("deep-river RollingAutoencoder, LSTM", time_samples(step, options.samples))


if __name__ == "__main__":
    main()
