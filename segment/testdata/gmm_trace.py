"""Expectation-maximisation of scikit-learn, step by step, and what it makes of the result.

Run:  python3 gmm_trace.py > gmm_trace.json
The versions used for the committed file are recorded inside it.

Each trace begins with the same hard assignment of 60 rows to 3 components. A step
is one call of GaussianMixture._e_step and one of _m_step.
"""
import json
import sys

import numpy as np
import sklearn
from sklearn.mixture import GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

STEPS, K = 12, 3


def rows():
    random = np.random.default_rng(11)
    centres = np.array([[0.0, 0.0, 0.0], [2.0, 1.0, -1.0], [-1.0, 2.0, 1.5]])
    labels = np.arange(60) % K
    x = centres[labels] + random.normal(size=(60, 3)) * np.array([0.6, 1.0, 1.4])
    return np.round(x, 3), (labels + (random.random(60) < 0.2)) % K


def trace(covariance, x, labels):
    m = GaussianMixture(K, covariance_type=covariance, reg_covar=1e-6)
    m._initialize(x, np.eye(K)[labels])
    m.precisions_cholesky_ = _compute_precision_cholesky(m.covariances_, covariance)
    steps = []
    for _ in range(STEPS):
        likelihood, log_posteriors = m._e_step(x)
        m._m_step(x, log_posteriors)
        steps.append({"log_likelihood": float(likelihood), "weights": m.weights_.tolist(),
                      "means": m.means_.ravel().tolist(), "covariances": m.covariances_.ravel().tolist()})
    return {"covariance": covariance, "steps": steps, "log_likelihood": float(m.score(x)),
            "bic": float(m.bic(x)), "aic": float(m.aic(x)), "parameters": int(m._n_parameters()),
            "labels": m.predict(x).tolist(), "posteriors": m.predict_proba(x).ravel().tolist()}


x, labels = rows()
json.dump({
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "rows": x.tolist(), "labels": labels.tolist(),
    "traces": [trace(c, x, labels) for c in ("full", "tied", "diag", "spherical")],
}, sys.stdout)
print()
