#!/usr/bin/env python3
"""End-to-end test: the installed service in a real systemd, as an administrator meets it.

Needs root and the release binaries (`make build`). KILLS says how often the processes are killed while
events stream through them (default 30). Prints one line a check and closes with
'N passed, N failed'. --keep leaves the machine up after a failure; `boot run` then looks inside.
"""

import argparse
import datetime
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

import temperatures
from delivery import ALERTMANAGER, RECEIVER, Delivery
from machine import HERE, ROOT, Machine, eventually

STAGING = ROOT / ".build" / "e2e"
OPENED = "5070c381f7e24db49a24704f067d85f6"
INPUT_TROUBLE = "7b34532bd4a14855b8992eda5e31f57b"
CONFIGURATION_REFUSED = "c20dd2427e4e473a9252f6202f3ca294"
SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
EVENTS = "/var/log/anomalyd/events.jsonl"

CONFIGURATION = f"""\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T

# Each metric by itself, as a backtest judges it, and not as a share of two alarms a day.
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

# Restarts must not be the slow part of the test; everything else is the shipped unit.
UNIT_CHANGES = """\
[Unit]
StartLimitIntervalSec=0

[Service]
WatchdogSec=2s
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
    """Seconds of one of systemd's monotonic time stamps."""
    return int(microseconds) / 1e6


def row(index, value=None):
    """A row of a quiet series, one a minute, that never repeats itself."""
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    at = start + datetime.timedelta(minutes=index)
    if value is None:
        value = f"{50 + 5 * math.sin(index / 20) + math.sin(index * index):.4f}"
    return f"{at:%Y-%m-%dT%H:%M:%SZ},{value}\n"


class EndToEnd:
    """The story of one installation; each step builds on those before."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.skip = report.skip
        self.note = report.note
        self.unruly_rows = 0

    # MARK: Helpers

    def process(self):
        number = int(self.machine.property("MainPID"))
        assert number != 0, "the daemon does not run"  # a signal to 0 would stop this test
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
        machine.run("cp", "-a", f"{STAGING}/.", "/")
        machine.run("systemd-sysusers")
        machine.run("systemd-tmpfiles", "--create", "anomalyd.conf")
        machine.run("journalctl", "--update-catalog")
        users = machine.run("getent", "passwd", "anomalyd", check=False).stdout
        self.check("sysusers makes the daemon's user", "anomalyd" in users, users)
        verdict = machine.run(
            "systemd-analyze", "verify", "--man=no", "--recursive-errors=yes",
            "anomalyd.service", check=False)
        self.check("the unit has no unknown keys", verdict.returncode == 0, verdict.stderr)
        empty = machine.run("anomalyd", "--check", check=False)
        self.check("the shipped configuration is good", empty.returncode == 0, empty.stdout)

        machine.write(f"{SNIPPETS}/test.conf", CONFIGURATION)
        machine.write("/etc/systemd/system/anomalyd.service.d/test.conf", UNIT_CHANGES)
        machine.write("/srv/unruly.csv", "timestamp,value\n")
        machine.write("/srv/forbidden.csv", "timestamp,value\n" + row(0) + row(1), mode="0000")
        machine.write("/srv/elsewhere/proc/meminfo", "MemTotal: much\nMemFree: 12 kB\n")
        # A disk of its own for events, so that it can be full.
        machine.run("mkdir", "-p", "/var/log/anomalyd")
        machine.run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", "/var/log/anomalyd")
        machine.run("systemctl", "daemon-reload")

    def starts(self):
        machine = self.machine
        machine.run("systemctl", "start", "anomalyd")
        self.check("start returns when the service is ready",
                   machine.property("ActiveState") == "active")
        delay = instant(machine.property("ActiveEnterTimestampMonotonic")) - instant(
            machine.property("ExecMainStartTimestampMonotonic"))
        self.note(f"ready {delay * 1000:.0f} ms after its process began")
        self.check("it is ready within a second, however busy the machine", delay < 1, delay)
        text = machine.property("StatusText")
        self.check("systemctl status tells the number of metrics", "metrics" in text, text)
        user = machine.run("ps", "-o", "user=", "-p", str(self.process())).stdout.strip()
        self.check("it does not run as root", user == "anomalyd", user)
        self.check("it is under watch", machine.property("WatchdogUSec") == "2s",
                   machine.property("WatchdogUSec"))

    def tells_its_status(self):
        machine = self.machine
        found = eventually(lambda: machine.input("host")["samples"] > 100 and machine.status())
        self.check("the host's metrics arrive", found and found["metrics"]["registered"] > 20,
                   found and found["metrics"])
        host = machine.input("host")
        self.check("the host's input is healthy", host["state"] == "ok", host)
        readable = machine.run("anomalyctl", "status").stdout
        self.check("people can read the status", "host" in readable and "machine" in readable,
                   readable)
        stranger = machine.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               "anomalyctl", "status", check=False)
        self.check("a stranger is refused and told how to be admitted",
                   stranger.returncode == 1 and "anomalyd" in stranger.stderr, stranger.stderr)
        group = machine.run("getent", "group", "anomalyd").stdout.split(":")[2]
        member = machine.run("setpriv", "--reuid=65534", "--regid=65534", f"--groups={group}",
                             "anomalyctl", "status", check=False)
        self.check("a member of the group may read", member.returncode == 0, member.stderr)
        wrong = machine.run("anomalyctl", "show", "cpu.bussy", check=False)
        self.check("a metric that is not there is an error", wrong.returncode == 1, wrong.stdout)

    def takes_what_programs_send(self):
        machine = self.machine
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        path = "/run/anomalyd/metrics.sock"
        machine.run(*nobody, "anomalyctl", "send", "--type", "counter", "jobs", "3")
        jobs = eventually(lambda: (found := machine.metric("app.jobs"))
                          and found["samples"] >= 2 and found)
        self.check("everybody can hand over a metric with one line of shell",
                   jobs and jobs["value"] == 0, jobs)
        machine.run(*nobody, "perl", "-MIO::Socket::UNIX", "-e",
                    f'IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => "{path}")'
                    '->send("disk,name=a used=5.5")')
        disk = eventually(lambda: machine.metric("app.disk.used,name=a"))
        self.check("also without anomalyctl", disk and disk["value"] == 5.5, disk)
        machine.run(*nobody, "anomalyctl", "send", "--lines", data="nonsense\n")
        told = eventually(lambda: [
            entry for entry in machine.journal(f"MESSAGE_ID={INPUT_TROUBLE}")
            if "nonsense" in entry["MESSAGE"]])
        self.check("who sends nonsense is told of",
                   told and "user 65534" in told[0]["MESSAGE"], told)

    def finds_the_known_failure(self):
        machine = self.machine
        header, forward = temperatures.HEADER, list(temperatures.rows_forward())
        text = "\n".join([header, *temperatures.rows()]) + "\n"
        # Pieces end anywhere, mostly inside a line, as with a program that writes as it measures.
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
        self.check("every row became a sample once, the crash notwithstanding",
                   done and metric["samples"] == len(forward),
                   f"{metric['samples']} samples of {len(forward)} rows")
        self.check("rows that run back in time are counted", health["malformed"] > 0, health)

        entries = self.opened("machine.value")
        times = sorted({entry["ANOMALYD_OPENED"] for entry in entries})
        self.note(f"events: {', '.join(times)}")
        for begin, end in temperatures.WINDOWS:
            self.check(f"the machine's failure raises an event: {begin[:10]}..{end[:10]}",
                       any(begin <= at <= end for at in times), times)
        self.check("few others", len(times) <= 25, len(times))
        ids = {entry["ANOMALYD_EVENT_ID"] for entry in entries}
        self.check("an event told again after the crash has the id it had", len(ids) == len(times),
                   f"{len(ids)} ids of {len(times)} events")
        self.has_all_fields(entries[0])
        self.wrote_json_lines(ids)
        self.agrees_with_backtest(header, forward, times)

    def survives_a_kill(self):
        machine = self.machine
        saved = eventually(lambda: machine.status()["checkpoint"]["lastAt"])
        self.check("its state is saved while it runs", saved, machine.status()["checkpoint"])
        eventually(lambda: machine.metric("machine.value")["state"] != "warming")
        before, restarts = machine.metric("machine.value"), int(machine.property("NRestarts"))
        fed = machine.status()["now"]
        self.check("a checkpoint holds what was fed",
                   eventually(lambda: machine.status()["checkpoint"]["lastAt"] > fed))
        process = self.process()
        machine.run("kill", "-KILL", str(process))
        back = eventually(lambda: self.restarted(restarts, process))
        self.check("systemd starts it again after SIGKILL", back)
        after = eventually(lambda: machine.metric("machine.value"))
        self.check("its metrics are still warm",
                   before["state"] != "warming" and after["state"] != "warming", after)
        self.check("their samples go on from where they were",
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
                   "behaves as it has not behaved before" in explained
                   and entry["ANOMALYD_SINCE"] in explained, explained[:500])

    def wrote_json_lines(self, ids):
        text = self.machine.run("cat", EVENTS).stdout
        events = [json.loads(line) for line in text.splitlines()]
        found = {event["id"] for event in events if event["metric"] == "machine.value"}
        self.check("the file has the events that the journal has", found == ids,
                   f"{len(found)} and {len(ids)}")

    def agrees_with_backtest(self, header, rows, times):
        machine = self.machine
        machine.write("/srv/recorded.csv", "\n".join([header, *rows]) + "\n")
        result = machine.run("anomalyctl", "backtest", "--json", "/srv/recorded.csv")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        recorded = sorted({event["opened"] for event in events if "opened" in event})
        self.check("a backtest tells the same events", recorded == times,
                   f"backtest {recorded}, live {times}")

    def restarts_when_it_hangs(self):
        machine = self.machine
        restarts, process = int(machine.property("NRestarts")), self.process()
        machine.run("kill", "-STOP", str(process))
        begin = time.monotonic()
        back = eventually(lambda: self.restarted(restarts, process), seconds=15)
        self.check("the watchdog restarts a daemon that hangs", back)
        self.note(f"after {time.monotonic() - begin:.1f} s")
        told = [entry.get("MESSAGE", "") for entry in machine.journal("UNIT=anomalyd.service")]
        self.check("systemd says that it was the watchdog",
                   any("atchdog timeout" in message for message in told), told[-3:])

    def reloads(self):
        machine = self.machine
        process = self.process()
        machine.write("/srv/late.csv", "timestamp,value\n" + row(0) + row(1) + row(2))
        machine.write(f"{SNIPPETS}/late.conf",
                      "[Input late]\nType=csv\nPath=/srv/late.csv\nInterval=100ms\n")
        machine.run("systemctl", "reload", "anomalyd")
        found = eventually(lambda: machine.metric("late.value")["samples"] >= 3)
        self.check("a reload takes up a new input", found)
        reload = machine.status()["configuration"]["lastReload"]
        self.check("the status tells that it succeeded", reload["succeeded"], reload)

        machine.write(f"{SNIPPETS}/zz-bad.conf", "[Input late]\nInterval=soon\n")
        verdict = machine.run("anomalyd", "--check", check=False)
        self.check("--check ends with 78 on a bad configuration", verdict.returncode == 78,
                   verdict.returncode)
        self.check("and names file, line and key",
                   "zz-bad.conf:2" in verdict.stdout + verdict.stderr
                   and "Interval" in verdict.stdout + verdict.stderr, verdict.stdout)
        failed = machine.run("systemctl", "reload", "anomalyd", check=False)
        self.check("a reload of it fails for the administrator, too", failed.returncode != 0)
        refused = eventually(lambda: not machine.status()["configuration"]["lastReload"]["succeeded"])
        self.check("a bad configuration is refused", refused)
        reload = machine.status()["configuration"]["lastReload"]
        self.check("the status names file and line", "zz-bad.conf:2" in " ".join(reload["errors"]),
                   reload)
        self.check("the journal has it", machine.journal(f"MESSAGE_ID={CONFIGURATION_REFUSED}"))
        machine.append("/srv/late.csv", row(3))
        self.check("the old configuration goes on",
                   eventually(lambda: machine.metric("late.value")["samples"] >= 4))
        self.check("no reload restarted it", self.process() == process)

        # Now the same at a start, where there is no old configuration to go on with.
        failed = machine.run("systemctl", "restart", "anomalyd", check=False)
        state = machine.property("ActiveState")
        self.check("it does not start on a bad configuration, and is not tried again",
                   failed.returncode != 0 and state == "failed", state)
        machine.run("rm", f"{SNIPPETS}/zz-bad.conf")
        machine.run("systemctl", "reset-failed", "anomalyd")
        machine.run("systemctl", "start", "anomalyd")
        self.check("it starts once the file is mended",
                   eventually(lambda: machine.metric("late.value")["samples"] >= 4))

    def bears_bad_lines(self):
        machine = self.machine
        process = self.process()
        self.add_rows(30)
        count = eventually(lambda: self.unruly_samples() == 30)
        self.check("good rows become samples", count, self.unruly_samples())

        at = row(30, "")[:-2]
        machine.append("/srv/unruly.csv", at + ",4")
        self.check("a torn last line is read", eventually(
            lambda: machine.is_read("/srv/unruly.csv")))
        self.check("and waits for its end", self.unruly_samples() == 30,
                   self.unruly_samples())
        malformed = machine.input("unruly")["malformed"]
        machine.append("/srv/unruly.csv", "9.5\n")
        self.unruly_rows = 31
        self.check("and is read whole", eventually(lambda: self.unruly_samples() == 31))
        self.check("without being called malformed",
                   machine.input("unruly")["malformed"] == malformed)
        newest = machine.metric("unruly.value")["value"]
        self.check("with the value that it has", newest == 49.5, newest)

        resident = machine.status()["resources"]["residentBytes"]
        # A row with a bad cell is a row all the same: its time has passed.
        for name, bad in [
            ("a NUL byte", b"AT,5\x000\n"),
            ("a line of 10 MB", b"9" * 10_000_000 + b"\n"),
            ("text in a number cell", b"AT,warm\n"),
            ("a time stamp that is none", b"yesterday,50\n"),
            ("time that runs backwards", row(3).encode()),
            ("a column too many", b"AT,50,51\n"),
            ("a column too few", b"AT\n"),
        ]:
            due = row(self.unruly_rows, "")[:-2]
            self.unruly_rows += 1 if bad.endswith(b"warm\n") else 0
            self.bears(name, bad.replace(b"AT", due.encode()))
        grown = machine.status()["resources"]["residentBytes"] - resident
        self.note(f"grown by {grown / 1e6:.1f} MB")
        self.check("a line of 10 MB is not kept in memory", grown < 4_000_000, grown)
        self.check("the daemon is the one it was", self.process() == process)
        self.check("no other input complained", machine.input("late")["malformed"] == 0)
        host = machine.input("host")
        self.check("the host is still watched",
                   eventually(lambda: machine.input("host")["samples"] > host["samples"]))

    def bears(self, name, bad):
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
        self.check(f"{name} is told with file and line", "unruly.csv" in error, error)

    def unruly_last(self):
        """Index of the newest row that was delivered, plus one."""
        seen = self.machine.metric("unruly.value")["lastSeen"]
        start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        at = datetime.datetime.fromisoformat(seen.replace("Z", "+00:00"))
        return round((at - start).total_seconds() / 60) + 1

    def bears_unreadable_files(self):
        machine = self.machine
        forbidden = machine.input("forbidden")
        self.check("a file that may not be read makes its input unhealthy",
                   forbidden["state"] == "failing" and "forbidden.csv" in (forbidden.get("lastError", "")),
                   forbidden)
        machine.run("chmod", "0644", "/srv/forbidden.csv")
        found = eventually(lambda: machine.input("forbidden")["samples"] >= 2
                           and machine.input("forbidden")["state"] in ("ok", "degraded"))
        self.check("and is read as soon as it may be", found, machine.input("forbidden"))

        elsewhere = machine.input("elsewhere")
        self.check("a garbled file of /proc is counted", elsewhere["malformed"] > 0, elsewhere)
        told = [entry["MESSAGE"] for entry in machine.journal(f"MESSAGE_ID={INPUT_TROUBLE}")]
        for file in "meminfo", "loadavg":
            self.check(f"{file}, garbled or missing, is told once with what is expected",
                       any(f"elsewhere/proc/{file}" in text and "expected" in text
                           for text in told), told)
        self.check("what the garbled file has of use is used", machine.metric("memory.free_bytes"),
                   machine.control("metrics", "memory.*"))
        machine.write("/srv/elsewhere/proc/loadavg", "0.10 0.20 0.30 1/100 1000\n")
        self.check("the missing file is read as soon as it is there",
                   eventually(lambda: machine.control("metrics", "load.*")))

    def follows_log_rotation(self):
        machine = self.machine
        machine.run("mv", EVENTS, f"{EVENTS}.1")
        machine.run("systemctl", "reload", "anomalyd")
        self.check("a reload opens the file of events anew", eventually(
            lambda: machine.run("test", "-e", EVENTS, check=False).returncode == 0))

    def bears_a_full_disk(self):
        machine = self.machine
        # The file of events is empty since the rotation: not even a started page is left to it.
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
        self.check("the reason is told", "space" in (machine.output("log").get("lastError", "")),
                   machine.output("log"))
        machine.run("rm", "/var/log/anomalyd/filler")
        found = eventually(lambda: machine.output("log")["queued"] == 0)
        self.check("once there is room, what waited is written", found, machine.output("log"))
        text = machine.run("cat", EVENTS).stdout
        events = [json.loads(line) for line in text.splitlines()]
        self.check("whole, as JSON", any(event["metric"] == "unruly.value" for event in events))

    def stops(self):
        machine = self.machine
        eventually(lambda: self.unruly_last() == self.unruly_rows)
        before = machine.metric("unruly.value")
        spent = instant(machine.property("CPUUsageNSec")) / 1e3
        resident = machine.status()["resources"]["residentBytes"]
        self.note(f"{resident / 1e6:.1f} MB resident, {spent:.2f} s of CPU since the last start")
        machine.run("systemctl", "stop", "anomalyd")
        told = {}  # the unit itself is forgotten once it is stopped
        for entry in machine.journal("UNIT=anomalyd.service"):
            told[entry["MESSAGE"].split(" ", 1)[0]] = entry
            told[entry["MESSAGE"].split(": ", 1)[-1]] = entry
        ended = told.get("Deactivated successfully.", {"__MONOTONIC_TIMESTAMP": "inf"})
        took = (float(ended["__MONOTONIC_TIMESTAMP"])
                - float(told["Stopping"]["__MONOTONIC_TIMESTAMP"])) / 1e6
        self.note(f"ended {took * 1000:.0f} ms after SIGTERM")
        self.check("SIGTERM ends it well and within a second", 0 < took < 1, took)
        machine.run("systemctl", "start", "anomalyd")
        after = eventually(lambda: machine.metric("unruly.value"))
        self.check("after the next start everything is as it was",
                   after and after["samples"] == before["samples"]
                   and after["score"] == before["score"]
                   and after["expected"] == before["expected"], f"{before} {after}")
        machine.run("systemctl", "stop", "anomalyd")

    STEPS = [
        installs, starts, tells_its_status, takes_what_programs_send, finds_the_known_failure,
        restarts_when_it_hangs,
        reloads, bears_bad_lines, bears_unreadable_files,
        follows_log_rotation, bears_a_full_disk, stops,
    ]


def stage():
    """What `make install` puts on a machine, in a folder."""
    shutil.rmtree(STAGING, ignore_errors=True)
    subprocess.run(
        ["make", "--no-print-directory", "install", f"DESTDIR={STAGING}"], cwd=ROOT, check=True,
        stdout=subprocess.DEVNULL)


def run(machine, report, only):
    stories = [EndToEnd(machine, report), Delivery(machine, report)]
    steps = [(story, step) for story in stories for step in story.STEPS]
    for story, step in steps:
        if only and step.__name__ not in only:
            continue
        print(f"-- {step.__name__.replace('_', ' ')}", flush=True)
        try:
            step(story)
        except Exception as error:  # noqa: BLE001 - a broken step is a failure, not the end
            traceback.print_exc()
            report.check(f"{step.__name__.replace('_', ' ')} runs to its end", False, error)
    if report.failed:
        print("-- the daemon's last words", flush=True)
        print(machine.run("journalctl", "--unit=anomalyd*", "--lines=60", "--no-pager",
                          check=False).stdout, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the machine up on failure")
    parser.add_argument("--only", nargs="+", metavar="STEP",
                        help="these steps only, by the names that are printed")
    options = parser.parse_args()
    only = {name for word in options.only or [] for name in [word.replace("-", "_")]}
    report = Report()
    if os.geteuid() != 0:
        sys.exit("run.py: a real systemd can only be started as root; run this with sudo")
    # Whoever ends the test ends its machine with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stage()
    shown = [STAGING, HERE, RECEIVER] + ([ALERTMANAGER] if ALERTMANAGER.exists() else [])
    machine = Machine(shown=shown)
    with machine:
        run(machine, report, only)
        if options.keep and report.failed:
            print(f"the machine is up: BOOT_STATE={machine.environment['BOOT_STATE']} "
                  f"{HERE}/boot run bash; press return to end it")
            input()
    closing = f"{report.passed} passed, {report.failed} failed"
    print(closing + (f", {report.skipped} skipped" if report.skipped else ""))
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
