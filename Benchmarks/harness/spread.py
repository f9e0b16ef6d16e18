"""Median and extremes of several measurements, as in Benchmarks/Measuring."""

import statistics


class Spread:
    """Median, minimum and maximum of at least one value."""

    def __init__(self, values):
        if not values:
            raise ValueError("nothing was measured")
        self.median = statistics.median(values)
        self.least = min(values)
        self.greatest = max(values)

    @classmethod
    def from_json(cls, value):
        """Parses the output of `as_json`."""
        return cls([value["least"], value["median"], value["greatest"]])

    def as_json(self):
        """The spread in the JSON of a run."""
        return {"median": self.median, "least": self.least, "greatest": self.greatest}

    def __str__(self):
        if self.least == self.greatest:
            return rounded(self.median)
        return f"{rounded(self.median)} ({rounded(self.least)}-{rounded(self.greatest)})"


def rounded(value):
    """Three significant digits, and all digits before the decimal point: 0.071, 2.51, 1234."""
    for decimals, limit in (3, 0.9995), (2, 9.995), (1, 99.95):
        if abs(value) < limit:
            return f"{value:.{decimals}f}"
    return f"{value:.0f}"
