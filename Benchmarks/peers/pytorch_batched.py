#!/usr/bin/env python3
"""Measures 10,000 of the detector's networks at once in PyTorch, with stacked weights.

Batched matrix products over all models: a step of all models is a few calls, whatever their number,
so that PyTorch's own overhead is shared by all. The same arithmetic and learning as in pytorch.py:
every 4 samples two Adam updates over 32 steps, the gradient of each model clipped by itself. All at
once, and in batches of 1,000, which fit the caches better. In its favour, the inputs of a whole window are multiplied in one call, all models wait for one another and
are in step, and nothing but forecasting and learning is timed.
"""

import argparse
import math
import os
import time

import torch

from measuring import report
from network import EVERY, HIDDEN, HORIZONS, INPUTS, LEARNING_RATE, NORM_CLIP, WINDOW, features, loss


class Models:
    """Networks with a weight matrix of three dimensions each."""

    def __init__(self, count):
        def weights(*shape):
            return (0.1 * torch.randn(count, *shape)).requires_grad_()
        self.count = count
        self.input, self.recurrent = weights(INPUTS, 4 * HIDDEN), weights(HIDDEN, 4 * HIDDEN)
        self.bias = weights(1, 4 * HIDDEN)
        self.head, self.head_bias = weights(HIDDEN + INPUTS, 2 * len(HORIZONS)), weights(
            1, 2 * len(HORIZONS))
        self.parameters = [self.input, self.recurrent, self.bias, self.head, self.head_bias]
        self.optimiser = torch.optim.Adam(self.parameters, lr=LEARNING_RATE, fused=True)
        self.state = (torch.zeros(count, 1, HIDDEN), torch.zeros(count, 1, HIDDEN))

    def run(self, x, state):
        """x: [models][steps][inputs]; outputs [models][steps][2 x 4] and the last state."""
        h, c = state
        projected = torch.baddbmm(self.bias, x, self.input)
        outputs = []
        for step in range(x.shape[1]):
            gates = torch.baddbmm(projected[:, step:step + 1], h, self.recurrent)
            i, f, g, o = gates.split(HIDDEN, dim=2)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        both = torch.cat((torch.cat(outputs, dim=1), x), dim=2)
        return torch.baddbmm(self.head_bias, both, self.head), (h, c)

    def forecast(self, x):
        with torch.no_grad():
            y, self.state = self.run(x, self.state)
        return y

    def learn(self, x, targets):
        self.optimiser.zero_grad(set_to_none=True)
        y, _ = self.run(x, (torch.zeros(self.count, 1, HIDDEN), torch.zeros(self.count, 1, HIDDEN)))
        loss(y, targets).backward()
        squares = sum(p.grad.flatten(1).square().sum(dim=1) for p in self.parameters)
        scale = (NORM_CLIP / squares.sqrt()).clamp(max=1.0).view(-1, 1, 1)
        for p in self.parameters:
            p.grad.mul_(scale)
        self.optimiser.step()


def measure(batches, inputs, targets, rounds):
    """Microseconds per sample and model with and without learning, once per round."""
    learning, forecasting = [], []
    samples = EVERY * sum(models.count for models in batches)
    for _ in range(rounds + 1):
        forecast = both = 0.0
        for models in batches:
            begin = time.perf_counter()
            for t in range(EVERY):
                models.forecast(inputs[:, t:t + 1])
            forecast += time.perf_counter() - begin
            for _ in range(2):
                models.learn(inputs, targets)
            both += time.perf_counter() - begin
        forecasting.append(forecast / samples * 1e6)
        learning.append(both / samples * 1e6)
    return learning[1:], forecasting[1:]  # the first round warms up


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=10_000, help="number of models")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of 4 samples (default 3)")
    options = parser.parse_args()
    torch.manual_seed(1)
    series = [math.sin(t / 50) for t in range(WINDOW + max(HORIZONS))]
    targets = torch.tensor([[series[t + horizon] for horizon in HORIZONS] for t in range(WINDOW)])
    for size, threads in (options.models, 1), (1000, 1), (1000, os.cpu_count()):
        torch.set_num_threads(threads)
        batches = [Models(size) for _ in range(options.models // size)]
        learning, forecasting = measure(
            batches, features(series)[:WINDOW].expand(size, -1, -1).contiguous(),
            targets.expand(size, -1, -1).contiguous(), options.rounds)
        name = f"PyTorch bmm, {len(batches)} x {size}, {threads} thread{'s' * (threads > 1)}"
        report(f"{name}, learning", learning)
        report(f"{name}, step", forecasting)


if __name__ == "__main__":
    main()
