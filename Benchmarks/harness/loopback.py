"""Local HTTP servers."""

import socket
import urllib.request


def free_port():
    """A free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    """The answer of a loopback address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()
