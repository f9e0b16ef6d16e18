#!/usr/bin/env python3
"""Draws docs/top.svg: `anomalyctl top`, in tmux, of a daemon that monitors a fictitious shop.

    Benchmarks/screenshot.py .build/release docs/top.svg

The daemon reads 16 hours of samples at once and has learnt from them when the last minutes, in which the
shop's database becomes slow, raise an incident.
"""

import datetime
import html
import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

COLUMNS, LINES = 104, 18
METRICS = ("checkout.latency_seconds", "checkout.orders_per_second", "database.connections",
           "database.read_latency_seconds", "queue.mail_depth", "site.requests_per_second",
           "site.errors_ratio", "cold_room.temperature_celsius")
TINTS = {"31": "#f85149", "32": "#3fb950", "33": "#d29922"}


def rows(now, count=5_800, interval=10, trouble=24):
    """Rows of the table; in the last `trouble` ones the database is slow."""
    source = random.Random(4)
    temperature = 4.0
    for index in range(count):
        seconds = now - (count - 1 - index) * interval
        busy = 1 + 0.5 * math.sin(2 * math.pi * seconds / 86_400) + 0.06 * source.gauss(0, 1)
        slow = 6 if index >= count - trouble else 1
        temperature += 0.05 * (4 - temperature) + 0.04 * source.gauss(0, 1)
        read = 0.004 * slow * (1 + 0.1 * abs(source.gauss(0, 1)))
        yield seconds, (0.08 + 12 * read + 0.01 * source.random(), 9 * busy / slow ** 0.5,
                        round(20 * busy * slow ** 0.7 + source.random()), read,
                        max(0, round(3 * busy + source.gauss(0, 1))), 140 * busy,
                        0.002 * source.random() * slow, temperature)


def capture(binaries, folder):
    now = int(time.time())
    table = folder / "shop.csv"
    with table.open("w") as file:
        print("timestamp", *METRICS, sep=",", file=file)
        for seconds, values in rows(now):
            moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
            print(moment.isoformat(), *(f"{value:.5g}" for value in values), sep=",", file=file)
    (folder / "anomalyd.conf").write_text(
        f"[Agent]\nStateDirectory={folder}/state\nControlSocket={folder}/socket\n"
        f"[Input shop]\nType=csv\nPath={table}\nPrefix=shop\nStart=beginning\n"
        f"[Output events]\nType=file\nPath={folder}/events.jsonl\n")
    tmux = ["tmux", "-L", f"screenshot-{now}", "-f", "/dev/null"]
    daemon = subprocess.Popen([binaries / "anomalyd", "--config", folder / "anomalyd.conf"],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(20)
        subprocess.run([*tmux, "new-session", "-d", "-x", str(COLUMNS), "-y", str(LINES),
                        f"{binaries}/anomalyctl top --interval 1 --socket {folder}/socket"], check=True)
        time.sleep(5)
        return subprocess.run([*tmux, "capture-pane", "-e", "-p"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.splitlines()
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, stderr=subprocess.DEVNULL)
        daemon.terminate()
        daemon.wait()


def spans(line, codes):
    """The pieces of a line with the escape codes in force; tmux writes only changes, across lines."""
    for piece in re.split("(\x1b\\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            for code in piece[2:-1].split(";"):
                codes[:] = [] if code in ("", "0") else codes + [code]
        elif piece:
            yield piece, list(codes)


def draw(lines):
    width, height, left = 8.4, 18, 14
    total = (COLUMNS * width + 2 * left, LINES * height + 2 * left)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total[0]:.0f} {total[1]:.0f}" '
        'font-family="ui-monospace,SFMono-Regular,Menlo,DejaVu Sans Mono,monospace" font-size="14">',
        '<title>anomalyctl top: an incident of a made-up shop, and its metrics</title>',
        f'<rect width="{total[0]:.0f}" height="{total[1]:.0f}" rx="8" fill="#0d1117"/>']
    codes = []
    for row, line in enumerate(lines[:LINES]):
        column, y = 0, left + (row + 0.75) * height
        for text, codes in spans(line, codes):
            x = left + column * width
            fill = next((TINTS[code] for code in codes if code in TINTS), "#c9d1d9")
            if "7" in codes:
                parts.append(f'<rect x="{x:.1f}" y="{left + row * height:.1f}" fill="#c9d1d9" '
                             f'width="{len(text) * width:.1f}" height="{height}"/>')
                fill = "#0d1117"
            weight = ' font-weight="bold"' if "1" in codes else ""
            faint = ' opacity="0.6"' if "2" in codes else ""
            if text.strip():
                parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}"{weight}{faint} '
                             f'xml:space="preserve" textLength="{len(text) * width:.1f}">'
                             f'{html.escape(text)}</text>')
            column += len(text)
    return "\n".join([*parts, "</svg>"]) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        lines = capture(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(folder))
    pathlib.Path(sys.argv[2]).write_text(draw(lines))


main()
