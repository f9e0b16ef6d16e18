#!/usr/bin/env python3
"""Compares reproducible figures with those in Tests/Gates/figures.json.

    make gates            # compares
    make gates UPDATE=1   # updates the figures; give the reason in the commit

Allocations and bytes per metric must not be above their figures. Samples do not allocate: a
poll of a file makes 3 allocations, and procfs discovers new devices from time to time. Instructions,
counted by callgrind as the difference between two runs of which one does the work twice as often, may
exceed theirs by TOLERANCE: the compiler changes the layout of code with each change. Figures that could
be lower are reported and do not fail. Time is never a gate.

The number of instructions also depends on compiler, C library, instruction set and valgrind. If one of
them differs from the last update, they are reported and not judged.
"""

import concurrent.futures
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
FIGURES = HERE / "figures.json"
PROGRAM = PROJECT / ".build/release/anomalyd-gates"
SWIFT = os.environ.get("SWIFT", "swift")
TOLERANCE = 0.02
# Valgrind does not support AVX-512.
INSTRUCTION_SET = "avx2"
# Rounds of the shorter run: enough for an exact count per round.
ROUNDS = {"forward step": 2000, "gradient": 200, "sample": 2016, "100 CSV lines": 20,
          "datagram of 5 lines": 100, "poll of procfs": 10}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def environment():
    """What the number of instructions depends on in addition to the code."""
    version = re.search(r"Swift version \S+", output(SWIFT, "--version"))
    return {
        "architecture": platform.machine(),
        "swift": version.group() if version else "unknown",
        "libc": " ".join(platform.libc_ver()),
        "valgrind": output("valgrind", "--version").strip(),
        "instructionSet": INSTRUCTION_SET,
    }


def stripped():
    """A copy of the program without debug information, which older valgrinds cannot read."""
    target = json.loads(output(SWIFT, "-print-target-info"))
    tools = pathlib.Path(target["paths"]["runtimeResourcePath"]).parents[1] / "bin"
    copy = PROGRAM.with_name("anomalyd-gates-stripped")
    output(tools / "llvm-objcopy", "--strip-debug", PROGRAM, copy)
    return copy


def counted(program, work, rounds):
    """Instructions of a whole run with the given number of rounds of `work`."""
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         program, work, str(rounds)],
        capture_output=True, text=True, cwd=PROJECT,
        # Swift seeds its hash tables randomly in each process.
        env=os.environ | {"SWIFT_DETERMINISTIC_HASHING": "1",
                          "ANOMALYD_INSTRUCTION_SET": INSTRUCTION_SET})
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"gates: {work}: callgrind ended with {run.returncode}:\n{run.stderr}")
    return int(found.group(1))


def instructions():
    program = stripped()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {work: [pool.submit(counted, program, work, times * rounds) for times in (1, 2)]
                for work, rounds in ROUNDS.items()}
        return {work: round((twice.result() - once.result()) / ROUNDS[work])
                for work, (once, twice) in runs.items()}


def judge(kind, found, figures, tolerance):
    """Prints a line for each figure; returns how many are exceeded."""
    exceeded = 0
    for name, count in found.items():
        figure = figures.get(name)
        if figure is None:
            verdict = "FAILED: has no figure yet"
        elif count > figure * (1 + tolerance):
            share = f" by more than {tolerance:.0%}" if tolerance else ""
            verdict = f"FAILED: above {figure:,}{share}"
        elif count < figure * (1 - tolerance):
            verdict = f"below {figure:,}: keep what is won, by make gates UPDATE=1"
        else:
            verdict = "ok"
        exceeded += verdict.startswith("FAILED")
        print(f"  {name:28} {count:12,} {kind:26} {verdict}")
    for name in figures.keys() - found.keys():
        print(f"  {name:28} {'nothing':>12} {kind:26} FAILED: has a figure")
        exceeded += 1
    return exceeded


def main():
    update = "--update" in sys.argv[1:]
    here = environment()
    has_set = INSTRUCTION_SET in pathlib.Path("/proc/cpuinfo").read_text().split()
    if update:
        if not has_set:
            sys.exit(f"gates: figures are those of {INSTRUCTION_SET}, which this processor lacks")
        figures = json.loads(output_in_project(PROGRAM)) | {
            "instructions": instructions(), "environment": here}
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
        print(f"gates: wrote {FIGURES.relative_to(PROJECT)}")
        return
    figures = json.loads(FIGURES.read_text())
    found = json.loads(output_in_project(PROGRAM))
    exceeded = judge("allocations in 200 rounds", found["allocations"], figures["allocations"], 0)
    exceeded += judge("bytes", found["bytes"], figures["bytes"], 0)
    differences = [f"{key} is {here[key]}, was {figures['environment'].get(key)}"
                   for key in here if here[key] != figures["environment"].get(key)]
    if not has_set:
        differences.append(f"this processor lacks {INSTRUCTION_SET}")
    if differences:
        print("gates: SKIPPED: instructions are not comparable with their figures: "
              + "; ".join(differences))
    else:
        exceeded += judge("instructions", instructions(), figures["instructions"], TOLERANCE)
    if exceeded:
        sys.exit(f"gates: {exceeded} exceeded. Where that is worth it: make gates UPDATE=1, "
                 "and the commit says why")


def output_in_project(program):
    run = subprocess.run([program], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    if run.returncode != 0:
        sys.exit(f"gates: {program} ended with {run.returncode}")
    return run.stdout


if __name__ == "__main__":
    main()
