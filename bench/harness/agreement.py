"""Compares what CohortLens answered with what its peer answered."""

from array import array
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .measure import Run


@dataclass(frozen=True)
class Check:
    """One comparison, in words, and whether it holds. Without a rule it only shows
    two figures."""

    what: str
    peer: str
    ours: str
    rule: str
    holds: bool


def number(v: float) -> str:
    return f"{v:,}" if isinstance(v, int) else f"{v:.10g}"


def equal(what: str, peer, ours) -> Check:
    show = number if isinstance(peer, (int, float)) else str
    return Check(what, show(peer), show(ours), "equal", peer == ours)


def difference(a, b) -> float:
    """The largest relative difference between numbers, lists of them, or lists of
    lists. The scale of a list is its largest number."""
    if isinstance(a, dict):
        return max((difference(a[key], b[key]) for key in a), default=0.0) if a.keys() == b.keys() else float("inf")
    if not isinstance(a, list):
        a, b = [a], [b]
    if len(a) != len(b):
        return float("inf")
    if a and isinstance(a[0], list):
        return max(difference(x, y) for x, y in zip(a, b))
    scale = max((abs(v) for v in a + b), default=0.0)
    return max((abs(x - y) for x, y in zip(a, b)), default=0.0) / scale if scale else 0.0


def close(what: str, peer, ours, tolerance: float) -> Check:
    """Numbers that must agree to a relative tolerance."""
    found = difference(peer, ours)
    single = not isinstance(peer, (list, dict))
    figures = (number(peer), number(ours)) if single else ("", f"differs by {found:.1g}")
    return Check(what, *figures, f"to {tolerance:g}", found <= tolerance)


def shown(what: str, peer: str, ours: str) -> Check:
    return Check(what, peer, ours, "", True)


def best_silhouette(peer: list[dict], ours: list[dict]) -> list[Check]:
    """Where many k are about as good, the two may choose differently; then ours
    must be no worse."""
    a, b = (max(scores, key=lambda s: s["silhouette"]) for scores in (peer, ours))
    return [
        shown("number of segments chosen", number(a["k"]), number(b["k"])),
        Check("silhouette there", number(a["silhouette"]), number(b["silhouette"]), "at most 0.002 less",
              b["silhouette"] >= a["silhouette"] - 0.002),
    ]


def worst_inertia(peer: list[dict], ours: list[dict]) -> Check:
    a, b = max(zip(peer, ours, strict=True), key=lambda s: s[1]["inertia"] / s[0]["inertia"])
    return at_most(f"inertia at the k where we do worst, {a['k']}", a["inertia"], b["inertia"], 0.001)


def at_most(what: str, peer: float, ours: float, share: float) -> Check:
    """A cost, which may exceed the peer's by a share."""
    return Check(what, number(peer), number(ours), f"at most {share:.1%} more" if share else "no more", ours <= peer * (1 + share))


def labels_of(run: Run) -> array:
    labels = array("i")
    labels.frombytes(Path(run.labels).read_bytes())
    return labels


def pairs(n: int) -> int:
    return n * (n - 1) // 2


def rand_index(together: Counter) -> float:
    """The adjusted Rand index of a contingency table: Hubert and Arabie, "Comparing
    partitions", J. Classification 2 (1985)."""
    rows, columns = Counter(), Counter()
    for (a, b), count in together.items():
        rows[a] += count
        columns[b] += count
    both, left, right = (sum(map(pairs, c.values())) for c in (together, rows, columns))
    expected = left * right / pairs(sum(rows.values()))
    most = (left + right) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def same_partition(peer: Run, ours: Run, least: float) -> Check:
    """Labels that must agree up to renaming; least is the smallest adjusted Rand
    index allowed."""
    index = rand_index(Counter(zip(labels_of(peer), labels_of(ours), strict=True)))
    return Check("adjusted Rand index of the labels", "", f"{index:.6f}", f"at least {least:g}", index >= least)


def run(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer, ours.answer
    segment, predict = b["segment"], b["predict"]
    described = {d["column"]: [d[s] for s in ("count", "mean", "std", "min", "q25", "median", "q75", "max")] for d in b["describe"]}
    order = [b["correlation"]["columns"].index(c) for c in a["columns"]]
    correlation = [[b["correlation"]["r"][i][j] for j in order] for i in order]
    folds = {m: [f[m] for f in predict["cv"]["per_fold"]] for m in ("mse", "mae", "r2")}
    return [
        equal("rows after validation", a["rows"], segment["rows"]),
        *best_silhouette(a["scores"], segment["scores"]),
        worst_inertia(a["scores"], segment["scores"]),
        close("MSE, MAE and R² of the five folds", a["folds"], folds, 1e-9),
        close("describe", a["describe"], described, 1e-10),
        close("Pearson correlations", a["correlation"], correlation, 1e-10),
        close("mean savings, percent", a["savings"]["mean"], b["savings"]["mean"], 1e-9),
        close("median savings, percent", a["savings"]["median"], b["savings"]["median"], 1e-9),
        Check("figures written", "5", number(len(b["figures"])), "at least 5", len(b["figures"]) >= 5),
    ]


def read_csv(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer, ours.answer
    size = b["columns_bytes"]
    return [
        equal("rows", a["rows"], b["rows"]),
        close("sums of the five numeric columns", a["sums"], b["sums"], 1e-12),
        Check("counts of all levels", "", "", "equal", a["levels"] == b["levels"]),
        Check("checksum of the IDs", f"{a['ids']:08x}", f"{b['ids']:08x}", "equal", a["ids"] == b["ids"]),
        shown("size of the columns, MiB", f"{a['columns_bytes'] / 2**20:.1f}", f"{size / 2**20:.1f}"),
        Check("peak memory of the process over that size", f"{peer.memory / a['columns_bytes']:.2f}", f"{ours.memory / size:.2f}",
              "under 3", ours.memory < 3 * size),
    ]


def lloyd(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer, ours.answer
    return [
        close("inertia", a["inertia"], b["inertia"], 1e-9),
        same_partition(peer, ours, 0.9999),
    ]


def choose_k(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer["scores"], ours.answer["scores"]
    return [*best_silhouette(a, b), worst_inertia(a, b), same_partition(peer, ours, 0.99)]


def dbscan(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer, ours.answer
    border = -2  # as the peer tells it
    together = Counter(pair for pair in zip(labels_of(peer), labels_of(ours), strict=True) if pair[0] != border)
    renamed = len(together) == len({x for x, _ in together}) == len({y for _, y in together})
    return [
        equal("clusters", a["clusters"], b["clusters"]),
        equal("noise", a["noise"], b["noise"]),
        shown("border rows, not compared", number(a["border"]), ""),
        Check("labels of all other rows, up to renaming", "", "", "equal", renamed),
    ]


def gmm(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer, ours.answer
    return [
        equal("iterations", a["iterations"], b["iterations"]),
        close("mean log-likelihood", a["log_likelihood"], b["log_likelihood"], 1e-8),
        same_partition(peer, ours, 0.9999),
    ]


def forest(peer: Run, ours: Run) -> list[Check]:
    """Two forests draw different samples; their skill must agree, and their size nearly."""
    gap = abs(peer.answer["r2"] - ours.answer["r2"])
    return [
        Check("R² on other rows", number(peer.answer["r2"]), number(ours.answer["r2"]), "to 0.005", gap <= 0.005),
        close("nodes", peer.answer["nodes"], ours.answer["nodes"], 0.02),
    ]


def linear_fit(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer, ours.answer
    return [
        close("coefficients", a["coefficients"], b["coefficients"], 1e-9),
        close("intercept", a["intercept"], b["intercept"], 1e-9),
    ]


def linear_cv(peer: Run, ours: Run) -> list[Check]:
    return [close("MSE, MAE and R² of the five folds", peer.answer["folds"], ours.answer["folds"], 1e-9)]


def drift(peer: Run, ours: Run) -> list[Check]:
    a, b = peer.answer, ours.answer
    far = max(abs(x - y) - bound for x, y, bound in zip(a["ks"], b["ks"], b["ks_error"], strict=True))
    apart = max(abs(x - y) for x, y in zip(a["psi"], b["psi"], strict=True))
    return [
        Check("Kolmogorov-Smirnov distances", f"up to {max(a['ks']):.4f}", f"up to {max(b['ks']):.4f}", "within what rounding may hide", far <= 1e-12),
        Check("stability indices", f"up to {max(a['psi']):.5f}", f"up to {max(b['psi']):.5f}", "to 0.001", apart <= 1e-3),
    ]


def explain_path(peer: Run, ours: Run) -> list[Check]:
    """xgboost computes in single precision."""
    return [Check("contributions and base", "", f"differ by {apart(peer, ours):.1g}", "by 2e-05 at most", apart(peer, ours) <= 2e-5)]


def explain_background(peer: Run, ours: Run) -> list[Check]:
    """shap computes in single precision when it has a background."""
    growth = ours.answer["growth"]
    return [
        Check("contributions and base", "", f"differ by {apart(peer, ours):.1g}", "by 2e-05 at most", apart(peer, ours) <= 2e-5),
        Check("time with 1,000 rows of background over that with 100", "", f"{growth:.2f}", "at most 1.5", growth <= 1.5),
    ]


def apart(peer: Run, ours: Run) -> float:
    """The largest difference between two tables, in the unit of their values."""
    a, b = peer.answer["values"], ours.answer["values"]
    return max(abs(x - y) for row, other in zip(a, b, strict=True) for x, y in zip(row, other, strict=True))
