"""The population stability index and the Kolmogorov-Smirnov test of each column of
two tables.

usage: drift.py folder
"""

import sys
from pathlib import Path

import numpy as np
from scipy import stats

from peer import stopwatch, tell

COLUMNS = 20
LEAST_SHARE = 1e-4


def stability(then, now):
    edges = np.quantile(then, np.linspace(0, 1, 11))
    edges[0], edges[-1] = -np.inf, np.inf
    edges = np.unique(edges)
    p, q = (np.clip(np.histogram(x, edges)[0] / len(x), LEAST_SHARE, None) for x in (then, now))
    return float(((q - p) * np.log(q / p)).sum())


def main(folder):
    # Stored column by column, which suits NumPy best.
    then, now = (np.fromfile(Path(folder) / f"drift.{name}.f64").reshape(COLUMNS, -1) for name in ("then", "now"))
    with stopwatch() as watch:
        psi = [stability(a, b) for a, b in zip(then, now)]
        ks = [float(stats.ks_2samp(a, b).statistic) for a, b in zip(then, now)]
    tell({"seconds": watch.seconds, "ks": ks, "psi": psi})


if __name__ == "__main__":
    main(*sys.argv[1:])
