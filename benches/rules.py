#!/usr/bin/env python3
"""Two published rules in numpy: what a user would otherwise write, whole columns at a time.

    python benches/rules.py FOLDER REPEATS

`cargo bench --bench rules` calls it. FOLDER holds one file of little-endian doubles a column; the results are written
there in the same way, and the milliseconds of every repeat are printed, by the clock and of the processor. Needs numpy
and scipy.

The formulas are those of the publications, the percentiles those of the published table; nothing comes from the
library. People are taken group by group, which is quicker in numpy than a coefficient a person.
"""

import csv
import pathlib
import sys
import time

import numpy as np
import scipy
from scipy.special import ndtr, ndtri

TABLE = pathlib.Path(__file__).parent.parent / "tests/golden/rules/source.nhanes_percentiles.csv"

# SCORE2 (below 70) and SCORE2-OP, moderate risk region: is it the older model, sex, terms in the order of `terms`,
# baseline survival, mean of the linear predictor, scales of the region.
SCORE2 = [
    (False, 0, [0.4648, 0.7744, 0.3131, 0.1002, -0.2606, -0.1088, -0.0277, -0.0226, 0.0613], 0.9776, 0.0, -0.3143, 0.7701),
    (False, 1, [0.3742, 0.6012, 0.2777, 0.1458, -0.2698, -0.0755, -0.0255, -0.0281, 0.0426], 0.9605, 0.0, -0.1565, 0.8009),
    (True, 0, [0.0789, 0.4921, 0.0102, 0.0605, -0.3040, -0.0255, -0.0004, -0.0009, 0.0154], 0.8082, 0.229, -0.10, 1.10),
    (True, 1, [0.0634, 0.3524, 0.0094, 0.0850, -0.3564, -0.0247, -0.0005, 0.0073, 0.0091], 0.7576, 0.0929, 0.01, 1.25),
]


def score2(age, sex, smoker, sbp, total_cholesterol, hdl, diabetes, prior_cvd):
    """Ten-year risk in %, NaN for those it was not made for and where something is missing."""
    risk = np.full(len(age), np.nan)
    is_made_for = (age >= 40) & (age < 90) & (diabetes == 0) & (prior_cvd == 0)
    is_older = age >= 70
    for older, code, terms, survival, mean, scale1, scale2 in SCORE2:
        rows = np.flatnonzero(is_made_for & (is_older == older) & (sex == code))
        if older:
            cage, csbp, chdl = age[rows] - 73, sbp[rows] - 150, hdl[rows] - 1.4
        else:
            cage, csbp, chdl = (age[rows] - 60) / 5, (sbp[rows] - 120) / 20, (hdl[rows] - 1.3) / 0.5
        ctc, smokes = total_cholesterol[rows] - 6, smoker[rows]
        a, s, b, t, h, sa, ba, ta, ha = terms
        lp = a * cage + s * smokes + b * csbp + t * ctc + h * chdl
        lp += cage * (sa * smokes + ba * csbp + ta * ctc + ha * chdl)
        # 1 - S0^exp(lp - mean), then recalibrated; ln(-ln(1 - that)) is ln(-ln S0) + lp - mean.
        risk[rows] = 100 * (1 - np.exp(-np.exp(scale1 + scale2 * (np.log(-np.log(survival)) + lp - mean))))
    return risk


def table():
    """By metric: by group (sex, from age, below age; nothing for all) the tabulated values; and z of the percentiles."""
    with TABLE.open(encoding="utf-8") as file:
        names, *lines = csv.reader(file)
    percents = np.array([float(name[1:]) for name in names[3:]])
    metrics = {}
    for metric, _, group, *values in lines:
        if group == "universal":
            key = None
        else:
            ages, sex = group.split("|")
            low, high = (ages[:-1], np.inf) if ages.endswith("+") else ages.split("-")
            key = ("FM".index(sex), float(low), float(high) + 1)
        metrics.setdefault(metric, {})[key] = np.array([float(value) for value in values])
    return metrics, percents


def percentiles(metrics, percents, age, sex, values):
    """One column a metric: straight lines between value and z, the outermost percentile outside."""
    z = ndtri(percents / 100)
    groups = {key: np.flatnonzero((sex == key[0]) & (age >= key[1]) & (age < key[2])) for key in metrics["bp_systolic"]}
    columns = []
    for metric, value in zip(metrics, values):
        at = np.full(len(age), np.nan)
        for key, tabulated in metrics[metric].items():
            if key is None:
                at = np.interp(value, tabulated, z)
            else:
                rows = groups[key]
                at[rows] = np.interp(value[rows], tabulated, z)
        columns.append(np.clip(100 * ndtr(at), percents[0], percents[-1]))
    return columns


def timed(name, repeats, work):
    times, processor = [], []
    for _ in range(repeats):
        start, start_processor = time.perf_counter(), time.process_time()
        result = work()
        times.append(1e3 * (time.perf_counter() - start))
        processor.append(1e3 * (time.process_time() - start_processor))
    print(name, *(f"{milliseconds:.3f}" for milliseconds in times))
    print(f"processor_{name}", *(f"{milliseconds:.3f}" for milliseconds in processor))
    return result


def main():
    folder, repeats = pathlib.Path(sys.argv[1]), int(sys.argv[2])

    def column(name):
        return np.fromfile(folder / name, dtype="<f8")

    print(f"python {sys.version.split()[0]}, numpy {np.__version__}, scipy {scipy.__version__}")
    people = [column(name) for name in "age sex smoker sbp total_cholesterol hdl diabetes prior_cvd".split()]
    timed("score2", repeats, lambda: score2(*people)).tofile(folder / "score2.out")
    metrics, percents = table()
    age, sex = column("adult_age"), column("sex")
    values = [column(metric) for metric in metrics]
    results = timed("percentiles", repeats, lambda: percentiles(metrics, percents, age, sex, values))
    for metric, result in zip(metrics, results):
        result.tofile(folder / f"{metric}.out")


if __name__ == "__main__":
    main()
