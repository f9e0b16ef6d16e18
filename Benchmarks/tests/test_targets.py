import json
import tempfile
import unittest

from harness.report import Measurement, Report
from harness.targets import TARGETS, Target, judge, kilobytes_a_metric, number, ratio


def report(**medians):
    """A report with measurements such as section__name=value."""
    result = Report(out=lambda line: None)
    for name, value in medians.items():
        result.section, name = name.split("__")
        result.note(name, [value], "ns")
    return result


class TargetTest(unittest.TestCase):
    def verdict(self, value, **options):
        medians = {} if value is None else {"a__b": value}
        return Target("what", 5, number("a", "b"), **options).judge(report(**medians))["verdict"]

    def test_at_most(self):
        self.assertEqual([self.verdict(value) for value in (4.9, 5, 5.1, None)],
                         ["met", "met", "missed", "not measured"])

    def test_at_least(self):
        self.assertEqual([self.verdict(value, least=True) for value in (4.9, 5, 5.1)],
                         ["missed", "met", "met"])

    def test_missing_a_harder_target_proves_nothing(self):
        self.assertEqual([self.verdict(value, harder=lambda report: True) for value in (4, 6)],
                         ["met", "open"])

    def test_a_ratio_needs_both(self):
        find = ratio(("a", "over"), ("a", "under"))
        self.assertEqual(find(report(a__over=6, a__under=4)), 1.5)
        half = Target("what", 5, find).judge(report(a__over=6))
        self.assertEqual((half["verdict"], half["value"]), ("not measured", None))

    def test_an_empty_run_meets_nothing(self):
        self.assertEqual({target["verdict"] for target in judge(report())}, {"not measured"})
        self.assertEqual(len(judge(report())), len(TARGETS))

    def test_memory_of_a_metric_is_what_each_adds(self):
        found = Report(out=lambda line: None)
        found.section = "daemon"
        found.note("100 metrics: RSS", [20], "MiB")
        found.note("10000 metrics: RSS", [20 + 99], "MiB")
        self.assertAlmostEqual(kilobytes_a_metric(found), 99 * 1048.576 / 9900)


class ReportTest(unittest.TestCase):
    def test_lines_have_value_unit_and_remark(self):
        lines = []
        found = Report(out=lines.append)
        found.begin("daemon", "a title")
        found.note("CPU", [3, 1, 2], "%", "warm")
        found.skip("peer", "not here")
        self.assertEqual(lines[0], "\ndaemon: a title")
        self.assertIn("CPU", lines[1])
        self.assertIn(" 2.00 (1.00-3.00) %", lines[1])
        self.assertTrue(lines[1].endswith("warm"))
        self.assertIn("skipped: not here", lines[2])

    def test_the_file_contains_the_whole_run(self):
        found = report(a__b=7)
        found.add(Measurement.from_json(
            {"section": "peers", "name": "x", "unit": "µs",
             "value": {"median": 2, "least": 1, "greatest": 3}}))
        found.skip("y", "why")
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as file:
            found.write(file.name, {"processor": "p"}, judge(found))
            whole = json.load(file)
        self.assertEqual(whole["machine"], {"processor": "p"})
        self.assertEqual([entry["value"]["median"] for entry in whole["measurements"]], [7, 2])
        self.assertEqual(whole["skipped"], [{"section": "a", "name": "y", "reason": "why"}])
        self.assertEqual(len(whole["targets"]), len(TARGETS))
