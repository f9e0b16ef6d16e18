"""What the units forbid, and that they work nevertheless; the per-user instance; a part of run.py."""

import subprocess

from machine import STAGING, eventually

UNITS = STAGING / "usr" / "lib" / "systemd" / "system"
# The highest exposure that `systemd-analyze security` may find, in tenths.
EXPOSURES = {"anomalyd.service": 12, "anomalyd-webhook.service": 20}
SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
DROP_IN = "/etc/systemd/system/anomalyd.service.d/device.conf"
DEVICE = "/dev/room"
# A sensor: a pseudo terminal that the group dialout may read, as a serial device, with a value every 50 ms.
SENSOR = """
import grp, os, pty, time, tty
master, slave = pty.openpty()
tty.setraw(slave)
path = os.ttyname(slave)
os.chown(path, 0, grp.getgrnam("dialout").gr_gid)
os.chmod(path, 0o640)
os.symlink(path, "/dev/room")
count = 0
while True:
    os.write(master, b"%d,48\\n" % (215 + count % 3))
    count += 1
    time.sleep(0.05)
"""
CONFIGURATION = f"""\
[Input host]
Type=procfs
Interval=1s
Collectors=default clock

[Input room]
Type=serial
Device={DEVICE}
Format=csv
Fields=temperature humidity
"""
# As in etc/examples/serial-sensor.conf, with this device's kind.
ACCESS = """\
[Service]
PrivateDevices=no
DeviceAllow=char-pts r
SupplementaryGroups=dialout
"""


class Confined:
    """The hardened service at work."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check

    def is_hardly_exposed(self):
        """Outside the machine: checks the files, independently of what this host supports."""
        for unit, threshold in EXPOSURES.items():
            found = subprocess.run(
                ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={threshold}",
                 UNITS / unit], text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.check(f"systemd-analyze finds an exposure of at most {threshold / 10} in {unit}",
                       found.returncode == 0, found.stdout[-200:])

    def does_its_work(self):
        machine = self.machine
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("sh", "-c", f"rm -f {SNIPPETS}/*.conf")
        machine.run("systemd-run", "--quiet", "--collect", "--unit=sensor", "python3", "-c", SENSOR)
        eventually(lambda: machine.run("test", "-e", DEVICE, check=False).returncode == 0)
        machine.write(f"{SNIPPETS}/test.conf", CONFIGURATION)
        machine.run("systemctl", "start", "anomalyd")
        found = eventually(lambda: machine.input("room")["state"] == "failing" and machine.input("room"))
        self.check("a device is out of reach without DeviceAllow=, and the status says so",
                   found and "room" in found.get("lastError", ""), machine.input("room"))
        machine.write(DROP_IN, ACCESS)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "anomalyd")
        found = eventually(lambda: (machine.metric("room.temperature") or {"samples": 0})["samples"] > 5)
        self.check("with it and the group of the device its values arrive", found, machine.input("room"))
        for metric in ("clock.offset_seconds", "tcp.established", "cpu.busy"):
            self.check(f"it sees {metric}", eventually(lambda name=metric: machine.metric(name)),
                       [entry["name"] for entry in machine.control("metrics")][:400])
        process = machine.property("MainPID")
        for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp"):
            line = machine.run("grep", f"^{name}:", f"/proc/{process}/status").stdout.split()[1]
            expected = {"NoNewPrivs": "1", "Seccomp": "2"}.get(name, "0" * 16)
            self.check(f"its {name} is {expected}", line == expected, line)
        machine.run("systemctl", "stop", "anomalyd", "sensor")
        machine.run("rm", "-f", DROP_IN, DEVICE)
        machine.run("systemctl", "daemon-reload")

    STEPS = [is_hardly_exposed, does_its_work]


class Personal:
    """`systemctl --user`: a per-user instance beside the system's."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.user = None

    def as_user(self, *command, check=True):
        return self.machine.run(
            "runuser", "--user", "someone", "--", "env", f"XDG_RUNTIME_DIR=/run/user/{self.user}",
            f"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{self.user}/bus", *command, check=check)

    def runs_for_a_user(self):
        machine = self.machine
        machine.run("systemctl", "start", "anomalyd")
        machine.run("useradd", "--create-home", "someone")
        self.user = machine.run("id", "--user", "someone").stdout.strip()
        machine.run("loginctl", "enable-linger", "someone")
        manager = f"user@{self.user}.service"
        up = eventually(lambda: machine.property("ActiveState", manager) == "active")
        self.check("the user's manager runs", up, machine.run("systemctl", "status", manager, check=False).stdout)
        verdict = self.as_user("systemd-analyze", "--user", "verify", "--man=no", "anomalyd.service", check=False)
        self.check("the user's unit has no unknown keys", verdict.returncode == 0 and not verdict.stderr,
                   verdict.stderr)
        started = self.as_user("systemctl", "--user", "enable", "--now", "anomalyd", check=False)
        log = machine.run("journalctl", "_UID=" + self.user, "--lines=20", "--no-pager").stdout
        self.check("systemctl --user starts an instance", started.returncode == 0, started.stderr + log)
        status = self.as_user("anomalyctl", "status", "--json", check=False)
        self.check("it answers its user", '"host"' in status.stdout, status.stderr)
        owner = machine.run("stat", "--format=%U", f"/run/user/{self.user}/anomalyd/io.anomalyd").stdout
        self.check("at a socket of the user's own", owner.strip() == "someone", owner)
        home = "/home/someone"
        machine.write(f"{home}/.config/anomalyd/anomalyd.conf.d/own.conf", "[Input app]\nType=socket\n")
        reloaded = self.as_user("systemctl", "--user", "reload", "anomalyd", check=False)
        self.check("a reload reads the user's configuration", reloaded.returncode == 0, reloaded.stderr)
        self.as_user("anomalyctl", "send", "--socket", f"/run/user/{self.user}/anomalyd/metrics.sock",
                     "--type", "event", "editor", "opened")
        found = eventually(lambda: "app.editor" in self.as_user("anomalyctl", "metrics", check=False).stdout)
        self.check("and the user's programs send to it", found)
        machine.write(f"{home}/.config/anomalyd/anomalyd.conf.d/zz.conf", "[Input app]\nType=sockets\n")
        refused = self.as_user("systemctl", "--user", "reload", "anomalyd", check=False)
        self.check("systemctl --user reload fails with an invalid one", refused.returncode != 0)
        self.as_user("systemctl", "--user", "stop", "anomalyd")
        self.check("its state is below the user's home", machine.run(
            "test", "-s", f"{home}/.local/state/anomalyd/checkpoint", check=False).returncode == 0)
        self.check("the system's instance does not notice",
                   machine.property("ActiveState") == "active" and machine.status()["inputs"])
        machine.run("loginctl", "terminate-user", "someone", check=False)
        machine.run("systemctl", "stop", "anomalyd", manager, check=False)

    STEPS = [runs_for_a_user]
