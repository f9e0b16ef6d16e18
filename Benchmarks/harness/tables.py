"""A run as tables for docs/benchmarks.md."""

from .spread import Spread, rounded

SETS = ("baseline", "avx2", "avx512")
SIZES = (8, 16, 32, 64)


class Run:
    """What `Benchmarks/run.py --json` wrote."""

    def __init__(self, whole):
        self.machine, self.targets = whole["machine"], whole["targets"]
        self.skipped = whole["skipped"]
        self.entries = {(entry["section"], entry["name"]): entry for entry in whole["measurements"]}

    def cell(self, section, name, scale=1):
        """A measurement as a table cell; a dash if there is none."""
        entry = self.entries.get((section, name))
        if entry is None:
            return "–"
        value = entry["value"]
        return str(Spread([value["least"] * scale, value["median"] * scale,
                           value["greatest"] * scale]))

    def median(self, section, name):
        """A median with three digits."""
        entry = self.entries.get((section, name))
        return "–" if entry is None else rounded(entry["value"]["median"])

    def remark(self, section, name):
        """The remark of a measurement."""
        return self.entries.get((section, name), {}).get("remark", "")

    def names(self, section):
        """The names of a section's measurements, in order."""
        return [name for found, name in self.entries if found == section]


def table(heads, rows):
    """A table; the first column is text."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" + "--:|" * (len(heads) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def markdown(run, command):
    """The generated part of the page."""
    machine = run.machine
    parts = [
        f"{machine['processor']}; {machine['caches']}; {machine['system']}; {machine['swift']}; "
        f"commit {machine['commit']}; measured on {machine['date']}; "
        f"load {machine['load before']} before and {machine['load after']} after. "
        f"`{command}`",
        "### Targets", targets(run),
        "### Comparison with alternatives", peers(run),
        "### Kernels relative to machine limits", kernels(run), training(run), memory(run),
        "### The whole pipeline", pipeline(run), stages(run),
        "### Many metrics", metrics(run),
        "### The daemon", daemon(run), "### Comparison with other agents", agents(run),
        "### Files", files(run),
    ]
    return "\n\n".join(part for part in parts if part)


def short(run):
    """The few numbers in the README."""
    def ratio(over, under):
        values = [run.entries.get(key) for key in (over, under)]
        if None in values:
            return "–"
        return rounded(values[0]["value"]["median"] / values[1]["value"]["median"])

    ours = ("pipeline", "anomalyd")
    online = ("peers", "PyTorch nn.LSTM, online BPTT")
    rows = [
        ("one sample: forecast, evidence, score and learning, on one core",
         f"{run.median(*ours)} µs"),
        ("the same LSTM in PyTorch, with the same learning",
         f"{run.median(*online)} µs, {ratio(online, ours)} times as long"),
    ]
    for count in (1479, 10_000):
        cpu, memory = (run.median("daemon", f"{count} metrics: {what}") for what in ("CPU", "RSS"))
        rows.append((f"{count:,} metrics at 1 Hz", f"{cpu}% of a core, {memory} MiB"))
    rows.append(("start with 1,000 learnt metrics until READY",
                 f"{run.median('daemon', '1000 metrics: READY, restored')} ms"))
    return f"{run.machine['processor']}:\n\n" + table(("workload", "cost"), rows)


def targets(run):
    return table(("target", "limit", "measured", "verdict"), [
        (entry["target"], entry["limit"],
         "–" if entry["value"] is None else rounded(entry["value"]) + entry["unit"],
         entry["verdict"]) for entry in run.targets])


def peers(run):
    rows = [("anomalyd, one metric: whole pipeline, with learning", run.cell("pipeline", "anomalyd")),
            ("anomalyd, 10,000 metrics in turn", run.cell("metrics", "10000 in order"))]
    rows += [(name, run.cell("pipeline", name)) for name in run.names("pipeline")
             if name.startswith("C++")]
    rows += [(name, run.cell("peers", name)) for name in run.names("peers")
             if not name.startswith("PyTorch training")]
    return table(("", "µs per sample"), rows)


def kernels(run):
    heads = ["", *(f"H={size}" for size in SIZES), "peak, Gflop/s"]
    rows = []
    for kind, unit, scale in ("step", "ns", 1), ("training", "µs", 1e-3):
        for name in SETS:
            section = f"kernels {name}"
            cells = []
            for size in SIZES:
                entry = run.entries.get((section, f"{kind} H={size}"))
                value = "–" if entry is None else rounded(entry["value"]["median"] * scale)
                cells.append(f"{value} ({run.median(section, f'{kind} H={size} of peak')}%)")
            rows.append((f"{kind}, {unit}, {name}", *cells, run.median(section, "peak")))
    return table(heads, rows)


def training(run):
    names = list(dict.fromkeys(
        name for set_name in SETS for name in run.names(f"training {set_name}")
        if not name.endswith(" of peak")))
    if not names:
        return ""
    rows = [(f"training step, batch 32, {set_name}, µs",
             *(f"{run.median(f'training {set_name}', name)} "
               f"({run.median(f'training {set_name}', f'{name} of peak')}%)" for name in names))
            for set_name in SETS]
    rows += [(f"PyTorch, {threads}, µs",
              *(run.median("peers", f"PyTorch training {name}, {threads}") for name in names))
             for threads in ("1 thread", "2 threads")]
    return table(("LSTM and dense head over 64 steps", *names), rows)


def memory(run):
    return (f"One core reads {run.cell('memory', 'read bandwidth')} GB/s. A step with its head over "
            f"10,000 models outside the caches takes {run.cell('memory', 'cold step')} ns: "
            f"{run.cell('memory', 'cold step of bandwidth')}% of that bandwidth.")


def pipeline(run):
    return table(("", "", ""), [
        (name, run.cell("pipeline", name), run.entries[("pipeline", name)]["unit"])
        for name in run.names("pipeline")])


def stages(run):
    return table(("stage", "ns per sample"),
                 [(name, run.cell("stages", name)) for name in run.names("stages")])


def metrics(run):
    rows = []
    for name in run.names("metrics"):
        if name.endswith(" in order"):
            count = name.split()[0]
            rows.append((f"{int(count):,}", run.cell("metrics", name),
                         run.cell("metrics", f"{count} shuffled"),
                         run.median("metrics", f"{count} in order, to 100")))
    size = run.median("metrics", "bytes of one detector")
    return (table(("metrics", "µs per sample, in order", "shuffled", "relative to 100"), rows)
            + f"\n\nA detector takes {size} bytes.")


def daemon(run):
    counts = sorted({int(name.split()[0]) for name in run.names("daemon")})
    names = list(dict.fromkeys(name.split(": ", 1)[1] for name in run.names("daemon")))
    rows = []
    for name in names:
        units = {entry["unit"] for (section, full), entry in run.entries.items()
                 if section == "daemon" and full.endswith(f": {name}")}
        rows.append((f"{name}, {units.pop()}",
                     *(run.median("daemon", f"{count} metrics: {name}") for count in counts)))
    return table(("metrics at 1 Hz", *(f"{count:,}" for count in counts)), rows) if counts else ""


def agents(run):
    names = list(dict.fromkeys(name.split(": ", 1)[0] for name in run.names("agents")))
    return table(("", "CPU, % of a core", "RSS, MiB", "workload"), [
        (name, run.median("agents", f"{name}: CPU"), run.median("agents", f"{name}: RSS"),
         run.remark("agents", f"{name}: CPU"))
        for name in names])


def files(run):
    return table(("", "", ""), [
        (f"{section}: {name}", run.cell(section, name), run.entries[(section, name)]["unit"])
        for section in ("nab", "tables") for name in run.names(section)])
