"""A daemon with ten thousand metrics that is killed while it writes a checkpoint; a part of torturer.py."""

import json
import pathlib
import subprocess
import time

from machine import eventually

HOME = pathlib.Path("/srv/large")
COLUMNS = 1_000

CONFIGURATION = """\
[Agent]
MaximumMetrics=20000
HistorySamples=16
CheckpointInterval=1s
CheckpointBytesPerHour=1T
StateDirectory=/srv/large/state
ControlSocket=/srv/large/socket

[Input wide]
Type=csv
Path=/srv/large/tables/*.csv
Interval=100ms

[Output log]
Type=file
Path=/srv/large/events.jsonl
"""


def start():
    return subprocess.Popen(
        ["anomalyd", "--config", HOME / "anomalyd.conf", "--state-directory", HOME / "state",
         "--socket", HOME / "socket"],
        stdout=subprocess.DEVNULL, stderr=(HOME / "log").open("a"))


def status():
    answer = subprocess.run(["anomalyctl", "status", "--json", "--socket", HOME / "socket"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return json.loads(answer.stdout) if answer.returncode == 0 else None


def add_rows(first, count, tables):
    for table in range(tables):
        with (HOME / "tables" / f"t{table}.csv").open("a") as file:
            if first == 0:
                file.write("timestamp," + ",".join(f"m{column}" for column in range(COLUMNS)) + "\n")
            for row in range(first, first + count):
                file.write(f"2026-01-01T00:{row // 60:02}:{row % 60:02}Z"
                           + f",{row % 7}" * COLUMNS + "\n")


def kill_in_large_checkpoints(metrics, times, chance, fault):
    """Kills it at random times during a checkpoint; each time everything is restored exactly once."""
    tables = metrics // COLUMNS
    (HOME / "tables").mkdir(parents=True)
    (HOME / "anomalyd.conf").write_text(CONFIGURATION)
    add_rows(0, 2, tables)
    daemon, rows, new = start(), 2, HOME / "state" / "checkpoint.new"
    print(f"-- kill in checkpoints of {metrics} metrics", flush=True)

    def is_known():
        now = status()
        return now and now["metrics"]["registered"] == metrics and now["now"]
    since = eventually(is_known, 120)

    def is_saved():
        now = status()
        return now and now["checkpoint"].get("lastAt", "") > since
    if not since or not eventually(is_saved, 120):
        fault(f"{metrics} metrics were not registered and saved: {(HOME / 'log').read_text()[-500:]}")
        return
    size = (HOME / "state" / "checkpoint").stat().st_size
    print(f"        {size / 1e6:.0f} MB each", flush=True)
    for _ in range(times):
        add_rows(rows, 1, tables)
        rows += 1
        part = chance.random()
        caught = eventually(lambda: new.exists() and new.stat().st_size > part * size * 0.9, 60,
                            pause=0.001)
        if not caught:
            fault("no checkpoint was seen being written")
        daemon.kill()
        daemon.wait()
        began = time.monotonic()
        daemon = start()
        back = eventually(status, 60)
        restored = back and back["checkpoint"].get("restored")
        print(f"        killed at {part:.0%}, back after {time.monotonic() - began:.1f} s", flush=True)
        if not restored or restored["metrics"] != metrics or restored["lost"]:
            fault(f"restored {restored}")
        if back and back.get("problems"):
            fault(f"problems after a kill in a checkpoint: {back['problems']}")
        for table, column in [(0, 0), (tables - 1, COLUMNS - 1), (chance.randrange(tables), 7)]:
            name = f"wide.t{table}.m{column}"

            def samples():
                answer = subprocess.run(
                    ["anomalyctl", "metrics", name, "--json", "--socket", HOME / "socket"],
                    stdout=subprocess.PIPE, text=True, check=False)
                return json.loads(answer.stdout)["samples"] if answer.stdout else None
            eventually(lambda: samples() == rows, 60)
            if samples() != rows:
                fault(f"{name}: {samples()} samples of {rows} rows")
    daemon.terminate()
    if daemon.wait(60) != 0:
        fault(f"it ended with {daemon.returncode}")
    subprocess.run(["rm", "-rf", HOME], check=True)
