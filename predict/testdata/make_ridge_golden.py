"""Makes ridge.json: figures of scikit-learn for customers.csv.

Run in this folder:  python3 make_ridge_golden.py
The versions used for the committed file are recorded in it.
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

d = pd.read_csv("customers.csv")
x = pd.concat([d[["Income", "Age", "Visits"]].astype(float),
               pd.get_dummies(d[["City", "Plan"]], drop_first=True).astype(float)], axis=1)
y = d["Spend"]


def figures(alpha):
    pipeline = make_pipeline(StandardScaler(), Ridge(alpha=alpha, solver="svd")).fit(x, y)
    slopes = pipeline[-1].coef_ / pipeline[0].scale_
    scores = cross_validate(pipeline, x, y, cv=KFold(5), scoring=("neg_mean_squared_error", "r2"))
    return {"alpha": alpha, "slopes": slopes.tolist(), "intercept": pipeline.predict(x)[0] - x.iloc[0].to_numpy() @ slopes,
            "mse": (-scores["test_neg_mean_squared_error"]).tolist(), "r2": scores["test_r2"].tolist()}


def grid_errors():
    """The generalised cross-validation error of each alpha of the grid, from the hat matrix."""
    z, n = StandardScaler().fit_transform(x), len(x)
    errors = {}
    for g in np.arange(-6, 3.25, 0.5):
        alpha = n * 10 ** g
        hat = z @ np.linalg.solve(z.T @ z + alpha * np.eye(z.shape[1]), z.T) + 1 / n
        errors[alpha] = n * ((y - hat @ y) ** 2).sum() / (n - np.trace(hat)) ** 2
    return errors


def fold_sizes(sizes, folds):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return sorted(len(test) for _, test in GroupKFold(folds).split(groups, groups=groups))


errors = grid_errors()
sizes = [3, 50, 7, 22, 22, 9, 1, 14, 30, 5, 11, 26]
with open("ridge.json", "w") as out:
    json.dump({
        "versions": {"numpy": np.__version__, "pandas": pd.__version__, "sklearn": sklearn.__version__},
        "ridge": [figures(0.5), figures(20.0)], "best_alpha": min(errors, key=errors.get), "grid_errors": list(errors.values()),
        "group_k_fold": {"sizes": sizes, "folds": 4, "rows": fold_sizes(sizes, 4)},
    }, out, indent=1)
    out.write("\n")
