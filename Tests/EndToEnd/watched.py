"""`anomalyctl top` in a real terminal, that of tmux, and `anomalyctl doctor`; a part of run.py."""

import json
import re
import shutil
import subprocess
import tempfile
import time

from machine import HERE, ROOT, eventually

EXAMPLES = ROOT / "etc" / "examples"
PROMTOOL = ROOT / ".build" / "prometheus" / "usr" / "bin" / "promtool"
SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
CONFIGURATION = """\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T

[Input host]
Type=procfs
Interval=1s
Collectors=cpu load memory
"""
SHOWN = """\
[Agent]
IncidentSettling=0

[Input app]
Type=socket
FlushInterval=1s

[Metric app.shown]
Range=..10
"""
TMUX = ("tmux", "-L", "watched", "-f", "/dev/null")
MODES = "/run/watched.modes"


class Watched:
    """What users look at: the full screen with keys, resizing and a restart; and `doctor`."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.skip = report.skip

    def tmux(self, *words, check=True):
        return self.machine.run(*TMUX, *words, check=check)

    def screen(self):
        return self.tmux("capture-pane", "-p").stdout.splitlines()

    def shows(self, *texts, seconds=20):
        """The screen once it has all of `texts`, or at the end."""
        eventually(lambda: all(text in "\n".join(self.screen()) for text in texts), seconds)
        screen = self.screen()
        missing = [text for text in texts if text not in "\n".join(screen)]
        return not missing, "\n".join([f"missing {missing}"] + screen)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def watches_on_the_full_screen(self):
        machine = self.machine
        machine.run("sh", "-c", f"rm -f {SNIPPETS}/*.conf")
        machine.write(f"{SNIPPETS}/test.conf", CONFIGURATION)
        machine.run("systemctl", "restart", "anomalyd")
        # Rates need two polls: from then on no metric is added.
        eventually(lambda: machine.metric("cpu.busy"))
        name = min(metric["name"] for metric in machine.control("metrics"))
        self.tmux("new-session", "-d", "-x", "80", "-y", "24",
                  f"anomalyctl top --interval 1 --sort name; stty -a >{MODES}; echo left; sleep 1000")
        right, screen = self.shows("anomalyd ", "metrics: ", "course", f"> {name[:12]}", "q quit")
        self.check("top shows the daemon, its metrics and the keys", right, screen)
        self.check("and fits a terminal of 80 columns", len(self.screen()) <= 24
                   and all(len(line) <= 80 for line in self.screen()), self.screen())
        self.check("up to the last column", re.search(r"\d\d:\d\d:\d\dZ$", self.screen()[0]),
                   self.screen()[0])
        self.press("Enter")
        right, screen = self.shows(f"{name} is ", "q back")
        self.check("Enter shows one metric in full", right, screen)
        self.press("q", "e")
        right, screen = self.shows("q back")
        self.check("e shows the events", right, screen)
        self.press("Escape")
        time.sleep(0.3)
        self.press("/", *name, "Enter")
        right, screen = self.shows(f"filter '{name}'", f"> {name[:12]}")
        self.check("a filter keeps what is typed", right, screen)
        self.press("Escape")
        self.tmux("resize-window", "-x", "200", "-y", "60")
        right, screen = self.shows("band", "memory.used_ratio")
        self.check("a larger terminal shows more columns, and more lines, at once", right, screen)
        machine.run("systemctl", "stop", "anomalyd")
        right, screen = self.shows("trying again")
        self.check("it says that the daemon has gone, and keeps what it knew", right
                   and name in screen, screen)
        machine.run("systemctl", "start", "anomalyd")
        right = eventually(lambda: "trying again" not in "\n".join(self.screen())
                           and f"> {name}" in "\n".join(self.screen()))
        self.check("and continues with the next one", right, self.screen())
        self.press("q")
        right, screen = self.shows("left")
        self.check("q restores the screen", right and "metrics: " not in screen, screen)
        self.restored("q")
        for signal in ("TERM", "HUP"):
            self.tmux("kill-server", check=False)
            machine.run("rm", "-f", MODES)
            # The shell must survive and inspect the terminal.
            self.tmux("new-session", "-d", "-x", "80", "-y", "24",
                      f"sh -c 'trap \"\" HUP; (trap - HUP; exec anomalyctl top); stty -a >{MODES}; "
                      "echo left; sleep 1000'")
            self.shows("q quit")
            machine.run("pkill", f"-{signal}", "-x", "anomalyctl")
            right, screen = self.shows("left")
            self.check(f"SIG{signal} ends it", right, screen)
            self.restored(f"SIG{signal}")
        self.tmux("kill-server", check=False)
        refused = machine.run("anomalyctl", "top", check=False)
        self.check("without a terminal it says what to use instead",
                   refused.returncode == 1 and "anomalyctl status" in refused.stderr, refused.stderr)

    def stops_and_continues(self):
        """Ctrl-Z in a shell with job control."""
        machine = self.machine
        self.tmux("kill-server", check=False)
        machine.run("rm", "-f", MODES)
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "env PS1=shell: bash --norc")
        self.shows("shell:")
        self.press("anomalyctl top", "Enter")
        self.shows("q quit")
        self.press("C-z")
        right, screen = self.shows("Stopped")
        self.check("Ctrl-Z stops top and restores the screen", right and "q quit" not in screen, screen)
        self.press(f"stty -a >{MODES}; echo look", "Enter")
        self.shows("look")
        self.restored("Ctrl-Z")
        self.press("fg", "Enter")
        right, screen = self.shows("q quit", "metrics: ")
        self.check("fg shows it again", right, screen)
        self.press("?")
        right, screen = self.shows("page keys")
        self.check("and it takes keys one by one", right, screen)
        machine.run("rm", "-f", MODES)
        self.press("q", "q")
        eventually(lambda: "q quit" not in "\n".join(self.screen()))
        self.press(f"stty -a >{MODES}; echo over", "Enter")
        self.shows("over")
        self.restored("Ctrl-Z, fg and q")
        self.tmux("kill-server", check=False)

    def pages_long_output(self):
        machine = self.machine
        self.tmux("kill-server", check=False)
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "env PS1=shell: bash --norc")
        self.shows("shell:")
        # A pager that shows a line and waits for the user to leave, as less does.
        machine.write("/usr/local/bin/pages", """#!/bin/sh
IFS= read -r line; echo "page: $line LESS=$LESS"; IFS= read -r key </dev/tty
""", mode="0755")
        self.press("ANOMALYCTL_PAGER=pages anomalyctl config show; echo left: $?", "Enter")
        right, screen = self.shows("page: # read: ", "LESS=FRSXMK")
        self.check("on a terminal long output is shown by a pager", right
                   and "left: " not in "\n".join(screen.splitlines()[2:]), screen)
        self.press("q", "Enter")
        right, screen = self.shows("left: 0")
        self.check("leaving it before the end is no failure", right, screen)
        self.press("clear; ANOMALYCTL_PAGER=pages anomalyctl --no-pager config explain Seed", "Enter")
        right, screen = self.shows("Seed= in [Detector]")
        self.check("--no-pager does without", right and "page: " not in screen, screen)
        self.tmux("kill-server", check=False)

    def runs_what_documents_show(self):
        """The commands of README and of anomalyctl(1) that need a daemon and nothing else."""
        machine = self.machine
        readme = (ROOT / "README.md").read_text()
        page = (ROOT / "docs" / "man" / "anomalyctl.1").read_text().replace("\\-", "-")
        lines = re.findall(r"^(?:sudo )?(anomalyctl [^\n#]+)", readme + page, re.M)
        shown = sorted({line.split("|")[0].strip() for line in lines})
        needs_more = re.compile(
            # Files, endpoints and inputs that do not exist here; commands that do not end; a screen.
            r"^anomalyctl -|--directory|\.csv|\.model|\.state|outputs test|inputs test pump|--follow|anomalyctl (top|tap|nab|models "
            r"(rollback|unlearn|snapshot|freeze|export))|furnace|queue.depth")
        ran = 0
        # An incident to show and explain.
        machine.write(f"{SNIPPETS}/shown.conf", SHOWN)
        machine.run("systemctl", "reload", "anomalyd")
        eventually(lambda: machine.run("anomalyctl", "send", "shown", "99", check=False).returncode == 0
                   and machine.control("incidents"))
        incidents = machine.control("incidents")
        for line in sorted(shown, key=lambda line: "7d2f" not in line):
            if needs_more.search(line):
                continue
            if "7d2f" in line:
                line = line.replace("7d2f", incidents[0]["id"][-4:])
            elif machine.run("rm", f"{SNIPPETS}/shown.conf", check=False).returncode == 0:
                # The others depend on the machine: nothing is sent to that input.
                machine.run("systemctl", "reload", "anomalyd")
            result = machine.run("sh", "-c", line, check=False)
            # doctor fails where it finds a problem, such as the clock of this machine.
            good = result.returncode == 0 or line == "anomalyctl doctor" and result.returncode == 1
            self.check(f"{line} runs as shown", good, result.stdout[-500:] + result.stderr[-500:])
            ran += 1
        self.check("these are most of the shown ones", ran >= 16, (ran, shown))

    def is_watched_itself(self):
        eventually(lambda: "anomalyd_checkpoint_age_seconds" in self.exposition()
                   and "anomalyd_input_last_sample_age_seconds" in self.exposition())
        exposition = self.exposition()
        names = set(re.findall(r"^# TYPE (\S+) gauge", exposition, re.M)) | {
            name + "_total" for name in re.findall(r"^# TYPE (\S+) counter", exposition, re.M)}
        # The build is an info, this machine has a budget per metric, and a problem is there while it lasts.
        names |= {"anomalyd_build_info", "anomalyd_alarm_budget_overdraft", "anomalyd_problem"}
        for example in ("prometheus-rules.yml", "grafana-dashboard.json"):
            text = (EXAMPLES / example).read_text()
            used = set(re.findall(r"\banomalyd_[a-z_]+", text))
            self.check(f"{example} uses only metrics that the daemon has", used and used <= names,
                       used - names)
        sentence = "promtool accepts the alert rules, and they alert when they should"
        if not PROMTOOL.exists():
            self.skip(sentence, "prometheus is not available (make deps)")
            return
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(EXAMPLES / "prometheus-rules.yml", folder)
            shutil.copy(HERE / "prometheus-rules-test.yml", folder)
            for words in (["check", "rules", "prometheus-rules.yml"],
                          ["test", "rules", "prometheus-rules-test.yml"]):
                result = subprocess.run([PROMTOOL, *words], cwd=folder, text=True, check=False,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.check(f"{sentence}: {words[0]}", result.returncode == 0, result.stdout)

    def exposition(self):
        return self.machine.run("anomalyctl", "metrics", "--openmetrics").stdout

    def doctor(self):
        """Its output, whatever the exit code."""
        output = self.machine.run("anomalyctl", "doctor", "--json", check=False).stdout
        return [json.loads(line) for line in output.splitlines()]

    def restored(self, what):
        modes = self.machine.run("cat", MODES).stdout.split()
        self.check(f"the terminal is as before after {what}",
                   all(mode in [word.rstrip(";") for word in modes] for mode in ("icanon", "echo", "icrnl")), modes)

    def examines_itself(self):
        machine = self.machine
        machine.run("systemctl", "start", "anomalyd")
        found = {entry["subject"]: entry for entry in self.doctor()}
        self.check("doctor examines configuration, daemon, inputs, outputs, state and host",
                   {"configuration", "daemon", "access", "disk", "memory", "journal"} <= set(found),
                   found)
        self.check("it names a remedy for whatever is not good",
                   all(entry["grade"] == "good" or entry.get("remedy") for entry in found.values()),
                   found)
        self.check("the daemon runs", found["daemon"]["grade"] == "good", found["daemon"])
        machine.run("systemctl", "stop", "anomalyd")
        result = machine.run("anomalyctl", "doctor", check=False)
        self.check("without a daemon it says how to start it, and fails",
                   result.returncode == 1 and "systemctl start anomalyd" in result.stdout,
                   result.stdout + result.stderr)
        machine.run("systemctl", "start", "anomalyd")

    STEPS = (watches_on_the_full_screen, stops_and_continues, pages_long_output,
             runs_what_documents_show, examines_itself, is_watched_itself)
