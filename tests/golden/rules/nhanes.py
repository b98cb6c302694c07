"""Five components of Life's Essential 8 of the people in data/nhanes/adults.csv, by pandas.

The file is read as data/definitions/nhanes.toml reads it: what SAS wrote for zero is zero, a diastolic reading outside 30 to
150 is no reading (0 is the fifth sound heard down to 0), up to three readings of one sitting are averaged, a borderline
finding is no diagnosis. Left open by the table and said there: a body mass index below 18.5 has no points; who has an HbA1c
in the diagnostic range and no diagnosis is scored by the rows for diabetes. Treatment is not in the file: nothing is taken off.
"""

import numpy as np
import pandas as pd

from golden import HERE, seventeen, write_rows

COMPONENTS = ["sleep", "bmi", "non_hdl", "hba1c", "blood_pressure"]


def banded(x, edges, points):
    """Lower bound inclusive; missing stays missing."""
    cut = pd.cut(x, [-np.inf, *edges, np.inf], right=False, labels=False)
    return cut.map(lambda k: points[int(k)], na_action="ignore").astype(float)


def components(people):
    numeric = people.apply(pd.to_numeric, errors="coerce")
    numeric = numeric.mask(numeric.abs() < 1e-70, 0.0)
    out = pd.DataFrame(index=people.index)
    sleep = numeric["sleep_hours"]
    out["sleep"] = banded(sleep.where(sleep.between(0, 24)), [4, 5, 6, 7, 9, 10], [0, 20, 40, 70, 100, 90, 40])
    bmi = numeric["bmi"]
    out["bmi"] = banded(bmi.where(bmi >= 18.5), [25, 30, 35, 40], [100, 70, 30, 15, 0])
    out["non_hdl"] = banded(numeric["total_cholesterol"] - numeric["hdl"], [130, 160, 190, 220], [100, 60, 40, 20, 0])
    hba1c = numeric["hba1c"]
    diabetes = people["diabetes"].map({"0": 0, "1": 1, "Borderline": 0})
    with_diabetes = banded(hba1c, [7, 8, 9, 10], [40, 30, 20, 10, 0])
    without = banded(hba1c, [5.7, 6.5], [100, 60, np.nan]).fillna(with_diabetes)
    out["hba1c"] = with_diabetes.where(diabetes == 1, without).where(diabetes.notna())
    systolic = numeric[["sys1", "sys2", "sys3"]]
    diastolic = numeric[["dia1", "dia2", "dia3"]]
    diastolic = diastolic.where((diastolic >= 30) & (diastolic <= 150))
    of_systolic = banded(systolic.mean(axis=1), [120, 130, 140, 160], [100, 75, 50, 25, 0])
    of_diastolic = banded(diastolic.mean(axis=1), [80, 90, 100], [100, 50, 25, 0])
    out["blood_pressure"] = pd.concat([of_systolic, of_diastolic], axis=1).min(axis=1, skipna=False)
    # The limits of the definition refuse nobody.
    assert systolic.stack().dropna().between(60, 270).all() and bmi.dropna().between(10, 100).all() and hba1c.dropna().between(3, 20).all()
    assert not sleep.dropna().between(0, 24).eq(False).any()
    return out


def make():
    people = pd.read_csv(HERE.parents[2] / "data/nhanes/adults.csv", dtype=str, keep_default_na=False)
    scores = components(people)
    there = scores[COMPONENTS].notna().sum(axis=1)
    scores["mean_of_five"] = scores[COMPONENTS].mean(axis=1).where(there == 5)
    scores["mean_of_four_or_five"] = scores[COMPONENTS].mean(axis=1).where(there >= 4)
    columns = [*COMPONENTS, "mean_of_five", "mean_of_four_or_five"]
    write_rows("nhanes_le8.csv", ["person", *columns],
               [[person, *(seventeen(x) if x == x else "" for x in row)] for person, row in zip(people["person"], scores[columns].to_numpy())])

    age = people["age"].astype(float)
    group = pd.cut(age, [20, 30, 40, 50, 60, 70, np.inf], right=False, labels=["20-29", "30-39", "40-49", "50-59", "60-69", "70+"]).astype(str)
    rows = []
    for column in columns:
        for sex, ages, chosen in [("all", "all", scores[column])] + [
            (sex, ages, part) for (sex, ages), part in scores[column].groupby([people["sex"], group], sort=True)
        ]:
            rows.append([column, sex, ages, int(chosen.count()), seventeen(chosen.mean()), seventeen(chosen.std(ddof=1))])
    write_rows("nhanes_le8.summary.csv", ["score", "sex", "age", "n", "mean", "sd"], rows)
    assert len(rows) == 7 * 13
