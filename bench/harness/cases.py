"""The cases, and what is required of each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from . import agreement
from .measure import Program

BENCH = Path(__file__).resolve().parents[1]
ROOT = BENCH.parent
WORK = BENCH / ".work"
DATA = WORK / "data"
PYTHON = str(BENCH / ".venv/bin/python")


@dataclass(frozen=True)
class Case:
    """One comparison. The first program is the peer that the limits speak of, the
    last is CohortLens; others are measured for comparison only. Limits are shares
    of the peer's time and memory: required and aimed at."""

    name: str
    title: str
    work: str
    programs: tuple[Program, ...]
    agree: Callable
    time: tuple[float, float]
    memory: tuple[float, float] | None = None
    rounds: int = 5
    # generated says that the case reads the generated data.
    generated: bool = True


def peer(name: str, script: str, *args) -> Program:
    return Program(name, (PYTHON, str(BENCH / "peers" / script), *map(str, args)))


def intelex(script: str, *args) -> tuple[Program, ...]:
    """The same with scikit-learn-intelex, where it is installed."""
    installed = any((BENCH / ".venv").glob("lib/python*/site-packages/sklearnex"))
    return (peer("scikit-learn-intelex", script, *args, "sklearnex"),) if installed else ()


def ours(*command, name: str = "CohortLens", **options) -> Program:
    return Program(name, tuple(map(str, command)), **options)


def inside(benchmark: str, package: str = "segment", **options) -> Program:
    """A benchmark of a package, on the same bits as the peer."""
    return ours(WORK / f"bin/{package}.test", "-test.run=^$", f"-test.bench=^BenchmarkPeer$/^{benchmark}$", "-test.benchtime=1x",
                f"-peerdata={DATA}", **options)


def customer_file() -> Path:
    """The public data set, or the sample data where that is absent."""
    real = ROOT.parent / "shared/data/shop_customers.csv"
    return real if real.exists() else ROOT / "datasource/sample/customers.csv"


def run_case() -> Case:
    data, out = customer_file(), WORK / "reports"
    return Case(
        "run", "From a customer file to the report",
        f"The whole process on {data.name}: load, validate, clean, choose k from 2 to 10 with 10 starts each and a silhouette for each, "
        "linear regression with a held-out share and five folds, describe, correlate, savings, five PNG figures at 150 dpi, and one HTML "
        "file that holds them. The time is that of the process, its start included. CohortLens also judges the structure of the segments "
        "against 19 draws without structure, and the predictor against the average, explains the predictions for 1,000 customers, and draws "
        "that in seven figures more; the peer does not.",
        (
            peer("scikit-learn, pandas, matplotlib", "run.py", data, out / "peer.html", out / "peer"),
            ours(WORK / "bin/cohortlens", "run", "--data", data, "--output", out / "ours.html", "--figures", out / "ours",
                 "--invalid", "drop", "--json", answers_on_stdout=True),
        ),
        agreement.run, time=(1 / 10, 1 / 25), memory=(1 / 3, 1 / 5), rounds=7, generated=False,
    )


def read_csv_case() -> Case:
    data = DATA / "customers.csv"
    return Case(
        "read-csv", "Reading 1,000,000 x 8",
        "A generated customer file of 1,000,000 rows and 8 columns into a table in memory. The limit is on pandas' C reader as it is called "
        "by default; the second row of pandas is given the kinds that CohortLens gives its columns. CohortLens checks every cell as it "
        "reads. The size of the columns is, for CohortLens, the heap that the table keeps alive, and for pandas its own deep account.",
        (
            peer("pandas", "read_csv.py", data, "plain"),
            peer("pandas with the same kinds", "read_csv.py", data, "kinds"),
            ours(WORK / "bin/readcsv", data),
        ),
        agreement.read_csv, time=(1, 1),
    )


def lloyd_case(data: str, title: str, shape: str) -> Case:
    return Case(
        data, title,
        f"20 iterations of k-means with 8 centres from the same start, on 1,000,000 x 10 {shape}. The labels after the last iteration are "
        "compared.",
        (
            peer("scikit-learn", "lloyd.py", DATA, data, "sklearn"),
            *intelex("lloyd.py", DATA, data),
            inside(data),
        ),
        agreement.lloyd, time=(0.5, 0.2),
    )


def choose_k_case() -> Case:
    return Case(
        "choose-k", "Choosing k",
        "k from 2 to 10 with 10 starts each and an exact silhouette for each, on 20,000 x 3 points in 6 groups that overlap. CohortLens also "
        "improves each winner by swaps. All that segment.Fit does, which the peer does not - the verdict on structure, the description of "
        "segments - is measured apart.",
        (
            peer("scikit-learn", "choose_k.py", DATA),
            inside("choose-k-with-verdict", name="CohortLens, the whole of segment.Fit"),
            inside("choose-k"),
        ),
        agreement.choose_k, time=(0.05, 0.02), rounds=3,
    )


def dbscan_case() -> Case:
    return Case(
        "dbscan", "DBSCAN",
        "eps 0.2 and 5 samples on 100,000 x 3 points in 8 groups that overlap, scaled. Border rows may differ: scikit-learn gives them to the "
        "cluster that it visits first, CohortLens to that of the nearest core row.",
        (
            peer("scikit-learn", "dbscan.py", DATA, "sklearn"),
            *intelex("dbscan.py", DATA),
            inside("dbscan"),
        ),
        agreement.dbscan, time=(0.25, 0.05),
    )


def gmm_case() -> Case:
    return Case(
        "gmm", "Gaussian mixture",
        "20 iterations of expectation-maximisation with 8 components of full covariance, from the same start, on 200,000 x 10 points in 8 "
        "groups that overlap.",
        (peer("scikit-learn", "gmm.py", DATA), inside("gmm")),
        agreement.gmm, time=(0.35, 0.1), rounds=3,
    )


def linear_case(task: str, title: str, work: str, time: tuple[float, float]) -> Case:
    return Case(
        f"linear-{task}", title,
        f"{work} The limit is on scikit-learn with the features stored column by column, which suits it best; the second row is with rows.",
        (
            peer("scikit-learn", "linear.py", DATA, task, "columns"),
            peer("scikit-learn, row by row", "linear.py", DATA, task, "rows"),
            inside(f"linear-{task}", "predict"),
        ),
        getattr(agreement, f"linear_{task}"), time=time,
    )


def forest_case() -> Case:
    return Case(
        "forest", "Random forest",
        "100 fully grown trees on bootstrap samples of 37,000 x 8, all columns tried at every split. The R² is that on 4,000 other rows; the "
        "two draw different samples.",
        (peer("scikit-learn", "forest.py", DATA), inside("forest", "tree")),
        agreement.forest, time=(0.35, 0.15), rounds=3,
    )


def drift_case() -> Case:
    return Case(
        "drift", "Drift",
        "Two tables of 1,000,000 x 20, compared column by column: the population stability index, and the Kolmogorov-Smirnov distance with "
        "its p-value. CohortLens goes by way of two profiles, which it also fills with exact moments and a sample of rows for a comparison "
        "of all columns together; what rounding in them may hide of a distance is known.",
        (peer("numpy, scipy", "drift.py", DATA), inside("drift", "insights")),
        agreement.drift, time=(0.25, 0.1), rounds=3,
    )


def explain_path_case() -> Case:
    return Case(
        "explain-path", "Shapley values of trees",
        "The contributions of 8 columns to 2,000 predictions of 100 boosted trees of depth 12, which xgboost grew from 37,000 rows: "
        "path-dependent TreeSHAP. CohortLens explains the same trees, and checks that each row adds up.",
        (peer("xgboost", "explain.py", DATA, "path"), inside("explain-path", "explain")),
        agreement.explain_path, time=(0.2, 0.05), rounds=3,
    )


def explain_background_case() -> Case:
    return Case(
        "explain-background", "Shapley values against a background",
        "The contributions of 8 columns to 2,000 predictions of 100 boosted trees of depth 8, compared with 100 other rows: "
        "interventional TreeSHAP, exact on both sides. Then CohortLens compares with 1,000 rows.",
        (peer("shap", "explain.py", DATA, "background"), inside("explain-background", "explain")),
        agreement.explain_background, time=(0.2, 0.05), rounds=3,
    )


CASES = {
    case.name: case
    for case in (
        run_case(), read_csv_case(),
        lloyd_case("lloyd", "Lloyd iterations", "points in 20 groups that overlap"),
        lloyd_case("shapeless", "Lloyd iterations without structure", "uniform points, which leave bounds little to save"),
        choose_k_case(), dbscan_case(), gmm_case(),
        linear_case(
            "fit", "Linear regression",
            "Least squares on 1,000,000 x 20, by predict.Fit.",
            (0.2, 0.05),
        ),
        linear_case(
            "cv", "Linear regression, cross-validated",
            "Five contiguous folds on 1,000,000 x 20, with MSE, MAE and R² of each. CohortLens does all that predict.Train does: it also "
            "fits on all rows and on four fifths of them, and finds intervals and their coverage.",
            (0.05, 0.02),
        ),
        forest_case(), drift_case(), explain_path_case(), explain_background_case(),
    )
}
