"""The throw-away machine that the end-to-end test runs the service on."""

import json
import os
import pathlib
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What `make install` would install.
STAGING = ROOT / ".build" / "e2e"

# Begins the script of a unit. Of version 1 of control groups, recent kernels count what a group reads and writes
# once it has a limit.
COUNT_IO = """
group=/sys/fs/cgroup/blkio$(awk -F: '$2 == "blkio" { print $3 }' /proc/self/cgroup)
if test -e $group/blkio.throttle.read_bps_device; then
  for device in $(cat /sys/block/[!lrz]*/dev); do
    echo "$device 1000000000000" >$group/blkio.throttle.read_bps_device
    echo "$device 1000000000000" >$group/blkio.throttle.write_bps_device
  done
fi
"""

# inotify, which reports reads through any mount, read-only ones included.
APPEND_UNTIL_READ = """
import ctypes, os, select, sys
IN_ACCESS = 1
libc = ctypes.CDLL(None)
watch = libc.inotify_init()
with open(sys.argv[1], "a") as file:
    assert libc.inotify_add_watch(watch, sys.argv[1].encode(), IN_ACCESS) > 0
    file.write(sys.argv[2])
    file.flush()
    sys.exit(0 if select.select([watch], [], [], 20)[0] else 1)
"""


class Machine:
    """A real systemd, started by `boot`, with the release installed."""

    def __init__(self, shown, name="e2e", is_hybrid=False):
        """`shown`: host directories that are visible inside, read-only. `name`: one of several machines.
        `is_hybrid`: with those controllers that this host has in version 1."""
        self.environment = {
            **os.environ,
            "BOOT_STATE": f"/run/anomalyd-{name}-{os.getpid()}",
            "BOOT_SHOW": " ".join(str(path) for path in shown),
            "BOOT_HYBRID": "yes" if is_hybrid else "no",
        }

    def __enter__(self):
        try:
            subprocess.run(
                [HERE / "boot", "up"], env=self.environment, check=True, timeout=120,
                stdout=subprocess.DEVNULL)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run([HERE / "boot", "down"], env=self.environment, check=False, timeout=120)

    def command(self, *words):
        """A command on this host, in `environment`, that runs `words` inside."""
        return [HERE / "boot", "run", *words]

    def run(self, *command, check=True, data=None):
        """Runs a command inside; its output as text. With `check`, a failure is an error."""
        result = subprocess.run(
            self.command(*command), env=self.environment, input=data, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        if check and result.returncode != 0:
            raise AssertionError(
                f"{' '.join(command)} ended with {result.returncode}: "
                f"{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result

    def follow(self, *command, seconds):
        """Runs a command inside and yields its output lines; it is killed after some seconds."""
        with subprocess.Popen(
                [HERE / "boot", "run", "timeout", "--kill-after=5", f"{seconds:.0f}", *command],
                env=self.environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT) as program:
            yield from program.stdout

    def install(self):
        """Installs the release, as `make install` staged it, without starting anything."""
        self.run("cp", "-a", f"{STAGING}/.", "/")
        self.run("systemd-sysusers")
        self.run("systemd-tmpfiles", "--create", "anomalyd.conf")
        self.run("systemctl", "daemon-reload")

    def write(self, path, text, mode="0644"):
        """Replaces a file inside."""
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, data=text)

    def append(self, path, data):
        """Appends bytes to a file inside, without adding a line break."""
        subprocess.run(
            [HERE / "boot", "run", "dd", f"of={path}", "oflag=append", "conv=notrunc",
             "status=none"],
            env=self.environment, input=data if isinstance(data, bytes) else data.encode(),
            check=True, timeout=60)

    def property(self, name, unit="anomalyd.service"):
        """A property of the unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def journal(self, *matches):
        """Entries of the journal as dictionaries, oldest first."""
        self.run("journalctl", "--sync")
        output = self.run("journalctl", "--output=json", "--no-pager", "--quiet", *matches).stdout
        return [json.loads(line) for line in output.splitlines()]

    def control(self, *words):
        """The output of `anomalyctl ... --json`, one value per line."""
        output = self.run("anomalyctl", *words, "--json").stdout
        return [json.loads(line) for line in output.splitlines()]

    def append_until_read(self, path, text):
        """Appends to a file and waits until it is read; whether it was."""
        return self.run("python3", "-c", APPEND_UNTIL_READ, path, text, check=False).returncode == 0

    def status(self):
        """The output of `anomalyctl status`."""
        return self.control("status")[0]

    def input(self, name):
        """One input in the status."""
        return next(entry for entry in self.status()["inputs"] if entry["name"] == name)

    def output(self, name):
        """One output in the status."""
        return next(entry for entry in self.status()["outputs"] if entry["name"] == name)

    def metric(self, name):
        """The line of `anomalyctl metrics` about one metric; None while it is unknown."""
        return next(iter(self.control("metrics", name)), None)


def controllers(version):
    """Those controllers of control groups that this host has in a version, by their names in version 2."""
    found = set()
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, point, kind, options = line.split()[:4]
        if version == 2 and kind == "cgroup2":
            found |= set(pathlib.Path(point, "cgroup.controllers").read_text().split())
        elif version == 1 and kind == "cgroup":
            found |= {"io" if option == "blkio" else option for option in options.split(",")}
    return found & {"cpu", "io", "memory", "pids"}


def eventually(condition, seconds=20, pause=0.1):
    """Polls `condition` every `pause` seconds and returns its first true value; its last on timeout."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value, error = condition(), None
        except (AssertionError, LookupError) as failure:
            value, error = None, failure
        if value or time.monotonic() > deadline:
            if error:
                raise error
            return value
        time.sleep(pause)
