"""Values, counts, ages, errors and flags of readings, from the formulas of the guide alone.

    python readings.py            writes ../../fixtures/readings/people.csv and the expected values beside this file
    python readings.py --check    compares what is there with what comes out now

The people are invented. Numbers are Python's own and, where they are squared or summed, exact fractions: every value is
rounded once, at the root.
"""

import csv
import io
import math
import random
import sys
from fractions import Fraction as F
from pathlib import Path

HERE = Path(__file__).parent
PEOPLE = HERE / "../../fixtures/readings/people.csv"
YEAR = F("365.25")
ROWS = 80
# A bound on a grid is inflated by this much; only that of repeated readings without ages or days rests on a grid.
MARGIN = F("1.01")


def people():
    draw = random.Random(20)

    def some(value, chance):
        return "" if draw.random() < chance else value

    rows = []
    for row in range(ROWS):
        level = draw.gauss(128, 14)
        person = {"person": f"r{row:02}"}
        for visit in "abc":
            there = draw.random() > 0.2
            person[f"sbp_{visit}"] = round(draw.gauss(level, 8), 1) if there else ""
            age = draw.choice([0, draw.randint(0, 60), draw.randint(0, 500), 365, 366, draw.randint(300, 2500)])
            person[f"days_{visit}"] = some(age, 0.12)
        days = draw.choice([0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 9])
        person["valid_days"] = some(days, 0.1)
        person["steps_mean"] = some(round(draw.uniform(1500, 18000), 2), 0.1)
        person["active_mean"] = some(round(draw.uniform(5, 160), 2), 0.1)
        person["sleep_mean"] = some(round(draw.gauss(7.1, 0.9), 3), 0.1)
        person["rmssd"] = some(round(math.exp(draw.gauss(3.5, 0.5)), 1), 0.1)
        person["rmssd_age"] = some(draw.choice([0, 1, 90, 180, 181, 500, 730, 731, 1200]), 0.1)
        for visit in "abc":
            person[f"pulse_{visit}"] = some(round(draw.gauss(64 + row % 9, 3)), 0.12)
        person["weight"] = some(round(draw.gauss(82, 15), 1), 0.05)
        person["weight_age"] = some(draw.choice([0, 30, 400, 999, 1000, 1001]), 0.1)
        rows.append(person)
    # Two visits on one day, and nothing at all.
    rows[0].update(sbp_a=131.5, sbp_b=127.0, sbp_c=140.0, days_a=40, days_b=40, days_c=41)
    for key in rows[1]:
        if key != "person":
            rows[1][key] = ""
    return rows


def exact(cell):
    return None if cell in ("", None) else F(str(cell))


def root(x):
    """The root of a fraction, rounded once or twice."""
    scale = 10**40
    return math.isqrt(x.numerator * scale * scale // x.denominator) / scale


class Value:
    """The value of a measure, what is behind it, and the variance of its error; None where there is none."""

    def __init__(self, value, count, age, variance, flags=()):
        self.value, self.count, self.age, self.variance, self.flags = value, count, age, variance, set(flags)


def aged(person, how, within, stale, sd, drift, full):
    pairs = [(exact(person[f"sbp_{v}"]), exact(person[f"days_{v}"])) for v in "abc"]
    pairs = [(x, age) for x, age in pairs if x is not None]
    was_there = bool(pairs)
    old = [age for _, age in pairs if age is not None and within is not None and age > within]
    if within is not None or how == "last":
        pairs = [(x, age) for x, age in pairs if age is not None and (within is None or age <= within)]
    if not pairs:
        return Value(None, 0, None, None, ["stale"] if was_there and old else [])
    if how == "last":
        pairs = [min(pairs, key=lambda pair: pair[1])]
    n = len(pairs)
    value = sum(x for x, _ in pairs) / n
    ages = [age for _, age in pairs]
    age = None if None in ages else sum(ages) / n
    variance = None if n < full or age is None else F(sd) ** 2 / n + F(drift) ** 2 * age / YEAR
    flags = ["few_readings"] if n < full else []
    if stale is not None and age is not None and age > stale:
        flags.append("stale")
    return Value(value, n, age, variance, flags)


def of_days(person, column, of_one, full, least):
    value, days = exact(person[column]), exact(person["valid_days"])
    if value is None:
        return Value(None, 0, None, None)
    if days is None:
        days = 0 if least is not None else 1
    if days < (least or 1):
        return Value(None, 0, None, None, ["few_readings"])
    return Value(value, int(days), None, of_one / days, ["few_readings"] if full and days < full else [])


def single(person, column, of_reading, drift, within, stale):
    value, age = exact(person[column]), exact(person[f"{column}_age"])
    if value is None or age is None or age > within:
        return Value(None, 0, None, None, ["stale"] if value is not None and age is not None else [])
    variance = of_reading(value) + F(drift) ** 2 * age / YEAR
    return Value(value, 1, age, variance, ["stale"] if stale and age > stale else [])


def mean_and_variance(values):
    n = len(values)
    mean = sum(values) / n
    return mean, sum((x - mean) ** 2 for x in values) / (n - 1)


def of_reliability(reliability, n, variance):
    """The error variance of one reading, where the variance is that of means of n."""
    of_mean = n * reliability / (1 + (n - 1) * reliability)
    return n * (1 - of_mean) * variance


MEASURES = "mean_systolic last_systolic any_systolic steps active sleep rmssd pulse weight".split()
GOALPOSTS = dict(zip(MEASURES, [(240, 60), (260, 60), (100000, -100000), (0, 40000), (0, 400), (0, 16), (0, 200), (140, 20), (260, 20)]))


def expected(rows):
    icc = lambda icc, sd: F(str(sd)) ** 2 * (1 - F(str(icc))) / F(str(icc))
    found = {
        "mean_systolic": [aged(p, "mean", 365, None, 8, 3, 3) for p in rows],
        "last_systolic": [aged(p, "last", 365, 180, 8, 3, 1) for p in rows],
        "any_systolic": [aged(p, "mean", None, 400, 8, 3, 3) for p in rows],
        "steps": [of_days(p, "steps_mean", F(3000) ** 2, 7, 3) for p in rows],
        "active": [of_days(p, "active_mean", icc("0.4", 25), None, None) for p in rows],
        "rmssd": [single(p, "rmssd", lambda x: icc("0.5", 20), 5, 730, 180) for p in rows],
        "weight": [single(p, "weight", lambda x: (F("0.01") * x) ** 2, 2, 1000, None) for p in rows],
    }
    sleep = [of_days(p, "sleep_mean", F(1), 7, None) for p in rows]
    _, spread = mean_and_variance([v.value for v in sleep if v.value is not None])
    of_day = of_reliability(F("0.35"), 7, spread)
    found["sleep"] = [of_days(p, "sleep_mean", of_day, 7, None) for p in rows]
    pulse = []
    for p in rows:
        xs = [x for x in (exact(p[f"pulse_{v}"]) for v in "abc") if x is not None]
        few = ["few_readings"] if 0 < len(xs) < 3 else []
        pulse.append(Value(sum(xs) / len(xs) if xs else None, len(xs), None, None, few))
    _, spread = mean_and_variance([v.value for v in pulse if v.value is not None])
    of_beat = of_reliability(F("0.67"), 3, spread)
    for v in pulse:
        v.variance = of_beat / 3 if v.count == 3 else None
    found["pulse"] = pulse
    # The largest error of what is missing, incomplete or of unknown age.
    largest = {
        "mean_systolic": F(64) + 9 * F(365) / YEAR,
        "last_systolic": F(64) + 9 * F(365) / YEAR,
        "any_systolic": None,
        "steps": F(3000) ** 2,
        "active": icc("0.4", 25),
        "sleep": of_day,
        "rmssd": icc("0.5", 20) + 25 * F(730) / YEAR,
        "pulse": of_beat * MARGIN,
        "weight": F("2.5") ** 2 + 4 * F(1000) / YEAR,
    }
    # The errors of the values themselves, for the calibration: those with fewer readings too.
    own = {}
    for name, values in found.items():
        own[name] = []
        for v in values:
            if v.value is None:
                continue
            if name == "pulse":
                own[name].append(of_beat / v.count)
            elif name in ("mean_systolic", "any_systolic"):
                if v.age is not None:
                    own[name].append(F(64) / v.count + 9 * v.age / YEAR)
            else:
                own[name].append(v.variance)
    calibration = {}
    for name, values in found.items():
        xs = [v.value for v in values if v.value is not None]
        mean, variance = mean_and_variance(xs)
        error = sum(own[name]) / len(own[name])
        calibration[name] = [len(xs), float(mean), root(variance), root(error)]
    lines = []
    for row, person in enumerate(rows):
        cells, numerator, weights, variance, flags = [person["person"]], F(0), 0, F(0), set()
        for name in MEASURES:
            v = found[name][row]
            worst, best = GOALPOSTS[name]
            slope = F(100, best - worst)
            most = F(2500) if largest[name] is None else slope**2 * largest[name]
            score = None if v.value is None else slope * (v.value - worst)
            of_score = most if v.variance is None else slope**2 * v.variance
            shown = [v.value, F(v.count), v.age, score]
            cells += ["" if x is None else repr(float(x)) for x in shown]
            cells.append("" if score is None else repr(root(of_score)))
            flags |= v.flags
            variance += of_score
            if score is not None:
                numerator, weights = numerator + score, weights + 1
        if weights:
            if weights < len(MEASURES):
                flags.add("partial")
            cells += [repr(float(numerator / weights)), repr(root(min(variance / weights**2, F(2500))))]
        else:
            cells += ["", ""]
        cells.append(";".join(flag for flag in ["few_readings", "partial", "stale"] if flag in flags))
        lines.append(cells)
    header = ["person"] + [f"{name}.{what}" for name in MEASURES for what in ["value", "count", "age", "score", "se"]]
    return header + ["index", "index_se", "flags"], lines, calibration


def text_of(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def main():
    rows = people()
    # What is written is what is read.
    table = text_of(list(rows[0]), [list(row.values()) for row in rows])
    rows = list(csv.DictReader(io.StringIO(table)))
    header, lines, calibration = expected(rows)
    files = {
        PEOPLE: table,
        HERE / "expected.csv": text_of(header, lines),
        HERE / "calibration.csv": text_of(
            ["measure", "n", "mean", "sd", "error_sd"], [[name, *map(repr, calibration[name])] for name in MEASURES]
        ),
    }
    for path, text in files.items():
        if "--check" in sys.argv:
            assert path.read_text() == text, f"{path.name} is not what comes out now"
        else:
            path.write_text(text)
    print(f"{len(rows)} people, {len(files)} files")


if __name__ == "__main__":
    main()
