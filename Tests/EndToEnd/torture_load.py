"""The daemon's load during torturer.py: tables, a socket, a serial line."""

import datetime
import math
import os
import pathlib
import pty
import random
import socket
import threading
import time
import tty

ROOT = pathlib.Path("/srv/torture")
SOCKET = "/run/anomalyd/metrics.sock"
START = datetime.datetime(2026, 2, 1, tzinfo=datetime.timezone.utc)
SOCKET_METRICS = 1_000
WARM_UP = 420  # rows after which excursions begin


class Source(threading.Thread):
    """A source that delivers every `pause` seconds until it is stopped; it can be paused."""

    pause = 0.05

    def __init__(self):
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.lock = threading.RLock()

    def run(self):
        while not self.done.wait(self.pause):
            with self.lock:
                self.deliver()

    def deliver(self):
        raise NotImplementedError


class Table(Source):
    """A growing CSV file in its own directory; every row has its own time."""

    columns = 6

    def __init__(self, name, seed):
        super().__init__()
        self.name = name
        self.noise = random.Random(seed)
        self.path = ROOT / name / f"{name}.csv"
        self.path.parent.mkdir(parents=True)
        self.rows = 0
        self.excursions = [0] * self.columns  # remaining rows of each excursion
        # Kept open: the directory may be moved away, and rows written meanwhile count.
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        header = ",".join(["timestamp", *self.names()]) + "\n"
        os.write(self.file, header.encode())

    def names(self):
        return [f"c{column}" for column in range(self.columns)]

    def metrics(self):
        return [f"{self.name}.{column}" for column in self.names()]

    def row(self, index):
        """Quiet series; now and then each leaves its band for three rows, differently each time."""
        at = START + datetime.timedelta(minutes=index)
        cells = []
        for column in range(self.columns):
            value = 50 + 5 * math.sin(index / 20 + column) + math.sin(index * index + column)
            if index > WARM_UP and self.noise.random() < 0.002:
                self.excursions[column] = 3
            if self.excursions[column] > 0:
                self.excursions[column] -= 1
                value += (self.noise.random() - 0.5) * 200 * (1 + self.noise.random()) ** 4
            cells.append(f"{value:.4f}")
        return f"{at:%Y-%m-%dT%H:%M:%SZ}," + ",".join(cells) + "\n"

    def feed(self, count):
        """Appends rows in pieces that end anywhere, as a program that writes in blocks does."""
        with self.lock:
            text = "".join(self.row(self.rows + step) for step in range(count)).encode()
            self.rows += count
            for at in range(0, len(text), 8191):
                os.write(self.file, text[at:at + 8191])

    def deliver(self):
        self.feed(2)


class Leaps(Table):
    """A table whose time jumps: a third of its rows go back in time and count as malformed."""

    columns = 1

    def row(self, index):
        hours = index * 8 if index % 3 else -100 - index
        at = START + datetime.timedelta(hours=hours)
        return f"{at:%Y-%m-%dT%H:%M:%SZ},{50 + index % 7}\n"


class Datagrams(Source):
    """A thousand gauges a second through the socket; some may be lost."""

    pause = 1.0

    def deliver(self):
        self.send(SOCKET_METRICS)

    def send(self, count, rounds=1):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
                client.setblocking(False)
                client.connect(SOCKET)
                for step in range(rounds):
                    for first in range(0, count, 200):
                        lines = (f"m{number}:{number + step % 5}|g"
                                 for number in range(first, min(count, first + 200)))
                        client.send("\n".join(lines).encode())
        except OSError:
            pass  # the daemon is gone, or slow


class SerialLine(Source):
    """A sensor on a pseudo-terminal behind a link, which can be unplugged and go silent."""

    def __init__(self):
        super().__init__()
        self.link = ROOT / "line"
        self.sent = 0
        self.master = None
        self.plug()

    def plug(self):
        with self.lock:
            self.unplug()
            self.master, slave = pty.openpty()
            tty.setraw(slave)
            os.set_blocking(self.master, False)
            os.chmod(os.ttyname(slave), 0o666)
            self.link.symlink_to(os.ttyname(slave))
            os.close(slave)

    def unplug(self):
        with self.lock:
            if self.master is not None:
                os.close(self.master)
            self.master = None
            self.link.unlink(missing_ok=True)

    def deliver(self):
        self.write(f"{self.sent % 50}\n".encode())
        self.sent += 1

    def write(self, data):
        try:
            if self.master is not None:
                os.write(self.master, data)
        except OSError:
            pass  # no reader, or the buffer is full


class Load:
    """All sources together."""

    def __init__(self, seed):
        self.tables = [Table("a", seed), Table("b", seed + 1)]
        self.leaps = Leaps("leaps", seed + 2)
        self.datagrams = Datagrams()
        self.line = SerialLine()
        self.sources = [*self.tables, self.leaps, self.datagrams, self.line]

    def start(self):
        for source in self.sources:
            source.start()

    def stop(self):
        for source in self.sources:
            source.done.set()
            source.join()

    def hold(self):
        """Keeps the tables from growing until `release`."""
        for table in (*self.tables, self.leaps):
            table.lock.acquire()

    def release(self):
        for table in (*self.tables, self.leaps):
            table.lock.release()

    def held(self):
        return Held(self)


class Held:
    """The tables do not grow within this context."""

    def __init__(self, load):
        self.load = load

    def __enter__(self):
        self.load.hold()

    def __exit__(self, *_):
        self.load.release()
