#!/usr/bin/env python3
"""Measures the daemon with many metrics: CPU time, memory, startup, shutdown, checkpoints, latency.

For each number of metrics: a table with that many columns warms the daemon up at full speed; it is
terminated and restarted from its state; then a program sends that many gauges once a second to its
socket, under the same names, while CPU time is measured and a small request is made over the control
socket every few milliseconds. Prints one line of a table for each number. Nothing is installed and no
service touched: all files are in a temporary directory, which is removed.
"""

import argparse
import json
import math
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
# A wave with noise, as text: columns start at different offsets.
PERIOD = 1 << 16
COLUMNS = 1000    # per table
WARM_ROWS = 1200  # more than every window and memory of a detector
WARM_STEP = 1.0   # seconds between rows


def values():
    noise = random.Random(1)
    return [f"{50 + 10 * math.sin(index / 45) + noise.gauss(0, 1):.3f}" for index in range(PERIOD)]


def tables(metrics):
    return (metrics + COLUMNS - 1) // COLUMNS


def name(metric):
    """The name used by both the table and the socket."""
    return f"t{metric // COLUMNS}.m{metric}"


def configuration(folder, options, metrics, source):
    text = f"""\
[Agent]
StateDirectory={folder}/state
ControlSocket={folder}/control
MaximumMetrics={max(2000, metrics)}
CheckpointInterval={options.checkpoint or 'infinity'}
CheckpointBytesPerHour=1T

[Output log]
Type=file
Path={folder}/events.jsonl

"""
    if source == "csv":
        return text + "".join(
            f"[Input t{table}]\nType=csv\nPath={folder}/t{table}.csv\nInterval=100ms\n"
            for table in range(tables(metrics)))
    return text + f"""\
[Input load]
Type=socket
Path={folder}/metrics
Prefix=""
FlushInterval=1s
MetricsPerSender={metrics}
MaximumMetrics={metrics}
DatagramsPerSecond=100000
"""


class Daemon:
    """One run of the daemon."""

    def __init__(self, folder, options, metrics, source):
        self.folder = folder
        (folder / "conf").write_text(configuration(folder, options, metrics, source))
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = folder / "notify"
        path.unlink(missing_ok=True)
        ready.bind(str(path))
        ready.settimeout(120)
        self.log = (folder / "log").open("a")
        begin = time.monotonic()
        self.child = subprocess.Popen(
            [options.anomalyd, "--config", folder / "conf"], stdout=self.log, stderr=self.log,
            env={**os.environ, "NOTIFY_SOCKET": str(path)})
        while b"READY=1" not in ready.recv(4096):
            pass
        self.ready = time.monotonic() - begin
        ready.close()
        self.pid = self.child.pid

    def call(self, method="io.anomalyd.Status"):
        return Caller(self.folder).call(method)

    def cpu(self):
        """CPU time in seconds: exact if the kernel provides it, otherwise in clock ticks."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def run_time(self):
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir()) * 1e-9

    def memory(self):
        found = {}
        for file in ("status", "smaps_rollup"):
            for line in pathlib.Path(f"/proc/{self.pid}/{file}").read_text().splitlines():
                words = line.replace(":", " ").split()
                if len(words) > 2 and words[2] == "kB":
                    found[words[0]] = int(words[1]) / 1024
        return found

    def end(self):
        begin = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(120)
        assert code == 0, f"the daemon ended with {code}, see {self.folder}/log"
        self.log.close()
        return time.monotonic() - begin


class Caller:
    """A connection to the control socket."""

    def __init__(self, folder):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(folder / "control"))

    def call(self, method):
        self.socket.sendall(json.dumps({"method": method}).encode() + b"\0")
        answer = b""
        while not answer.endswith(b"\0"):
            answer += self.socket.recv(1 << 16)
        return json.loads(answer[:-1])["parameters"]


class Latency(threading.Thread):
    """Sends a small request every few milliseconds and records the latency."""

    def __init__(self, folder, method):
        super().__init__(daemon=True)
        self.caller = Caller(folder)
        self.method = method
        self.times = []
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.002):
            begin = time.monotonic()
            self.caller.call(self.method)
            self.times.append(time.monotonic() - begin)

    def stop(self):
        self.done.set()
        self.join()
        return sorted(self.times)


def send(path, metrics, seconds, texts):
    """Sends all gauges once a second, many per datagram."""
    out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    while not path.exists():  # created by the first poll, after READY
        time.sleep(0.01)
    out.connect(str(path))
    begin = time.monotonic()
    for second in range(seconds):
        lines = [f"{name(metric)}:{texts[(metric * 97 + WARM_ROWS + second) % PERIOD]}|g"
                 for metric in range(metrics)]
        for first in range(0, metrics, 250):
            out.send("\n".join(lines[first:first + 250]).encode())
        time.sleep(max(0, begin + second + 1 - time.monotonic()))


def warm(folder, options, metrics, texts):
    """Lets a daemon learn a table, then terminates it."""
    start = time.time() - WARM_ROWS * WARM_STEP
    for table in range(tables(metrics)):
        columns = range(table * COLUMNS, min(metrics, (table + 1) * COLUMNS))
        with (folder / f"t{table}.csv").open("w") as file:
            file.write("time," + ",".join(f"m{metric}" for metric in columns) + "\n")
            for row in range(options.rows):
                cells = ",".join(texts[(metric * 97 + row) % PERIOD] for metric in columns)
                file.write(f"{start + row * WARM_STEP:.3f},{cells}\n")
    daemon = Daemon(folder, options, metrics, "csv")
    fresh = daemon.ready
    begin, last = time.monotonic(), -1
    while True:
        status = daemon.call()
        if status["resources"]["samples"] >= metrics * options.rows:
            break
        assert time.monotonic() - begin < 1800, "the table takes too long"
        time.sleep(0.5)
    warmed = status["resources"]["nanosecondsPerSample"]
    return fresh, warmed, daemon.memory(), daemon.end()


def measure(options, metrics, texts):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="anomalyd-load-", dir=options.folder))
    try:
        checkpoint, options.checkpoint = options.checkpoint, None
        fresh, warmed, _, first_end = warm(folder, options, metrics, texts)
        options.checkpoint = checkpoint
        for table in folder.glob("t*.csv"):
            table.unlink()
        state = (folder / "state" / "checkpoint").stat().st_size
        daemon = Daemon(folder, options, metrics, "socket")
        sender = os.fork()
        if sender == 0:
            try:
                send(folder / "metrics", metrics, options.seconds + 5, texts)
            finally:
                os._exit(0)
        time.sleep(3)
        latency = Latency(folder, options.method) if options.method else None
        if latency:
            latency.start()
        begin, cpu, run, before = time.monotonic(), daemon.cpu(), daemon.run_time(), daemon.call()
        time.sleep(options.seconds)
        took = time.monotonic() - begin
        cpu, run = daemon.cpu() - cpu, daemon.run_time() - run
        after = daemon.call()
        times = latency.stop() if latency else [0]
        samples = after["resources"]["samples"] - before["resources"]["samples"]
        memory = daemon.memory()
        os.kill(sender, signal.SIGKILL)
        os.waitpid(sender, 0)
        end = daemon.end()
        kept = after.get("checkpoint") or {}
        return {
            "metrics": metrics, "samples": samples, "seconds": took,
            "cpu %": 100 * cpu / took, "run %": 100 * run / took,
            "us a sample": 1e6 * run / max(1, samples), "us warm-up": warmed / 1e3,
            "bytes a metric": after["resources"]["bytesPerMetric"],
            "RSS MB": memory["VmRSS"], "PSS MB": memory["Pss"], "most MB": memory["VmHWM"],
            "ready fresh ms": fresh * 1e3, "ready restored ms": daemon.ready * 1e3,
            "end ms": end * 1e3, "state MB": state / 1e6,
            "checkpoint ms": kept.get("milliseconds"),
            "answer median ms": 1e3 * times[len(times) // 2], "longest ms": 1e3 * times[-1],
        }
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("metrics", type=int, nargs="*", default=[100, 1000, 1479, 10000])
    parser.add_argument("--anomalyd", default=HERE.parent.parent / ".build/release/anomalyd")
    parser.add_argument("--seconds", type=int, default=60, help="duration of the measurement")
    parser.add_argument("--rows", type=int, default=WARM_ROWS, help="samples per metric before that")
    parser.add_argument("--checkpoint", help="CheckpointInterval= during the measurement")
    parser.add_argument("--method", help="method called meanwhile, such as io.anomalyd.Status")
    parser.add_argument("--folder", default="/tmp", help="directory for files")
    parser.add_argument("--keep", action="store_true", help="keep the files")
    options = parser.parse_args()
    texts = values()
    for metrics in options.metrics:
        found = measure(options, metrics, texts)
        for what, value in found.items():
            print(f"  {what:<18} {value if value is None else format(value, '.4g')}", flush=True)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
