"""What every generator here shares: one outcome per person, rows to try, and one CSV a rule."""

import csv
import math
import zlib
from pathlib import Path

import mpmath
import numpy as np

HERE = Path(__file__).resolve().parent
mpmath.mp.dps = 50


# ---- numbers ----------------------------------------------------------------------------------------------------


class Double:
    """Plain double precision."""

    num = float
    exp = staticmethod(math.exp)
    ln = staticmethod(math.log)
    smaller = staticmethod(min)
    larger = staticmethod(max)


class Exact:
    """Fifty digits: the published decimals as decimals, the person's values as the doubles they are."""

    num = mpmath.mpf
    exp = staticmethod(mpmath.exp)
    ln = staticmethod(mpmath.log)
    smaller = staticmethod(min)
    larger = staticmethod(max)


def both(formula, *given, tolerance=1e-10):
    """A formula in fifty digits, after it agreed with itself in double precision."""
    exact = formula(Exact, *given)
    double = formula(Double, *given)
    assert abs(exact - double) <= tolerance * max(1, abs(exact)), (formula.__name__, given, exact, double)
    return float(exact)


def below(x):
    return float(np.nextafter(x, -np.inf))


def above(x):
    return float(np.nextafter(x, np.inf))


def near(*edges):
    """Every edge exactly, and one unit in the last place to both sides."""
    return [y for x in edges for y in (below(x), float(x), above(x))]


def band(x, edges, scores):
    """Lower bound inclusive: an edge belongs to the band above it."""
    return scores[sum(x >= edge for edge in edges)]


def strictly_above(x, edges, scores):
    """Upper bound inclusive: an edge belongs to the band below it."""
    return scores[sum(x > edge for edge in edges)]


# ---- outcomes ---------------------------------------------------------------------------------------------------


class Nothing(Exception):
    """Why there is no value."""

    def __init__(self, note):
        self.note = note


class Person(dict):
    """Inputs by name; None is missing."""

    def need(self, *names):
        for name in names:
            if self[name] is None:
                raise Nothing(f"missing:{name}")

    def age_within(self, low, high):
        if self["age"] is not None and not low <= self["age"] < high:
            raise Nothing("age")

    def within(self, limits, open_above=()):
        for name, (low, high) in limits.items():
            x = self[name]
            if x is not None and not (low <= x < high if name in open_above else low <= x <= high):
                raise Nothing(f"outside:{name}")

    def or_no(self, name):
        return 0 if self[name] is None else self[name]

    def assumed(self, *names):
        return ["assumed"] if any(self[name] is None for name in names) else []


def outcome(value, name="", flags=(), parts=None):
    return {"value": value, "class": name, "flags": list(flags), "parts": parts or {}}


# ---- tables -----------------------------------------------------------------------------------------------------


def seventeen(x):
    if x is None:
        return ""
    if isinstance(x, (int, np.integer)):
        return str(int(x))
    return format(float(x), ".17g")


def cell(x):
    if x is None:
        return ""
    if isinstance(x, str):
        return x
    x = float(x)
    return str(int(x)) if x == int(x) and abs(x) < 1e15 else repr(x)


class Table:
    """One CSV: persons, and what the rule makes of them."""

    written = {}

    def __init__(self, name, rule, inputs, arguments=(), parts=(), at_least=False):
        self.name, self.rule = name, rule
        self.inputs, self.arguments, self.parts = list(inputs), list(arguments), list(parts)
        self.at_least = at_least
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.rows = []
        self.seen = set()

    def add(self, person, arguments=None, at_least=None):
        arguments = arguments or {}
        assert set(person) == set(self.inputs), set(person) ^ set(self.inputs)
        assert set(arguments) <= set(self.arguments)
        person = Person({name: None if person[name] is None else float(person[name]) for name in self.inputs})
        given = [cell(person[name]) for name in self.inputs] + [arguments.get(name, "") for name in self.arguments]
        given += [cell(at_least)] if self.at_least else []
        keywords = dict(arguments)
        if self.at_least and at_least is not None:
            keywords["at_least"] = at_least
        try:
            result, note = self.rule(person, **keywords), ""
        except Nothing as why:
            result, note = outcome(None), why.note
        if tuple(given) in self.seen:
            return result
        self.seen.add(tuple(given))
        self.rows.append(
            given
            + [seventeen(result["value"]), result["class"], note, ";".join(result["flags"])]
            + [seventeen(result["parts"].get(part)) for part in self.parts]
        )
        return result

    def change(self, person, arguments=None, **values):
        """The person with one or more inputs gone through, one at a time, a list each."""
        for name, list_of in values.items():
            for value in list_of:
                self.add({**person, name: value}, arguments)

    def without(self, person, arguments=None, names=None):
        """Each input missing, one at a time."""
        for name in names or self.inputs:
            self.add({**person, name: None}, arguments)

    def write(self):
        assert 40 <= len(self.rows) <= 300, (self.name, len(self.rows))
        # An input called `value` has to be told from the result.
        header = [f"input:{name}" if name == "value" else name for name in self.inputs]
        header += [f"argument:{name}" for name in self.arguments] + (["at_least"] if self.at_least else [])
        header += ["value", "class", "note", "flags"] + [f"part:{part}" for part in self.parts]
        write_rows(f"{self.name}.csv", header, self.rows)


def write_rows(file, header, rows):
    with open(HERE / file, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    Table.written[file] = len(rows)
