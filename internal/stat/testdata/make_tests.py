"""Tail probabilities of the tests in this package, from SciPy.

Run:  python3 make_tests.py > tests.json
"""
import json, sys
import numpy as np, scipy
from scipy import stats

kolmogorov = []
for n in (1, 2, 3, 5, 10, 37, 100, 140, 141, 200, 500, 982, 5000, 20000, 100000, 100001, 500000, 1000000):
    for z in (0.01, 0.2, 0.3, 0.4, 0.45, 0.51, 0.6, 0.75, 0.87, 1.0, 1.2, 1.4, 1.49, 1.7, 2.01, 2.5, 3.5, 6, 12, 19):
        d = z / np.sqrt(n)
        kolmogorov.append({"n": n, "d": d, "p": float(stats.kstwo.sf(d, n))})
    for t in (0.4, 0.6, 0.9, 1.0, 1.3, n - 0.7):
        if 0 < t < n:
            kolmogorov.append({"n": n, "d": t / n, "p": float(stats.kstwo.sf(t / n, n))})

smirnov = []
for m, n in ((1, 1), (1, 5), (2, 3), (4, 4), (7, 12), (30, 30), (30, 31), (100, 250), (982, 983), (1500, 1500), (2000, 500)):
    for share in (0.01, 0.03, 0.05, 0.1, 0.2, 0.4, 0.8, 1):
        g = np.gcd(m, n)
        d = max(1, round(share * m * n / g)) / (m * n / g)
        ok, d, p = stats._stats_py._attempt_exact_2kssamp(m, n, g, d, "two-sided")
        if ok:
            smirnov.append({"m": m, "n": n, "d": float(d), "p": float(p)})

shares = []
for k, n, l, m in ((0, 5, 5, 5), (1, 10, 9, 12), (3, 3, 0, 4), (20, 100, 45, 110), (0, 1000, 12, 1000), (5, 40, 300, 2000), (7, 1000000, 40, 1000000)):
    shares.append({"k": k, "n": n, "l": l, "m": m, "p": float(stats.fisher_exact([[k, n - k], [l, m - l]])[1])})
for k, n, l, m in ((3000, 10000, 3100, 10000), (20000, 50000, 20500, 50000)):
    shares.append({"k": k, "n": n, "l": l, "m": m,
                   "p": float(stats.chi2_contingency([[k, n - k], [l, m - l]], correction=False)[1])})

adjusted = []
for p in ([0.01, 0.02, 0.03, 0.04, 0.9], [0.5], [0.001, 0.8, 0.001, 0.04, 0.04], [1.0, 1.0, 0.2]):
    adjusted.append({"p": p, "bh": stats.false_discovery_control(p).tolist()})

json.dump({"versions": {"scipy": scipy.__version__, "numpy": np.__version__},
           "calls": {"kolmogorov": "scipy.stats.kstwo.sf(d, n)", "smirnov": "what ks_2samp(method='exact') calls for d, m and n",
                     "shares": "fisher_exact, and chi2_contingency(correction=False) for the last two",
                     "bh": "scipy.stats.false_discovery_control(p)"},
           "kolmogorov": kolmogorov, "smirnov": smirnov, "shares": shares, "adjusted": adjusted}, sys.stdout, indent=None)
print()
