"""Generates the data of the cases, the same each time.

usage: generate.py folder

Points are written as raw little-endian float64, row by row, so that both sides
read the same bits.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import kmeans_plusplus

SEED = 20261101
PROFESSIONS = ["Artist", "Doctor", "Engineer", "Entertainment", "Executive", "Healthcare", "Homemaker", "Lawyer", "Marketing"]


def customers(path, rows=1_000_000):
    """A customer file with the columns of the default schema."""
    random = np.random.default_rng(SEED)
    pd.DataFrame({
        "CustomerID": np.arange(1, rows + 1),
        "Gender": random.choice(["Female", "Male"], rows),
        "Age": random.integers(18, 101, rows),
        "Annual Income ($)": random.integers(1_000, 200_000, rows) + random.integers(0, 100, rows) / 100,
        "Spending Score (1-100)": random.integers(0, 101, rows),
        "Profession": random.choice(PROFESSIONS, rows),
        "Work Experience": random.integers(0, 20, rows),
        "Family Size": random.integers(1, 10, rows),
    }).to_csv(path, index=False)


def blobs(rows, columns, groups, spread, seed):
    """Normal groups of the given spread around centres drawn from a standard normal
    distribution, scaled to mean 0 and standard deviation 1."""
    random = np.random.default_rng([SEED, seed])
    centres = random.standard_normal((groups, columns))
    x = centres[random.integers(0, groups, rows)] + spread * random.standard_normal((rows, columns))
    return (x - x.mean(axis=0)) / x.std(axis=0)


def write(folder, name, array):
    np.ascontiguousarray(array, dtype="<f8").tofile(folder / f"{name}.f64")


def points(folder):
    lloyd = blobs(1_000_000, 10, 20, 0.7, 1)
    write(folder, "lloyd", lloyd)
    write(folder, "lloyd.start", kmeans_plusplus(lloyd[:20_000], 8, random_state=SEED)[0])
    shapeless = np.random.default_rng([SEED, 2]).random((1_000_000, 10))
    write(folder, "shapeless", shapeless)
    write(folder, "shapeless.start", shapeless[:8])
    write(folder, "choose_k", blobs(20_000, 3, 6, 0.35, 3))
    write(folder, "dbscan", blobs(100_000, 3, 8, 0.35, 4))
    mixture = blobs(200_000, 10, 8, 0.6, 5)
    write(folder, "gmm", mixture)
    write(folder, "gmm.start", kmeans_plusplus(mixture[:20_000], 8, random_state=SEED)[0])


def linear(rows=1_000_000, columns=20):
    """Correlated features with offsets, and a target that half follows them, which
    is the last column."""
    random = np.random.default_rng([SEED, 6])
    x = random.standard_normal((rows, columns)) @ random.standard_normal((columns, columns)) + 10 * random.standard_normal(columns)
    signal = x @ random.standard_normal(columns)
    return np.column_stack((x, signal + signal.std() * random.standard_normal(rows)))


def drift(moved, rows=1_000_000, columns=20):
    """Columns of four shapes, column by column, of which every other one can be
    moved a little."""
    random = np.random.default_rng([SEED, 7, int(moved > 0)])
    shapes = (
        lambda: random.standard_normal(rows),
        lambda: np.round(60_000 * np.exp(0.6 * random.standard_normal(rows)), 2),
        lambda: random.integers(18, 100, rows).astype(float),
        lambda: random.exponential(30, rows),
    )
    return np.array([shapes[i % 4]() * (1 + moved * (i % 8 > 3)) for i in range(columns)])


if __name__ == "__main__":
    target = Path(sys.argv[1])
    customers(target / "customers.csv")
    points(target)
    write(target, "linear", linear())
    write(target, "drift.then", drift(0))
    write(target, "drift.now", drift(0.1))
