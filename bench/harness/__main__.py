"""Measures the cases named, or all of them, and writes the page."""

import argparse
import datetime
import json
import subprocess
import sys

from . import machine, page
from .cases import BENCH, CASES, DATA, PYTHON, ROOT, WORK, Case
from .measure import Others, Series, environment, interleaved


def told(name, round, run):
    counted = "warm-up" if round < 0 else f"round {round + 1}"
    print(f"  {counted:8}  {name:34}  {run.seconds:9.3f} s  {run.memory / 2**20:8.1f} MiB", file=sys.stderr)


def about_peers() -> dict:
    out = subprocess.run((PYTHON, BENCH / "peers/about.py"), capture_output=True, check=True, env=environment(WORK / "about.json"))
    return json.loads(out.stdout)


def generate():
    """Makes the data once, and again whenever the generator changes."""
    script = BENCH / "peers/generate.py"
    stamp = DATA / "generate.py"
    if stamp.exists() and stamp.read_bytes() == script.read_bytes():
        return
    print("generating data", file=sys.stderr)
    DATA.mkdir(parents=True, exist_ok=True)
    subprocess.run((PYTHON, script, DATA), check=True, env=environment(WORK / "generate.json"))
    stamp.write_bytes(script.read_bytes())


def measure(case: Case, rounds: int) -> tuple[list[Series], float]:
    """Runs the programs of a case, and tells what others used meanwhile."""
    print(case.name, file=sys.stderr)
    if case.generated:
        generate()
    others = Others()
    return interleaved(list(case.programs), rounds, WORK / "answers" / case.name, told), others.share()


def judged(case: Case, series: list[Series], others: float, setting: dict) -> dict:
    """What the page says of a case."""
    checks = case.agree(series[0].runs[-1], series[-1].runs[-1])
    return {
        "when": datetime.date.today().isoformat(), "rounds": len(series[0].runs), "others": others, "setting": setting,
        "series": [{"name": s.program.name, "seconds": s.seconds(), "memory": s.memory(), "cpu": s.cpu()} for s in series],
        "checks": [vars(c) for c in checks],
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"one of {', '.join(CASES)}; all of them when none is named")
    parser.add_argument("--rounds", type=int, help="rounds that count, at least 1; each case has its own number")
    given = parser.parse_args()
    if unknown := [name for name in given.case if name not in CASES]:
        parser.error(f"no case {unknown[0]!r}; the cases are {', '.join(CASES)}")
    if given.rounds is not None and given.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {given.rounds}")
    return given


def write(results) -> dict[str, dict]:
    """Writes the page of all results that are stored, and returns them. The page
    in docs is replaced only when no case lacks one."""
    files = {name: results / f"{name}.json" for name in CASES}
    known = {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}
    complete = len(known) == len(CASES)
    path = ROOT / "docs/benchmarks.md" if complete else WORK / "benchmarks.md"
    store = WORK / "store.txt"
    path.write_text(page.write(CASES, known, store.read_text() if store.exists() else ""))
    print(f"wrote {path}" + ("" if complete else ": not every case has been measured here"), file=sys.stderr)
    return known


def main() -> int:
    given = arguments()
    results = WORK / "results"
    results.mkdir(parents=True, exist_ok=True)
    (WORK / "reports").mkdir(exist_ok=True)
    setting = {"commit": machine.commit(), "machine": machine.describe(), "peers": about_peers()}
    names = given.case or list(CASES)
    measured = {name: measure(CASES[name], given.rounds or CASES[name].rounds) for name in names}
    # The comparison comes last: it takes memory, with which the programs would
    # then start.
    for name, (series, others) in measured.items():
        found = judged(CASES[name], series, others, setting)
        (results / f"{name}.json").write_text(json.dumps(found, indent=1))
    known = write(results)
    missed = [line for name in names for line in page.missed(CASES[name], known[name])]
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
