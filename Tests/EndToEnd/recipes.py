"""Other sources through pipes: the units of etc/examples with a real broker, HTTP and Modbus; a part of run.py."""

import json

from machine import HERE, ROOT, eventually

EXAMPLES = "/usr/share/doc/anomalyd/examples"
SNIPPETS = "/etc/anomalyd/anomalyd.conf.d"
GUEST = ROOT / ".build" / "guest"
CONFIGURATION = """\
[Input app]
Type=socket
FlushInterval=1s
"""
# Each recipe with an administrator's additions, and the metrics that it yields.
RECIPES = {
    "send-prometheus": (
        ["URL=http://127.0.0.1:8910/metrics", "METRICS=^(load|requests_total|latency_seconds.*)$",
         "SECONDS_BETWEEN=0.5"],
        {"app.load": 0.75, "app.requests_total,code=200,path=/a_b": 10,
         "app.requests_total,code=500,path=/": 0, "app.latency_seconds_count": 10}),
    "send-json": (
        ["URL=http://127.0.0.1:8910/status", "SECONDS_BETWEEN=0.5"],
        {"app.inverter.power": 231.5, "app.inverter.phase.volts,name=L1": -229.8}),
    "send-modbus": (
        ["HOST=127.0.0.1", "PORT=8911", "SECONDS_BETWEEN=0.5"],
        {"app.boiler.temperature": 710, "app.boiler.pressure": 711}),
    "send-mqtt": ([], {"app.plant.boiler.temperature": 71.5}),
}
BROKER = ("mosquitto", "-p", "8912")


class Recipes:
    """The life of four pipes into one socket."""

    def __init__(self, machine, report):
        self.machine = machine
        self.check = report.check
        self.skip = report.skip
        # Metrics in the state of an earlier story.
        self.earlier = set()

    def units(self):
        """The recipes that can run here."""
        return [name for name in RECIPES if self.has_guests or name not in ("send-mqtt", "send-modbus")]

    @property
    def has_guests(self):
        return (GUEST / "complete").exists()

    def publish(self, payload="71.5"):
        self.machine.run("mosquitto_pub", "-h", "127.0.0.1", "-p", "8912", "-t", "plant/boiler/temperature",
                         "-m", payload, check=False)

    def values(self):
        if self.has_guests:
            self.publish()
        return {metric["name"]: metric for metric in self.machine.control("metrics", "app.*")}

    def arrive(self, since=0):
        """Whether all metrics have at least two samples more than `since`; otherwise what there is."""
        found = {}

        def complete():
            found.update(self.values())
            return all(found.get(name, {"samples": 0})["samples"] >= since + 2
                       for unit in self.units() for name in RECIPES[unit][1])
        return bool(eventually(complete)), found

    # MARK: Steps

    def reads_other_sources(self):
        machine = self.machine
        machine.run("sh", "-c", f"rm -f {SNIPPETS}/*.conf")
        machine.write(f"{SNIPPETS}/test.conf", CONFIGURATION)
        machine.run("systemctl", "restart", "anomalyd")
        self.earlier = set(self.values())
        if self.has_guests:
            machine.run("sh", "-c", f"dpkg --install {GUEST}/*mosquitto*.deb {GUEST}/*mbpoll*.deb "
                        f"$(ls {GUEST}/lib*.deb)")
            machine.run("systemd-run", "--quiet", "--collect", "--unit=broker", *BROKER)
        else:
            self.skip("values from a real MQTT broker and a real Modbus client", "not available (make deps)")
        for name, port in (("http", "8910"), ("modbus", "8911")):
            machine.run("systemd-run", "--quiet", "--collect", f"--unit={name}", "python3",
                        f"{HERE}/sources.py", name, port)
        machine.write("/etc/anomalyd/credentials/mqtt", "-h 127.0.0.1\n-p 8912\n-t plant/#\n", mode="0600")
        machine.run("sh", "-c", f"cp {EXAMPLES}/send-*.service /etc/systemd/system/ && "
                    f"cp {EXAMPLES}/send-*.awk {EXAMPLES}/send-*.jq {EXAMPLES}/send-*.sed /etc/anomalyd/")
        for unit in self.units():
            settings = "".join(f'Environment="{setting}"\n' for setting in RECIPES[unit][0])
            machine.write(f"/etc/systemd/system/{unit}.service.d/own.conf", f"[Service]\n{settings}")
        machine.run("systemctl", "daemon-reload")
        services = [f"{unit}.service" for unit in self.units()]
        verdict = machine.run("systemd-analyze", "verify", "--man=no", *services, check=False)
        self.check("the example units are valid", verdict.returncode == 0 and not verdict.stderr,
                   verdict.stderr)
        machine.run("systemctl", "start", *services)
        arrived, found = self.arrive()
        self.check("values of each source become metrics", arrived, json.dumps(sorted(found)))
        for unit in self.units():
            for name, expected in RECIPES[unit][1].items():
                value = found.get(name, {}).get("value")
                # Rates are between two times, which a busy machine delays.
                tolerance = 0.5 if "_total" in name or "_count" in name else 1e-6
                self.check(f"{unit}: {name} is {expected}",
                           value is not None and abs(value - expected) <= tolerance * abs(expected), value)
        known = {name for unit in self.units() for name in RECIPES[unit][1]} | self.earlier
        self.check("and nothing else does", set(found) - known <= {"app.latency_seconds_sum"},
                   sorted(set(found) - known))

    def survives_restarts(self):
        machine = self.machine
        services = [f"{unit}.service" for unit in self.units()]
        processes = [machine.property("MainPID", service) for service in services]
        machine.run("systemctl", "restart", "anomalyd")
        if self.has_guests:
            machine.run("systemctl", "restart", "broker")
        samples = max((metric["samples"] for name, metric in self.values().items()
                       if name not in self.earlier), default=0)
        arrived, found = self.arrive(since=samples)
        self.check("all go on after a restart of daemon and broker", arrived, json.dumps(sorted(found)))
        self.check("with the same processes",
                   processes == [machine.property("MainPID", service) for service in services])
        if self.has_guests:
            self.publish("warm")
            said = eventually(lambda: "expected" in machine.run(
                "journalctl", "--unit=send-mqtt", "--output=cat", "--no-pager").stdout)
            self.check("a payload that is no number is reported in the log of its unit", said)
        machine.run("systemctl", "stop", *services, "http", "modbus", *(["broker"] if self.has_guests else []))

    STEPS = [reads_other_sources, survives_restarts]
