#!/usr/bin/env python3
"""Records what the collectors read of this host, once a second, in one small file.

Runs inside the throw-away machine: recorder.py OUTPUT.gz LABELS MEMORY [MOUNT...]. LABELS is a file to which
the driver appends the name of each phase as it begins and `end` as it ends. The recorded host has MEMORY kB,
the real one less a ballast, so that a leak can fill it. SIGTERM ends the recording.

A line of the recording is one of
  F N PATH      file N appears, or its text changes in more than numbers; its text follows, each line after
                a `|`, with {c} for the number of a counter and {g} for that of a gauge
  V N NUMBERS   the numbers of file N
  D N           file N is gone
  N K:V ...     of file N, number K has grown by V (counter) or is V (gauge)
  P LABEL       a phase begins; `P end`: it is over
  T             the end of a second
Files below `statvfs` are the answers of statvfs(3): block size, blocks, free, available, inodes, free inodes.
"""

import gzip
import os
import pathlib
import re
import signal
import sys
import time

NUMBER = re.compile(r"(?<![\w.\-])\d+(?:\.\d+)?(?![\w.])|(?<==)\d+(?:\.\d+)?")
# Of a hybrid hierarchy, the part that has all groups; controllers of version 1 are beside it.
LEGACY = pathlib.Path("/sys/fs/cgroup")
GROUPS = LEGACY / "unified" if (LEGACY / "unified").exists() else LEGACY

MEMORY = ("MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "Active", "Inactive", "SwapTotal",
          "SwapFree", "Dirty", "Writeback", "AnonPages", "Mapped", "Shmem", "SReclaimable", "SUnreclaim",
          "KernelStack", "PageTables", "Committed_AS")
PAGING = ("pswpin", "pswpout", "pgfault", "pgmajfault", "pgscan_kswapd", "pgscan_direct", "oom_kill")
TRANSPORT = {
    "Tcp:": ("ActiveOpens", "PassiveOpens", "AttemptFails", "EstabResets", "CurrEstab", "InSegs", "OutSegs",
             "RetransSegs", "InErrs", "OutRsts"),
    "Udp:": ("InDatagrams", "OutDatagrams", "NoPorts", "InErrors", "RcvbufErrors"),
}
STAT = ("cpu", "intr", "ctxt", "processes", "procs_running", "procs_blocked", "softirq")


def lines_of(path, keys):
    """The lines of a file whose first word, without a colon, is one of `keys`."""
    return "".join(line for line in pathlib.Path(path).read_text().splitlines(keepends=True)
                   if line.split()[0].rstrip(":") in keys)


def columns_of(path, wanted):
    """The lines and columns of `wanted` from a file with lines of headings and of values."""
    kept = []
    lines = pathlib.Path(path).read_text().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        names, values = names.split(), values.split()
        if names[0] in wanted:
            places = [0] + [place for place, name in enumerate(names) if name in wanted[names[0]]]
            kept += [" ".join(words[place] for place in places) for words in (names, values)]
    return "\n".join(kept) + "\n"


def own(name, keys):
    """The lines with this prefix from a file of this machine's own control group, without averages."""
    return re.sub(r"avg\d+=[\d.]+ ", "", lines_of(GROUPS / name, keys))


def stat():
    """/proc/stat; processor time is that of this machine alone, as a guest would see it: others may share the
    host. Of interrupts the sum alone."""
    usage = dict(line.split() for line in own("cpu.stat", ("user_usec", "system_usec")).splitlines())
    user, system = (int(usage[kind]) // 10000 for kind in ("user_usec", "system_usec"))
    text = []
    for line in lines_of("/proc/stat", STAT).splitlines():
        words = line.split()
        if words[0] == "cpu":
            idle = int(time.monotonic() * 100 * os.cpu_count()) - user - system
            words[1:] = [str(ticks) for ticks in (user, 0, system, idle, 0, 0, 0, 0, 0, 0)]
        text.append(" ".join(words[:2] if words[0] in ("intr", "softirq") else words))
    return "\n".join(text) + "\n"


def disks():
    text = pathlib.Path("/proc/diskstats").read_text().splitlines()
    return "".join(f"{line}\n" for line in text
                   if not line.split()[2].startswith(("loop", "ram", "zram")) and int(line.split()[3]))


def memory(total):
    """/proc/meminfo of a host with this many kB of memory; 0: unchanged."""
    lines = [line.split() for line in lines_of("/proc/meminfo", MEMORY).splitlines()]
    ballast = int(lines[0][1]) - total if total else 0
    for words in lines:
        if words[0] in ("MemTotal:", "MemFree:", "MemAvailable:"):
            words[1] = str(max(40000, int(words[1]) - ballast))
    return "".join(" ".join(words) + "\n" for words in lines)


def host(mounts, total):
    """The current text of each file, by its path below the root."""
    texts = {
        "proc/stat": stat(), "proc/meminfo": memory(total),
        "proc/vmstat": lines_of("/proc/vmstat", PAGING), "proc/diskstats": disks(),
        "proc/loadavg": pathlib.Path("/proc/loadavg").read_text(),
        "proc/net/dev": pathlib.Path("/proc/net/dev").read_text(),
        "proc/net/snmp": columns_of("/proc/net/snmp", TRANSPORT),
        "proc/net/netstat": columns_of("/proc/net/netstat", {"TcpExt:": ("ListenDrops", "TCPTimeouts")}),
        "proc/net/snmp6": "".join(
            line for line in pathlib.Path("/proc/net/snmp6").read_text().splitlines(keepends=True)
            if line.startswith("Udp6")),
        "proc/net/sockstat": pathlib.Path("/proc/net/sockstat").read_text(),
        "proc/net/sockstat6": pathlib.Path("/proc/net/sockstat6").read_text(),
        "proc/1/mountinfo": pathlib.Path("/proc/1/mountinfo").read_text(),
        "sys/fs/cgroup/cgroup.controllers": "cpu io memory\n",
    }
    for kind in "cpu", "memory", "io":
        if (GROUPS / f"{kind}.pressure").exists():
            texts[f"proc/pressure/{kind}"] = own(f"{kind}.pressure", ("some", "full"))
    for mount in mounts:
        if os.path.ismount(mount):
            use = os.statvfs(mount)
            texts["statvfs" + mount] = (f"{use.f_frsize} {use.f_blocks} {use.f_bfree} {use.f_bavail} "
                                        f"{use.f_files} {use.f_ffree}\n")
    for directory, _, _ in os.walk(GROUPS):
        texts.update(group(directory))
    return texts


def group(directory):
    """The files of a control group, as in version 2."""
    path = directory[len(str(GROUPS)):]
    below = f"sys/fs/cgroup{path}"
    found = {}
    try:
        found[f"{below}/cpu.stat"] = lines_of(f"{directory}/cpu.stat", ("usage_usec",))
        for memory in f"{directory}/memory.current", f"{LEGACY}/memory{path}/memory.usage_in_bytes":
            if path and os.path.exists(memory):
                found[f"{below}/memory.current"] = pathlib.Path(memory).read_text()
        served = pathlib.Path(f"{LEGACY}/blkio{path}/blkio.throttle.io_service_bytes")
        if os.path.exists(f"{directory}/io.stat"):
            found[f"{below}/io.stat"] = "".join(
                line for line in pathlib.Path(directory, "io.stat").read_text().splitlines(keepends=True)
                if not line.startswith("7:"))
        elif path and served.exists():
            # Of each device and of the sum, which comes last; loops count at their backing device too.
            counts = {kind: sum(int(line.split()[2]) for line in served.read_text().splitlines()
                                if line.split()[1] == kind and not line.startswith("7:"))
                      for kind in ("Read", "Write")}
            found[f"{below}/io.stat"] = (
                f"254:0 rbytes={counts['Read']} wbytes={counts['Write']} rios=0 wios=0\n")
    except (FileNotFoundError, OSError):
        pass  # It has just disappeared.
    return found


GAUGES = [
    ("proc/stat", r"procs_(running|blocked)"), ("proc/meminfo", ""), ("proc/loadavg", ""),
    ("proc/net/sockstat", ""), ("statvfs", ""),
    ("proc/1/mountinfo", ""), ("memory.current", ""),
]


def is_gauge(path, line, place):
    """Whether a number is a level instead of a count since the start."""
    if path == "proc/diskstats":
        return place == 10  # requests in flight, after major, minor and eight more
    if path == "proc/net/snmp":
        return line.startswith("Tcp:") and place == TRANSPORT["Tcp:"].index("CurrEstab")
    return any(name in path and re.match(keys, line) for name, keys in GAUGES)


def parse(path, text):
    """The text with placeholders for numbers, and the numbers."""
    if path == "proc/1/mountinfo":
        return text, []
    template, numbers = [], []
    for line in text.splitlines():
        # Numbers are right-aligned in some files.
        line = re.sub(r"[ \t]+", " ", line)
        place = -1

        def replace(match):
            nonlocal place
            place += 1
            numbers.append(match[0])
            return "{g}" if is_gauge(path, line, place) or "." in match[0] else "{c}"
        template.append(NUMBER.sub(replace, line))
    return "\n".join(template) + "\n", numbers


class Recording:
    def __init__(self, file):
        self.file = file
        self.known = {}
        self.kinds = {}

    def write(self, line):
        self.file.write(line + "\n")

    def note(self, texts):
        """The changes since the previous second."""
        for path in self.known.keys() - texts.keys():
            self.write(f"D {self.known.pop(path)[0]}")
        for path, text in texts.items():
            template, numbers = parse(path, text)
            known = self.known.get(path)
            if known is None or known[1] != template:
                number = known[0] if known else len(self.kinds)
                self.kinds[number] = re.findall(r"\{([cg])\}", template)
                self.write(f"F {number} {path}")
                for line in template.splitlines():
                    self.write("|" + line)
                self.write(f"V {number} " + " ".join(numbers))
            elif known[2] != numbers:
                number = known[0]
                changes = []
                for place, (kind, old, new) in enumerate(zip(self.kinds[number], known[2], numbers)):
                    if old != new:
                        changes.append(f"{place}:{int(new) - int(old) if kind == 'c' else new}")
                self.write(f"{number} " + " ".join(changes))
            self.known[path] = (number if known is None or known[1] != template else known[0],
                                template, numbers)


def main():
    output, labels, total, mounts = (
        sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    seen = 0
    with gzip.open(output, "wt", compresslevel=9) as file:
        recording = Recording(file)
        due = time.monotonic()
        while not ended:
            phases = labels.read_text().splitlines() if labels.exists() else []
            for phase in phases[seen:]:
                recording.write(f"P {phase}")
            seen = len(phases)
            recording.note(host(mounts, total))
            recording.write("T")
            due += 1
            time.sleep(max(0, due - time.monotonic()))


if __name__ == "__main__":
    main()
