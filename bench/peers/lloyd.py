"""20 Lloyd iterations from a given start.

usage: lloyd.py folder data sklearn|sklearnex
"""

import sys
import warnings
from pathlib import Path

import numpy as np

from peer import stopwatch, tell

COLUMNS, K, ITERATIONS = 10, 8, 20


def main(folder, data, package):
    if package == "sklearnex":
        from sklearnex.cluster import KMeans
    else:
        from sklearn.cluster import KMeans
    warnings.filterwarnings("ignore")
    x = np.fromfile(Path(folder) / f"{data}.f64").reshape(-1, COLUMNS)
    start = np.fromfile(Path(folder) / f"{data}.start.f64").reshape(K, COLUMNS)
    model = KMeans(K, init=start, n_init=1, max_iter=ITERATIONS, tol=0, algorithm="lloyd")
    with stopwatch() as watch:
        model.fit(x)
    tell({"seconds": watch.seconds, "inertia": float(model.inertia_), "iterations": int(model.n_iter_)}, model.labels_)


if __name__ == "__main__":
    main(*sys.argv[1:])
