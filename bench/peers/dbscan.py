"""DBSCAN. The labels of border rows, which depend on the order of visiting, are
told as -2.

usage: dbscan.py folder sklearn|sklearnex
"""

import sys
from pathlib import Path

import numpy as np

from peer import stopwatch, tell

COLUMNS, EPS, MIN_SAMPLES = 3, 0.2, 5


def main(folder, package):
    if package == "sklearnex":
        from sklearnex.cluster import DBSCAN
    else:
        from sklearn.cluster import DBSCAN
    x = np.fromfile(Path(folder) / "dbscan.f64").reshape(-1, COLUMNS)
    model = DBSCAN(eps=EPS, min_samples=MIN_SAMPLES, n_jobs=2)
    with stopwatch() as watch:
        labels = model.fit(x).labels_
    border = labels >= 0
    border[model.core_sample_indices_] = False
    answer = {"clusters": int(labels.max()) + 1, "noise": int((labels < 0).sum()), "border": int(border.sum())}
    labels[border] = -2
    tell({"seconds": watch.seconds} | answer, labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
