#!/usr/bin/env python3
"""A scripted day in a real systemd: harmless and harmful work, labelled.

`make day` runs it against the installed daemon and prints the incident that each phase raised. --record
FILE runs the same work, slower and without the daemon, and writes what the collectors would have read every
second (recorder.py): the recording that ScriptedDayTests replays. Needs root, a quiet host, 10 GB of free
memory and 8 GB of disk.
"""

import argparse
import dataclasses
import datetime
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from machine import COUNT_IO, HERE, STAGING, Machine, controllers, eventually
from run import Report, stage

LABELS = "/run/day/labels"
RECORDING = "/run/day/recording.gz"
LEAK = 6 << 30


@dataclasses.dataclass
class Phase:
    """Work of one unit, and how it should be classified."""

    name: str
    is_fault: bool
    script: str
    # Seconds in the recording and in the live run, and of calm afterwards.
    recorded: int
    live: int
    calm: int = 12
    # The same in the live run: until no exceeded limit keeps an event open (docs/host-metrics.md).
    rest: int = 42
    # Whether its files must be read from the disk.
    is_cold: bool = False
    # A pattern of the metrics that may lead its incident.
    leads: str = ""
    # The controllers without which its unit cannot be seen.
    sees: frozenset = frozenset()


CONTROLLERS = controllers(1) | controllers(2)
# Whether the machine has to have those of version 1.
IS_HYBRID = not {"io", "memory"} <= controllers(2)
PROCESSORS = os.cpu_count() or 2

PHASES = [
    Phase("boot", False, "", 20, 20, is_cold=True),
    Phase("upgrade", False, """
        while :; do
          rm -rf /srv/work/root /srv/work/dpkg
          mkdir -p /srv/work/root /srv/work/dpkg/updates /srv/work/dpkg/info
          : >/srv/work/dpkg/status; : >/srv/work/dpkg/available
          dpkg --force-all --admindir=/srv/work/dpkg --instdir=/srv/work/root --install /srv/work/debs/*.deb
        done""", 60, 25),
    Phase("build", False, f"exec make -C /srv/work/source -j{PROCESSORS} -k", 100, 35),
    Phase("backup", False,
          "tar -C / -cf - usr/lib usr/share | gzip -1 >/srv/work/backup.tar.gz; sync; rm /srv/work/backup.tar.gz",
          75, 30, is_cold=True),
    Phase("runaway", True,
          # Until its level is reached: processors must be saturated for a quarter of an hour.
          "for i in $(seq %d); do while :; do :; done & done; wait" % (PROCESSORS + 1), 85, 930,
          rest=170, leads="cpu|pressure.cpu|load"),
    Phase("full-disk", True,
          "while sleep 1; do head -c 24M /dev/zero >>/var/lib/app/log; sync /var/lib/app/log; done", 75, 50,
          rest=110, leads="filesystem./var/lib/app", sees=frozenset({"io"})),
    Phase("flood", True, """
        exec python3 -c '
import socket
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    out.sendto(b"x" * 64, ("127.0.0.1", 9009))'""", 70, 40, rest=170, leads="udp|network"),
    Phase("leak", True, f"""
        exec python3 -c '
import time
held, size = [], 0
while True:
    step = (100 << 20) if size < {LEAK - (200 << 20)} else (4 << 20)
    held.append(b"x" * step)
    size += step
    time.sleep(1)'""", 125, 125, calm=40, leads="memory|pressure.memory", sees=frozenset({"memory"})),
]

# Reads far less than a flood sends.
SINK = """
import socket, time
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 9009))
while True:
    receiver.recv(100)
    time.sleep(0.001)
"""

SOURCES = """
import pathlib, random
folder = pathlib.Path("/srv/work/source")
folder.mkdir()
for number in range(600):
    body = "".join(
        f"double f{i}(const double *x, int n) {{ double s = {i}; for (int k = 0; k < n; k++) "
        f"s = s * x[k % {i + 3}] + x[(k * {i + 1}) % n] / (s + {i + 1}.0); return s; }}\\n" for i in range(120))
    (folder / f"unit{number}.c").write_text(body)
(folder / "Makefile").write_text(
    "all: $(patsubst %.c,%.o,$(wildcard *.c))\\n%.o: %.c\\n\\tgcc -O2 -c -o $@ $<\\n")
"""

PACKAGES = """
cd /srv/work && mkdir -p debs
for part in doc locale python3 perl bash-completion; do
  test -d /usr/share/$part || continue
  mkdir -p tree/DEBIAN tree/usr/share
  cp -a /usr/share/$part tree/usr/share/
  printf 'Package: day-%s\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@x>\\nDescription: x\\n' \\
    $(echo $part | tr -d 3) >tree/DEBIAN/control
  dpkg-deb -Zgzip -z1 --build tree debs/$part.deb >/dev/null
  rm -rf tree
done
"""


class Disks:
    """Filesystems on this host's disk, in files of their own, for the machine to write to."""

    SIZES = {"/srv/work": 5 << 30, "/var/lib/app": 600 << 20}

    def __init__(self):
        self.made = []

    def __enter__(self):
        for point, size in Disks.SIZES.items():
            image = pathlib.Path(f"/var/tmp/anomalyd-day-{os.getpid()}{point.replace('/', '-')}")
            with open(image, "wb") as file:
                file.truncate(size)
            subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True)
            device = subprocess.run(["losetup", "--find", "--show", "--direct-io=on", image], check=True, text=True,
                                    stdout=subprocess.PIPE).stdout.strip()
            self.made.append((point, image, device))
        return self

    def __exit__(self, *_):
        for _, image, device in self.made:
            subprocess.run(["losetup", "--detach", device], check=False)
            image.unlink(missing_ok=True)

    def mount(self, machine):
        for point, _, device in self.made:
            number = os.stat(device).st_rdev
            machine.run("mknod", device, "b", str(os.major(number)), str(os.minor(number)))
            machine.run("mkdir", "-p", point)
            machine.run("mount", "-t", "ext4", device, point)


class Day:
    """The work of one day on a machine."""

    def __init__(self, machine, disks):
        self.machine = machine
        self.disks = disks

    def prepare(self):
        machine = self.machine
        self.disks.mount(machine)
        machine.run("mkdir", "-p", "/run/day")
        machine.run("systemd-run", "--unit=sink", "python3", "-c", SINK)
        machine.run("python3", "-c", SOURCES)
        machine.run("sh", "-c", PACKAGES)

    def tidy(self):
        for phase in PHASES:
            self.machine.run("systemctl", "stop", phase.name, check=False)

    def label(self, text):
        self.machine.run("sh", "-c", f"echo {text} >>{LABELS}")

    def start(self, phase):
        """Starts the work of a phase in its own unit."""
        # In a file, because systemd would expand a dollar sign.
        self.machine.write(f"/run/day/{phase.name}.sh", COUNT_IO + phase.script)
        self.machine.run(
            "systemd-run", f"--unit={phase.name}", "--property=StandardOutput=null",
            f"--property=MemoryMax={LEAK}",
            "--property=MemoryAccounting=yes", "--property=IOAccounting=yes", "sh", f"/run/day/{phase.name}.sh")

    def stop(self, phase):
        self.machine.run("systemctl", "stop", phase.name, check=False)
        self.machine.run("systemctl", "reset-failed", phase.name, check=False)
        if phase.name == "full-disk":
            self.machine.run("sh", "-c", "rm /var/lib/app/log; sync")

    def play(self, phase, seconds):
        """One phase and the calm after it."""
        if phase.is_cold:
            pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
            time.sleep(3)
        self.label(phase.name)
        ended = time.monotonic() + seconds
        if phase.name == "boot":
            with Machine(shown=[], name="boot"):
                time.sleep(max(0, ended - time.monotonic() - 4))
        else:
            self.start(phase)
            time.sleep(seconds)
            self.stop(phase)
        self.label("end")
        time.sleep(phase.calm)


def record(path, calm, hold):
    """Writes the recording of one day."""
    with Disks() as disks, Machine(shown=[HERE], is_hybrid=IS_HYBRID) as machine:
        day = Day(machine, disks)
        day.prepare()
        lines = dict(line.split(":") for line in pathlib.Path("/proc/meminfo").read_text().splitlines())
        used = int(lines["MemTotal"].split()[0]) - int(lines["MemAvailable"].split()[0])
        # The leak ends above 99.5% of the recorded host's memory.
        total = int((used + LEAK / 1024) / 0.996)
        if hold:
            input("prepared; press return to begin\n")
        time.sleep(10)
        machine.run("systemd-run", "--unit=recorder", "python3", f"{HERE}/recorder.py", RECORDING, LABELS,
                    str(total), *Disks.SIZES)
        day.label("calm")
        time.sleep(calm)
        day.label("end")
        for phase in PHASES:
            print(f"{time.strftime('%X')} {phase.name}", flush=True)
            day.play(phase, phase.recorded)
        machine.run("systemctl", "stop", "recorder")
        with open(path, "wb") as file:
            subprocess.run([HERE / "boot", "run", "cat", RECORDING], env=machine.environment, stdout=file,
                           check=True)
        day.tidy()


CONFIGURATION = """\
# A day in an hour at most: readings and ends a twenty-fifth as long as by default, and so the time in which
# the budget is earned. Built-in levels take as long as ever: incidents wait for the shortest of them.
[Agent]
IncidentGap=30s

[Detector]
HoldOff=5s
AlarmBudget=50/day

[Input host]
Type=procfs
Interval=200ms

[Output journal]
Type=journal
"""
SNIPPET = "/etc/anomalyd/anomalyd.conf.d/day.conf"
# At five readings a second no detector needs longer to learn.
WARM_UP = 430

WARNINGS = {"warning", "error", "critical"}
WORSE = {"error", "critical"}


class Watched(Day):
    """The day as the machine's daemon reports it."""

    def __init__(self, machine, disks, report):
        super().__init__(machine, disks)
        self.check = report.check
        self.note = report.note
        self.skip = report.skip
        # Label, begin and end by the machine's clock, in seconds since 1970.
        self.times = []

    def install(self):
        machine = self.machine
        machine.install()
        machine.write(SNIPPET, CONFIGURATION)
        machine.run("systemctl", "start", "anomalyd")

    def run(self, warm_up):
        ready = eventually(lambda: not self.warming(), seconds=warm_up, pause=2)
        self.check("the metrics are warm", ready, self.warming())
        for phase in PHASES:
            began = time.time()
            self.play(phase, phase.live)
            self.times.append((phase, began, time.time()))

    def warming(self):
        """Metrics that cannot alarm yet; those that have never changed start afresh when they do."""
        return [metric["name"] for metric in self.machine.control("metrics")
                if metric["state"] == "warming" and metric["warmUp"]["seen"] == metric["samples"]]

    def incidents(self):
        """By label, the incidents that began in its phase, each as the journal entries of its messages."""
        entries = self.machine.journal("_SYSTEMD_UNIT=anomalyd.service")
        by_id = {}
        for entry in entries:
            if "ANOMALYD_METRICS" in entry:
                by_id.setdefault(entry["ANOMALYD_INCIDENT_ID"], []).append(entry)
        found = {}
        for steps in by_id.values():
            opened = datetime.datetime.fromisoformat(
                steps[0]["ANOMALYD_OPENED"].replace("Z", "+00:00")).timestamp()
            label = next((phase.name for phase, began, ended in self.times if began - 2 <= opened <= ended), "calm")
            found.setdefault(label, []).append(steps)
        return found

    def judge(self):
        found = self.incidents()
        for label, incidents in found.items():
            for steps in incidents:
                self.note(f"{label}: {steps[-1]['ANOMALYD_SEVERITY']}: {steps[0]['MESSAGE']}")
        self.check("calm raises no warning", not self.severe(found, "calm", WARNINGS), found.get("calm"))
        for phase, _, _ in self.times:
            incidents = found.get(phase.name, [])
            if phase.is_fault:
                self.check(f"{phase.name} is one incident", len(incidents) == 1, len(incidents))
                opened = incidents[0][0] if incidents else {}
                self.check(f"{phase.name} is led by {phase.leads}",
                           re.match(phase.leads, opened.get("ANOMALYD_METRIC", "")), opened.get("MESSAGE"))
                if phase.sees <= CONTROLLERS:
                    self.check(f"{phase.name} names its unit",
                               f"{phase.name}.service" in opened.get("MESSAGE", ""), opened.get("MESSAGE"))
                else:
                    self.skip(f"{phase.name} names its unit", "this host lacks controllers")
            else:
                self.check(f"{phase.name} is at most one incident, a warning at worst",
                           len(incidents) <= 1 and not self.severe(found, phase.name, WORSE), len(incidents))
        critical = {label for label in found if self.severe(found, label, {"critical"})}
        self.check("nothing is critical but the full disk and the end of the leak",
                   critical <= {"full-disk", "leak"}, critical)
        self.count()

    @staticmethod
    def severe(found, label, severities):
        return [steps for steps in found.get(label, []) if steps[-1]["ANOMALYD_SEVERITY"] in severities]

    def count(self):
        """How many messages a user would have received before, and receives."""
        entries = self.machine.journal("_SYSTEMD_UNIT=anomalyd.service")
        members = [entry for entry in entries if "ANOMALYD_METRIC" in entry and "ANOMALYD_METRICS" not in entry]
        incidents = [entry for entry in entries if "ANOMALYD_METRICS" in entry]
        told = [entry for entry in incidents if entry["ANOMALYD_SEVERITY"] != "info"]
        self.note(f"messages of that day: {len(members)} about events, as before incidents; "
                  f"{len(incidents)} about incidents, {len(told)} of them not info")


def watch(hold, warm_up):
    """Runs the day against the installed daemon."""
    report = Report()
    stage()
    with Disks() as disks, Machine(shown=[HERE, STAGING], is_hybrid=IS_HYBRID) as machine:
        day = Watched(machine, disks, report)
        day.prepare()
        if hold:
            input("prepared; press return to begin\n")
        day.install()
        try:
            day.run(warm_up)
            day.judge()
        finally:
            day.tidy()
    print(f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    sys.exit(1 if report.failed else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", metavar="FILE", help="write a recording instead of running the daemon")
    parser.add_argument("--calm", type=int, default=150, help="seconds of calm before the first phase")
    parser.add_argument("--hold", action="store_true",
                        help="wait for return when all is prepared, so that the host can be made quiet")
    parser.add_argument("--only", nargs="+", metavar="PHASE", choices=[phase.name for phase in PHASES],
                        help="play these phases alone: " + ", ".join(phase.name for phase in PHASES))
    parser.add_argument("--quick", type=float, default=1, help="shorten all times by this factor, to try the script itself")
    options = parser.parse_args()
    # Terminating it also terminates its machine.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    PHASES[:] = [phase for phase in PHASES if not options.only or phase.name in options.only]
    for phase in PHASES:
        phase.recorded = int(phase.recorded * options.quick)
        phase.live = int(phase.live * options.quick)
        phase.calm = int((phase.calm if options.record else phase.rest) * options.quick)
    if options.record:
        record(options.record, options.calm, options.hold)
    else:
        watch(options.hold, WARM_UP * options.quick)


if __name__ == "__main__":
    main()
