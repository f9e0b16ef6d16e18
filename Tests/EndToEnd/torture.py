#!/usr/bin/env python3
"""Torture: the installed service under load, tormented at random (make torture T=60 SEED=7).

Needs root and the release binaries. A step of run.py as well, for a short time. Each run prints its seed; the same
seed does the same things in the same order. See torturer.py for what runs inside the machine.
"""

import argparse
import json
import os
import random
import signal
import sys

from machine import HERE, ROOT

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
# Times of files come from the kernel's clock, which does not jump with the daemon's.
MaximumAge=30d
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


class Torture:
    """A step of run.py: a short torture on a machine of its own."""

    def __init__(self, machine, report):
        self.machine = machine
        self.report = report

    def survives_torture(self):
        seconds = float(os.environ.get("T", "30"))
        seed = int(os.environ.get("SEED", "0") or 0) or random.randrange(1, 1_000_000)
        self.torment(seconds, seed, os.environ.get("ACTS", "").split())

    def install(self):
        machine = self.machine
        machine.run("cp", "-a", f"{ROOT}/.build/e2e/.", "/")
        machine.run("systemd-sysusers")
        machine.run("systemd-tmpfiles", "--create", "anomalyd.conf")
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

    STEPS = [survives_torture]


def main():
    from run import STAGING, Report, run, stage  # which imports this module as well

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the machine up on failure")
    options = parser.parse_args()
    options.only = None
    if os.geteuid() != 0:
        sys.exit("torture.py: a real systemd can only be started as root; run this with sudo")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stage()
    report = Report()
    run([Torture], [STAGING, HERE, RECEIVER], report, options)
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
