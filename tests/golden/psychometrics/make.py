#!/usr/bin/env python3
"""Questionnaires, raters, teams and persons' change: data, what R makes of them, and what is computed here.

    python make.py             # writes every file here (calls Rscript make.R)
    python make.py --check     # the same, and fails if a file changes

Needs numpy, pandas, scipy, mpmath, and R with psych, lavaan, multilevel. The data are drawn with fixed seeds; `phq8.csv` is
copied from data/nhanes/adults.csv. What R computed is computed again here with 40 digits and compared: README.md.
"""

import math
import subprocess
import sys

import mpmath as mp
import numpy as np
import pandas as pd
import scipy

sys.dont_write_bytecode = True

from common import A, HERE, ITEMS, PHQ8, REVERSED, table, whole, write_json
from exact import compared
from persons import careless, change


# ---- data ------------------------------------------------------------------------------------------------------------
def likert(latent, edges):
    return 1 + np.searchsorted(edges, latent)


def draw_second(rng):
    """400 persons in 25 teams; two correlated factors, the first with a difference between teams."""
    sizes = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 24, 36, 45, 64])
    assert sizes.sum() == 400 and len(sizes) == 25
    unit = np.repeat([f"team_{n:02}" for n in rng.permutation(25) + 1], sizes)
    team = dict(zip(sorted(set(unit)), rng.normal(0, 0.55, 25)))
    shared = rng.normal(size=400)
    first = 0.6 * shared + 0.8 * rng.normal(size=400) + np.array([team[name] for name in unit])
    second = 0.6 * shared + 0.8 * rng.normal(size=400)
    loadings = dict(zip(ITEMS, [0.95, 0.92, 0.9, 0.7, 0.62, 0.5, 0.96, 0.93, 0.7, 0.9, 0.55, 0.45]))
    frame = pd.DataFrame({"person": range(1, 401), "unit": unit})
    for item in ITEMS:
        factor = first if item in A else second
        noise = rng.normal(size=400) * math.sqrt(1 - loadings[item] ** 2)
        frame[item] = likert(loadings[item] * factor + noise, [-1.2, -0.4, 0.4, 1.2] + rng.normal(0, 0.15, 4))
    # Some who did not read: the same answer everywhere, answers by lot, answers in a zigzag.
    careless = rng.choice(400, 24, replace=False)
    for at in careless[:8]:
        frame.loc[at, ITEMS] = rng.integers(1, 6)
    for at in careless[8:18]:
        frame.loc[at, ITEMS] = rng.integers(1, 6, 12)
    for at in careless[18:]:
        frame.loc[at, ITEMS] = [1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4]
    for item in REVERSED:
        frame[item] = 6 - frame[item]
    # One team of one mind, one of two.
    sized = frame.groupby("unit").size()
    same, split = sized[sized == 4].index[0], sized[sized == 6].index[0]
    frame.loc[frame.unit == same, A] = [4, 4, 2, 4, 2, 4]
    high, low = [5, 5, 1, 5, 1, 5], [1, 1, 5, 1, 5, 1]
    frame.loc[frame.unit == split, A] = [high, low] * 3
    # Three in ten lack something: mostly a little.
    frame = whole(frame, ITEMS)
    gaps = rng.choice(400, 120, replace=False)
    for number, at in enumerate(gaps):
        if frame.unit[at] in (same, split):
            continue
        count = 12 if number < 2 else 11 if number < 4 else int(rng.choice([1, 1, 1, 2, 3, 5, 8]))
        frame.loc[at, rng.choice(ITEMS, count, replace=False)] = pd.NA
    return frame.sample(frac=1, random_state=7).reset_index(drop=True).assign(person=range(1, 401))


def draw_icc(rng):
    people, raters = rng.normal(0, 4, 30), np.array([0.0, 1.5, -1.0, 2.5])
    scores = np.round(50 + people[:, None] + raters + rng.normal(0, 2.5, (30, 4)), 3)
    assert len(np.unique(scores)) == 120
    return pd.DataFrame(scores, columns=["r1", "r2", "r3", "r4"])


def draw_change(rng):
    """PHQ-8 answers of 40 persons before and after: mostly better; some lack an answer."""
    severity = rng.normal(0.4, 0.8, 40)
    after = severity - rng.choice([0.0, 0.0, 0.4, 0.9, 1.6, -0.9], 40) + rng.normal(0, 0.2, 40)
    frames = []
    for latent in (severity, after):
        answers = np.searchsorted([-0.4, 0.5, 1.2], latent[:, None] + rng.normal(0, 0.7, (40, 8)))
        frame = whole(pd.DataFrame(answers, columns=[str(n) for n in range(1, 9)]), [str(n) for n in range(1, 9)])
        for at in rng.choice(40, 4, replace=False):
            frame.loc[at, str(rng.integers(1, 9))] = pd.NA
        frame.insert(0, "person", range(1, 41))
        frames.append(frame)
    return frames


def data():
    adults = pd.read_csv(HERE / "../../../data/nhanes/adults.csv")
    table("phq8.csv", whole(adults[["person", *PHQ8]].copy(), PHQ8))
    table("second.csv", draw_second(np.random.default_rng(182)))
    table("icc.csv", draw_icc(np.random.default_rng(30)))
    # Shrout & Fleiss 1979, Table 2: six targets, four judges.
    rows = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    table("shrout_fleiss.csv", pd.DataFrame(rows, columns=["r1", "r2", "r3", "r4"]))
    before, after = draw_change(np.random.default_rng(40))
    table("change_pre.csv", before)
    table("change_post.csv", after)


def main():
    kept = {path.name: path.read_bytes() for path in HERE.iterdir() if path.suffix in (".csv", ".json", ".txt")}
    data()
    write_json("careless.json", careless())
    write_json("change.json", change())
    subprocess.run(["Rscript", "make.R"], cwd=HERE, check=True)
    print("largest relative difference between R and the same again, and where:")
    print("\n".join(compared()))
    versions = (HERE / "versions.txt").read_text()
    versions += f"Python {sys.version.split()[0]}\nnumpy {np.__version__}\npandas {pd.__version__}\nscipy {scipy.__version__}\nmpmath {mp.__version__}\n"
    (HERE / "versions.txt").write_text(versions)
    if "--check" in sys.argv:
        changed = [name for name, content in kept.items() if (HERE / name).read_bytes() != content]
        sys.exit(f"changed: {changed}" if changed else 0)


if __name__ == "__main__":
    main()
