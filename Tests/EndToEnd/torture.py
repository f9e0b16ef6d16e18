#!/usr/bin/env python3
"""Torture: the installed service under load, with random faults (make torture T=60 SEED=7).

Needs root and the release binaries. Also a short step of run.py. Each run prints its seed; the same
seed does the same things in the same order. See torturer.py for what runs inside the machine.
"""

import argparse
import itertools
import json
import os
import random
import signal
import sys

from machine import HERE, ROOT, STAGING, eventually

RECEIVER = ROOT / "Tests" / "Receiver"
SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"

CONFIGURATION = """\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T
MaximumMetrics=2000
HistorySamples=64
SnapshotBytes=40M

# A budget per metric, as in a backtest, instead of a share of two alarms a day.
[Detector]
AlarmBudget=5000

[Input a]
Type=csv
Path=/srv/torture/a/a.csv
Interval=100ms

[Input b]
Type=csv
Path=/srv/torture/b/b.csv
Interval=100ms

[Input leaps]
Type=csv
Path=/srv/torture/leaps/leaps.csv
Interval=100ms

[Input app]
Type=socket
FlushInterval=1s
MaximumMetrics=1500
MetricsPerSender=1500

[Input line]
Type=serial
Device=/srv/torture/line
Fields=level

[Output log]
Type=file
Path=/var/log/anomalyd/events.jsonl

[Output hook]
Type=webhook
MinimumSeverity=info
Format=standard-webhooks
URL=http://127.0.0.1:8901/hook
Secret=hook-secret
Members=yes
Timeout=2s
"""

# Restarts must not dominate; pseudo-terminals stand for serial lines. Everything else is the shipped unit.
UNIT_CHANGES = """\
[Unit]
StartLimitIntervalSec=0

[Service]
RestartSec=100ms
PrivateDevices=no
"""

WEBHOOK_CHANGES = """\
[Service]
RestartSec=100ms
LoadCredential=hook-secret:/etc/anomalyd/credentials/hook-secret
"""

# A source that falls silent, and a state directory that cannot be written to.
AILMENTS = """\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T
SnapshotBytes=40M

[Input quiet]
Type=csv
Path=/srv/quiet.csv
Interval=100ms
StallAfter=10s
"""
PROBLEM_OVER = "b1e86a2f94d04c7c8f53d70e6a2c4918"


class Torture:
    """A step of run.py: a short torture on its own machine."""

    def __init__(self, machine, report):
        self.machine = machine
        self.report = report
        self.is_installed = False

    def survives_torture(self):
        seconds = float(os.environ.get("T", "30"))
        seed = int(os.environ.get("SEED", "0") or 0) or random.randrange(1, 1_000_000)
        self.torment(seconds, seed, os.environ.get("ACTS", "").split())

    def install(self):
        if self.is_installed:
            return
        self.is_installed = True
        machine = self.machine
        machine.install()
        machine.write(f"{SNIPPETS}/torture.conf", CONFIGURATION)
        machine.write("/etc/anomalyd/credentials/hook-secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
                      mode="0600")
        machine.write("/etc/systemd/system/anomalyd.service.d/torture.conf", UNIT_CHANGES)
        machine.write("/etc/systemd/system/anomalyd-webhook.service.d/torture.conf", WEBHOOK_CHANGES)
        # File systems of their own, so that they can be filled.
        for folder, size in ("/var/lib/anomalyd", "192m"), ("/var/log/anomalyd", "8m"):
            machine.run("mkdir", "-p", folder)
            machine.run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
        machine.run("systemd-tmpfiles", "--create", "anomalyd.conf")
        machine.run("systemctl", "daemon-reload")

    def torment(self, seconds, seed, acts):
        again = f"make torture T={seconds:g} SEED={seed}" + (f' ACTS="{" ".join(acts)}"' if acts else "")
        print(f"        {again}", flush=True)
        self.install()
        command = ["python3", f"{HERE}/torturer.py", f"--seconds={seconds}", f"--seed={seed}",
                   f"--receiver={RECEIVER}/receiver.py"]
        command += [f"--large={os.environ.get('LARGE', '10000')}"]
        command += ["--acts", *acts] if acts else []
        summary, faults = {}, []
        for line in self.machine.follow(*command, seconds=seconds + 900):
            if line.startswith("{"):
                summary = json.loads(line)
                continue
            if line.startswith("FAULT "):
                faults.append(line[6:])
            print(line if line.startswith(("--", "FAULT")) else f"        {line.strip()}", flush=True)
        print(f"        {json.dumps(summary)}", flush=True)
        self.report.check(f"survives {sum(summary.get('acts', {}).values())} acts without a fault",
                          summary and not faults, f"{len(faults)} faults; again: {again}")

    def reports_problems(self):
        machine, rows, state = self.machine, itertools.count(), "/var/lib/anomalyd"
        self.install()
        machine.write(f"{SNIPPETS}/torture.conf", AILMENTS)

        def feed():
            row = next(rows)
            machine.append("/srv/quiet.csv", f"2026-01-01T{row // 60:02}:{row % 60:02}:00Z,1\n")
        machine.write("/srv/quiet.csv", "time,value\n")
        feed()
        machine.run("systemctl", "restart", "anomalyd")
        self.follow_problem("input", "input quiet", lambda: None, feed)
        mode = machine.run("stat", "--format=%a", state).stdout.strip()

        def forbid():
            machine.run("chown", "root", state)
            machine.run("chmod", "0555", state)

        def allow():
            machine.run("chown", "anomalyd", state)
            machine.run("chmod", mode, state)
        self.follow_problem("state", "state", forbid, allow)

    def follow_problem(self, kind, subject, cause, mend):
        """A problem is reported everywhere while it lasts; the journal reports its beginning and its end once."""
        machine = self.machine
        matches = f"ANOMALYD_PROBLEM={kind}", f"ANOMALYD_SUBJECT={subject}"
        known = len(machine.journal(*matches))

        def voices():
            return {
                "status": any((problem["kind"], problem["subject"]) == (kind, subject)
                              for problem in machine.status().get("problems") or []),
                "systemctl": f"; {subject}: " in machine.property("StatusText"),
                "OpenMetrics": f'anomalyd_problem{{kind="{kind}",subject="{subject}"}} 1'
                               in machine.run("anomalyctl", "metrics", "--openmetrics").stdout,
            }
        cause()
        eventually(lambda: all(voices().values()), 30)
        self.report.check(f"{subject}: each place reports the problem", all(voices().values()), voices())
        left = eventually(lambda: mend() or not any(found := voices().values()) and [found], 60, pause=0.5)
        entries = machine.journal(*matches)[known:]
        self.report.check(f"{subject}: none does when it is over", left, voices())
        self.report.check(
            f"{subject}: the journal has its beginning and its end, once",
            [entry["MESSAGE_ID"] == PROBLEM_OVER for entry in entries] == [False, True],
            [entry["MESSAGE"] for entry in entries])

    STEPS = [survives_torture, reports_problems]


def main():
    from run import Report, run, stage  # which imports this module as well

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the machine up on failure")
    options = parser.parse_args()
    options.only = None
    if os.geteuid() != 0:
        sys.exit("torture.py: a real systemd can only be started as root; run this with sudo")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stage()
    report = Report()
    Torture.STEPS = [Torture.survives_torture]
    run([Torture], [STAGING, HERE, RECEIVER], report, options)
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
