"""Paths."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = ROOT / ".build" / "release"
LOAD = ROOT / "Benchmarks" / "load" / "load.py"
PEERS = ROOT / "Benchmarks" / "peers"
INSTALLED = ROOT / ".build" / "peers"
REFERENCE = ROOT.parent / "shared" / "reference" / "detector"
NAB = ROOT.parent / "shared" / "data" / "nab"
