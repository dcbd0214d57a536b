"""Generates the data of the cases, the same each time.

usage: generate.py folder

Points are written as raw little-endian float64, row by row, so that both sides
read the same bits.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost
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


def housing(rows=41_000):
    """Blocks of houses like those of the California housing data: eight features
    that float32 holds exactly, as xgboost needs, and the value of a house."""
    random = np.random.default_rng([SEED, 8])
    z = random.standard_normal((5, rows))
    income, rooms = np.exp(1.2 + 0.45 * z[0]), np.exp(1.6 + 0.1 * z[0] + 0.15 * z[1])
    age, occupancy = random.integers(1, 53, rows), np.exp(1 + 0.25 * z[2])
    cities = np.array([[34.05, -118.25], [37.77, -122.42], [36.5, -119.5]])
    city = random.choice(3, rows, p=[0.4, 0.25, 0.35])
    place = cities[city] + np.where(city == 2, 2.0, 0.4)[:, None] * random.standard_normal((rows, 2))
    far = np.square(place[:, None] - cities[:2]).sum(axis=2).min(axis=1)
    x = np.column_stack((
        income.round(4), age, rooms, rooms * (0.18 + 0.05 * z[3]), np.exp(7 + 0.7 * z[4]).round(), occupancy, place.round(2),
    )).astype(np.float32).astype(float)
    value = 0.45 * income + 1.5 / (1 + 4 * far) + 0.006 * age - 0.2 * occupancy + 0.1 * income * random.standard_normal(rows)
    return np.column_stack((x, value.clip(0.15, 5)))


def nodes(model):
    """A boosted model, as rows of tree, threshold or value, right child, feature
    (-1 for a leaf), side of missing values and cover, each tree in preorder. The
    first row has the base and the number of features."""
    learner = json.loads(bytes(model.save_raw("json")))["learner"]
    out = [[float(learner["learner_model_param"]["base_score"].strip("[]")), 0, 0, model.num_features(), 0, 0]]
    for number, tree in enumerate(learner["gradient_booster"]["model"]["trees"]):
        first = len(out)
        keys = ("left_children", "right_children", "split_indices", "split_conditions", "default_left", "sum_hessian")
        left, right, feature, threshold, missing, cover = (tree[key] for key in keys)

        def add(node):
            at = len(out)
            out.append([number, threshold[node], 0, -1, 0, cover[node]])
            if left[node] >= 0:
                # xgboost sends a value to the left that is below the threshold.
                below = float(np.nextafter(np.float32(threshold[node]), np.float32(-np.inf)))
                add(left[node])
                out[at] = [number, below, len(out) - first, feature[node], missing[node], cover[node]]
                add(right[node])

        add(0)
    return np.array(out)


def explanations(folder, table, train=37_000, rows=2_000, background=1_000):
    """Two boosted models, rows to explain, and rows to compare them with."""
    x, y = table[:train, :-1], table[:train, -1]
    for depth in (8, 12):
        model = xgboost.train({"max_depth": depth, "nthread": 2}, xgboost.DMatrix(x, y), 100)
        model.save_model(folder / f"boosted{depth}.ubj")
        write(folder, f"boosted{depth}", nodes(model))
    write(folder, "explain", x[:rows])
    write(folder, "explain.background", x[rows:rows + background])


if __name__ == "__main__":
    target = Path(sys.argv[1])
    customers(target / "customers.csv")
    points(target)
    write(target, "linear", linear())
    write(target, "drift.then", drift(0))
    write(target, "drift.now", drift(0.1))
    houses = housing()
    write(target, "forest", houses)
    explanations(target, houses)
