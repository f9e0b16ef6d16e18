#!/usr/bin/env python3
"""Writes the numbers of a run to docs/benchmarks.md and README.md, and draws docs/benchmarks.svg.

    make bench BENCH='--json run.json'
    Benchmarks/document.py run.json
"""

import argparse
import json
import pathlib

from harness import chart, tables
from harness.places import ROOT

BEGIN, END = "<!-- from here: Benchmarks/document.py -->", "<!-- to here -->"


def fill(page, text):
    """Replaces the text between the markers of a page."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="output of run.py --json")
    parser.add_argument("--command", default="make bench", help="the command that made the run")
    options = parser.parse_args()
    run = tables.Run(json.loads(options.run.read_text(encoding="utf-8")))
    fill(ROOT / "docs" / "benchmarks.md", tables.markdown(run, options.command))
    fill(ROOT / "README.md", tables.short(run))
    (ROOT / "docs" / "benchmarks.svg").write_text(chart.svg(run), encoding="utf-8")


if __name__ == "__main__":
    main()
