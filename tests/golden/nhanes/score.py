#!/usr/bin/env python3
"""Scores people by a definition, from the published formulas alone, with numpy and scipy.

Written from the documents and the published tables, to be compared with the library; it calls nothing of it. Where
there is a choice of route, this script takes another one than the library:

- variances of bands: the probability of every band by scipy.stats.norm, then sum p (u - mean)^2;
- variances of straight lines: Gauss-Legendre quadrature, piece by piece;
- the worse of two banded readings: the probability of every pair of bands;
- the largest error of a missing reading: the grid that the library documents, held against the true supremum
  found by scipy.optimize (at least that, at most 2 % more).

    python score.py            writes the expected files of every set
    python score.py --check    scores again and compares with what is written, at 1e-9
"""

import ast
import csv
import io
import itertools
import json
import math
import platform
import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import scipy
from scipy import optimize, stats

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
NAN = float("nan")
HAIR = 1e-9

# name of the set, definition, data, folder of the expected values, prefix of their names
SETS = [
    ("nhanes", "data/definitions/nhanes.toml", "data/nhanes/adults.csv", "tests/golden/nhanes", ""),
    ("second", "tests/fixtures/second/definition.toml", "tests/fixtures/second/people.csv", "tests/golden/second", ""),
    ("standard_z", "tests/fixtures/second/standard_z.toml", "tests/fixtures/second/people.csv", "tests/golden/second", "z_"),
    ("standard_t", "tests/fixtures/second/standard_t.toml", "tests/fixtures/second/people.csv", "tests/golden/second", "t_"),
]


# ---- the file ---------------------------------------------------------------------------------------------------


def read_table(path, file_format, texts):
    """Columns by name: float arrays with NaN, or lists of str or None."""
    text = Path(path).read_bytes().decode("utf-8-sig")
    header = text.splitlines()[0]
    delimiter = file_format.get("delimiter") or max(",;\t", key=header.count)
    delimiter = "\t" if delimiter == "tab" else delimiter
    decimal = file_format.get("decimal") or ("," if delimiter == ";" else ".")
    missing = {""} | set(file_format.get("missing", []))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    columns = {}
    for at, name in enumerate(cell.strip() for cell in rows[0]):
        cells = [row[at].strip() for row in rows[1:]]
        cells = [None if cell in missing else cell for cell in cells]
        numbers = None if name in texts else as_numbers(cells, decimal)
        columns[name] = cells if numbers is None else numbers
    return columns, len(rows) - 1


def as_numbers(cells, decimal):
    numbers = []
    for cell in cells:
        try:
            numbers.append(NAN if cell is None else float(cell.replace(decimal, ".")))
        except ValueError:
            return None
    return np.array(numbers)


class Cohort:
    """The file in the words of the definition."""

    def __init__(self, definition, path):
        self.definition = definition
        person = definition["person"]
        self.format = definition.get("data", {})
        self.texts = [person[key] for key in ("id", "unit", "wave") if key in person]
        self.table, self.rows = read_table(path, self.format, self.texts)
        self.flags = [set() for _ in range(self.rows)]
        self.ids = self.table[person["id"]]
        self.waves = self.table[person["wave"]] if "wave" in person else None
        self.derived = {}
        self.items = {name: self.read_items(of) for name, of in self.definition.get("instrument", {}).items()}
        self.measures = {name: self.read_measure(name, of) for name, of in definition.get("measure", {}).items()}

    def column(self, name):
        derived = self.definition.get("derived", {})
        if name in derived:
            if name not in self.derived:
                self.derived[name] = self.evaluate(derived[name]["from"])
            return self.derived[name]
        column = self.table[name]
        below = self.format.get("zero_below", 0)
        if isinstance(column, np.ndarray):
            column = np.where(np.abs(column) < below, 0.0, column)
        return column

    def evaluate(self, text):
        """Numbers, columns (also in backquotes), + - * / ^ and a few functions of several numbers."""
        names = {}

        def stand_in(match):
            names[f"quoted_{len(names)}"] = match.group(1)
            return f"quoted_{len(names) - 1}"

        tree = ast.parse(re.sub("`([^`]+)`", stand_in, text).replace("^", "**"), mode="eval").body

        def finite(values):
            return np.where(np.isfinite(values), values, NAN)

        def value(node):
            match node:
                case ast.Constant():
                    return np.full(self.rows, float(node.value))
                case ast.Name():
                    return self.column(names.get(node.id, node.id))
                case ast.UnaryOp(op=ast.USub()):
                    return -value(node.operand)
                case ast.BinOp():
                    a, b = value(node.left), value(node.right)
                    of = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power}
                    with np.errstate(all="ignore"):
                        return finite(of[type(node.op)](a, b))
                case ast.Call():
                    arguments = np.array([value(argument) for argument in node.args])
                    if node.func.id == "mean_observed":
                        seen = ~np.isnan(arguments)
                        with np.errstate(all="ignore"):
                            return finite(np.where(seen, arguments, 0).sum(axis=0) / seen.sum(axis=0))
                    return {"min": np.min, "max": np.max, "mean": np.mean, "sum": np.sum}[node.func.id](arguments, axis=0)
            raise ValueError(text)

        return value(tree)

    def decode(self, column, answers):
        """A column as numbers: by the answers, which match texts, or numbers that read the same."""
        if not answers:
            assert isinstance(column, np.ndarray), "text where a number is expected"
            return column.astype(float)
        if isinstance(column, np.ndarray):
            codes = {float(text): code for text, code in answers.items()}
            return np.array([NAN if math.isnan(x) else float(codes[x]) for x in column])
        return np.array([NAN if cell is None else float(answers[cell]) for cell in column])

    def clean(self, values, sentinels, limits, drop):
        values = values.copy()
        for row, x in enumerate(values):
            if math.isnan(x):
                continue
            if x in sentinels:
                self.flags[row].add("sentinel")
            elif limits and not limits[0] <= x <= limits[1]:
                assert drop, "a reading outside its limits"
                self.flags[row].add("out_of_limits")
            else:
                continue
            values[row] = NAN
        return values

    def read_items(self, of):
        key = instrument_key(of)
        columns = of.get("columns", key["items"])
        answers = of.get("answers", {})
        return [self.clean(self.decode(self.column(name), answers), of.get("sentinels", []), None, False) for name in columns]

    def read_measure(self, name, of):
        answers = of.get("answers", {})
        if "from" in of:
            columns = [self.evaluate(of["from"])]
        else:
            columns = [self.column(column) for column in of.get("columns", [of.get("column", name)])]
        arguments = (of.get("sentinels", []), of.get("limits"), of.get("outside") == "missing")
        readings = np.array([self.clean(self.decode(column, answers), *arguments) for column in columns])
        count = (~np.isnan(readings)).sum(axis=0)
        with np.errstate(all="ignore"):
            mean = np.where(count > 0, np.where(np.isnan(readings), 0, readings).sum(axis=0) / count, NAN)
        return {"value": mean, "count": count, "readings": readings, "full": len(columns)}


# ---- scales -----------------------------------------------------------------------------------------------------


def instrument_key(of):
    """Items, response and scales: of the catalogue, or as declared in place."""
    if "use" in of:
        return tomllib.loads((ROOT / "data/instruments" / f"{of['use']}.toml").read_text(encoding="utf-8"))
    codes = list(of.get("answers", {}).values())
    response = of.get("response") or [min(codes), max(codes)]
    scales = of.get("scale") or {"total": {"direction": of.get("direction", "higher_better")}}
    return {"items": of["items"], "response": response, "scale": scales}


class Scale:
    """Reversed items are lowest + highest - answer; the sum or mean of what is answered, by the missing rule."""

    def __init__(self, cohort, name):
        instrument, _, scale = name.partition(".")
        of = cohort.definition["instrument"][instrument]
        key = instrument_key(of)
        self.key = key["scale"][scale or "total"]
        items = self.key.get("items", key["items"])
        low, high = key["response"]
        answers = np.array([cohort.items[instrument][key["items"].index(item)] for item in items])
        signed = np.array([low + high - a if item in self.key.get("reverse", []) else a for item, a in zip(items, answers)])
        self.full = k = len(items)
        self.count = (~np.isnan(signed)).sum(axis=0)
        rule = self.key.get("missing", "complete")
        is_mean = self.key.get("aggregate", "sum") == "mean"
        needed = k if rule == "complete" else rule["at_least" if is_mean else "prorate"]
        self.multiply = self.key.get("multiply", 1)
        with np.errstate(all="ignore"):
            mean = np.where(np.isnan(signed), 0, signed).sum(axis=0) / self.count
        self.value = np.where(self.count >= needed, mean * self.multiply * (1 if is_mean else k), NAN)
        ends = [self.multiply * (1 if is_mean else k) * end for end in (low, high)]
        self.higher = self.key.get("direction", "higher_better") == "higher_better"
        self.worst_best = ends if self.higher else ends[::-1]
        complete = signed[:, self.count == k]
        self.alpha = None
        if k > 1 and complete.shape[1] > 1:
            of_sum = complete.sum(axis=0).var(ddof=1)
            self.alpha = k / (k - 1) * (1 - complete.var(axis=1, ddof=1).sum() / of_sum)


# ---- errors of measurement --------------------------------------------------------------------------------------


class Noise:
    """The error of a reading of up to `full` answers or repeated readings, and the prior of the true value."""

    def __init__(self, error, full, is_scale, learned):
        self.full, self.linear, self.proportional = full, error.get("propagate") == "linear", "cv" in error
        if "reliability" in error:
            share = learned["alpha"] if error["reliability"] == "calibrated" else error["reliability"]
            # That of one reading, where the values of the reference are means of `full` (Spearman 1910, Brown 1910).
            n = 1 if is_scale else full
            size = learned["sd"] * math.sqrt(n * (1 - n * share / (1 + (n - 1) * share)))
        elif self.proportional:
            size = error["cv"]
        else:
            size = learned["within_sd"] if error["sd"] == "calibrated" else error["sd"]
        # A scale's is declared for all its items, a measure's for one reading; the mean of n has 1/n of the variance.
        self.of_one = size * math.sqrt(full) if is_scale else size
        self.prior = None
        if learned.get("error_sd") is not None:
            self.prior = learned["mean"], max(learned["sd"] ** 2 - learned["error_sd"] ** 2, 0)

    def sd(self, x, count):
        with np.errstate(all="ignore"):
            size = self.of_one / np.sqrt(np.maximum(count, 1))
        # Not quite 0 at a reading of 0, so that it can be divided by.
        return np.maximum(size * np.abs(x), 1e-12) if self.proportional else size + 0 * x

    def posterior(self, x, count):
        mean, true_variance = self.prior
        s2 = self.sd(x, count) ** 2
        share = true_variance / (true_variance + s2)
        return mean + share * (x - mean), np.sqrt(share * s2)


# ---- utilities --------------------------------------------------------------------------------------------------


def band_of(at, x):
    """The band a reading falls in; a threshold belongs to the band above it."""
    return np.searchsorted(at, x, side="right")


def band_chances(at, x, s):
    """P(X in band k), X ~ N(x, s^2), each from the tail it lies in."""
    edges = np.concatenate([[-np.inf], at, [np.inf]])
    z = (edges[:, None] - x) / s
    low, high = z[:-1], z[1:]
    below = stats.norm.cdf(high) - stats.norm.cdf(low)
    above = stats.norm.sf(low) - stats.norm.sf(high)
    return np.where(low > 0, above, below)


def moments_of(chances, scores):
    mean = (chances * scores).sum(axis=0)
    return mean, (chances * (scores - mean) ** 2).sum(axis=0)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


def line_moments(knots, scores, x, s):
    """E u and Var u over pieces no wider than a standard deviation, each between two knots."""
    cuts = np.concatenate([np.arange(-10.0, 11.0)[:, None] + 0 * x, np.clip((knots[:, None] - x) / s, -10, 10)])
    cuts.sort(axis=0)
    half = (cuts[1:] - cuts[:-1]) / 2
    centre = (cuts[1:] + cuts[:-1]) / 2
    c = np.interp(x, knots, scores)
    first, second = 0 * x, 0 * x
    for node, weight in zip(NODES, WEIGHTS):
        z = centre + half * node
        w = weight * half * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        u = np.interp(x + s * z, knots, scores) - c
        first = first + (w * u).sum(axis=0)
        second = second + (w * u * u).sum(axis=0)
    return c + first, second - first**2


class Line:
    def __init__(self, points):
        self.points = sorted(map(tuple, points))
        self.x, self.u = (np.array(column, dtype=float) for column in zip(*self.points))
        self.knots = [self.x]
        self.slope = np.abs(np.diff(self.u) / np.diff(self.x)).max()

    def value(self, x):
        return np.where(np.isnan(x[0]), NAN, np.interp(x[0], self.x, self.u))

    def moments(self, x, s):
        return line_moments(self.x, self.u, x[0], s[0])


class Standard:
    """z = +-(x - mean) / sd, T = 50 + 10 z: straight and without ends."""

    def __init__(self, mean, sd, unit, level):
        self.mean, self.signed, self.level, self.slope = mean, unit / sd, level, abs(unit / sd)
        self.knots = [np.array([mean])]

    def value(self, x):
        return (x[0] - self.mean) * self.signed + self.level

    def moments(self, x, s):
        return self.value(x), (self.slope * s[0]) ** 2


class Bands:
    slope = None

    def __init__(self, at, score, case=None):
        self.at, self.score = np.array(at, dtype=float), np.array(score, dtype=float)
        self.case_of = np.array(case or [""] * len(score))
        # For the error, a band without a score counts as the scored one beside it, the lower one first.
        scored = [k for k, u in enumerate(self.score) if not math.isnan(u)]
        self.smooth_at = self.at[[k - 1 for k in scored[1:]]]
        self.smooth_score = self.score[scored]
        self.knots = [self.smooth_at]

    def value(self, x):
        return np.where(np.isnan(x[0]), NAN, self.score[band_of(self.at, x[0])])

    def case(self, x):
        return np.where(np.isnan(x[0]), "", self.case_of[band_of(self.at, x[0])])

    def moments(self, x, s):
        return moments_of(band_chances(self.smooth_at, x[0], s[0]), self.smooth_score[:, None])


class Worst:
    """All readings are banded, the lowest score counts."""

    slope = None

    def __init__(self, parts):
        self.parts = parts
        self.knots = [part.smooth_at for part in parts]

    def value(self, x):
        return np.min([part.value([of]) for part, of in zip(self.parts, x)], axis=0)

    def case(self, x):
        cases = [part.case([of]) for part, of in zip(self.parts, x)]
        return np.where(cases[0] == "", cases[1], cases[0])

    def moments(self, x, s):
        a, b = self.parts
        p = band_chances(a.smooth_at, x[0], s[0])
        q = band_chances(b.smooth_at, x[1], s[1])
        pairs = list(itertools.product(range(len(p)), range(len(q))))
        chances = np.array([p[i] * q[j] for i, j in pairs])
        scores = np.array([min(a.smooth_score[i], b.smooth_score[j]) for i, j in pairs])
        return moments_of(chances, scores[:, None])


class By:
    """The second reading says which bands the first falls in."""

    slope = None

    def __init__(self, strata):
        self.strata = strata
        self.knots = [np.sort(np.concatenate([bands.smooth_at for bands in strata.values()]))]

    def pick(self, x, of, otherwise):
        found = otherwise
        for when, bands in self.strata.items():
            found = np.where(x[1] == when, of(bands), found)
        return found

    def value(self, x):
        return self.pick(x, lambda bands: bands.value(x), NAN)

    def case(self, x):
        return self.pick(x, lambda bands: bands.case(x), "")

    def moments(self, x, s):
        both = {when: bands.moments(x, s) for when, bands in self.strata.items()}
        return tuple(
            np.select([x[1] == when for when in both], [found[k] for found in both.values()], NAN) for k in (0, 1)
        )


def settled(steps, rows, cases):
    """Steps with every open case replaced by what the definition says: missing, or the rows of another stratum."""
    edges = lambda at: list(zip([-math.inf, *at], [*at, math.inf]))
    bands = []
    for (low, high), score in zip(edges(steps["at"]), steps["score"]):
        if not isinstance(score, str):
            bands.append((low, float(score), ""))
        elif cases[score] == "missing":
            bands.append((low, NAN, score))
        else:
            other = next(row for row in rows if row.get("when") == cases[score]["stratum"])
            for (start, end), value in zip(edges(other["at"]), other["score"]):
                if start < high and low < end:
                    bands.append((max(start, low), float(value), score))
    bands.sort(key=lambda band: band[0])
    return Bands([low for low, _, _ in bands[1:]], [u for _, u, _ in bands], [case for _, _, case in bands])


# ---- indicators -------------------------------------------------------------------------------------------------


class Indicator:
    def __init__(self, name, of, cohort, calibration):
        self.name = name
        lessons = lambda kind, what: (calibration or {}).get(kind, {}).get(what, {})
        measure = lambda what: cohort.definition["measure"][what]
        noise_of = lambda what: "error" in measure(what) and Noise(
            measure(what)["error"], cohort.measures[what]["full"], False, lessons("measure", what)
        )
        if "rule" in of:
            file, _, rule = of["rule"].partition(".")
            rule = tomllib.loads((ROOT / "data/rules" / f"{file}.toml").read_text(encoding="utf-8"))["rule"][rule]
            rows, inputs, cases = rule["steps"], of["inputs"], of.get("cases", {})
            bands = [settled(row, rows, cases) for row in rows]
            if "by" in rule:
                names = [inputs[rows[0]["input"]], inputs[rule["by"]]]
                self.curve = By({row["when"]: found for row, found in zip(rows, bands)})
                noise = [noise_of(names[0])]
            else:
                names = [inputs[row["input"]] for row in rows]
                self.curve = bands[0] if len(bands) == 1 else Worst(bands)
                noise = [noise_of(name) for name in names]
            sources = [cohort.measures[name] for name in names]
            self.sources = [(source["value"], source["count"], source["full"]) for source in sources]
            self.kinds = ["few_readings"] * len(sources)
        elif "scale" in of:
            scale = Scale(cohort, of["scale"])
            self.sources, self.kinds = [(scale.value, scale.count, scale.full)], ["prorated"]
            learned = lessons("scale", scale_name(of["scale"]))
            self.curve = curve_of(of["utility"], scale.worst_best, scale.higher, learned)
            noise = ["error" in of and Noise(of["error"], scale.full, True, learned)]
        else:
            source = cohort.measures[of["measure"]]
            self.sources, self.kinds = [(source["value"], source["count"], source["full"])], ["few_readings"]
            learned = lessons("measure", of["measure"])
            higher = measure(of["measure"]).get("direction") == "higher_better"
            self.curve = curve_of(of["utility"], None, higher, learned)
            self.limits = measure(of["measure"]).get("limits")
            noise = [noise_of(of["measure"])]
        self.x = [x for x, _, _ in self.sources]
        self.value = self.curve.value(self.x)
        self.noise = noise if all(noise) else None
        prior = lessons("indicator", name)
        self.prior = (prior["mean"], prior["sd"] ** 2) if prior else None
        self.has_posterior = bool(self.noise and self.prior and all(noise.prior for noise in self.noise))

    def flag(self, flags):
        for (x, count, full), flag in zip(self.sources, self.kinds):
            for row in np.flatnonzero((count < full) & ~np.isnan(x)):
                flags[row].add(flag)
        if hasattr(self.curve, "case"):
            for row in np.flatnonzero(self.curve.case(self.x) != ""):
                flags[row].add("rule_case")

    def spread_of(self, x, counts):
        s = [noise.sd(of, count) for noise, of, count in zip(self.noise, x, counts)]
        if self.noise[0].linear and self.curve.slope:
            return (self.curve.slope * s[0]) ** 2
        return self.curve.moments(x, s)[1]

    def posterior_of(self, x, counts):
        both = [noise.posterior(of, count) for noise, of, count in zip(self.noise, x, counts)]
        centre, s = [mean for mean, _ in both] + list(x[len(both) :]), [s for _, s in both]
        if self.noise[0].linear and self.curve.slope:
            return self.curve.value(centre), (self.curve.slope * s[0]) ** 2
        return self.curve.moments(centre, s)

    def boxes(self, counts, widths):
        """The range of each reading in which the error can be largest: around the thresholds."""
        for noise, knots, count in zip(self.noise, self.curve.knots, counts):
            s = float(noise.sd(np.abs(knots).max(), count))
            yield knots.min() - widths * s, knots.max() + widths * s

    def largest(self, variance, counts):
        """The largest variance over the documented grid, a hundredth more."""
        if isinstance(self.curve, Standard) and self.noise[0].proportional:
            # Straight without ends, and an error that grows with the reading: as far as readings can go.
            return float(variance([np.array(self.limits, dtype=float)], counts).max())
        boxes = list(self.boxes(counts, 5))
        strata = list(self.curve.strata) if isinstance(self.curve, By) else [None]
        n = 4000 if len(boxes) == 1 else 160
        axes = [low + (high - low) * np.arange(n + 1) / n for low, high in boxes]
        grid = [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]
        found = max(
            variance(grid + ([] if stratum is None else [np.full(len(grid[0]), float(stratum))]), counts).max()
            for stratum in strata
        )
        bound = 1.01 * float(found)
        self.hold(bound, variance, counts, strata)
        return bound

    def hold(self, bound, variance, counts, strata):
        """The bound is at least the true supremum, and at most 2 % above it."""
        best = 0.0
        wide = list(self.boxes(counts, 12))
        for stratum in strata:
            def negative(point):
                x = [np.array([p]) for p in point] + ([] if stratum is None else [np.array([float(stratum)])])
                return -float(variance(x, counts)[0])

            n = 1501 if len(wide) == 1 else 61
            axes = [np.linspace(low, high, n) for low, high in wide]
            grid = [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]
            at = grid + ([] if stratum is None else [np.full(len(grid[0]), float(stratum))])
            for k in np.argsort(variance(at, counts))[-6:]:
                start = np.array([axis[k] for axis in grid])
                scale = np.array([(high - low) / (n - 1) for low, high in wide])
                simplex = np.vstack([start, start + np.diag(scale)])
                options = {"initial_simplex": simplex, "xatol": 1e-9, "fatol": 1e-9}
                best = max(best, -optimize.minimize(negative, start, method="Nelder-Mead", options=options).fun)
        ratio = bound / best
        assert 1 <= ratio <= 1.02, (self.name, bound, best)
        HELD.append((self.name, ratio))

    def completeness(self):
        """0 missing, 1 fewer readings than declared, 2 complete."""
        of = zip(self.noise, self.sources)
        complete = np.all([count >= noise.full for noise, (_, count, _) in of], axis=0)
        return np.where(np.isnan(self.value), 0, np.where(complete, 2, 1))

    def errors(self):
        """Variance under re-measurement; mean and variance of the true score; and the largest of both variances."""
        n = len(self.value)
        nothing = np.full(n, NAN)
        self.spread, self.mean, self.posterior = nothing, nothing, nothing
        self.largest_spread = self.largest_posterior = NAN
        if not self.noise:
            return
        full, one = [noise.full for noise in self.noise], [1] * len(self.noise)
        done = self.completeness()
        counts = [count for _, count, _ in self.sources]
        complete = done == 2
        safe = [np.where(np.isnan(x), 1.0, x) for x in self.x]
        first = self.noise[0]
        constant = full == [1] and not first.proportional and (first.linear or isinstance(self.curve, Standard))
        if constant:
            self.largest_spread = float(self.spread_of([np.zeros(1)], one)[0])
            bound = self.largest_spread
        else:
            bound = max(self.largest(self.spread_of, counts) for counts in (full, one))
            self.largest_spread = bound
        self.spread = np.where(complete, self.spread_of(safe, full), bound)
        if not self.has_posterior:
            return
        variance = lambda x, counts: self.posterior_of(x, counts)[1]
        bound = max(self.largest(variance, counts) for counts in (full, one))
        mean, prior = self.prior
        self.largest_posterior = max(bound, prior)
        centre, exact = self.posterior_of(safe, counts)
        self.mean = np.where(done == 0, mean, centre)
        self.posterior = np.select([done == 0, done == 1], [self.largest_posterior, bound], exact)

    def refuse_incomplete(self):
        complete = self.completeness() == 2
        self.spread = np.where(complete, self.spread, NAN)
        self.posterior = np.where(complete, self.posterior, NAN)
        self.largest_spread = self.largest_posterior = NAN


HELD = []


def scale_name(name):
    return name if "." in name else f"{name}.total"


def curve_of(utility, worst_best, higher, learned):
    if utility in ("z", "t"):
        unit = (1 if utility == "z" else 10) * (1 if higher else -1)
        return Standard(learned["mean"], learned["sd"], unit, 0 if utility == "z" else 50)
    if utility == "linear":
        utility = {"goalposts": worst_best}
    if "goalposts" in utility:
        worst, best = utility["goalposts"]
        return Line([(worst, 0), (best, 100)])
    if "points" in utility:
        return Line(utility["points"])
    return Bands(utility["steps"]["at"], utility["steps"]["score"])


# ---- the tree ---------------------------------------------------------------------------------------------------


class Node:
    def __init__(self, of, children, flags, below=False):
        declared = of["children"]
        weights = dict.fromkeys(declared, 1.0) if isinstance(declared, list) else declared
        self.w = np.array(list(weights.values()), dtype=float)
        self.w /= self.w.sum()
        self.children = [children[name] for name in weights]
        rule = of.get("missing", "complete")
        self.needed = 1.0 if rule == "complete" else rule["at_least"]
        aggregate = of.get("aggregate", "arithmetic")
        if isinstance(aggregate, str):
            aggregate = {"mean": aggregate}
        self.p = aggregate.get("power", {"arithmetic": 1, "geometric": 0, "harmonic": -1}.get(aggregate.get("mean")))
        self.floor = aggregate.get("floor", 0)
        self.bounded = all(
            child.bounded if isinstance(child, Node) else not isinstance(child.curve, Standard) for child in self.children
        )
        # No variance of anything between 0 and 100 is larger than half the range, squared.
        self.cap = 2500.0 if self.bounded else math.inf
        self.below = below
        self.score(flags)

    def stack(self, name):
        return np.array([getattr(child, name) for child in self.children])

    def score(self, flags):
        w = self.w[:, None]
        x = self.stack("value")
        seen = ~np.isnan(x)
        share = (w * seen).sum(axis=0)
        scored = share >= self.needed - HAIR
        coverage = np.array([child.coverage if isinstance(child, Node) else ~np.isnan(child.value) for child in self.children])
        self.inner_coverage = (w * coverage).sum(axis=0)
        plain = self.p == 1 and self.floor == 0
        with np.errstate(all="ignore"):
            value = (np.where(seen, w * x, 0).sum(axis=0) / share) if plain else self.power_mean(x, seen)
        self.value = np.where(scored, value, NAN)
        self.coverage = np.where(scored, self.inner_coverage, 0)
        spread, mean, posterior = self.stack("spread"), self.stack("mean"), self.stack("posterior")
        largest = np.array([child.largest_spread for child in self.children])
        largest_posterior = np.array([child.largest_posterior for child in self.children])
        if self.below:
            largest, largest_posterior = np.full(len(largest), NAN), np.full(len(largest), NAN)
        if plain:
            with np.errstate(all="ignore"):
                total = (w**2 * np.where(seen, spread, largest[:, None])).sum(axis=0) / share**2
            self.spread = np.where(scored, np.minimum(total, self.cap), NAN)
            self.mean = (w * mean).sum(axis=0)
            self.posterior = np.minimum((w**2 * posterior).sum(axis=0), self.cap)
            self.largest_spread = min((self.w**2 * largest).sum() / (self.needed - HAIR) ** 2, self.cap)
            self.largest_posterior = min((self.w**2 * largest_posterior).sum(), self.cap)
            return
        zero = (seen & (np.maximum(x, self.floor) <= 0)).any(axis=0)
        floored = (seen & (x < self.floor)).any(axis=0)
        for row in np.flatnonzero(scored & floored):
            flags[row].add("floored")
        if self.p < 1:
            for row in np.flatnonzero(scored & zero):
                flags[row].add("zero")
        smooth = (share >= 1 - HAIR) & ~zero & scored
        self.spread = np.where(smooth, self.linearised(x, spread), NAN)
        with np.errstate(all="ignore"):
            self.mean = np.where(smooth, self.power_mean(mean, ~np.isnan(mean)), NAN)
            self.posterior = np.where(smooth, self.linearised(mean, posterior), NAN)
        # Without one of its children such a mean has no variance, and so it has none without all of them.
        self.largest_spread = NAN
        self.largest_posterior = NAN

    def power_mean(self, x, seen):
        x = np.maximum(x, self.floor)
        w = self.w[:, None] * seen
        w = w / w.sum(axis=0)
        if self.p == 0:
            return np.prod(np.where(seen, x, 1.0) ** w, axis=0)
        if self.p == -1:
            return 1 / np.where(seen, w / x, 0).sum(axis=0)
        return np.where(seen, w * x**self.p, 0).sum(axis=0) ** (1 / self.p)

    def slopes(self, x):
        """dM/dx_j = w_j (x_j / M)^(p - 1)."""
        x = np.maximum(x, self.floor)
        with np.errstate(all="ignore"):
            return self.w[:, None] * (self.power_mean(x, x == x) / x) ** (1 - self.p)

    def linearised(self, x, variance):
        with np.errstate(all="ignore"):
            return np.minimum((self.slopes(x) ** 2 * variance).sum(axis=0), self.cap)


# ---- calibration and scores -------------------------------------------------------------------------------------


def summary(values):
    values = values[~np.isnan(values)]
    return {"n": len(values), "mean": float(values.mean()), "sd": float(values.std(ddof=1))}


def root_mean_square(values):
    return float(np.sqrt(np.nanmean(np.where(np.isnan(values), NAN, values) ** 2)))


def learn(cohort):
    """Means, sds, alpha, the sd within persons and the mean error, of what indicators read."""
    definition = cohort.definition
    learned = {"scale": {}, "measure": {}, "indicator": {}}
    read = set()
    for of in definition["indicator"].values():
        if "rule" in of:
            file, _, name = of["rule"].partition(".")
            rule = tomllib.loads((ROOT / "data/rules" / f"{file}.toml").read_text(encoding="utf-8"))["rule"][name]
            read |= {measure for input, measure in of["inputs"].items() if input != rule.get("by")}
        elif "measure" in of:
            read.add(of["measure"])
        elif scale_name(of["scale"]) not in learned["scale"]:
            scale = Scale(cohort, of["scale"])
            found = summary(scale.value)
            if scale.alpha is not None:
                found["alpha"] = float(scale.alpha)
            if "error" in of:
                noise = Noise(of["error"], scale.full, True, found)
                found["error_sd"] = root_mean_square(np.where(np.isnan(scale.value), NAN, noise.sd(scale.value, scale.count)))
            learned["scale"][scale_name(of["scale"])] = found
    for name in sorted(read):
        measure, error = cohort.measures[name], definition["measure"][name].get("error")
        found = summary(measure["value"])
        if error and error.get("sd") == "calibrated":
            squares = np.nansum((measure["readings"] - measure["value"]) ** 2)
            found["within_sd"] = float(np.sqrt(squares / np.maximum(measure["count"] - 1, 0).sum()))
        if error:
            noise = Noise(error, measure["full"], False, found)
            found["error_sd"] = root_mean_square(noise.sd(measure["value"], measure["count"]))
        learned["measure"][name] = found
    for name, of in definition["indicator"].items():
        learned["indicator"][name] = summary(Indicator(name, of, cohort, learned).value)
    return {kind: dict(sorted(of.items())) for kind, of in learned.items()}


FLAGS = ["sentinel", "out_of_limits", "few_readings", "prorated", "rule_case", "partial", "floored", "zero"]


def below_other_means(definition):
    """What stands below a mean that is not arithmetic: with anything missing or incomplete it has no variance."""
    nodes = definition.get("domain", {}) | definition.get("pillar", {}) | {"index": definition["index"]}
    below, open_nodes = set(), [(name, False) for name in nodes]
    while open_nodes:
        name, inside = open_nodes.pop()
        aggregate = nodes[name].get("aggregate", "arithmetic")
        mean = aggregate.get("mean") if isinstance(aggregate, dict) else aggregate
        inside = inside or (mean != "arithmetic" and not (mean is None and aggregate.get("power") == 1))
        if inside:
            for child in nodes[name]["children"]:
                below.add(child)
                if child in nodes:
                    open_nodes.append((child, True))
    return below


def score(definition_path, data_path):
    definition = tomllib.loads((ROOT / definition_path).read_text(encoding="utf-8"))
    cohort = Cohort(definition, ROOT / data_path)
    calibration = learn(cohort)
    flags = [set(of) for of in cohort.flags]
    done = {}
    below = below_other_means(definition)
    for name, of in definition["indicator"].items():
        done[name] = Indicator(name, of, cohort, calibration)
        done[name].flag(flags)
        done[name].errors()
        if name in below:
            done[name].refuse_incomplete()
    leaves = list(done)
    has_spread = all(done[name].noise for name in leaves)
    has_posterior = all(done[name].has_posterior for name in leaves)
    declared = [(kind, name, of) for kind in ("domain", "pillar") for name, of in definition.get(kind, {}).items()]

    def node(name):
        if name not in done:
            of = next(of for _, known, of in declared if known == name)
            for child in of["children"]:
                node(child)
            done[name] = Node(of, done, flags, name in below)

    for name in definition["index"]["children"]:
        node(name)
    index = Node(definition["index"], done, flags)
    z = stats.norm.ppf(0.5 + definition["index"].get("interval", 0.95) / 2)
    half = z * np.sqrt(index.posterior)
    scored = ~np.isnan(index.value)
    reasons = np.select([scored, index.inner_coverage == 0], ["", "nothing_scored"], "too_few")
    for row in np.flatnonzero(scored & (index.inner_coverage < 1 - HAIR)):
        flags[row].add("partial")
    absent = np.full(cohort.rows, NAN)
    columns = {
        "index": index.value,
        "index_se": np.sqrt(index.spread) if has_spread else absent,
        "low": np.where(scored, index.mean - half, NAN) if has_posterior else absent,
        "high": np.where(scored, index.mean + half, NAN) if has_posterior else absent,
        "coverage": index.inner_coverage,
    }
    for kind, name, _ in declared:
        columns[f"{kind}.{name}"] = done[name].value
        columns[f"{kind}.{name}.se"] = np.sqrt(done[name].spread) if has_spread else absent
    columns |= {f"indicator.{name}": done[name].value for name in leaves}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "wave", *columns, "flags", "reason"])
    for row in range(cohort.rows):
        wave = cohort.waves[row] if cohort.waves else ""
        cells = ["" if math.isnan(of[row]) else repr(float(of[row])) for of in columns.values()]
        writer.writerow([cohort.ids[row], wave, *cells, ";".join(flag for flag in FLAGS if flag in flags[row]), reasons[row]])
    return out.getvalue(), json.dumps({"rows": cohort.rows} | calibration, indent=1) + "\n"


def versions():
    return f"python {platform.python_version()}\nnumpy {np.__version__}\nscipy {scipy.__version__}\n"


def agree(found, written):
    """The same text, but for numbers that differ by less than 1e-9."""
    a, b = re.split(r"[,\n]", found), re.split(r"[,\n]", written)
    return len(a) == len(b) and all(x == y or close(x, y) for x, y in zip(a, b))


def close(a, b):
    try:
        a, b = (float(of.rpartition(": ")[2]) for of in (a, b))
    except ValueError:
        return False
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1)


def main():
    check = sys.argv[1:] == ["--check"]
    for name, definition, data, folder, prefix in SETS:
        HELD.clear()
        expected, calibration = score(definition, data)
        for file, text in [("expected.csv", expected), ("calibration.json", calibration)]:
            path = ROOT / folder / (prefix + file)
            if check:
                assert agree(text, path.read_text(encoding="utf-8")), path
            else:
                path.write_text(text, encoding="utf-8", newline="\n")
        ratios = [ratio for _, ratio in HELD]
        print(f"{name}: largest errors held {min(ratios):.5f} to {max(ratios):.5f} of their supremum" if ratios else name)
    if not check:
        for folder in ("nhanes", "second"):
            (HERE.parent / folder / "versions.txt").write_text(versions(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
