"""Performance targets, each with the measurement that decides it."""

from .agents import METRICS

MIB = 1 << 20


class Target:
    """A limit for one number of a run. If `harder` reports that the measurement was harder than the
    target requires, missing it proves nothing."""

    def __init__(self, what, limit, find, least=False, unit="", harder=lambda report: False):
        self.what, self.limit, self.find, self.least, self.unit = what, limit, find, least, unit
        self.harder = harder

    def judge(self, report):
        """The target as JSON: `met`, `missed`, `open` or `not measured`."""
        try:
            value = self.find(report)
        except (TypeError, StopIteration):  # a part of it was not measured
            value = None
        if value is None:
            verdict = "not measured"
        elif (value >= self.limit) if self.least else (value <= self.limit):
            verdict = "met"
        else:
            verdict = "open" if self.harder(report) else "missed"
        sign = "at least" if self.least else "at most"
        return {"target": self.what, "limit": f"{sign} {self.limit:g}{self.unit}", "value": value,
                "unit": self.unit, "verdict": verdict}


def number(section, name):
    """Finds a measurement's median."""
    return lambda report: report.median(section, name)


def ratio(over, under):
    """Finds the ratio of two medians."""
    return lambda report: report.median(*over) / report.median(*under)


def kilobytes_a_metric(report):
    """What each metric adds to the daemon's resident memory, including its entry in the socket's name
    table and allocator overhead."""
    most, least = (report.median("daemon", f"{count} metrics: RSS") for count in (10_000, 100))
    return (most - least) * MIB / 9900 / 1e3


def batched_to_ours(report):
    """The faster way to batch 10,000 models, on one thread, relative to our pipeline with as many
    metrics."""
    theirs = [report.median("peers", f"PyTorch bmm, {batches}, 1 thread, learning")
              for batches in ("1 x 10000", "10 x 1000")]
    return min(theirs) / report.median("metrics", "10000 in order")


def training_to_ours(size):
    """PyTorch's training step of `size` units to ours, where ours does worse: one thread or all cores."""
    names = ("1 thread", *(f"{count} threads" for count in range(2, 257)))
    def find(report):
        ratios = [report.median("peers", f"PyTorch training H={size}, {name}, to ours") for name in names]
        return min((ratio for ratio in ratios if ratio is not None), default=None)
    return find


def lacks_detection(report):
    """Whether this Netdata had learnt less than half of the metrics and so costs less than the one the
    target means."""
    return (report.median("agents", "Netdata: metrics under k-means") or 0) < METRICS / 2


WHOLE = ("pipeline", "anomalyd")
TARGETS = [
    Target("pipeline relative to the C++ reference with fast-math", 0.7,
           number("pipeline", "ratio to C++ reference fast-math"), unit="x"),
    Target("PyTorch incremental LSTM relative to the pipeline", 50,
           ratio(("peers", "PyTorch nn.LSTM, online BPTT"), WHOLE), least=True, unit="x"),
    Target("batched PyTorch relative to the pipeline, 10,000 models", 5, batched_to_ours, least=True,
           unit="x"),
    Target("step of 16 units, AVX2", 70, number("kernels avx2", "step H=16"), unit=" ns"),
    Target("step of 16 units, AVX-512", 50, number("kernels avx512", "step H=16"), unit=" ns"),
    Target("step of 32 units, AVX2, of the peak", 40,
           number("kernels avx2", "step H=32 of peak"), least=True, unit="%"),
    Target("step of 32 units, AVX-512, of the peak", 40,
           number("kernels avx512", "step H=32 of peak"), least=True, unit="%"),
    Target("training of 32 units, AVX2, of the peak", 40,
           number("kernels avx2", "training H=32 of peak"), least=True, unit="%"),
    Target("training of 32 units, AVX-512, of the peak", 40,
           number("kernels avx512", "training H=32 of peak"), least=True, unit="%"),
    Target("PyTorch's training step of 32 units, batch 32, to ours", 2, training_to_ours(32),
           least=True, unit="x"),
    Target("PyTorch's training step of 64 units, batch 32, to ours", 2, training_to_ours(64),
           least=True, unit="x"),
    Target("cold step over 10,000 models, of read bandwidth", 75,
           number("memory", "cold step of bandwidth"), least=True, unit="%"),
    Target("cost per sample, 10,000 metrics relative to 100", 1.25,
           number("metrics", "10000 in order, to 100"), unit="x"),
    Target("memory per metric, everything the pipeline keeps", 30,
           lambda report: report.median("daemon", "10000 metrics: memory of a metric") / 1e3,
           unit=" kB"),
    Target("RSS growth of the daemon per metric, input included", 30, kilobytes_a_metric,
           unit=" kB"),
    Target("10,000 metrics at 1 Hz: CPU", 5, number("daemon", "10000 metrics: CPU"),
           unit="% of a core"),
    Target("10,000 metrics at 1 Hz: memory", 350,
           lambda report: report.median("daemon", "10000 metrics: RSS") * MIB / 1e6, unit=" MB"),
    Target("READY with 1,000 restored metrics", 100,
           number("daemon", "1000 metrics: READY, restored"), unit=" ms"),
    Target("CPU, anomalyd relative to Netdata with k-means", 1,
           ratio(("agents", "anomalyd: CPU"), ("agents", "Netdata: CPU")), unit="x",
           harder=lacks_detection),
    Target("memory, anomalyd relative to Netdata with k-means", 1,
           ratio(("agents", "anomalyd: RSS"), ("agents", "Netdata: RSS")), unit="x",
           harder=lacks_detection),
]


def judge(report):
    """All targets, judged."""
    return [target.judge(report) for target in TARGETS]
