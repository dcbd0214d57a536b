"""Writes docs/benchmarks.md."""

import statistics

from .cases import Case
from .measure import THREADS

INTRODUCTION = f"""# Benchmarks

CohortLens beside the Python stack, on one machine, in the same run. `make bench` measures everything again and
writes this page; no figure in it is typed by hand. The script is `bench/run.sh`; `bench/README.md` says how it works.

All programs may use {THREADS} threads. They run in turn, so that what else the machine does hits all alike; one round
does not count. Times are medians, with the least and the greatest in brackets. Memory is the median peak resident size
of the process. A ratio is CohortLens over its peer: below 1 CohortLens is faster or smaller. A ratio of times is the
greater of two, that of the medians and that of the least times: other processes slow the peers' thread pools down far
more than they slow CohortLens down, and the least times show that less.
"""


STORE = """## The store

Calls of one tenant counted against its plan by two processes of 64 callers each, and the import of 200,000 customers, on an
SQLite file and on a PostgreSQL server on the same machine (`bench/store.sh`). There is no peer: one update of a row for each call
counts 1,200 to 2,300 calls a second on such a machine. Required are 20,000 calls a second and 3 s for an import.
"""


def write(cases: dict[str, Case], results: dict[str, dict], store: str = "") -> str:
    """The page; store is what store.sh printed, if it was run."""
    parts = [INTRODUCTION, settings(results), summary(cases, results)]
    parts += [section(cases[name], results[name]) for name in results]
    if store:
        parts.append(store_section(store))
    return "\n".join(parts).rstrip() + "\n"


def store_section(text: str) -> str:
    lines = text.splitlines()
    figures = [" ".join(line.split()) for line in lines if line.startswith("Benchmark")]
    return "\n".join([STORE, lines[0], "", "```", *figures, "```"])


def settings(results: dict[str, dict]) -> str:
    """Where the figures come from: once, or for each setting that differs."""
    groups: dict[str, list[str]] = {}
    for name, r in results.items():
        peers = r["setting"]["peers"]
        rows = r["setting"]["machine"] | {
            "Peers": ", ".join(f"{k} {v}" for k, v in peers["packages"].items()), "Peers' kernels": "; ".join(peers["pools"]),
        }
        groups.setdefault(table(["", ""], [[k, v] for k, v in rows.items()]), []).append(name)
    if len(groups) == 1:
        return next(iter(groups))
    return "\n".join(f"Of {', '.join(names)}:\n\n{text}" for text, names in groups.items())


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def summary(cases: dict[str, Case], results: dict[str, dict]) -> str:
    rows = []
    for name, r in results.items():
        for what, ratio, required, aim in ratios(cases[name], r):
            rows.append([f"[{name}](#{anchor(cases[name])})", what, f"{ratio:.3f}", f"{required:.3f}", f"{aim:.3f}", verdict(ratio, required, aim)])
        failed = [c["what"] for c in r["checks"] if not c["holds"]]
        rows.append([name, "answers", "", "", "", "agree" if not failed else "**differ: " + ", ".join(failed) + "**"])
    return "## Summary\n\n" + table(["case", "", "ratio", "required", "aim", ""], rows)


def anchor(case: Case) -> str:
    kept = "".join(c for c in case.title.lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")


def ratios(case: Case, r: dict):
    """Yields what is limited, the ratio to the peer, and its two limits."""
    peer, ours = r["series"][0], r["series"][-1]
    yield "time", time_ratio(ours, peer), *case.time
    if case.memory:
        yield "memory", ours["memory"] / peer["memory"], *case.memory


def time_ratio(ours: dict, peer: dict) -> float:
    return max(of(ours["seconds"]) / of(peer["seconds"]) for of in (statistics.median, min))


def verdict(ratio: float, required: float, aim: float) -> str:
    if ratio > required:
        return "**missed**"
    return "aim reached" if ratio <= aim else "as required"


def section(case: Case, r: dict) -> str:
    peer = r["series"][0]
    rows = [series(s, peer) for s in r["series"]]
    checks = [[c["what"], c["peer"], c["ours"], c["rule"], held(c)] for c in r["checks"]]
    return "\n".join([
        f"## {case.title}\n", case.work + "\n",
        table(["", "time", "CPU time of the process", "peak memory", "time ratio", "memory ratio"], rows),
        table(["answer", peer["name"], "CohortLens", "rule", "holds"], checks),
        f"{r['rounds']} round{'s' * (r['rounds'] > 1)} on {r['when']}, at commit {r['setting']['commit']}.{crowd(r['others'])}\n",
    ])


def held(check: dict) -> str:
    if not check["rule"]:
        return ""
    return "yes" if check["holds"] else "**no**"


def crowd(share: float) -> str:
    """Warns when the machine was not left alone."""
    return f" **Other processes used {share:.0%} of the machine meanwhile.**" if share > 0.05 else ""


def series(s: dict, peer: dict) -> list[str]:
    seconds = s["seconds"]
    return [
        s["name"], f"{duration(statistics.median(seconds))} ({duration(min(seconds))} to {duration(max(seconds))})",
        duration(s["cpu"]), f"{s['memory'] / 2**20:.1f} MiB", f"{time_ratio(s, peer):.3f}", f"{s['memory'] / peer['memory']:.3f}",
    ]


def duration(seconds: float) -> str:
    return f"{seconds:.3f} s" if seconds < 10 else f"{seconds:.1f} s"


def missed(case: Case, r: dict) -> list[str]:
    """What the case misses, a line each."""
    lines = [f"{case.name}: the answers differ: {c['what']}" for c in r["checks"] if not c["holds"]]
    return lines + [
        f"{case.name}: {what} ratio {ratio:.3f}, required {required:.3f}"
        for what, ratio, required, _ in ratios(case, r) if ratio > required
    ]
