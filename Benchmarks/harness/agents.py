"""Monitoring agents on this host at the same time: anomalyd, Netdata, node_exporter."""

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from . import daemon, netdata as netdatas
from .loopback import free_port, get
from .places import INSTALLED, LOAD
from .process import Watch

METRICS = 1479  # as many as Netdata found on a larger host
EXPORTER = INSTALLED / "node-exporter" / "usr" / "bin" / "prometheus-node-exporter"
WARM_UP = 30


@contextlib.contextmanager
def running(command, log, environment=None):
    """A program in its own session, terminated with all its descendants."""
    with open(log, "w", encoding="utf-8") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True,
                                 env={**os.environ, **(environment or {})})
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


class Scraper(threading.Thread):
    """Scrapes node_exporter once a second, as Prometheus would."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.series = 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(1):
            try:
                lines = get(f"http://127.0.0.1:{self.port}/metrics").splitlines()
            except OSError:
                continue  # not up yet
            self.series = sum(1 for line in lines if line and not line.startswith("#"))


def measure(report, quick):
    """All agents concurrently; ours gets as many metrics as Netdata collects on such a host."""
    report.begin("agents", "side by side on this host, everything once a second")
    seconds = 20 if quick else 60
    with tempfile.TemporaryDirectory(prefix="anomalyd-agents-") as name, \
            contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        watches, netdata, scraper = {}, None, None
        if os.access(netdatas.PROGRAM, os.X_OK):
            netdata = netdatas.Netdata(folder / "netdata", METRICS)
            child = stack.enter_context(
                running(netdata.command(), folder / "netdata.log", netdata.library))
            watches["Netdata"] = Watch(child.pid)
        else:
            report.skip("Netdata", "not installed, run 'make bench-peers'")
        if os.access(EXPORTER, os.X_OK):
            port = free_port()
            child = stack.enter_context(running(
                [EXPORTER, f"--web.listen-address=127.0.0.1:{port}"], folder / "exporter.log"))
            watches["node_exporter"] = Watch(child.pid)
            scraper = Scraper(port)
            scraper.start()
        else:
            report.skip("node_exporter", "not installed, run 'make bench-peers'")
        for watch in watches.values():
            watch.start()
        time.sleep(WARM_UP)
        if netdata:
            netdata.fill()
            time.sleep(WARM_UP)
            netdata.wait_for_models()
        end = None
        if LOAD.exists():
            try:
                found = daemon.run(METRICS, seconds)
                # load.py measures until it terminates the daemon, which is its last step.
                end = time.monotonic() - found["end ms"] / 1e3 - 0.5
                report.note("anomalyd: CPU", [found["run %"]], "% of a core",
                            f"{METRICS} metrics, an LSTM each, all learning")
                report.note("anomalyd: RSS", [found["RSS MB"]], "MiB")
            except daemon.LoadError as error:
                report.skip("anomalyd", str(error))
        else:
            report.skip("anomalyd", f"{LOAD} does not exist")
        if end is None:
            time.sleep(seconds)
            end = time.monotonic()
        for watch in watches.values():
            watch.stop()
        report_others(report, watches, netdata, scraper, end - seconds, end)


def report_others(report, watches, netdata, scraper, begin, end):
    """Resource usage of the other agents between two times."""
    for name, watch in watches.items():
        over = watch.over(begin, end)
        if over is None:
            report.skip(name, "it did not run until the end")
            continue
        (cpu, memory), (all_cpu, all_memory) = over
        if name == "Netdata":
            host, own = netdata.metrics() or (0, 0)
            learnt = (netdata.learnt() or (0, 0))[0]
            report.note("Netdata: metrics under k-means", [learnt], "")
            detection = f"k-means of {learnt}" if netdata.detects() else "built without k-means"
            remark = (f"version {netdata.version()}, {host} metrics and {own} of itself, {detection}, "
                      "its main process")
        else:
            remark = f"{scraper.series} series a scrape, no detection"
        report.note(f"{name}: CPU", [cpu], "% of a core", remark)
        report.note(f"{name}: RSS", [memory], "MiB")
        if name == "Netdata":
            report.note(f"{name} with its plugins: CPU", [all_cpu], "% of a core")
            report.note(f"{name} with its plugins: RSS", [all_memory], "MiB")
