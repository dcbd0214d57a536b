"""The comparison itself is compared: python3 -m unittest harness.test_agreement"""

import tempfile
import unittest
from array import array
from collections import Counter
from pathlib import Path

from . import agreement
from .measure import Run

folder = tempfile.TemporaryDirectory()


def run(labels, **answer) -> Run:
    """An execution with the given labels and answer."""
    file = Path(folder.name) / f"{len(list(Path(folder.name).iterdir()))}.labels"
    file.write_bytes(array("i", labels).tobytes())
    return Run(seconds=1, wall=1, cpu=1, memory=1 << 20, answer=answer, labels=file)


def holds(checks) -> list[bool]:
    return [c.holds for c in checks]


class Difference(unittest.TestCase):
    def test_is_relative(self):
        self.assertAlmostEqual(agreement.difference(1e6, 1e6 + 1), 1e-6)
        self.assertAlmostEqual(agreement.difference([1.0, 100.0], [1.0, 101.0]), 1 / 101)

    def test_of_unlike_things_is_infinite(self):
        self.assertEqual(agreement.difference([1.0], [1.0, 2.0]), float("inf"))
        self.assertEqual(agreement.difference({"a": 1.0}, {"b": 1.0}), float("inf"))

    def test_finds_the_worst_entry(self):
        self.assertEqual(agreement.difference({"a": [0.0, 0.0], "b": [2.0]}, {"a": [0.0, 0.0], "b": [1.0]}), 0.5)


class RandIndex(unittest.TestCase):
    def index(self, a, b):
        return agreement.rand_index(Counter(zip(a, b)))

    def test_does_not_depend_on_names(self):
        self.assertEqual(self.index([0, 0, 1, 1], [5, 5, 3, 3]), 1)

    def test_figures_of_scikit_learn(self):
        # scikit-learn 1.9.1, adjusted_rand_score of the same labels
        self.assertAlmostEqual(self.index([0, 0, 1, 1], [0, 0, 1, 2]), 0.5714285714285714)
        self.assertAlmostEqual(self.index([0, 0, 1, 1], [0, 1, 0, 1]), -0.5)


class Density(unittest.TestCase):
    def compare(self, peer, ours):
        return holds(agreement.dbscan(run(peer, clusters=2, noise=1, border=1), run(ours, clusters=2, noise=1)))

    def test_border_rows_may_differ(self):
        self.assertTrue(all(self.compare([-1, 0, 0, 1, -2], [-1, 1, 1, 0, 0])))

    def test_other_rows_may_not(self):
        self.assertFalse(all(self.compare([-1, 0, 0, 1, -2], [-1, 1, 0, 0, 0])))


class Drift(unittest.TestCase):
    def compare(self, ks, psi):
        return holds(agreement.drift(run([], ks=[0.1, 0.2], psi=[0.1, 0.2]), run([], ks=ks, ks_error=[0.0, 0.01], psi=psi)))

    def test_distances_may_differ_by_what_rounding_hides(self):
        self.assertEqual(self.compare([0.1, 0.195], [0.1, 0.2005]), [True, True])

    def test_distances_may_not_differ_by_more(self):
        self.assertEqual(self.compare([0.101, 0.2], [0.1, 0.21]), [False, False])


class Reading(unittest.TestCase):
    def test_memory_is_limited_by_the_columns(self):
        same = {"rows": 1, "sums": {}, "levels": {}, "ids": 1}
        peer = run([], columns_bytes=1, **same)
        self.assertTrue(all(holds(agreement.read_csv(peer, run([], columns_bytes=1 << 20, **same)))))
        self.assertFalse(all(holds(agreement.read_csv(peer, run([], columns_bytes=1 << 18, **same)))))


class Explanations(unittest.TestCase):
    def compare(self, off, growth):
        peer, ours = run([], values=[[1.0, 2.0], [3.0, 4.0]]), run([], values=[[1.0, 2.0], [3.0 + off, 4.0]], growth=growth)
        return holds(agreement.explain_background(peer, ours))

    def test_values_may_be_off_by_single_precision(self):
        self.assertEqual(self.compare(1e-5, 1.5), [True, True])
        self.assertEqual(self.compare(-3e-5, 1.5), [False, True])

    def test_time_may_not_grow_with_the_background(self):
        self.assertEqual(self.compare(0, 1.6), [True, False])


if __name__ == "__main__":
    unittest.main()
