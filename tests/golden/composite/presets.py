"""The shipped definitions of published indices, by their published formulas, and the published values beside them."""

import copy
import tomllib

import numpy as np

import case
from case import cell
from data import write as write_data
from engine import HERE, Calibrated, People, numbers, read

DEFINITIONS = HERE.parents[2] / "data" / "definitions"
# Half of the last printed decimal of 0.462 on 0 to 100, over a range of 100, and a hair.
PRINTED = 0.0005 * 1.000001


def shipped(name):
    return tomllib.loads((DEFINITIONS / f"{name}.toml").read_text(encoding="utf-8"))


def preset(name, data, tolerance=1e-12, columns=None, expected=None, end="", **more):
    found = shipped(name)
    engine = copy.deepcopy(found)
    for measure in engine["measure"].values():
        measure.setdefault("direction", "higher_better")
    for indicator in engine["indicator"].values():
        # Steps are read as goalposts here: 0 below, 100 from the threshold on.
        steps = isinstance(indicator["utility"], dict) and indicator["utility"].get("steps")
        if steps:
            (at,) = steps["at"]
            indicator["utility"] = {"goalposts": [np.nextafter(at, -np.inf), at]}
    calibrated = Calibrated(engine, data)
    people = People(engine, data)
    scored = calibrated.score(people)
    columns = columns or ["index", *[f"pillar.{p}" for p in found.get("pillar", {})], *[f"indicator.{i}" for i in found["indicator"]]]
    out = expected or case.expected_of(scored, people, columns)
    full = f"preset_{name}{end}"
    rows = [["person", *out]] + [[person, *(c[at] for c in out.values())] for at, person in enumerate(people.ids)]
    case.TEXTS[f"cases/{full}.csv"] = "\n".join(",".join(row) for row in rows) + "\n"
    case.MANIFEST.append({"name": full, "topic": "presets", "definition": f"data/definitions/{name}.toml", "reference": data, "data": data,
                          "expected": f"cases/{full}.csv", "tolerance": tolerance, "range": 100.0, **more})
    return scored


def hdi():
    scored = preset("hdi", "presets/hdi.csv", about="the formula, on published readings of four countries over the years")
    table = read("presets/hdi.csv", {})
    published = 100 * numbers(table["published"], {})
    assert np.abs(scored.score["index"] - published).max() < 0.05
    preset("hdi", "presets/hdi.csv", PRINTED, expected={"index": [cell(v) for v in published]}, end="_published",
           about="the values of the report of 2023/24, printed to three decimals")
    published = 100 * numbers(read("presets/hdi_2015.csv", {})["published"], {})
    preset("hdi", "presets/hdi_2015.csv", 0.001, expected={"index": [cell(v) for v in published]}, end="_2015",
           about="the report of 2015: readings printed to one decimal, schooling above 18 years and incomes above 75,000 among them")


def alkire_foster():
    matrix = [(13.1, 14, 4, 1), (15.2, 7, 5, 0), (12.5, 10, 1, 0), (20, 11, 3, 1)]
    (HERE / "presets" / "alkire_foster.csv").write_text(
        "\n".join(["person,income,schooling,health,insurance", *[",".join(map(str, (k + 1, *row))) for k, row in enumerate(matrix)]]) + "\n")
    scored = preset("alkire_foster", "presets/alkire_foster.csv", about="the published example: H = 1/2, A = 3/4, M0 = 3/8 at two of four", mean=62.5)
    index = scored.score["index"]
    poor = index < 100
    assert (poor.mean(), (1 - index[poor] / 100).mean(), 1 - index.mean() / 100) == (1 / 2, 3 / 4, 3 / 8)


def gnh():
    """110 invented people of whom 65 are not yet happy, with the published shares: 59.1 % and 43.4 %."""
    found = shipped("gnh")
    names = list(found["index"]["children"])
    parts = np.array([found["index"]["children"][n] for n in names])
    assert parts.sum() == 270 and len(parts) == 33
    rng = np.random.default_rng(2010)
    happy, others = [], []
    while len(happy) < 45 or len(others) < 400:
        enough = rng.random(33) < rng.uniform(0.35, 0.95)
        lacking = 270 - int(parts[enough].sum())
        if lacking >= 0.34 * 270 and len(others) < 400:
            others.append((lacking, enough))
        elif lacking < 0.34 * 270 and len(happy) < 45:
            happy.append((lacking, enough))
    # Of those drawn, 65 whose mean lack is the published one.
    others.sort(key=lambda p: p[0])
    chosen = [others[round(k)] for k in np.linspace(0, len(others) - 1, 65)]
    target = 0.434 * 270 * 65
    while abs(sum(p[0] for p in chosen) - target) > 3:
        at = int(rng.integers(65))
        drawn = others[int(rng.integers(len(others)))]
        if abs(sum(p[0] for p in chosen) - chosen[at][0] + drawn[0] - target) < abs(sum(p[0] for p in chosen) - target):
            chosen[at] = drawn
    people = happy[:45] + chosen
    people = [people[k] for k in rng.permutation(110)]
    (HERE / "presets" / "gnh.csv").write_text(
        "\n".join([",".join(["person", *names]), *[",".join([str(k + 1), *("1" if v else "0" for v in p[1])]) for k, p in enumerate(people)]]) + "\n")
    scored = preset("gnh", "presets/gnh.csv", columns=["index", *[f"indicator.{n}" for n in names[:3]]],
                    about="invented people with the published shares of 2010: 59.1 % not yet happy who lack 43.4 %; GNH 0.743",
                    mean=74.3, mean_within=0.1)
    index = scored.score["index"]
    short = index < 100
    h, a = short.mean(), (1 - index[short] / 100).mean()
    assert round(100 * h, 1) == 59.1 and round(100 * a, 1) == 43.4, (h, a)
    assert abs(index.mean() / 100 - (1 - h * a)) < 1e-12 and abs(index.mean() / 100 - 0.743) < 0.001


def better_life():
    """Twelve invented countries; what is expected is the formula."""
    found = shipped("oecd_better_life")
    rng = np.random.default_rng(2017)
    names = list(found["measure"])
    size = {"household_income": (30000, 9000), "household_wealth": (60000, 30000), "personal_earnings": (40000, 11000), "student_skills": (490, 25),
            "life_expectancy": (80, 3), "long_term_unemployment": (3, 2), "homicide_rate": (2, 1.5), "long_hours": (9, 6), "leisure": (14.8, 0.6),
            "satisfaction": (6.5, 0.8), "rooms_per_person": (1.7, 0.4), "stakeholder_engagement": (2.1, 0.5), "years_in_education": (17.5, 1.2)}
    rows = [[f"country {k + 1}", *(float(np.round(abs(rng.normal(*size.get(n, (60, 15)))), 1)) for n in names)] for k in range(12)]
    write_data("../presets/oecd_better_life.csv", ["country", *names], rows)
    scored = preset("oecd_better_life", "presets/oecd_better_life.csv", about="invented countries: (x - min)/(max - min), equal weights within eleven dimensions")
    # By another road: one matrix.
    table = read("presets/oecd_better_life.csv", {})
    x = np.column_stack([numbers(table[n], {}) for n in names])
    u = (x - x.min(0)) / (x.max(0) - x.min(0))
    low = np.array([found["measure"][n]["direction"] == "lower_better" for n in names])
    u[:, low] = 1 - u[:, low]
    groups = [[names.index(i) for i in p["children"]] for p in found["pillar"].values()]
    index = 100 * np.mean([u[:, g].mean(1) for g in groups], axis=0)
    assert np.abs(index - scored.score["index"]).max() < 1e-11


def make():
    hdi()
    alkire_foster()
    gnh()
    better_life()
