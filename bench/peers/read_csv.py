"""Reads a customer file with pandas' C reader.

usage: read_csv.py customers.csv plain|kinds

"kinds" asks for the kinds that CohortLens gives: text IDs, categories, floats.
"""

import sys
import zlib

import pandas as pd

from peer import stopwatch, tell

TEXT, CATEGORIES = ["CustomerID"], ["Gender", "Profession"]


def main(path, mode):
    header = pd.read_csv(path, nrows=0).columns
    kinds = None
    if mode == "kinds":
        kinds = {c: "str" if c in TEXT else "category" if c in CATEGORIES else "float64" for c in header}
    with stopwatch() as watch:
        table = pd.read_csv(path, engine="c", dtype=kinds)
    numbers = [c for c in header if c not in TEXT + CATEGORIES]
    tell({
        "seconds": watch.seconds,
        "rows": len(table),
        "columns_bytes": int(table.memory_usage(index=False, deep=True).sum()),
        "sums": {c: float(table[c].sum()) for c in numbers},
        "levels": {c: {str(k): int(v) for k, v in table[c].value_counts().items()} for c in CATEGORIES},
        "ids": zlib.crc32("\n".join(table["CustomerID"].astype(str)).encode()),
    })


if __name__ == "__main__":
    main(*sys.argv[1:])
