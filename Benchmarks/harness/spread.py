"""The middle of several measurements and their extremes, as Benchmarks/Measuring has them."""

import statistics


class Spread:
    """Median, least and greatest of at least one value."""

    def __init__(self, values):
        if not values:
            raise ValueError("nothing was measured")
        self.median = statistics.median(values)
        self.least = min(values)
        self.greatest = max(values)

    @classmethod
    def from_json(cls, value):
        """What `as_json` gave."""
        return cls([value["least"], value["median"], value["greatest"]])

    def as_json(self):
        """As it stands in the JSON of a run."""
        return {"median": self.median, "least": self.least, "greatest": self.greatest}

    def __str__(self):
        if self.least == self.greatest:
            return rounded(self.median)
        return f"{rounded(self.median)} ({rounded(self.least)}-{rounded(self.greatest)})"


def rounded(value):
    """Three significant digits, and all of those before the decimal point: 0.071, 2.51, 1234."""
    for decimals, limit in (3, 0.9995), (2, 9.995), (1, 99.95):
        if abs(value) < limit:
            return f"{value:.{decimals}f}"
    return f"{value:.0f}"
