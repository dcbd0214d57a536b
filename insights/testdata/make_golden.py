"""Makes golden.json: figures of pandas for the small table below.

Run in this folder:  python3 make_golden.py
The versions used for the committed file are recorded in it.
"""
import json

import numpy as np
import pandas as pd

# None is a missing value. The last column is far from zero for its spread.
TABLE = {
    "a": [3.5, -1.25, None, 8.0, 2.75, 2.75, 0.5, 11.0, -4.0],
    "b": [10.0, 12.5, 9.0, None, None, 14.0, 13.0, 20.5, 7.5],
    "c": [1, 4, 9, 16, 25, 36, 49, 64, 81],
    "far": [1e9 + v for v in (0.25, 0.5, -0.75, 1.0, 1.5, -2.0, 0.125, 3.0, 2.5)],
}


def figures(d):
    describe = d.describe()
    return {
        "table": {c: [None if np.isnan(v) else v for v in d[c]] for c in d},
        "describe": {c: describe[c].to_dict() for c in d},
        # pandas' corr loses 8 digits to the offset of the last column; without it,
        # an exact subtraction here, the correlation is the same.
        "pearson": d.assign(far=d["far"] - 1e9).corr().values.tolist(),
    }


table = pd.DataFrame(TABLE, dtype=float)
with open("golden.json", "w") as out:
    json.dump({"versions": {"numpy": np.__version__, "pandas": pd.__version__}, **figures(table)}, out, indent=1)
    out.write("\n")
