"""A fleet: two hosts, and a third one that collects their journals and runs a pair of Alertmanagers; a part of
run.py. Each host is a separate machine with its own network, set up as in docs/fleets.md."""

import concurrent.futures
import json
import pathlib
import subprocess
import time

from delivery import ALERTMANAGER, RECEIVER
from machine import STAGING, Machine, eventually
from recipes import GUEST

SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
COLLECTED = "/var/log/journal/remote"
ALERTMANAGERS = {9093: 9193, 9094: 9194}  # each with its port for gossip within the pair
# How long the second of the pair waits for the first one.
PEER_TIMEOUT = 3

CONFIGURATION = """\
[Agent]
IncidentSettling=0
CheckpointBytesPerHour=1T

[Input app]
Type=socket
FlushInterval=1s

[Metric app.level]
Range=..10
Severity=error

[Metric app.depth]
Range=..10
Severity=error

[Metric app.height]
Range=..10
Severity=error

[Output journal]
Type=journal

[Output alertmanager-1]
Type=webhook
Format=alertmanager
URL=http://{collector}:9093

[Output alertmanager-2]
Type=webhook
Format=alertmanager
URL=http://{collector}:9094
"""
ALERTS = """\
route:
  receiver: log
  group_by: [incident_id]
  group_wait: 1s
receivers:
- name: log
  webhook_configs:
  - url: http://127.0.0.1:8920/
    send_resolved: false
"""
COLLECTOR_CHANGES = """\
[Service]
ExecStart=
ExecStart=/lib/systemd/systemd-journal-remote --listen-http=-3 --output=/var/log/journal/remote/
"""
# Both ends read their private key as a credential: journal-upload runs as a dynamic user.
# By default journal-upload gives up after five failures within ten seconds.
TLS_CHANGES = """\
[Unit]
StartLimitIntervalSec=0

[Service]
LoadCredential=key.pem:/etc/ssl/private/journal.pem
RestartSec=1s
"""
TLS = """\
[{section}]
{url}ServerKeyFile=/run/credentials/systemd-journal-{program}.service/key.pem
ServerCertificateFile=/etc/ssl/certs/journal.pem
TrustedCertificateFile=/etc/ssl/ca/trusted.pem
"""
# Makes an authority in the directory $1 and, signed by it, keys and certificates: NAME=ALTERNATIVE-NAMES.
CERTIFY = """
set -e
mkdir -p "$1" && cd "$1" && shift
key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $key -keyout authority.key -out trusted.pem -days 2 -subj /CN=fleet
for each in "$@"; do
  name=${each%%=*}
  openssl req $key -keyout "$name.key" -out "$name.request" -subj "/CN=$name"
  echo "subjectAltName=${each#*=}" >"$name.extension"
  openssl x509 -req -in "$name.request" -CA trusted.pem -CAkey authority.key -CAcreateserial -days 2 \
    -extfile "$name.extension" -out "$name.pem"
done
"""
SENDER = """
import math, socket, sys, time
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
start = time.time() - 12000
for row in range(1100):
    at = int((start + 10 * row) * 1e9)
    sender.sendto(b"boiler pressure=%.4f %d" % (5 + math.sin(row / 9) + math.sin(row * row) / 5, at),
                  "/run/anomalyd/metrics.sock")
"""


class Fleet:
    """The life of three hosts. The machine of the story is the collector."""

    def __init__(self, machine, report):
        self.collector = machine
        self.check = report.check
        self.skip = report.skip
        self.hosts = {}

    def close(self):
        for host in self.hosts.values():
            host.__exit__()

    # MARK: Helpers

    def first_process(self, machine):
        return pathlib.Path(machine.environment["BOOT_STATE"], "first").read_text().split()[0]

    def connect(self, number, name, host):
        """A cable between the collector and a host."""
        subprocess.run(
            ["nsenter", f"--net=/proc/{self.first_process(self.collector)}/ns/net", "ip", "link", "add",
             "name", name, "type", "veth", "peer", "name", "uplink", "netns", self.first_process(host)], check=True)
        for machine, device, last in ((self.collector, name, 1), (host, "uplink", 2)):
            machine.run("ip", "address", "add", f"10.87.{number}.{last}/24", "dev", device)
            machine.run("ip", "link", "set", device, "up")

    def install(self, machine, name):
        machine.run("hostname", name)
        # The journal uses the host name found at its start.
        machine.run("systemctl", "restart", "systemd-journald")
        if (GUEST / "complete").exists():
            machine.run("sh", "-c", f"dpkg --install {GUEST}/libmicrohttpd*.deb {GUEST}/systemd-journal-remote*.deb")

    def start_host(self, number, name):
        host = Machine(shown=[STAGING, GUEST], name=f"e2e-{name}")
        host.__enter__()
        self.hosts[name] = host
        self.connect(number, name, host)
        self.install(host, name)
        host.install()
        host.write(f"{SNIPPETS}/fleet.conf", CONFIGURATION.format(collector=f"10.87.{number}.1"))
        host.write("/etc/systemd/journal-upload.conf", f"[Upload]\nURL=http://10.87.{number}.1:19532\n")
        host.run("systemctl", "start", "anomalyd", "anomalyd-webhook.path")

    def collected(self, *words):
        text = self.collector.run("anomalyctl", *words, "--directory", COLLECTED, "--json", check=False).stdout
        return [json.loads(line) for line in text.splitlines()]

    def request(self, port, path):
        program = "import urllib.request as r,sys;print(r.urlopen(sys.argv[1]).read().decode())"
        answer = self.collector.run("python3", "-c", program, f"http://127.0.0.1:{port}{path}", check=False)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def notified(self):
        """The hosts that users were notified about, once per notification."""
        text = self.collector.run("cat", "/srv/pager.log").stdout
        return sorted(alert["labels"]["instance"] for line in text.splitlines()
                      for alert in json.loads(json.loads(line)["body"])["alerts"])

    # MARK: Steps

    def begins(self):
        collector = self.collector
        self.install(collector, "collector")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda each: self.start_host(*each), enumerate(("east", "west"), start=1)))
        collector.run("sh", "-c", f"cp -a {STAGING}/usr/bin/anomalyctl /usr/bin/")
        self.check("two hosts run anomalyd",
                   all(host.property("ActiveState") == "active" for host in self.hosts.values()))

    def collects_journals(self):
        collector, sentence = self.collector, "events of two hosts are read where their journals are collected"
        if not (GUEST / "complete").exists():
            self.skip(sentence, "systemd-journal-remote is not available (make deps)")
            return
        collector.write("/etc/systemd/system/systemd-journal-remote.service.d/http.conf", COLLECTOR_CHANGES)
        collector.run("systemctl", "daemon-reload")
        collector.run("systemctl", "start", "systemd-journal-remote.socket")
        for host in self.hosts.values():
            host.run("systemctl", "start", "systemd-journal-upload")
            # The same alarm as before, unless there was no Alertmanager.
            host.run("anomalyctl", "send", "level", "50")
        found = eventually(lambda: {event["host"] for event in self.collected("events")} >= set(self.hosts)
                           and self.collected("events"), seconds=30)
        log = collector.run("journalctl", "--unit=systemd-journal-remote", "--no-pager", "--lines=5").stdout
        self.check(sentence, found, (self.collected("events"), log))
        self.check("each with its own id", found and len({event["id"] for event in found}) == 2, found)
        self.check("and so are incidents", {incident["host"] for incident in self.collected(
            "incidents", "--severity", "error", "--open")} == set(self.hosts))
        table = collector.run("anomalyctl", "events", "--directory", COLLECTED).stdout
        self.check("the table names the hosts", "east" in table and "west" in table, table)
        event = self.hosts["east"].control("events", "--open")[0]["event"]["id"]
        self.hosts["east"].run("anomalyctl", "events", "close", event)
        closed = eventually(lambda: [step["host"] for step in self.collected("events")
                                     if step["state"] == "closed"])
        self.check("a close arrives as well", closed == ["east"], self.collected("events"))

    def secure(self, machine, name, program, trusted="/srv/fleet", url=""):
        """Configures one end of the upload for TLS, with a key and a certificate of the collector's authority."""
        for source, target in ((f"/srv/fleet/{name}.key", "private/journal.pem"),
                               (f"/srv/fleet/{name}.pem", "certs/journal.pem"),
                               (f"{trusted}/trusted.pem", "ca/trusted.pem")):
            # What an administrator copies over.
            machine.write(f"/etc/ssl/{target}", self.collector.run("cat", source).stdout,
                          mode="0600" if target.startswith("private") else "0644")
        machine.write(f"/etc/systemd/system/systemd-journal-{program}.service.d/tls.conf", TLS_CHANGES)
        machine.write(f"/etc/systemd/journal-{program}.conf", TLS.format(
            section=program.capitalize(), program=program, url=f"URL={url}\n" if url else ""))
        machine.run("systemctl", "daemon-reload")

    def collects_journals_by_tls(self):
        collector, sentence = self.collector, "over TLS, events of two hosts are collected"
        if not (GUEST / "complete").exists():
            self.skip(sentence, "systemd-journal-remote is not available (make deps)")
            return
        for folder in "/srv/fleet", "/srv/strangers":
            collector.run("sh", "-c", CERTIFY, "certify", folder, "collector=IP:10.87.1.1,IP:10.87.2.1",
                          "east=DNS:east", "west=DNS:west")
        for host in self.hosts.values():
            host.run("systemctl", "stop", "systemd-journal-upload")
        collector.run("systemctl", "stop", "systemd-journal-remote.socket", "systemd-journal-remote")
        collector.run("rm", "-rf", "/etc/systemd/system/systemd-journal-remote.service.d")
        self.secure(collector, "collector", "remote")
        collector.run("systemctl", "start", "systemd-journal-remote.socket")

        def uploads(number, name, trusted="/srv/fleet"):
            host = self.hosts[name]
            self.secure(host, name, "upload", trusted, f"https://10.87.{number}.1:19532")
            host.run("systemctl", "reset-failed", "systemd-journal-upload", check=False)
            host.run("systemctl", "restart", "systemd-journal-upload", check=False)

        def collected(metric="app.depth"):
            return {event["host"] for event in self.collected("events") if event["metric"] == metric}

        uploads(1, "east", "/srv/strangers")
        uploads(2, "west")
        for host in self.hosts.values():
            host.run("anomalyctl", "send", "depth", "50")
        arrived = eventually(lambda: "west" in collected(), seconds=30)
        # It has tried more than once by now (Restart=on-failure).
        refused = eventually(lambda: int(
            self.hosts["east"].property("NRestarts", "systemd-journal-upload")) > 0, seconds=30)
        log = self.hosts["east"].run("journalctl", "--unit=systemd-journal-upload", "--no-pager", "--lines=60").stdout
        self.check("a host sends nothing to a collector whose certificate another authority has signed",
                   arrived and refused and "certificate" in log and "east" not in collected(),
                   (arrived, refused, collected(), log))
        uploads(1, "east")
        found = eventually(lambda: collected() == set(self.hosts), seconds=30)
        log = collector.run("journalctl", "--unit=systemd-journal-remote", "--no-pager", "--lines=5").stdout
        self.check(sentence, found, (collected(), log))
        collector.run("systemctl", "stop", "systemd-journal-remote.socket", "systemd-journal-remote")
        for host in self.hosts.values():
            host.run("anomalyctl", "send", "height", "50")
        tried = eventually(lambda: all(int(host.property("NRestarts", "systemd-journal-upload")) > 6
                                       for host in self.hosts.values()), seconds=60)
        collector.run("systemctl", "start", "systemd-journal-remote.socket")
        self.check("what happened while the collector was down arrives later", tried and eventually(
            lambda: collected("app.height") == set(self.hosts), seconds=30), (tried, collected("app.height")))

    def deduplicates_alerts(self):
        collector, sentence = self.collector, "a pair of Alertmanagers notifies of each incident once"
        program = ALERTMANAGER / "usr/bin/prometheus-alertmanager"
        if not program.exists():
            self.skip(sentence, "prometheus-alertmanager is not available (make deps)")
            return
        collector.run("cp", "-a", f"{ALERTMANAGER}/usr/share/prometheus", "/usr/share/")
        collector.write("/srv/alertmanager.yml", ALERTS)
        collector.write("/srv/pager.answers", "[{}]")
        collector.run("touch", "/srv/pager.log")
        collector.run("systemd-run", "--quiet", "--unit=pager", "python3", f"{RECEIVER}/receiver.py", "--stay",
                      "--log=/srv/pager.log", "--answers=/srv/pager.answers", "--port=8920")
        for port, gossip in ALERTMANAGERS.items():
            peers = [f"--cluster.peer=127.0.0.1:{other}" for other in ALERTMANAGERS.values() if other != gossip]
            collector.run(
                "systemd-run", "--quiet", f"--unit=alertmanager-{port}", program,
                "--config.file=/srv/alertmanager.yml", f"--storage.path=/srv/alerts-{port}",
                f"--web.listen-address=:{port}", f"--cluster.listen-address=127.0.0.1:{gossip}",
                f"--cluster.peer-timeout={PEER_TIMEOUT}s", "--cluster.settle-timeout=2s", *peers)
        ready = eventually(lambda: all(
            (status := self.request(port, "/api/v2/status")) and status["cluster"]["status"] == "ready"
            and len(status["cluster"]["peers"]) == 2 for port in ALERTMANAGERS))
        self.check("two Alertmanagers form a cluster", ready)
        for host in self.hosts.values():
            host.run("anomalyctl", "send", "level", "50")
        both = eventually(lambda: all(
            {alert["labels"]["instance"] for alert in self.request(port, "/api/v2/alerts?active=true") or []
             if alert["labels"].get("metric") == "app.level"} == set(self.hosts) for port in ALERTMANAGERS))
        self.check("both get the alerts of both hosts", both,
                   [self.request(port, "/api/v2/alerts") for port in ALERTMANAGERS])
        eventually(lambda: set(self.notified()) >= set(self.hosts))
        time.sleep(PEER_TIMEOUT + 2)  # by then the second one would have notified as well
        self.check(sentence, self.notified() == sorted(self.hosts), self.notified())

    def hands_out_models(self):
        east, west = self.hosts["east"], self.hosts["west"]
        east.run("python3", "-c", SENDER)
        learnt = eventually(lambda: (metric := east.metric("app.boiler.pressure"))
                            and metric["state"] == "normal" and metric["samples"] == 1100 and metric)
        self.check("a host learns", learnt, east.metric("app.boiler.pressure"))
        east.run("anomalyctl", "models", "export", "app.boiler.pressure", "-o", "/srv/pressure.state")
        # As configuration management does.
        state = subprocess.run([*east.command("cat", "/srv/pressure.state")], env=east.environment, check=True,
                               capture_output=True).stdout
        subprocess.run(west.command("sh", "-c", "mkdir -p /etc/anomalyd/priors && cat >/srv/pressure.state && "
                                    "cp /srv/pressure.state /etc/anomalyd/priors/app.boiler.pressure.state"),
                       env=west.environment, check=True, input=state)
        west.run("anomalyctl", "models", "import", "/srv/pressure.state")
        metric = west.metric("app.boiler.pressure")
        self.check("a host that imports what another one has learnt does not warm up",
                   metric and metric["state"] == "normal", metric)
        west.write(f"{SNIPPETS}/priors.conf", "[Detector]\nPrior=/etc/anomalyd/priors\n")
        valid = west.run("anomalyd", "--check", check=False)
        self.check("the same file serves as a prior", valid.returncode == 0, valid.stdout)

    STEPS = [begins, deduplicates_alerts, collects_journals, collects_journals_by_tls, hands_out_models]
