#!/usr/bin/env python3
"""Measures the detector's network and update rule in PyTorch, for one metric, sample by sample.

The same network (LSTM 12 -> 8, linear head over [h; 1; x], mean and log-scale for 4 horizons), the
same loss (Student-t, 4 degrees of freedom), the same learning: every 4 samples one Adam step on the
last 32 samples and one on 32 samples from the last 1,024. Only forecasting and learning are timed,
not the scoring around them, in PyTorch's favour; so are whole windows handed to torch.nn.LSTM, and its
fused Adam. One thread, which is the fastest for a network of this size.
"""

import argparse
import math
import random

import torch

from measuring import report, time_samples
from network import (EVERY, HIDDEN, HORIZONS, INPUTS, LEARNING_RATE, MEMORY, NORM_CLIP, WINDOW,
                     features, loss)


class WholeWindows(torch.nn.Module):
    """torch.nn.LSTM: a window is one call."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(INPUTS, HIDDEN)
        self.head = torch.nn.Linear(HIDDEN + INPUTS, 2 * len(HORIZONS))

    def forward(self, x, state):
        h, state = self.lstm(x, state)
        return self.head(torch.cat((h, x), dim=1)), state


class Cells(torch.nn.Module):
    """torch.nn.LSTMCell: each step is a call, as in most programs that learn online."""

    def __init__(self):
        super().__init__()
        self.cell = torch.nn.LSTMCell(INPUTS, HIDDEN)
        self.head = torch.nn.Linear(HIDDEN + INPUTS, 2 * len(HORIZONS))

    def forward(self, x, state):
        outputs = []
        for row in x.split(1):
            state = self.cell(row, state)
            outputs.append(state[0])
        return self.head(torch.cat((torch.cat(outputs), x), dim=1)), state


class Online:
    """Forecasts and learns sample by sample, as the detector does."""

    def __init__(self, network, series):
        self.network = network
        self.optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
        self.series = series
        self.inputs = features(series)
        self.targets = torch.full((len(series), len(HORIZONS)), math.nan)
        self.state = (torch.zeros(1, HIDDEN), torch.zeros(1, HIDDEN))
        self.states = []

    def learn(self, first, now):
        """One Adam step on the window that starts at `first`, with the targets known at `now`."""
        targets = self.targets[first:first + WINDOW].clone()
        for q, horizon in enumerate(HORIZONS):
            targets[max(0, now - horizon - first + 1):, q] = math.nan
        self.optimiser.zero_grad(set_to_none=True)
        y, _ = self.network(self.inputs[first:first + WINDOW], self.states[first])
        loss(y, targets).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), NORM_CLIP)
        self.optimiser.step()

    def step(self, t):
        for q, horizon in enumerate(HORIZONS):
            if t >= horizon:
                self.targets[t - horizon, q] = self.series[t]
        self.states.append(self.state)
        if t % EVERY == 0 and t >= WINDOW:
            self.learn(t - WINDOW + 1, t)
            oldest = max(0, t - MEMORY) // WINDOW
            self.learn(random.randint(oldest, t // WINDOW - 1) * WINDOW, t)
        return self.forecast(t)

    def forecast(self, t):
        with torch.no_grad():
            y, self.state = self.network(self.inputs[t:t + 1], self.state)
        return y


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000, help="timed samples (default 2000)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    random.seed(1)
    warm_up = 2 * WINDOW
    series = [math.sin(t / 50) + random.gauss(0, 0.2) for t in range(warm_up + options.samples)]
    for name, network in ("nn.LSTM", WholeWindows()), ("LSTMCell", Cells()):
        online = Online(network, series)
        for t in range(warm_up):
            online.step(t)
        report(f"PyTorch {name}, online BPTT",
             time_samples(lambda t: online.step(warm_up + t), options.samples))
        report(f"PyTorch {name}, bare step",
             time_samples(lambda t: online.forecast(warm_up + t), options.samples))


if __name__ == "__main__":
    main()
