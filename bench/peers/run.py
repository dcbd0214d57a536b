"""The whole job with pandas, scikit-learn and matplotlib: from a customer file to
a report with five figures, which are written as PNG files too.

usage: run.py customers.csv report.html figures/
"""

import base64
import io
import sys
import warnings
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score, silhouette_score
from sklearn.model_selection import KFold, cross_validate, train_test_split
from sklearn.preprocessing import StandardScaler

from peer import tell

AGE, INCOME, SPENDING = "Age", "Annual Income ($)", "Spending Score (1-100)"
EXPERIENCE, FAMILY = "Work Experience", "Family Size"
FEATURES = [AGE, INCOME, SPENDING]
NUMERICAL = [INCOME, AGE, EXPERIENCE, FAMILY]
SEED, DPI = 42, 150


def whole(column):
    return column == np.trunc(column)


def validate(table):
    """Checks every rule of the customer schema and counts what breaks each."""
    spending, family = table[SPENDING], table[FAMILY]
    rules = {
        "id present": table["CustomerID"].notna(),
        "id unique": ~table["CustomerID"].duplicated(keep="first"),
        "gender present": table["Gender"].notna(),
        "age 18 to 100": table[AGE].between(18, 100) & whole(table[AGE]),
        "income above 0": table[INCOME] > 0,
        "spending 0 to 100": spending.between(0, 100) & whole(spending),
        "profession present": table["Profession"].notna(),
        "experience from 0": (table[EXPERIENCE] >= 0) & whole(table[EXPERIENCE]),
        "family above 0": (family > 0) & whole(family),
    }
    kept = np.logical_and.reduce(list(rules.values()))
    return table[kept].dropna().drop_duplicates().reset_index(drop=True), {n: int((~ok).sum()) for n, ok in rules.items()}


def segment(table):
    """k-means for each k, the silhouette of each, and the best."""
    scaled = StandardScaler().fit_transform(table[FEATURES].astype(float))
    scores, models = [], []
    for k in range(2, 11):
        model = KMeans(k, n_init=10, random_state=SEED).fit(scaled)
        models.append(model)
        scores.append({"k": k, "silhouette": float(silhouette_score(scaled, model.labels_)), "inertia": float(model.inertia_)})
    return models[int(np.argmax([s["silhouette"] for s in scores]))], scores


def predict(table):
    """Linear regression: a held-out fifth, and five contiguous folds."""
    encoded = pd.get_dummies(table[["Profession"]], drop_first=True).astype(float)
    x, y = pd.concat([table[NUMERICAL].astype(float), encoded], axis=1), table[SPENDING].astype(float)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=SEED)
    predicted = LinearRegression().fit(x_train, y_train).predict(x_test)
    scoring = ("neg_mean_squared_error", "neg_mean_absolute_error", "r2")
    cv = cross_validate(LinearRegression(), x, y, cv=KFold(5), scoring=scoring)
    metrics = {
        "mse": mean_squared_error(y_test, predicted), "mae": mean_absolute_error(y_test, predicted),
        "r2": r2_score(y_test, predicted),
    }
    folds = {
        "mse": (-cv["test_neg_mean_squared_error"]).tolist(), "mae": (-cv["test_neg_mean_absolute_error"]).tolist(),
        "r2": cv["test_r2"].tolist(),
    }
    return y_test, predicted, metrics, folds


def save(table):
    """Income left after an estimated spend, in percent."""
    income = table[INCOME] / 12
    return (income - 1000 * table[EXPERIENCE] - 500 * table[FAMILY]) / income * 100


def profile(table):
    means = table.groupby("Segment")[[*FEATURES, EXPERIENCE, FAMILY]].mean()
    median = table[INCOME].median()
    means.insert(0, "Customers", table.groupby("Segment").size())
    for column in ("Gender", "Profession"):
        means[column] = table.groupby("Segment")[column].agg(lambda c: c.value_counts().index[0])
    means["Recommendation"] = [
        "loyalty and premium offers" if s > 60 else "premium upgrades" if i > median else "value and promotions"
        for s, i in zip(means[SPENDING], means[INCOME])
    ]
    return means


def draw_clusters(axes, table, centres):
    for segment, rows in table.groupby("Segment"):
        axes.scatter(rows[INCOME], rows[SPENDING], s=12, label=f"segment {segment}")
    axes.scatter(centres[INCOME], centres[SPENDING], marker="x", color="black")
    axes.set(xlabel=INCOME, ylabel=SPENDING)
    axes.legend()


def draw_prediction(axes, actual, predicted):
    axes.scatter(actual, predicted, s=12)
    axes.plot([0, 100], [0, 100], linestyle="--", color="grey")
    axes.set(xlabel="actual", ylabel="predicted")


def draw_correlation(axes, correlation):
    axes.imshow(correlation, cmap="RdBu_r", vmin=-1, vmax=1)
    ticks = range(len(correlation))
    axes.set_xticks(ticks, correlation.columns, rotation=45, ha="right")
    axes.set_yticks(ticks, correlation.columns)
    for (i, j), r in np.ndenumerate(correlation):
        axes.text(j, i, f"{r:.2f}", ha="center", va="center")


def draw_savings(axes, table):
    means = table.groupby("Segment")["Savings"].median()
    axes.bar(means.index.astype(str), means)
    axes.set(xlabel="segment", ylabel="savings, percent")


def draw_gender(axes, table):
    counts = table["Gender"].value_counts()
    axes.bar(counts.index, counts)
    axes.set(ylabel="customers")


def figure(name, folder, draw, *args):
    """Draws one figure to a PNG file, and returns it for the report."""
    shown, axes = plt.subplots(figsize=(6.4, 4.2), layout="tight")
    draw(axes, *args)
    buffer = io.BytesIO()
    shown.savefig(buffer, format="png", dpi=DPI)
    plt.close(shown)
    (folder / f"{name}.png").write_bytes(buffer.getvalue())
    picture = base64.b64encode(buffer.getvalue()).decode()
    return f'<h2>{escape(name)}</h2><img alt="{escape(name)}" src="data:image/png;base64,{picture}">'


def main(data, report, figures):
    warnings.filterwarnings("ignore")
    folder = Path(figures)
    folder.mkdir(parents=True, exist_ok=True)
    table, broken = validate(pd.read_csv(data))
    model, scores = segment(table)
    table["Segment"], table["Savings"] = model.labels_, save(table)
    actual, predicted, metrics, folds = predict(table)
    numbers = table[[*FEATURES, EXPERIENCE, FAMILY]]
    described, correlation, profiles = numbers.describe(), numbers.corr(), profile(table)
    parts = [
        figure("clusters", folder, draw_clusters, table, profiles),
        figure("prediction_vs_actual", folder, draw_prediction, actual, predicted),
        figure("correlation", folder, draw_correlation, correlation),
        figure("savings", folder, draw_savings, table),
        figure("gender", folder, draw_gender, table),
        *(frame.to_html() for frame in (profiles, described, correlation, pd.DataFrame(scores), pd.DataFrame(folds))),
        pd.Series(broken).to_frame("rows").to_html(), pd.Series(metrics).to_frame("held out").to_html(),
    ]
    Path(report).write_text("<!doctype html><title>Customers</title>" + "".join(parts))
    tell({
        "rows": len(table), "k": model.n_clusters, "scores": scores, "folds": folds,
        "describe": {c: described[c].tolist() for c in described}, "columns": list(correlation),
        "correlation": correlation.to_numpy().tolist(),
        "savings": {"mean": table["Savings"].mean(), "median": table["Savings"].median()},
    })


if __name__ == "__main__":
    main(*sys.argv[1:])
