#!/usr/bin/env python3
"""Measures the performance of anomalyd, compared with alternatives and with the machine's limits.

Prints tables, and evaluates each target at the end. Missing parts are skipped and reported: the C++
reference and the recorded series are available only on the developers' machines, the peers are
installed by 'make bench-peers'.

    make bench                          everything, some 10 minutes
    make bench BENCH='--quick'          shorter, for a first impression
    Benchmarks/run.py --only kernels --only pipeline
    Benchmarks/run.py --json run.json   for Benchmarks/document.py

On a machine that is not idle, run it with a high priority: nice -n -15 make bench.
"""

import argparse
import datetime
import json
import os
import resource
import shutil
import subprocess
import sys
import time

from harness import agents, daemon, machine, peers, targets
from harness.places import BINARIES, NAB, REFERENCE, ROOT
from harness.report import Measurement, Report
from harness.spread import rounded

IN_PROCESS = ("kernels", "training", "memory", "pipeline", "stages", "metrics", "tables")
SECTIONS = IN_PROCESS + ("nab", "daemon", "peers", "agents")


def references():
    """The C++ reference of the same algorithm, compiled here: with fast-math, its fastest variant and
    our yardstick, and without, which is our arithmetic."""
    source = REFERENCE / "main.cpp"
    compiler = shutil.which("g++") or shutil.which("clang++")
    if not source.exists() or not compiler:
        return []
    folder = ROOT / ".build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--series", REFERENCE / "expected"]
    for name, switches in ("fast-math", ["-ffast-math"]), ("exact", []):
        program = folder / f"reference-{name}"
        subprocess.run([compiler, "-O3", "-march=native", *switches, "-std=c++17", "-DHH=8", source,
                        "-o", program], check=True)
        options += ["--reference", f"{name}={program}"]
    print(f"C++ reference: {machine.first_line(compiler, '--version')}, -O3 -march=native, "
          "with and without -ffast-math")
    return options


def in_process(report, sections, quick):
    """Measurements of anomalyd-bench, which prints its own tables."""
    result = ROOT / ".build" / "bench-in-process.json"
    command = [BINARIES / "anomalyd-bench", "--json", result]
    command += ["--quick"] if quick else []
    for section in sections:
        command += ["--only", section]
    if "pipeline" in sections or "stages" in sections:
        command += references()
    sys.stdout.flush()
    subprocess.run(command, check=True)
    for entry in json.loads(result.read_text(encoding="utf-8")):
        report.add(Measurement.from_json(entry))
    result.unlink()


def nab(report, quick):
    """A backtest of the whole benchmark, as run by a user."""
    report.begin("nab", "anomalyctl nab: all files of the Numenta Anomaly Benchmark, one seed")
    if not NAB.exists():
        report.skip("all of it", f"{NAB} does not exist")
        return
    wall, processor = [], []
    for _ in range(1 if quick else 3):
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([BINARIES / "anomalyctl", "nab", NAB], check=True, capture_output=True)
        wall.append(time.monotonic() - begin)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    report.note("wall clock", wall, "s", f"{os.cpu_count()} cores")
    report.note("CPU time", processor, "s")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter runs")
    parser.add_argument("--json", metavar="FILE", help="also write all measurements to FILE")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="measure only this")
    options = parser.parse_args()
    wanted = [section for section in SECTIONS if section in (options.only or SECTIONS)]

    missing = [name for name in ("anomalyd", "anomalyctl", "anomalyd-bench")
               if not (BINARIES / name).exists()]
    if missing:
        sys.exit(f"run.py: {', '.join(missing)} not found in {BINARIES}: run 'make build' first")
    described = {"date": datetime.date.today().isoformat(), **machine.describe()}
    for key, value in described.items():
        print(f"{key + ':':<18} {value}")
    print("                   (load above 1: other programs interfere)")
    report = Report()
    ours = [section for section in IN_PROCESS if section in wanted]
    if ours:
        in_process(report, ours, options.quick)
    for section, measure in (("nab", nab), ("daemon", daemon.measure), ("peers", peers.measure),
                             ("agents", agents.measure)):
        if section in wanted:
            sys.stdout.flush()
            measure(report, options.quick)
    described["load after"] = machine.load()
    judged = targets.judge(report)
    print("\ntargets:")
    for target in judged:
        if options.only and target["verdict"] == "not measured":
            continue
        value = "-" if target["value"] is None else rounded(target["value"])
        print(f"  {target['target']:<50} {target['limit']:<22} {value:>7}  {target['verdict']}")
    if any(target["verdict"] == "open" for target in judged):
        print("  open: this Netdata has no k-means and so costs less than the one the target means")
    print(f"\nload after: {described['load after']}")
    if options.json:
        report.write(options.json, described, judged)


if __name__ == "__main__":
    main()
