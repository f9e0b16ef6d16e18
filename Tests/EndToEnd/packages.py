"""Debian packages, tarball and RPM packages on their own machines: installed, upgraded, removed, purged."""

import pathlib

from machine import ROOT, eventually

PACKAGES = ROOT / ".build" / "deb"
DIST = ROOT / ".build" / "dist"
RPMS = ROOT / ".build" / "rpm" / "RPMS"
STATE = "/var/lib/anomalyd"
DAMAGED = "395550a44c394fffba953081fac344e2"
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
# Rewrites the packages with a later version.
RELEASE_AGAIN = """
set -e
for package in "$@"; do
  dpkg-deb -R "$package" /srv/unpacked
  sed -i 's/0\\.1\\.0-1/0.1.0-2/' /srv/unpacked/DEBIAN/control
  dpkg-deb -Znone --build /srv/unpacked "/srv/later/$(basename "$package")" >/dev/null
  rm -r /srv/unpacked
done
"""

# A shell's completions of an unfinished line.
SHELLS = {
    "bash": "source /usr/share/bash-completion/completions/anomalyctl; COMP_LINE='{line}'; "
            "COMP_POINT=${{#COMP_LINE}}; _anomalyctl; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    "fish": "complete -C '{line}'",
}
COMPLETED = {
    "anomalyctl sil": ["silence"],
    "anomalyctl silence a": ["add"],
    "anomalyctl metrics --sta": ["--state"],
    "anomalyctl show load.1": ["load.15m", "load.1m"],
    "anomalyctl outputs test j": ["journal"],
}
# An interactive zsh on its own terminal, with Tab pressed.
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


# Everything that any kind of installation may have left behind.
LEFT = ("find /etc /usr /var /run -name '*anomaly*' -not -path '*/man-db/*' -not -path '/var/log/journal/*' "
        "-not -path '/var/lib/dpkg/*' -not -path '/var/lib/rpm/*'")


class Installed:
    """What all kinds of installation share: from an empty machine to an empty machine."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check

    def exists(self, path):
        return self.machine.run("test", "-e", path, check=False).returncode == 0

    def starts(self):
        """How many times systemd has started the service."""
        return len(self.machine.journal("UNIT=anomalyd.service", f"MESSAGE_ID={UNIT_STARTED}"))

    def leaves_nothing(self, what):
        left = self.machine.run("sh", "-c", LEFT, check=False).stdout
        self.check(f"{what} leaves no file", not left.strip(), left)


class Packages(Installed):
    """The Debian packages."""

    def __init__(self, machine, report):
        super().__init__(machine, report)
        self.files = sorted(str(path) for path in PACKAGES.glob("*.deb"))

    def installs_and_starts(self):
        machine = self.machine
        # Container images keep packages from starting services; this machine is a complete one.
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

    def downgrades(self):
        machine = self.machine
        result = machine.run("dpkg", "--install", *self.files, check=False)
        self.check("a downgrade succeeds", result.returncode == 0, result.stderr)
        metric = eventually(lambda: machine.metric("table.value"))
        self.check("it keeps what was learnt in the same format", metric and metric["samples"] == 1000, metric)
        # The version of the format follows eight bytes of magic.
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("sh", "-c", f"cd {STATE} && for file in checkpoint checkpoint.old; do test ! -e $file || "
                    "printf '\\011' | dd of=$file bs=1 seek=8 conv=notrunc status=none; done")
        machine.run("systemctl", "start", "anomalyd")
        said = [entry["MESSAGE"] for entry in machine.journal(f"MESSAGE_ID={DAMAGED}")]
        self.check("state of a newer format is refused with a clear message",
                   any("found 9" in text and "kept as checkpoint.version-9" in text for text in said), said)
        self.check("and kept for that version", self.exists(f"{STATE}/checkpoint.version-9"))

    def leaves(self):
        machine = self.machine
        machine.run("dpkg", "--remove", "anomalyd-webhook", "anomalyd")
        self.check("removal stops the service", machine.property("ActiveState") == "inactive",
                   machine.property("ActiveState"))
        self.check("removes its programs", not self.exists("/usr/bin/anomalyd"))
        self.check("and keeps state and configuration",
                   self.exists("/var/lib/anomalyd/checkpoint") and self.exists(SNIPPET))
        machine.run("dpkg", "--purge", "anomalyd-webhook", "anomalyd")
        self.leaves_nothing("a purge")

    STEPS = [installs_and_starts, completes_command_lines, upgrades, downgrades, leaves]


class Tarball(Installed):
    """The tarball of binaries with its scripts."""

    def installs_from_a_tarball(self):
        machine = self.machine
        archive = next(iter(DIST.glob("anomalyd-*-linux-*.tar.gz")))
        machine.run("mkdir", "-p", "/srv/tarball")
        machine.run("tar", "--extract", "--strip-components=1", "--directory=/srv/tarball", f"--file={archive}")
        refused = machine.run("setpriv", "--reuid=65534", "--clear-groups", "/srv/tarball/install.sh", check=False)
        self.check("install.sh of a user is refused", refused.returncode == 1 and "as root" in refused.stderr,
                   refused.stderr)
        refused = machine.run("/srv/tarball/install.sh", "--prefix", "/opt/anomalyd", check=False)
        self.check("a prefix where systemd does not look is refused", refused.returncode == 1, refused.stderr)
        result = machine.run("/srv/tarball/install.sh", check=False)
        self.check("install.sh installs and starts the service", result.returncode == 0
                   and machine.property("ActiveState") == "active", result.stdout + result.stderr)
        self.check("from /usr/local", "/usr/local/bin/anomalyd" in machine.property("ExecStart"),
                   machine.property("ExecStart"))
        self.check("and for the next boot", machine.property("UnitFileState") == "enabled")
        version = machine.run("anomalyctl", "--version", check=False).stdout
        self.check("anomalyctl is in the path", version.startswith("anomalyctl "), version)
        self.check("the journal's catalogue has its messages",
                   "anomal" in machine.run("journalctl", "--list-catalog", check=False).stdout)
        starts = self.starts()
        machine.run("sh", "-c", "rm /srv/tarball/files/usr/share/doc/anomalyd/examples/slack.conf")
        machine.run("/srv/tarball/install.sh")
        self.check("a later one restarts it, once", self.starts() == starts + 1, self.starts())
        self.check("and removes what is no longer part of it",
                   not self.exists("/usr/local/share/doc/anomalyd/examples/slack.conf"))
        refused = machine.run("/srv/tarball/install.sh", "--prefix=/usr", check=False)
        self.check("a second installation beside it is refused", refused.returncode == 1, refused.stderr)
        machine.run("/usr/local/share/anomalyd/uninstall.sh")
        self.check("uninstall.sh stops it and keeps state and configuration",
                   machine.property("ActiveState") == "inactive" and self.exists(f"{STATE}/checkpoint")
                   and self.exists("/etc/anomalyd/anomalyd.conf")
                   and not self.exists("/usr/local/bin/anomalyd"))
        machine.run("/srv/tarball/install.sh", "--no-start")
        machine.run("/usr/local/share/anomalyd/uninstall.sh", "--purge")
        machine.run("rm", "-r", "/srv/tarball")
        self.leaves_nothing("uninstall.sh --purge")

    STEPS = [installs_from_a_tarball]


class RPM(Installed):
    """The RPM packages, with Debian's rpm."""

    def installs_from_rpm(self):
        machine = self.machine
        files = sorted(str(path) for path in RPMS.glob("*/*.rpm"))
        main = next(name for name in files if "webhook" not in name)
        needs = machine.run("rpm", "--query", "--requires", "--package", main).stdout
        self.check("the daemon's package needs libsystemd, and no libcurl",
                   "libsystemd" in needs and "curl" not in needs, needs)
        rpm = ("rpm", "--force-debian", "--nodeps")
        machine.run("rpm", "--initdb")
        result = machine.run(*rpm, "--install", *files, check=False)
        self.check("the packages install", result.returncode == 0, result.stderr)
        self.check("with users and directories",
                   self.exists("/var/lib/anomalyd/outbox")
                   and machine.run("getent", "passwd", "anomalyd-webhook", check=False).returncode == 0)
        self.check("without starting anything", machine.property("ActiveState") == "inactive")
        self.check("the webhook's unit waits for the administrator",
                   machine.property("UnitFileState", "anomalyd-webhook.path") == "disabled")
        machine.run("systemctl", "start", "anomalyd")
        process = machine.property("MainPID")
        result = machine.run(*rpm, "--upgrade", "--force", *files, check=False)
        self.check("an upgrade restarts the service", result.returncode == 0
                   and machine.property("ActiveState") == "active"
                   and machine.property("MainPID") != process, result.stderr)
        result = machine.run(*rpm, "--erase", "anomalyd-webhook", "anomalyd", check=False)
        self.check("removal stops it and keeps its state", result.returncode == 0
                   and machine.property("ActiveState") == "inactive" and self.exists(f"{STATE}/checkpoint")
                   and not self.exists("/usr/bin/anomalyd"), result.stderr)
        machine.run("rm", "-rf", "/etc/anomalyd", STATE, "/var/log/anomalyd")
        self.leaves_nothing("removal")

    STEPS = [installs_from_rpm]
