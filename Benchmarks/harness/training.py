"""Models that anomalyctl trains and judges."""

import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import sys


class Runner:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)

    def model(self, kind, files, *options, name=None):
        path = self.folder / f"{name or os.urandom(8).hex()}.model"
        self.run("train", kind, *files, "-o", path, *options)
        return path

    def judge(self, models, files, *options):
        """The lines of files, then the summary; several models judge together."""
        models = models if isinstance(models, list) else [models]
        words = [word for model in models for word in ("--model", model)]
        lines = self.run("evaluate", "--json", *words, *options, *files).splitlines()
        return [json.loads(line) for line in lines]

    def run(self, *words, fails=False):
        """What a command prints; `fails`: an exit code of 1 is a result, too."""
        done = subprocess.run(
            [self.program, *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode > fails:
            sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")
        return done.stdout


def mean(values, digits=2):
    text = f"{statistics.mean(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ± {statistics.stdev(values):.{digits}f}"


def pooled(points):
    """Precision's and recall's F1 of counts of several judgements, and what flagging every row would have."""
    tp, fp, fn, tn = (sum(p[f"{name}s"] for p in points) for name in (
        "true_positive", "false_positive", "false_negative", "true_negative"))
    return 2 * tp / (2 * tp + fp + fn), 2 * (tp + fn) / (2 * (tp + fn) + fp + tn)


def leave_one_out(runner, files, labels, options):
    """Each file judged by a classifier of all others."""
    def one(path):
        model = runner.model("classifier", [f for f in files if f != path], "--labels", labels, *options)
        return runner.judge(model, [path], "--labels", labels)[-1]["summary"]["points"]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return pooled(list(pool.map(one, files)))
