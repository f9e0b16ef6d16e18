"""Netdata's agent, with all of its files in one directory and on loopback only."""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

from .loopback import free_port, get
from .places import INSTALLED, PEERS

DEBIAN = INSTALLED / "netdata"
# Path of a binary to use instead of Debian's, which is built without k-means.
OTHER = os.environ.get("NETDATA")
PROGRAM = pathlib.Path(OTHER or DEBIAN / "usr/sbin/netdata")
# Where it keeps samples and models, so that it need not learn everything again in the next run.
STATE = os.environ.get("NETDATA_STATE")
# It learns nothing about a metric before the 15th minute, then one metric a second.
LONGEST_LEARNING = 3600
LEARNT = 0.75  # the last ones take as long as all others: it relearns known ones in between
OWN = ("netdata.", "anomaly_detection.")  # it does not learn its own metrics
FILLER = PEERS / "netdata_filler.py"


class Netdata:
    """Netdata watching this host, with additional random walks up to `metrics`."""

    def __init__(self, folder, metrics):
        folder = pathlib.Path(STATE) if STATE else folder
        self.wanted = metrics
        self.port = free_port()
        self.library = {} if OTHER else {
            "LD_LIBRARY_PATH": str(DEBIAN / "usr/lib/x86_64-linux-gnu")}
        parts = {"cache": folder / "cache", "lib": folder / "lib", "log": folder / "log",
                 "config": folder / "etc", "web": folder / "web", "home": folder}
        for part in parts.values():
            part.mkdir(parents=True, exist_ok=True)
        self.missing = folder / "missing"
        self.missing.unlink(missing_ok=True)
        filler = folder / "plugins" / "filler.plugin"
        filler.parent.mkdir(exist_ok=True)
        filler.write_text(f"#!/bin/sh\nexec {sys.executable} {FILLER} {self.missing}\n",
                          encoding="utf-8")
        filler.chmod(0o755)
        (parts["config"] / ".opt-out-from-anonymous-statistics").touch()
        self.configuration = parts["config"] / "netdata.conf"
        if not OTHER:
            parts["stock config"] = DEBIAN / "usr/lib/netdata/conf.d"
        stock = self.built("Plugins") if OTHER else DEBIAN / "usr/lib/netdata/plugins.d"
        if stock:  # older versions do not report theirs and get no random walks
            parts["plugins"] = f'"{stock}" "{filler.parent}"'
        directories = "".join(f"  {name} = {path}\n" for name, path in parts.items())
        self.configuration.write_text(
            f"[global]\n  run as user = root\n[directories]\n{directories}"
            f"[web]\n  bind to = 127.0.0.1:{self.port}\n[registry]\n  enabled = no\n"
            "[plugins]\n  statsd = no\n",
            encoding="utf-8")

    def command(self):
        """Its command line."""
        return [PROGRAM, "-D", "-c", self.configuration]

    def built(self, name):
        """Its build information: 'name: value', from version 2 on 'name ____ : value'."""
        output = subprocess.run([PROGRAM, "-W", "buildinfo"], capture_output=True, text=True,
                              env={**os.environ, **self.library}, check=False)
        for line in (output.stdout + output.stderr).splitlines():
            found = re.match(rf"\s*{name}\s*_*\s*:\s*(.*)", line)
            if found:
                return found[1].strip()
        return None

    def version(self):
        """Its version number."""
        return (self.built("Netdata Version") or self.built("Version") or "?").split("v")[-1]

    def detects(self):
        """Whether this build has k-means."""
        return (self.built("Machine Learning") or "").startswith("YES")

    def metrics(self):
        """How many dimensions it collects for the host, and how many about itself; None if it does not
        answer."""
        try:
            charts = json.loads(get(f"http://127.0.0.1:{self.port}/api/v1/charts"))["charts"]
        except OSError:
            return None
        counts = [0, 0]
        for name, chart in charts.items():
            counts[name.startswith(OWN)] += len(chart["dimensions"])
        return tuple(counts)

    def fill(self):
        """Adds random walks up to the wanted number of metrics, not counting those about itself."""
        found = self.metrics()
        if found:
            written = self.missing.with_suffix(".new")
            written.write_text(str(max(0, self.wanted - found[0])), encoding="utf-8")
            written.rename(self.missing)

    def learnt(self):
        """How many metrics its k-means has learnt, and of how many; None if it does not report that."""
        try:
            output = json.loads(get(f"http://127.0.0.1:{self.port}/api/v1/allmetrics?format=json"))
        except OSError:
            return None
        for name, chart in output.items():
            if name.startswith("netdata.training_status"):
                counts = {what: round(entry["value"]) for what, entry in chart["dimensions"].items()}
                return counts["trained"], sum(counts.values())
        return None

    def wait_for_models(self):
        """Waits until it has learnt most metrics, if it learns at all."""
        if not self.detects():
            return
        begin = reported = time.monotonic()
        while time.monotonic() < begin + LONGEST_LEARNING:
            learnt = self.learnt() or (0, 0)
            if learnt[1] and learnt[0] >= LEARNT * learnt[1]:
                return
            if time.monotonic() >= reported + 60:
                reported = time.monotonic()
                print(f"  Netdata has learnt {learnt[0]} of {learnt[1]} metrics, one a second after "
                      "the 15th minute", flush=True)
            time.sleep(5)
