"""Invented people, drawn with fixed seeds. None of them is anybody."""

import csv

import numpy as np

from engine import HERE


def text(value, comma=False):
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    value = float(value)
    cell = str(int(value)) if value == int(value) else repr(value)
    return cell.replace(".", ",") if comma else cell


def write(name, header, rows, delimiter=",", comma=False):
    with open(HERE / "data" / name, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        out.writerow(header)
        out.writerows([[text(cell, comma) for cell in row] for row in rows])


COLUMNS = [f"x{k}" for k in range(1, 13)]


def twelve(rng, n, wider=1.0):
    """Ties, zeros, negative numbers, lognormal outliers, both signs of skewness. `wider`: beyond the first file's range."""
    shared = rng.normal(size=n)
    x = [
        np.round(50 + 10 * wider * (0.6 * shared + 0.8 * rng.normal(size=n)), 1),
        rng.integers(1, 8, n) + (wider > 1) * rng.integers(-2, 3, n),
        np.round(rng.uniform(0, 100, n), 2),
        np.round(np.exp(rng.normal(2, 0.7 * wider, n)), 2),
        np.maximum(rng.integers(-4, 12, n), 0),
        np.round(rng.normal(0, 15 * wider, n), 1),
        np.round(np.exp(rng.normal(3, 0.5, n)), 1),
        np.round(200 - np.exp(rng.normal(2, 0.6, n)), 1),
        np.round(20 + 4 * shared + 3 * rng.normal(size=n), 2),
        rng.integers(0, 2, n),
        np.round(rng.exponential(8, n), 2),
        np.round(rng.standard_t(5, n) * 6 * wider + 30, 2),
    ]
    return [np.array(column, float) for column in x]


def people(name, seed, n, prefix, missing, wider=1.0, outliers=(), third="east"):
    rng = np.random.default_rng(seed)
    x = twelve(rng, n, wider)
    for column, row, value in outliers:
        x[column][row] = value
    for column in x:
        column[rng.random(n) < missing] = np.nan
    for column, row, value in outliers:
        x[column][row] = value
    region = [["north", "south", third][k] if k < 3 else "" for k in rng.integers(0, 4, n)]
    population = rng.integers(500, 40000, n).astype(float)
    population[3] = np.nan
    population[5] = 0.0
    panel = [["yes", "no"][k] for k in (rng.random(n) < 0.2).astype(int)]
    rows = [[f"{prefix}{k + 1:02d}", region[k], population[k], panel[k], *(column[k] for column in x)] for k in range(n)]
    write(name, ["person", "region", "population", "panel", *COLUMNS], rows)


# x4: one far value, the winsorising stops early. x7: three, tied. x11: five and more, the points run out. x8: the low end.
# x12: more than five at both ends, hopeless.
OUTLIERS = [
    (3, 7, 900.0),
    *[(6, row, value) for row, value in ((2, 2000.0), (11, 2000.0), (40, 1500.0))],
    *[(10, row, value) for row, value in ((1, 5000.0), (9, 4000.0), (17, 3000.0), (25, 2500.0), (33, 2000.0), (41, 1600.0), (50, 1200.0))],
    *[(7, row, value) for row, value in ((4, -400.0), (22, -90.0))],
    *[(11, row, value) for row, value in ((0, 90000.0), (13, 30000.0), (19, -8000.0), (31, 12000.0), (44, 5000.0), (52, 3000.0), (58, 900.0))],
]


def factors(name, seed, n, prefix, wider=1.0):
    """Eight positive columns, complete: four and four hang together, all a little."""
    rng = np.random.default_rng(seed)
    one, two, all_of = rng.normal(size=(3, n))
    rows = []
    columns = []
    for k in range(8):
        own = rng.normal(size=n)
        weight = (0.55, 0.7, 0.8, 0.62)[k % 4]
        z = weight * (one if k < 4 else two) + 0.35 * all_of + 0.5 * own
        columns.append(np.round(np.maximum(40 + 6 * wider * z * (1 + 0.15 * k), 1.0), 2 if k % 2 else 0))
    for row in range(n):
        rows.append([f"{prefix}{row + 1:02d}", *(column[row] for column in columns)])
    write(name, ["person", *[f"f{k}" for k in range(1, 9)]], rows)


def second():
    """Another file: semicolons, decimal commas, three groups, three waves that are not evenly apart, 30 % missing."""
    rng = np.random.default_rng(8128)
    rows = []
    for person in range(40):
        group = ["pohjoinen", "etelä", "itä"][person % 3]
        level = rng.normal(size=5)
        for wave in (1, 2, 4):
            z = 0.8 * level + 0.6 * rng.normal(size=5)
            x = [np.round(7 + 1.1 * z[0], 1), np.round(7000 + 2600 * z[1]), np.round(np.exp(1.2 + 0.8 * z[2]), 2),
                 float(np.clip(np.round(5.5 + 2 * z[3]), 0, 10)), np.round(60 + 12 * z[4], 1)]
            x = [np.nan if rng.random() < 0.3 else float(v) for v in x]
            if person == 4:
                x[0] = np.nan if wave != 2 else 6.5
            if person == 5:
                x[0] = np.nan
            rows.append([f"{person + 101:04d}", float(wave), group, *x])
    keep = rng.permutation(len(rows))
    write("second.csv", ["tunnus", "aalto", "ryhmä", "uni (h)", "askeleet", "rasitus", "mieliala", "leposyke"],
          [rows[k] for k in keep], delimiter=";", comma=True)


def cohort():
    """400 people, 24 indicators: six of four, every third lognormal, every fourth better low, 5 % missing."""
    rng = np.random.default_rng(24)
    n = 400
    general = rng.normal(size=n)
    columns = []
    for pillar in range(6):
        own = rng.normal(size=n)
        for k in range(4):
            sign = -1 if k == 3 else 1
            z = sign * (0.5 * general + 0.5 * own) + 0.7 * rng.normal(size=n)
            x = np.exp(1 + 0.9 * z) if (4 * pillar + k) % 3 == 0 else 50 + 10 * z
            x = np.round(x, 2)
            x[rng.random(n) < 0.05] = np.nan
            columns.append(x)
    columns[0][17] = 900.0
    columns[3][3] = 4000.0
    columns[9][[5, 50, 150, 250]] = [500.0, 700.0, 800.0, 800.0]
    write("cohort.csv", ["person", *[f"q{k:02d}" for k in range(1, 25)]],
          [[f"c{row + 1:03d}", *(column[row] for column in columns)] for row in range(n)])


def edge():
    """The eight rows of the reference run, with a name each."""
    with open(HERE / "oracle" / "input.csv", newline="") as file:
        rows = list(csv.reader(file))
    write("edge.csv", ["person", *rows[0]], [[f"e{at}", *row] for at, row in enumerate(rows[1:], 1)])


def four():
    """The four values of the fault reports."""
    write("four.csv", ["person", "a"], [["a", 1.0], ["b", 2.0], ["c", 5.0], ["d", 10.0]])


def level():
    """Rows to reckon by hand: all children level, one far below, one at 0, one missing."""
    rows = [(50, 50, 50, 50), (100, 100, 100, 100), (90, 10, 10, 10), (10, 90, 90, 90), (80, 60, 40, 20), (0, 40, 60, 80),
            (20, 20, 70, 70), (30, 60, None, 90), (None, 50, 50, 50), (99.5, 0.5, 33.25, 66.75), (1, 2, 3, 4), (40, None, None, 60)]
    write("level.csv", ["person", "a", "b", "c", "d"], [[f"l{k + 1:02d}", *(None if v is None else float(v) for v in row)] for k, row in enumerate(rows)])
    write("level_reversed.csv", ["person", "a", "b", "c", "d"],
          [[f"l{k + 1:02d}", *(None if v is None else float(v) for v in row)] for k, row in reversed(list(enumerate(rows)))])


def few():
    """Columns for treatment: constant, two values, fewer than four values, a tie at the top, a normal one."""
    n = 24
    rng = np.random.default_rng(3)
    same = [5.0] * n
    two = [1.0 if k % 8 else 60.0 for k in range(n)]
    three = [float(v) if k < 3 else None for k, v in enumerate((1, 2, 50, *[0] * (n - 3)))]
    top = [*np.round(rng.normal(10, 1, n - 3), 1), 300.0, 300.0, 300.0]
    normal = np.round(rng.normal(0, 1, n), 2)
    write("few.csv", ["person", "same", "two", "three", "top", "normal"],
          [[f"t{k + 1:02d}", same[k], two[k], three[k], top[k], normal[k]] for k in range(n)])


def make():
    people("people.csv", 60, 60, "p", 0.05, outliers=OUTLIERS)
    people("others.csv", 61, 20, "o", 0.08, wider=1.7, third="west")
    factors("factors.csv", 8, 50, "f")
    factors("factors_others.csv", 9, 15, "g", wider=1.8)
    second()
    cohort()
    edge()
    few()
    four()
    level()
