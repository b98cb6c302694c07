"""What an audit and a comparison say, by numpy, pandas and scipy, with KMO, Bartlett's test and alpha by psych.

    python make.py            writes *.json, second_arithmetic.toml and nhanes_geometric.toml beside it
    python make.py --check    compares instead

Scores are those of the second scorer (../nhanes/expected.csv, ../second/expected.csv); nothing of the library is read.
"""
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy import stats

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

# ---- trees: children with weights, power and floor of the mean, share of the weights needed --------------------------
NHANES = {
    "pillar.felt": ({"indicator.mood": 2, "indicator.worry": 1, "indicator.health": 1}, 1, 0, 0.5),
    "pillar.measured": (
        {f"indicator.{k}": 1 for k in ["blood_pressure", "bmi", "non_hdl", "hba1c", "pulse"]}, 1, 0, 0.6),
    "index": ({"pillar.felt": 1, "pillar.measured": 1}, 1, 0, 1.0),
}
SECOND = {
    "domain.mind": ({"indicator.wellbeing": 2, "indicator.resources": 3}, 0, 5, 0.6),
    "domain.strain": ({"indicator.stress": 5, "indicator.load": 2}, -1, 10, 1.0),
    "domain.body": ({"indicator.pulse": 1, "indicator.grip": 2, "indicator.waist": 1.5}, 1, 0, 0.3),
    "domain.rhythm": ({"indicator.sleep": 1, "indicator.steps": 2}, 0, 0, 0.3),
    "pillar.felt": ({"domain.mind": 2, "domain.strain": 1}, 1, 0, 0.3),
    "pillar.measured": ({"domain.body": 3, "domain.rhythm": 4}, 0.5, 1, 0.4),
    "index": ({"pillar.felt": 3, "pillar.measured": 2}, 1, 0, 0.4),
}


def mean(table, node):
    children, power, floor, needed = node
    total = sum(children.values())
    names = list(children)
    x = table[names].to_numpy(float)
    w = np.array([children[k] for k in names], float) / total
    there = ~np.isnan(x)
    weights = np.where(there, w, 0.0)
    den = weights.sum(1)
    with np.errstate(all="ignore"):
        if power == 1 and floor == 0:
            value = np.where(there, weights * x, 0.0).sum(1) / den
        else:
            y = np.maximum(x, floor)
            zero = (there & (y <= 0) & (w > 0)).any(1)
            if power == 0:
                value = np.exp(np.where(there, weights * np.log(np.where(there, y, 1.0)), 0.0).sum(1) / den)
            else:
                value = (np.where(there, weights * np.where(there, y, 1.0) ** power, 0.0).sum(1) / den) ** (1 / power)
            if power <= 0:
                value = np.where(zero, 0.0, value)
    return np.where(den >= needed - 1e-9, value, np.nan)


def grown(indicators, tree):
    table = indicators.copy()
    for name, node in tree.items():
        table[name] = mean(table, node)
    return table


def parent_of(tree, name):
    return next((node for node, (children, *_) in tree.items() if name in children), None)


def without(tree, name):
    """The tree without a child; a parent that is left without one goes, too."""
    tree = {k: (dict(v[0]), *v[1:]) for k, v in tree.items()}
    while True:
        parent = parent_of(tree, name)
        if parent is None:
            return None
        del tree[parent][0][name]
        tree.pop(name, None)
        if tree[parent][0]:
            return tree
        name = parent


def same(x):
    """Eleven digits: what differs by rounding alone is a tie."""
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        size = np.where(x == 0, 1.0, 10.0 ** np.floor(np.log10(np.abs(x))))
        return np.round(x / size, 11) * size


# ---- figures ---------------------------------------------------------------------------------------------------------
def number(value):
    return None if value is None or not math.isfinite(value) else float(value)


def figures(column):
    x = column.dropna().to_numpy(float)
    n = len(x)
    counts = pd.Series(same(x)).value_counts()
    return {
        "n": n,
        "missing": int(len(column) - n),
        "availability": n / len(column),
        "zeros": float((x == 0).mean()),
        "distinct": int(len(counts)),
        "modal_share": float(counts.max() / n),
        "min": float(x.min()),
        "max": float(x.max()),
        "mean": float(x.mean()),
        "median": float(np.median(x)),
        "sd": float(x.std(ddof=1)),
        "skewness": number(stats.skew(x, bias=False)),
        "kurtosis": number(stats.kurtosis(x, bias=False)),
    }


def correlation(a, b):
    both = pd.concat([a, b], axis=1).dropna()
    x, y = both.iloc[:, 0].to_numpy(), both.iloc[:, 1].to_numpy()
    n = len(x)
    if n < 3 or len(set(x)) < 2 or len(set(y)) < 2:
        return {"n": n, "pearson": None, "spearman": None, "kendall": None}
    pearson = stats.pearsonr(x, y)
    x, y = same(x), same(y)
    spearman = stats.spearmanr(x, y)
    ties = len(set(x)) < n or len(set(y)) < n
    kendall = stats.kendalltau(x, y, method="exact" if n < 50 and not ties else "asymptotic")
    return {
        "n": n,
        "pearson": float(pearson.statistic), "pearson_p": float(pearson.pvalue),
        "spearman": float(spearman.statistic), "spearman_p": float(spearman.pvalue),
        "kendall": float(kendall.statistic), "kendall_p": float(kendall.pvalue),
    }


def structure(table, children):
    """Components by numpy, the rest by psych."""
    complete = table[children].dropna()
    r = np.corrcoef(complete.to_numpy(float), rowvar=False)
    values, vectors = np.linalg.eigh(r)
    order = np.argsort(values)[::-1]
    values, vectors = values[order], vectors[:, order]
    components = []
    for k, value in enumerate(values):
        v = vectors[:, k]
        leading = v.sum() if abs(v.sum()) > 1e-9 else next(one for one in v if abs(one) > 1e-9)
        sign = math.copysign(1.0, leading)
        components.append({
            "eigenvalue": float(value), "share": float(value / len(children)),
            "loadings": [float(sign * one * math.sqrt(value)) for one in v],
        })
    text = table[children].to_csv(index=False, na_rep="NA", float_format="%.17g")
    told = subprocess.run(["Rscript", "--vanilla", str(HERE / "psych.R")], input=text, capture_output=True, text=True, check=True)
    return {"complete": len(complete), "components": components, **json.loads(told.stdout)}


def places(values):
    return pd.Series(-same(values)).rank(method="min").to_numpy()


def removal(table, indicators, tree, name):
    left = without(tree, name)
    if left is None:
        return None
    other = np.where(table["index"].isna(), np.nan, grown(indicators, left)["index"])
    both = ~np.isnan(other)
    x, y = table["index"].to_numpy()[both], other[both]
    shift = np.abs(places(x) - places(y))
    return {
        "n": int(both.sum()), "mean_shift": float(shift.mean()), "max_shift": int(shift.max()),
        "pearson": float(stats.pearsonr(x, y).statistic), "spearman": float(stats.spearmanr(same(x), same(y)).statistic),
        "mean_change": float((y - x).mean()),
    }


def inequality(values, aversions, line):
    x = np.sort(values.dropna().to_numpy(float))
    n = len(x)
    i = np.arange(1, n + 1)
    gini = 2 * (i * x).sum() / (n * x.sum()) - (n + 1) / n
    atkinson = {}
    for e in aversions:
        if e == 1:
            equal = 0.0 if (x == 0).any() else math.exp(np.log(x).mean())
        elif e > 1 and (x == 0).any():
            equal = 0.0
        else:
            equal = (x ** (1 - e)).mean() ** (1 / (1 - e))
        atkinson[str(e)] = float(1 - equal / x.mean())
    poor = x[x < line]
    return {
        "n": n, "mean": float(x.mean()), "gini": float(gini), "atkinson": atkinson,
        "below": {"line": line, "persons": len(poor), "share": len(poor) / n,
                  "mean_gap": number((line - poor).mean() if len(poor) else None),
                  "gap_index": float(np.where(x < line, (line - x) / line, 0).mean())},
    }


def shares(table, tree, row):
    """What every indicator counts in the index of a row of a tree of arithmetic means."""
    found = {}

    def down(name, share):
        if name not in tree:
            found[name] = share
            return
        there = {k: w for k, w in tree[name][0].items() if not math.isnan(table.at[row, k])}
        for k, w in there.items():
            down(k, share * w / sum(there.values()))

    down("index", 1.0)
    return found


def change(table, ids, waves, first, second, names, tree):
    key = pd.DataFrame({"id": ids, "wave": waves, "row": range(len(ids))})
    pairs = key[key.wave == first].merge(key[key.wave == second], on="id")[["row_x", "row_y"]].to_numpy()
    found = {"persons": len(pairs), "changes": {}}
    for name in names:
        x, y = table[name].to_numpy()[pairs[:, 0]], table[name].to_numpy()[pairs[:, 1]]
        both = ~np.isnan(x) & ~np.isnan(y)
        d = (y - x)[both]
        n = len(d)
        half = stats.t.ppf(0.975, n - 1) * d.std(ddof=1) / math.sqrt(n)
        found["changes"][name] = {
            "n": n, "before": float(x[both].mean()), "after": float(y[both].mean()), "change": float(d.mean()),
            "sd": float(d.std(ddof=1)), "low": float(d.mean() - half), "high": float(d.mean() + half),
        }
    if all(power == 1 and floor == 0 for _, power, floor, _ in tree.values()):
        added, rest, n = {}, 0.0, 0
        for a, b in pairs:
            x, y = table.at[a, "index"], table.at[b, "index"]
            if math.isnan(x) or math.isnan(y):
                continue
            n += 1
            one, other = shares(table, tree, a), shares(table, tree, b)
            left = y - x
            for name in set(one) & set(other):
                part = (one[name] + other[name]) / 2 * (table.at[b, name] - table.at[a, name])
                added[name] = added.get(name, 0.0) + part
                left -= part
            rest += left
        found["contributions"] = {k: v / n for k, v in added.items()}
        found["rest"] = rest / n
    return found


def audit(indicators, tree, readings, line, waves=None):
    table = grown(indicators, tree)
    nodes = list(tree)
    names = [*indicators.columns, *nodes]
    pairs = {}

    def above(name):
        parent = parent_of(tree, name)
        return [] if parent is None else [parent, *above(parent)]

    for at, a in enumerate(names):
        for b in names[at + 1:]:
            kind = a.split(".")[0]
            together = b in above(a) or parent_of(tree, a) == parent_of(tree, b)
            if together or (kind != "indicator" and kind == b.split(".")[0]):
                pairs[f"{a} {b}"] = correlation(table[a], table[b])
    found = {
        "columns": {name: figures(column) for name, column in [*readings.items(), *((k, table[k]) for k in names)]},
        "correlations": pairs,
        "parents": {name: structure(table, list(tree[name][0])) for name in nodes},
        "removals": {name: removal(table, indicators, tree, name) for name in names[:-1]},
        "inequality": inequality(table["index"], [1, 0.5, 2], line),
    }
    if waves is not None:
        ids, labels, first, second = waves
        found["change"] = change(table, ids, labels, first, second, names, tree)
    return found


def comparison(x, y, bands=None):
    both = ~np.isnan(x) & ~np.isnan(y)
    a, b = x[both], y[both]
    shift = np.abs(places(a) - places(b))
    n = len(a)
    found = {
        "both": n, "only_first": int((~np.isnan(x)).sum() - n), "only_second": int((~np.isnan(y)).sum() - n),
        "means": [float(a.mean()), float(b.mean())], "sds": [float(a.std(ddof=1)), float(b.std(ddof=1))],
        **{k: v for k, v in correlation(pd.Series(a), pd.Series(b)).items() if k != "n"},
        "mean_difference": float(b.mean() - a.mean()), "mean_shift": float(shift.mean()), "max_shift": int(shift.max()),
        "quantiles": [float(np.quantile(shift, q)) for q in [0.25, 0.5, 0.75, 0.9, 0.95, 0.99]],
        "sizes": [int(((shift > low * n) & (shift <= high * n)).sum())
                  for low, high in zip([-1, 0, 0.01, 0.02, 0.05, 0.1, 0.25], [0, 0.01, 0.02, 0.05, 0.1, 0.25, 1])],
    }
    if bands is not None:
        moves = pd.crosstab(pd.cut(same(a), bands, right=False, labels=False), pd.cut(same(b), bands, right=False, labels=False))
        moves = moves.reindex(index=range(len(bands) - 1), columns=range(len(bands) - 1), fill_value=0)
        found["moves"] = moves.to_numpy().tolist()
    return found


# ---- the two files ---------------------------------------------------------------------------------------------------
def nhanes():
    people = pd.read_csv(ROOT / "data/nhanes/adults.csv", na_values=["", "Don't Know"])
    scores = pd.read_csv(HERE.parent / "nhanes/expected.csv")
    indicators = scores[[c for c in scores if c.startswith("indicator.")]]
    clean = people
    diastolic = clean[["dia1", "dia2", "dia3"]]
    readings = {
        "reading.resting_pulse": clean["pulse"],
        "reading.body_mass_index": clean["bmi"],
        "reading.glycated_haemoglobin": clean["hba1c"],
        "reading.non_hdl_cholesterol": clean["total_cholesterol"] - clean["hdl"],
        "reading.systolic": clean[["sys1", "sys2", "sys3"]].mean(axis=1),
        "reading.diastolic": diastolic.where((diastolic >= 30) & (diastolic <= 150)).mean(axis=1),
    }
    return scores, indicators, readings


def second():
    people = pd.read_csv(ROOT / "tests/fixtures/second/people.csv", sep=";", decimal=",", dtype={"tunnus": str})
    scores = pd.read_csv(HERE.parent / "second/expected.csv", dtype={"id": str})
    indicators = scores[[c for c in scores if c.startswith("indicator.")]]
    pulse = people[["leposyke 1", "leposyke 2", "leposyke 3"]]
    readings = {
        "reading.sleep": people["uni_h"],
        "reading.pulse": pulse.where((pulse >= 25) & (pulse <= 150)).mean(axis=1),
        "reading.steps": people[["askeleet_la", "askeleet_su"]].mean(axis=1),
    }
    return scores, indicators, readings


def arithmetic(tree):
    return {name: (children, 1, 0, needed) for name, (children, _, _, needed) in tree.items()}


def made():
    out = {}
    scores, indicators, readings = nhanes()
    table = grown(indicators, NHANES)
    assert np.allclose(table["index"], scores["index"], rtol=0, atol=1e-10, equal_nan=True)
    out["nhanes.json"] = audit(indicators, NHANES, readings, 50.0)
    geometric = {**NHANES, "index": (NHANES["index"][0], 0, 0, 1.0)}
    other = grown(indicators, geometric)
    out["compare_nhanes.json"] = comparison(table["index"].to_numpy(), other["index"].to_numpy(), [0, 50, 75, 101])
    text = (ROOT / "data/definitions/nhanes.toml").read_text()
    variant = text.replace('norms      = "nhanes"', "#", 1).replace("[index]\n", '[index]\naggregate = "geometric"\n', 1)
    assert variant.count("geometric\"") == 1
    variant = "\n".join(line for line in variant.split("\n") if not line.startswith("#"))
    out["nhanes_geometric.toml"] = variant

    scores, indicators, readings = second()
    table = grown(indicators, SECOND)
    for name in SECOND:
        assert np.allclose(table[name], scores[name], rtol=0, atol=1e-9, equal_nan=True), name
    waves = (scores["id"], scores["wave"], "kevät", "syksy")
    out["second.json"] = audit(indicators, SECOND, readings, 40.0, waves)
    plain = arithmetic(SECOND)
    out["second_arithmetic.json"] = audit(indicators, plain, {}, 40.0, waves)
    out["compare_second.json"] = comparison(table["index"].to_numpy(), grown(indicators, plain)["index"].to_numpy())
    text = (ROOT / "tests/fixtures/second/definition.toml").read_text()
    lines = [line for line in text.split("\n") if not line.startswith(("aggregate = {", 'aggregate = "geometric"', "aggregate = 'geometric'"))]
    lines = [line for line in lines if not (line.startswith("aggregate = ") and "power" in line)]
    lines = [line for line in lines if not (line.startswith("aggregate") and ("mean =" in line or "power" in line))]
    out["second_arithmetic.toml"] = "\n".join(lines)
    return out


def close(a, b, path=""):
    if isinstance(a, dict):
        assert isinstance(b, dict) and a.keys() == b.keys(), path
        for k in a:
            close(a[k], b[k], f"{path}.{k}")
    elif isinstance(a, list):
        assert len(a) == len(b), path
        for k, (x, y) in enumerate(zip(a, b)):
            close(x, y, f"{path}[{k}]")
    elif isinstance(a, float) and isinstance(b, (int, float)):
        assert a == b or abs(a - b) <= 1e-9 * max(1e-3, abs(a)), f"{path}: {a} {b}"
    else:
        assert a == b, f"{path}: {a} {b}"


def main():
    found = made()
    versions = subprocess.run(["Rscript", "--vanilla", "-e", 'cat(R.version.string, "psych", as.character(packageVersion("psych")))'],
                              capture_output=True, text=True, check=True).stdout
    for name, content in found.items():
        path = HERE / name
        if "--check" in sys.argv:
            if name.endswith(".json"):
                close(json.loads(path.read_text()), json.loads(json.dumps(content)), name)
            else:
                assert path.read_text() == content, name
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False) + "\n"
            path.write_text(text)
    if "--check" not in sys.argv:
        (HERE / "versions.txt").write_text(
            f"python {sys.version.split()[0]} numpy {np.__version__} pandas {pd.__version__} scipy {scipy.__version__}\n{versions}\n")


if __name__ == "__main__":
    main()
