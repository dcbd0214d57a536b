"""Prints which peers are installed and which kernels they chose."""

import json
from importlib.metadata import PackageNotFoundError, version

import numpy
import sklearn.cluster  # noqa: F401  loads OpenMP
from threadpoolctl import threadpool_info

PACKAGES = ("scikit-learn", "scikit-learn-intelex", "numpy", "scipy", "pandas", "matplotlib", "xgboost-cpu", "shap")


def versions():
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"


numpy.ones((2, 2)) @ numpy.ones((2, 2))
print(json.dumps({
    "packages": dict(versions()),
    "pools": sorted({
        " ".join(str(pool[key]) for key in ("internal_api", "version", "architecture") if pool.get(key))
        + f" with {pool['num_threads']} threads"
        for pool in threadpool_info()
    }),
}))
