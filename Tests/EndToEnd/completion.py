#!/usr/bin/env python3
"""Tab completion in interactive shells; a part of run.py.

As a program it runs inside the machine: it reads command lines from standard input, types each into bash, zsh
and fish, each on its own terminal, presses Tab, and prints the resulting line as JSON.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import tempfile
import time

from machine import eventually

SCRIPTS = {
    "bash": "/usr/share/bash-completion/completions/anomalyctl",
    "zsh": "/usr/share/zsh/vendor-completions/_anomalyctl",
    "fish": "/usr/share/fish/vendor_completions.d/anomalyctl.fish",
}
# Ctrl-P writes the edited line into the pipe.
SETUP = {
    "bash": """bind -x '"\\C-p": printf "%s\\n" "$READLINE_LINE" >{pipe}'\nsource {script}\n""",
    "zsh": "fpath=({folder} $fpath); autoload -U compinit; compinit -u -D\n"
           "report() {{ print -r -- \"$BUFFER\" >{pipe} }}; zle -N report; bindkey '^P' report\n",
    "fish": "source {script}\nbind \\cp 'commandline >{pipe}'\n",
}
START = {
    "bash": ["bash", "--noprofile", "--rcfile", "{setup}", "-i"],
    "zsh": ["zsh", "-i"],  # reads .zshrc in ZDOTDIR
    "fish": ["fish", "-i", "-C", "source {setup}"],
}
PATIENCE = 20  # seconds


class Shell:
    """An interactive shell, from the first prompt until its terminal is hung up."""

    def __init__(self, name, folder):
        self.name = name
        self.pipe = os.path.join(folder, f"{name}.pipe")
        setup = os.path.join(folder, ".zshrc" if name == "zsh" else f"{name}.setup")
        os.mkfifo(self.pipe)
        # Reading and writing, so that neither end ever closes.
        self.lines = os.open(self.pipe, os.O_RDWR | os.O_NONBLOCK)
        with open(setup, "w", encoding="utf-8") as file:
            file.write(SETUP[name].format(pipe=self.pipe, script=SCRIPTS[name], folder=os.path.dirname(SCRIPTS[name])))
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm", "HOME": folder, "ZDOTDIR": folder, "LC_ALL": "C.UTF-8"}
            words = [word.format(setup=setup) for word in START[name]]
            os.execvpe(words[0], words, environment)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def line(self, patience=PATIENCE):
        """The edited line, once the shell has processed what was typed; None if it does not respond."""
        self.type("\x10")
        found, deadline = b"", time.monotonic() + patience
        while not found.endswith(b"\n") and time.monotonic() < deadline:
            ready = select.select([self.lines, self.terminal], [], [], 0.1)[0]
            if self.terminal in ready:
                os.read(self.terminal, 65536)  # the echo, which would fill the terminal's buffer
            if self.lines in ready:
                found += os.read(self.lines, 65536)
        return found.decode().rstrip("\n") if found else None

    def begins(self):
        """Waits until the shell edits lines: earlier input may be lost."""
        return any(self.line(patience=1) is not None for _ in range(PATIENCE))

    def complete(self, line):
        self.type(f"\x15{line}\t")
        return self.line()

    def end(self):
        os.close(self.terminal)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def main():
    lines = json.load(sys.stdin)
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in SCRIPTS:
            shell = Shell(name, folder)
            try:
                answers[name] = {line: shell.complete(line) for line in lines} if shell.begins() else None
            finally:
                shell.end()
    json.dump(answers, sys.stdout)


def shortest(name, names):
    """The shortest unambiguous prefix of the last word of a command's name."""
    *before, last = name.split()
    words = [other.split()[len(before)] for other in names
             if other.split()[:len(before)] == before and len(other.split()) > len(before)]
    others = set(words) - {last}
    for length in range(1, len(last) + 1):
        if not any(other.startswith(last[:length]) for other in others):
            return " ".join([*before, last[:length]])
    return None  # as for `snapshot`, a prefix of `snapshots`


class Completion:
    """Completion as users see it: every command, and names that only the daemon knows."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check

    def completes_in_real_shells(self):
        machine = self.machine
        machine.run("systemctl", "restart", "anomalyd")
        names = eventually(lambda: sorted(entry["name"] for entry in machine.control("metrics")))
        metric = next(name for name in names if sum(other.startswith(name[:-1]) for other in names) == 1)
        for shell, script in SCRIPTS.items():
            self.check(f"{shell} can parse its script", machine.run(shell, "-n", script, check=False).returncode == 0)
        text = machine.run("anomalyctl", "--help").stdout
        commands = re.findall(r"^  ([a-z]+(?: [a-z]+)*)(?:  |$)", text.split("Commands:")[1].split("Arguments:")[0], re.M)
        expected = {f"anomalyctl {begun}": f"anomalyctl {name}" for name in commands
                    if (begun := shortest(name, commands))}
        expected |= {
            f"anomalyctl show {metric[:-1]}": f"anomalyctl show {metric}",
            "anomalyctl metrics --sta": "anomalyctl metrics --state",
            "anomalyctl metrics --state anom": "anomalyctl metrics --state anomalous",
            "anomalyctl train forec": "anomalyctl train forecaster",
            "anomalyctl plot /etc/host": "anomalyctl plot /etc/host",  # several: hosts, host.conf
            "anomalyctl plot /etc/hostn": "anomalyctl plot /etc/hostname",
        }
        answer = machine.run("python3", __file__, data=json.dumps(list(expected))).stdout
        for shell, lines in json.loads(answer).items():
            wrong = {line: found for line, found in (lines or {"no prompt": None}).items()
                     if found is None or found.rstrip() != expected.get(line)}
            self.check(f"{shell} completes {len(expected)} lines, {len(commands)} commands among them",
                       len(commands) > 40 and not wrong, wrong)
        machine.run("systemctl", "stop", "anomalyd")

    STEPS = [completes_in_real_shells]


if __name__ == "__main__":
    main()
