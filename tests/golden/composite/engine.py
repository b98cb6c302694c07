"""A small second scorer: a definition as a dictionary, a reference, the people to score.

Order of work for one person: reading (over its denominator), screening, imputation, treatment, normalisation, then node by
node. Everything learned is learned on the reference without those who are screened out.
"""

import csv
import math
from pathlib import Path

import numpy as np

import aggregate
import weigh
from normalise import Normaliser, shape
from treat import Treatment

HERE = Path(__file__).resolve().parent


# ---- files ------------------------------------------------------------------------------------------------------


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return "{ " + ", ".join(f"{key} = {toml(v)}" for key, v in value.items()) + " }"


NAMED = ("measure", "derived", "indicator", "domain", "pillar")


def definition_text(definition, about):
    lines = [f"# {about}", ""]
    for key, value in definition.items():
        if not isinstance(value, dict):
            lines.append(f"{key} = {toml(value)}")
    for key, value in definition.items():
        if isinstance(value, dict):
            for name, table in value.items() if key in NAMED else [("", value)]:
                lines += ["", f"[{key}.{name}]" if name else f"[{key}]"]
                lines += [f"{k} = {toml(v)}" for k, v in table.items()]
    return "\n".join(lines) + "\n"


def read(path, definition):
    """Columns of text; numbers are read where they are used."""
    data = definition.get("data", {})
    with open(HERE / path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=data.get("delimiter", ",")))
    return {name: [row[name] for row in rows] for name in rows[0]}


def numbers(cells, definition):
    comma = definition.get("data", {}).get("decimal") == ","
    return np.array([float(c.replace(",", ".") if comma else c) if c else np.nan for c in cells])


# ---- from a file to readings ------------------------------------------------------------------------------------


class People:
    """The readings of a file: denominated, by measure; and who is screened out."""

    def __init__(self, definition, path):
        self.definition = definition
        self.table = table = read(path, definition)
        person = definition["person"]
        self.ids = table[person["id"]]
        self.wave = numbers(table[person["wave"]], definition) if "wave" in person else None
        self.wave_text = table[person["wave"]] if "wave" in person else None
        self.reading, self.not_positive = {}, np.zeros(len(self.ids), bool)
        for name, measure in definition["measure"].items():
            x = numbers(table[measure.get("column", name)], definition)
            per = measure.get("per")
            if per is not None:
                per = {"column": per} if isinstance(per, str) else per
                d = numbers(table[per["column"]], definition) / per.get("scale", 1)
                self.not_positive |= ~np.isnan(x) & (d <= 0)
                with np.errstate(divide="ignore", invalid="ignore"):
                    x = np.where(d > 0, x / d, np.nan)
            self.reading[name] = x
        self.raw = {name: self.reading[i["measure"]] for name, i in definition["indicator"].items()}
        self.out = self.screened()

    def __len__(self):
        return len(self.ids)

    def screened(self):
        rule = self.definition.get("screen")
        if not rule:
            return np.zeros(len(self), bool)
        x = np.array(list(self.raw.values()))
        there = ~np.isnan(x)
        keep = np.ones(len(self), bool)
        if "at_least" in rule:
            keep &= there.mean(0) >= rule["at_least"] - 1e-9
        if "non_zero" in rule:
            keep &= (there & (x != 0)).sum(0) >= rule["non_zero"] * there.sum(0) - 1e-9
        if "keep_if" in rule:
            keep |= self.holds(rule["keep_if"])
        if "drop_if" in rule:
            keep &= ~self.holds(rule["drop_if"])
        return ~keep

    def holds(self, expression):
        """`column == 'text'` or `column >= number`; what is missing does not hold."""
        name, sign, value = expression.split(" ", 2)
        if sign == "==":
            return np.array([cell == value.strip("'") for cell in self.table[name]])
        return numbers(self.table[name], self.definition) >= float(value)


def rule_of(definition, indicator, key):
    """`impute` or `treat` of one indicator: its own, or that of all."""
    own = definition["indicator"][indicator].get(key)
    return own if own is not None else definition.get(key)


def waves_filled(people, x, method, within):
    """From the person's own other waves."""
    y, filled = x.copy(), np.zeros(len(x), bool)
    for row in np.flatnonzero(np.isnan(x)):
        own = [k for k in range(len(x)) if people.ids[k] == people.ids[row] and not np.isnan(x[k])]
        own.sort(key=lambda k: people.wave[k])
        before = [k for k in own if people.wave[k] < people.wave[row]]
        after = [k for k in own if people.wave[k] > people.wave[row]]
        if method == "last":
            if before and (within is None or people.wave[row] - people.wave[before[-1]] <= within):
                y[row] = x[before[-1]]
        elif method == "constant":
            if own:
                y[row] = x[before[-1] if before else own[0]]
        elif before and after:
            a, b = before[-1], after[0]
            share = (people.wave[row] - people.wave[a]) / (people.wave[b] - people.wave[a])
            y[row] = x[a] + (x[b] - x[a]) * share
        elif own:
            y[row] = x[before[-1] if before else after[0]]
        filled[row] = not np.isnan(y[row])
    return y, filled


class Fill:
    """What takes the place of a missing reading."""

    def __init__(self, rule, people, x):
        rule = {"method": rule} if isinstance(rule, str) else (rule or {"method": "none"})
        self.method, self.by, self.within = rule["method"], rule.get("by"), rule.get("within")
        if self.method not in ("mean", "median"):
            return
        ok = ~people.out & ~np.isnan(x)
        middle = (lambda v: math.fsum(v) / len(v)) if self.method == "mean" else np.median
        self.overall, self.groups = middle(x[ok]), {}
        if self.by:
            group = np.array(people.table[self.by])
            for name in sorted(set(group[ok]) - {""}):
                self.groups[name] = middle(x[ok & (group == name)])

    def __call__(self, people, x):
        missing = np.isnan(x)
        if self.method in ("none", "siblings"):
            return x, np.zeros(len(x), bool)
        if self.method in ("mean", "median"):
            groups = people.table[self.by] if self.by else [""] * len(x)
            fill = np.array([self.groups.get(name, self.overall) for name in groups])
            return np.where(missing, fill, x), missing
        return waves_filled(people, x, self.method, self.within)


# ---- indicators and nodes ---------------------------------------------------------------------------------------


def children_of(node):
    children = node["children"]
    names = list(children)
    weights = [children[name] for name in names] if isinstance(children, dict) else [1.0] * len(names)
    return names, np.array(weights, float)


def at_least(node):
    rule = node.get("missing", "complete")
    return 1.0 if rule == "complete" else rule["at_least"]


class Scored:
    """Scores of a file by indicator and node, what was imputed, what lies outside the reference."""

    def __init__(self, people):
        self.people, self.score, self.observed, self.coverage = people, {}, {}, {}
        self.imputed, self.outside = np.zeros(len(people), bool), np.zeros(len(people), bool)


class Calibrated:
    def __init__(self, definition, reference):
        self.definition = definition
        self.fills, self.treatments, self.normalisers, self.weights, self.prepared = {}, {}, {}, {}, {}
        self.facts = {}
        people = People(definition, reference)
        self.reference = people
        for name, indicator in definition["indicator"].items():
            x = people.raw[name]
            self.fills[name] = Fill(rule_of(definition, name, "impute"), people, x)
            filled, _ = self.fills[name](people, x)
            learned = filled[~people.out & ~np.isnan(filled)]
            self.treatments[name] = treatment = Treatment(rule_of(definition, name, "treat"), learned)
            direction = definition["measure"][indicator["measure"]].get("direction", "higher_better")
            kind, argument, _ = shape(indicator["utility"])
            row = None
            if kind == "reference" and isinstance(argument, dict):
                row = treatment(filled[[people.ids.index(argument["person"])]])[0][0]
            self.normalisers[name] = Normaliser(indicator["utility"], treatment(learned)[0], direction, row)
        self.score(people, learning=True)

    def nodes(self):
        """Children before parents."""
        nodes = {**self.definition.get("domain", {}), **self.definition.get("pillar", {}), "index": self.definition["index"]}
        done = set(self.definition["indicator"])
        while nodes:
            ready = [name for name, node in nodes.items() if all(child in done for child in children_of(node)[0])]
            assert ready
            for name in ready:
                yield name, nodes.pop(name)
                done.add(name)

    def score(self, people, learning=False):
        s = Scored(people)
        for name in self.definition["indicator"]:
            x, filled = self.fills[name](people, people.raw[name])
            treated, beyond = self.treatments[name](np.where(np.isnan(x), 0.0, x))
            treated = np.where(np.isnan(x), np.nan, treated)
            s.score[name], outside = self.normalisers[name](treated)
            s.observed[name] = ~np.isnan(people.raw[name])
            s.imputed |= filled
            s.outside |= s.observed[name] & ((beyond & ~np.isnan(x)) | outside)
        for name, node in self.nodes():
            self.siblings(node, s)
            children, declared = children_of(node)
            columns = np.column_stack([s.score[child] for child in children])
            if learning:
                self.learn(name, node, children, declared, columns[~people.out])
            s.score[name] = self.node(name, node, children, columns)
            weights = self.weights[name]
            coverage = np.column_stack([s.coverage.get(c, s.observed.get(c, np.zeros(len(people))) * 1.0) for c in children])
            s.coverage[name] = coverage @ weights
            if name != "index":
                s.coverage[name] = np.where(np.isnan(s.score[name]), 0.0, s.coverage[name])
        return s

    def siblings(self, node, s):
        """The mean of the person's other observed indicators under the same parent."""
        names = [name for name in children_of(node)[0] if name in self.definition["indicator"]]
        own = np.column_stack([np.where(s.observed[name], s.score[name], np.nan) for name in names]) if names else None
        for name in names:
            if self.fills[name].method == "siblings":
                gap = ~s.observed[name] & ~np.isnan(own).all(1)
                means = np.array([math.fsum(r[~np.isnan(r)]) / (~np.isnan(r)).sum() if g else np.nan for r, g in zip(own, gap)])
                s.score[name] = np.where(gap, means, s.score[name])
                s.imputed |= gap

    def learn(self, name, node, children, declared, columns):
        how = node.get("weights")
        kind = how if isinstance(how, str) else next(iter(how)) if how else None
        w = declared / declared.sum()
        facts = {}
        if kind == "pca":
            w = weigh.first_component(columns)
        elif kind == "pca_squared":
            w = weigh.squared_loadings(columns)
        elif kind == "entropy":
            w = weigh.entropy(columns)
        elif kind == "critic":
            w = weigh.critic(columns)
        elif kind == "sd":
            w = weigh.deviation(columns)
        elif kind == "ahp":
            w, facts["consistency_ratio"] = weigh.judgements(how["ahp"])
        elif kind == "importance":
            w = weigh.importance(columns, [how["importance"][child] for child in children])
            facts["objective"] = 0.0
        self.weights[name] = w
        self.facts[name] = {"weights": dict(zip(children, map(float, w))), **facts} if kind and kind != "equal" else {}
        kind = self.aggregate_of(node)[0]
        whole = columns[~np.isnan(columns).any(1)]
        if kind == "topsis":
            self.prepared[name] = aggregate.Topsis(whole, w)
        elif kind == "benefit_of_the_doubt":
            shares = self.aggregate_of(node)[1].get("shares")
            if isinstance(shares, dict):
                shares = [shares.get(child, [0.0, 1.0]) for child in children]
            elif shares:
                shares = [shares] * len(children)
            self.prepared[name] = aggregate.BenefitOfTheDoubt(whole, shares)
        elif kind == "copeland":
            there = ~np.isnan(columns)
            enough = there @ w >= at_least(node) - 1e-9
            self.prepared[name] = columns[enough], there[enough]

    @staticmethod
    def aggregate_of(node):
        spec = node.get("aggregate", "arithmetic")
        if isinstance(spec, str):
            return spec, {}
        kind = next(key for key in spec if key not in ("floor", "shares") or len(spec) == 1)
        if kind == "benefit_of_the_doubt":
            return kind, spec[kind] if isinstance(spec[kind], dict) else {}
        return kind, spec

    def node(self, name, node, children, columns):
        kind, spec = self.aggregate_of(node)
        floor = spec.get("floor", 0.0)
        if kind == "mean":
            kind = spec["mean"]
        w, whole = self.weights[name], children_of(node)[1]
        out = np.full(len(columns), np.nan)
        for row, x in enumerate(columns):
            there = ~np.isnan(x)
            share = w[there].sum()
            if share < at_least(node) - 1e-9 or share <= 0:
                continue
            u, v = x[there], w[there] / share
            if kind == "arithmetic":
                out[row] = aggregate.mean(u, v)
            elif kind in ("geometric", "harmonic", "power"):
                power = {"geometric": 0, "harmonic": -1}.get(kind, spec.get("power"))
                out[row] = aggregate.power_mean(np.maximum(u, floor), v, power)
            elif kind == "median":
                out[row] = aggregate.median(u, v)
            elif kind in ("minimum", "maximum"):
                out[row] = (min if kind == "minimum" else max)(a for a, b in zip(u, v) if b > 0)
            elif kind in ("mpi", "ampi"):
                out[row] = aggregate.mazziotta_pareto(u, v, spec.get(kind, "minus"))
            elif kind == "mean_min":
                out[row] = aggregate.mean_min(u, v, spec["mean_min"]["a"], spec["mean_min"]["b"])
            elif kind == "owa":
                out[row] = aggregate.owa(u, spec["owa"])
            elif kind == "choquet":
                out[row] = aggregate.choquet(u, children, spec["choquet"]["alone"], spec["choquet"].get("pairs", []))
            elif kind == "copeland":
                out[row] = aggregate.copeland(x, whole, *self.prepared[name])
            elif kind in ("topsis", "benefit_of_the_doubt"):
                out[row] = self.prepared[name](u)
            elif kind == "alkire_foster":
                given = spec["alkire_foster"]
                cutoffs = [given["cutoffs"][child] for child in children]
                out[row] = aggregate.alkire_foster(u, v, cutoffs, given["poor_at"])
            else:
                raise AssertionError(kind)
        return out
