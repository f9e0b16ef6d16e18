"""Who can reach what: the table of docs/security.md with a stranger, a reader, an administrator and the
delivery user; what they plant, hold open, and write to terminals; a part of run.py."""

import json
import re

from delivery import RECEIVER
from machine import ROOT, eventually

SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
DROP_INS = "/etc/systemd/system/anomalyd.service.d"
STATE = "/var/lib/anomalyd"
OUTBOX = f"{STATE}/outbox"
SOCKET = "/run/anomalyd/io.anomalyd"
PAGE = ROOT / "docs" / "security.md"
INTERFACE = ROOT / "Sources" / "Control" / "Interfaces" / "io.anomalyd.varlink"
PYTHON = "/usr/bin/python3"
SECRETS = {"url-secret": "http://hooker:pa55word@127.0.0.1:8911/t0ken",
           "bearer-secret": "b34rer-of-secrets", "header-secret": "h34der-of-secrets"}
# What must appear nowhere; of the address, its secret parts.
HIDDEN = ("pa55word", "t0ken", "b34rer-of-secrets", "h34der-of-secrets")

CONFIGURATION = """\
[Agent]
CheckpointInterval=1s
CheckpointBytesPerHour=1T
TextfileMetrics=/srv/textfile/anomalyd.prom

[Input app]
Type=socket
FlushInterval=1s

[Input closed]
Type=socket
Path=/run/anomalyd/closed.sock
SocketMode=0600

[Input table]
Type=csv
Path=/srv/strangers/*.csv
Interval=100ms

[Output log]
Type=file
Path=/var/log/anomalyd/events.jsonl

[Output open]
Type=file
Path=/srv/open/events.jsonl

[Output journal]
Type=journal

[Output hook]
Type=webhook
MinimumSeverity=info
Format=slack
URL=credential:url-secret
BearerToken=bearer-secret
Headers="X-Key: credential:header-secret"
Timeout=2s
"""
UNIT = """\
[Service]
ReadWritePaths=/srv/open /srv/textfile
"""
WEBHOOK_UNIT = "[Service]\n" + "".join(
    f"LoadCredential={name}:/etc/anomalyd/credentials/{name}\n" for name in SECRETS)

# Parameters for each method that changes something; none of them matches anything.
CHANGES = {
    "TestOutput": {"name": "none"},
    "AddSilence": {"metrics": ["none.*"], "seconds": 60, "suppressesAlarms": True,
                   "suppressesLearning": False, "reason": "test"},
    "RemoveSilence": {"id": "9999"},
    "SetFeedback": {"id": "00000000", "judgement": "confirmed"},
    "CloseEvent": {"id": "00000000"},
    "FreezeModels": {"metrics": ["none"]}, "UnfreezeModels": {"metrics": ["none"]},
    "ResetModels": {"metrics": ["none"]}, "SnapshotModels": {"name": "a b", "metrics": []},
    "DeleteSnapshot": {"name": "none"},
    "RollBackModels": {"metrics": ["none"], "snapshot": "none"},
    "UnlearnModels": {"metrics": ["none"], "until": "2026-01-01T00:00:00Z"},
    "ImportModel": {"data": ""},
}
READS = {
    "Status", "ListMetrics", "ShowMetric", "Tap", "ListSilences", "ListEvents", "FollowEvents",
    "ShowEvent", "ListIncidents", "ShowIncident", "ListModels", "ListSnapshots", "ExportModel",
}
# Calls methods over the control socket; prints the error of each, or null.
CALL = f"""
import json, socket, sys
result = {{}}
for method, parameters in json.loads(sys.argv[1]).items():
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect("{SOCKET}")
    client.sendall(json.dumps({{"method": "io.anomalyd." + method, "parameters": parameters,
                                "more": True}}).encode() + b"\\0")
    reply = b""
    while not reply.endswith(b"\\0"):
        piece = client.recv(1 << 16)
        if not piece:
            break
        reply += piece
    result[method] = json.loads(reply.split(b"\\0")[0] or b"{{}}").get("error")
print(json.dumps(result))
"""
# Sends malformed calls and prints whether the connection was closed.
SEND_JUNK = f"""
import socket, sys
junk = {{"long": b"x" * 10_000_000, "nested": b'{{"method":"x","parameters":' + b"[" * 200_000 + b"\\0",
        "object": b'{{"a":' * 30_000 + b"\\0", "empty": b"\\0" * 1000}}[sys.argv[1]]
client = socket.socket(socket.AF_UNIX)
client.settimeout(10)
client.connect("{SOCKET}")
try:
    client.sendall(junk)
    print("closed" if client.recv(1 << 16) == b"" else "answered")
except (BrokenPipeError, ConnectionResetError):
    print("closed")
"""
HOLD = f"""
import socket, time
held = []
for _ in range(8):
    client = socket.socket(socket.AF_UNIX)
    client.connect("{SOCKET}")
    held.append(client)
time.sleep(600)
"""
# Terminal escapes: a title, a cleared screen, a one-character control sequence introducer.
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m"
TINT = re.compile(r"\x1b\[[0-9;]*m")


def controls(text):
    """The characters of `text` that a terminal or a pager would interpret."""
    return [character for character in text
            if character != "\n" and (ord(character) < 32 or 127 <= ord(character) < 160)]


class Strangers:
    """Other users of the host, each with the groups of their role."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.skip = report.skip

    # MARK: Helpers

    def identity(self, user):
        """The command that runs another one as a user."""
        def number(database, name):
            return self.machine.run("getent", database, name).stdout.split(":")[2]
        if user == "hook":
            return ("setpriv", f"--reuid={number('passwd', 'anomalyd-webhook')}",
                    f"--regid={number('group', 'anomalyd-webhook')}", "--clear-groups")
        uid, groups = {"nobody": (65534, None), "reader": (1501, "anomalyd"),
                       "admin": (1502, "anomalyd-admin"), "other": (1503, "anomalyd")}[user]
        chosen = f"--groups={number('group', groups)}" if groups else "--clear-groups"
        return "setpriv", f"--reuid={uid}", f"--regid={uid}", chosen

    def run_as(self, user, *command, data=None):
        return self.machine.run(*self.identity(user), *command, check=False, data=data)

    def may(self, user, *command):
        return self.run_as(user, *command).returncode == 0

    def who(self, *command, users=("nobody", "reader", "admin", "hook")):
        """The users for whom a command succeeds."""
        return {user for user in users if self.may(user, *command)}

    def calls(self, user, calls):
        answer = self.run_as(user, PYTHON, "-c", CALL, json.dumps(calls))
        return json.loads(answer.stdout) if answer.returncode == 0 else answer.stderr

    def terminal(self, *command):
        """The output of a command on a terminal."""
        line = " ".join(f"'{word}'" for word in command)
        # The output of a pager is its own.
        return self.machine.run("env", "ANOMALYCTL_PAGER=cat", "script", "-qec", line, "/dev/null",
                                check=False).stdout

    # MARK: Steps

    def opens_its_doors(self):
        machine = self.machine
        machine.run("systemctl", "stop", "anomalyd-webhook.path", "anomalyd-webhook", "anomalyd",
                    check=False)
        machine.run("sh", "-c", f"rm -rf {SNIPPETS}/*.conf {STATE}/checkpoint* {STATE}/events* "
                    f"{OUTBOX}/* /srv/strangers /srv/open /srv/textfile; "
                    "mkdir -p /srv/strangers /srv/open /srv/textfile /var/log/anomalyd; "
                    "chown 65534 /srv/strangers /srv/open /srv/textfile; "
                    "chgrp anomalyd /srv/open /srv/textfile; chmod 0775 /srv/open /srv/textfile")
        machine.write(f"{SNIPPETS}/strangers.conf", CONFIGURATION)
        machine.write(f"{DROP_INS}/strangers.conf", UNIT)
        machine.write("/etc/systemd/system/anomalyd-webhook.service.d/strangers.conf", WEBHOOK_UNIT)
        for name, secret in SECRETS.items():
            machine.write(f"/etc/anomalyd/credentials/{name}", secret + "\n", mode="0600")
        machine.write("/srv/8911.answers", json.dumps([{"status": 500, "body": "no"}]))
        machine.run("systemd-run", "--unit=receiver8911", "--collect", PYTHON,
                    f"{RECEIVER}/receiver.py", "--stay", "--log=/srv/8911.log",
                    "--answers=/srv/8911.answers", "--port=8911")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemd-tmpfiles", "--create", "anomalyd.conf")
        machine.run("systemctl", "start", "anomalyd", "anomalyd-webhook.path")
        self.check("the doors of this story are open",
                   eventually(lambda: machine.status()["checkpoint"]["lastAt"]))

    def shows_each_surface_to_whom_it_should(self):
        """Every row of the table "Who can reach what" is a check."""
        checks = {
            "Control socket": self.control_socket, "Input socket": self.input_socket,
            "CSV files": self.tables, "`/var/lib/anomalyd`": self.state,
            "`/var/lib/anomalyd/outbox`": self.outbox, "`/etc/anomalyd`": self.configuration,
            "Endpoints of webhooks": self.endpoints, "Processes": self.processes,
        }
        table = PAGE.read_text().split("## Who can reach what")[1].split("\n## ")[0]
        rows = [line.split("|")[1].strip() for line in table.splitlines()
                if line.startswith("| ")][1:]
        found = {name: [row for row in rows if row.startswith(name)] for name in checks}
        self.check("each row of the page has a check, each check a row",
                   len(rows) == len(checks) and all(len(found[name]) == 1 for name in checks),
                   f"{rows} {found}")
        for check in checks.values():
            check()

    def control_socket(self):
        methods = set(re.findall(r"^method (\w+)", INTERFACE.read_text(), re.MULTILINE))
        self.check("each method of the interface is known to read or to change",
                   methods == READS | set(CHANGES), methods ^ (READS | set(CHANGES)))
        allowed = self.who("anomalyctl", "status")
        self.check("readers and administrators reach the control socket, nobody else does",
                   allowed == {"reader", "admin"}, allowed)
        asked = self.calls("reader", CHANGES)
        self.check("a reader changes nothing, by any method", isinstance(asked, dict) and all(
            error == "org.varlink.service.PermissionDenied" for error in asked.values()), asked)
        asked = self.calls("admin", CHANGES)
        self.check("an administrator may", isinstance(asked, dict) and all(
            error != "org.varlink.service.PermissionDenied" for error in asked.values()), asked)
        for words in ["status"], ["metrics"], ["events"], ["incidents"], ["silence", "list"], [
                "models", "list"]:
            allowed = self.who("anomalyctl", *words, "--json", users=("reader", "admin"))
            self.check(f"both may read: {' '.join(words)}", allowed == {"reader", "admin"}, allowed)

    def input_socket(self):
        sent = self.run_as("nobody", "anomalyctl", "send", "jobs", "3")
        arrived = eventually(lambda: self.machine.metric("app.jobs"))
        self.check("any user may send metrics", sent.returncode == 0 and arrived, sent.stderr)
        refused = self.run_as("nobody", "anomalyctl", "send", "--socket", "/run/anomalyd/closed.sock",
                              "jobs", "3")
        self.check("except where SocketMode= forbids it", refused.returncode != 0, refused.stdout)
        before = {metric["name"] for metric in self.machine.control("metrics")}
        self.run_as("nobody", "anomalyctl", "send", "--lines", data="cpu.busy:1|g\n../x:1|g\n")
        added = eventually(lambda: {metric["name"] for metric in self.machine.control("metrics")}
                           - before)
        self.check("and only under the input's prefix",
                   added and all(name.startswith("app.") for name in added), added)

    def tables(self):
        rows = "".join(f"2026-01-01T00:{index:02}:00Z,{index % 7}\n" for index in range(30))
        sent = self.run_as("nobody", "dd", "of=/srv/strangers/mine.csv", "status=none",
                           data="timestamp,va\x1b[2Jlue\n" + rows)
        arrived = eventually(lambda: self.machine.control("metrics", "table.*"))
        self.check("whoever can write a table adds metrics, with names that are only text",
                   sent.returncode == 0 and arrived and not controls(arrived[0]["name"]), arrived)

    def state(self):
        for words, what in [(("ls", STATE), "lists the state"),
                            (("cat", f"{STATE}/checkpoint"), "reads it"),
                            (("touch", f"{STATE}/checkpoint"), "changes it"),
                            (("touch", f"{STATE}/planted"), "adds to it"),
                            (("rm", "-f", f"{STATE}/checkpoint"), "removes it"),
                            (("mv", f"{STATE}/checkpoint", f"{STATE}/gone"), "renames it")]:
            allowed = self.who(*words)
            self.check(f"no other user {what}", allowed == set(), allowed)
        modes = self.machine.run("find", STATE, "-maxdepth", "1", "-type", "f", "-perm",
                                 "/077").stdout
        self.check("its files are the daemon's alone", modes == "", modes)

    def outbox(self):
        hook = f"{OUTBOX}/hook"
        eventually(lambda: self.machine.run("test", "-d", f"{hook}/new", check=False).returncode == 0)
        for words, whom in [(("ls", OUTBOX), {"hook"}), (("ls", f"{hook}/new"), {"hook"}),
                            (("touch", f"{hook}/new/x"), {"hook"}),
                            (("touch", f"{OUTBOX}/x"), set()), (("touch", f"{hook}/x"), set()),
                            (("touch", f"{hook}/tmp/x"), set()), (("ls", f"{hook}/tmp"), set())]:
            allowed = self.who(*words)
            self.check(f"in the outbox, {' '.join(words).replace(OUTBOX, '.')} works for "
                       f"{', '.join(whom) or 'nobody'}", allowed == whom, allowed)
        self.machine.run("rm", "-f", f"{hook}/new/x")

    def configuration(self):
        allowed = self.who("touch", f"{SNIPPETS}/strangers.conf") | self.who(
            "touch", f"{SNIPPETS}/planted.conf")
        self.check("only root writes the configuration", allowed == set(), allowed)
        allowed = self.who("cat", "/etc/anomalyd/credentials/bearer-secret")
        self.check("and reads the credentials", allowed == set(), allowed)
        process = self.machine.property("MainPID")
        inside = self.machine.run("nsenter", "--target", process, "--mount", "setpriv",
                                  "--reuid=anomalyd", "--regid=anomalyd", "--clear-groups", "touch",
                                  "/etc/anomalyd/x", check=False)
        self.check("not even the daemon writes it", inside.returncode != 0, inside.stderr)

    def endpoints(self):
        answer = self.machine.run("anomalyctl", "outputs", "test", "hook", "--timeout=20",
                                  check=False)
        self.check("an endpoint's answer is only shown",
                   "500 after" in answer.stdout and answer.returncode == 1,
                   answer.stdout + answer.stderr)
        address = self.machine.property("RestrictAddressFamilies")
        self.check("the daemon has no network", address == "AF_UNIX", address)

    def processes(self):
        process = self.machine.property("MainPID")
        for file in "environ", "mem", "maps", "fd/":
            allowed = self.who("head", "-c1", f"/proc/{process}/{file}") | self.who(
                "ls", f"/proc/{process}/{file}") if file == "fd/" else self.who(
                    "head", "-c1", f"/proc/{process}/{file}")
            self.check(f"no other user sees /proc/PID/{file} of the daemon", allowed == set(), allowed)
        for unit in "anomalyd.service", "anomalyd-webhook.service":
            limit = self.machine.property("LimitCORE", unit)
            self.check(f"{unit} dumps no core", limit == "0", limit)

    def follows_no_planted_link(self):
        """A directory that a stranger may write, with links to files that only the daemon may write."""
        machine = self.machine
        precious = f"{STATE}/precious"
        machine.run("sh", "-c", f"echo precious > {precious}; chown anomalyd:anomalyd {precious}; "
                    f"chmod 600 {precious}")

        def is_untouched():
            return machine.run("cat", precious).stdout == "precious\n"

        def plant(how):
            # Root plants hard links: whether a stranger can depends on fs.protected_hardlinks.
            machine.run("sh", "-c", "rm -f /srv/open/events.jsonl")
            if how == "symbolic":
                machine.run(*self.identity("nobody"), "ln", "-s", precious, "/srv/open/events.jsonl")
            else:
                machine.run("ln", precious, "/srv/open/events.jsonl")
            machine.run("systemctl", "reload", "anomalyd")

        for how in "symbolic", "hard":
            plant(how)
            machine.run("anomalyctl", "outputs", "test", "open", "--timeout=1", check=False)
            output = eventually(lambda: not machine.output("open")["healthy"]
                                and machine.output("open"))
            self.check(f"an event is not written through a {how} link",
                       output and "link" in output.get("lastError", "") and is_untouched(),
                       machine.output("open"))
        machine.run("rm", "/srv/open/events.jsonl")
        self.check("and is written once the link is gone", eventually(
            lambda: machine.output("open")["queued"] == 0 and machine.output("open")["healthy"]),
            machine.output("open"))
        for name in "anomalyd.prom", "anomalyd.prom.new":
            machine.run("rm", "-f", f"/srv/textfile/{name}")
            machine.run(*self.identity("nobody"), "ln", "-s", precious, f"/srv/textfile/{name}")
        machine.run("systemctl", "restart", "anomalyd")
        facts = eventually(lambda: (text := machine.run(
            "stat", "--format=%F %a", "/srv/textfile/anomalyd.prom").stdout.strip()).startswith(
                "regular") and text)
        self.check("the textfile replaces a planted link, and its collector may read it",
                   facts == "regular file 644" and is_untouched() and self.may(
                       "nobody", "cat", "/srv/textfile/anomalyd.prom"), facts)
        machine.run("rm", precious)

    def controls_no_terminal(self):
        machine = self.machine
        name = f"/srv/strangers/a{ESCAPES}.csv"
        machine.run("dd", f"of={name}", "status=none",
                    data=f"timestamp,{ESCAPES}\n2026-01-01T00:00:00Z,{ESCAPES}\n"
                         "2026-01-01T00:01:00Z,2\n")
        added = self.run_as("admin", "anomalyctl", "silence", "add", "none.*", "--for", "1h",
                            "--reason", f"re{ESCAPES}ason")
        self.check("a reason may have any text", added.returncode == 0, added.stderr)
        eventually(lambda: machine.input("table")["malformed"] > 0)
        machine.run("anomalyctl", "outputs", "test", "journal", check=False)
        for words in (["status"], ["metrics"], ["inputs"], ["outputs"], ["events"], ["incidents"],
                      ["silence", "list"], ["models", "list"], ["doctor"], ["config", "show"],
                      ["status", "--json"], ["inputs", "--json"], ["silence", "list", "--json"]):
            text = self.terminal("anomalyctl", *words)
            found = controls(TINT.sub("", text).replace("\r\n", "\n"))
            self.check(f"no text of others controls the terminal: anomalyctl {' '.join(words)}",
                       text and not found, repr(text))
        entries = machine.journal("_SYSTEMD_UNIT=anomalyd.service") + machine.journal(
            "UNIT=anomalyd.service")
        fields = [(key, value) for entry in entries for key, value in entry.items()
                  if key == "MESSAGE" or key.startswith("ANOMALYD_")]
        # Several values of a field are a list of texts; bytes that are not text are a list of numbers.
        raw = [(key, value) for key, values in fields
               for value in (values if isinstance(values, list) else [values])
               if not isinstance(value, str) or (
                   controls(value.replace("\n", "")) and key == "MESSAGE")]
        self.check("nor is it in the journal as it came", fields and not raw, raw[:3])
        state = machine.property("StatusText")
        self.check("nor in systemctl status", not controls(state), repr(state))
        machine.run("rm", name)

    def keeps_secrets(self):
        machine = self.machine
        machine.run("anomalyctl", "outputs", "test", "hook", "--timeout=20", check=False)
        process = eventually(lambda: (number := machine.property(
            "MainPID", "anomalyd-webhook.service")) != "0" and number)
        owner = machine.run("stat", "--format=%U", f"/proc/{process}/environ", check=False).stdout
        self.check("the memory of the delivering process is root's to look at",
                   owner.strip() == "root", owner)
        sent = machine.run("cat", "/srv/8911.log").stdout
        self.check("the endpoint got its secrets", all(word in sent for word in HIDDEN[1:]), sent[:500])
        machine.run("journalctl", "--sync")
        places = {
            "the journal": ("journalctl", "--output=json", "--all", "--no-pager", "--unit=anomalyd*"),
            "status": ("anomalyctl", "status", "--json"),
            "outputs": ("anomalyctl", "outputs", "--json"),
            "metrics for Prometheus": ("cat", "/srv/textfile/anomalyd.prom"),
            "config show": ("anomalyctl", "config", "show"),
            "doctor": ("anomalyctl", "doctor", "--json"),
            "process arguments and environments": ("sh", "-c", "cat /proc/[0-9]*/cmdline "
                                                   "/proc/[0-9]*/environ 2>/dev/null; true"),
            "the outbox": ("grep", "-rs", "", OUTBOX),
            "the event file": ("sh", "-c", "cat /var/log/anomalyd/*.jsonl /srv/open/*.jsonl"),
        }
        for place, command in places.items():
            text = machine.run(*command, check=False).stdout
            found = [word for word in HIDDEN if word in text]
            self.check(f"no secret is in {place}", not found, f"{found} {text[:300]}")

    def survives_junk(self):
        machine = self.machine
        process = machine.property("MainPID")
        resident = machine.status()["resources"]["residentBytes"]
        for kind in "long", "nested", "object", "empty":
            for _ in range(5):
                said = self.run_as("reader", PYTHON, "-c", SEND_JUNK, kind)
            self.check(f"a client that sends what is no call is disconnected: {kind}",
                       said.stdout.strip() == "closed", said.stdout + said.stderr)
        grown = machine.status()["resources"]["residentBytes"] - resident
        self.check("that costs no memory, and the daemon stays",
                   grown < 8_000_000 and machine.property("MainPID") == process, grown)

    def keeps_places_for_administrators(self):
        """Four users with eight connections each want more than the 28 places that are not reserved."""
        machine = self.machine
        group = machine.run("getent", "group", "anomalyd").stdout.split(":")[2]
        for number in range(4):
            machine.run("systemd-run", "--quiet", "--collect", f"--unit=holder{number}",
                        "setpriv", f"--reuid={1510 + number}", f"--regid={1510 + number}",
                        f"--groups={group}", PYTHON, "-c", HOLD)
        full = eventually(lambda: machine.status()["control"]["clients"] >= 28)
        self.check("readers fill the places that are theirs", full, machine.status()["control"])
        reader = self.run_as("reader", "anomalyctl", "status")
        self.check("a further reader is told that the rest is reserved",
                   reader.returncode == 1 and "reserved" in reader.stderr, reader.stderr)
        admin = self.run_as("admin", "anomalyctl", "status")
        self.check("an administrator still gets in", admin.returncode == 0, admin.stderr)
        for number in range(4):
            machine.run("systemctl", "stop", f"holder{number}", check=False)
        back = eventually(lambda: self.may("reader", "anomalyctl", "status"))
        self.check("readers get in again once there is room", back)

    def closes_its_doors(self):
        machine = self.machine
        machine.run("sh", "-c", f"rm -rf {SNIPPETS}/strangers.conf {DROP_INS}/strangers.conf "
                    "/etc/systemd/system/anomalyd-webhook.service.d/strangers.conf /srv/strangers "
                    "/srv/open /srv/textfile /etc/anomalyd/credentials; "
                    "systemctl stop receiver8911 anomalyd-webhook.path anomalyd-webhook; "
                    "systemctl daemon-reload; systemctl restart anomalyd")

    STEPS = [
        opens_its_doors, shows_each_surface_to_whom_it_should, follows_no_planted_link,
        controls_no_terminal, keeps_secrets, survives_junk, keeps_places_for_administrators,
        closes_its_doors,
    ]
