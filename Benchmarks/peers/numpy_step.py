#!/usr/bin/env python3
"""Measures one step of the detector's network with its head in NumPy, without learning."""

import argparse

import numpy

from measuring import report, time_samples

INPUTS, HIDDEN, OUTPUTS = 12, 8, 8


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=50_000, help="timed samples")
    options = parser.parse_args()
    random = numpy.random.default_rng(1)
    gates = (0.3 * random.standard_normal((INPUTS + HIDDEN + 1, 4 * HIDDEN))).astype(numpy.float32)
    head = (0.3 * random.standard_normal((INPUTS + HIDDEN + 1, OUTPUTS))).astype(numpy.float32)
    row = numpy.ones(INPUTS + HIDDEN + 1, numpy.float32)  # x, h, 1
    cell = numpy.zeros(HIDDEN, numpy.float32)

    def step(_):
        nonlocal cell
        a = row @ gates
        i, f, o = 1 / (1 + numpy.exp(-a.reshape(4, HIDDEN)[[0, 1, 3]]))
        cell = f * cell + i * numpy.tanh(a[2 * HIDDEN:3 * HIDDEN])
        row[INPUTS:INPUTS + HIDDEN] = o * numpy.tanh(cell)
        return row @ head

    time_samples(step, 1000)
    report("NumPy, bare step", time_samples(step, options.samples))


if __name__ == "__main__":
    main()
