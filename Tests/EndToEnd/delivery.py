"""Delivery of events over HTTP, as an administrator uses it; a part of run.py."""

import base64
import collections
import hashlib
import hmac
import json
import os
import time

from machine import HERE, ROOT, eventually

SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
OUTBOX = "/var/lib/anomalyd/outbox"
RECEIVER = ROOT / "Tests" / "Receiver"
ALERTMANAGER = ROOT / ".build" / "alertmanager"
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
KILLS = int(os.environ.get("KILLS", "30"))

CONFIGURATION = """\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T

[Detector]
AlarmBudget=1000

[Input storm]
Type=csv
Path=/srv/storm.csv
Interval=100ms

[Output log]
Type=file
Path=/var/lib/anomalyd/events.jsonl

[Output hook]
Type=webhook
MinimumSeverity=info
Format=standard-webhooks
URL=http://127.0.0.1:8901/hook
Secret=hook-secret
Members=yes

[Output alerts]
Type=webhook
MinimumSeverity=info
Format=alertmanager
URL=http://127.0.0.1:9093
ResendInterval=1s

[Output dead]
Type=webhook
MinimumSeverity=info
Format=slack
URL=http://127.0.0.1:8902/
Timeout=2s
"""

UNIT_CHANGES = """\
[Service]
RestartSec=100ms
LoadCredential=hook-secret:/etc/anomalyd/credentials/hook-secret
"""


HEARTBEATS = """\
[Output alive]
Type=webhook
Format=ping
URL=http://127.0.0.1:8901/alive
Heartbeat=1s

[Output watchdog]
Type=webhook
Format=alertmanager
URL=http://127.0.0.1:8901
Heartbeat=1s

[Output journal]
Type=journal
Heartbeat=1s
"""
HEARTBEAT = "f9768d54a61a4cc4b95823d801038e8b"


class Delivery:
    """The life of messages; follows that of the installation."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.skip = report.skip
        self.note = report.note

    # MARK: Helpers

    def start(self, name, *command):
        """Starts a test program in its own unit."""
        self.machine.run("systemd-run", f"--unit={name}", "--collect", *command)

    def receive(self, name, port, answers):
        machine = self.machine
        machine.write(f"/srv/{name}.answers", json.dumps(answers))
        machine.run("touch", f"/srv/{name}.log")
        self.start(name, "python3", f"{RECEIVER}/receiver.py", "--stay",
                   f"--log=/srv/{name}.log", f"--answers=/srv/{name}.answers", f"--port={port}")

    def received(self, name):
        text = self.machine.run("cat", f"/srv/{name}.log").stdout
        return [json.loads(line) for line in text.splitlines()]

    def logged(self):
        """The events in the file, as (id, state), in order."""
        text = self.machine.run("cat", "/var/lib/anomalyd/events.jsonl", check=False).stdout
        return [(event["id"], event["state"]) for event in map(json.loads, text.splitlines())]

    def alerts(self):
        """The alerts firing in Alertmanager; None while it does not answer."""
        program = "import urllib.request as r,sys;print(r.urlopen(sys.argv[1]).read().decode())"
        answer = self.machine.run("python3", "-c", program,
                                  "http://127.0.0.1:9093/api/v2/alerts?active=true", check=False)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def test_output(self, name, *words, seconds=20):
        return self.machine.run(
            "anomalyctl", "outputs", "test", name, f"--timeout={seconds}", *words, check=False)

    # MARK: Steps

    def starts_when_called(self):
        machine = self.machine
        machine.run("systemctl", "stop", "anomalyd", check=False)
        machine.run("sh", "-c", f"rm -rf {SNIPPETS}/* {OUTBOX}/* /var/lib/anomalyd/*.jsonl "
                                "/var/lib/anomalyd/checkpoint* /var/lib/anomalyd/events*")
        machine.write(f"{SNIPPETS}/delivery.conf", CONFIGURATION)
        machine.write("/etc/anomalyd/credentials/hook-secret", SECRET + "\n", mode="0600")
        machine.write("/etc/systemd/system/anomalyd-webhook.service.d/test.conf", UNIT_CHANGES)
        machine.write("/srv/storm.csv", "timestamp,c0\n")
        self.receive("hook", 8901, [{}])
        self.receive("dead", 8902, [{"do": "hang"}])
        verdict = machine.run("systemd-analyze", "verify", "--man=no", "anomalyd-webhook.path",
                              "anomalyd-webhook.service", check=False)
        self.check("the units of delivery have no unknown keys", verdict.returncode == 0,
                   verdict.stderr)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", "anomalyd", "anomalyd-webhook.path")
        idle = machine.property("ActiveState", "anomalyd-webhook.service")
        self.check("nothing runs while no message waits", idle == "inactive", idle)
        answer = self.test_output("hook")
        self.check("a test event reaches the endpoint, and its answer is printed",
                   answer.returncode == 0 and "ok opened: 200 after" in answer.stdout
                   and "ok closed: 200 after" in answer.stdout, answer.stdout + answer.stderr)
        for request in self.received("hook"):
            headers = request["headers"]
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{request['body']}"
            key = base64.b64decode(SECRET.removeprefix("whsec_"))
            digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
            self.check("its signature is valid",
                       headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode())
        self.check("an output without an endpoint accepts it as well",
                   self.test_output("log").returncode == 0)
        missing = self.test_output("hooc")
        self.check("an unknown output is reported",
                   missing.returncode == 1 and "hook" in missing.stderr, missing.stderr)
        dead = self.test_output("dead", "--json")
        self.check("a dead endpoint is an error with a reason",
                   dead.returncode == 1 and "timed out" in dead.stdout, dead.stdout + dead.stderr)

    def beats_while_it_works(self):
        machine = self.machine

        def pings():
            return [request for request in self.received("hook") if request["path"] == "/alive"]

        def more(count, seconds=20):
            """Whether this many further pings arrive."""
            known = len(pings())
            return eventually(lambda: len(pings()) >= known + count, seconds)

        machine.write(f"{SNIPPETS}/heartbeats.conf", HEARTBEATS)
        # Its own watchdog would kill the daemon, which is supposed to hang.
        machine.write("/run/systemd/system/anomalyd.service.d/zz-patient.conf",
                      "[Service]\nWatchdogSec=0\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "anomalyd")
        self.check("a dead man's switch is pinged at the interval", more(3), pings())
        self.check("with empty requests", {request["body"] for request in pings()} == {""}, pings())
        self.check("which are no events", machine.output("alive")["emitted"] == 0,
                   machine.output("alive"))
        delivery = machine.output("alive")["delivery"]
        self.check("and are shown by themselves",
                   delivery["delivered"] == 0 and delivery.get("lastHeartbeatAt"), delivery)
        alerts = [json.loads(request["body"]) for request in self.received("hook")
                  if request["path"] == "/api/v2/alerts"]
        self.check("an Alertmanager gets the alert that always fires",
                   alerts and all(alert[0]["labels"]["alertname"] == "Watchdog" for alert in alerts),
                   alerts[:1])
        self.check("and the journal an entry", machine.journal(f"MESSAGE_ID={HEARTBEAT}"))
        machine.run("systemctl", "restart", "anomalyd")
        self.check("a restart does not end them", more(2), pings())
        process = machine.property("MainPID")
        machine.run("kill", "-STOP", process)
        time.sleep(2.5)
        count = len(pings())
        time.sleep(5)
        self.check("a daemon that hangs gives none", len(pings()) == count, pings())
        machine.run("kill", "-CONT", process)
        self.check("until it works again", more(2), pings())
        machine.run("systemctl", "stop", "anomalyd")
        time.sleep(2.5)
        count = len(pings())
        time.sleep(3)
        self.check("nor does one that has ended", len(pings()) == count, pings())
        machine.run("rm", f"{SNIPPETS}/heartbeats.conf",
                    "/run/systemd/system/anomalyd.service.d/zz-patient.conf")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", "anomalyd")

    def waits_until_the_daemon_owns_the_outboxes(self):
        """Root has left files in the outboxes; the daemon and the path unit are started together."""
        machine = self.machine
        drop_in = "/etc/systemd/system/anomalyd.service.d/slow.conf"
        units = ("anomalyd.service", "anomalyd-webhook.path", "anomalyd-webhook.service")
        machine.run("systemctl", "stop", *units)
        machine.run("sh", "-c", f"touch {OUTBOX}/+ring/wanted && chown -R root: {OUTBOX}/+ring && "
                    f"chmod 700 {OUTBOX}/+ring")
        machine.write(drop_in, "[Service]\nExecStartPre=\nExecStartPre=+/bin/sleep 1\n"
                      f"ExecStartPre=+/bin/sh -c 'chown -R anomalyd:anomalyd-webhook {OUTBOX}/+ring; "
                      f"chmod 2770 {OUTBOX}/+ring'\n")
        machine.run("systemctl", "daemon-reload")
        since = float(machine.run("cat", "/proc/uptime").stdout.split()[0]) * 1e6
        machine.run("systemctl", "start", "anomalyd", "anomalyd-webhook.path")
        answer = self.test_output("hook")
        self.check("a message is delivered", answer.returncode == 0, answer.stdout + answer.stderr)
        failed = [entry["MESSAGE"] for entry in machine.journal("UNIT=anomalyd-webhook.service")
                  if int(entry["__MONOTONIC_TIMESTAMP"]) > since and "Failed" in entry["MESSAGE"]]
        self.check("by a program that did not start before the daemon", not failed, failed)
        machine.run("rm", drop_in)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "anomalyd")

    def is_confined(self):
        machine = self.machine
        self.test_output("hook")
        number = machine.property("MainPID", "anomalyd-webhook.service")
        user = machine.run("ps", "-o", "user:20=", "-p", number).stdout.strip()
        self.check("delivery runs as its own user", user == "anomalyd-webhook", user)
        inside = ["nsenter", f"--target={number}", "--mount", "setpriv",
                  "--reuid=anomalyd-webhook", "--regid=anomalyd-webhook", "--init-groups"]
        for path in "/var/lib/anomalyd/checkpoint", "/var/lib/anomalyd/events.jsonl":
            seen = machine.run(*inside, "cat", path, check=False)
            self.check(f"it cannot read {path}", seen.returncode != 0, seen.stdout[:80])
        listed = machine.run(*inside, "ls", "/var/lib/anomalyd", check=False)
        self.check("nor list the daemon's other files", listed.returncode != 0, listed.stdout)
        socket = machine.run(*inside, "anomalyctl", "status", check=False)
        self.check("nor query the daemon", socket.returncode != 0, socket.stdout[:80])
        folder = machine.run(*inside, "mv", f"{OUTBOX}/hook", f"{OUTBOX}/hook2", check=False)
        self.check("nor move an outbox away", folder.returncode != 0)
        left = eventually(lambda: machine.property("ActiveState", "anomalyd-webhook.service")
                          == "inactive", seconds=25)
        self.check("it exits when nothing is left", left)

    def speaks_to_an_alertmanager(self):
        machine, sentence = self.machine, "Debian's Alertmanager receives, re-fires and resolves"
        program = ALERTMANAGER / "usr/bin/prometheus-alertmanager"
        if not program.exists():
            self.skip(sentence, "prometheus-alertmanager is not available (make deps)")
            return
        machine.run("cp", "-a", f"{ALERTMANAGER}/usr/share/prometheus", "/usr/share/")
        machine.write("/srv/alertmanager.yml", "route:\n  receiver: none\nreceivers:\n- name: none\n")
        self.start("alertmanager", program, "--config.file=/srv/alertmanager.yml",
                   "--storage.path=/srv/alerts", "--web.listen-address=127.0.0.1:9093",
                   "--cluster.listen-address=")
        self.check("Alertmanager answers", eventually(lambda: self.alerts() == []))
        answer = self.test_output("alerts")
        self.check("Alertmanager accepts a test event", answer.returncode == 0,
                   answer.stdout + answer.stderr)
        # An event as the daemon writes it, which stays open.
        identity = "019aa2c4-5f10-7abc-8def-0123456789ab"
        now = time.time()
        self.put("alerts", identity, "opened", now)
        first = eventually(lambda: next(iter(self.fired()), None))
        self.check("an open event fires", first and first["labels"]["metric"] == "end.to.end",
                   self.alerts())
        again = eventually(lambda: self.fired() and self.fired()[0]["endsAt"] > first["endsAt"]
                           and self.fired()[0])
        self.check("it is repeated before it would count as resolved", again)
        self.check("as the same alert", again
                   and again["fingerprint"] == first["fingerprint"]
                   and again["startsAt"] == first["startsAt"], f"{first} {again}")
        machine.run("systemctl", "kill", "--signal=KILL", "anomalyd-webhook.service")
        until = self.fired()[0]["endsAt"]
        self.check("it is still firing after the program was killed", eventually(
            lambda: self.fired() and self.fired()[0]["endsAt"] > until), self.alerts())
        self.put("alerts", identity, "closed", now + 5)
        over = eventually(lambda: self.fired() == [])
        self.check("the event's close resolves it", over, self.alerts())

    def fired(self):
        alerts = self.alerts() or []
        return [alert for alert in alerts if alert["labels"].get("metric") == "end.to.end"]

    def put(self, output, identity, state, seconds):
        """Writes a message as the daemon does, and triggers the path unit."""
        machine = self.machine
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
        opened = at if state == "opened" else "2026-01-01T00:00:00.000Z"
        rank = {"opened": 1, "closed": 3}[state]
        order = (int(seconds) * 10**9) ^ (1 << 63)
        name = f"{order:016x}-{7:016x}-{identity}-{rank}-{state}.json"
        event = {"id": identity, "metric": "end.to.end", "state": state, "opened": opened,
                 "closed": at if state == "closed" else None, "explanation": "a test",
                 "severity": "warning"}
        machine.write(f"{OUTBOX}/{output}/new/.{name}", json.dumps(event) + "\n")
        machine.run("mv", f"{OUTBOX}/{output}/new/.{name}", f"{OUTBOX}/{output}/new/{name}")
        machine.run("touch", f"{OUTBOX}/+ring/wanted")

    def survives_a_storm(self):
        """Both processes are killed repeatedly; nothing is lost, and no close precedes its opening."""
        machine = self.machine
        machine.write("/srv/dead.answers", json.dumps([{"status": 503}]))
        machine.run("sh", "-c", ": > /srv/hook.log")
        before = len(self.logged())
        self.start("storm", "--property=StandardOutput=file:/srv/storm.json",
                   "python3", f"{HERE}/storm.py", f"--kills={KILLS}")
        # The dead endpoint's messages are kept: it is revived after the storm.
        patience = 120 + 3 * KILLS
        eventually(lambda: machine.run("grep", "-c", "", "/srv/storm.csv").stdout.strip() > "1")
        self.wait_for_storm(patience)
        output = machine.run("cat", "/srv/storm.json").stdout
        self.note(output.strip())
        storm = json.loads(output)
        self.check(f"{KILLS} kills were made", sum(storm["killed"].values()) >= KILLS, storm)
        self.check("every row became a sample", storm["caught_up"], storm)
        events = self.logged()[before:]
        opened = {identity for identity, state in events if state == "opened"}
        closed = {identity for identity, state in events if state == "closed"}
        self.note(f"{len(opened)} events and incidents opened, {len(closed)} closed")
        plenty = min(len(opened), len(closed))
        self.check("there were plenty of events, and they were closed", plenty > 20, plenty)
        empty = eventually(lambda: not self.waiting("hook"), seconds=60)
        self.check("the outbox is empty", empty, self.waiting("hook"))
        requests = [request["headers"]["webhook-id"] for request in self.received("hook")]
        first, ids = {}, collections.defaultdict(set)
        for place, message in enumerate(requests):
            identity, state = message[:36], message[37:].split("-")[0]
            first.setdefault((identity, state), place)
            ids[identity, state].add(message)
        missing = [identity for identity in opened if (identity, "opened") not in first]
        self.check("every opened event reached the receiver", not missing, missing[:3])
        unclosed = [identity for identity in closed if (identity, "closed") not in first]
        self.check("and every close", not unclosed, unclosed[:3])
        self.check("each opening with one id",
                   all(len(ids[identity, "opened"]) == 1 for identity in opened - set(missing)))
        early = [identity for identity in closed - set(unclosed) - set(missing)
                 if first[identity, "closed"] < first[identity, "opened"]]
        self.check("and every close after its opening", not early, early[:3])
        unknown = {identity for identity, state in first if state == "opened"} - opened
        self.check("and nothing else", not unknown, len(unknown))
        self.note(f"{len(requests)} requests for {len(first)} messages")
        types = collections.Counter(json.loads(request["body"])["type"].removeprefix("io.anomalyd.")
                                    for request in self.received("hook"))
        self.check("incidents were opened and closed, and their events too with Members=yes",
                   all(types[kind] for kind in ("incident.opened", "incident.closed", "event.opened",
                                                "event.closed")), types)
        self.check("without it, an endpoint gets incidents only",
                   self.waiting("dead") < sum(types[kind] for kind in types if kind.startswith("event.")),
                   self.waiting("dead"))
        self.check("the dead endpoint's messages wait", self.waiting("dead"))
        health = machine.output("dead")
        self.check("the status shows why", not health["healthy"] and "503" in health["lastError"],
                   health)

    def wait_for_storm(self, patience):
        eventually(
            lambda: self.machine.run("test", "-s", "/srv/storm.json", check=False).returncode == 0,
            patience, pause=0.5)

    def waiting(self, name):
        found = self.machine.run("find", f"{OUTBOX}/{name}/new", "-name", "*.json").stdout
        return len(found.splitlines())

    def delivers_late(self):
        """An endpoint that recovers gets all waiting messages in order."""
        machine = self.machine
        machine.write("/srv/dead.answers", json.dumps([{}]))
        answer = self.test_output("dead")  # does not wait for the next attempt
        self.check("a test message finds the endpoint alive", answer.returncode == 0, answer.stderr)
        done = eventually(lambda: not self.waiting("dead"), seconds=60)
        self.check("an endpoint that recovers gets the waiting messages", done, self.waiting("dead"))
        self.check("and is healthy again", eventually(lambda: machine.output("dead")["healthy"]),
                   machine.output("dead"))

    def tolerates_a_full_outbox(self):
        """No space for messages: the daemon continues, reports it, and delivers afterwards."""
        machine = self.machine
        machine.run("mount", "-t", "tmpfs", "-o", "size=64k,mode=0750", "tmpfs", f"{OUTBOX}/hook")
        machine.run("chown", "anomalyd:anomalyd-webhook", f"{OUTBOX}/hook")
        machine.run("chmod", "g+s", f"{OUTBOX}/hook")
        machine.run("dd", "if=/dev/zero", f"of={OUTBOX}/hook/filler", "bs=4k", "status=none",
                    check=False)
        answer = self.test_output("hook", seconds=2)
        self.check("a full disk is reported", answer.returncode == 1 and "space" in answer.stderr,
                   answer.stderr)
        health = machine.output("hook")
        self.check("the status shows it, and that messages wait",
                   not health["healthy"] and "space" in health["lastError"]
                   and health["queued"] >= 2, health)
        before = len(self.received("hook"))
        machine.run("rm", f"{OUTBOX}/hook/filler")
        self.check("once there is space, they are delivered",
                   eventually(lambda: len(self.received("hook")) >= before + 2
                              and machine.output("hook")["healthy"]), machine.output("hook"))
        machine.run("mount", "-o", "remount,ro", f"{OUTBOX}/hook")
        answer = self.test_output("hook", seconds=2)
        self.check("a read-only directory is reported",
                   answer.returncode == 1 and "Read-only" in answer.stderr, answer.stderr)
        machine.run("mount", "-o", "remount,rw", f"{OUTBOX}/hook")
        self.check("and delivery continues afterwards",
                   eventually(lambda: len(self.received("hook")) >= before + 4),
                   len(self.received("hook")))
        machine.run("systemctl", "stop", "anomalyd-webhook.path", "anomalyd-webhook", "anomalyd")
        machine.run("umount", f"{OUTBOX}/hook")

    STEPS = [
        starts_when_called, waits_until_the_daemon_owns_the_outboxes, beats_while_it_works, is_confined,
        speaks_to_an_alertmanager, survives_a_storm, delivers_late, tolerates_a_full_outbox,
    ]
