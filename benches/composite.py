#!/usr/bin/env python3
"""A composite index of 24 indicators in numpy: what a user would otherwise write, and the fastest we could write.

    python benches/composite.py FOLDER REPEATS

FOLDER holds one file of little-endian doubles an indicator, `q01` to `q24`, NaN where missing; every fourth is better low. Six
pillars of four (weights 1, 2, 3, 4), two of three, one index (equal weights): the worst and best of each column are learned,
min-max on 0 to 100, weighted means over what is there. Every score is written to FOLDER in the same way, `index.out`,
`felt.out`, `measured.out` and `p1.out` to `p6.out`. One line of JSON has the medians over the repeats, by the clock and of the
processor, of two ways: `plain`, whole matrices and numpy's functions for missing values, and `tuned`, column by column in place.
Reading is not timed. One thread, that of a BLAS too. Needs numpy.

    python benches/composite.py FOLDER REPEATS PERSONS

draws the readings first, one in twenty missing.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import json
import pathlib
import statistics
import sys
import time

import numpy as np

COLUMNS, PILLARS, EACH = 24, 6, 4
WEIGHTS = np.array([1.0, 2.0, 3.0, 4.0])
LOW_IS_BETTER = np.arange(COLUMNS) % 4 == 3
NAMES = [f"q{k:02d}" for k in range(1, COLUMNS + 1)]
SCORES = ["index", "felt", "measured", *[f"p{k}" for k in range(1, PILLARS + 1)]]


def plain(x):
    """`x` has one row an indicator."""

    def mean(children, weights):
        weights = np.asarray(weights)[:, None]
        there = ~np.isnan(children)
        with np.errstate(invalid="ignore"):
            return np.where(there, weights * children, 0).sum(0) / (weights * there).sum(0)

    low, high = np.nanmin(x, axis=1), np.nanmax(x, axis=1)
    worst, best = np.where(LOW_IS_BETTER, high, low)[:, None], np.where(LOW_IS_BETTER, low, high)[:, None]
    score = 100 * (x - worst) / (best - worst)
    pillars = [mean(score[EACH * p : EACH * (p + 1)], WEIGHTS) for p in range(PILLARS)]
    felt, measured = mean(np.array(pillars[:3]), np.ones(3)), mean(np.array(pillars[3:]), np.ones(3))
    return [mean(np.array([felt, measured]), np.ones(2)), felt, measured, *pillars]


def tuned(x):
    """The same: `fmax` with 0 turns a missing score into nothing to add, and no score is below 0."""
    rows = x.shape[1]
    one, other = np.empty(rows), np.empty(rows)

    def mean(children):
        total, there = np.zeros(rows), np.zeros(rows)
        for child in children:
            np.fmax(child, 0, out=one)
            total += one
            there += np.isfinite(child)
        with np.errstate(invalid="ignore"):
            total /= there
        return total

    pillars = []
    for p in range(PILLARS):
        total, there = np.zeros(rows), np.zeros(rows)
        for k in range(EACH):
            column = x[EACH * p + k]
            worst, best = np.fmin.reduce(column), np.fmax.reduce(column)
            if LOW_IS_BETTER[EACH * p + k]:
                worst, best = best, worst
            np.subtract(column, worst, out=one)
            one *= WEIGHTS[k] * 100 / (best - worst)
            np.fmax(one, 0, out=one)
            total += one
            np.multiply(np.isfinite(column), WEIGHTS[k], out=other)
            there += other
        with np.errstate(invalid="ignore"):
            total /= there
        pillars.append(total)
    felt, measured = mean(pillars[:3]), mean(pillars[3:])
    return [mean([felt, measured]), felt, measured, *pillars]


def draw(folder, persons):
    rng = np.random.default_rng(24)
    for name in NAMES:
        readings = rng.normal(50, 10, persons)
        readings[rng.random(persons) < 0.05] = np.nan
        readings.astype("<f8").tofile(folder / name)


def timed(repeats, work):
    clock, processor = [], []
    for _ in range(repeats):
        start, start_processor = time.perf_counter_ns(), time.process_time()
        result = work()
        clock.append(time.perf_counter_ns() - start)
        processor.append(time.process_time() - start_processor)
    return result, {"median_ns": statistics.median(clock), "median_cpu_s": statistics.median(processor)}


def main():
    folder, repeats = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        folder.mkdir(parents=True, exist_ok=True)
        draw(folder, int(sys.argv[3]))
    x = np.array([np.fromfile(folder / name, dtype="<f8") for name in NAMES])
    careful, of_plain = timed(repeats, lambda: plain(x))
    result, of_tuned = timed(repeats, lambda: tuned(x))
    for one, other in zip(careful, result):
        assert np.allclose(one, other, rtol=0, atol=1e-10, equal_nan=True)
    for name, score in zip(SCORES, careful):
        score.astype("<f8").tofile(folder / f"{name}.out")
    found = {"persons": x.shape[1], "indicators": COLUMNS, "repeats": repeats, "plain": of_plain, "tuned": of_tuned,
             "mean": float(np.nanmean(careful[0])), "python": sys.version.split()[0], "numpy": np.__version__}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
