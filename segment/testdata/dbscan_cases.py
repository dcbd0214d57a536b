"""Labels and core rows that scikit-learn's DBSCAN finds on generated data.

Run: python3 dbscan_cases.py > dbscan_cases.json
The versions used are recorded in the file. Points are as given, not scaled.
"""
import json
import sys

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_blobs, make_circles, make_moons

random = np.random.default_rng(20)


def blobs(n, d, k):
    return make_blobs(n, d, centers=k, cluster_std=1.0, random_state=int(random.integers(1000)))[0]


def lattice(side, d, step):
    return step * np.stack(np.meshgrid(*[np.arange(side)] * d), -1).reshape(-1, d).astype(float)


def shuffled(x):
    return x[random.permutation(len(x))]


def line(n, direction):
    return np.sort(random.uniform(0, 20, n))[:, None] * np.array(direction, float)


def cases():
    for d in range(1, 9):
        yield f"blobs in {d} dimensions", blobs(90, d, 4), 0.35 * d + 0.1, 4
        yield f"uniform in {d} dimensions", random.uniform(0, 4, (80, d)), 0.3 * d, 3
    for d, side in ((1, 40), (2, 9), (3, 5), (4, 3)):
        yield f"lattice in {d} dimensions, step equal to eps", shuffled(lattice(side, d, 0.5)), 0.5, 2 * d + 1
        yield f"lattice in {d} dimensions, a step that is not binary", shuffled(lattice(side, d, 0.1)), 0.1, d + 1
    yield "lattice, diagonal neighbours", shuffled(lattice(9, 2, 3.0)), 4.2426406871192848, 9
    yield "lattice of threes, fours and fives", shuffled(lattice(12, 2, 1.0)), 5.0, 60
    yield "integers with many ties", random.integers(0, 12, (120, 2)).astype(float), 1.0, 4
    yield "integers with many ties in 3 dimensions", random.integers(0, 6, (120, 3)).astype(float), 1.0, 5
    yield "duplicates only", np.repeat(random.integers(0, 4, (6, 2)).astype(float), 10, axis=0), 0.5, 10
    yield "duplicates beside single points", np.vstack([np.repeat(blobs(12, 3, 3), 8, axis=0), blobs(40, 3, 3)]), 1.0, 8
    yield "one point many times", np.ones((50, 3)), 0.1, 5
    yield "collinear along an axis", line(70, [1, 0]), 0.5, 3
    yield "collinear in space", line(70, [1, 2, 3]), 1.2, 3
    yield "two moons", make_moons(120, noise=0.05, random_state=1)[0], 0.2, 5
    yield "two circles", make_circles(120, noise=0.04, factor=0.5, random_state=1)[0], 0.2, 4
    yield "everything is noise", random.uniform(0, 100, (60, 3)), 0.5, 3
    yield "everything is one cluster", random.uniform(0, 1, (60, 3)), 10.0, 60
    yield "min_samples above the rows", random.uniform(0, 1, (30, 2)), 10.0, 31
    yield "every row a core row", random.uniform(0, 10, (60, 2)), 0.6, 1
    yield "a border row between two groups", np.array([[-2.0], [-1.5], [-1.0], [0.0], [1.0], [1.5], [2.0]]), 1.0, 4
    yield "one row", np.array([[1.0, 2.0]]), 0.5, 2


out = {"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "cases": []}
for name, x, eps, min_samples in cases():
    x = np.round(x, 3) if "binary" not in name else x
    m = DBSCAN(eps=eps, min_samples=min_samples).fit(x)
    out["cases"].append({
        "name": name, "eps": eps, "min_samples": min_samples, "d": x.shape[1], "x": x.ravel().tolist(),
        "labels": m.labels_.tolist(), "core": m.core_sample_indices_.tolist(),
    })
    found = len(set(m.labels_) - {-1})
    print(f"{name}: {len(x)} rows, {found} clusters, {(m.labels_ < 0).sum()} noise, {len(m.core_sample_indices_)} core", file=sys.stderr)
print('{"versions": %s, "cases": [' % json.dumps(out["versions"]))
print(",\n".join(json.dumps(c, separators=(",", ":")) for c in out["cases"]))
print("]}")
