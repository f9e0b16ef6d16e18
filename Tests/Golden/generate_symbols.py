#!/usr/bin/env python3
"""Computes, with PyTorch, the symbol networks that NetworksTests checks against: as generate.py, whose
head tells how to run it, but into Tests/Golden/symbols.json.

The network is torch.nn.LSTM over a one-hot symbol and a few numbers, under a linear layer: logits of the
next symbol, then location and log-scale of the time until it, to which the next symbol adds offsets of
its own. The loss is the mean over steps of the cross entropy and, where the time is known, the Student-t
negative log likelihood without its constant. Everything is computed in float64 from float32 numbers.
"""

import torch
from torch.nn import functional

from generate import (
    BETAS, EPSILON, LEARNING_RATE, LOG_SCALE_BOUNDS, NORM_CLIP, NU, ClipInward, as_float32,
    numbers, write_or_check)
from generate_layers import GENERATOR, gradient, lstm_parameters, normal, random_lstm, value


class SymbolNetwork:
    """An LSTM cell, a head, and what the next symbol adds to location and log-scale."""

    def __init__(self, symbols, scalars, hidden):
        self.symbols = symbols
        self.lstm = random_lstm(symbols + scalars, hidden, 1)
        self.weight = normal(symbols + 2, hidden, scale=0.5).requires_grad_()
        self.bias = normal(symbols + 2, scale=0.5).requires_grad_()
        self.locations = normal(symbols, scale=0.5).requires_grad_()
        self.log_scales = normal(symbols, scale=0.5).requires_grad_()

    def learnt(self):
        return [*(p for p in self.lstm.parameters() if p.requires_grad),
                self.weight, self.bias, self.locations, self.log_scales]

    def parameters(self, of):
        return {"cell": lstm_parameters(self.lstm, of)[0], "weight": numbers(of(self.weight)),
                "bias": numbers(of(self.bias)), "locations": numbers(of(self.locations)),
                "logScales": numbers(of(self.log_scales))}

    def forward(self, read, scalars, h, c):
        """Logits, location and log-scale after each step."""
        one_hot = functional.one_hot(read, self.symbols).double()
        outputs, _ = self.lstm(torch.cat([one_hot, scalars], dim=1)[:, None], (h[None, None], c[None, None]))
        y = outputs[:, 0] @ self.weight.T + self.bias
        return y[:, :-2], y[:, -2], y[:, -1]

    def loss(self, logits, location, log_scale, following, times, known):
        location = location + self.locations[following]
        log_scale = ClipInward.apply(log_scale + self.log_scales[following], *LOG_SCALE_BOUNDS)
        error = (times - location) * torch.exp(-log_scale)
        time = log_scale + (NU + 1) / 2 * torch.log1p(error**2 / NU)
        return (functional.cross_entropy(logits, following, reduction="none") + known * time).mean()


def case(symbols, scalars, hidden, steps):
    """Forward, gradient and one whole update."""
    network = SymbolNetwork(symbols, scalars, hidden)
    sequence = torch.randint(symbols, (steps + 1,), generator=GENERATOR)
    inputs, times = normal(steps, scalars), normal(steps)
    known = as_float32(torch.rand(steps, generator=GENERATOR, dtype=torch.float64))
    known[0] = 0  # a time that is unknown
    h, c = normal(hidden, scale=0.7), normal(hidden, scale=0.7)
    optimiser = torch.optim.Adam(network.learnt(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)
    before = network.parameters(value)
    logits, location, log_scale = network.forward(sequence[:-1], inputs, h, c)
    loss = network.loss(logits, location, log_scale, sequence[1:], times, known)
    loss.backward()
    slopes = network.parameters(gradient)
    norm = torch.nn.utils.clip_grad_norm_(network.learnt(), NORM_CLIP)
    optimiser.step()
    return {"symbols": symbols, "numbers": scalars, "hidden": hidden, "steps": steps,
            "sequence": numbers(sequence), "x": numbers(inputs), "times": numbers(times),
            "known": numbers(known), "h": numbers(h), "c": numbers(c), "parameters": before,
            "probabilities": numbers(torch.softmax(logits, dim=1)), "location": numbers(location),
            "logScale": numbers(log_scale), "loss": loss.item(), "gradient": slopes,
            "norm": norm.item(), "afterUpdate": network.parameters(value)}


def golden():
    torch.set_num_threads(1)
    GENERATOR.manual_seed(2)
    return {
        "header": {"generator": "Tests/Golden/generate_symbols.py", "torch": torch.__version__,
                   "computedIn": "float64"},
        "cases": [case(5, 1, 5, 7), case(14, 2, 9, 5)],
    }


def main():
    document = golden()
    print(f"gradient norms {[round(each['norm'], 2) for each in document['cases']]}")
    write_or_check(document, "symbols.json", __doc__.splitlines()[0])


if __name__ == "__main__":
    main()
