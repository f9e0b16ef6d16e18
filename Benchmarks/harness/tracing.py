"""What traces/record.py makes of alarms in recordings of a workload."""

import dataclasses

from .spread import Spread


@dataclasses.dataclass
class Figures:
    """Of one recording without faults and one with them: false alarms in 5,000 calls of each; faults, those
    found, and those that would be found by chance. None for what was not recorded."""

    clean: float | None = None
    faulty: float | None = None
    faults: int = 0
    found: int | None = None
    chance: float | None = None


def by_chance(alarms, calls, length):
    """The share of intervals of that length in the second half of a run in which an event opens."""
    begin = (calls[0][0] + calls[-1][0]) / 2
    count = int((calls[-1][0] - begin) / length)
    spans = [(begin + index * length, begin + (index + 1) * length) for index in range(count)]
    return sum(any(a <= at < b for at in alarms) for a, b in spans) / max(1, count)


def summary(recordings):
    """Median and extremes over recordings."""
    def spread(name):
        values = [getattr(figures, name) for figures in recordings]
        known = [value for value in values if value is not None]
        return str(Spread(known)) if known else "-"
    return (f"{len(recordings)} recordings, false alarms in 5,000: {spread('clean')} clean, "
            f"{spread('faulty')} with faults; found {spread('found')} of "
            f"{max(figures.faults for figures in recordings)}, by chance {spread('chance')}")
