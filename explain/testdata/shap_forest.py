"""A scikit-learn forest, and what shap says of its predictions.

Run: python3 shap_forest.py > shap_forest.json
The versions used are recorded in the file, and the calls beside the figures.
"""
import json
import sys

import numpy as np
import shap
import sklearn
from sklearn.ensemble import RandomForestRegressor

random = np.random.default_rng(4)


def customers(rows):
    """Numbers that float32 holds exactly, as scikit-learn's trees need, and a
    category of three levels."""
    age, income = random.integers(18, 90, rows), random.integers(10, 160, rows)
    visits = random.integers(0, 40, rows) / 4
    plan = random.integers(0, 3, rows)
    x = np.column_stack([age, income, visits, plan == 1, plan == 2]).astype(float)
    y = 0.3 * age + 0.2 * income * (plan == 2) + 4 * visits * (age < 40) + 10 * (plan == 1) + random.normal(0, 5, rows)
    return x, y


def nodes(tree):
    """The nodes in preorder: feature, threshold or value, right child, cover."""
    out = []
    for i in range(tree.node_count):
        leaf = tree.children_left[i] < 0
        assert leaf or tree.children_left[i] == i + 1
        out.append([
            -1 if leaf else int(tree.feature[i]), float(tree.value[i, 0, 0] if leaf else tree.threshold[i]),
            0 if leaf else int(tree.children_right[i]), float(tree.weighted_n_node_samples[i]),
        ])
    return out


def main():
    x, y = customers(300)
    forest = RandomForestRegressor(8, max_depth=5, max_features=3, random_state=1).fit(x, y)
    rows, background = customers(12)[0], customers(25)[0]
    by_path = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    # TreeExplainer computes in float32 when it has a background; this enumerates all sets of columns.
    by_background = shap.ExactExplainer(forest.predict, shap.maskers.Independent(background, max_samples=len(background)))(rows)
    golden = {
        "versions": {"shap": shap.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "trees": [nodes(e.tree_) for e in forest.estimators_],
        "rows": rows.ravel().tolist(), "background": background.ravel().tolist(),
        "predictions": forest.predict(rows).tolist(),
        # TreeExplainer(forest, feature_perturbation="tree_path_dependent")
        "path_dependent": {
            "base": float(np.ravel(by_path.expected_value)[0]), "values": by_path.shap_values(rows).ravel().tolist(),
            "interactions": by_path.shap_interaction_values(rows).ravel().tolist(),
        },
        # ExactExplainer(forest.predict, maskers.Independent(background))
        "interventional": {"base": float(by_background.base_values[0]), "values": by_background.values.ravel().tolist()},
    }
    json.dump(golden, sys.stdout, indent=None)


if __name__ == "__main__":
    main()
