"""The measurements: printed line by line as they are made, and written as JSON at the end."""

import json

from .spread import Spread


class Measurement:
    """One measurement."""

    def __init__(self, section, name, unit, value, remark=""):
        self.section, self.name, self.unit, self.value = section, name, unit, value
        self.remark = remark

    @classmethod
    def from_json(cls, entry):
        """Parses an entry of the JSON written by `anomalyd-bench` and the peers."""
        return cls(entry["section"], entry["name"], entry["unit"], Spread.from_json(entry["value"]))

    def as_json(self):
        """The entry as JSON."""
        return {"section": self.section, "name": self.name, "unit": self.unit,
                "value": self.value.as_json(), "remark": self.remark}


class Report:
    """Measurements in order, accessible by section and name."""

    def __init__(self, out=print):
        self.measurements = []
        self.skipped = []
        self.out = out
        self.section = ""

    def begin(self, section, title):
        """Begins a section of the table."""
        self.section = section
        self.out(f"\n{section}: {title}")

    def note(self, name, values, unit, remark=""):
        """Records a measurement and prints it."""
        measurement = Measurement(self.section, name, unit, Spread(values), remark)
        self.add(measurement)
        line = f"  {name:<44} {measurement.value} {unit}"
        self.out(f"{line:<76}  {remark}".rstrip())

    def skip(self, name, reason):
        """Reports why something was not measured."""
        self.skipped.append({"section": self.section, "name": name, "reason": reason})
        self.out(f"  {name:<44} skipped: {reason}")

    def add(self, measurement):
        """Adds a measurement that was already printed."""
        self.measurements.append(measurement)

    def median(self, section, name):
        """The median of a measurement; None if there is none."""
        for measurement in self.measurements:
            if (measurement.section, measurement.name) == (section, name):
                return measurement.value.median
        return None

    def write(self, path, machine, targets):
        """The whole run as JSON."""
        whole = {"machine": machine,
                 "measurements": [measurement.as_json() for measurement in self.measurements],
                 "skipped": self.skipped, "targets": targets}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(whole, file, indent=1, ensure_ascii=False)
            file.write("\n")
