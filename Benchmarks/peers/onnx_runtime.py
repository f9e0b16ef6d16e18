#!/usr/bin/env python3
"""Measures one step of the detector's network with its head in ONNX Runtime, without learning."""

import argparse

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper

from measuring import report, time_samples

INPUTS, HIDDEN, OUTPUTS = 12, 8, 8


def model():
    """LSTM and head over [h; x], with the state as input and output."""
    random = numpy.random.default_rng(1)

    def constant(name, *shape):
        values = (0.3 * random.standard_normal(shape)).astype(numpy.float32)
        return helper.make_tensor(name, TensorProto.FLOAT, shape, values.ravel())

    def tensor(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    nodes = [
        helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "c"], ["", "h1", "c1"],
                         hidden_size=HIDDEN),
        helper.make_node("Concat", ["h1", "x"], ["hx"], axis=2),
        helper.make_node("Reshape", ["hx", "flat"], ["row"]),
        helper.make_node("Gemm", ["row", "head", "bias"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "step",
        [tensor("x", 1, 1, INPUTS), tensor("h", 1, 1, HIDDEN), tensor("c", 1, 1, HIDDEN)],
        [tensor("y", 1, OUTPUTS), tensor("h1", 1, 1, HIDDEN), tensor("c1", 1, 1, HIDDEN)],
        [constant("W", 1, 4 * HIDDEN, INPUTS), constant("R", 1, 4 * HIDDEN, HIDDEN),
         constant("B", 1, 8 * HIDDEN), constant("head", HIDDEN + INPUTS, OUTPUTS),
         constant("bias", OUTPUTS),
         helper.make_tensor("flat", TensorProto.INT64, [2], [1, HIDDEN + INPUTS])])
    result = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    result.ir_version = 8
    onnx.checker.check_model(result)
    return result.SerializeToString()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=50_000, help="timed samples")
    options = parser.parse_args()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model(), settings, providers=["CPUExecutionProvider"])
    feed = {"x": numpy.ones((1, 1, INPUTS), numpy.float32),
            "h": numpy.zeros((1, 1, HIDDEN), numpy.float32),
            "c": numpy.zeros((1, 1, HIDDEN), numpy.float32)}

    def step(_):
        _, feed["h"], feed["c"] = session.run(None, feed)

    time_samples(step, 1000)
    report("ONNX Runtime, bare step", time_samples(step, options.samples))


if __name__ == "__main__":
    main()
