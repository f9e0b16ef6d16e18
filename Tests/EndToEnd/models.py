"""What the daemon has learnt: frozen, saved, rolled back, and moved to another daemon; a part of run.py."""

import datetime
import json
import math
import time

from machine import eventually

SNIPPET = "/etc/anomalyd/anomalyd.conf.d/test.conf"
STATE = "/var/lib/anomalyd"
TABLE = "/srv/models.csv"
METRIC = "table.value"
LIVE = "/srv/live.csv"

CONFIGURATION = f"""\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T

[Detector]
AlarmBudget=5000

[Input table]
Type=csv
Path={TABLE}
Interval=100ms

[Input live]
Type=csv
Path={LIVE}
Interval=100ms
"""

SECOND = """\
[Agent]
StateDirectory=/run/second/state
ControlSocket=/run/second/socket

[Detector]
AlarmBudget=5000

[Input none]
Type=csv
Path=/srv/none.csv

[Metric furnace.*]
MinimumDeviation=5
"""


class Learnt:
    """The life of one model."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.rows = 0

    # MARK: Helpers

    def add(self, count):
        """Appends rows and waits until they are samples."""
        start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        text = "" if self.rows else "timestamp,value\n"
        for index in range(self.rows, self.rows + count):
            at = start + datetime.timedelta(minutes=index)
            value = 50 + 5 * math.sin(index / 20) + math.sin(index * index)
            text += f"{at:%Y-%m-%dT%H:%M:%SZ},{value:.4f}\n"
        self.rows += count
        self.machine.append(TABLE, text)
        assert eventually(lambda: self.machine.metric(METRIC)["samples"] >= self.rows)

    def model(self):
        return next(iter(self.machine.control("models", "list", METRIC)), None)

    def saved(self):
        """Waits for a checkpoint of the current state."""
        now = self.machine.status()["now"]
        assert eventually(lambda: self.machine.status()["checkpoint"].get("lastAt", "") > now)

    def kill(self):
        """Kills the daemon and waits for the next one."""
        process = self.machine.property("MainPID")
        self.machine.run("kill", "-KILL", process)
        assert eventually(lambda: self.machine.property("ActiveState") == "active"
                          and self.machine.property("MainPID") not in ("0", process))
        assert eventually(self.model)

    # MARK: Steps

    def freezes_models(self):
        machine = self.machine
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("sh", "-c", f"rm -rf {STATE}/*")
        machine.write(TABLE, "")
        machine.write(LIVE, "timestamp,value\n")
        machine.write(SNIPPET, CONFIGURATION)
        machine.write("/etc/systemd/system/anomalyd.service.d/kills.conf",
                      "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=100ms\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", "anomalyd")
        self.add(600)
        said = machine.run("anomalyctl", "models", "freeze", "table.*").stdout
        self.check("freeze names what it has frozen", METRIC in said, said)
        denied = machine.run("setpriv", "--reuid=65534", "--regid=65534", "--groups="
                             + machine.run("getent", "group", "anomalyd").stdout.split(":")[2],
                             "anomalyctl", "models", "freeze", METRIC, check=False)
        self.check("a reader may not freeze", denied.returncode == 1
                   and "anomalyd-admin" in denied.stderr, denied.stderr)
        before = self.model()
        self.saved()
        self.kill()
        self.add(50)
        after = self.model()
        self.check("a frozen model judges and does not learn, after a crash too",
                   after.get("frozenSince") == before["frozenSince"]
                   and after["updates"] == before["updates"]
                   and after["seen"] == before["seen"] + 50, (before, after))
        shown = machine.run("anomalyctl", "show", METRIC).stdout
        self.check("show says since when", "frozen" in shown, shown)
        self.check("so does the status", machine.status()["metrics"]["frozen"] == 1)
        machine.run("anomalyctl", "models", "unfreeze", METRIC)
        self.add(50)
        self.check("then it learns again", self.model()["updates"] > before["updates"], self.model())
        logged = machine.run("journalctl", "--unit=anomalyd", "--grep=froze the models").stdout
        self.check("the journal says who has done it", "user 0 froze" in logged, logged)

    def returns_to_a_snapshot(self):
        machine = self.machine
        machine.run("anomalyctl", "models", "snapshot", "--name", "mine")
        kept = self.model()
        self.add(100)
        said = machine.run("anomalyctl", "models", "rollback", "--all", "--to", "mine").stdout
        self.check("a roll-back says what does not roll back", "not rolled back" in said, said)
        self.check("the model is that of the snapshot",
                   self.model()["updates"] == kept["updates"], (kept, self.model()))
        self.saved()
        self.kill()
        self.check("after a crash, too", self.model()["updates"] == kept["updates"], self.model())
        self.add(100)
        said = machine.run("anomalyctl", "models", "diff", f"{METRIC}@mine", METRIC).stdout
        self.check("diff says what has changed since", "100 samples more" in said, said)
        for number in range(10):
            machine.run("sh", "-c", f"anomalyctl models snapshot --name kill{number} & "
                        f"sleep 0.0{number}; kill -KILL {machine.property('MainPID')}; wait",
                        check=False)
            assert eventually(self.model)
        snapshots = [each["name"] for each in machine.control("models", "snapshots")]
        for name in snapshots:
            reply = machine.control("models", "rollback", "--all", "--to", name)[0]
            if reply["metrics"] < 1 or reply["failed"]:
                self.check("each snapshot is whole", False, reply)
        self.check("snapshots survive kills whole or are not there", "mine" in snapshots, snapshots)
        machine.run("anomalyctl", "models", "delete", "mine")
        self.check("a deleted one is gone", "mine" not in [
            each["name"] for each in machine.control("models", "snapshots")])

    def unlearns_an_outage(self):
        machine, metric = self.machine, "live.value"
        total = 0

        def add(first, count, level):
            """Appends rows 20 ms apart and waits until they are samples."""
            nonlocal total
            total += count
            machine.append(LIVE, "".join(
                f"{first + datetime.timedelta(milliseconds=20 * index):%Y-%m-%dT%H:%M:%S.%fZ},"
                f"{level + math.sin(index / 20) + math.sin(index * index):.4f}\n"
                for index in range(count)))
            assert eventually(lambda: (machine.metric(metric) or {"samples": 0})["samples"] >= total)

        def model():
            return machine.control("models", "list", metric)[0]

        now = datetime.datetime.now(datetime.timezone.utc)
        add(now - datetime.timedelta(seconds=20), 400, 50)
        made = machine.control("models", "snapshot", "--name", "calm")[0]["made"]
        # Spans are whole seconds.
        since = datetime.datetime.fromisoformat(made).replace(microsecond=0) + datetime.timedelta(seconds=2)
        until = since + datetime.timedelta(seconds=3)
        # No sample is ahead of the clock that dates the incident's own snapshot.
        time.sleep(max(0, (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) + 1)
        add(since, 100, 5000)
        add(until, 30, 50)
        before = model()
        reply = machine.control(
            "models", "unlearn", f"{since:%Y-%m-%dT%H:%M:%SZ}..{until:%Y-%m-%dT%H:%M:%SZ}", metric)[0]
        after = model()
        self.check("unlearn returns to the newest snapshot before the span",
                   reply["snapshot"]["name"] == "calm" and reply["metrics"] == 1, reply)
        self.check("what came after the span is learnt again, the span is not",
                   reply["relearnt"] == 30 and after["seen"] == 430 and before["seen"] == 530,
                   (reply, before, after))
        self.check("the outage no longer counts as usual",
                   before["error"] > 50 > 10 > after["error"], (before, after))
        machine.run("anomalyctl", "models", "delete", "calm")

    def moves_a_model(self):
        machine = self.machine
        machine.run("anomalyctl", "models", "export", METRIC, "-o", "/srv/furnace.state")
        machine.write("/srv/second.conf", SECOND)
        machine.write("/srv/none.csv", "timestamp,value\n")
        machine.run("mkdir", "-p", "/run/second")
        machine.run("systemd-run", "--unit=second", "anomalyd", "--config=/srv/second.conf")
        second = ("--socket", "/run/second/socket")
        eventually(lambda: machine.run("anomalyctl", "status", *second, check=False).returncode == 0)
        reply = json.loads(machine.run(
            "anomalyctl", "models", "import", "/srv/furnace.state", "--as", "furnace.a", "--json",
            *second).stdout)
        self.check("an import says which rules differ",
                   any("MinimumDeviation=5" in text for text in reply["differences"]), reply)
        machine.run("anomalyctl", "models", "export", "furnace.a", "-o", "/srv/again.state", *second)
        said = machine.run("anomalyctl", "models", "diff", "/srv/furnace.state", "/srv/again.state").stdout
        self.check("another daemon has learnt the same", "no difference" in said, said)
        machine.run("sh", "-c", "head -c 1000 /srv/furnace.state >/srv/cut.state")
        cut = machine.run("anomalyctl", "models", "import", "/srv/cut.state", *second, check=False)
        self.check("a file that was cut off is refused", cut.returncode == 1
                   and "the copy is incomplete" in cut.stderr, cut.stderr)
        machine.run("systemctl", "stop", "second")
        machine.run("rm", "/etc/systemd/system/anomalyd.service.d/kills.conf")
        machine.run("systemctl", "daemon-reload")

    STEPS = [freezes_models, returns_to_a_snapshot, unlearns_an_outage, moves_a_model]
