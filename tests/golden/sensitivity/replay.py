"""Studies of sensitivity computed once more, from the specs and the data alone: numpy and scipy, nothing of the library.

    python replay.py          writes small.csv and expected_*.json, expected_*.csv
    python replay.py --check  computes again and compares
"""
import csv
import json
import math
import sys
import tomllib
from pathlib import Path

import numpy as np
from scipy.stats import qmc

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MASK = (1 << 64) - 1


class Draws:
    """SplitMix64 (Steele, Lea & Flood 2014), started from several numbers."""

    def __init__(self, path):
        self.state = 0
        for part in path:
            self.state ^= part * 0xD6E8FEB86659FD93 & MASK
            self.state = self.next()

    def next(self):
        self.state = self.state + 0x9E3779B97F4A7C15 & MASK
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        return z ^ z >> 31

    def unit(self):
        return (self.next() >> 11) / 2**53

    def below(self, bound):
        return self.next() * bound >> 64


def fnv(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001B3 & MASK
    return h


def design(d, n, seed):
    """Whole numbers of 2^-32: blocks A, B, AB_1, … of n rows."""
    points = qmc.Sobol(2 * d, scramble=False, bits=32).random(n)
    bits = (points * 2**32).astype(np.uint64)
    for k in range(2 * d):
        bits[:, k] ^= np.uint64(Draws([seed, k]).next() >> 32)
    a, b = bits[:, :d], bits[:, d:]
    blocks = [a, b]
    for i in range(d):
        ab = a.copy()
        ab[:, i] = b[:, i]
        blocks.append(ab)
    return np.concatenate(blocks)


def ranks(scores):
    """1 for the highest; ties to 2^-30 share the mean of their ranks."""
    out = np.full(len(scores), np.nan)
    ok = ~np.isnan(scores)
    key = np.sign(scores[ok]) * np.floor(np.abs(scores[ok]) * 2**30 + 0.5)
    values, inverse, counts = np.unique(-key, return_inverse=True, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    out[ok] = (before + (counts + 1) / 2)[inverse]
    return out


def band(bands, score):
    for name, (low, high) in bands.items():
        if low <= score < high:
            return name
    return None


def outcome(name, scores, rank, scores0, rank0, bands):
    shift = rank - rank0
    shift = shift[~np.isnan(shift)]
    scored = scores[~np.isnan(scores)]
    if name == "mean_rank_shift":
        return np.abs(shift).mean()
    if name == "max_rank_shift":
        return np.abs(shift).max()
    if name == "rank_shift_sd":
        return shift.std(ddof=1)
    if name == "mean_index":
        return scored.mean()
    if name == "median_index":
        return np.median(scored)
    if name == "index_sd":
        return scored.std(ddof=1)
    if name == "band_changes":
        both = ~np.isnan(scores) & ~np.isnan(scores0)
        return np.mean([band(bands, x) != band(bands, y) for x, y in zip(scores[both], scores0[both])])
    return float(len(scored))


def indices(y, d, n, estimator, rows):
    a, b = y[:n][rows], y[n : 2 * n][rows]
    both = np.concatenate([a, b])
    v = both.var(ddof=1)
    if not v > 0:
        return None
    out = []
    for i in range(d):
        ab = y[(2 + i) * n : (3 + i) * n][rows]
        if estimator == "jansen":
            s = 1 - ((b - ab) ** 2).sum() / (2 * n * v)
        else:
            m = both.mean() if estimator == "centred" else 0.0
            s = ((b - m) * (ab - a)).mean() / v
        out.append((s, ((a - ab) ** 2).sum() / (2 * n * v)))
    return np.array(out)


def power_mean(columns, weights, needed, power, floor=0.0):
    """Over what is not missing; columns are rows here."""
    ok = ~np.isnan(columns)
    w = np.where(ok, weights[:, None], 0.0)
    share = w.sum(axis=0)
    x = np.where(ok, columns, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if power == 1.0 and floor == 0.0:
            mean = (w * np.where(ok, columns, 0.0)).sum(axis=0) / share
        else:
            x = np.maximum(x, floor)
            zero = ((x <= 0) & ok & (weights[:, None] > 0)).any(axis=0)
            if power == 0.0:
                mean = np.exp((w * np.log(np.where(x > 0, x, 1.0))).sum(axis=0) / share)
            else:
                mean = ((w * np.where((x > 0) | (power > 0), x, 1.0) ** power).sum(axis=0) / share) ** (1 / power)
            if power <= 0.0:
                mean = np.where(zero, 0.0, mean)
    return np.where((share >= needed - 1e-9) & (share > 0), mean, np.nan)


WORDS = {"arithmetic": (1.0, 0.0), "geometric": (0.0, 0.0), "harmonic": (-1.0, 0.0)}


def method(value):
    if isinstance(value, str):
        return WORDS[value]
    power = value["power"] if "power" in value else WORDS[value["mean"]][0]
    return power, value.get("floor", 0.0)


def read(path, columns):
    rows = list(csv.DictReader(open(path, newline="")))
    column = lambda name: np.array([float(row[name]) if row[name] != "" else np.nan for row in rows])
    return {name: column(name) for name in columns}


class Study:
    """A tree of two levels with weights; `indicators(setting)` gives the scores of all indicators."""

    def __init__(self, name, tree, at_least, bands, indicators):
        self.name, self.tree, self.at_least, self.bands, self.indicators = name, tree, at_least, bands, indicators
        self.spec = tomllib.loads((HERE / f"{name}_spec.toml").read_text())

    def score(self, setting):
        """`setting`: key → value, and ("weight", node, child) → multiplier."""
        columns = self.indicators(setting)
        for node, children in self.tree.items():
            weights = np.array(list(children.values()), float)
            weights /= weights.sum()
            weights *= [setting.get(("weight", node, child), 1.0) for child in children]
            weights /= weights.sum()
            path = node if node == "index" else f"pillar.{node}"
            power, floor = method(setting.get(f"{path}.aggregate", "arithmetic"))
            needed = setting.get(f"{path}.missing.at_least", self.at_least[node])
            below = np.array([columns[child] for child in children])
            columns[node] = power_mean(below, weights, needed, power, floor)
        return columns["index"]

    def factors(self):
        """Each as (id, levels or None, bits → setting)."""
        seed = self.spec.get("seed", 1)
        out = []

        def expand(key):
            """Places of a key with `*`."""
            if ".*." not in key:
                return [key]
            kind = key.split(".")[0]
            ids = [c for n, cs in self.tree.items() if n != "index" for c in cs]
            ids = [n for n in self.tree if n != "index"] if kind == "pillar" else ids
            return [key.replace("*", name) for name in ids]

        for factor in self.spec["factor"]:
            if "weights" in factor:
                share = factor["share"]
                asked = factor["weights"]
                nodes = list(self.tree) if asked == "all" else [name.split(".")[-1] for name in asked]

                def of(nodes):
                    def setting(bits):
                        draw = lambda n, c: Draws([seed, fnv(f"{n}\0{c}"), bits]).unit()
                        return {
                            ("weight", n, c): 1 + share * (2 * draw(n, c) - 1) for n in nodes for c in self.tree[n]
                        }

                    return setting

                if factor.get("each"):
                    out += [(f"{factor['id']}.{n}", None, of([n])) for n in nodes]
                else:
                    out.append((factor["id"], None, of(nodes)))
                continue
            if "range" in factor:
                low, high = factor["range"]
                places = expand(factor["key"])
                setting = lambda bits, places=places, low=low, high=high: {
                    place: low + (high - low) * (bits / 2**32) for place in places
                }
                out.append((factor["id"], None, setting))
                continue
            keys = factor.get("keys") or {factor["key"]: factor["values"]}
            count = len(next(iter(keys.values())))
            levels = [
                {place: values[k] for key, values in keys.items() for place in expand(key)} for k in range(count)
            ]
            if factor.get("nominal", True):
                levels.insert(0, {})
            out.append((factor["id"], len(levels), lambda state, levels=levels: levels[state]))
        return out

    def run(self):
        spec = self.spec
        factors = self.factors()
        d, n, seed = len(factors), spec["points"], spec.get("seed", 1)
        level, estimator = spec.get("level", 0.9), spec.get("estimator", "centred")
        bits = design(d, n, seed)
        scores0 = self.score({})
        rank0 = ranks(scores0)
        known, all_scores, all_ranks = {}, [], []
        for row in bits:
            states = tuple(int(b) if k is None else int(b) * k >> 32 for b, (_, k, _) in zip(row, factors))
            if states not in known:
                setting = {}
                for state, (_, _, of) in zip(states, factors):
                    setting.update(of(state))
                scores = self.score(setting)
                known[states] = (scores, ranks(scores))
            scores, rank = known[states]
            all_scores.append(scores)
            all_ranks.append(rank)
        outputs = []
        names = spec.get("output", "mean_rank_shift")
        rows = [Draws([seed, 0xB007, r]) for r in range(spec["bootstrap"])]
        rows = [np.array([draws.below(n) for _ in range(n)]) for draws in rows]
        tail = (1 - level) / 2
        for name in [names] if isinstance(names, str) else names:
            of = lambda s, r: outcome(name, s, r, scores0, rank0, self.bands)
            y = np.array([of(s, r) for s, r in zip(all_scores, all_ranks)])
            estimate = indices(y, d, n, estimator, np.arange(n))
            entry = {"output": name, "nominal": of(scores0, rank0), "mean": y[: 2 * n].mean()}
            entry["sd"] = y[: 2 * n].std(ddof=1)
            entry["low"], entry["median"], entry["high"] = np.quantile(y[: 2 * n], [tail, 0.5, 1 - tail])
            if estimate is None:
                entry["factors"] = None
            else:
                again = [indices(y, d, n, estimator, r) for r in rows]
                again = np.array([x for x in again if x is not None])
                low, high = np.quantile(again, [tail, 1 - tail], axis=0)
                entry["factors"] = {
                    factor: {"first": [estimate[i, 0], low[i, 0], high[i, 0]], "total": [estimate[i, 1], low[i, 1], high[i, 1]]}
                    for i, (factor, _, _) in enumerate(factors)
                }
            outputs.append(entry)
        all_scores, all_ranks = np.array(all_scores), np.array(all_ranks)
        persons = []
        for row in range(len(scores0)):
            s, r = all_scores[:, row], all_ranks[:, row]
            s, r = s[~np.isnan(s)], r[~np.isnan(r)]
            cells = [scores0[row], rank0[row], len(s)]
            if len(s) == 0:
                persons.append(cells + [math.nan] * 8)
                continue
            q = lambda x: list(np.quantile(x, [tail, 0.5, 1 - tail]))
            other = math.nan
            if not math.isnan(scores0[row]):
                other = np.mean([band(self.bands, x) != band(self.bands, scores0[row]) for x in s])
            persons.append(cells + [s.mean()] + q(s) + q(r) + [other])
        found = {"runs": len(bits), "distinct_runs": len(known), "outputs": outputs}
        return found, persons


PERSONS = "index rank runs index_mean index_low index_median index_high rank_low rank_median rank_high other_band".split()


def make_small():
    """90 persons, skewed, with ties and gaps."""
    draws = Draws([2026])
    lines = ["person,steps,sleep,bmi,mood,stress"]
    for k in range(90):
        u = [draws.unit() for _ in range(5)]
        cells = [
            f"{2000 + 9000 * u[0] ** 1.5:.0f}",
            f"{4 + 5 * u[1]:.1f}",
            f"{19 + 20 * u[2] ** 2:.1f}",
            f"{10 * u[3]:.0f}",
            f"{40 * u[4] ** 1.3:.0f}",
        ]
        cells = ["" if draws.unit() < 0.08 else cell for cell in cells]
        lines.append(",".join([f"p{k + 1}"] + cells))
    return "\n".join(lines) + "\n"


def small_indicators(readings, goals):
    higher = {"steps": 1, "sleep": 1, "bmi": -1, "mood": 1, "stress": -1}

    def of(setting):
        out = {}
        for name, (worst, best) in goals.items():
            x = readings[name].copy()
            low, high = setting.get(f"measure.{name}.limits", [10, 80] if name == "bmi" else [-np.inf, np.inf])
            x[(x < low) | (x > high)] = np.nan
            utility = setting.get(f"indicator.{name}.utility")
            if utility in ("z", "t"):
                z = higher[name] * (x - np.nanmean(x)) / np.nanstd(x, ddof=1)
                out[name] = z if utility == "z" else 50 + 10 * z
            else:
                best = setting.get(f"indicator.{name}.utility.goalposts[1]", best)
                out[name] = np.clip(100 * (x - worst) / (best - worst), 0, 100)
        return out

    return of


def studies():
    (HERE / "small.csv").write_text(make_small())
    definition = tomllib.loads((HERE / "small.toml").read_text())
    readings = read(HERE / "small.csv", definition["measure"])
    goals = {name: of["utility"]["goalposts"] for name, of in definition["indicator"].items()}
    tree = {"body": {"steps": 2, "sleep": 1, "bmi": 1}, "mind": {"mood": 1, "stress": 1}, "index": {"body": 1, "mind": 2}}
    at_least = {"body": 0.5, "mind": 0.5, "index": 0.6}
    bands = definition["index"]["bands"]
    for name in ["small", "standard"]:
        yield Study(name, tree, at_least, bands, small_indicators(readings, goals))
    # The scores of indicators of the survey are those of the independent scorer beside.
    tree = {
        "felt": {"mood": 2, "worry": 1, "health": 1},
        "measured": dict.fromkeys(["blood_pressure", "bmi", "non_hdl", "hba1c", "pulse"], 1),
        "index": {"felt": 1, "measured": 1},
    }
    names = [child for node in ["felt", "measured"] for child in tree[node]]
    scores = read(HERE.parent / "nhanes" / "expected.csv", [f"indicator.{name}" for name in names])
    columns = {name: scores[f"indicator.{name}"] for name in names}
    bands = {"low": [0, 50], "middle": [50, 75], "high": [75, 101]}
    yield Study("nhanes", tree, {"felt": 0.5, "measured": 0.6, "index": 1.0}, bands, lambda setting: dict(columns))


def clean(value):
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return value if isinstance(value, (str, int)) or value is None else float(value)


def main():
    is_check = "--check" in sys.argv
    for study in studies():
        found, persons = study.run()
        text = json.dumps(clean(found), indent=1) + "\n"
        cell = lambda x: "" if isinstance(x, float) and math.isnan(x) else repr(x if isinstance(x, int) else float(x))
        # Of many persons every tenth will do.
        step = 10 if len(persons) > 1000 else 1
        rows = [",".join(["row"] + PERSONS)]
        rows += [",".join(map(cell, [at] + row)) for at, row in enumerate(persons) if at % step == 0]
        table = "\n".join(rows) + "\n"
        for path, content in [(f"expected_{study.name}.json", text), (f"expected_{study.name}.csv", table)]:
            if is_check:
                same = (HERE / path).read_text() == content
                print(path, "same" if same else "DIFFERS")
            else:
                (HERE / path).write_text(content)
                print(path, len(content))


main()
