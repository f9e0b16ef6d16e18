"""A synthetic machine temperature over ten weeks: a planned shutdown, and a failure with early signs."""

import datetime
import math
import random

START = datetime.datetime(2026, 1, 5)
STEP = datetime.timedelta(minutes=5)
ROWS = 20_000
SHUTDOWN = range(6_000, 6_240)
FAILURE = range(17_600, 18_000)
# The hour that is logged twice because the clock is set back in autumn.
TWICE = range(12_000, 12_012)
HEADER = "timestamp,value"


def stamp(index):
    return str(START + index * STEP)


# In which an event must open; ISO 8601 to the minute.
WINDOWS = [(stamp(window.start).replace(" ", "T")[:16], stamp(window.stop).replace(" ", "T")[:16])
           for window in (SHUTDOWN, FAILURE)]


def rows():
    """The lines that the machine's logger writes."""
    chance = random.Random(1)
    wander = 0.0
    for index in [*range(TWICE.stop), *TWICE, *range(TWICE.stop, ROWS)]:
        wander = 0.98 * wander + 0.4 * (sum(chance.random() for _ in range(12)) - 6)
        value = 80 + 4 * math.sin(2 * math.pi * index / 288) + wander
        if index in SHUTDOWN:
            value -= min(50, 5 * (index - SHUTDOWN.start))
        if index in FAILURE:
            share = (index - FAILURE.start) / len(FAILURE)
            value += 25 * share * math.sin(index / 3) - (55 if share > 0.75 else 0)
        yield f"{stamp(index)},{value:.4f}"


def rows_forward():
    """Those whose time moves forward."""
    last = ""
    for line in rows():
        at = line.split(",")[0]
        if at > last:  # fixed width: the lexical order is that of time
            yield line
            last = at
