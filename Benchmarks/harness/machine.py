"""The machine that was measured."""

import os
import pathlib
import platform
import subprocess

from .places import ROOT

SETS = ("fma", "f16c", "avx2", "avx512f", "avx512bw", "avx512vl", "avx512_fp16")


def describe():
    """The machine as a dictionary of strings, in printing order."""
    info = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        info.setdefault(key.strip(), value.strip())
    flags = info.get("flags", "").split()
    memory = int(pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]) // (1 << 20)
    return {
        "processor": f"{info.get('model name', platform.machine())}, family "
                     f"{info.get('cpu family', '?')}, {os.cpu_count()} cores, {memory} GiB",
        "caches": caches(),
        "instruction sets": " ".join(name for name in SETS if name in flags) or "none of ours",
        "system": f"Linux {platform.release()} {platform.machine()}",
        "swift": first_line("swift", "--version"),
        "commit": first_line("git", "-C", ROOT, "log", "-1", "--format=%h %cs"),
        "load before": load(),
    }


def load():
    """Load averages; above 1 other programs interfere."""
    return " ".join(f"{average:.2f}" for average in os.getloadavg())


def caches():
    """Sizes of the first processor's caches."""
    found = []
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((index / name).read_text(encoding="utf-8").strip()
                             for name in ("level", "type", "size"))
        if kind != "Instruction":
            found.append(f"L{level} {size}")
    return ", ".join(found) or "unknown"


def first_line(*command):
    """The first line of a program's output; an error text if it cannot be run."""
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return output.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        return f"unknown: {error}"
