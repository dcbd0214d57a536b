"""What all peers share: the stopwatch and the answer."""

import json
import os
import time
from contextlib import contextmanager


class Stopwatch:
    seconds = 0.0


@contextmanager
def stopwatch():
    watch = Stopwatch()
    start = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - start


def tell(answer: dict, labels=None):
    """Writes the answer where the harness looks for it."""
    path = os.environ["COHORTLENS_BENCH_ANSWER"]
    with open(path, "w") as out:
        json.dump(answer, out)
    if labels is not None:
        labels.astype("<i4").tofile(os.path.splitext(path)[0] + ".labels")
