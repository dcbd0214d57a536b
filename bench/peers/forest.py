"""A random forest of 100 fully grown trees.

usage: forest.py folder
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from peer import stopwatch, tell

COLUMNS, TRAIN = 8, 37_000


def main(folder):
    table = np.fromfile(Path(folder) / "forest.f64").reshape(-1, COLUMNS + 1)
    x, y = np.ascontiguousarray(table[:, :COLUMNS]), table[:, COLUMNS].copy()
    with stopwatch() as watch:
        model = RandomForestRegressor(100, n_jobs=2, random_state=1).fit(x[:TRAIN], y[:TRAIN])
    nodes = sum(tree.tree_.node_count for tree in model.estimators_)
    tell({"seconds": watch.seconds, "r2": model.score(x[TRAIN:], y[TRAIN:]), "nodes": nodes})


if __name__ == "__main__":
    main(*sys.argv[1:])
