"""What torturer.py does to the daemon. Each act leaves the machine as it found it, and states what it expects."""

import contextlib
import grp
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import time

import torture_checks as checks
import torture_state as state
from machine import eventually

LOGS = pathlib.Path("/var/log/anomalyd")
ANSWERS = pathlib.Path("/srv/torture/hook.answers")
SNIPPETS = pathlib.Path("/etc/anomalyd/anomalyd.conf.d")


def run(*command, check=True):
    return subprocess.run(command, check=check, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True).stdout


def kill(number, what=signal.SIGKILL):
    """Sends a signal to a process that may have exited."""
    with contextlib.suppress(ProcessLookupError):
        if number > 0:
            os.kill(number, what)


class Acts:
    """All acts; `fault` reports failures."""

    def __init__(self, chance, load, ledger, fault):
        self.chance, self.load, self.ledger, self.fault = chance, load, ledger, fault

    def expect(self, sentence, condition, seconds=20):
        """Waits for a condition and reports if it does not come true."""
        try:
            found = eventually(condition, seconds)
        except (AssertionError, LookupError) as error:
            found, sentence = None, f"{sentence} ({error})"
        if not found:
            self.fault(sentence)
        return found

    def listed(self, kind, subject=None):
        """Whether the daemon lists a problem of this kind."""
        return [text for (found, of), text in checks.problems().items()
                if found == kind and subject in (None, of)]

    def suffers(self, kind, subject=None, seconds=20):
        """The status, the service manager's text, OpenMetrics and the journal all name the problem."""
        found = self.expect(f"the status does not say: {kind} {subject or ''}",
                            lambda: self.listed(kind, subject), seconds)
        if not found:
            return
        subject = found[0]["subject"]
        # It may be over by now, for example after a kill: then none of them needs to report it.
        self.expect(f"STATUS= does not say: {subject}: ",
                    lambda: f"{subject}: " in checks.show("StatusText")[0]
                    or "more problem" in checks.show("StatusText")[0] or not self.listed(kind, subject))
        self.expect(f"OpenMetrics do not say: {kind} {subject}",
                    lambda: checks.is_measured(kind, subject) or not self.listed(kind, subject))
        self.expect(f"the journal does not say: {kind} {subject}",
                    lambda: kind in checks.LOGGED_ELSEWHERE or checks.logged(kind, subject))

    def recovers(self, kind, subject=None, seconds=40):
        self.expect(f"the status still says: {kind} {subject or ''}",
                    lambda: not self.listed(kind, subject), seconds)
        subject = subject or kind
        self.expect(f"OpenMetrics still say: {kind} {subject}",
                    lambda: not checks.is_measured(kind, subject))

        def is_over():
            last = checks.logged(kind, subject)
            return not last or last[0]["MESSAGE_ID"] == checks.PROBLEM_OVER or (
                int(last[0]["_PID"]) != checks.process())  # killed before it was over
        self.expect(f"the journal does not say that it is over: {kind} {subject}",
                    lambda: kind in checks.LOGGED_ELSEWHERE or is_over())

    def is_up(self):
        self.expect("the daemon is back", lambda: checks.process() and checks.status(), 40)

    # MARK: Processes

    def kill(self):
        """Kills the daemon or the delivery program at random times."""
        for _ in range(self.chance.randint(1, 4)):
            unit = self.chance.choice(["anomalyd.service"] * 3 + ["anomalyd-webhook.service"])
            kill(int(checks.show("MainPID", unit=unit)[0] or 0))
            time.sleep(self.chance.uniform(0, 0.4))

    def kill_in_checkpoint(self):
        """Kills the daemon while it writes a checkpoint."""
        for _ in range(3):
            number = checks.process()
            eventually((state.STATE / "checkpoint.new").exists, 10, pause=0.0005)
            time.sleep(self.chance.uniform(0, 0.05))
            kill(number)
            self.is_up()

    def stop_for_a_while(self):
        """SIGSTOP and SIGCONT; a long absence is reported, and over after a minute."""
        seconds = self.chance.choice([0.5, 2, 7])
        number = checks.process()
        kill(number, signal.SIGSTOP)
        time.sleep(seconds)
        kill(number, signal.SIGCONT)
        if seconds > 6:
            self.suffers("delay", "daemon")

    def starve_of_memory(self):
        """No further address space: the daemon may exit, and is then restarted."""
        number = checks.process()
        size = int(pathlib.Path(f"/proc/{number}/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
        run("prlimit", f"--pid={number}", f"--as={size + self.chance.randint(0, 4 << 20)}", check=False)
        self.load.tables[0].feed(3_000)
        time.sleep(2)
        run("prlimit", f"--pid={checks.process()}", "--as=unlimited", check=False)

    def starve_of_descriptors(self):
        """Clients connect while no descriptor is left: the daemon does not spin, and answers afterwards."""
        number = checks.process()
        used = len(os.listdir(f"/proc/{number}/fd"))
        run("prlimit", f"--pid={number}", f"--nofile={used + self.chance.randint(0, 2)}:65536", check=False)
        clients = []
        for _ in range(6):
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            with contextlib.suppress(OSError):
                client.connect(checks.CONTROL)
            clients.append(client)
        before, at = self.processor_time(number), time.monotonic()
        time.sleep(2)
        share = (self.processor_time(number) - before) / (time.monotonic() - at)
        if share > 0.8:
            self.fault(f"without descriptors it uses {share:.0%} of a processor")
        for client in clients:
            client.close()
        run("prlimit", f"--pid={number}", "--nofile=65536:65536", check=False)

    @staticmethod
    def processor_time(number):
        fields = pathlib.Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def jump_clock(self):
        """The daemon's time of day jumps both ways; its monotonic clock does not.

        The real clock is shared with the host and cannot be set: torture_clock.c shifts what the process reads.
        """
        compiler, library = shutil.which("cc") or shutil.which("clang"), "/srv/torture/clock.so"
        if compiler is None:
            print("        skipped: no C compiler", flush=True)
            return
        run(compiler, "-shared", "-fPIC", "-O", "-o", library,
            pathlib.Path(__file__).with_name("torture_clock.c"))
        offset = pathlib.Path("/srv/torture/clock")
        offset.write_bytes(bytes(8))
        drop_in = pathlib.Path("/etc/systemd/system/anomalyd.service.d/clock.conf")
        drop_in.write_text(f"[Service]\nEnvironment=LD_PRELOAD={library} TORTURE_CLOCK={offset}\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", "anomalyd")
        self.is_up()
        moved = False
        for _ in range(self.chance.randint(2, 5)):
            days = self.chance.choice([-4_000, -30, -0.1, -0.001, 0.001, 0.1, 20])
            with offset.open("r+b") as file:  # in place: the process has mapped it
                file.write(struct.pack("<q", round(days * 86_400)))
            self.load.tables[0].feed(100)
            time.sleep(self.chance.uniform(0.3, 1.5))
            now = checks.status()["now"]
            moved = moved or now[:10] != time.strftime("%Y-%m-%d", time.gmtime())
            if self.chance.random() < 0.2:
                kill(checks.process())
                self.is_up()
        print(f"        the daemon's day {'differed' if moved else 'was the same'}", flush=True)
        drop_in.unlink()
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", "anomalyd")

    # MARK: Disks and directories

    @contextlib.contextmanager
    def filled(self, folder):
        """No space is left on the file system of a directory."""
        filler = folder / "filler"
        run("dd", "if=/dev/zero", f"of={filler}", "bs=64k", "status=none", check=False)
        run("sh", "-c", f"yes >> {filler}", check=False)
        try:
            yield
        finally:
            filler.unlink()

    def fill_state(self):
        """No checkpoint can be written; events are recorded as long as the reserved space lasts."""
        number = checks.process()
        has_reserve = self.chance.random() < 0.4
        if not has_reserve:
            kill(number, signal.SIGSTOP)  # so that nothing written meanwhile is cut
            for path in state.segments()[-1:]:
                os.truncate(path, path.stat().st_size)
        with self.filled(state.STATE):
            kill(number, signal.SIGCONT)
            self.suffers("state")
            self.load.tables[0].feed(self.chance.choice([50, 200, 1_000]))
            time.sleep(self.chance.uniform(0, 2))
            print(f"        {'with' if has_reserve else 'without'} a reserve, "
                  f"{checks.status()['record']['waiting']} entries wait", flush=True)
            if self.chance.random() < 0.6:
                kill(checks.process())
                self.is_up()
                self.load.tables[1].feed(100)
                time.sleep(self.chance.uniform(0, 2))
                if self.chance.random() < 0.5:
                    kill(checks.process())
        self.recovers("state")
        self.recovers("history", "event history")

    def fill_logs(self):
        with self.filled(LOGS):
            self.load.tables[0].feed(200)
            self.suffers("output", "output log")
            if self.chance.random() < 0.5:
                kill(checks.process())
                self.is_up()
        self.recovers("output", "output log")

    def forbid_state(self):
        """The state directory cannot be written for a while."""
        run("chown", "root", state.STATE)
        os.chmod(state.STATE, 0o555)
        self.suffers("state")
        self.load.tables[1].feed(100)
        run("chown", "anomalyd", state.STATE)
        os.chmod(state.STATE, 0o751)
        self.recovers("state")

    def remove_outbox(self):
        """The directory of the outbox vanishes and returns with its contents."""
        root, away, made = (state.STATE / name for name in ("outbox", "outbox.away", "outbox.made"))
        root.rename(away)
        self.load.tables[0].feed(150)
        time.sleep(self.chance.uniform(0.5, 3))
        # The daemon has created another one: nothing in it may be lost.
        if root.exists():
            root.rename(made)
        away.rename(root)
        run("systemctl", "reload", "anomalyd")
        for path in sorted(made.glob("hook/*/*.json")):
            copy = root / path.relative_to(made)
            shutil.copy2(path, copy)
            shutil.chown(copy, "anomalyd", "anomalyd-webhook")
        shutil.rmtree(made, ignore_errors=True)
        run("systemctl", "reload", "anomalyd")

    def remove_table(self):
        """A table's directory is moved away and back while the table grows."""
        folder = self.chance.choice(self.load.tables).path.parent
        away = folder.with_name(folder.name + ".away")
        folder.rename(away)
        time.sleep(self.chance.uniform(0.2, 4))
        if self.chance.random() < 0.3:
            kill(checks.process())
        away.rename(folder)

    # MARK: Sources

    def flood(self):
        self.load.tables[self.chance.randrange(2)].feed(self.chance.randint(2_000, 12_000))
        self.load.datagrams.send(1_000, rounds=self.chance.randint(5, 60))
        self.load.line.write(bytes(self.chance.getrandbits(8) for _ in range(4_000)))

    def freeze(self):
        """All sources pause, then the line is unplugged and plugged in again."""
        with self.load.held():
            time.sleep(self.chance.uniform(0.5, 3))
        self.load.line.unplug()
        time.sleep(self.chance.uniform(0, 2))
        self.load.line.plug()

    def silence_line(self):
        """The line is present but delivers nothing: a stalled source."""
        # Only here: a stall has no samples that could reveal it again after a kill.
        stalls = SNIPPETS / "zz-stalls.conf"
        stalls.write_text("[Input line]\nStallAfter=5s\n")
        # After a kill a pseudo-terminal stays locked, which a real line does not.
        self.load.line.plug()
        run("systemctl", "reload", "anomalyd")

        def is_silent():
            return any("has delivered nothing" in problem["sentence"]
                       for problem in self.listed("input", "input line"))
        with self.load.line.lock:
            self.expect("the status says that the line is silent", is_silent, 30)
            self.suffers("input", "input line")
        # Errors of an input count for five minutes: it may still be listed as partly failing.
        self.expect("the status says that the line delivers again", lambda: not is_silent(), 40)
        stalls.unlink()
        run("systemctl", "reload", "anomalyd")

    # MARK: Clients, endpoints, configuration

    def be_hostile(self):
        """Control clients that are slow, greedy, malformed or gone: another user's, so that root has room."""
        seed = self.chance.randrange(1 << 30)
        hostile = subprocess.Popen(
            ["/usr/bin/python3", pathlib.Path(__file__).with_name("torture_clients.py"), str(seed)],
            user=65534, group=grp.getgrnam("anomalyd").gr_gid, extra_groups=[], stdout=subprocess.PIPE)
        hostile.stdout.readline()  # all of them are connected
        begin = time.monotonic()
        self.expect("root is answered among hostile clients", checks.status, 10)
        took = time.monotonic() - begin
        if took > 5:
            self.fault(f"an answer took {took:.1f} s among hostile clients")
        self.expect("rejected clients are counted", lambda: checks.status()["control"]["turnedAway"])
        hostile.wait(30)

    def torment_delivery(self):
        """An endpoint that fails in every way; everything is delivered once it recovers."""
        kinds = [{"do": "hang"}, {"do": "reset"}, {"do": "cut"}, {"do": "drip"}, {"do": "flood"},
                 {"status": 500}, {"status": 503, "headers": {"Retry-After": "1"}},
                 {"status": 200, "body": "x" * 100_000}, {"status": 302, "headers": {"Location": "/x"}},
                 {"status": 429}, {}]
        self.answer([self.chance.choice(kinds) for _ in range(500)] + [{"status": 500}])
        self.load.tables[0].feed(100)
        time.sleep(self.chance.uniform(2, 6))
        self.answer([{}])

    @staticmethod
    def answer(plan):
        new = ANSWERS.with_suffix(".new")
        new.write_text(json.dumps(plan))
        new.rename(ANSWERS)

    def reload(self):
        """A bad configuration is refused and reported as a problem until a good one is loaded."""
        bad = SNIPPETS / "zz-bad.conf"
        bad.write_text("[Input a]\nInterval=soon\n")
        run("systemctl", "reload", "anomalyd", check=False)
        self.suffers("configuration", "daemon")
        bad.unlink()
        run("systemctl", "reload", "anomalyd", check=False)
        self.recovers("configuration")

    # MARK: Stored state

    def damage_state(self):
        """Damages or truncates one region of a checkpoint while the daemon is not running."""
        which = self.chance.choice(["newest", "newest", "newest", "previous", "both"])
        region_name = self.chance.choice(["header", "record header", "payload", "payload", "end", "all"])
        way = self.chance.choice([state.flip, state.truncate])
        self.damage(which, region_name, way)

    def damage(self, which, region_name, way):
        chance = self.chance
        self.expect("a checkpoint is made", lambda: (state.STATE / "checkpoint.old").exists())
        kill(checks.process())
        run("systemctl", "stop", "anomalyd")
        before = sorted(path.name for path in state.STATE.glob("checkpoint*"))
        print(f"        {which}: {way.__name__} {region_name}; there are {before}", flush=True)
        names = {"newest": ["checkpoint"], "previous": ["checkpoint.old"]}.get(
            which, ["checkpoint", "checkpoint.old"])
        hit = None
        for name in names:
            path = state.STATE / name
            if not path.exists():
                continue
            data = path.read_bytes()
            if region_name == "all" or not state.is_whole(data):
                path.write_bytes(b"" if way is state.truncate else os.urandom(len(data)))
            else:
                hit = state.choose(data, region_name, chance)
                # A snapshot that is a hard link to it must not be damaged as well.
                path.unlink()
                path.write_bytes(data)
                at = way(path, hit, chance)
                print(f"        {way.__name__} {name} at {at}: {hit.name} {hit.kind} {hit.record}",
                      flush=True)
            shutil.chown(path, "anomalyd", "anomalyd")
        run("systemctl", "start", "anomalyd")
        self.is_up()
        if which == "previous":
            return
        self.suffers("restore", "saved state")
        if not checks.status()["checkpoint"]["restored"].get("saved"):
            self.ledger.missing.clear()  # everything starts afresh, and all rows are reread
        if region_name == "payload" and way is state.flip and hit is not None:
            self.note_missing(hit)

    def note_missing(self, hit):
        """A metric that was restored from the previous checkpoint lacks the rows in between."""
        metric = hit.record
        table = next((table for table in self.load.tables if metric in table.metrics()), None)
        if table is None:
            return
        with self.load.held():
            others = [name for name in table.metrics() if name != metric]
            self.expect("the others are restored exactly", lambda: all(
                table.rows == checks.samples(name) + self.ledger.missing[name] for name in others))
            lacking = table.rows - checks.samples(metric) - self.ledger.missing[metric]
            if not 0 <= lacking <= 20_000:
                self.fault(f"{metric} lacks {lacking} rows after its record was damaged")
            self.ledger.missing[metric] += lacking
            self.ledger.damaged.add(metric)

    def damage_silences(self):
        """The file of silences is damaged: its content before the last change is used."""
        for number in range(2):
            run("anomalyctl", "silence", "add", f"nothing{number}.*", "--for", "1h")
        run("systemctl", "stop", "anomalyd")
        path = state.STATE / "silences"
        data = bytearray(path.read_bytes())
        data[self.chance.randrange(len(data))] ^= 4
        path.unlink()
        path.write_bytes(data)
        shutil.chown(path, "anomalyd", "anomalyd")
        run("systemctl", "start", "anomalyd")
        self.is_up()
        self.suffers("restore", "silences")
        left = checks.call("ListSilences")[0]["silences"]
        if not left:
            self.fault("no silence is left")
        for silence in left:
            run("anomalyctl", "silence", "remove", silence["id"], check=False)

    ALL = ["kill", "kill_in_checkpoint", "stop_for_a_while", "jump_clock", "starve_of_memory",
           "starve_of_descriptors", "fill_state", "fill_logs", "forbid_state", "remove_outbox",
           "remove_table", "flood", "freeze", "silence_line", "be_hostile", "torment_delivery", "reload", "damage_state",
           "damage_silences"]
