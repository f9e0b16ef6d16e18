#!/usr/bin/env python3
"""Microseconds a sample that PyTorch takes for the detector's network and update rule.

    python3 -m venv .build/torch
    .build/torch/bin/pip install torch==2.13.0 numpy
    .build/torch/bin/python Benchmarks/peers/pytorch_incremental.py

The same network (LSTM 12 -> 8, linear head over [h; 1; x], mean and log-scale for 4 horizons), the
same loss (Student-t, 4 degrees of freedom), the same learning: every 4 samples one Adam step on the
last 32 samples and one on 32 samples from the last 1,024. Only forecasting and learning are timed,
not the scoring around them, in PyTorch's favour; so are whole windows handed to torch.nn.LSTM and its
fused Adam where it has one. One thread.
"""

import argparse
import math
import random
import sys
import time

try:
    import torch
except ImportError:
    print("PyTorch: not installed, skipped (the head of Benchmarks/peers/pytorch_incremental.py "
          "tells how to install it)")
    sys.exit(0)

INPUTS, HIDDEN, HORIZONS = 12, 8, (1, 4, 16, 48)
WINDOW, EVERY, MEMORY = 32, 4, 1024
NU, LEARNING_RATE, NORM_CLIP = 4.0, 2e-3, 1.0


class Forecaster(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(INPUTS, HIDDEN)
        self.head = torch.nn.Linear(HIDDEN + INPUTS, 2 * len(HORIZONS))

    def forward(self, x, state):
        h, state = self.lstm(x, state)
        return self.head(torch.cat((h, x), dim=1)), state


def loss(y, targets):
    """Targets that are not known yet are NaN."""
    log_scale = y[:, 1::2].clamp(-5.0, 3.0)
    known = ~torch.isnan(targets)
    e = torch.where(known, (targets - y[:, 0::2]) * torch.exp(-log_scale), 0.0)
    likelihood = log_scale + (NU + 1) / 2 * torch.log1p(e * e / NU)
    return (likelihood * known).sum() / WINDOW


def adam(parameters):
    try:
        return torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)
    except (RuntimeError, TypeError):  # no fused Adam on the CPU before 2.4
        return torch.optim.Adam(parameters, lr=LEARNING_RATE)


class Online:
    """Forecasts and learns sample by sample, as the detector does."""

    def __init__(self, series):
        self.network = Forecaster()
        self.optimiser = adam(self.network.parameters())
        self.series = series
        self.inputs = torch.stack([self.features(t) for t in range(len(series))])
        self.targets = torch.full((len(series), len(HORIZONS)), math.nan)
        self.state = (torch.zeros(1, HIDDEN), torch.zeros(1, HIDDEN))
        self.states = []

    def features(self, t):
        value = self.series[t]
        day, week = 2 * math.pi * (t % 1440) / 1440, 2 * math.pi * (t % 10080) / 10080
        row = [value, value - self.series[t - 1] if t else 0.0]
        for harmonic in range(1, 5):
            row += [math.sin(harmonic * day), math.cos(harmonic * day)]
        return torch.tensor(row + [math.sin(week), math.cos(week)], dtype=torch.float32)

    def learn(self, first, now):
        """One Adam step on the window that starts at `first`, of what is known at `now`."""
        targets = self.targets[first : first + WINDOW].clone()
        for q, horizon in enumerate(HORIZONS):
            targets[max(0, now - horizon - first + 1) :, q] = math.nan
        self.optimiser.zero_grad(set_to_none=True)
        y, _ = self.network(self.inputs[first : first + WINDOW], self.states[first])
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
        with torch.no_grad():
            y, self.state = self.network(self.inputs[t : t + 1], self.state)
        return y


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000, help="timed samples (default 2000)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    random.seed(1)
    warm_up = 2 * WINDOW
    length = warm_up + options.samples
    series = [math.sin(t / 50) + random.gauss(0, 0.2) for t in range(length)]
    online = Online(series)
    for t in range(warm_up):
        online.step(t)
    begin = time.perf_counter()
    for t in range(warm_up, length):
        online.step(t)
    duration = time.perf_counter() - begin
    with torch.no_grad():
        begin = time.perf_counter()
        for t in range(options.samples):
            online.network(online.inputs[t : t + 1], online.state)
        forward = time.perf_counter() - begin
    print(f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, one thread: "
          f"{duration / options.samples * 1e6:.0f} µs a sample with learning, "
          f"{forward / options.samples * 1e6:.0f} µs a bare step with its head "
          f"(LSTM {INPUTS} -> {HIDDEN}, {options.samples} samples)")


if __name__ == "__main__":
    main()
