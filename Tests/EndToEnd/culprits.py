"""Which units an incident names, with real ones."""

from machine import COUNT_IO, controllers, eventually

SNIPPET = "/etc/anomalyd/anomalyd.conf.d/test.conf"
OPENED = "6dd6b884ec694492b1c2917eb9726dce"

# What opens the incident does not depend on how busy the machine is that runs this test.
CONFIGURATION = """\
[Input host]
Type=procfs
Interval=1s
Collectors=filesystem
IncludeFilesystems=/srv/trigger

[Metric filesystem.*.used_ratio]
Range=..0.5

[Output journal]
Type=journal
"""

# Name, the controller without which it cannot be seen, what it does, what is reported of it.
CULPRITS = [
    ("burner", None, "while :; do :; done", "processors"),
    ("eater", "memory", "exec python3 -c 'import time; x = bytearray(400 << 20); time.sleep(90)'", "memory grew by 4"),
    # From the host's file system: what the machine has written itself is in memory.
    ("reader", "io", "while dd if=$(readlink -f /usr/bin/python3) of=/dev/null bs=1M iflag=direct; do :; done", "MB/s read"),
]


class Culprits:
    """Units that use more than before, at once with one that does not."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.note = report.note
        self.skip = report.skip

    def age(self):
        """For how many seconds the daemon has been running."""
        active = int(self.machine.property("ActiveEnterTimestampMonotonic")) / 1e6
        return float(self.machine.run("cat", "/proc/uptime").stdout.split()[0]) - active

    def names_the_units_that_did_it(self):
        machine = self.machine
        machine.install()
        machine.run("mkdir", "-p", "/srv/trigger")
        machine.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/srv/trigger")
        machine.write(SNIPPET, CONFIGURATION)
        machine.run("systemd-run", "--unit=innocent", "--property=RuntimeMaxSec=150", "sh", "-c",
                    "while sleep 0.2; do :; done")
        machine.run("systemctl", "start", "anomalyd")
        # The minutes before must be known: two surveys, 15 s apart.
        eventually(lambda: self.age() > 35, seconds=50, pause=1)
        accounted = controllers(1) | controllers(2)
        for name, controller, script, _ in CULPRITS:
            # In a file, as systemd would replace what begins with a dollar sign.
            machine.write(f"/srv/{name}.sh", COUNT_IO + script)
            machine.run("systemd-run", f"--unit={name}", "--property=RuntimeMaxSec=60",
                        "--property=MemoryAccounting=yes", "--property=IOAccounting=yes",
                        "sh", f"/srv/{name}.sh")
        machine.run("sh", "-c", "head -c 800k /dev/zero >/srv/trigger/filler")
        entries = eventually(lambda: [
            entry for entry in machine.journal(f"MESSAGE_ID={OPENED}")
            if entry.get("ANOMALYD_METRIC", "").startswith("filesystem./srv/trigger")], seconds=40)
        self.check("an incident opens", entries)
        entry = entries[-1] if entries else {}
        named = entry.get("ANOMALYD_UNIT", [])
        named = [named] if isinstance(named, str) else named
        self.note(entry.get("MESSAGE", ""))
        for name, controller, _, use in CULPRITS:
            sentence = f"it names {name}.service and what it uses more than before"
            if controller and controller not in accounted:
                self.skip(sentence, f"this host has no controller {controller}")
            else:
                self.check(sentence, f"{name}.service" in named and any(
                    part.strip().startswith(f"{name}.service: ") and use in part
                    for part in entry.get("MESSAGE", "").split(";")), named)
        self.check("it names no other unit of the machine",
                   not {"innocent.service", "anomalyd.service", "system.slice"} & set(named), named)

    STEPS = [names_the_units_that_did_it]
