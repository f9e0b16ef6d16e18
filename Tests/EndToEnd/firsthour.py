"""The first minutes on a new host, and events after damage to state files."""

import datetime
import os

from machine import eventually

SNIPPET = "/etc/anomalyd/anomalyd.conf.d/test.conf"
STATE = "/var/lib/anomalyd"
OPENED = "5070c381f7e24db49a24704f067d85f6"
INCIDENT_OPENED = "6dd6b884ec694492b1c2917eb9726dce"

CONFIGURATION = """\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T

[Input host]
Type=procfs
Interval=1s
IncludeFilesystems=/srv/full

[Input ranged]
Type=csv
Path=/srv/ranged.csv
Interval=100ms

[Metric ranged.*]
Range=..10
HoldOff=0

[Output journal]
Type=journal
"""


class FirstHour:
    """A daemon that has never run before, on a host in trouble."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.note = report.note
        self.rows = 0

    def opened(self, metric):
        return self.machine.journal(f"MESSAGE_ID={OPENED}", f"ANOMALYD_METRIC={metric}")

    def log(self, text):
        """Log lines of the daemon's current run that contain a text."""
        invocation = self.machine.property("InvocationID")
        return [entry["MESSAGE"] for entry in self.machine.journal(f"_SYSTEMD_INVOCATION_ID={invocation}")
                if text in entry["MESSAGE"]]

    def add(self, value):
        at = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=self.rows)
        self.rows += 1
        self.machine.append("/srv/ranged.csv", f"{at:%Y-%m-%dT%H:%M:%SZ},{value}\n")

    def open_events(self):
        return [event["event"]["metric"] for event in self.machine.control("events", "--open")]

    # MARK: Steps

    def judges_from_the_first_minute(self):
        machine = self.machine
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("sh", "-c", f"rm -rf {STATE}/*; mkdir -p /srv/full")
        machine.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/srv/full")
        machine.run("sh", "-c", "head -c 1020k /dev/zero >/srv/full/filler")
        machine.write(SNIPPET, CONFIGURATION)
        machine.write("/srv/ranged.csv", "timestamp,value\n")
        burners = "".join("timeout 70 sh -c 'while :; do :; done' >/dev/null 2>&1 & "
                          for _ in range(os.cpu_count() * 2))
        machine.run("sh", "-c", burners)
        machine.run("systemctl", "start", "anomalyd")
        first = eventually(lambda: self.log("; learning for "))
        self.check("the first log line says how long learning takes",
                   first and "5 min" in first[0], first)
        self.check("systemctl status says when it is over",
                   eventually(lambda: "ready in" in machine.property("StatusText")),
                   machine.property("StatusText"))
        full = eventually(lambda: self.opened("filesystem./srv/full.used_ratio"), seconds=40)
        self.check("a full filesystem is reported within the first minute",
                   full and "the filesystem is nearly full" in full[0]["MESSAGE"], full)
        busy = eventually(lambda: self.opened("cpu.busy"), seconds=30)
        self.check("so are saturated processors",
                   busy and "the processors are saturated" in busy[0]["MESSAGE"], busy)
        reasons = {entry.get("ANOMALYD_REASON") for entry in self.machine.journal(f"MESSAGE_ID={OPENED}")
                   if entry["ANOMALYD_METRIC"].startswith("filesystem./srv/full")}
        self.check("by built-in limits, not by what was learnt", reasons == {"host_limit"}, reasons)

    def notifies_of_incidents(self):
        machine = self.machine
        run = f"_SYSTEMD_INVOCATION_ID={machine.property('InvocationID')}"
        metric = "filesystem./srv/full.used_ratio"
        told = eventually(lambda: machine.journal(
            run, f"MESSAGE_ID={INCIDENT_OPENED}", f"ANOMALYD_METRIC={metric}"), seconds=30)
        self.check("an incident is led by what is severe",
                   told and len(told) == 1 and told[0]["PRIORITY"] in "23", told)
        identity = told[0]["ANOMALYD_INCIDENT_ID"]
        members = machine.journal(run, f"MESSAGE_ID={OPENED}", f"ANOMALYD_INCIDENT_ID={identity}")
        self.check("what opens together belongs to it", len(members) > 1, members)
        listed = [one for one in machine.control("incidents", "--lines", "0") if one["id"] == identity]
        self.check("anomalyctl incidents lists it", len(listed) == 1, listed)
        self.check("with the words of the latest message", "/srv/full" in listed[0]["sentence"]
                   and "filesystem /srv/full" in listed[0]["subsystems"], listed)
        shown = machine.run("anomalyctl", "incidents", identity[-12:]).stdout
        self.check("and shows it with its events",
                   identity in shown and "filesystem./srv/full.used_ratio" in shown, shown)
        self.check("anomalyctl status says it first",
                   "Incidents" in machine.run("anomalyctl", "status").stdout.splitlines()[2])
        reply = machine.run("anomalyctl", "feedback", identity, "--false-alarm", check=False)
        self.check("feedback on it reaches its events",
                   reply.returncode == 0 and len(reply.stdout.splitlines()) > 1, reply.stdout)
        machine.run("anomalyctl", "feedback", identity, "--withdraw")

    def reconciles_a_damaged_history(self):
        machine = self.machine
        full = "filesystem./srv/full.used_ratio"
        self.add(50)
        self.check("a value beyond Range= opens an event",
                   eventually(lambda: "ranged.value" in self.open_events()), self.open_events())
        size = machine.run("sh", "-c", f"stat -c %s {STATE}/events-*").stdout.split()[-1]
        self.add(5)
        self.check("which closes with the next good value",
                   eventually(lambda: "ranged.value" not in self.open_events()), self.open_events())
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("sh", "-c", f"truncate -s {size} $(ls {STATE}/events-* | tail -1)")
        machine.run("systemctl", "start", "anomalyd")
        self.check("a lost end of the history is noticed",
                   eventually(lambda: self.log("the event history ends before the saved state")),
                   self.log("history"))
        self.check("an event that it shows as open, but that is over, is closed",
                   eventually(lambda: self.open_events() == [full] or "ranged.value"
                              not in self.open_events()), self.open_events())
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("sh", "-c", f"truncate -s 8 {STATE}/events-*")
        machine.run("systemctl", "start", "anomalyd")
        self.check("a history cut to 8 bytes is reported",
                   eventually(lambda: self.log("expected the header of an event history")), self.log("history"))
        kept = machine.run("sh", "-c", f"ls {STATE}").stdout
        self.check("and kept aside", ".damaged" in kept, kept)
        self.check("open events that it lost are recorded again",
                   eventually(lambda: full in self.open_events()), self.open_events())

    def closes_what_has_no_reason(self):
        machine = self.machine
        self.add(50)
        eventually(lambda: "ranged.value" in self.open_events())
        machine.write(SNIPPET, CONFIGURATION.replace("Range=..10\n", ""))
        machine.run("systemctl", "reload", "anomalyd")
        self.check("an event whose Range= is removed is closed",
                   eventually(lambda: "ranged.value" not in self.open_events()), self.open_events())
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("umount", "/srv/full")

    STEPS = [judges_from_the_first_minute, notifies_of_incidents, reconciles_a_damaged_history, closes_what_has_no_reason]
