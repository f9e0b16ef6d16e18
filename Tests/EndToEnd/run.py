#!/usr/bin/env python3
"""End-to-end test: the installed service in a real systemd, as an administrator uses it.

Needs root and the release binaries (`make build`). KILLS is the number of times the processes are killed
while events stream through them (default 30). SANITIZER names the sanitizer that the programs in BINARIES=
were built with, see `make sanitize-e2e`. Prints one line per check and ends with
'N passed, N failed'. --keep leaves the machine up after a failure; inspect it with `boot run`.
"""

import argparse
import contextlib
import datetime
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import traceback

import temperatures
from attached import Attached
from completion import Completion
from confined import Confined, Personal
from culprits import Culprits
from delivery import ALERTMANAGER, RECEIVER, Delivery
from firsthour import FirstHour
from fleet import Fleet
from hostile import Farewell, FirstContact, Hostile
from machine import HERE, ROOT, STAGING, Machine, controllers, eventually
from models import Learnt
from packages import DIST, PACKAGES, RPM, RPMS, Packages, Tarball
from recipes import GUEST, Recipes
from replayed import Replayed
from strangers import Strangers
from torture import Torture
from watched import Watched

OPENED = "5070c381f7e24db49a24704f067d85f6"
INCIDENT_OPENED = "6dd6b884ec694492b1c2917eb9726dce"
INPUT_TROUBLE = "7b34532bd4a14855b8992eda5e31f57b"
CONFIGURATION_REFUSED = "c20dd2427e4e473a9252f6202f3ca294"
SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
EVENTS = "/var/log/anomalyd/events.jsonl"

CONFIGURATION = f"""\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T

# A budget per metric, as in a backtest, instead of a share of two alarms a day.
[Detector]
AlarmBudget=5000

[Input host]
Type=procfs
Interval=1s
Collectors=cpu swap disk network pressure processes

[Input machine]
Type=csv
Path=/srv/machine.csv
Interval=100ms

[Input unruly]
Type=csv
Path=/srv/unruly.csv
Interval=100ms

[Input forbidden]
Type=csv
Path=/srv/forbidden.csv
Interval=100ms

[Input elsewhere]
Type=procfs
Interval=200ms
RootPath=/srv/elsewhere
Collectors=load memory

[Input app]
Type=socket
FlushInterval=1s

[Output journal]
Type=journal

[Output log]
Type=file
Path={EVENTS}
"""

# Of sanitized programs: what their runtimes need, and reports that go to the journal. They are several times
# slower and larger.
SANITIZER = os.environ.get("SANITIZER", "")
SUPPRESSIONS = ROOT / "Tests/Sanitizers/thread.suppressions"
SANITIZED_USER_UNIT = f"""\
[Service]
Environment=ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1
Environment=TSAN_OPTIONS=report_signal_unsafe=0:suppressions=/etc/{SUPPRESSIONS.name}
Environment=SWIFT_BACKTRACE=enable=no
"""
SANITIZED_UNIT = SANITIZED_USER_UNIT + """\
MemoryHigh=infinity
MemoryMax=infinity
LockPersonality=no
SystemCallFilter=personality
"""
SANITIZER_REPORT = "AddressSanitizer|ThreadSanitizer|UndefinedBehaviorSanitizer|runtime error:"
PATIENCE = 20 if SANITIZER else 1  # seconds for a start and a stop
WATCHDOG = 1 + PATIENCE
# They check properties of the released programs only: how they are linked, how much memory they use, how fast
# they save.
RELEASED_ONLY = {"is_hardened", "is_given_time_to_save"}

# Restarts must not dominate the test's duration; everything else is the shipped unit.
UNIT_CHANGES = f"""\
[Unit]
StartLimitIntervalSec=0

[Service]
WatchdogSec={WATCHDOG}s
RestartSec=100ms
"""


class Report:
    """Counts checks and prints each of them."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, sentence, holds, found=None):
        if holds:
            self.passed += 1
            print(f"ok      {sentence}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {sentence}" + ("" if found is None else f" (found: {found})"),
                  flush=True)

    def skip(self, sentence, reason):
        self.skipped += 1
        print(f"skipped {sentence}: {reason}", flush=True)

    def note(self, text):
        print(f"        {text}", flush=True)


def instant(microseconds):
    """One of systemd's monotonic time stamps in seconds."""
    return int(microseconds) / 1e6


def row(index, value=None):
    """A row of a quiet, non-repeating series, one a minute."""
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    at = start + datetime.timedelta(minutes=index)
    if value is None:
        value = f"{50 + 5 * math.sin(index / 20) + math.sin(index * index):.4f}"
    return f"{at:%Y-%m-%dT%H:%M:%SZ},{value}\n"


class EndToEnd:
    """The life of one installation; each step builds on the previous ones."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.skip = report.skip
        self.note = report.note
        self.unruly_rows = 0

    # MARK: Helpers

    def process(self):
        number = int(self.machine.property("MainPID"))
        assert number != 0, "the daemon is not running"  # a signal to 0 would stop this test
        return number

    def add_rows(self, count):
        """Appends good rows to the unruly file and waits until they are samples."""
        rows = range(self.unruly_rows, self.unruly_rows + count)
        self.machine.append("/srv/unruly.csv", "".join(row(index) for index in rows))
        self.unruly_rows += count

    def unruly_samples(self):
        metric = self.machine.metric("unruly.value")
        return metric["samples"] if metric else 0

    def opened(self, metric):
        return self.machine.journal(f"MESSAGE_ID={OPENED}", f"ANOMALYD_METRIC={metric}")

    def restarted(self, restarts, process):
        return (
            int(self.machine.property("NRestarts")) > restarts
            and self.machine.property("ActiveState") == "active"
            and self.process() != process)

    # MARK: Steps

    def installs(self):
        machine = self.machine
        machine.install()
        machine.run("journalctl", "--update-catalog")
        users = machine.run("getent", "passwd", "anomalyd", check=False).stdout
        self.check("sysusers creates the daemon's user", "anomalyd" in users, users)
        verdict = machine.run(
            "systemd-analyze", "verify", "--man=no", "--recursive-errors=yes",
            "anomalyd.service", check=False)
        self.check("the unit has no unknown keys", verdict.returncode == 0, verdict.stderr)
        empty = machine.run("anomalyd", "--check", check=False)
        self.check("the shipped configuration is valid", empty.returncode == 0, empty.stdout)

        machine.write(f"{SNIPPETS}/test.conf", CONFIGURATION)
        machine.write("/etc/systemd/system/anomalyd.service.d/test.conf", UNIT_CHANGES)
        machine.write("/srv/unruly.csv", "timestamp,value\n")
        machine.write("/srv/forbidden.csv", "timestamp,value\n" + row(0) + row(1), mode="0000")
        machine.write("/srv/elsewhere/proc/meminfo", "MemTotal: much\nMemFree: 12 kB\n")
        # A separate disk for events, so that it can be filled.
        machine.run("mkdir", "-p", "/var/log/anomalyd")
        machine.run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", "/var/log/anomalyd")
        machine.run("systemctl", "daemon-reload")

    def starts(self):
        machine = self.machine
        machine.run("systemctl", "start", "anomalyd")
        self.check("start returns once the service is ready",
                   machine.property("ActiveState") == "active")
        delay = instant(machine.property("ActiveEnterTimestampMonotonic")) - instant(
            machine.property("ExecMainStartTimestampMonotonic"))
        self.note(f"ready {delay * 1000:.0f} ms after its process started")
        self.check("it is ready within a second, even on a busy machine", delay < PATIENCE, delay)
        text = machine.property("StatusText")
        self.check("systemctl status shows the number of metrics", "metrics" in text, text)
        user = machine.run("ps", "-o", "user=", "-p", str(self.process())).stdout.strip()
        self.check("it does not run as root", user == "anomalyd", user)
        self.check("the watchdog is active", machine.property("WatchdogUSec") == f"{WATCHDOG}s",
                   machine.property("WatchdogUSec"))

    def reports_its_status(self):
        machine = self.machine
        found = eventually(lambda: machine.input("host")["samples"] > 100 and machine.status())
        self.check("the host's metrics arrive", found and found["metrics"]["registered"] > 20,
                   found and found["metrics"])
        host = machine.input("host")
        self.check("the host's input is healthy", host["state"] == "ok", host)
        readable = machine.run("anomalyctl", "status").stdout
        self.check("the status is readable", "host" in readable and "machine" in readable,
                   readable)
        outsider = machine.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               "anomalyctl", "status", check=False)
        self.check("an unauthorised user is refused with a hint",
                   outsider.returncode == 1 and "anomalyd" in outsider.stderr, outsider.stderr)
        group = machine.run("getent", "group", "anomalyd").stdout.split(":")[2]
        member = machine.run("setpriv", "--reuid=65534", "--regid=65534", f"--groups={group}",
                             "anomalyctl", "status", check=False)
        self.check("a member of the group may read", member.returncode == 0, member.stderr)
        wrong = machine.run("anomalyctl", "show", "cpu.bussy", check=False)
        self.check("an unknown metric is an error", wrong.returncode == 1, wrong.stdout)

    def accepts_metrics_from_programs(self):
        machine = self.machine
        unprivileged = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        path = "/run/anomalyd/metrics.sock"
        machine.run(*unprivileged, "anomalyctl", "send", "--type", "counter", "jobs", "3")
        jobs = eventually(lambda: (found := machine.metric("app.jobs"))
                          and found["samples"] >= 2 and found)
        self.check("any user can send a metric with one line of shell",
                   jobs and jobs["value"] == 0, jobs)
        machine.run(*unprivileged, "perl", "-MIO::Socket::UNIX", "-e",
                    f'IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => "{path}")'
                    '->send("disk,name=a used=5.5")')
        disk = eventually(lambda: machine.metric("app.disk.used,name=a"))
        self.check("also without anomalyctl", disk and disk["value"] == 5.5, disk)
        machine.run(*unprivileged, "anomalyctl", "send", "--lines", data="nonsense\n")
        logged = eventually(lambda: [
            entry for entry in machine.journal(f"MESSAGE_ID={INPUT_TROUBLE}")
            if "nonsense" in entry["MESSAGE"]])
        self.check("the sender of a malformed line is logged",
                   logged and "user 65534" in logged[0]["MESSAGE"], logged)

    def finds_the_known_failure(self):
        machine = self.machine
        header, forward = temperatures.HEADER, list(temperatures.rows_forward())
        text = "\n".join([header, *temperatures.rows()]) + "\n"
        # Pieces end anywhere, mostly within a line, as if a program wrote while measuring.
        size = 8191
        pieces = [text[at:at + size] for at in range(0, len(text), size)]
        machine.write("/srv/machine.csv", "")
        killed_at = len(pieces) // 3
        for number, piece in enumerate(pieces):
            machine.append("/srv/machine.csv", piece)
            if number == killed_at:
                self.survives_a_kill()
        done = eventually(
            lambda: machine.metric("machine.value")["samples"] >= len(forward), seconds=60)
        metric, health = machine.metric("machine.value"), machine.input("machine")
        self.check("every row became a sample exactly once despite the crash",
                   done and metric["samples"] == len(forward),
                   f"{metric['samples']} samples of {len(forward)} rows")
        self.check("rows that go back in time are counted", health["malformed"] > 0, health)

        entries = self.opened("machine.value")
        times = sorted({entry["ANOMALYD_OPENED"] for entry in entries})
        self.note(f"events: {', '.join(times)}")
        for begin, end in temperatures.WINDOWS:
            self.check(f"the machine's failure raises an event: {begin[:10]}..{end[:10]}",
                       any(begin <= at <= end for at in times), times)
        self.check("few others", len(times) <= 25, len(times))
        ids = {entry["ANOMALYD_EVENT_ID"] for entry in entries}
        self.check("an event repeated after the crash keeps its id", len(ids) == len(times),
                   f"{len(ids)} ids of {len(times)} events")
        self.has_all_fields(entries[0])
        self.wrote_json_lines(ids)
        self.agrees_with_backtest(text, entries)

    def survives_a_kill(self):
        machine = self.machine
        saved = eventually(lambda: machine.status()["checkpoint"]["lastAt"])
        self.check("its state is saved while it is running", saved, machine.status()["checkpoint"])
        eventually(lambda: machine.metric("machine.value")["state"] != "warming")
        before, restarts = machine.metric("machine.value"), int(machine.property("NRestarts"))
        fed = machine.status()["now"]
        self.check("a checkpoint holds what was fed",
                   eventually(lambda: machine.status()["checkpoint"]["lastAt"] > fed))
        process = self.process()
        machine.run("kill", "-KILL", str(process))
        back = eventually(lambda: self.restarted(restarts, process))
        self.check("systemd restarts it after SIGKILL", back)
        after = eventually(lambda: machine.metric("machine.value"))
        self.check("its metrics are still warm",
                   before["state"] != "warming" and after["state"] != "warming", after)
        self.check("their sample counts continue",
                   after["samples"] >= before["samples"] > 1000,
                   f"{before['samples']} before, {after['samples']} after")

    def has_all_fields(self, entry):
        names = ["EVENT_ID", "METRIC", "STATE", "SEVERITY", "DIRECTION", "SINCE", "OPENED", "VALUE", "EXPECTED",
                 "LOWER", "UPPER", "SCORE", "PEAK_VALUE", "REASON"]
        missing = [name for name in names if not entry.get(f"ANOMALYD_{name}")]
        self.check("an event in the journal has all its fields", not missing, missing)
        self.check("it comes from the unit", entry.get("_SYSTEMD_UNIT") == "anomalyd.service",
                   entry.get("_SYSTEMD_UNIT"))
        explained = self.machine.run(
            "journalctl", "--catalog", "--no-pager", f"ANOMALYD_EVENT_ID={entry['ANOMALYD_EVENT_ID']}",
            f"MESSAGE_ID={OPENED}").stdout
        self.check("journalctl -x explains it",
                   "has behaved unusually since" in explained
                   and entry["ANOMALYD_SINCE"] in explained, explained[:500])

    def wrote_json_lines(self, ids):
        text = self.machine.run("cat", EVENTS).stdout
        events = [json.loads(line) for line in text.splitlines()]
        found = {event["id"] for event in events
                 if event["kind"] == "event" and event["metric"] == "machine.value"}
        self.check("the file has the same events as the journal", found == ids,
                   f"{len(found)} and {len(ids)}")
        told = {incident["id"]: incident for incident in events
                if incident["kind"] == "incident" and incident["metric"] == "machine.value"}
        journal = self.machine.journal(f"MESSAGE_ID={INCIDENT_OPENED}", "ANOMALYD_METRIC=machine.value")
        self.check("and the same incidents, each opened once despite the crash",
                   sorted(entry["ANOMALYD_INCIDENT_ID"] for entry in journal) == sorted(told), len(told))
        self.check("an incident of one metric reads as its event",
                   any(entry["MESSAGE"].startswith("machine.value ") for entry in journal), journal[:1])
        self.check("its severity is its priority, its events follow at 6",
                   all(int(entry["PRIORITY"]) <= 5 for entry in journal)
                   and all(entry["PRIORITY"] == "6" for entry in self.opened("machine.value")))

    def agrees_with_backtest(self, text, entries):
        """All rows as the daemon received them, including those that go back in time."""
        machine = self.machine
        machine.write("/srv/recorded/machine.csv", text)
        result = machine.run("anomalyctl", "backtest", "--json", "--config",
                             "/etc/anomalyd/anomalyd.conf", "/srv/recorded/machine.csv")
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        recorded = sorted({(event["metric"], event["opened"]) for event in lines
                           if "opened" in event})
        live = sorted({("machine.value", entry["ANOMALYD_OPENED"]) for entry in entries})
        self.check("a backtest finds the same events", recorded == live,
                   f"backtest {recorded}, live {live}")

    def restarts_when_it_hangs(self):
        machine = self.machine
        restarts, process = int(machine.property("NRestarts")), self.process()
        machine.run("kill", "-STOP", str(process))
        begin = time.monotonic()
        back = eventually(lambda: self.restarted(restarts, process), seconds=11 + 2 * WATCHDOG)
        self.check("the watchdog restarts a daemon that hangs", back)
        self.note(f"after {time.monotonic() - begin:.1f} s")
        logged = [entry.get("MESSAGE", "") for entry in machine.journal("UNIT=anomalyd.service")]
        self.check("systemd reports that it was the watchdog",
                   any("atchdog timeout" in message for message in logged), logged[-3:])

    def reloads(self):
        machine = self.machine
        process = self.process()
        machine.write("/srv/late.csv", "timestamp,value\n" + row(0) + row(1) + row(2))
        machine.write(f"{SNIPPETS}/late.conf",
                      "[Input late]\nType=csv\nPath=/srv/late.csv\nInterval=100ms\n")
        machine.run("systemctl", "reload", "anomalyd")
        found = eventually(lambda: machine.metric("late.value")["samples"] >= 3)
        self.check("a reload starts a new input", found)
        reload = machine.status()["configuration"]["lastReload"]
        self.check("the status shows that it succeeded", reload["succeeded"], reload)

        machine.write(f"{SNIPPETS}/zz-bad.conf", "[Input late]\nInterval=soon\n")
        verdict = machine.run("anomalyd", "--check", check=False)
        self.check("--check exits with 78 on an invalid configuration", verdict.returncode == 78,
                   verdict.returncode)
        self.check("and reports file, line and key",
                   "zz-bad.conf:2" in verdict.stdout + verdict.stderr
                   and "Interval" in verdict.stdout + verdict.stderr, verdict.stdout)
        failed = machine.run("systemctl", "reload", "anomalyd", check=False)
        self.check("systemctl reload fails with it as well", failed.returncode != 0)
        refused = eventually(lambda: not machine.status()["configuration"]["lastReload"]["succeeded"])
        self.check("an invalid configuration is refused", refused)
        reload = machine.status()["configuration"]["lastReload"]
        self.check("the status shows file and line", "zz-bad.conf:2" in " ".join(reload["errors"]),
                   reload)
        self.check("the journal contains it", machine.journal(f"MESSAGE_ID={CONFIGURATION_REFUSED}"))
        machine.append("/srv/late.csv", row(3))
        self.check("the old configuration stays in force",
                   eventually(lambda: machine.metric("late.value")["samples"] >= 4))
        self.check("no reload has restarted it", self.process() == process)

        # The same on startup, where there is no old configuration to keep.
        failed = machine.run("systemctl", "restart", "anomalyd", check=False)
        state = machine.property("ActiveState")
        self.check("it does not start with an invalid configuration, and is not retried",
                   failed.returncode != 0 and state == "failed", state)
        machine.run("rm", f"{SNIPPETS}/zz-bad.conf")
        machine.run("systemctl", "reset-failed", "anomalyd")
        machine.run("systemctl", "start", "anomalyd")
        self.check("it starts once the file is fixed",
                   eventually(lambda: machine.metric("late.value")["samples"] >= 4))

    def tolerates_bad_lines(self):
        machine = self.machine
        process = self.process()
        self.add_rows(30)
        count = eventually(lambda: self.unruly_samples() == 30)
        self.check("good rows become samples", count, self.unruly_samples())

        at = row(30, "")[:-2]
        self.check("an unfinished last line is read",
                   machine.append_until_read("/srv/unruly.csv", at + ",4"))
        self.check("and waits for its end", self.unruly_samples() == 30,
                   self.unruly_samples())
        malformed = machine.input("unruly")["malformed"]
        machine.append("/srv/unruly.csv", "9.5\n")
        self.unruly_rows = 31
        self.check("and is then read", eventually(lambda: self.unruly_samples() == 31))
        self.check("without being counted as malformed",
                   machine.input("unruly")["malformed"] == malformed)
        newest = machine.metric("unruly.value")["value"]
        self.check("with the right value", newest == 49.5, newest)

        resident = machine.status()["resources"]["residentBytes"]
        # A row with a bad cell still counts as a row: its time has passed.
        for name, bad in [
            ("a NUL byte", b"AT,5\x000\n"),
            ("a line of 10 MB", b"9" * 10_000_000 + b"\n"),
            ("text in a number cell", b"AT,warm\n"),
            ("an invalid time stamp", b"yesterday,50\n"),
            ("time that goes backwards", row(3).encode()),
            ("one column too many", b"AT,50,51\n"),
            ("one column too few", b"AT\n"),
        ]:
            due = row(self.unruly_rows, "")[:-2]
            self.unruly_rows += 1 if bad.endswith(b"warm\n") else 0
            self.tolerates(name, bad.replace(b"AT", due.encode()))
        grown = machine.status()["resources"]["residentBytes"] - resident
        self.note(f"grown by {grown / 1e6:.1f} MB")
        if not SANITIZER:
            self.check("a line of 10 MB is not kept in memory", grown < 4_000_000, grown)
        self.check("the daemon has not restarted", self.process() == process)
        self.check("no other input complained", machine.input("late")["malformed"] == 0)
        host = machine.input("host")
        self.check("the host is still watched",
                   eventually(lambda: machine.input("host")["samples"] > host["samples"]))

    def tolerates(self, name, bad):
        machine = self.machine
        before = machine.input("unruly")
        machine.append("/srv/unruly.csv", bad)
        self.add_rows(1)

        def taken():
            now = machine.input("unruly")
            counted = now["malformed"] + now["gaps"] > before["malformed"] + before["gaps"]
            return counted and self.unruly_last() == self.unruly_rows and now
        found = eventually(taken)
        self.check(f"{name} is counted, and the next row is a sample", found,
                   machine.input("unruly"))
        error = machine.input("unruly").get("lastError", "")
        self.check(f"{name} is reported with file and line", "unruly.csv" in error, error)

    def unruly_last(self):
        """One more than the index of the newest delivered row."""
        seen = self.machine.metric("unruly.value")["lastSeen"]
        start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        at = datetime.datetime.fromisoformat(seen.replace("Z", "+00:00"))
        return round((at - start).total_seconds() / 60) + 1

    def tolerates_unreadable_files(self):
        machine = self.machine
        forbidden = machine.input("forbidden")
        self.check("an unreadable file makes its input unhealthy",
                   forbidden["state"] == "failing" and "forbidden.csv" in (forbidden.get("lastError", "")),
                   forbidden)
        machine.run("chmod", "0644", "/srv/forbidden.csv")
        found = eventually(lambda: machine.input("forbidden")["samples"] >= 2
                           and machine.input("forbidden")["state"] in ("ok", "degraded"))
        self.check("and is read as soon as permitted", found, machine.input("forbidden"))

        elsewhere = machine.input("elsewhere")
        self.check("a garbled file of /proc is counted", elsewhere["malformed"] > 0, elsewhere)
        logged = [entry["MESSAGE"] for entry in machine.journal(f"MESSAGE_ID={INPUT_TROUBLE}")]
        for file in "meminfo", "loadavg":
            self.check(f"{file}, garbled or missing, is reported once with what is expected",
                       any(f"elsewhere/proc/{file}" in text and "expected" in text
                           for text in logged), logged)
        self.check("the valid part of the garbled file is used", machine.metric("memory.free_bytes"),
                   machine.control("metrics", "memory.*"))
        machine.write("/srv/elsewhere/proc/loadavg", "0.10 0.20 0.30 1/100 1000\n")
        self.check("the missing file is read as soon as it exists",
                   eventually(lambda: machine.control("metrics", "load.*")))

    def follows_log_rotation(self):
        machine = self.machine
        machine.run("mv", EVENTS, f"{EVENTS}.1")
        machine.run("systemctl", "reload", "anomalyd")
        self.check("a reload reopens the event file", eventually(
            lambda: machine.run("test", "-e", EVENTS, check=False).returncode == 0))

    def tolerates_a_full_disk(self):
        machine = self.machine
        # The event file has been empty since the rotation, so it does not even have a partial page left.
        machine.run("dd", "if=/dev/zero", "of=/var/log/anomalyd/filler", "bs=4k", "status=none",
                    check=False)
        self.add_rows(500)
        eventually(lambda: self.unruly_last() == self.unruly_rows)
        index = self.unruly_rows
        machine.append("/srv/unruly.csv",
                       "".join(row(index + step, str(400 + step)) for step in range(3)))
        self.unruly_rows += 3
        self.check("an outlier opens an event",
                   eventually(lambda: self.opened("unruly.value")), machine.metric("unruly.value"))
        log = eventually(lambda: machine.output("log")["failed"] > 0 and machine.output("log"))
        self.check("a full disk is counted, and the event waits",
                   log and log["queued"] > 0 and not log["healthy"], machine.output("log"))
        self.check("the reason is reported", "space" in (machine.output("log").get("lastError", "")),
                   machine.output("log"))
        machine.run("rm", "/var/log/anomalyd/filler")
        found = eventually(lambda: machine.output("log")["queued"] == 0)
        self.check("once there is space, the queued event is written", found, machine.output("log"))
        text = machine.run("cat", EVENTS).stdout
        events = [json.loads(line) for line in text.splitlines()]
        self.check("complete, as JSON", any(event["metric"] == "unruly.value" for event in events))

    def stops(self):
        machine = self.machine
        eventually(lambda: self.unruly_last() == self.unruly_rows)
        before = machine.metric("unruly.value")
        spent = instant(machine.property("CPUUsageNSec")) / 1e3
        resident = machine.status()["resources"]["residentBytes"]
        self.note(f"{resident / 1e6:.1f} MB resident, {spent:.2f} s of CPU since the last start")
        machine.run("systemctl", "stop", "anomalyd")
        logged = {}  # systemd unloads the unit itself once it is stopped
        for entry in machine.journal("UNIT=anomalyd.service"):
            logged[entry["MESSAGE"].split(" ", 1)[0]] = entry
            logged[entry["MESSAGE"].split(": ", 1)[-1]] = entry
        ended = logged.get("Deactivated successfully.", {"__MONOTONIC_TIMESTAMP": "inf"})
        took = (float(ended["__MONOTONIC_TIMESTAMP"])
                - float(logged["Stopping"]["__MONOTONIC_TIMESTAMP"])) / 1e6
        self.note(f"ended {took * 1000:.0f} ms after SIGTERM")
        self.check("SIGTERM ends it cleanly and within a second", 0 < took < PATIENCE, took)
        machine.run("systemctl", "start", "anomalyd")
        after = eventually(lambda: machine.metric("unruly.value"))
        self.check("after the next start the state is unchanged",
                   after and after["samples"] == before["samples"]
                   and after["score"] == before["score"]
                   and after["expected"] == before["expected"], f"{before} {after}")
        machine.run("systemctl", "stop", "anomalyd")

    STEPS = [
        installs, starts, reports_its_status, accepts_metrics_from_programs, finds_the_known_failure,
        restarts_when_it_hangs,
        reloads, tolerates_bad_lines, tolerates_unreadable_files,
        follows_log_rotation, tolerates_a_full_disk, stops,
    ]


def stage():
    """Runs `make install` into a staging directory."""
    shutil.rmtree(STAGING, ignore_errors=True)
    subprocess.run(
        ["make", "--no-print-directory", "install", f"DESTDIR={STAGING}"], cwd=ROOT, check=True,
        stdout=subprocess.DEVNULL)


def run(stories, shown, report, options, is_hybrid=False):
    """Runs the steps of `stories`, each a class, on their own machine."""
    steps = [(story, step) for story in stories for step in story.STEPS
             if (not options.only or step.__name__ in options.only)
             and not (SANITIZER and step.__name__ in RELEASED_ONLY)]
    if not steps:
        return
    failed = report.failed
    with Machine(shown=shown, is_hybrid=is_hybrid) as machine, contextlib.ExitStack() as stack:
        tests = {story: story(machine, report) for story in stories}
        if SANITIZER:
            machine.write(f"/etc/{SUPPRESSIONS.name}", SUPPRESSIONS.read_text())
            for unit in "anomalyd", "anomalyd-webhook":
                machine.write(f"/etc/systemd/system/{unit}.service.d/sanitizer.conf", SANITIZED_UNIT)
                machine.write(f"/etc/systemd/user/{unit}.service.d/sanitizer.conf", SANITIZED_USER_UNIT)
        for test in tests.values():
            if hasattr(test, "close"):
                stack.callback(test.close)
        run_steps(machine, [(tests[story], step) for story, step in steps], report)
        if SANITIZER:
            found = machine.run("journalctl", "--no-pager", "--output=cat",
                                f"--grep={SANITIZER_REPORT}", check=False).stdout
            report.check(f"the {SANITIZER} sanitizer reports nothing", found == "", found[:2000])
        if options.keep and report.failed > failed:
            print(f"the machine is up: BOOT_STATE={machine.environment['BOOT_STATE']} "
                  f"{HERE}/boot run bash; press return to end it")
            input()


def run_steps(machine, steps, report):
    failed = report.failed
    for story, step in steps:
        print(f"-- {step.__name__.replace('_', ' ')}", flush=True)
        try:
            step(story)
        except Exception as error:  # noqa: BLE001 - a broken step is a failure, but does not end the run
            traceback.print_exc()
            report.check(f"{step.__name__.replace('_', ' ')} runs to its end", False, error)
    if report.failed > failed:
        print("-- the daemon's last log lines", flush=True)
        print(machine.run("journalctl", "--unit=anomalyd*", "--lines=60", "--no-pager",
                          check=False).stdout, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the machine up on failure")
    parser.add_argument("--only", nargs="+", metavar="STEP",
                        help="run only these steps, by their printed names")
    options = parser.parse_args()
    options.only = {word.replace("-", "_") for word in options.only or []}
    report = Report()
    if os.geteuid() != 0:
        sys.exit("run.py: a real systemd can only be started as root; run this with sudo")
    # Terminating the test also terminates its machine.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stage()
    shown = [STAGING, HERE, RECEIVER] + [path for path in (ALERTMANAGER, GUEST) if path.exists()]
    service = [FirstContact, EndToEnd, Completion, Hostile, Replayed, Delivery, FirstHour, Learnt, Attached,
               Watched, Confined, Personal, Recipes, Strangers, Farewell]
    run(service, shown, report, options)
    accounted = controllers(2)
    run([Culprits], shown, report, options, is_hybrid=not {"io", "memory"} <= accounted)
    run([Torture], shown, report, options)
    run([Fleet], shown, report, options)
    if not SANITIZER:  # packages contain the released programs
        run([Packages, Tarball, RPM], [PACKAGES, DIST, RPMS], report, options)
    closing = f"{report.passed} passed, {report.failed} failed"
    print(closing + (f", {report.skipped} skipped" if report.skipped else ""))
    # Only packages from Debian's archive may be missing, and controllers that this host lacks.
    known = (0 if ALERTMANAGER.exists() else 2) + (0 if (GUEST / "complete").exists() else 2) + 2 - len(
        {"io", "memory"} & (accounted | controllers(1)))
    if report.skipped > known:
        print(f"{report.skipped} checks skipped, {known} are known to")
    sys.exit(1 if report.failed or report.skipped > known else 0)


if __name__ == "__main__":
    main()
