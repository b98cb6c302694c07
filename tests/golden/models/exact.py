"""How many digits of R are right: the same quantities from the same files to 40 digits.

    pip install mpmath==1.4.1
    python exact.py              # writes longley_robust.json, compares everything else
    python exact.py --check      # compares that file too, writes nothing

Reads the CSV files here, the survey and its scores, derives the choices once more, and prints per fit and quantity the
largest relative error of what `fit.R` wrote (of the interval ends and the difference: relative to the standard error as
well as to the value, whichever is larger). Stops if one exceeds what `README.md` states. Where R itself is far off,
the robust standard errors of longley, the exact values are kept for the tests.
"""

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

from mpmath import betainc, eigsy, log, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 40
HERE = Path(__file__).parent
# What the tests ask for, and where R itself does not reach it.
ALLOWED = defaultdict(lambda: mpf("1e-11"), {("longley", "robust"): mpf("1e-7"), ("longley", "p robust"): mpf("1e-6")})


def rows_of(path):
    with open(HERE / path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    """The binary double a program reads."""
    return None if text in (None, "") else mpf(float(text))


def tail(t, df):
    """P(|T| > t)."""
    return betainc(df / mpf(2), mpf(1) / 2, 0, df / (df + t * t), regularized=True)


def quantile(df):
    """Of 0.975: Newton's method on the two-sided tail."""
    t = mpf(2)
    step = mpf(1)
    while abs(step) > mpf(10) ** -35:
        h = mpf(10) ** -18
        slope = (tail(t + h, df) - tail(t - h, df)) / (2 * h)
        step = (tail(t, df) - mpf("0.05")) / slope
        t -= step
    return t


class Fit:
    def __init__(self, rows, outcome, terms):
        """`terms`: pairs of a name and of a function of a row, None where the row lacks it."""
        self.names = ["(intercept)"] + [name for name, _ in terms]
        self.x, self.y, self.used = [], [], []
        for at, row in enumerate(rows):
            cells = [mpf(1)] + [of(row) for _, of in terms]
            y = number(row[outcome])
            if y is None or None in cells:
                continue
            self.x.append(cells), self.y.append(y), self.used.append(at)
        n, p = len(self.y), len(self.names)
        gram = matrix(p, p)
        right = matrix(p, 1)
        for row, y in zip(self.x, self.y):
            for i in range(p):
                if row[i]:
                    right[i] += row[i] * y
                    for j in range(i + 1):
                        gram[i, j] += row[i] * row[j]
        for i in range(p):
            for j in range(i):
                gram[j, i] = gram[i, j]
        self.gram, self.bread = gram, gram**-1
        self.b = self.bread * right
        self.residual = [y - self.at(row) for row, y in zip(self.x, self.y)]
        self.leverage = [self.form(self.bread, row) for row in self.x]
        rss = sum(e * e for e in self.residual)
        mean = sum(self.y) / n
        total = sum((y - mean) ** 2 for y in self.y)
        self.n, self.p, self.df, self.sigma2 = n, p, n - p, rss / (n - p)
        r2 = 1 - rss / total
        likelihood = -mpf(n) / 2 * (log(2 * pi) + log(rss / n) + 1)
        unit = [sqrt(gram[i, i]) for i in range(p)]
        values = eigsy(
            matrix([[gram[i, j] / unit[i] / unit[j] for j in range(p)] for i in range(p)]), eigvals_only=True
        )
        self.numbers = {
            "r2": r2,
            "adj_r2": 1 - (1 - r2) * (n - 1) / self.df,
            "sigma": sqrt(self.sigma2),
            "log_likelihood": likelihood,
            "aic": 2 * (p + 1) - 2 * likelihood,
            "bic": log(n) * (p + 1) - 2 * likelihood,
            "condition_number": sqrt(max(values) / min(values)),
        }

    def at(self, row):
        return sum(a * b for a, b in zip(row, self.b))

    def form(self, middle, d):
        places = [i for i, cell in enumerate(d) if cell]
        return sum(d[i] * d[j] * middle[i, j] for i in places for j in places)

    def covariance(self, kind):
        if kind == "classical":
            return self.sigma2 * self.bread
        meat = matrix(self.p, self.p)
        for row, e, h in zip(self.x, self.residual, self.leverage):
            by = e * e * {"hc0": 1, "hc1": mpf(self.n) / self.df, "hc2": 1 / (1 - h), "hc3": 1 / (1 - h) ** 2}[kind]
            for i in range(self.p):
                if row[i]:
                    for j in range(i + 1):
                        meat[i, j] += by * row[i] * row[j]
        for i in range(self.p):
            for j in range(i):
                meat[j, i] = meat[i, j]
        return self.bread * meat * self.bread


worst = defaultdict(lambda: (mpf(0), ""))


def compare(fit, quantity, found, exact, place, scale=None):
    off = abs(mpf(found) - exact) / max(abs(exact), scale or 0) if exact else abs(mpf(found))
    if off >= worst[fit, quantity][0]:
        worst[fit, quantity] = (off, place)


def check(name, fit, stored):
    assert stored["n"] == fit.n and stored["residual_df"] == fit.df and stored["terms"] == fit.names, name
    assert stored["used_sum"] == sum(fit.used) and stored["used_head"] == fit.used[:12], name
    for term, found, exact in zip(fit.names, stored["estimate"], fit.b):
        compare(name, "estimate", found, exact, term)
    for quantity, exact in fit.numbers.items():
        compare(name, quantity, stored[quantity], exact, "")
    reach = quantile(fit.df)
    for kind, found in stored["covariances"].items():
        v = fit.covariance(kind)
        word = "classical" if kind == "classical" else "robust"
        for at, term in enumerate(fit.names):
            place, b, se = f"{kind} {term}", fit.b[at], sqrt(v[at, at])
            compare(name, word, found["std_error"][at], se, place)
            compare(name, word, found["statistic"][at], b / se, place)
            compare(name, word, found["low"][at], b - reach * se, place, se)
            compare(name, word, found["high"][at], b + reach * se, place, se)
            p = tail(b / se, fit.df)
            if p > mpf("1e-290"):
                compare(name, f"p {word}", found["p"][at], p, place)
            else:
                assert found["p"][at] <= 1e-290
    return reach


def keep(fitted):
    """The robust standard errors to 20 digits, as text."""
    robust = {"terms": fitted.names}
    for kind in ("hc0", "hc1", "hc2", "hc3"):
        v = fitted.covariance(kind)
        robust[kind] = [nstr(sqrt(v[at, at]), 20) for at in range(fitted.p)]
    text = json.dumps(robust, indent=1) + "\n"
    path = HERE / "longley_robust.json"
    if "--check" not in sys.argv:
        path.write_text(text, encoding="utf-8", newline="\n")
    elif path.read_text(encoding="utf-8") != text:
        sys.exit(f"{path.name} differs")


def linear(column):
    return (column, lambda row: number(row[column]))


def factor(column, levels):
    """Treatment coding, the first level the reference; cells are compared as text."""
    return [
        (f"{column}[{level}]", lambda row, level=level: None if row[column] == "" else mpf(row[column] == level))
        for level in levels[1:]
    ]


def survey():
    """The people of the survey with their choices, as `data/definitions/nhanes.toml` says, and their scores."""
    scored = rows_of("../nhanes/expected.csv")
    people = rows_of("../../../data/nhanes/adults.csv")
    for row, score in zip(people, scored, strict=True):
        assert row["person"] == score["id"]
        row["index"], row["pillar.felt"] = score["index"], score["pillar.felt"]
        for column in ("sleep_hours", "sitting_minutes", "alcohol_g_1", "alcohol_g_2", "age", "income_ratio"):
            if row[column] and abs(float(row[column])) < 1e-70:
                row[column] = "0"
        if row["sitting_minutes"] and float(row["sitting_minutes"]) == 9999:
            row["sitting_minutes"] = ""
        for column in ("vigorous_recreation", "moderate_recreation"):
            row[column] = {"0.0": "no", "1.0": "yes"}[row[column]]
        smokes = {"": "", "Not at all": "former", "Every day": "current", "Some days": "current"}
        row["smoking"] = "never" if float(row["smoked_100"]) == 0 else smokes[row["smokes_now"]]
        recalls = [float(row[c]) for c in ("alcohol_g_1", "alcohol_g_2") if row[c]]
        row["alcohol_g"] = repr(sum(recalls) / len(recalls)) if recalls else ""
        row["alcohol_none"] = "" if not recalls else "some" if sum(recalls) > 0 else "none"
        row["diet"] = row["diet"].lower()
        row["education"] = "" if row["education"] == "Don't Know" else row["education"]
    return people


def main():
    stored = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    cars = Fit(rows_of("mtcars.csv"), "mpg", [linear("wt"), linear("hp"), *factor("cyl", "468")])
    check("mtcars", cars, stored["mtcars"])
    for name, outcome in (("longley", "Employed"), ("swiss", "Fertility")):
        rows = rows_of(f"{name}.csv")
        terms = [linear(column) for column in rows[0] if column not in ("name", outcome)]
        fitted = Fit(rows, outcome, terms)
        check(name, fitted, stored[name])
        if name == "longley":
            keep(fitted)
    second = Fit(
        rows_of("second.csv"),
        "vireys",
        [
            linear("yöuni"),
            linear("askeleet"),
            *factor("työ", ["etä", "toimisto", "vuoro"]),
            *factor("luokka", "213"),
            linear("ikä"),
        ],
    )
    check("second", second, stored["second"])

    stored = json.loads((HERE / "nhanes.json").read_text(encoding="utf-8"))
    people = survey()
    felt = Fit(people, "pillar.felt", factor("smoking", ["never", "former", "current"]) + [linear("sleep_hours")])
    check("felt", felt, stored["felt"])
    index = Fit(
        people,
        "index",
        [
            linear("sleep_hours"),
            *factor("vigorous_recreation", ["no", "yes"]),
            *factor("moderate_recreation", ["no", "yes"]),
            linear("sitting_minutes"),
            *factor("smoking", ["never", "former", "current"]),
            *factor("alcohol_none", ["some", "none"]),
            linear("alcohol_g"),
            *factor("diet", ["good", "poor", "fair", "very good", "excellent"]),
            linear("age"),
            *factor("sex", ["Female", "Male"]),
            *factor(
                "education",
                [
                    "Less than 9th grade",
                    "9-11th grade (Includes 12th grade with no diploma)",
                    "High school graduate/GED or equivalent",
                    "Some college or AA degree",
                    "College graduate or above",
                ],
            ),
            linear("income_ratio"),
        ],
    )
    reach = check("index", index, stored["index"])
    what_if(index, reach, people, stored["what_if"])

    failed = False
    for (fit, quantity), (off, place) in worst.items():
        failed |= off > ALLOWED[fit, quantity]
        print(f"{fit:8} {quantity:16} {float(off):8.1e} {place}")
    sys.exit("R is off by more than stated" if failed else 0)


def what_if(index, reach, people, stored):
    v = index.covariance("hc3")
    names = index.names

    def set_values(row, values):
        row = list(row)
        if "sleep_hours" in values:
            row[names.index("sleep_hours")] = mpf(values["sleep_hours"])
        if "smoking" in values:
            for level in ("former", "current"):
                row[names.index(f"smoking[{level}]")] = mpf(values["smoking"] == level)
        return row

    def prediction(found, row, place):
        mean, spread = index.at(row), index.form(v, row)
        compare("what-if", "prediction", found["mean"], mean, place)
        for word, width in (("", spread), ("predict_", spread + index.sigma2)):
            compare("what-if", "prediction", found[word + "low"], mean - reach * sqrt(width), place)
            compare("what-if", "prediction", found[word + "high"], mean + reach * sqrt(width), place)
        compare("what-if", "leverage", found["leverage"], index.form(index.bread, row), place)

    for person in stored["persons"]:
        place = next(at for at, row in enumerate(people) if row["person"] == person["id"])
        row = index.x[index.used.index(place)]
        assert [mpf(cell) for cell in person["row"]] == row
        prediction(person["now"], row, person["id"])
        for scenario in person["scenarios"]:
            then = set_values(row, scenario["set"])
            prediction(scenario["then"], then, person["id"])
            d = [a - b for a, b in zip(then, row)]
            estimate, se = index.at(d), sqrt(index.form(v, d))
            for word, exact in (
                ("estimate", estimate),
                ("std_error", se),
                ("low", estimate - reach * se),
                ("high", estimate + reach * se),
            ):
                compare("what-if", "difference", scenario["difference"][word], exact, person["id"], se)
    cohort = stored["cohort"]
    sigma = sqrt(index.sigma2)
    for word, values in (("before", {}), ("after", cohort["set"])):
        shares = []
        for row in index.x:
            t = (cohort["above"] - index.at(set_values(row, values))) / sigma
            two = tail(t, index.df) / 2
            shares.append(two if t > 0 else 1 - two)
        compare("what-if", "share", cohort[word], sum(shares) / len(shares), word)


main()
