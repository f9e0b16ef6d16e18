"""First contact and hostile users: what beginners and unprivileged users do; a part of run.py."""

import subprocess
import time

from machine import ROOT, STAGING, eventually

SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
STATE = "/var/lib/anomalyd"
STARVED_METRICS = 1_000  # nearly the maximum number of columns
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534")
PYTHON = "/usr/bin/python3"  # executable by every user
# Another user's daemon, where anomalyctl used to look.
FAKE = """
import os, socket
os.makedirs("/tmp/anomalyd", exist_ok=True)
listener = socket.socket(socket.AF_UNIX)
listener.bind("/tmp/anomalyd/io.anomalyd")
os.chmod("/tmp/anomalyd/io.anomalyd", 0o777)
listener.listen(8)
while True:
    peer, _ = listener.accept()
    peer.sendall(b'{"parameters":{}}\\0')
"""
# Holds as many connections as it can get until it is killed.
GREEDY = """
import socket, time
held = []
for _ in range(40):
    client = socket.socket(socket.AF_UNIX)
    client.connect("/run/anomalyd/io.anomalyd")
    held.append(client)
    time.sleep(0.01)
print(len(held), flush=True)
time.sleep(600)
"""

# Runs a daemon on its own terminal, closes the terminal, and prints how the daemon ended.
LOST_TERMINAL = """
import os, pty, select, sys, time
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
while b"learning" not in shown:
    assert select.select([terminal], [], [], 20)[0], shown
    shown += os.read(terminal, 4096)
os.close(terminal)
deadline = time.monotonic() + 20
while time.monotonic() < deadline:
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        sys.exit(f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status)
                 else os.WEXITSTATUS(status))
    time.sleep(0.05)
os.kill(child, 9)
sys.exit("it did not end")
"""
# Stops a service while its process gets a few milliseconds a second, as on an overloaded host.
STARVED_STOP = """
import os, signal, subprocess, sys, time
process = int(sys.argv[1])
subprocess.run(["systemctl", "stop", "--no-block", "anomalyd"], check=True)
try:
    while True:
        # Again and again, as the service manager wakes a process that it terminates.
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            os.kill(process, signal.SIGSTOP)
            time.sleep(0.002)
        os.kill(process, signal.SIGCONT)
        time.sleep(0.002)
except ProcessLookupError:
    pass
"""


class Story:
    """What both stories need."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check

    def group(self, name):
        return self.machine.run("getent", "group", name).stdout.split(":")[2]

    def background(self, unit, *command):
        """Runs a command in its own unit until `stop_background`."""
        self.machine.run("systemd-run", "--quiet", "--collect", f"--unit={unit}", *command)

    def stop_background(self, unit):
        self.machine.run("systemctl", "stop", unit, check=False)


class FirstContact(Story):
    """Before the installation."""

    def is_hardened(self):
        """Not in the machine: readelf belongs to the build."""
        for name in "anomalyd", "anomalyd-webhook", "anomalyctl":
            path = STAGING / "usr" / "bin" / name
            text = subprocess.run(["readelf", "--wide", "--file-header", "--dynamic", "--segments",
                                   "--sections", path], capture_output=True, text=True,
                                  check=True).stdout
            self.check(f"{name} is position-independent", "DYN" in text.split("Type:")[1][:40])
            self.check(f"{name} binds all symbols at its start",
                       "BIND_NOW" in text or " NOW" in text)
            self.check(f"{name} has read-only relocations", "GNU_RELRO" in text)
            self.check(f"{name} has no search path for libraries",
                       "RUNPATH" not in text and "RPATH" not in text)
            self.check(f"{name} is stripped", ".symtab" not in text and ".debug_info" not in text)
            # Anything that differs between two machines would make two builds differ.
            self.check(f"{name} contains no path of this build", str(ROOT).encode() not in path.read_bytes())
        objects = list((ROOT / ".build" / "release" / "CKernels.build").glob("*.o"))
        symbols = subprocess.run(["nm", "--undefined-only", *objects], capture_output=True, text=True,
                                 check=True).stdout
        self.check("C functions with arrays check their stack", "__stack_chk_fail" in symbols, objects)

    def is_tried_out_first(self):
        """As in the README: `make run` as root, then the installation."""
        machine = self.machine
        self.background("trial.service", f"{STAGING}/usr/bin/anomalyd", "--foreground")
        path = "/run/anomalyd-foreground/io.anomalyd"
        answered = eventually(lambda: machine.run(
            f"{STAGING}/usr/bin/anomalyctl", "status", "--socket", path, check=False).returncode == 0)
        self.check("root's trial in the foreground answers at a socket of its own", answered)
        self.check("and uses nothing of the service's", machine.run(
            "sh", "-c", f"ls -d {STATE} /run/anomalyd", check=False).stdout == "")
        self.stop_background("trial.service")
        self.check("its state is kept apart", machine.run(
            "test", "-e", "/var/lib/anomalyd-foreground/checkpoint", check=False).returncode == 0)
        # Left behind by an earlier version, or by a daemon that root started.
        machine.run("sh", "-c", f"umask 077; mkdir -p {STATE}/outbox && touch {STATE}/lock "
                    f"{STATE}/checkpoint {STATE}/outbox/left")

    def ends_with_its_terminal(self):
        machine = self.machine
        state = "/tmp/terminal/state"
        machine.run("mkdir", "-p", "/tmp/terminal")
        ended = machine.run(PYTHON, "-c", LOST_TERMINAL, f"{STAGING}/usr/bin/anomalyd",
                            "--foreground", "--state-directory", state, "--socket",
                            "/tmp/terminal/socket", check=False)
        self.check("in the foreground it ends when its terminal is closed",
                   ended.returncode == 0, ended.stderr)
        self.check("and saves its state", machine.run(
            "test", "-s", f"{state}/checkpoint", check=False).returncode == 0)

    STEPS = [is_hardened, is_tried_out_first, ends_with_its_terminal]


class Hostile(Story):
    """After the life of the installation: each step finds the service running and leaves it running."""

    def takes_back_its_files(self):
        self.machine.run("systemctl", "start", "anomalyd")
        left = self.machine.run("find", STATE, "-user", "root").stdout
        self.check("the service owns what root had left in its state", left == "", left)

    def trusts_no_stranger(self):
        machine = self.machine
        machine.run("systemctl", "stop", "anomalyd")
        self.background("fake.service", "--uid=65534", PYTHON, "-c", FAKE)
        self.check("a stranger's daemon listens", eventually(lambda: machine.run(
            "test", "-S", "/tmp/anomalyd/io.anomalyd", check=False).returncode == 0))
        answer = machine.run("anomalyctl", "status", check=False)
        self.check("root does not ask a stranger's daemon",
                   answer.returncode == 1 and "/run/anomalyd/io.anomalyd" in answer.stderr,
                   answer.stderr)
        self.stop_background("fake.service")
        machine.run("install", "-d", "-o", "65534", "-m", "700", "/tmp/nobody")
        own = ("env", "HOME=/tmp/nobody", "XDG_RUNTIME_DIR=/tmp/nobody")
        self.background("own.service", "--uid=65534", *own, "anomalyd", "--foreground")
        asked = eventually(lambda: machine.run(
            *NOBODY, "--clear-groups", *own, "anomalyctl", "status", check=False).returncode == 0)
        self.check("a user's own daemon is found by that user", asked)
        # Another user who is led there is not deceived either.
        machine.run("chmod", "-R", "a+rwx", "/tmp/nobody")
        other = machine.run("setpriv", "--reuid=1234", "--regid=1234", "--clear-groups",
                            *own, "anomalyctl", "status", check=False)
        self.check("but not believed by another", other.returncode == 1
                   and "not trusted" in other.stderr, other.stderr)
        self.stop_background("own.service")
        machine.run("systemctl", "start", "anomalyd")

    def admits_its_administrators(self):
        machine = self.machine
        admin = (*NOBODY, f"--groups={self.group('anomalyd-admin')}")
        read = machine.run(*admin, "anomalyctl", "status", check=False)
        self.check("anomalyd-admin alone suffices to open the socket", read.returncode == 0,
                   read.stderr)
        added = machine.run(*admin, "anomalyctl", "silence", "add", "none.*", "--for", "1min",
                            "--reason", "first\nsecond\x1b[31m", check=False)
        self.check("and to make changes", added.returncode == 0, added.stderr)
        text = machine.run("journalctl", "--unit=anomalyd", "--output=cat", "--no-pager").stdout
        self.check("a reason with a line break begins no line of the journal",
                   "first␊second␛[31m" in text and "\nsecond" not in text, text[-500:])

    def cannot_be_locked_out(self):
        machine = self.machine
        group = self.group("anomalyd")
        self.background("greedy.service", "--uid=65534", f"--gid={group}", PYTHON, "-c", GREEDY)
        full = eventually(lambda: machine.status()["control"]["turnedAway"] > 0)
        self.check("a member who holds 40 connections does not lock root out", full,
                   machine.status()["control"])
        refused = machine.run(*NOBODY, f"--groups={group}", "anomalyctl", "status", check=False)
        self.check("that user is told why there is no further one",
                   refused.returncode == 1 and "connections" in refused.stderr, refused.stderr)
        lines = [entry for entry in machine.journal("_SYSTEMD_UNIT=anomalyd.service")
                 if "rejected a control client" in entry["MESSAGE"]]
        self.check("the journal has one line about it", len(lines) == 1, len(lines))
        self.stop_background("greedy.service")

    def survives_signals(self):
        machine = self.machine
        process = machine.property("MainPID")
        for signal in "USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR", "XFSZ", "RTMIN":
            machine.run("kill", "-s", signal, process)
        time.sleep(0.3)  # no condition to wait for: nothing may happen
        self.check("signals of no meaning to it do not end it",
                   machine.property("MainPID") == process and machine.status())
        machine.run("kill", "-s", "QUIT", process)
        ended = eventually(lambda: machine.property("MainPID") == "0")
        self.check("SIGQUIT ends it cleanly", ended and machine.property("Result") == "success",
                   machine.property("Result"))
        machine.run("systemctl", "start", "anomalyd")
        log = machine.run("journalctl", "--unit=anomalyd", "--lines=20", "--output=cat",
                          "--no-pager").stdout
        self.check("with a checkpoint", "restored:" in log, log)

    def keeps_descriptors_in_reserve(self):
        machine = self.machine
        drop_in = "/etc/systemd/system/anomalyd.service.d/files.conf"
        machine.write(drop_in, "[Service]\nLimitNOFILE=300\n")
        machine.write(f"{SNIPPETS}/files.conf",
                      "[Input many]\nType=csv\nPath=/srv/many/*.csv\nMaximumFiles=5000\n")
        machine.run("sh", "-c", "mkdir -p /srv/many && cd /srv/many && for i in $(seq 500); do "
                    "printf 'timestamp,value\\n2026-01-01T00:00:00Z,1\\n' > $i.csv; done")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "anomalyd")
        many = eventually(lambda: machine.input("many")["samples"] > 100 and machine.input("many"))
        self.check("files beyond the limit of descriptors are refused visibly",
                   many and "LimitNOFILE=" in many.get("lastError", ""), machine.input("many"))
        at = machine.status()["now"]
        self.check("the control socket and checkpoints still work", eventually(
            lambda: machine.status()["checkpoint"]["lastAt"] > at), machine.status()["checkpoint"])
        machine.run("rm", "-r", drop_in, f"{SNIPPETS}/files.conf", "/srv/many")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "anomalyd")
        limit = machine.run("cat", f"/proc/{machine.property('MainPID')}/limits").stdout
        files = next(line for line in limit.splitlines() if line.startswith("Max open files"))
        self.check("usually it may open more than a thousand files",
                   int(files.split()[3]) > 10_000, files)

    def fails_if_it_cannot_save(self):
        machine = self.machine
        machine.run("mkdir", f"{STATE}/checkpoint.new")
        machine.run("systemctl", "stop", "anomalyd")
        self.check("a last checkpoint that fails is a failure of the service",
                   machine.property("Result") == "exit-code", machine.property("Result"))
        machine.run("rmdir", f"{STATE}/checkpoint.new")
        machine.run("systemctl", "reset-failed", "anomalyd")
        machine.run("systemctl", "start", "anomalyd")

    def is_given_time_to_save(self):
        """A stop that takes longer than TimeoutStopSec= on a host that is out of CPU time."""
        machine = self.machine
        drop_in = "/etc/systemd/system/anomalyd.service.d/stop.conf"
        machine.write(drop_in, "[Service]\nTimeoutStopSec=4s\n")
        machine.run("systemctl", "daemon-reload")
        machine.write(f"{SNIPPETS}/wide.conf", "[Input wide]\nType=csv\nPath=/srv/wide.csv\n")
        names = [f"m{index}" for index in range(STARVED_METRICS)]
        machine.write("/srv/wide.csv", "timestamp," + ",".join(names) + "".join(
            f"\n2026-01-01T00:00:0{row}Z" + f",{row}" * len(names) for row in range(3)) + "\n")
        machine.run("systemctl", "restart", "anomalyd")
        known = eventually(
            lambda: machine.status()["metrics"]["registered"] >= STARVED_METRICS)
        self.check("many metrics are known", known, machine.status()["metrics"])
        process = machine.property("MainPID")
        began = time.monotonic()
        machine.run(PYTHON, "-c", STARVED_STOP, process)
        took = time.monotonic() - began
        self.check("a stop may take longer than TimeoutStopSec= while the state is being saved",
                   took > 4 and machine.property("Result") == "success",
                   f"{took:.1f} s, {machine.property('Result')}")
        machine.run("rm", drop_in, f"{SNIPPETS}/wide.conf", "/srv/wide.csv")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", "anomalyd")

    def forges_no_line_of_the_webhook_log(self):
        name = "/tmp/x\nanomalyd-webhook: forged\x1b[2J"
        said = self.machine.run("anomalyd-webhook", "--config", name, check=False)
        self.check("the webhook program's log shows a file name on one line",
                   said.returncode == 78 and "␛[2J" in said.stderr
                   and "\x1b" not in said.stderr
                   and not any(line.startswith("anomalyd-webhook: forged")
                               for line in said.stderr.splitlines()), said)

    STEPS = [
        takes_back_its_files, trusts_no_stranger, admits_its_administrators, cannot_be_locked_out,
        survives_signals, keeps_descriptors_in_reserve, fails_if_it_cannot_save,
        is_given_time_to_save, forges_no_line_of_the_webhook_log,
    ]


class Farewell(Story):
    """Uninstallation."""

    def is_uninstalled(self):
        machine = self.machine
        machine.write("/srv/Makefile", (ROOT / "Makefile").read_text())
        machine.run("systemctl", "enable", "--now", "anomalyd", "anomalyd-webhook.path")
        result = machine.run("make", "--no-print-directory", "-C", "/srv", "uninstall", check=False)
        self.check("make uninstall works", result.returncode == 0, result.stderr)
        state = machine.run("systemctl", "is-active", "anomalyd", check=False).stdout.strip()
        self.check("it stops the service", state == "inactive", state)
        links = machine.run("find", "/etc/systemd/system", "-xtype", "l", "-name", "anomalyd*").stdout
        self.check("and leaves no dangling link", links == "", links)
        left = machine.run("sh", "-c", "ls /usr/bin/anomaly* /usr/lib/systemd/system/anomaly*",
                           check=False).stdout
        self.check("and neither a program nor a unit", left == "", left)

    STEPS = [is_uninstalled]
