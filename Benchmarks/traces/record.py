#!/usr/bin/env python3
"""Records system calls of real programs, with and without real faults, and has them judged.

    sudo Benchmarks/traces/record.py .build/release/anomalyctl [--rounds 120] [--repeat 4] [--keep FOLDER]
    Benchmarks/traces/record.py .build/release/anomalyctl --again FOLDER

Four workloads run in rounds under strace(1): a build by make and gcc, transactions of SQLite, a web
server, and tar with gzip. A trace has a row for each system call: its start, its name (with
--errors also its error) and the calling program. From the middle on, in the run with
faults, every sixth round has one: a full disk, a missing file, a killed process, a failing write, a
locked database, a client that hangs up. Each trace goes through
`anomalyctl backtest --events --budget 5000`. An event that opens in a round with a fault or in the
next one has found the fault; all others are false alarms. Some of them would fall into such an interval
by chance: how many is estimated from the run without faults, cut into intervals of the same length.
Recordings differ by scheduling: with --repeat, each workload is recorded several times and a last line has
the median and the extremes. On a machine that is not idle, record with a high priority: nice -n -19.
"""

import argparse
import csv
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from harness.tracing import Figures, by_chance, summary

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("anomalyctl")
parser.add_argument("--rounds", type=int, default=120)
parser.add_argument("--repeat", type=int, default=1, help="recordings of each workload")
parser.add_argument("--errors", action="store_true", help="name failing calls by their error")
parser.add_argument("--keep", help="keep the traces in this directory")
parser.add_argument("--again", help="judge the traces in this directory again, without recording")
parser.add_argument("--only", nargs="*", help="only these workloads")
options = parser.parse_args()

CALL = re.compile(
    r"^\d+<(?P<thread>[^>]*)> +(?P<time>\d+\.\d+) (?P<id>[a-z_0-9]+)\(.*?"
    r"(?: = -1 (?P<error>E[A-Z0-9]+)[^=]*)?$"
)


def strace(log, *more):
    return ["strace", "-f", "-Y", "-ttt", "-qq", "-s", "0", "-e", "signal=none", "-A", "-o", log, *more]


def quiet(command, **keywords):
    return subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **keywords
    )


class Disk:
    """A small file system in memory that can be filled up."""

    def __init__(self, path):
        self.path = path
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", path], check=True)

    def fill(self):
        with open(self.path + "/ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                pass

    def relieve(self):
        os.unlink(self.path + "/ballast")

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=False)


class Build:
    """make and gcc, a full rebuild in each round."""

    faults = ["full disk", "missing file", "killed", "failing write"]

    def __init__(self, folder, log):
        self.log, self.disk = log, Disk(folder + "/out")
        self.source = folder + "/source"
        os.mkdir(self.source)
        for name in "abc":
            with open(f"{self.source}/{name}.c", "w") as file:
                file.write(f'#include <stdio.h>\n#include "all.h"\nint {name}(int x) {{ '
                           f'printf("%d\\n", x); return x * {ord(name)}; }}\n')
        with open(self.source + "/all.h", "w") as file:
            file.write("int a(int), b(int), c(int);\n")
        with open(self.source + "/main.c", "w") as file:
            file.write('#include "all.h"\nint main(void) { return a(b(c(1))); }\n')
        with open(self.source + "/Makefile", "w") as file:
            file.write("O = " + self.disk.path + "\nOBJECTS = $(O)/a.o $(O)/b.o $(O)/c.o $(O)/main.o\n"
                       "$(O)/program: $(OBJECTS)\n\tgcc -o $@ $^\n"
                       "$(O)/%.o: %.c all.h\n\tgcc -O1 -c -o $@ $<\n")

    def round(self, fault):
        more = []
        if fault == "full disk":
            self.disk.fill()
        if fault == "missing file":
            os.rename(self.source + "/all.h", self.source + "/gone.h")
        if fault == "failing write":
            more = ["--inject=write:error=EIO:when=2"]
        command = strace(self.log, *more) + ["make", "-B", "-k", "-C", self.source]
        if fault == "killed":
            # A session of its own, so that no compiler of anybody else is killed.
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       start_new_session=True)
            while process.poll() is None:
                if quiet(["pkill", "-KILL", "-x", "-s", str(process.pid), "cc1"]).returncode == 0:
                    break
            process.wait()
        else:
            quiet(command)
        if fault == "full disk":
            self.disk.relieve()
        if fault == "missing file":
            os.rename(self.source + "/gone.h", self.source + "/all.h")

    def close(self):
        self.disk.close()


DATABASE = """
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=0.2, isolation_level=None)
base.execute("create table if not exists t (k integer primary key, v text)")
for line in sys.stdin:
    for step in range(8):
        try:
            base.execute("begin immediate")
            base.execute("insert or replace into t values (?, ?)", ((int(line) * 7 + step) % 500, "x" * 300))
            base.execute("commit")
            base.execute("select count(*) from t where k < 100").fetchone()
        except sqlite3.Error:
            if base.in_transaction:
                base.execute("rollback")
    print("done", flush=True)
"""


class Database:
    """Transactions of SQLite in one process."""

    faults = ["full disk", "locked", "missing file"]

    def __init__(self, folder, log):
        self.disk = Disk(folder + "/base")
        self.path = self.disk.path + "/base.db"
        self.count = 0
        self.process = subprocess.Popen(
            strace(log) + [sys.executable, "-c", DATABASE, self.path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self, fault):
        self.count += 1
        other = None
        if fault == "full disk":
            self.disk.fill()
        if fault == "locked":
            other = sqlite3.connect(self.path, isolation_level=None)
            other.execute("begin exclusive")
        if fault == "missing file":
            os.rename(self.path, self.path + ".gone")
        self.process.stdin.write(f"{self.count}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()
        if fault == "full disk":
            self.disk.relieve()
        if other:
            other.execute("rollback")
            other.close()
        if fault == "missing file":
            os.rename(self.path + ".gone", self.path)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.disk.close()


class Web:
    """Python's web server, a thread for each of its requests."""

    faults = ["missing file", "client hangs up", "no request", "unreadable folder"]

    def __init__(self, folder, log):
        self.root = folder + "/www"
        os.mkdir(self.root)
        for index in range(4):
            with open(f"{self.root}/{index}.txt", "w") as file:
                file.write("x" * 3000 * (index + 1))
        with open(self.root + "/large.bin", "wb") as file:
            file.write(bytes(3 << 20))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            strace(log) + [sys.executable, "-m", "http.server", str(self.port), "--bind", "127.0.0.1",
                           "--directory", self.root],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)

    def ask(self, path, hang_up=False, text=None):
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(text or f"GET /{path} HTTP/1.0\r\n\r\n".encode())
            if hang_up:
                client.recv(1000)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            while client.recv(1 << 16):
                pass

    def round(self, fault):
        for index in range(12):
            if index == 6 and fault == "missing file":
                self.ask("gone.txt")
            elif index == 6 and fault == "client hangs up":
                self.ask("large.bin", hang_up=True)
            elif index == 6 and fault == "no request":
                self.ask("", text=b"\x16\x03\x01 nonsense\r\n\r\n")
            elif index == 6 and fault == "unreadable folder":
                os.rename(self.root, self.root + ".gone")
                self.ask("0.txt")
                os.rename(self.root + ".gone", self.root)
            else:
                self.ask(f"{index % 4}.txt" if index < 10 else "")

    def close(self):
        quiet(["pkill", "-TERM", "-P", str(self.process.pid)])
        self.process.wait()


class Archive:
    """A directory archived, compressed and verified."""

    faults = ["full disk", "missing file", "killed", "failing write"]

    def __init__(self, folder, log):
        self.log, self.disk = log, Disk(folder + "/backup")
        self.data = folder + "/data"
        os.mkdir(self.data)
        for index in range(12):
            with open(f"{self.data}/{index}.log", "wb") as file:
                file.write(os.urandom(20000) + b"line of text\n" * 4000)

    def round(self, fault):
        archive = self.disk.path + "/a.tar.gz"
        script = (f"tar -C {self.data} -cf - {' '.join(f'{index}.log' for index in range(12))}"
                  f" | gzip -1 > {archive} && gzip -t {archive} && sha256sum {archive}")
        more = []
        if fault == "full disk":
            self.disk.fill()
        if fault == "missing file":
            os.rename(self.data + "/5.log", self.data + "/gone")
        if fault == "killed":
            more = ["--inject=read:signal=KILL:when=9"]
        if fault == "failing write":
            more = ["--inject=write:error=EIO:when=3"]
        quiet(strace(self.log, *more) + ["sh", "-c", script])
        if fault == "full disk":
            self.disk.relieve()
        if fault == "missing file":
            os.rename(self.data + "/gone", self.data + "/5.log")

    def close(self):
        self.disk.close()


def record(workload, folder, has_faults):
    """Runs it; writes the trace and the times of its faults to the directory."""
    log = folder + "/strace.log"
    work = workload(folder, log)
    faults, rounds = [], []
    try:
        for index in range(options.rounds):
            late = index >= options.rounds // 2
            fault = None
            if has_faults and late and index % 6 == 0:
                fault = workload.faults[index // 6 % len(workload.faults)]
            rounds.append(time.time())
            work.round(fault)
            if fault:
                faults.append((fault, index))
    finally:
        work.close()
    rounds += [time.time()] * 2
    calls = []
    with open(log, errors="replace") as lines:
        for line in lines:
            call = CALL.match(line.rstrip("\n"))
            if call:
                error = ":" + call["error"] if options.errors and call["error"] else ""
                calls.append((float(call["time"]), call["id"] + error, call["thread"]))
    calls.sort()
    trace = folder + "/trace.csv"
    with open(trace, "w") as file:
        file.write("time,id,thread\n")
        for moment, name, thread in calls:
            file.write(f"{moment:.6f},{name},{thread}\n")
    # From the beginning of the round to the end of the one after it.
    spans = [(fault, rounds[index], rounds[index + 2]) for fault, index in faults]
    with open(folder + "/faults.json", "w") as file:
        json.dump(spans, file)


COLUMNS = ["--events", "id", "--thread", "thread", "--timestamp", "time"]


def alarms(trace):
    """The times at which events open."""
    output = subprocess.run(
        [options.anomalyctl, "backtest", "--json", *COLUMNS, "--budget", "5000", trace], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = []
    for line in output.splitlines():
        event = json.loads(line)
        if "opened" in event:
            found.append(moment(event["opened"]))
    return found


def model_of(trace, path, *more):
    """A model of a trace without faults."""
    subprocess.run(
        [options.anomalyctl, "train", "symbols", trace, "-o", path, *COLUMNS, "--budget", "5000", *more],
        stdout=subprocess.DEVNULL, check=True)
    return path


def detections(model, trace, *more):
    """The times at which a trained model's detections begin, and how many calls count."""
    output = subprocess.run(
        [options.anomalyctl, "evaluate", "--json", "--model", model, *more, trace], stdout=subprocess.PIPE,
        text=True, check=True).stdout
    lines = [json.loads(line) for line in output.splitlines()][:-1]
    return ([moment(found["first"]) for line in lines for found in line["detections"]],
            sum(line["rows"] - line["trained_rows"] - line["lead_rows"] for line in lines))


def moment(text):
    whole, _, rest = text.rstrip("Z").partition(".")
    seconds = time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone
    return seconds + float("0." + (rest or "0"))


def judge(workload, number):
    """Records both runs of a workload, or takes kept ones, and prints what becomes of them."""
    name = workload.__name__.lower()
    figures = Figures()
    models = tempfile.mkdtemp(prefix="anomalyd-models-")
    clean = None
    for has_faults in (False, True):
        kept = (f"{options.again or options.keep}/{name}-{'faults' if has_faults else 'clean'}"
                + (f"-{number}" if number > 1 else ""))
        folder = kept if options.again else tempfile.mkdtemp(prefix="anomalyd-trace-")
        if not os.path.exists(folder):
            continue
        try:
            if not options.again:
                record(workload, folder, has_faults)
            trace = folder + "/trace.csv"
            with open(trace) as file:
                calls = [(float(at), call, thread) for at, call, thread in list(csv.reader(file))[1:]]
            with open(folder + "/faults.json") as file:
                spans = json.load(file)
            found = alarms(trace)
            # A trained model: of the clean run's first half, and then of all of it.
            if not has_faults:
                middle = f"{(calls[0][0] + calls[-1][0]) / 2:.6f}"
                half = model_of(trace, f"{models}/half", "--until", middle)
                trained = detections(half, trace, "--from", middle)
                model_of(trace, f"{models}/whole")
            else:
                trained = detections(f"{models}/whole", trace)
            if options.keep:
                os.makedirs(kept, exist_ok=True)
                for part in ("trace.csv", "faults.json"):
                    shutil.copy(folder + "/" + part, kept)
        finally:
            if not options.again:
                shutil.rmtree(folder, ignore_errors=True)
        if not has_faults:
            clean = (found, calls)
        hits = sum(any(begin <= at < end for at in trained[0]) for _, begin, end in spans)
        others = sum(not any(begin <= at < end for _, begin, end in spans) for at in trained[0])
        inside = sum(any(begin <= at < end for _, begin, end in spans) for at in found)
        normal = [at for at, _, _ in calls if not any(begin <= at < end for _, begin, end in spans)]
        rate = (len(found) - inside) / max(1, len(normal)) * 5000
        text = (f"{name:9} {'faults' if has_faults else 'clean ':6} {len(calls):7} calls, "
                f"{len({thread for _, _, thread in calls})} programs, "
                f"{len({call for _, call, _ in calls})} ids, {len(found) - inside} false alarms "
                f"({rate:.2f} in 5,000)")
        if not has_faults:
            figures.clean = rate
        if spans:
            figures.faulty, figures.faults = rate, len(spans)
            hit = {kind: [0, 0] for kind in workload.faults}
            for kind, begin, end in spans:
                hit[kind][0] += any(begin <= at < end for at in found)
                hit[kind][1] += 1
            figures.found = sum(h for h, _ in hit.values())
            text += f", found {figures.found} of {len(spans)}"
            if clean:
                length = sorted(end - begin for _, begin, end in spans)[len(spans) // 2]
                figures.chance = by_chance(*clean, length) * len(spans)
                text += f" ({figures.chance:.1f} by chance)"
            text += ": "
            text += ", ".join(f"{kind} {h}/{n}" for kind, (h, n) in hit.items())
        text += (f"; trained on a run without faults: {others} false alarms "
                 f"({others / max(1, trained[1]) * 5000:.2f} in 5,000)")
        text += f", found {hits} of {len(spans)}" if spans else ""
        print(text, flush=True)
    shutil.rmtree(models)
    return figures


print(f"load average {' '.join(f'{load:.1f}' for load in os.getloadavg())}", flush=True)
for workload in (Build, Database, Web, Archive):
    if not options.only or workload.__name__.lower() in options.only:
        recordings = [judge(workload, number) for number in range(1, options.repeat + 1)]
        if options.repeat > 1:
            print(f"{workload.__name__.lower()}: {summary(recordings)}", flush=True)
print(f"load average {' '.join(f'{load:.1f}' for load in os.getloadavg())}", flush=True)
