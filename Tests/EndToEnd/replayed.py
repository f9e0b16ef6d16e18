"""A host of recordings: its daemon's notifications are compared with those of a backtest."""

import collections
import datetime
import json
import re
import math
import random

from machine import eventually

UNIT = "anomalyd-replayed.service"
TABLE = "/srv/replayed/pump.csv"
EVENTS = "/srv/replayed/events.jsonl"
SOCKET = "/run/anomalyd-replayed/io.anomalyd"
CONFIGURATION = f"""\
[Input pump]
Type=csv
Path={TABLE}
Interval=100ms

[Metric pump.flow]
Direction=low

[Output log]
Type=file
Path={EVENTS}
"""
ROWS = 4_000
# Rows in which two or three columns leave their bands together, and those in which one does.
TOGETHER = [1_500, 1_501, 2_100, 2_101, 2_900, 2_901, 3_400]
ALONE = [1_800, 2_500, 3_100, 3_101]


def rows():
    """A pump: pressure follows the day, flow opposes it, its temperature has gaps."""
    chance = random.Random(7)
    start = datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)
    for index in range(ROWS):
        day = 10 * math.sin(2 * math.pi * index / 288)
        fault = 60 if index in TOGETHER else 0
        pressure = 50 + day + chance.gauss(0, 0.4) + fault
        flow = 80 - day + chance.gauss(0, 0.4) - fault
        temperature = 40 + day / 4 + chance.gauss(0, 0.2) + (25 if index in ALONE else 0)
        missing = 2_300 <= index < 2_340
        # Half a day is missing between two rows.
        at = start + datetime.timedelta(minutes=5 * index + (720 if index >= 2_700 else 0))
        yield (f"{at:%Y-%m-%dT%H:%M:%SZ},{pressure:.4f},{flow:.4f},"
               + ("" if missing else f"{temperature:.4f}"))


def notified(text):
    """The events of a file output: metric, beginning, opening and end of each, and their incidents."""
    events, incidents = {}, collections.defaultdict(set)
    for line in text.splitlines():
        step = json.loads(line)
        if step["kind"] != "event":
            continue
        events[step["id"]] = (step["metric"], step["began"], step["opened"], step["closed"])
        if step["incident"]:
            incidents[step["incident"]["id"]].update(
                member["id"] for member in step["incident"]["events"])
    joined = {member for members in incidents.values() for member in members}
    alone = [{identity} for identity in events if identity not in joined]
    return (sorted(events.values(), key=str),
            sorted(sorted(events[member][:3] for member in members)
                   for members in [*incidents.values(), *alone]))


def message(state, severity, explanation):
    """A message about an incident, without its id, which depends on the host."""
    return state, severity, re.sub(r"^incident [0-9a-f]{4}", "incident", explanation)


class Replayed:
    """A second daemon in the machine, beside the service."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.note = report.note

    def a_backtest_says_what_the_daemon_said(self):
        machine = self.machine
        machine.write("/srv/replayed/anomalyd.conf", CONFIGURATION)
        machine.write(TABLE, "time,pressure,flow,temperature\n" + "\n".join(rows()) + "\n")
        machine.run("systemd-run", f"--unit={UNIT}", "--property=Type=notify",
                    "--property=StateDirectory=anomalyd-replayed",
                    "--property=RuntimeDirectory=anomalyd-replayed",
                    "anomalyd", "--config", "/srv/replayed/anomalyd.conf",
                    "--state-directory", "/var/lib/anomalyd-replayed", "--socket", SOCKET)
        complete = eventually(lambda: all(
            metric["samples"] + metric["gaps"] >= ROWS
            for metric in machine.control("metrics", "--socket", SOCKET)), seconds=60)
        machine.run("systemctl", "stop", UNIT)
        self.check("the daemon reads every row of the recording", complete)
        live = machine.run("cat", EVENTS).stdout
        events, incidents = notified(live)

        lines = [json.loads(line) for line in machine.run(
            "anomalyctl", "backtest", "--json", "--config", "/srv/replayed/anomalyd.conf",
            TABLE).stdout.splitlines()]
        replayed = [line for line in lines if "metric" in line]
        self.check("a backtest has the same events, from their beginning to their end",
                   sorted(((event["metric"], event["began"], event["opened"], event["closed"])
                           for event in replayed), key=str) == events,
                   f"live {events}, backtest {replayed}")
        said = sorted(
            (incident["began"], incident["opened"], incident["events"], sorted(incident["metrics"]))
            for incident in (line["incident"] for line in lines if set(line) == {"incident"}))
        heard = sorted(
            (min(began for _, began, _ in members), min(opened for _, _, opened in members),
             len(members), sorted({metric for metric, _, _ in members})) for members in incidents)
        self.check("and the same incidents", said == heard, f"live {heard}, backtest {said}")
        self.note(f"{len(events)} events in {len(incidents)} incidents")
        end = lines[-1]["summary"]
        told = [message(step["state"], step["severity"], step["explanation"])
                for step in map(json.loads, live.splitlines()) if step["kind"] == "incident"]
        foretold = [message(step["state"], step["severity"], step["explanation"])
                    for step in sorted((step for line in lines if set(line) == {"incident"}
                                        for step in line["incident"]["messages"]),
                                       key=lambda step: step["at"])]
        # What is pending at the last row is reported later, by the clock.
        self.check("which outputs are notified of in the same words",
                   told and told == foretold[:len(told)] and len(foretold) - len(told) <= 2,
                   f"live {told}, backtest {foretold}")
        self.check("with fewer messages than events have steps",
                   len(foretold) == end["messages"] < end["event_messages"], end)
        self.check("some of which join several metrics",
                   any(len(metrics) > 1 for *_, metrics in heard) and len(incidents) < len(events),
                   heard)

    STEPS = [a_backtest_says_what_the_daemon_said]
