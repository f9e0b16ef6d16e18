import unittest

from harness.spread import Spread, rounded


class SpreadTest(unittest.TestCase):
    def test_median_is_the_middle_or_the_mean_of_two(self):
        for values, median in ([3], 3), ([2, 1], 1.5), ([9, 1, 5], 5), ([4, 1, 3, 100], 3.5):
            spread = Spread(values)
            self.assertEqual((spread.median, spread.least, spread.greatest),
                             (median, min(values), max(values)))

    def test_nothing_measured_is_an_error(self):
        with self.assertRaises(ValueError):
            Spread([])

    def test_three_significant_digits(self):
        for value, text in ((0, "0.000"), (0.0714, "0.071"), (0.9996, "1.00"), (2.514, "2.51"),
                            (9.95, "9.95"),
                            (9.996, "10.0"), (42.06, "42.1"), (99.96, "100"), (1234.5, "1234"),
                            (-0.25, "-0.250")):
            self.assertEqual(rounded(value), text)

    def test_text_has_the_extremes_unless_there_was_one_value(self):
        self.assertEqual(str(Spread([2.514, 2.7, 2.48])), "2.51 (2.48-2.70)")
        self.assertEqual(str(Spread([2.5])), "2.50")

    def test_json_and_back(self):
        spread = Spread([4, 1, 3, 100])
        again = Spread.from_json(spread.as_json())
        self.assertEqual(again.as_json(), {"median": 3.5, "least": 1, "greatest": 100})
