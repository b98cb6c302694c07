"""What the scripts here share: names of the items, and files read and written."""

import json
import pathlib

import pandas as pd

HERE = pathlib.Path(__file__).parent
PHQ8 = "interest down sleep_trouble tired appetite self_worth concentration psychomotor".split()
A, B = [f"a{n}" for n in range(1, 7)], [f"b{n}" for n in range(1, 7)]
ITEMS = A + B
REVERSED = ["a3", "a5", "b4"]
SCALES = {"first": ["a1", "a2", "a3"], "second": ["a4", "a5", "a6"], "third": ["b1", "b2", "b3"], "fourth": ["b4", "b5", "b6"]}


def table(name, frame):
    (HERE / name).write_text(frame.to_csv(index=False, lineterminator="\n"), encoding="utf-8")


def write_json(name, content):
    (HERE / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def whole(frame, columns):
    """Whole numbers without a point, empty where missing."""
    return frame.assign(**{column: frame[column].astype("Int64") for column in columns})


def read(name):
    return pd.read_csv(HERE / name)


def keyed(frame):
    """Reversed items turned: every item high is high."""
    return frame.assign(**{item: 6 - frame[item] for item in REVERSED})
