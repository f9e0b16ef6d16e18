"""The endpoints that recipes read in the end-to-end test: HTTP and Modbus TCP. Runs in the machine.

    sources.py http PORT      a Prometheus exposition at /metrics, a JSON document at /status
    sources.py modbus PORT    holding registers: register 100 + n has the value 710 + n
"""

import http.server
import json
import socketserver
import struct
import sys
import time

STARTED = time.monotonic()
EXPOSITION = """\
# HELP load The load.
# TYPE load gauge
load 0.75
# TYPE requests_total counter
requests_total{{path="/a b",code="200"}} {count}
requests_total{{path="/",code="500"}} 3
# TYPE latency_seconds histogram
latency_seconds_bucket{{le="+Inf"}} {count}
latency_seconds_sum {count}
latency_seconds_count {count}
# TYPE unwanted gauge
unwanted 1
broken NaN
"""
STATUS = {"power": 231.5, "phases": [{"name": "L1", "volts": -229.8}]}


class Exporter(http.server.BaseHTTPRequestHandler):
    """Its counters grow by ten a second."""

    def do_GET(self):  # noqa: N802 - the name is the base class's
        count = 10 * (time.monotonic() - STARTED)
        text = EXPOSITION.format(count=count) if self.path == "/metrics" else json.dumps(STATUS)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class Registers(socketserver.StreamRequestHandler):
    """Function 3, read holding registers; anything else is answered with exception 1, illegal function."""

    def handle(self):
        while header := self.rfile.read(8):
            transaction, protocol, length, unit, function = struct.unpack(">HHHBB", header)
            body = self.rfile.read(length - 2)
            if function == 3:
                first, count = struct.unpack(">HH", body)
                # Register number 100 has the address 99.
                answer = struct.pack(f">BBB{count}H", unit, 3, 2 * count,
                                     *(711 + first - 100 + index for index in range(count)))
            else:
                answer = struct.pack(">BBB", unit, function | 0x80, 1)
            self.wfile.write(struct.pack(">HHH", transaction, protocol, len(answer)) + answer)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


if __name__ == "__main__":
    handler = {"http": Exporter, "modbus": Registers}[sys.argv[1]]
    Server(("127.0.0.1", int(sys.argv[2])), handler).serve_forever()
