import os
import unittest

from harness.process import PAGE, TICK, Watch, parse_stat, processes, tree

STAT = ("4242 ({name}) S 17 4242 4242 0 -1 4194560 1400 0 0 0 250 50 0 0 20 0 1 0 123456 "
        "20000000 1234 18446744073709551615 1 1 0 0 0 0 0 4096 17663 0 0 0 17 1 0 0 0 0 0\n")


class ParseTest(unittest.TestCase):
    def test_parent_time_and_memory(self):
        self.assertEqual(parse_stat(STAT.format(name="anomalyd")), (17, 300 / TICK, 1234 * PAGE))

    def test_names_with_parentheses_and_spaces(self):
        for name in "(sd-pam)", "a) R 1 2", "tmux: server", "":
            self.assertEqual(parse_stat(STAT.format(name=name))[0], 17)

    def test_this_process_is_among_all(self):
        parent, seconds, resident = processes()[os.getpid()]
        self.assertEqual(parent, os.getppid())
        self.assertGreater(resident, 1 << 20)
        self.assertLessEqual(abs(seconds - sum(os.times()[:2])), 1)


class TreeTest(unittest.TestCase):
    TABLE = {1: (0, 0, 0), 5: (1, 0, 0), 6: (5, 0, 0), 7: (6, 0, 0), 8: (1, 0, 0)}

    def test_all_descendants_and_no_others(self):
        self.assertEqual(tree(5, self.TABLE), {5, 6, 7})

    def test_a_process_that_is_gone_has_none(self):
        self.assertEqual(tree(99, self.TABLE), set())


class WatchTest(unittest.TestCase):
    def setUp(self):
        self.watch = Watch(1)
        mib = 1 << 20
        # Time; usage alone; usage with all descendants.
        self.watch.notes = [(0, (1.0, 9 * mib), (1.0, 9 * mib)), (10, (2.0, 4 * mib), (3.0, 6 * mib)),
                            (20, (2.5, 5 * mib), (5.0, 8 * mib)), (30, (9.0, mib), (9.0, mib))]

    def test_share_of_a_core_and_most_memory_between_two_moments(self):
        self.assertEqual(self.watch.over(5, 25), [(5.0, 5.0), (20.0, 8.0)])

    def test_one_recording_is_not_enough(self):
        self.assertIsNone(self.watch.over(25, 35))
