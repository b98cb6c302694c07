"""Invented people for what is learned from a cohort; R computes, and numpy computes again and compares."""

import csv
import subprocess

import mpmath
import numpy as np

from golden import HERE, Nothing, Table, below, near, outcome, write_rows


def blank(x):
    return "" if x is None else x


def read(file):
    with open(HERE / file, encoding="utf-8") as text:
        return [{key: None if value == "" else value for key, value in row.items()} for row in csv.DictReader(text)]


def number(x):
    return np.nan if x is None else float(x)


# ---- biological age -------------------------------------------------------------------------------------------------

# at age 50 of women and men, change a year, spread, decimals
BIOMARKERS = {
    "systolic": ((122, 127), 0.55, 13, 0),
    "hba1c": ((5.45, 5.5), 0.014, 0.35, 2),
    "creatinine": ((66, 82), 0.25, 10, 1),
    "albumin": ((42.5, 43.5), -0.07, 2.3, 1),
    "lung_volume": ((2.9, 4.0), -0.029, 0.42, 2),
    "urea": ((5.0, 5.6), 0.035, 1.0, 2),
}


def invented(rng, sex):
    age = round(float(rng.uniform(30, 75)), 1)
    older = rng.normal(0, 7)
    x = {name: round(float(at[sex] + slope * (age - 50 + older) + rng.normal(0, spread)), decimals)
         for name, (at, slope, spread, decimals) in BIOMARKERS.items()}
    return {"sex": sex, "age": age, **x}


def make_people_of_klemera_doubal():
    rng = np.random.default_rng(20060301)
    name = "biological_age.klemera_doubal"
    header = ["sex", "age", *BIOMARKERS]
    training = []
    while len(training) < 400:
        p = invented(rng, len(training) % 2)
        gone = [marker for marker in BIOMARKERS if rng.random() < 0.05]
        if len(gone) <= 2:
            training.append({**p, **{marker: None for marker in gone}})
    write_rows(f"{name}.training.csv", header, [[blank(p[h]) for h in header] for p in training])
    people = []
    for at in range(100):
        p = invented(rng, at % 2)
        many = (0, 0, 0, 0, 1, 1, 2, 2, 3, 6)[at // 10]
        for marker in rng.choice(list(BIOMARKERS), many, replace=False):
            p[str(marker)] = None
        people.append(p)
    people[3]["age"] = people[4]["sex"] = None
    people[5]["sex"] = people[5]["age"] = None
    write_rows(f"{name}.people.csv", header, [[blank(p[h]) for h in header] for p in people])


def check_klemera_doubal():
    """The same by the formulas of simple regression."""
    name = "biological_age.klemera_doubal"
    training = read(f"{name}.training.csv")
    markers = list(BIOMARKERS)
    learned = {(row["sex"], row["biomarker"]): row for row in read(f"{name}.learned.csv")}
    scale = {row["sex"]: row for row in read(f"{name}.scale.csv")}
    people = read(f"{name}.people.csv")
    worst = 0
    for sex in "01":
        those = [row for row in training if row["sex"] == sex]
        age = np.array([float(row["age"]) for row in those])
        x = np.array([[number(row[m]) for m in markers] for row in those])
        q, k, s, r = (np.empty(len(markers)) for _ in range(4))
        for j, marker in enumerate(markers):
            there = ~np.isnan(x[:, j])
            a, y = age[there], x[there, j]
            k[j] = ((a - a.mean()) * (y - y.mean())).sum() / ((a - a.mean()) ** 2).sum()
            q[j] = y.mean() - k[j] * a.mean()
            s[j] = np.sqrt(((y - q[j] - k[j] * a) ** 2).sum() / (len(y) - 2))
            r[j] = np.corrcoef(a, y)[0, 1]
            for key, mine in (("n", len(y)), ("q", q[j]), ("k", k[j]), ("s", s[j]), ("r", r[j])):
                worst = max(worst, abs(float(learned[sex, marker][key]) / mine - 1))
        size = np.abs(k / s)
        r_char = (size * np.abs(r)).sum() / size.sum()
        s_r = (1 - r_char**2) / r_char**2 * np.ptp(age) ** 2 / (12 * len(markers))

        def expected(x):
            there = ~np.isnan(x)
            return np.where(there, (x - q) * k / s**2, 0).sum(axis=-1), np.where(there, (k / s) ** 2, 0).sum(axis=-1)

        up, down = expected(x)
        s_ba2 = np.var(up / down - age) - s_r
        for key, mine in (("r_char", r_char), ("s_r", s_r), ("s_ba2", s_ba2)):
            worst = max(worst, abs(float(scale[sex][key]) / mine - 1))
        for p in people:
            if p["sex"] != sex or p["age"] is None:
                assert p["sex"] == ("1" if sex == "0" else "0") or p["note"].startswith("missing:")
                continue
            x_of = np.array([number(p[m]) for m in markers])
            if np.isnan(x_of).sum() > 2:
                assert p["note"] == "too_few" and p["value"] is None
                continue
            up, down = expected(x_of)
            worst = max(worst, abs(float(p["ba_e"]) / (up / down) - 1),
                        abs(float(p["value"]) / ((up + float(p["age"]) / s_ba2) / (down + 1 / s_ba2)) - 1))
    assert worst < 1e-11, worst
    print(f"Klemera and Doubal, R and numpy: {worst:.1e}")


# ---- allostatic load by quartiles -----------------------------------------------------------------------------------

# spread around a centre by sex, decimals, direction
MARKERS = {
    "systolic": ((120, 126), 15, 0, "lower_better"),
    "diastolic": ((74, 78), 10, 0, "lower_better"),
    "waist": ((88, 97), 12, 1, "lower_better"),
    "hdl": ((1.6, 1.3), 0.35, 2, "higher_better"),
    "total_cholesterol": ((5.3, 5.2), 1.0, 1, "lower_better"),
    "hba1c": ((5.5, 5.5), 0.4, 1, "lower_better"),
    "resting_pulse": ((68, 64), 10, 0, "lower_better"),
    "dhea_s": ((130, 190), 60, 0, "higher_better"),
}


def make_people_of_quartiles():
    rng = np.random.default_rng(19970101)
    name = "allostatic_load.quartiles"
    header = ["sex", *MARKERS]

    def someone(sex, gone):
        return [sex] + ["" if rng.random() < gone else round(float(rng.normal(at[sex], spread)), decimals)
                        for at, spread, decimals, _ in MARKERS.values()]

    write_rows(f"{name}.reference.csv", header, [someone(int(rng.integers(0, 2)), 0.04) for _ in range(301)])
    write_rows(f"{name}.markers.csv", ["marker", "direction"], [[m, of[3]] for m, of in MARKERS.items()])
    people = []
    for at in range(120):
        p = someone(at % 2, 0 if at < 60 else 0.2)
        if at in (10, 70):
            p[0] = ""
        people.append(p + ["" if at % 4 == 0 else int(rng.integers(4, 9))])
    write_rows(f"{name}.people.csv", header + ["at_least"], people)


def check_quartiles():
    name = "allostatic_load.quartiles"
    reference, cuts, people = (read(f"{name}.{of}.csv") for of in ("reference", "markers", "people"))
    ties = 0
    for row in cuts:
        for sex, word in (("0", "female"), ("1", "male")):
            x = np.array([number(p[row["marker"]]) for p in reference if p["sex"] == sex])
            level = 75 if row["direction"] == "lower_better" else 25
            assert abs(np.nanpercentile(x, level) / float(row[word]) - 1) < 1e-14
    for p in people:
        if p["sex"] is None:
            assert p["note"] == "missing:sex"
            continue
        cut = {row["marker"]: (float(row["male" if p["sex"] == "1" else "female"]), row["direction"]) for row in cuts}
        there = {m: float(p[m]) for m in MARKERS if p[m] is not None}
        ties += sum(x == cut[m][0] for m, x in there.items())
        # Nothing hangs on the rounding of a quartile.
        assert not any(0 < abs(x - cut[m][0]) < 1e-9 for m, x in there.items())
        if len(there) < int(p["at_least"] or len(MARKERS)):
            assert p["note"] == "too_few"
        else:
            assert int(p["value"]) == sum(x > cut[m][0] if cut[m][1] == "lower_better" else x < cut[m][0] for m, x in there.items())
    assert ties >= 10, ties
    print(f"quartiles, R and numpy agree; {ties} values of people lie exactly at one")


# ---- LMS ------------------------------------------------------------------------------------------------------------


def make_people_of_lms():
    rng = np.random.default_rng(19900101)
    table = []
    for sex in (0, 1):
        for k, age in enumerate(range(20, 81, 10)):
            # L falls through 0, and is exactly 0 at one age of each sex.
            table.append([sex, age, [0.6, 0.3, 0, -0.2, -0.5, -0.8, -1.1][k] + (0 if sex == 0 else 0.2),
                          round(35 + 6 * sex - 0.3 * (age - 20) - 0.001 * (age - 20) ** 2, 3), round(0.16 + 0.012 * k + 0.02 * sex, 3)])
    table[10][2] = 0  # men at 50
    write_rows("lms.table.csv", ["sex", "age", "L", "M", "S"], [[s, a, round(l, 3), m, v] for s, a, l, m, v in table])
    people = []
    for at in range(120):
        sex = at % 2
        age = int(rng.integers(20, 80)) if at < 80 else round(float(rng.uniform(20, 80)), 2)
        rows = [row for row in table if row[0] == sex]
        m = np.interp(age, [row[1] for row in rows], [row[3] for row in rows])
        people.append([round(float(m * np.exp(rng.normal(0, 0.25))), 1), age, sex])
    for sex, m in ((0, 35), (1, 41)):
        people += [[m, age, sex] for age in (*near(20, 30, 40, 50)[1:], below(80.0), 19, 81, 90)]
        people += [[m, age, sex] for age in (40.001, 49.999, 39.99)]  # L close to 0
    people += [["", 40, 0], [30, "", 0], [30, 40, ""], ["", "", ""]]
    write_rows("lms.people.csv", ["measured", "age", "sex"], [[blank(x) if isinstance(x, str) else repr(float(x)) if x != int(x) else int(x) for x in p] for p in people])


def check_lms():
    """Fifty digits; the table's lines are followed as R and numpy follow them."""
    table, worst = read("lms.table.csv"), 0
    for p in read("lms.people.csv"):
        if p["value"] is None:
            assert p["note"]
            continue
        rows = [row for row in table if row["sex"] == p["sex"]]
        ages, x, age = [float(row["age"]) for row in rows], mpmath.mpf(float(p["measured"])), mpmath.mpf(float(p["age"]))
        at = max(k for k in range(len(ages) - 1) if ages[k] <= age)
        share = (age - ages[at]) / (ages[at + 1] - ages[at])
        l, m, s = (mpmath.mpf(rows[at][key]) + share * (mpmath.mpf(rows[at + 1][key]) - mpmath.mpf(rows[at][key])) for key in "LMS")
        z = mpmath.log(x / m) / s if l == 0 else ((x / m) ** l - 1) / (l * s)
        worst = max(worst, abs(float(p["z"]) - z) / max(1, abs(z)), abs(float(p["value"]) - 100 * mpmath.ncdf(z)) / 100)
    assert worst < 1e-10, worst
    print(f"LMS, R and fifty digits: {float(worst):.1e}")


# ---- frailty index: Searle 2008 -------------------------------------------------------------------------------------

DEFICITS = [f"d{k:02}" for k in range(1, 36)]


def frailty_index(p, at_least=28):
    there = [p[name] for name in DEFICITS if p[name] is not None]
    if len(there) < at_least:
        raise Nothing("too_few")
    return outcome(float(mpmath.fsum(there) / len(there)))


def make_frailty():
    t = Table("frailty.index", frailty_index, DEFICITS)
    t.add({name: 0 for name in DEFICITS})
    t.add({name: 1 for name in DEFICITS})
    for gone in (0, 1, 5, 6, 7, 8, 9, 20, 35):
        for _ in range(12 if gone < 20 else 2):
            frail = t.rng.uniform(0.05, 0.5)
            p = {name: float(t.rng.choice([0.25, 0.5, 0.75, 1, 0.33])) if t.rng.random() < frail else 0 for name in DEFICITS}
            for name in t.rng.choice(DEFICITS, gone, replace=False):
                p[str(name)] = None
            t.add(p)
    t.write()


# ---- count of high risk ---------------------------------------------------------------------------------------------

CUTS = {"systolic": ("above", 140), "diastolic": ("above", 90), "bmi": ("above", 30), "hdl": ("below", 1.0), "hba1c": ("above", 6.4),
        "steps": ("below", 5000), "sleep": ("below", 6)}


def high_risk_count(p, at_least=len(CUTS)):
    there = {name: p[name] for name in CUTS if p[name] is not None}
    if len(there) < at_least:
        raise Nothing("too_few")
    return outcome(sum(x > CUTS[name][1] if CUTS[name][0] == "above" else x < CUTS[name][1] for name, x in there.items()))


def make_high_risk():
    write_rows("high_risk.cuts.csv", ["marker", "side", "cut"], [[name, side, cut] for name, (side, cut) in CUTS.items()])
    t = Table("high_risk.count", high_risk_count, CUTS, at_least=True)
    well = {"systolic": 122, "diastolic": 78, "bmi": 24.5, "hdl": 1.5, "hba1c": 5.4, "steps": 8200, "sleep": 7.5}
    for name, (_, cut) in CUTS.items():
        t.change(well, **{name: near(cut)})
    t.without(well)
    for least in (1, 3, 5, 7):
        for gone in range(len(CUTS) + 1):
            p = {name: cut * float(t.rng.normal(1, 0.2)) for name, (_, cut) in CUTS.items()}
            for name in t.rng.choice(list(CUTS), gone, replace=False):
                p[str(name)] = None
            t.add({name: None if x is None else round(x, 2) for name, x in p.items()}, at_least=least)
    for _ in range(40):
        t.add({name: round(float(cut * t.rng.normal(1, 0.2)), 2) for name, (_, cut) in CUTS.items()})
    t.write()


def make():
    make_people_of_klemera_doubal()
    make_people_of_quartiles()
    make_people_of_lms()
    subprocess.run(["Rscript", "--vanilla", HERE / "algorithms.R", HERE], check=True)
    for file in ("biological_age.klemera_doubal.learned.csv", "biological_age.klemera_doubal.scale.csv"):
        Table.written[file] = len(read(file))
    check_klemera_doubal()
    check_quartiles()
    check_lms()
    make_frailty()
    make_high_risk()
