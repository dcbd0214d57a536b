"""Figures of two-sample comparisons, from SciPy and NumPy.

Run:  python3 make_drift.py > drift.json
"""
import json, sys
import numpy as np, scipy
from scipy import stats

random = np.random.default_rng(7)


def psi(p, q):
    p, q = np.clip(p, 1e-4, None), np.clip(q, 1e-4, None)
    return float(((q - p) * np.log(q / p)).sum())


def numbers(a, b):
    edges = np.quantile(a, np.linspace(0, 1, 11))
    edges[0], edges[-1] = -np.inf, np.inf
    edges = np.unique(edges)
    if len(edges) == 3 and edges[1] == a.min():  # the least value has a bin of its own
        edges = np.insert(edges, 2, np.nextafter(edges[1], np.inf))
    exact, asymptotic = (stats.ks_2samp(a, b, method=m) for m in ("exact", "asymp"))
    p = float(asymptotic.pvalue)
    return {"a": a.tolist(), "b": b.tolist(), "ks": float(exact.statistic), "p_exact": float(exact.pvalue),
            "p_asymptotic": None if np.isnan(p) else p, "wasserstein": float(stats.wasserstein_distance(a, b)),
            "psi": psi(np.histogram(a, edges)[0] / len(a), np.histogram(b, edges)[0] / len(b)),
            "mean": [float(a.mean()), float(b.mean())], "std": [float(x.std(ddof=1)) if len(x) > 1 else None for x in (a, b)]}


def levels(a, b):
    names = sorted(set(a) | set(b))
    table = np.array([[list(x).count(n) for n in names] for x in (a, b)])
    if len(names) < 2:
        chi, p, dof = 0.0, 1.0, 0
    else:
        chi, p, dof = stats.chi2_contingency(table, correction=False)[:3]
    return {"a": list(a), "b": list(b), "chi2": float(chi), "p": float(p), "dof": int(dof),
            "cramers_v": float(np.sqrt(chi / table.sum())), "psi": psi(table[0] / len(a), table[1] / len(b))}


def pairs():
    for i in range(50):
        n, m = ((1, 1), (1, 2), (2, 3), (5, 5), (40, 1), (120, 80), (300, 300), (17, 290), (250, 249), (400, 100))[i % 10]
        kind = i // 10
        a, b = random.normal(size=n), random.normal(0.3, 1.2, size=m)
        if kind == 1:
            a, b = a.round(1), b.round(1)  # ties
        elif kind == 2:
            a, b = np.floor(3 * a), np.floor(3 * b) + 50
        elif kind == 3:
            a, b = np.full(n, 4.25), (np.full(m, 4.25) if i % 2 else np.full(m, -1.5))  # constants
        elif kind == 4:
            a, b = np.exp(8 * a).round(6), -np.exp(9 * b)
        yield a, b


def categories():
    for i in range(50):
        n, m = ((1, 1), (3, 2), (8, 8), (50, 40), (200, 300))[i % 5]
        k = 1 + i // 5
        yield ["level %d" % v for v in random.integers(0, k, n)], ["level %d" % v for v in random.integers(0, k + 1, m) % (k + i % 2)]


with np.errstate(all="ignore"):
    json.dump({"versions": {"scipy": scipy.__version__, "numpy": np.__version__}, "calls": {
        "ks, p_exact, p_asymptotic": "scipy.stats.ks_2samp(a, b, method='exact' and 'asymp'); null where it is NaN",
        "wasserstein": "scipy.stats.wasserstein_distance(a, b)", "chi2, p, dof": "scipy.stats.chi2_contingency(correction=False)",
        "psi": "numpy.histogram over numpy.quantile(a, linspace(0, 1, 11)), and nextafter of the least value where all are it, shares clipped at 1e-4"},
        "numbers": [numbers(a, b) for a, b in pairs()], "levels": [levels(a, b) for a, b in categories()]}, sys.stdout)
print()
