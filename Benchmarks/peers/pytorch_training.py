#!/usr/bin/env python3
"""What PyTorch takes for a training step over a mini-batch: what `anomalyd-bench --only training` times.

LSTM of 12 inputs, linear head over all steps, Student-t likelihood of 4 targets, gradient clipped to
norm 1, fused Adam; batch 32, sequence 64; 32 or 64 units, or 32 above 32. On one thread, as ours, and
on all cores.
"""

import argparse
import os
import time

import torch

from measuring import report
from network import HORIZONS, INPUTS, LEARNING_RATE, NORM_CLIP, NU

STEPS, BATCH = 64, 32


class Network(torch.nn.Module):
    def __init__(self, hidden, layers):
        super().__init__()
        self.lstm = torch.nn.LSTM(INPUTS, hidden, num_layers=layers)
        self.head = torch.nn.Linear(hidden, 2 * len(HORIZONS))

    def forward(self, x):
        return self.head(self.lstm(x)[0])


def loss(y, targets):
    location, log_scale = y.chunk(2, dim=-1)
    log_scale = log_scale.clamp(-5.0, 3.0)
    e = (targets - location) * torch.exp(-log_scale)
    return (log_scale + (NU + 1) / 2 * torch.log1p(e * e / NU)).sum(dim=-1).mean()


def measure(hidden, layers, rounds, repeats):
    """Microseconds a training step, once for each round."""
    network = Network(hidden, layers)
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    x, targets = torch.randn(STEPS, BATCH, INPUTS), torch.randn(STEPS, BATCH, len(HORIZONS))
    times = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        for _ in range(repeats):
            optimiser.zero_grad(set_to_none=True)
            loss(network(x), targets).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), NORM_CLIP)
            optimiser.step()
        times.append((time.perf_counter() - begin) / repeats * 1e6)
    return times[1:]  # the first round warms up


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="timed rounds (default 7)")
    parser.add_argument("--repeats", type=int, default=10, help="steps of a round (default 10)")
    options = parser.parse_args()
    torch.manual_seed(1)
    for threads in dict.fromkeys((1, os.cpu_count())):
        torch.set_num_threads(threads)
        for name, hidden, layers in ("32", 32, 1), ("64", 64, 1), ("32+32", 32, 2):
            report(f"PyTorch training H={name}, {threads} thread{'s' * (threads > 1)}",
                 measure(hidden, layers, options.rounds, options.repeats), "µs/step")


if __name__ == "__main__":
    main()
