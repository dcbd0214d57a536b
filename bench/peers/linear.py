"""Least squares: one fit, or a cross-validation over five contiguous folds.

usage: linear.py folder fit|cv rows|columns

"columns" stores the features column by column, which suits scikit-learn best.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_validate

from peer import stopwatch, tell

COLUMNS = 20
SCORES = ("neg_mean_squared_error", "neg_mean_absolute_error", "r2")


def fit(x, y):
    model = LinearRegression().fit(x, y)
    return lambda: {"coefficients": model.coef_.tolist(), "intercept": float(model.intercept_)}


def cross_validation(x, y):
    found = cross_validate(LinearRegression(), x, y, cv=KFold(5), scoring=SCORES)
    mse, mae, r2 = (found[f"test_{score}"] for score in SCORES)
    return lambda: {"folds": {"mse": (-mse).tolist(), "mae": (-mae).tolist(), "r2": r2.tolist()}}


def main(folder, task, order):
    table = np.fromfile(Path(folder) / "linear.f64").reshape(-1, COLUMNS + 1)
    x = np.array(table[:, :COLUMNS], order="F" if order == "columns" else "C")
    y = table[:, COLUMNS].copy()
    del table
    work = {"fit": fit, "cv": cross_validation}[task]
    with stopwatch() as watch:
        answer = work(x, y)
    tell({"seconds": watch.seconds} | answer())


if __name__ == "__main__":
    main(*sys.argv[1:])
