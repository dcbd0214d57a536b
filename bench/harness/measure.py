"""Runs a program and accounts for its time and memory."""

import json
import os
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

THREADS = 2

# Some machines come with settings that make a current OpenBLAS take the wrong
# kernels, or that trim the peers in other ways.
UNWANTED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_VERBOSE", "GOGC", "GOMEMLIMIT", "GODEBUG", "PYTHONPATH",
            "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Program:
    """A command to measure. It writes its answer, a JSON object, to the file that
    COHORTLENS_BENCH_ANSWER names, or to its standard output."""

    name: str
    command: tuple[str, ...]
    answers_on_stdout: bool = False


@dataclass
class Run:
    """One execution of a program. Memory is the peak resident size in bytes, and
    seconds are the program's own account of the work measured, or else the wall
    time of the process."""

    seconds: float
    wall: float
    cpu: float
    memory: int
    answer: dict
    labels: Path


@dataclass
class Series:
    """All measured executions of a program."""

    program: Program
    runs: list[Run] = field(default_factory=list)

    def seconds(self):
        return [r.seconds for r in self.runs]

    def median(self):
        return statistics.median(self.seconds())

    def memory(self):
        return statistics.median(r.memory for r in self.runs)

    def cpu(self):
        return statistics.median(r.cpu for r in self.runs)

    def answer(self):
        return self.runs[-1].answer


def environment(answer: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOMAXPROCS")
    return kept | dict.fromkeys(threads, str(THREADS)) | {"MPLBACKEND": "Agg", "COHORTLENS_BENCH_ANSWER": str(answer)}


def run(program: Program, folder: Path) -> Run:
    """Runs the program once and waits for it."""
    answer, output = folder / f"{program.name}.json", folder / f"{program.name}.out"
    answer.unlink(missing_ok=True)
    with open(answer if program.answers_on_stdout else output, "wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(program.command, stdout=out, stderr=subprocess.PIPE, env=environment(answer))
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not answer.exists():
        shown = output.read_text() if output.exists() else ""
        raise SystemExit(f"bench: {' '.join(program.command)} failed ({process.returncode}):\n{shown}{complaint.decode()}")
    found = json.loads(answer.read_text())
    return Run(
        seconds=found.get("seconds", wall), wall=wall, cpu=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss * 1024, answer=found, labels=answer.with_suffix(".labels"),
    )


def busy() -> float:
    """Seconds of CPU time that all processes of the machine have used since it
    started; not a number where that is not known."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return float("nan")
    user, nice, system, _, _, irq, softirq, *_ = map(int, stat.read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class Others:
    """How much of the machine other processes use, as a share of its cores."""

    def __init__(self):
        self.start, self.busy, self.ours = time.perf_counter(), busy(), self.used()

    @staticmethod
    def used() -> float:
        t = os.times()
        return t.user + t.system + t.children_user + t.children_system

    def share(self) -> float:
        elapsed = (time.perf_counter() - self.start) * os.cpu_count()
        return max(0.0, (busy() - self.busy) - (self.used() - self.ours)) / elapsed


def interleaved(programs: list[Program], rounds: int, folder: Path, told) -> list[Series]:
    """Runs all programs in turn, several times over, after one round that does not
    count."""
    folder.mkdir(parents=True, exist_ok=True)
    series = [Series(p) for p in programs]
    for round in range(-1, rounds):
        for s in series:
            one = run(s.program, folder)
            told(s.program.name, round, one)
            if round >= 0:
                s.runs.append(one)
    return series
