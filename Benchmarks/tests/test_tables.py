import unittest
import xml.etree.ElementTree

from harness import chart, tables


def run(*entries):
    """A run of measurements such as ("pipeline", "anomalyd", 2.5)."""
    return tables.Run({
        "machine": {key: key for key in ("processor", "caches", "system", "swift", "commit", "date",
                                         "load before", "load after")},
        "skipped": [],
        "targets": [{"target": "t", "limit": "at most 5%", "value": 4.321, "unit": "%",
                     "verdict": "met"},
                    {"target": "u", "limit": "at most 5%", "value": None, "unit": "%",
                     "verdict": "not measured"}],
        "measurements": [{"section": section, "name": name, "unit": "µs/sample",
                          "value": {"median": value, "least": value / 2, "greatest": value * 2}}
                         for section, name, value in entries]})


class TablesTest(unittest.TestCase):
    def test_an_empty_run_has_dashes_and_no_numbers(self):
        page = tables.markdown(run(), "make bench")
        self.assertIn("| u | at most 5% | – | not measured |", page)
        self.assertIn("| t | at most 5% | 4.32% | met |", page)

    def test_numbers_are_in_the_right_cells(self):
        page = tables.markdown(run(
            ("pipeline", "anomalyd", 2.5), ("kernels avx2", "step H=16", 70),
            ("kernels avx2", "step H=16 of peak", 36), ("kernels avx2", "training H=8", 3100),
            ("metrics", "10000 in order", 4), ("metrics", "10000 in order, to 100", 1.6),
            ("daemon", "100 metrics: RSS", 20), ("daemon", "10000 metrics: RSS", 400),
            ("daemon", "10000 metrics: CPU", 5), ("agents", "anomalyd: CPU", 1)), "make bench")
        self.assertIn("| step, ns, avx2 | – (–%) | 70.0 (36.0%) |", page)
        self.assertIn("| training, µs, avx2 | 3.10 (–%) |", page)
        self.assertIn("| 10,000 | 4.00 (2.00-8.00) | – | 1.60 |", page)
        self.assertIn("| metrics at 1 Hz | 100 | 10,000 |", page)
        self.assertIn("| CPU, µs/sample | – | 5.00 |", page)
        self.assertIn("| anomalyd | 1.00 | – |  |", page)

    def test_the_short_table_has_the_same_numbers(self):
        page = tables.short(run(
            ("pipeline", "anomalyd", 2.5), ("peers", "PyTorch nn.LSTM, online BPTT", 500),
            ("daemon", "1479 metrics: CPU", 0.6), ("daemon", "1479 metrics: RSS", 60)))
        self.assertIn("| 2.50 µs |", page)
        self.assertIn("| 500 µs, 200 times as long |", page)
        self.assertIn("| 1,479 metrics at 1 Hz | 0.600% of a core, 60.0 MiB |", page)
        self.assertIn("| 10,000 metrics at 1 Hz | –% of a core, – MiB |", page)


class ChartTest(unittest.TestCase):
    def test_bars_are_sorted_named_by_kind_and_drawn(self):
        found = run(("pipeline", "anomalyd", 2.5), ("peers", "River <X>", 30),
                    ("peers", "PyTorch nn.LSTM, online BPTT", 460), ("peers", "NumPy, bare step", 9),
                    ("peers", "PyTorch bmm, 10 x 1000, 2 threads, learning", 13))
        self.assertEqual([(value, kind) for _, value, kind in chart.bars(found)],
                         [(2.5, "ours"), (9, "step"), (30, "other"), (460, "learns")])
        picture = xml.etree.ElementTree.fromstring(chart.svg(found))
        texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("River <X>", texts)
        rects = list(picture.iter("{http://www.w3.org/2000/svg}rect"))
        widths = [float(rect.get("width")) for rect in rects[-4:]]
        self.assertEqual(widths, sorted(widths))
