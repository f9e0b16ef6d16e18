"""The Debian packages on a machine of their own: installed, upgraded, removed, purged."""

import pathlib

from machine import ROOT, eventually

PACKAGES = ROOT / ".build" / "deb"
UNIT_STARTED = "39f53479d3a045ac8e11786248231fbf"  # sd-messages.h
SNIPPET = "/etc/anomalyd/anomalyd.conf.d/own.conf"
CONFIGURATION = """\
[Agent]
CheckpointInterval=1s

[Input table]
Type=csv
Path=/srv/table.csv
Interval=100ms
"""
# Rewrites the packages as those of a later version.
RELEASE_AGAIN = """
set -e
for package in "$@"; do
  dpkg-deb -R "$package" /srv/unpacked
  sed -i 's/0\\.1\\.0-1/0.1.0-2/' /srv/unpacked/DEBIAN/control
  dpkg-deb -Znone --build /srv/unpacked "/srv/later/$(basename "$package")" >/dev/null
  rm -r /srv/unpacked
done
"""

# What a shell offers for an unfinished line.
SHELLS = {
    "bash": "source /usr/share/bash-completion/completions/anomalyctl; COMP_WORDS=({line}); "
            "COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _anomalyctl; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    "fish": "complete -C '{line}'",
}
COMPLETED = {
    "anomalyctl sil": ["silence"],
    "anomalyctl silence a": ["add"],
    "anomalyctl metrics --sta": ["--state"],
    "anomalyctl show load.1": ["load.15m", "load.1m"],
    "anomalyctl outputs test j": ["journal"],
}
# An interactive zsh on a terminal of its own, with the tabulator pressed.
ZSH = r"""
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "autoload -U compinit; compinit -u -D; print begin"
zpty -r -m inner shown $'*\nbegin*'
zpty -w -n inner $'anomalyctl sil\t'
zpty -r -m inner shown '*silence*' && print -r -- "$shown"
zpty -w -n inner $'\C-uanomalyctl show load.1\t'
zpty -r -m inner shown '*load.1m*' && print -r -- "$shown"
"""


class Packages:
    """From an empty machine to an empty machine."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.files = sorted(str(path) for path in PACKAGES.glob("*.deb"))

    def exists(self, path):
        return self.machine.run("test", "-e", path, check=False).returncode == 0

    def installs_and_starts(self):
        machine = self.machine
        # Container images forbid packages to start services; this machine is a whole one.
        machine.run("rm", "-f", "/usr/sbin/policy-rc.d")
        result = machine.run("dpkg", "--install", *self.files, check=False)
        self.check("the packages install without a question", result.returncode == 0, result.stderr)
        self.check("the service runs at once", machine.property("ActiveState") == "active",
                   machine.property("ActiveState"))
        self.check("and after a reboot", machine.property("UnitFileState") == "enabled",
                   machine.property("UnitFileState"))
        self.check("it watches the host", machine.status()["inputs"][0]["name"] == "host",
                   machine.status()["inputs"])
        for unit in ("anomalyd-webhook.path", "anomalyd-webhook.service"):
            self.check(f"{unit} waits for the administrator",
                       machine.property("ActiveState", unit) == "inactive"
                       and machine.property("UnitFileState", unit) in ("disabled", "static"),
                       machine.property("UnitFileState", unit))
        listed = machine.run("journalctl", "--list-catalog", check=False).stdout
        self.check("the journal's catalogue has its messages", "anomal" in listed)
        for page in ("anomalyd", "anomalyctl", "anomalyd.conf", "anomalyd-webhook"):
            found = machine.run("sh", "-c", f"ls /usr/share/man/man?/{page}.*", check=False)
            self.check(f"it has a man page of {page}", found.returncode == 0, found.stderr)
        conffiles = machine.run("dpkg-query", "--show", "--showformat=${Conffiles}", "anomalyd")
        self.check("no upgrade asks about a configuration file",
                   "anomalyd.conf" not in conffiles.stdout, conffiles.stdout)

    def completes_command_lines(self):
        machine = self.machine
        eventually(lambda: machine.metric("load.1m"))
        for shell, command in SHELLS.items():
            for line, expected in COMPLETED.items():
                found = machine.run(shell, "-c", command.format(line=line), check=False)
                words = [word.split("\t")[0] for word in found.stdout.splitlines()]
                self.check(f"{shell} completes '{line}'", sorted(words) == sorted(expected),
                           found.stdout + found.stderr)
        shown = machine.run("zsh", "-f", "-c", ZSH, check=False).stdout
        self.check("zsh completes 'anomalyctl sil' and 'anomalyctl show load.1'",
                   "anomalyctl silence" in shown and "load.1m" in shown, shown)

    def upgrades(self):
        machine = self.machine
        machine.write("/srv/table.csv", "time,value\n" + "".join(
            f"2026-01-01T{minute // 60:02}:{minute % 60:02}:00Z,{minute % 7}\n"
            for minute in range(1000)))
        machine.write(SNIPPET, CONFIGURATION)
        machine.run("systemctl", "restart", "anomalyd")
        eventually(lambda: machine.metric("table.value")["samples"] == 1000)
        process = machine.property("MainPID")
        starts = self.starts()
        machine.run("mkdir", "-p", "/srv/later")
        machine.run("sh", "-c", RELEASE_AGAIN, "sh", *self.files)
        result = machine.run("dpkg", "--install", *(
            f"/srv/later/{pathlib.Path(name).name}" for name in self.files), check=False)
        self.check("an upgrade succeeds", result.returncode == 0, result.stderr)
        self.check("it restarts the service, once",
                   self.starts() == starts + 1 and machine.property("MainPID") != process,
                   f"{starts} starts before, {self.starts()} after")
        self.check("it keeps the configuration", self.exists(SNIPPET))
        metric = eventually(lambda: machine.metric("table.value"))
        self.check("it keeps what was learnt", metric and metric["samples"] == 1000, metric)

    def starts(self):
        """How many times systemd has started the service."""
        return len(self.machine.journal("UNIT=anomalyd.service", f"MESSAGE_ID={UNIT_STARTED}"))

    def leaves(self):
        machine = self.machine
        machine.run("dpkg", "--remove", "anomalyd-webhook", "anomalyd")
        self.check("removal stops the service", machine.property("ActiveState") == "inactive",
                   machine.property("ActiveState"))
        self.check("removes its programs", not self.exists("/usr/bin/anomalyd"))
        self.check("and keeps state and configuration",
                   self.exists("/var/lib/anomalyd/checkpoint") and self.exists(SNIPPET))
        machine.run("dpkg", "--purge", "anomalyd-webhook", "anomalyd")
        left = machine.run("sh", "-c",
                           "find /etc /usr /var /run -name '*anomalyd*' -not -path '*/man-db/*' "
                           "-not -path '/var/log/journal/*' -not -path '/var/lib/dpkg/*'",
                           check=False).stdout
        self.check("a purge leaves no file", not left.strip(), left)

    STEPS = [installs_and_starts, completes_command_lines, upgrades, leaves]
