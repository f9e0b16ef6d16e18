import unittest

from harness.tracing import Figures, by_chance, summary


class TracingTest(unittest.TestCase):
    def test_chance_is_the_share_of_intervals_of_the_second_half_with_an_alarm(self):
        calls = [(float(second), "read", "a") for second in range(101)]
        # Ten intervals of five seconds from 50 on: alarms at 10 and 100 are in none of them, and the two at
        # 52 and 53 are in the same one.
        self.assertEqual(by_chance([10.0, 52.0, 53.0, 99.0, 100.0], calls, 5), 0.2)

    def test_intervals_longer_than_the_half_have_no_chance(self):
        self.assertEqual(by_chance([5.0], [(0.0, "a", "b"), (10.0, "a", "b")], 20), 0)

    def test_summary_has_median_and_extremes_of_what_is_known(self):
        recordings = [Figures(0.5, 1.5, 10, 6, 1.25), Figures(1.5, 0.5, 10, 8, 2.25),
                      Figures(0.75, 1.0, 10, 4, None)]
        self.assertEqual(
            summary(recordings),
            "3 recordings, false alarms in 5,000: 0.750 (0.500-1.50) clean, 1.00 (0.500-1.50) with faults; "
            "found 6.00 (4.00-8.00) of 10, by chance 1.75 (1.25-2.25)")

    def test_what_was_not_recorded_is_a_dash(self):
        self.assertIn("- with faults; found - of 0", summary([Figures(clean=1)]))
