"""Alternatives in Python, each run on its own."""

import json
import subprocess

from .places import INSTALLED, PEERS
from .report import Measurement

SCRIPTS = ("numpy_step", "onnx_runtime", "pytorch", "pytorch_batched", "pytorch_training",
           "pytorch_training_ratio",
           "river_detectors", "deep_river_autoencoder")


def measure(report, quick):
    """Runs all scripts; a failure is reported and does not stop the others."""
    report.begin("peers", "the same network or another online detector, one thread unless noted")
    python = INSTALLED / "python" / "bin" / "python"
    if not python.exists():
        report.skip("all of them", "not installed, run 'make bench-peers'")
        return
    for script in SCRIPTS:
        options = ["--rounds", "1"] if quick and script == "pytorch_batched" else []
        child = subprocess.run([python, PEERS / f"{script}.py", *options],
                               capture_output=True, text=True, check=False)
        for line in child.stdout.splitlines():
            if line.startswith("{"):
                measurement = Measurement.from_json(json.loads(line))
                report.add(measurement)
                report.out(f"  {measurement.name:<44} {measurement.value} {measurement.unit}")
        if child.returncode != 0:
            last = (child.stderr.strip().splitlines() or ["it ended without a word"])[-1]
            report.skip(script, last)
