"""Shapley values of boosted trees: by path with xgboost, which limits apply to, or
against a background with shap.

usage: explain.py folder path|background

The answer has the base behind the values of each row, as xgboost has it.
"""

import sys
from pathlib import Path

import numpy as np
import xgboost

from peer import stopwatch, tell

COLUMNS, BACKGROUND = 8, 100


def rows(folder, name):
    return np.fromfile(Path(folder) / f"{name}.f64").reshape(-1, COLUMNS)


def by_path(folder):
    model = xgboost.Booster({"nthread": 2}, model_file=Path(folder) / "boosted12.ubj")
    data = xgboost.DMatrix(rows(folder, "explain"))
    with stopwatch() as watch:
        values = model.predict(data, pred_contribs=True)
    return watch, values


def by_background(folder):
    import shap

    model = xgboost.Booster({"nthread": 2}, model_file=Path(folder) / "boosted8.ubj")
    x, background = rows(folder, "explain"), rows(folder, "explain.background")[:BACKGROUND]
    with stopwatch() as watch:
        masker = shap.maskers.Independent(background, max_samples=len(background))
        explainer = shap.TreeExplainer(model, data=masker, feature_perturbation="interventional")
        values = explainer.shap_values(x)
    return watch, np.column_stack((values, np.full(len(x), explainer.expected_value)))


def main(folder, task):
    watch, values = {"path": by_path, "background": by_background}[task](folder)
    tell({"seconds": watch.seconds, "values": values.astype(float).tolist()})


if __name__ == "__main__":
    main(*sys.argv[1:])
