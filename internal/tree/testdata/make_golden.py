"""Golden figures for the random forest, by scikit-learn's RandomForestRegressor.

usage: make_golden.py shop_customers.csv > golden.json

It takes some minutes. Versions are in the file. housing() makes the same numbers as the function of that
name in housing_test.go, up to the rounding of exp.
"""

import json
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_validate

SEEDS = range(10)
TRAIN, TEST, TREES = 2_000, 2_000, 50
FULL_TRAIN, FULL_TEST, FULL_TREES = 37_000, 10_000, 100
SETTINGS = {
    "default": {},
    "max_features": {"max_features": 3},
    "min_samples_leaf": {"min_samples_leaf": 5},
    "max_depth": {"max_depth": 6},
    "no_bootstrap": {"bootstrap": False, "max_features": 3},
    "missing": {},
}


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def housing(rows, seed):
    """Blocks of houses like those of the California housing data: incomes, ages,
    rooms, bedrooms, people, people per house, latitude and longitude, and the
    value. Columns are skewed, some have ties, the value is capped and depends on
    interactions."""
    i = np.arange(rows, dtype=np.uint64)

    def uniform(k):
        at = np.uint64(seed) * np.uint64(1 << 40) + i * np.uint64(64) + np.uint64(k + 1)
        return (mix(at * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)) * 2.0**-53

    def normal(k):
        return (uniform(k) + uniform(k + 1) + uniform(k + 2) + uniform(k + 3) - 2) * 1.7320508075688772

    z = normal(0)
    income = np.floor(np.exp(1.2 + 0.45 * z) * 1e4) / 1e4
    age = 1 + np.floor(52 * uniform(4))
    rooms = np.exp(1.6 + 0.1 * z + 0.15 * normal(5))
    bedrooms = rooms * (0.18 + 0.05 * normal(9))
    people = np.floor(np.exp(7 + 0.7 * normal(13)))
    occupancy = np.exp(1 + 0.25 * normal(17))
    where = uniform(21)
    south, north = where < 0.4, (where >= 0.4) & (where < 0.65)
    spread_latitude, spread_longitude = 32.5 + 9.5 * uniform(22), -124.3 + 10 * uniform(23)
    latitude = np.where(south, 34.05 + 0.4 * normal(24), np.where(north, 37.77 + 0.4 * normal(24), spread_latitude))
    longitude = np.where(south, -118.25 + 0.4 * normal(28), np.where(north, -122.4 + 0.4 * normal(28), spread_longitude))
    latitude, longitude = np.floor(100 * latitude) / 100, np.floor(100 * longitude) / 100
    far = np.minimum((latitude - 34.05) ** 2 + (longitude + 118.25) ** 2, (latitude - 37.77) ** 2 + (longitude + 122.4) ** 2)
    value = 0.45 * income + 1.5 / (1 + 4 * far) + 0.006 * age - 0.2 * occupancy + 0.1 * income * normal(32)
    x = np.column_stack([income, age, rooms, bedrooms, people, occupancy, latitude, longitude])
    return x, np.clip(value, 0.15, 5)


def holes(x):
    """Every seventh value is missing, incomes above 6 twice as often."""
    x = x.copy()
    row, column = np.indices(x.shape)
    at = (row * x.shape[1] + column).astype(np.uint64)
    draw = mix(at + np.uint64(77)) % np.uint64(14)
    x[(draw < 2) | ((column == 0) & (x > 6) & (draw < 4))] = np.nan
    return x


def scores(rows, test, trees, settings, missing):
    x, y = housing(rows + test, 1)
    if missing:
        x = holes(x)
    return [
        r2_score(y[rows:], RandomForestRegressor(trees, random_state=seed, n_jobs=2, **settings).fit(x[:rows], y[:rows]).predict(x[rows:]))
        for seed in SEEDS
    ]


def shop(path, which):
    d = pd.read_csv(path).dropna().drop_duplicates()
    if which == "valid_rows":
        d = d[(d["CustomerID"] > 0) & d["Age"].between(18, 100) & (d["Annual Income ($)"] > 0)
              & d["Spending Score (1-100)"].between(0, 100) & (d["Work Experience"] >= 0) & (d["Family Size"] > 0)]
    numbers = d[["Annual Income ($)", "Age", "Work Experience", "Family Size"]].astype(float)
    x = pd.concat([numbers, pd.get_dummies(d[["Profession"]], drop_first=True).astype(float)], axis=1)
    y = d["Spending Score (1-100)"].astype(float)
    return [
        float(cross_validate(RandomForestRegressor(100, random_state=seed, n_jobs=2), x, y, cv=KFold(5), scoring="r2")["test_score"].mean())
        for seed in SEEDS
    ]


def summary(values):
    return {"mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1))}


def golden(csv):
    x, y = housing(3, 1)
    json.dump({
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "pandas": pd.__version__},
        "call": "RandomForestRegressor(trees, random_state=seed, n_jobs=2, **settings) for seeds 0 to 9; test R2",
        "train": TRAIN, "test": TEST, "trees": TREES,
        "first_rows": np.column_stack([x, y]).tolist(),
        "r2": {name: summary(scores(TRAIN, TEST, TREES, settings, name == "missing")) for name, settings in SETTINGS.items()},
        "shop_cv5_r2": {which: summary(shop(csv, which)) for which in ("complete_rows", "valid_rows")},
        "full": {"train": FULL_TRAIN, "test": FULL_TEST, "trees": FULL_TREES,
                 "r2": summary(scores(FULL_TRAIN, FULL_TEST, FULL_TREES, {}, False))},
    }, sys.stdout, indent=1)


if __name__ == "__main__":
    golden(sys.argv[1])
