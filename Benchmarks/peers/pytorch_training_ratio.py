#!/usr/bin/env python3
"""PyTorch's training step relative to ours, round by round in turn, so that both meet the same machine.

The network and the loss of pytorch_training.py, on one thread and on all cores; ours are the steps of
the learner behind `anomalyctl train` (`anomalyd-bench --pace`).
"""

import argparse
import os
import pathlib
import subprocess
import time

import torch

from measuring import report
from network import HORIZONS, INPUTS, LEARNING_RATE, NORM_CLIP
from pytorch_training import BATCH, STEPS, Network, loss


def stepper(hidden):
    """A function that makes training steps of PyTorch and returns the microseconds that one took."""
    network = Network(hidden, 1)
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    x, targets = torch.randn(STEPS, BATCH, INPUTS), torch.randn(STEPS, BATCH, len(HORIZONS))

    def step(repeats):
        begin = time.perf_counter()
        for _ in range(repeats):
            optimiser.zero_grad(set_to_none=True)
            loss(network(x), targets).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), NORM_CLIP)
            optimiser.step()
        return (time.perf_counter() - begin) / repeats * 1e6
    return step


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each (default 15)")
    parser.add_argument("--bench", default=root / ".build" / "release" / "anomalyd-bench")
    options = parser.parse_args()
    torch.manual_seed(1)
    with subprocess.Popen([options.bench, "--pace"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as ours:
        for threads in dict.fromkeys((1, os.cpu_count())):
            torch.set_num_threads(threads)
            name = f"{threads} thread{'s' * (threads > 1)}"
            for hidden in 32, 64:
                theirs, ratios, times = stepper(hidden), [], []
                for round_ in range(options.rounds + 1):
                    print(hidden, threads, 40, file=ours.stdin, flush=True)
                    mine = float(ours.stdout.readline())
                    other = theirs(10)
                    if round_ > 0:  # the first one warms up
                        times.append(mine)
                        ratios.append(other / mine)
                report(f"our training step H={hidden}, {name}", times, "µs/step")
                report(f"PyTorch training H={hidden}, {name}, to ours", ratios, "x")


if __name__ == "__main__":
    main()
