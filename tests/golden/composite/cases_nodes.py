"""Weights and aggregation."""

import math

import numpy as np

import aggregate
from case import case, cell, definition, down, refused, up, weights_of

FACTORS = "data/factors.csv"
EIGHT = [f"f{k}" for k in range(1, 9)]


def weighed(how_a, how_b=None, how_index=None, utility="min_max", low=()):
    measures = {**up(*[f for f in EIGHT if f not in low]), **down(*low)}
    node = lambda children, how: {"children": children, **({"weights": how} if how else {})}
    nodes = {"a": node(EIGHT[:4], how_a), "b": node(EIGHT[4:], how_b or how_a)}
    return definition("x", measures, {f: (f, utility) for f in EIGHT}, nodes, node(["a", "b"], how_index))


def weights():
    refused("weights_entropy_of_zero", "weights", "a share of 0 has no logarithm: the child is named", weighed("entropy"), ["f1"], data=FACTORS)
    for how, about in [("equal", "equal weights"), ("pca", "loadings of the first component, turned to sum above 0"), ("entropy", "one less the entropy of the shares"),
                       ("critic", "standard deviation times conflict"), ("sd", "standard deviations")]:
        index = None if how == "equal" else how
        utility = {"min_max": [1, 100]} if how == "entropy" else "min_max"
        case(f"weights_{how}", "weights", f"{about}, of pillars and index", weighed(how, how_index=index, utility=utility), data=FACTORS, learned=weights_of)
        case(f"weights_{how}_others", "weights", f"{about}; others are weighed as the reference was", weighed(how, how_index=index, utility=utility), data="data/factors_others.csv", reference=FACTORS)
    case("weights_pca_squared_one", "weights", "squared loadings where one component is kept", weighed("pca_squared"), data=FACTORS, learned=weights_of, tolerance=1e-9)
    flat = definition("x", up(*EIGHT), {f: (f, "min_max") for f in EIGHT}, {}, {"children": EIGHT, "weights": "pca_squared"})
    case("weights_pca_squared_two", "weights", "squared loadings of two components after varimax", flat, data=FACTORS, learned=weights_of, tolerance=1e-9)
    saaty = [[1, 3, 5, 1], [1 / 3, 1, 3, 0.5], [0.2, 1 / 3, 1, 0.2], [1, 2, 5, 1]]
    three = [[1, 2, 4], [0.5, 1, 3], [0.25, 1 / 3, 1]]
    case("weights_ahp", "weights", "judgements of pairs: principal eigenvector and consistency ratio",
         weighed({"ahp": saaty}, {"ahp": [[1, 1, 1, 1]] * 4}, {"ahp": [[1, 3], [1 / 3, 1]]}), data=FACTORS, learned=weights_of)
    found = definition("x", up(*EIGHT[:3]), {f: (f, "min_max") for f in EIGHT[:3]}, {}, {"children": EIGHT[:3], "weights": {"ahp": three, "max_ratio": 0.05}})
    case("weights_ahp_three", "weights", "three children, a ratio below the declared limit", found, data=FACTORS, learned=weights_of)
    circle = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]
    found = definition("x", up(*EIGHT[:3]), {f: (f, "min_max") for f in EIGHT[:3]}, {}, {"children": EIGHT[:3], "weights": {"ahp": circle}})
    refused("weights_ahp_in_a_circle", "weights", "judgements that contradict one another are a fault", found, ["consisten"], data=FACTORS)
    targets = {"f1": 0.1, "f2": 0.2, "f3": 0.3, "f4": 0.4}, {"f5": 0.25, "f6": 0.25, "f7": 0.25, "f8": 0.25}
    case("weights_importance", "weights", "weights whose covariance shares are the targets",
         weighed({"importance": targets[0]}, {"importance": targets[1]}, {"importance": {"a": 0.6, "b": 0.4}}), data=FACTORS, learned=weights_of, tolerance=1e-8)
    case("weights_importance_of_none", "weights", "a target of 0 is met by no weight",
         weighed({"importance": {"f1": 0.5, "f2": 0.5, "f3": 0, "f4": 0}}, {"importance": targets[1]}), data=FACTORS, learned=weights_of, tolerance=1e-8)
    missing = definition("x", up("q01", "q02", "q03"), {q: (q, "min_max") for q in ("q01", "q02", "q03")}, {},
                         {"children": ["q01", "q02", "q03"], "weights": "pca", "missing": {"at_least": 0.3}})
    case("weights_pca_of_complete_rows", "weights", "the component is that of complete rows; all are scored", missing, data="data/cohort.csv", learned=weights_of)
    refused("fault_08_negative_loading", "weights", "a negative loading is a fault that names the child, not a weight", weighed("pca", low=("f3",)), ["f3"], data=FACTORS)
    case("fault_08_sign_is_fixed", "weights", "all loadings turn with the component; weights are positive whatever the solver's sign", weighed("pca", low=tuple(EIGHT)), data=FACTORS, learned=weights_of)
    case("fault_09_never_negative", "weights", "a child that runs against the others still has a weight of 0 or more, and the objective is that at the optimum",
         weighed({"importance": targets[0]}, {"importance": targets[1]}, low=("f4", "f7")), data=FACTORS, learned=weights_of, tolerance=1e-8)


FOUR = ["a", "b", "c", "d"]
POSTS = {"goalposts": [0, 100]}
MIXED = ["x1", "x2", "x3", "x9", "x5", "x6", "x8"]


def by_hand(spec, index=None, plain=False):
    children = FOUR if plain else {"a": 1, "b": 2, "c": 1, "d": 1}
    return definition("x", up(*FOUR), {c: (c, POSTS) for c in FOUR}, {"p": {"children": children, "aggregate": spec, "missing": {"at_least": 0.4}}},
                      {"children": ["p"], **(index or {})})


def mixed(spec, utility="min_max", complete=False, plain=False):
    missing = {} if complete else {"missing": {"at_least": 0.4}}
    a, b = ["x1", "x2", "x3", "x9"], {"x5": 1, "x6": 2.5, "x8": 0}
    nodes = {"p": {"children": a, "aggregate": spec, **missing}, "q": {"children": list(b) if plain else b, "aggregate": spec, **missing}}
    return definition("x", {**up(*MIXED[:5]), **down(*MIXED[5:])}, {c: (c, utility) for c in MIXED}, nodes, {"children": ["p", "q"], "missing": {"at_least": 0.5}})


def everywhere(name, spec, about, utility=None, plain=False, complete=False):
    """By hand, with gaps and weights of 0, and for others."""
    # AMPI takes children on its own scale alone.
    if not complete and not name.startswith("ampi"):
        case(f"aggregate_{name}_by_hand", "aggregate", f"{about}: rows to reckon by hand", by_hand(spec, plain=plain), data="data/level.csv")
    utility = utility or {"min_max": [1, 100]}
    case(f"aggregate_{name}", "aggregate", f"{about}: children missing, one of weight 0", mixed(spec, utility, complete, plain), personal=name == "copeland")
    case(f"aggregate_{name}_others", "aggregate", f"{about}: others", mixed(spec, utility, complete, plain), data="data/others.csv", reference="data/people.csv")


def aggregation():
    everywhere("arithmetic", "arithmetic", "the weighted mean", "min_max")
    everywhere("geometric", "geometric", "the geometric mean")
    everywhere("geometric_floor", {"mean": "geometric", "floor": 5}, "the geometric mean with a floor", "min_max")
    everywhere("harmonic", "harmonic", "the harmonic mean")
    for power in (2, 0.5, 0, -0.5, 30, 100, -100):
        everywhere(f"power_{str(power).replace('-', 'minus_').replace('.', '_')}", {"power": power}, f"the power mean of {power}")
    everywhere("median", "median", "the weighted median", "min_max")
    everywhere("minimum", "minimum", "the worst child", "min_max")
    everywhere("maximum", "maximum", "the best child", "min_max")
    everywhere("mpi", "mpi", "the Mazziotta-Pareto index", {"z": [100, 10]})
    everywhere("mpi_plus", {"mpi": "plus"}, "the same with the penalty upwards", {"z": [100, 10]})
    everywhere("ampi", "ampi", "the adjusted Mazziotta-Pareto index", {"ampi": "mean"})
    everywhere("ampi_plus", {"ampi": "plus"}, "the same with the penalty upwards", {"ampi": "mean"})
    everywhere("mean_min", {"mean_min": {"a": 0.5, "b": 1}}, "mean-min with a smooth corner", "min_max")
    everywhere("mean_min_corner", {"mean_min": {"a": 1, "b": 0}}, "mean-min that is the minimum", "min_max")
    everywhere("owa_quantifier", {"owa": {"quantifier": 2}}, "ordered weights of a quantifier", "min_max", plain=True)
    everywhere("owa_best", {"owa": {"best": 2}}, "the mean of the best two", "min_max", plain=True)
    everywhere("owa_worst", {"owa": {"worst": 2}}, "the mean of the worst two", "min_max", plain=True)
    everywhere("copeland", "copeland", "the share of the reference that is outranked", "min_max")
    # Complete children only.
    whole("owa_list", {"owa": [0.4, 0.3, 0.2, 0.1]}, "ordered weights in a list, best first")
    pairs = [["a", "b", 0.3], ["c", "d", -0.1], ["a", "d", 0.1]]
    whole("choquet", {"choquet": {"alone": {"a": 0.2, "b": 0.1, "c": 0.25, "d": 0.15}, "pairs": pairs}}, "the 2-additive integral of Choquet")
    whole("topsis", "topsis", "nearness to the ideal")
    whole("benefit_of_the_doubt", "benefit_of_the_doubt", "the weights that suit the person best", others=False)
    whole("benefit_of_the_doubt_shares", {"benefit_of_the_doubt": {"shares": [0.1, 0.6]}}, "the same with limits to each share", others=False)
    whole("benefit_of_the_doubt_shares_named", {"benefit_of_the_doubt": {"shares": {"a": [0.2, 0.5], "c": [0.05, 1]}}}, "the same with limits to two shares", others=False)
    whole("alkire_foster", {"alkire_foster": {"cutoffs": {"a": 50, "b": 40, "c": 60, "d": 55}, "poor_at": 0.5}}, "100 less the share of deprivations of who is poor")
    one_at("owa", "owa", lambda n: [0.7] + [0.3 / (n - 1)] * (n - 1))
    nested()
    missing_and_levels()
    errors()


def whole(name, spec, about, others=True):
    """Four of the complete columns, called a to d; with weights where the method has them."""
    measures = {c: {"column": f, "direction": "higher_better"} for c, f in zip(FOUR, ("f1", "f2", "f5", "f6"))}
    weighted = name.startswith(("topsis", "alkire"))
    children = {"a": 1, "b": 2, "c": 3, "d": 2} if weighted else FOUR
    found = lambda: definition("x", measures, {c: (c, "min_max") for c in FOUR}, {"p": {"children": children, "aggregate": spec}}, {"children": ["p"]})
    tolerance = 1e-9 if "doubt" in name else 1e-12
    keeps = {"topsis": False}.get(name, "doubt" in name)
    case(f"aggregate_{name}", "aggregate", about, found(), data=FACTORS, tolerance=tolerance, personal=keeps)
    if others:
        case(f"aggregate_{name}_others", "aggregate", f"{about}: others", found(), data="data/factors_others.csv", reference=FACTORS, tolerance=tolerance)


def one_at(name, kind, spec):
    columns = EIGHT
    found = definition("x", up(*columns), {c: (c, "min_max") for c in columns}, {}, {"children": columns, "aggregate": {kind: spec(len(columns))}})
    case(f"aggregate_{name}_at_the_top", "aggregate", "ordered weights at the index itself", found, data=FACTORS)


def nested():
    """Another method at each level."""
    nodes = {
        "deep": {"children": ["f1", "f2"], "aggregate": {"power": 3}},
        "wide": {"children": {"deep": 2, "f3": 1}, "aggregate": "geometric"},
        "lowered": {"children": ["f4", "f5", "f6"], "aggregate": {"mean_min": {"a": 0.5, "b": 2}}},
        "pair": {"children": ["f7", "f8"], "aggregate": "harmonic", "weights": {"ahp": [[1, 2], [0.5, 1]]}},
        "middle": {"children": ["wide", "lowered", "pair"], "aggregate": "median"},
    }
    found = definition("x", {**up(*EIGHT[:5]), **down(*EIGHT[5:])}, {f: (f, {"min_max": [1, 100]}) for f in EIGHT}, nodes, {"children": ["middle"], "aggregate": "minimum"})
    case("aggregate_nested", "aggregate", "a tree of five levels with another mean at each", found, data=FACTORS)
    case("aggregate_nested_others", "aggregate", "the same for others", {**found}, data="data/factors_others.csv", reference=FACTORS)


def missing_and_levels():
    level = {c: (c, POSTS) for c in FOUR}
    case("fault_04_power_mean_skips_missing", "aggregate", "a power mean with a child missing is that of the others", by_hand({"power": 3}), data="data/level.csv")
    plain = definition("x", up(*FOUR), level, {}, {"children": {"a": 3, "b": 2, "c": 1, "d": 2}, "aggregate": "copeland", "missing": {"at_least": 0.3}})
    case("fault_05_copeland_by_its_name", "aggregate", "Copeland is a way to aggregate like any other", {**plain}, data="data/level.csv")
    case("fault_06_copeland_in_any_order", "aggregate", "what is missing favours neither side, whatever the order of the rows", {**plain}, data="data/level_reversed.csv")
    case("fault_15_parameters_by_level", "aggregate", "each level has its own parameters by name, not by place in a list",
         definition("x", up(*FOUR), level, {"p": {"children": ["a", "b"], "aggregate": {"power": 2}}, "q": {"children": ["c", "d"], "aggregate": {"mean_min": {"a": 0.25, "b": 4}}}},
                    {"children": ["p", "q"], "aggregate": {"power": -2}, "missing": {"at_least": 0.5}}), data="data/level.csv")


# ---- standard errors --------------------------------------------------------------------------------------------

SD = {"a": 3.0, "b": 1.5, "c": 2.0, "d": 4.0}


def slopes(kind, spec, x, w, prepared=None):
    """The gradient, by hand."""
    x, w = np.array(x), np.array(w)
    m = aggregate.mean(x, w)
    if kind == "power":
        p = spec["power"]
        whole_mean = aggregate.power_mean(x, w, p)
        return w * (x / whole_mean) ** (p - 1)
    if kind in ("mpi", "ampi"):
        v = math.fsum(w * (x - m) ** 2)
        penalty = (2 * w * (x - m) * m - v * w) / m**2
        return w - penalty if spec.get(kind, "minus") == "minus" else w + penalty
    if kind == "mean_min":
        a, b = spec["mean_min"]["a"], spec["mean_min"]["b"]
        least = (np.arange(len(x)) == x.argmin()) * 1.0
        d = m - x.min()
        if 1 < least.sum() < len(x):
            # Two lowest: the minimum has a kink.
            return None
        return w - a * d / math.sqrt(d * d + b * b) * (w - least)
    assert kind == "topsis"
    v = x / prepared.norm * prepared.w
    near, far = v - prepared.anti, v - prepared.ideal
    n, f = math.sqrt(math.fsum(near**2)), math.sqrt(math.fsum(far**2))
    step = prepared.w / prepared.norm
    return 100 * step * (near / n * f - far / f * n) / (n + f) ** 2


def errors():
    """A mean with a slope has a standard error; an order has none."""
    measures = {c: {"column": f, "direction": "higher_better", "error": {"sd": SD[c], "target": "occasion", "source": "assumed", "propagate": "linear"}}
                for c, f in zip(FOUR, ("f1", "f2", "f5", "f6"))}
    weights = {"a": 1, "b": 2, "c": 3, "d": 2}
    for name, spec in [("power_2", {"power": 2}), ("power_half", {"power": 0.5}), ("mpi", "mpi"), ("mpi_plus", {"mpi": "plus"}), ("ampi", "ampi"),
                       ("mean_min", {"mean_min": {"a": 0.5, "b": 1}}), ("topsis", "topsis"), ("median", "median"), ("minimum", "minimum"), ("maximum", "maximum"),
                       ("owa", {"owa": {"quantifier": 2}}), ("copeland", "copeland"), ("benefit_of_the_doubt", "benefit_of_the_doubt"),
                       ("alkire_foster", {"alkire_foster": {"cutoffs": {"a": 40, "b": 35, "c": 45, "d": 40}, "poor_at": 0.5}})]:
        ordered = name in ("median", "minimum", "maximum", "owa", "copeland", "benefit_of_the_doubt", "alkire_foster")
        children = FOUR if name in ("owa", "benefit_of_the_doubt") else weights
        # Goalposts of 0 and 100 leave a reading as it is: every slope of a utility is 1, but for AMPI's.
        utility = {"ampi": 50} if name == "ampi" else {"goalposts": [0, 100]}
        found = definition("x", measures, {c: (c, utility) for c in FOUR}, {"p": {"children": children, "aggregate": spec}}, {"children": ["p"]})

        def errors_of(calibrated, scored):
            out = []
            w = np.array([weights[c] for c in FOUR]) / 8
            for row in range(len(calibrated.reference)):
                x = [scored.score[c][row] for c in FOUR]
                kind = spec if isinstance(spec, str) else next(iter(spec))
                if ordered:
                    out.append("")
                    continue
                g = slopes(kind, spec if isinstance(spec, dict) else {}, x, w, calibrated.prepared.get("p"))
                if g is None:
                    out.append("")
                    continue
                if name == "ampi":
                    g = g * np.array([60 / (calibrated.normalisers[c].high - calibrated.normalisers[c].low) for c in FOUR])
                out.append(cell(math.sqrt(math.fsum((g * np.array([SD[c] for c in FOUR])) ** 2))))
            return {"index_se": out, "pillar.p.se": out}

        case(f"error_{name}", "aggregate", "the standard error of an order is unknown" if ordered else "the linearised standard error", found,
             data=FACTORS, columns=["index"], given=errors_of, tolerance=1e-9 if "doubt" in name else 1e-12)
    filled_errors()


def filled_errors():
    """What is missing counts with the largest error it could have, which by the steepest slope is the one it always has; weights
    are renormalised over what is there, and what is filled is there."""
    weights = {"a": 1, "b": 2, "c": 1, "d": 1}
    for name, rule, about in [("missing", "none", "children missing: the rest bears the error of all"), ("imputed", "mean", "what is filled is there, with its error"),
                              ("siblings", "siblings", "what its siblings fill is there, with its error")]:
        measures = {c: {"direction": "higher_better", "error": {"sd": SD[c], "target": "occasion", "source": "assumed", "propagate": "linear"}} for c in FOUR}
        found = definition("x", measures, {c: (c, {"goalposts": [0, 100]}, {"impute": rule}) for c in FOUR}, {}, {"children": weights, "missing": {"at_least": 0.4}})

        def errors_of(calibrated, scored):
            w = np.array([weights[c] for c in FOUR]) / 5
            whole = math.sqrt(math.fsum((w * np.array([SD[c] for c in FOUR])) ** 2))
            there = np.column_stack([~np.isnan(scored.score[c]) for c in FOUR]) @ w
            return {"index_se": [cell(whole / share) if not np.isnan(v) else "" for share, v in zip(there, scored.score["index"])]}

        case(f"error_{name}", "aggregate", about, found, data="data/level.csv", columns=["index", "coverage"], given=errors_of)


def make():
    weights()
    aggregation()
