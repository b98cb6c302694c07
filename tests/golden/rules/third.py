"""Percentiles from published tables: straight lines between the tabulated values and the z of their percentiles."""

import csv

import mpmath
import numpy as np
from scipy.stats import norm

from golden import HERE, Table, near, outcome


def z_of(percent):
    return mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(percent) / 100 - 1)


def percentile(x, percents, values, ln=False):
    """`values` as fifty digits. Outside the table: its outermost percentile, and censored."""
    if x < values[0]:
        return float(percents[0]), ["censored"]
    if x > values[-1]:
        return float(percents[-1]), ["censored"]
    scale = mpmath.log if ln else mpmath.mpf
    for low, high, p, q in zip(values, values[1:], percents, percents[1:]):
        if low < high and low <= x <= high:
            share = (scale(x) - scale(low)) / (scale(high) - scale(low))
            exact = 100 * mpmath.ncdf(z_of(p) + share * (z_of(q) - z_of(p)))
            double_scale = np.log if ln else float
            lo, hi, at = (double_scale(float(v)) for v in (low, high, x))
            z = norm.ppf(p / 100) + (at - lo) / (hi - lo) * (norm.ppf(q / 100) - norm.ppf(p / 100))
            assert abs(100 * norm.cdf(z) - exact) < 1e-8
            return float(exact), []
    raise AssertionError("a table without a place for the value")


def norm_rule(name, rows, percents, ln=False, youngest=20, oldest=np.inf):
    """`rows`: (sex or None, from age, below age, values)."""

    def rule(p):
        p.need(name, "age", "sex")
        p.age_within(youngest, oldest)
        for sex, low, high, values in rows:
            if (sex is None or p["sex"] == sex) and low <= p["age"] < high:
                return outcome(*percentile_outcome(p[name], values))
        raise AssertionError("no row")

    def percentile_outcome(x, values):
        value, flags = percentile(x, percents, values, ln)
        return value, "", flags

    return rule


def make_norm(file, name, rows, percents, decimals, ln=False, youngest=20, oldest=np.inf, inside=3, tabulated=2, exact_edges=True):
    rule = norm_rule(name, rows, percents, ln, youngest, oldest)
    t = Table(file, rule, [name, "age", "sex"])

    def someone(low, high, sex):
        return {"age": int(t.rng.integers(low, min(high, low + 10))), "sex": int(t.rng.integers(0, 2)) if sex is None else sex}

    for at, (sex, low, high, values) in enumerate(rows):
        doubles = [float(v) for v in values]
        who = someone(low, high, sex)
        for _ in range(inside):
            x = round(float(t.rng.uniform(doubles[0], doubles[-1]) if t.rng.random() < 0.4 else np.interp(
                t.rng.uniform(0, 1), np.linspace(0, 1, len(doubles)), doubles)), decimals)
            # A value that the table gives to two percentiles has no straight line through it.
            if doubles[0] < x < doubles[-1] and doubles.count(x) < 2:
                t.add({name: x, **who})
        for k in t.rng.choice(len(doubles), tabulated, replace=False):
            if doubles.count(doubles[k]) < 2 and (exact_edges or 0 < k < len(doubles) - 1):
                assert abs(t.add({name: doubles[k], **who})["value"] - percents[k]) < 1e-9
        if at in (0, len(rows) - 1) or len(rows) > 13 and at % 4 == 0:
            for edge in (doubles[0], doubles[-1]):
                around = near(edge) if exact_edges else [edge * (1 - 1e-9), edge * (1 + 1e-9)]
                t.change({name: 0, **who}, **{name: around})
            t.change({name: 0, **who}, **{name: [0.5 * doubles[0], 2 * doubles[-1]]})
    middle = float(rows[len(rows) // 2][3][len(percents) // 2]) * 1.013
    ages = sorted({age for _, low, high, _ in rows for age in (low, high) if np.isfinite(age)})
    if len(rows) > 1:
        for sex in (0, 1):
            t.change({name: middle, "age": 40, "sex": sex}, age=near(*ages) + [youngest - 5, youngest + 3])
        base = {name: middle, "age": 45, "sex": 1}
        t.without(base)
        t.add({name: middle, "age": 90, "sex": 0})
        t.add({name: None, "age": None, "sex": 1})
        t.add({name: middle, "age": youngest - 5, "sex": None})
    else:
        for x in np.round(t.rng.uniform(float(rows[0][3][0]), float(rows[0][3][-1]), 40), 1):
            t.add({name: x, **someone(20, 80, None)})
        t.add({name: None, "age": 50, "sex": 0})
    t.write()


# ---- VO2max, treadmill: FRIEND registry, Kaminsky 2015, Mayo Clin Proc 90:1515 -------------------------------------

FRIEND = """
M 20 29.0 32.1 40.1 48.0 55.2 61.8 66.3
M 30 27.2 30.2 35.9 42.4 49.2 56.5 59.8
M 40 24.2 26.8 31.9 37.8 45.0 52.1 55.6
M 50 20.9 22.8 27.1 32.6 39.7 45.6 50.7
M 60 17.4 19.8 23.7 28.2 34.5 40.3 43.0
M 70 16.3 17.1 20.4 24.4 30.4 36.6 39.7
F 20 21.7 23.9 30.5 37.6 44.7 51.3 56.0
F 30 19.0 20.9 25.3 30.2 36.1 41.4 45.8
F 40 17.0 18.8 22.1 26.7 32.4 38.4 41.7
F 50 16.0 17.3 19.9 23.4 27.6 32.0 35.9
F 60 13.4 14.6 17.2 20.0 23.8 27.0 29.4
F 70 13.1 13.6 15.6 18.3 20.8 23.1 24.1
"""


def make_vo2max():
    rows = []
    for line in FRIEND.strip().splitlines():
        sex, age, *values = line.split()
        rows.append(("FM".index(sex), int(age), int(age) + 10, [mpmath.mpf(float(v)) for v in values]))
    make_norm("vo2max.friend", "vo2max", rows, [5, 10, 25, 50, 75, 90, 95], 1, oldest=80, inside=6, tabulated=4)


# ---- RMSSD of a ten-second ECG: Lifelines, Tegegne 2020 (read in a transcription) ----------------------------------

# from age: median, 2nd and 98th percentile of women, then of men
LIFELINES = """
13 66.5 17.4 232.2 67.4 12.8 213.0
15 60.7 12.4 225.9 59.9 9.8 213.2
20 52.1 11.3 205.5 47.6 9.6 174.0
25 47.5 11.5 180.7 42.3 10.1 172.7
30 42.3 11.5 161.0 36.9 10.2 140.8
35 37.9 10.8 141.9 32.8 8.6 123.8
40 33.9 9.7 123.7 29.0 8.1 105.5
45 29.2 8.3 109.5 26.0 7.1 95.5
50 26.6 7.5 96.3 23.7 6.7 87.5
55 22.5 6.7 83.6 21.0 5.5 89.5
60 20.5 5.5 79.3 19.1 4.8 86.6
65 17.8 5.0 83.0 17.7 4.9 110.5
70 18.3 5.0 115.8 16.0 4.7 161.9
75 16.1 3.5 106.2 14.9 3.7 130.3
"""


def make_rmssd():
    lines = [line.split() for line in LIFELINES.strip().splitlines()]
    rows = []
    for at, (age, *values) in enumerate(lines):
        until = int(lines[at + 1][0]) if at + 1 < len(lines) else np.inf
        for sex in (0, 1):
            median, second, last = (mpmath.mpf(float(v)) for v in values[3 * sex : 3 * sex + 3])
            rows.append((sex, int(age), until, [second, median, last]))
    make_norm("rmssd.lifelines", "rmssd", rows, [2, 50, 98], 1, ln=True, youngest=13, inside=3, tabulated=1)


# ---- NHANES 2017 to March 2020, survey-weighted --------------------------------------------------------------------


def make_nhanes_percentiles():
    tables = {}
    with open(HERE / "source.nhanes_percentiles.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            percents = [int(key[1:]) for key in row if key.startswith("p")]
            # Published in inches: the norm is of centimetres.
            inches = row["metric"] == "waist"
            values = [mpmath.mpf(row[f"p{p}"]) * mpmath.mpf("2.54") if inches else mpmath.mpf(float(row[f"p{p}"])) for p in percents]
            if row["age_sex"] == "universal":
                sex, low, high = None, 20, np.inf
            else:
                ages, letter = row["age_sex"].split("|")
                sex, low = "FM".index(letter), int(ages[:2])
                high = np.inf if ages == "70+" else low + 10
            tables.setdefault(row["metric"], []).append((sex, low, high, values))
    assert len(tables) == 19
    for metric, rows in tables.items():
        make_norm(f"nhanes_percentiles.{metric}", "value", rows, percents, 2, exact_edges=metric != "waist")


def make():
    make_vo2max()
    make_rmssd()
    make_nhanes_percentiles()
