"""Reference figures of k-means on the sample data.

Run: python3 sample_kmeans.py ../../datasource/sample/customers.csv > sample_kmeans.json
The versions used are recorded in the file.
"""
import json
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

INCOME, SCORE = "Annual Income ($)", "Spending Score (1-100)"
FEATURES = ["Age", INCOME, SCORE]

d = pd.read_csv(sys.argv[1], dtype={"CustomerID": str})
first = ~d["CustomerID"].duplicated()
d = d[first & d["Age"].between(18, 100) & (d[INCOME] > 0) & d[SCORE].between(0, 100) & d["Profession"].notna()]
scaler = StandardScaler().fit(d[FEATURES].astype(float))
x = scaler.transform(d[FEATURES].astype(float))
out = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "pandas": pd.__version__},
    "rows": len(d),
    "scaler_mean": scaler.mean_.tolist(),
    "scaler_std_population": scaler.scale_.tolist(),
    "kmeans": {},
}
for k in range(2, 11):
    best = min((KMeans(k, n_init=10, random_state=seed).fit(x) for seed in range(20)), key=lambda m: m.inertia_)
    out["kmeans"][k] = {"best_inertia_of_200_starts": best.inertia_, "silhouette": silhouette_score(x, best.labels_)}
out["kmeans_best_k_by_silhouette"] = max(out["kmeans"], key=lambda k: out["kmeans"][k]["silhouette"])
json.dump(out, sys.stdout, indent=1, default=float)
print()
