#!/usr/bin/env python3
"""Computes, with PyTorch, the layers and losses that NetworksTests checks against: as generate.py, whose
head tells how to run it, but into Tests/Golden/layers.json.

Cells are torch.nn.LSTM of one or two layers over a batch; what is differentiated is the sum of all
outputs and of the final states with random coefficients, so that gradients by weights, inputs and
initial states are checked at once. Everything is computed in float64 from float32 numbers.
"""

import torch
from torch.nn import functional

from generate import (
    BETAS, EPSILON, LEARNING_RATE, LOG_SCALE_BOUNDS, NORM_CLIP, NU, ClipInward, as_float32,
    numbers, write_or_check)

GENERATOR = torch.Generator()


def normal(*shape, scale=1.0):
    """Random float32 numbers, as float64."""
    return as_float32(torch.randn(*shape, generator=GENERATOR, dtype=torch.float64) * scale)


def random_lstm(inputs, hidden, layers):
    lstm = torch.nn.LSTM(inputs, hidden, num_layers=layers).double()
    with torch.no_grad():
        for name, parameter in lstm.named_parameters():
            if name.startswith("bias_hh"):  # one bias vector, not two
                parameter.requires_grad_(False).zero_()
            else:
                parameter.copy_(normal(*parameter.shape, scale=0.4))
    return lstm


def lstm_parameters(lstm, of):
    """Weights or their gradients, layer by layer, under the names of the file."""
    names = {"weightIH": "weight_ih_l", "weightHH": "weight_hh_l", "bias": "bias_ih_l"}
    return [
        {ours: numbers(of(getattr(lstm, f"{theirs}{layer}"))) for ours, theirs in names.items()}
        for layer in range(lstm.num_layers)]


def value(tensor):
    return tensor


def gradient(tensor):
    return tensor.grad


def cell_case(inputs, hidden, layers, steps, batch):
    lstm = random_lstm(inputs, hidden, layers)
    x = normal(steps, batch, inputs).requires_grad_()
    h, c = (normal(layers, batch, hidden, scale=0.7).requires_grad_() for _ in range(2))
    outputs, (final_h, final_c) = lstm(x, (h, c))
    slopes = {"outputs": normal(*outputs.shape), "h": normal(*h.shape), "c": normal(*c.shape)}
    ((outputs * slopes["outputs"]).sum() + (final_h * slopes["h"]).sum()
     + (final_c * slopes["c"]).sum()).backward()
    return {
        "inputs": inputs, "hidden": hidden, "steps": steps, "batch": batch,
        "parameters": lstm_parameters(lstm, value),
        "x": numbers(x), "h": numbers(h), "c": numbers(c),
        "outputs": numbers(outputs), "finalH": numbers(final_h), "finalC": numbers(final_c),
        "slopes": {name: numbers(slope) for name, slope in slopes.items()},
        "gradient": {
            "parameters": lstm_parameters(lstm, gradient),
            "x": numbers(x.grad), "h": numbers(h.grad), "c": numbers(c.grad)},
    }


def dense_case(inputs, outputs, rows):
    layer = torch.nn.Linear(inputs, outputs).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(normal(*parameter.shape, scale=0.5))
    x, slopes = normal(rows, inputs).requires_grad_(), normal(rows, outputs)
    y = layer(x)
    (y * slopes).sum().backward()
    return {
        "inputs": inputs, "outputs": outputs, "rows": rows, "weight": numbers(layer.weight),
        "bias": numbers(layer.bias), "x": numbers(x), "slopes": numbers(slopes), "y": numbers(y),
        "gradient": {"weight": numbers(layer.weight.grad), "bias": numbers(layer.bias.grad),
                     "x": numbers(x.grad)},
    }


def student_t(y, targets):
    """Without the constant of the likelihood; y holds locations, then log-scales."""
    columns = targets.shape[-1]
    location, log_scale = y[..., :columns], ClipInward.apply(y[..., columns:], *LOG_SCALE_BOUNDS)
    error = (targets - location) * torch.exp(-log_scale)
    return log_scale + (NU + 1) / 2 * torch.log1p(error**2 / NU)


ELEMENTWISE = {
    "studentT": student_t,
    "squaredError": lambda y, t: functional.mse_loss(y, t, reduction="none"),
    "absoluteError": lambda y, t: functional.l1_loss(y, t, reduction="none"),
    "logistic": lambda y, t: functional.binary_cross_entropy_with_logits(y, t, reduction="none"),
}


def loss_case(name, rows, columns):
    y = normal(rows, columns * (2 if name == "studentT" else 1), scale=2).requires_grad_()
    targets = normal(rows, columns)
    if name == "logistic":
        targets = as_float32(torch.sigmoid(targets))
    weights = as_float32(torch.rand(rows, columns, generator=GENERATOR, dtype=torch.float64))
    weights[0, 0] = 0  # a target that is unknown
    loss = (ELEMENTWISE[name](y, targets) * weights).sum()
    loss.backward()
    return {"name": name, "columns": columns, "y": numbers(y), "targets": numbers(targets),
            "weights": numbers(weights), "value": loss.item(), "gradient": numbers(y.grad)}


def class_case(rows, count):
    y = normal(rows, count, scale=2).requires_grad_()
    classes = torch.randint(count, (rows,), generator=GENERATOR)
    classes[1] = -1
    weights = as_float32(0.2 + torch.rand(count, generator=GENERATOR, dtype=torch.float64))
    loss = functional.cross_entropy(y, classes, weight=weights, ignore_index=-1, reduction="sum")
    loss.backward()
    return {"y": numbers(y), "classes": numbers(classes), "weights": numbers(weights),
            "value": loss.item(), "gradient": numbers(y.grad)}


def update_case(inputs, hidden, targets, steps, batch):
    """One whole update: two cells, a dense layer over all steps, Student-t, clipping, Adam."""
    lstm, head = random_lstm(inputs, hidden, 2), torch.nn.Linear(hidden, 2 * targets).double()
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.copy_(normal(*parameter.shape, scale=0.5))
    x, expected = normal(steps, batch, inputs), normal(steps, batch, targets)
    learnt = [p for p in [*lstm.parameters(), *head.parameters()] if p.requires_grad]
    optimiser = torch.optim.Adam(learnt, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)

    def parameters(of):
        return {"cells": lstm_parameters(lstm, of), "weight": numbers(of(head.weight)),
                "bias": numbers(of(head.bias))}

    before = parameters(value)
    loss = student_t(head(lstm(x)[0]), expected).sum() / batch
    loss.backward()
    slopes = parameters(gradient)
    norm = torch.nn.utils.clip_grad_norm_(learnt, NORM_CLIP)
    optimiser.step()
    return {"inputs": inputs, "hidden": hidden, "targets": targets, "steps": steps, "batch": batch,
            "x": numbers(x), "expected": numbers(expected), "parameters": before,
            "loss": loss.item(), "gradient": slopes, "norm": norm.item(),
            "afterUpdate": parameters(value)}


def golden():
    torch.set_num_threads(1)
    GENERATOR.manual_seed(1)
    return {
        "header": {"generator": "Tests/Golden/generate_layers.py", "torch": torch.__version__,
                   "computedIn": "float64"},
        "cells": [cell_case(3, 5, 1, 4, 3), cell_case(9, 8, 1, 3, 2), cell_case(2, 4, 2, 5, 2)],
        "dense": [dense_case(3, 5, 4), dense_case(9, 17, 2)],
        "losses": [loss_case(name, 3, columns) for name in ELEMENTWISE for columns in (3, 8)],
        "classes": [class_case(6, 3), class_case(4, 11)],
        "update": update_case(3, 6, 2, 7, 3),
    }


def main():
    document = golden()
    print(f"gradient norm of the update {document['update']['norm']:.2f}")
    write_or_check(document, "layers.json", __doc__.splitlines()[0])


if __name__ == "__main__":
    main()
