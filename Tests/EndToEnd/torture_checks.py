"""Invariants after any act of torturer.py: no event lost or duplicated, exact positions, bounded queues."""

import collections
import json
import os
import pathlib
import socket
import subprocess

from machine import eventually

EVENTS = pathlib.Path("/var/log/anomalyd/events.jsonl")
OUTBOX = pathlib.Path("/var/lib/anomalyd/outbox/hook")
CONTROL = "/run/anomalyd/io.anomalyd"
QUEUED_STEPS = 10_000  # per output, and of the event history
PROBLEM_OVER = "b1e86a2f94d04c7c8f53d70e6a2c4918"
# These problems are logged, with details, where they are detected.
LOGGED_ELSEWHERE = ("configuration", "restore", "loss", "control", "input")
RESIDENT_BYTES = 400_000_000
DESCRIPTORS = 250


class Unanswered(AssertionError):
    """The daemon did not answer a call."""


def call(method, parameters=None, seconds=5):
    """All replies to a call on the control socket."""
    message = {"method": f"io.anomalyd.{method}", "parameters": parameters or {}, "more": True}
    replies, data = [], b""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(seconds)
            client.connect(CONTROL)
            client.sendall(json.dumps(message).encode() + b"\0")
            while True:
                part = client.recv(1 << 16)
                if not part:
                    raise Unanswered(f"{method}: the daemon hung up")
                data += part
                *whole, data = data.split(b"\0")
                for text in whole:
                    reply = json.loads(text)
                    if "error" in reply:
                        raise Unanswered(f"{method}: {reply}")
                    replies.append(reply["parameters"])
                    if not reply.get("continues"):
                        return replies
    except OSError as error:
        raise Unanswered(f"{method}: {error}") from error


def status():
    return call("Status")[0]


def problems():
    """The problems that the daemon lists, as (kind, subject)."""
    return {(problem["kind"], problem["subject"]): problem for problem in status().get("problems") or []}


def is_measured(kind, subject):
    """Whether OpenMetrics have the problem."""
    text = subprocess.run(["anomalyctl", "metrics", "--openmetrics"], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    return f'anomalyd_problem{{kind="{kind}",subject="{subject}"}} 1' in text


def logged(kind, subject):
    """The journal's last entry about a problem: a list of at most one."""
    subprocess.run(["journalctl", "--sync"], check=False)
    text = subprocess.run(
        ["journalctl", "--output=json", "--quiet", "--no-pager", "--lines=1", f"ANOMALYD_PROBLEM={kind}",
         f"ANOMALYD_SUBJECT={subject}"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def samples(metric):
    return call("ShowMetric", {"name": metric})[0]["metric"]["samples"]


def show(*properties, unit="anomalyd.service"):
    """Properties of a unit, in this order."""
    text = subprocess.run(
        ["systemctl", "show", "--property", ",".join(properties), unit], check=True,
        stdout=subprocess.PIPE, text=True).stdout
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return [values.get(name, "") for name in properties]


def process():
    """The daemon's process; 0 while it is not running."""
    return int(show("MainPID")[0] or 0)


def written():
    """(id, state, line) of each line of the file output."""
    try:
        lines = EVENTS.read_text().splitlines()
    except FileNotFoundError:
        return []
    return [(event["id"], event["state"], line) for line in lines if (event := json.loads(line))]


class Ledger:
    """What was fed in, and the results."""

    def __init__(self, load, receiver_log):
        self.load = load
        self.receiver_log = receiver_log
        # Rows that a metric lacks because its record in a checkpoint was damaged.
        self.missing = collections.Counter()
        # Metrics whose history differs from that of an undisturbed run.
        self.damaged = set()
        # Steps that an older file of the output had.
        self.earlier = []

    def positions(self, seconds=30):
        """Each row of a table is one sample of each of its metrics."""
        with self.load.held():
            def differences():
                found = {}
                for table in self.load.tables:
                    for metric in table.metrics():
                        difference = table.rows - samples(metric) - self.missing[metric]
                        if difference:
                            found[metric] = difference
                return found
            eventually(lambda: not differences(), seconds)
            found = differences()
            return [f"{count} rows of {metric} are not samples" if count > 0
                    else f"{metric} has {-count} samples too many" for metric, count in found.items()]

    def leaps(self):
        """Each row that this run has read is a sample or malformed."""
        entry = next(entry for entry in status()["inputs"] if entry["name"] == "leaps")
        read = entry["samples"] + entry["malformed"]
        return [] if read <= self.load.leaps.rows else [
            f"{read} rows of a table of {self.load.leaps.rows} were read"]

    def steps(self):
        """Nothing is in the file twice; whatever is closed was opened."""
        steps = self.earlier + written()
        faults = [f"in the file {count} times: {step[:2]}" for step, count
                  in collections.Counter(steps).items() if count > 1]
        opened = {identity for identity, state, _ in steps if state == "opened"}
        faults += [f"closed and never opened: {identity}" for identity, state, _ in steps
                   if state == "closed" and identity not in opened]
        return faults[:5]

    def history(self):
        """The recorded events are those in the file."""
        recorded = set()
        for reply in call("ListEvents", {}, seconds=20):
            recorded |= {entry["event"]["id"] for entry in reply["events"]}
        for reply in call("ListIncidents", {}, seconds=20):
            recorded |= {entry["id"] for entry in reply["incidents"]}
        told = {identity for identity, _, _ in self.earlier + written()}
        lost, unknown = recorded - told, told - recorded
        return ([f"recorded, not in the file: {sorted(lost)[:3]} of {len(lost)}"] if lost else []) + (
            [f"in the file, not recorded: {sorted(unknown)[:3]} of {len(unknown)}"] if unknown else [])

    def outbox(self):
        """Every opening and close in the file was received or is pending; each message has one body."""
        # Before what was received: a message may arrive in between.
        waiting = {path.name for path in OUTBOX.glob("*/*.json")}
        bodies = collections.defaultdict(set)
        for line in self.receiver_log.read_text().splitlines():
            request = json.loads(line)
            if "webhook-id" in request["headers"]:
                bodies[request["headers"]["webhook-id"]].add(request["body"])
        faults = [f"message {message} came with {len(found)} bodies" for message, found
                  in bodies.items() if len(found) > 1]
        sent = {(message[:36], message[37:].split("-")[0]) for message in bodies}
        for identity, state, _ in self.earlier + written():
            if state not in ("opened", "closed") or (identity, state) in sent:
                continue
            if not any(identity in name and name.endswith(f"-{state}.json") for name in waiting):
                faults.append(f"{identity} {state}: neither received nor waiting")
        return faults[:5]

    def bounds(self):
        """Every queue, the memory and the descriptors are within their limits."""
        now, number = status(), process()
        faults = [f"output {output['name']} has {output['queued']} steps waiting"
                  for output in now["outputs"]
                  if output["type"] != "webhook" and output["queued"] > QUEUED_STEPS]
        if now["record"]["waiting"] > QUEUED_STEPS:
            faults.append(f"{now['record']['waiting']} entries of the history wait")
        dropped = {output["name"]: output["dropped"] for output in now["outputs"]}
        if any(dropped.values()) or now["record"]["dropped"]:
            faults.append(f"dropped: {dropped}, history {now['record']['dropped']}")
        resident = now["resources"]["residentBytes"]
        if resident > RESIDENT_BYTES:
            faults.append(f"{resident / 1e6:.0f} MB resident")
        descriptors = len(os.listdir(f"/proc/{number}/fd"))
        if descriptors > DESCRIPTORS:
            faults.append(f"{descriptors} descriptors")
        return faults

    def faults(self):
        """Everything that is wrong now."""
        with self.load.held():
            return (self.positions() + self.leaps() + self.steps() + self.history() + self.outbox()
                    + self.bounds())
