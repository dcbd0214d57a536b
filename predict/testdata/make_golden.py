"""Makes customers.csv and golden.json: figures of scikit-learn and statsmodels.

Run in this folder:  python3 make_golden.py
The versions used for the committed files are recorded in golden.json.
"""
import json

import numpy as np
import pandas as pd
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_validate

NUMBERS, CATEGORIES, TARGET = ["Income", "Age", "Visits"], ["City", "Plan"], "Spend"


def customers(rows=63):
    r = np.random.default_rng(7)
    d = pd.DataFrame({
        "Income": r.normal(52000, 14000, rows).round(2), "Age": r.integers(18, 80, rows), "Visits": r.poisson(4, rows),
        "City": r.choice(["Lyon", "Oslo", "Turin", "Bath"], rows), "Plan": r.choice(["basic", "gold"], rows),
    })
    d[TARGET] = (0.004 * d.Income - 1.5 * d.Age + 12 * d.Visits + 25 * (d.Plan == "gold") - 18 * (d.City == "Oslo")
                 + r.normal(0, 40, rows)).round(1)
    return d


def figures(d):
    dummies = pd.get_dummies(d[CATEGORIES], drop_first=True).astype(float)
    x = pd.concat([d[NUMBERS].astype(float), dummies], axis=1)
    y = d[TARGET]
    model = LinearRegression().fit(x, y)
    scores = cross_validate(LinearRegression(), x, y, cv=KFold(5), scoring=(
        "neg_mean_squared_error", "neg_mean_absolute_error", "r2"))
    mse, mae, r2 = -scores["test_neg_mean_squared_error"], -scores["test_neg_mean_absolute_error"], scores["test_r2"]
    ols = sm.OLS(y, sm.add_constant(x)).fit()
    interval = ols.conf_int(0.05)
    return {
        "columns": list(x.columns), "intercept": model.intercept_, "coef": model.coef_.tolist(),
        "cv5_contiguous": {"mse": mse.tolist(), "mae": mae.tolist(), "r2": r2.tolist(),
                           "mean_mse": mse.mean(), "mean_mae": mae.mean(), "mean_r2": r2.mean()},
        "ols": {"std_error": ols.bse.tolist(), "t": ols.tvalues.tolist(), "p": ols.pvalues.tolist(),
                "low": interval[0].tolist(), "high": interval[1].tolist()},
    }


table = customers()
table.to_csv("customers.csv", index=False)
table = pd.read_csv("customers.csv")
versions = {"numpy": np.__version__, "pandas": pd.__version__, "sklearn": sklearn.__version__,
            "statsmodels": statsmodels.__version__}
with open("golden.json", "w") as out:
    json.dump({"versions": versions, **figures(table)}, out, indent=1, default=float)
    out.write("\n")
