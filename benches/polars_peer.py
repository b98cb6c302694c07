#!/usr/bin/env python3
"""The same scoring in polars: what a user would otherwise write.

One million persons, 24 readings, one in twenty missing: goalposts from 10 to 90 (every third the other way round),
clamped, weighted 1 to 4 under six pillars, renormalised over what is observed if at least half of the weights are,
and the same again for the index. Compare with `cohort/2_threads/1000000/a_goalposts` of `cargo bench`, on the same
machine at the same time.

    python benches/polars_peer.py [ROWS [REPEATS]]

Needs polars and numpy; prints nanoseconds a person, the fastest of the repeats.
"""

import sys
import time

import numpy as np
import polars as pl

COLUMNS, PILLARS = 24, 6


def data(rows):
    random = np.random.default_rng(1)
    columns = {}
    for at in range(COLUMNS):
        values = 100 * random.random(rows)
        columns[f"x{at}"] = pl.Series(values).set(pl.Series(random.random(rows) < 0.05), None)
    return pl.DataFrame(columns)


def mean(scores, weights):
    """The weighted mean of what is observed, if at least half of the weights are."""
    total = sum(weights)
    observed = pl.sum_horizontal([pl.when(s.is_not_null()).then(w / total).otherwise(0.0) for s, w in zip(scores, weights)])
    weighted = pl.sum_horizontal([s * (w / total) for s, w in zip(scores, weights)])
    return pl.when(observed >= 0.5).then(weighted / observed)


def score(frame):
    def goalposts(at):
        x = pl.col(f"x{at}")
        return (((x - 10.0) if at % 3 else (90.0 - x)) * (100.0 / 80.0)).clip(0.0, 100.0)

    each = COLUMNS // PILLARS
    pillars = [
        mean([goalposts(p * each + k) for k in range(each)], [k + 1 for k in range(each)]).alias(f"p{p}") for p in range(PILLARS)
    ]
    names = [pl.col(f"p{p}") for p in range(PILLARS)]
    return frame.select(pillars).select(mean(names, [1] * PILLARS).alias("index"))


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    frame = data(rows)
    fastest = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        scored = score(frame)
        fastest = min(fastest, time.perf_counter() - start)
    print(f"polars {pl.__version__}, {pl.thread_pool_size()} threads, {rows} persons: {fastest / rows * 1e9:.0f} ns a person, mean {scored['index'].mean():.6f}")


if __name__ == "__main__":
    main()
