import json
import re
import unittest

import skips

NEEDS = skips.ROOT / "Tests/Support/Needs.swift"


def stream(*skipped, ended=True):
    """The stream of a run of three tests and a suite; `skipped`: pairs of a test and its reason."""
    records = [{"kind": "test", "payload": {"kind": "suite", "id": "S"}}]
    records += [{"kind": "test", "payload": {"kind": "function", "id": name}} for name in "abc"]
    for name, reason in skipped:
        text = f'Test "{name}" skipped' + (f': "{reason}"' if reason else ".")
        records.append({"kind": "event", "payload": {
            "kind": "testSkipped", "testID": name, "messages": [{"symbol": "skip", "text": text}]}})
    if ended:
        records.append({"kind": "event", "payload": {"kind": "runEnded", "messages": []}})
    return [json.dumps(record) for record in records]


def judge(lines, lacking=2, having=1):
    """The verdict where two tests may skip for `lacking`, and nobody may for `having`."""
    return skips.judge(skips.read(lines), [
        skips.Known("needs a moon", lacking, lambda: False),
        skips.Known("needs a sun", having, lambda: True),
    ])


class SkipsTests(unittest.TestCase):
    def test_nothing_skipped_is_said_and_right(self):
        self.assertEqual(judge(stream()), (["skipped: none of 3 tests"], []))

    def test_skips_are_counted_by_reason(self):
        report, wrong = judge(stream(("a", "needs a moon"), ("c", "needs a moon")))
        self.assertEqual(report, ["skipped: 2 of 3 tests", "  2 needs a moon"])
        self.assertEqual(wrong, [])

    def test_more_than_known_are_wrong_and_named(self):
        _, wrong = judge(stream(("a", "needs a moon"), ("b", "needs a moon")), lacking=1)
        self.assertEqual(wrong, ["2 tests skip, 1 are known to: needs a moon\n  a\n  b"])

    def test_none_may_skip_for_what_the_machine_has(self):
        _, wrong = judge(stream(("a", "needs a sun")))
        self.assertEqual(
            wrong, ["1 tests skip, 0 are known to: needs a sun, which this machine has\n  a"])

    def test_an_unknown_reason_and_none_are_wrong(self):
        for reason in "needs luck", "":
            _, wrong = judge(stream(("a", reason)))
            self.assertEqual(len(wrong), 1)
            self.assertIn("not known", wrong[0])

    def test_a_suite_counts_by_its_tests(self):
        report, _ = judge(stream(("S", "needs a moon"), ("a", "needs a moon")))
        self.assertEqual(report[0], "skipped: 1 of 3 tests")

    def test_a_run_that_did_not_end_is_wrong(self):
        self.assertEqual(judge(stream(ended=False))[1], ["the run did not end"])

    def test_every_need_of_the_tests_is_known(self):
        stated = re.findall(r'case \w+ = "(.*)"', NEEDS.read_text())
        self.assertGreater(len(stated), 5)
        self.assertEqual(sorted(stated), sorted(known.reason for known in skips.known(False)))


if __name__ == "__main__":
    unittest.main()
