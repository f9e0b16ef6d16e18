#!/usr/bin/env python3
"""Hostile clients of the control socket, for torturer.py: slow, greedy, malformed or gone.

Usage: torture_clients.py SEED. Prints a line once all are connected, and ends after a few seconds.
"""

import contextlib
import random
import socket
import sys
import time

CONTROL = "/run/anomalyd/io.anomalyd"


def main():
    chance = random.Random(int(sys.argv[1]))
    clients = []
    for _ in range(40):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(0.2)
        with contextlib.suppress(OSError):
            client.connect(CONTROL)
            client.sendall(chance.choice([
                b"", b"\0" * 50, b"{", b'{"method":"io.anomalyd.Status"}\0' * 20,
                b'{"method":"io.anomalyd.Tap","more":true}\0',
                b'{"method":"io.anomalyd.ListMetrics","more":true}\0' * 8,
                b'{"a":' * 5_000, bytes(chance.getrandbits(8) for _ in range(300)),
                b'"' + b"x" * 300_000]))
        clients.append(client)
    print("connected", flush=True)
    until = time.monotonic() + chance.uniform(1, 4)
    while time.monotonic() < until:
        client = chance.choice(clients)
        with contextlib.suppress(OSError):
            client.send(bytes([chance.getrandbits(8)]))  # a byte at a time
        time.sleep(0.02)
    chance.shuffle(clients)
    for client in clients:
        client.close()


if __name__ == "__main__":
    main()
