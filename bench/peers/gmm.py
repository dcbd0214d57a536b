"""20 iterations of a Gaussian mixture of full covariance, from a given start.

usage: gmm.py folder
"""

import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.mixture import GaussianMixture

from peer import stopwatch, tell

COLUMNS, K, ITERATIONS = 10, 8, 20


def main(folder):
    warnings.filterwarnings("ignore")
    x = np.fromfile(Path(folder) / "gmm.f64").reshape(-1, COLUMNS)
    means = np.fromfile(Path(folder) / "gmm.start.f64").reshape(K, COLUMNS)
    model = GaussianMixture(
        K, covariance_type="full", tol=0, reg_covar=1e-6, max_iter=ITERATIONS, weights_init=np.full(K, 1 / K), means_init=means,
        precisions_init=np.tile(np.eye(COLUMNS), (K, 1, 1)),
    )
    with stopwatch() as watch:
        labels = model.fit_predict(x)
    tell({"seconds": watch.seconds, "iterations": int(model.n_iter_), "log_likelihood": float(model.score(x))}, labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
