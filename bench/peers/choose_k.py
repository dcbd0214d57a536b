"""The choice of k by the silhouette.

usage: choose_k.py folder
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from peer import stopwatch, tell

COLUMNS = 3


def main(folder):
    x = np.fromfile(Path(folder) / "choose_k.f64").reshape(-1, COLUMNS)
    scores, labels = [], []
    with stopwatch() as watch:
        for k in range(2, 11):
            model = KMeans(k, n_init=10, random_state=42).fit(x)
            labels.append(model.labels_)
            scores.append({"k": k, "silhouette": float(silhouette_score(x, model.labels_)), "inertia": float(model.inertia_)})
    best = max(range(len(scores)), key=lambda i: scores[i]["silhouette"])
    tell({"seconds": watch.seconds, "scores": scores}, labels[best])


if __name__ == "__main__":
    main(*sys.argv[1:])
