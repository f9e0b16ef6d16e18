"""A trained model on metrics of the running service, `[Model NAME]`; a part of run.py."""

import json
import random
import time

from machine import eventually

SNIPPET = "/etc/anomalyd/anomalyd.conf.d/test.conf"
STATE = "/var/lib/anomalyd"
SOCKET = "/run/anomalyd/metrics.sock"
RECORDING = "/srv/pair.csv"
MODEL = "/etc/anomalyd/pair.model"
SCORE = "model.pair"
INTERVAL = 10
INCIDENT_OPENED = "6dd6b884ec694492b1c2917eb9726dce"

CONFIGURATION = f"""\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T

[Detector]
AlarmBudget=2000

[Input app]
Type=socket
FlushInterval=1s

[Output journal]
Type=journal

[Model pair]
File={MODEL}
Metrics=app.shop.orders app.shop.payments
"""

SENDER = """
import socket, sys
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
lines = sys.stdin.read().splitlines()
for first in range(0, len(lines), 20):
    sender.sendto("\\n".join(lines[first:first + 20]).encode(), sys.argv[1])
"""


class Attached:
    """The life of a model: trained on a recording, attached, broken, restarted, replaced."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.random = random.Random(3)
        self.walks = [0.0, 0.0]
        self.start = int(time.time()) - 4000 * INTERVAL
        self.rows = 0

    # MARK: Helpers

    def values(self, fits=True):
        """Orders, and payments that follow them or, similar ones, something else."""
        self.walks = [0.6 * walk + self.random.gauss(0, 1) for walk in self.walks]
        followed = self.walks[0 if fits else 1]
        return 50 + self.walks[0], 100 + 2 * followed + self.random.gauss(0, 0.05)

    def send(self, count, fits=True):
        """Sends rows and waits until they are scored."""
        lines = []
        for _ in range(count):
            orders, payments = self.values(fits)
            moment = (self.start + INTERVAL * self.rows) * 1_000_000_000
            lines.append(f"shop orders={orders:.4f},payments={payments:.4f} {moment}")
            self.rows += 1
        self.machine.run("python3", "-c", SENDER, SOCKET, data="\n".join(lines))
        assert eventually(lambda: (self.machine.metric(SCORE) or {"samples": 0})["samples"] >= self.rows), \
            self.machine.run("anomalyctl", "status").stdout

    def incidents(self):
        """Openings of incidents of the model in the journal, by message."""
        return [entry["MESSAGE"] for entry in self.machine.journal(f"MESSAGE_ID={INCIDENT_OPENED}")
                if "sees what it does not expect" in entry["MESSAGE"]]

    # MARK: Steps

    def trains_a_model(self):
        machine = self.machine
        machine.run("systemctl", "stop", "anomalyd")
        machine.run("sh", "-c", f"rm -rf {STATE}/*")
        text = "timestamp,orders,payments\n"
        for row in range(1500):
            orders, payments = self.values()
            text += f"{self.start - (1500 - row) * INTERVAL},{orders:.4f},{payments:.4f}\n"
        machine.write(RECORDING, text)
        machine.run("anomalyctl", "train", "window", RECORDING, "-o", MODEL, "--units", "8",
                    "--window", "4", "--horizon", "1", "--epochs", "8")
        machine.write(SNIPPET, CONFIGURATION.replace("app.shop.payments", ""))
        wrong = machine.run("anomalyd", "--check", check=False)
        self.check("a column without a metric makes the configuration invalid, with file and line",
                   wrong.returncode == 78 and f"{SNIPPET}:17: [Model pair] Metrics=" in wrong.stdout,
                   wrong.stdout)
        machine.write(SNIPPET, CONFIGURATION)
        machine.run("systemctl", "start", "anomalyd")

    def finds_what_no_metric_shows(self):
        machine = self.machine
        self.send(1200)
        models = machine.status()["models"]
        self.check("status lists the model and its columns",
                   [column["metric"] for column in models[0]["columns"]]
                   == ["app.shop.orders", "app.shop.payments"], models)
        self.check("nothing has alarmed so far", not self.incidents(), self.incidents())
        broken = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.start + INTERVAL * self.rows))
        self.send(40, fits=False)
        found = eventually(self.incidents) or []
        said = machine.run("anomalyctl", "events", "--json").stdout
        events = [json.loads(line)["event"] for line in said.splitlines()]
        metrics = {event["metric"] for event in events if event["began"] >= broken}
        self.check("a broken correlation is one incident that names the column that broke", len(found) == 1
                   and "app.shop.payments" in found[0]
                   and metrics == {SCORE}, (found, said))
        listed = machine.run("anomalyctl", "models", "show", SCORE).stdout
        self.check("models show says where it comes from", MODEL in listed, listed)

    def keeps_its_state(self):
        machine = self.machine
        self.send(300)
        now = machine.status()["now"]
        assert eventually(lambda: machine.status()["checkpoint"].get("lastAt", "") > now)
        before = next(iter(machine.control("models", "list", SCORE)))
        machine.run("systemctl", "restart", "anomalyd")
        assert eventually(lambda: machine.control("models", "list", SCORE))
        after = next(iter(machine.control("models", "list", SCORE)))
        self.check("a restart keeps what it has learnt", after["seen"] == before["seen"]
                   and after["state"] == "normal", (before, after))
        machine.run("sh", "-c", f"head -c 500 {MODEL} >/srv/cut.model && cp /srv/cut.model {MODEL}")
        machine.run("systemctl", "reload", "anomalyd", check=False)
        said = eventually(lambda: [problem for problem in [machine.run("anomalyctl", "status").stdout]
                                   if "the model is damaged" in problem])
        self.check("a reload with a damaged file keeps the model, and status says so", said, said)
        self.send(10)
        machine.run("rm", SNIPPET)

    STEPS = [trains_a_model, finds_what_no_metric_shows, keeps_its_state]
