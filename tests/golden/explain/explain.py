#!/usr/bin/env python3
"""Explains people's scores by brute force, with 60 decimal digits and the standard library alone.

Written from the document `src/guide/methods.md`, to be compared with the library; it calls nothing of it. Where there
is a choice of route, this script takes another one than the library:

- the Shapley value of a child: every order of the children, one after the other;
- the slope of a child that does not move: it is moved by 1e-25 instead, and the quotient taken.

The people of `nested` are scored here. Those of `nhanes` have the indicator values that `../nhanes/score.py` gave them.

    python explain.py            writes the expected files
    python explain.py --check    explains again and compares with what is written, to the last digit
"""

import csv
import itertools
import sys
import tomllib
from decimal import Decimal, getcontext
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TINY = Decimal("1e-25")
POWERS = {"arithmetic": 1, "geometric": 0, "harmonic": -1}

getcontext().prec = 60


class Tree:
    """The parents of a definition: children with weights, exponent, floor, and the share that must be observed."""

    def __init__(self, definition):
        self.indicators = list(definition["indicator"])
        self.parents = {}
        for name, node in {**definition.get("pillar", {}), "index": definition["index"]}.items():
            children = node["children"]
            weights = children if isinstance(children, dict) else dict.fromkeys(children, 1)
            total = sum(Decimal(str(weight)) for weight in weights.values())
            aggregate = node.get("aggregate", "arithmetic")
            aggregate = {"mean": aggregate} if isinstance(aggregate, str) else aggregate
            self.parents[name] = (
                {child: Decimal(str(weight)) / total for child, weight in weights.items()},
                POWERS[aggregate["mean"]],
                Decimal(str(aggregate.get("floor", 0))),
                Decimal(str(node.get("missing", {}).get("at_least", 1))),
            )

    def mean(self, name, values):
        """Of the children that are there, whatever share that is."""
        weights, power, floor, _ = self.parents[name]
        here = [(weight, values[child]) for child, weight in weights.items() if values[child] is not None and weight > 0]
        total = sum(weight for weight, _ in here)
        if power == 1 and floor == 0:
            return sum(weight * value for weight, value in here) / total
        here = [(weight, max(value, floor)) for weight, value in here]
        if power == 1:
            return sum(weight * value for weight, value in here) / total
        if any(value == 0 for _, value in here):
            return Decimal(0)
        if power == 0:
            return (sum(weight * value.ln() for weight, value in here) / total).exp()
        return total / sum(weight / value for weight, value in here)

    def values(self, profile, name="index", found=None):
        """The value of every indicator and parent; None where too little is there."""
        found = dict(profile) if found is None else found
        weights, _, _, at_least = self.parents[name]
        for child in weights:
            if child in self.parents:
                self.values(profile, child, found)
        share = sum(weight for child, weight in weights.items() if found[child] is not None)
        found[name] = self.mean(name, found) if share >= at_least - Decimal("1e-9") else None
        return found

    def shapley(self, name, start, end):
        """Every order in which the children go from `start` to `end`."""
        children = list(self.parents[name][0])
        points = dict.fromkeys(children, Decimal(0))
        orders = list(itertools.permutations(children))
        for order in orders:
            at = {child: start[child] for child in children}
            before = self.mean(name, at)
            for child in order:
                at[child] = end[child]
                after = self.mean(name, at)
                points[child] += after - before
                before = after
        return {child: value / len(orders) for child, value in points.items()}

    def share(self, name, start, end, times, found):
        """Down from a parent that has `times` points of the index for one of its own."""
        points = self.shapley(name, start, end)
        for child, own in points.items():
            if child not in self.parents:
                found[child] = times * own
                continue
            moved = end[child] - start[child]
            if abs(moved) < TINY:
                nudged = {**end, child: start[child] + TINY}
                own, moved = self.shapley(name, start, nudged)[child], TINY
            self.share(child, start, end, times * own / moved, found)

    def explain(self, person, baseline):
        """The index of the baseline, that of the person, the points of every indicator, and of what is missing."""
        score = self.values(person)["index"]
        if score is None:
            return None
        filled = {id: baseline[id] if value is None else value for id, value in person.items()}
        start, end = self.values(baseline), self.values(filled)
        found = {}
        self.share("index", start, end, Decimal(1), found)
        assert abs(sum(found.values()) - (end["index"] - start["index"])) < Decimal("1e-20")
        is_missing = any(value is None for value in person.values())
        return start["index"], score, found, score - end["index"] if is_missing else None


def decimal(cell):
    return Decimal(cell) if cell else None


def mean_person(people, indicators):
    values = {id: [person[id] for person in people.values() if person[id] is not None] for id in indicators}
    return {id: sum(observed) / len(observed) for id, observed in values.items()}


def utility(indicator, cell):
    """Goalposts at 0 and 100."""
    worst, best = indicator["utility"]["goalposts"]
    value = decimal(cell)
    return None if value is None else 100 * (value - worst) / (best - worst)


def nested():
    definition = tomllib.loads((ROOT / "tests/fixtures/explain/definition.toml").read_text())
    with open(ROOT / "tests/fixtures/explain/people.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    scored = {
        row["person"]: {id: utility(one, row[one["measure"]]) for id, one in definition["indicator"].items()}
        for row in rows
    }
    return Tree(definition), scored, scored.keys()


def nhanes():
    definition = tomllib.loads((ROOT / "data/definitions/nhanes.toml").read_text())
    with open(ROOT / "tests/golden/nhanes/expected.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    scored = {
        row["id"]: {id: decimal(row[f"indicator.{id}"]) for id in definition["indicator"]} for row in rows
    }
    complete = [id for id, person in scored.items() if None not in person.values()][:6]
    gaps = [row["id"] for row in rows if row["index"] and float(row["coverage"]) < 1]
    # The first few with something missing, and the one of whom least is known.
    least = min(gaps, key=lambda id: sum(value is not None for value in scored[id].values()))
    return Tree(definition), scored, dict.fromkeys([*complete, *gaps[:6], least])


def table(tree, people, wanted):
    baseline = mean_person(people, tree.indicators)
    lines = [",".join(["id", "baseline", "score", *tree.indicators, "missing"])]
    for id in wanted:
        found = tree.explain(people[id], baseline)
        cells = [None] * (len(tree.indicators) + 3)
        if found is not None:
            start, score, points, missing = found
            cells = [start, score, *(points[indicator] for indicator in tree.indicators), missing]
        lines.append(",".join([id, *("" if cell is None else f"{cell:.18f}" for cell in cells)]))
    return "\n".join(lines) + "\n"


def main():
    for name, (tree, people, wanted) in {"nested": nested(), "nhanes": nhanes()}.items():
        path, text = HERE / f"{name}_expected.csv", table(tree, people, wanted)
        if sys.argv[1:] == ["--check"]:
            assert path.read_text() == text, f"{path.name} is not what is explained here"
        else:
            path.write_text(text)


if __name__ == "__main__":
    main()
