#!/usr/bin/env python3
"""Counts alarms on labelled recordings that recur on schedule and are only recorded.

    Benchmarks/recurring.py [--data ../shared/data] [--anomalyctl .build/release/anomalyctl]

Replays the development recordings with a budget of 5,000 samples and prints a table in Markdown, which
docs/adr/0036-recurring-events.md quotes: false alarms that no longer page, against labelled anomalies that
no longer do.
"""

import argparse
import concurrent.futures
import csv
import datetime
import gzip
import json
import pathlib
import subprocess
import sys

# Events this close to a label belong to it.
MARGIN = 600


def seconds(text):
    """Unix time of a number, or of a date in UTC."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00").split(".0000")[0])
        return moment.replace(tzinfo=moment.tzinfo or datetime.timezone.utc).timestamp()


def point_labels(path):
    """Spans of rows whose label is 1."""
    spans, was_anomalous = [], False
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            moment, is_anomalous = seconds(row["timestamp"]), float(row["label"]) > 0
            if is_anomalous and was_anomalous:
                spans[-1][1] = moment
            elif is_anomalous:
                spans.append([moment, moment])
            was_anomalous = is_anomalous
    return spans


def families(data):
    """Names of families with their files and labels."""
    development = json.loads((data / "nab" / "split.json").read_text())["development"]
    windows = json.loads((data / "nab" / "labels" / "combined_windows.json").read_text())
    yield "NAB", [(data / "nab" / "data" / name, [list(map(seconds, span)) for span in windows[name]])
                  for name in development]
    for name, folder in ("AIOPS", "kpi_aiops"), ("WSD", "kpi_web"), ("WSD, clean", "kpi_web_clean"):
        yield name, [(path, point_labels(path)) for path in sorted((data / folder).glob("*.gz"))]


def events(program, path):
    """The events of a replay."""
    done = subprocess.run([program, "backtest", "--json", "--budget", "5000", "--column", "value", path],
                          capture_output=True, text=True, check=True)
    lines = map(json.loads, done.stdout.splitlines())
    return [line for line in lines if line.get("kind") == "event"]


def judge(found, labels):
    """False alarms, those on schedule, labels found, and those found by scheduled alarms only."""
    false = scheduled = 0
    pages = {}
    for event in found:
        end = seconds(event["closed"]) if event["closed"] else float("inf")
        is_scheduled = (event["recurrence"] or {}).get("standing") == "scheduled"
        hits = [index for index, (first, last) in enumerate(labels)
                if first - MARGIN <= end and seconds(event["began"]) <= last + MARGIN]
        for index in hits:
            pages[index] = pages.get(index, False) or not is_scheduled
        if not hits:
            false += 1
            scheduled += is_scheduled
    return false, scheduled, len(pages), list(pages.values()).count(False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default="../shared/data")
    parser.add_argument("--anomalyctl", default=".build/release/anomalyctl")
    options = parser.parse_args()
    if not options.data.exists():
        sys.exit(f"{options.data} does not exist: these recordings are not part of the project")
    print("| recordings | false alarms | of these on schedule | anomalies found | only by events on schedule |")
    print("|---|---|---|---|---|")
    for name, files in families(options.data):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            replays = pool.map(lambda file: events(options.anomalyctl, file[0]), files)
        totals = [sum(column) for column in zip(*(
            judge(found, labels) for found, (_, labels) in zip(replays, files)))]
        print(f"| {name} | " + " | ".join(map(str, totals)) + " |", flush=True)


if __name__ == "__main__":
    main()
