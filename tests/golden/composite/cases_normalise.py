"""Every normalisation, both directions, on the reference itself and on people beyond it."""

import numpy as np

from case import case, definition, down, oracle, refused, up

COLUMNS = ["x1", "x2", "x3", "x4", "x5", "x6"]
POSITIVE = ["x2", "x3", "x4", "x5", "x7"]
OTHERS = "data/others.csv"


def both_ways(name, utility, columns=COLUMNS, by_column=None):
    """Each column once as better high and once as better low."""
    measures = {**up(*columns), **{f"{c}_low": {"column": c, "direction": "lower_better"} for c in columns}}
    of = lambda c, low: by_column(c, low) if by_column else utility
    indicators = {f"{c}_{way}": (c if way == "up" else f"{c}_low", of(c, way == "down")) for c in columns for way in ("up", "down")}
    return definition(name, measures, indicators, {}, {"children": list(indicators), "missing": {"at_least": 0.3}})


def run(name, utility, about, outside=None, columns=COLUMNS, range=100.0, flags=False, by_column=None, others=True):
    """On the reference, and on others with every way to treat what lies outside that the utility has."""
    # Quantiles of few persons may show them: left open here.
    keeps = {} if "quantiles" in name else {"personal": name.startswith(("rank", "borda", "percentile", "reference_person"))}
    case(f"norm_{name}", "normalise", f"{about}; scored are those it was learned on", both_ways(name, utility, columns, by_column), range=range, **keeps)
    if not others:
        return
    for way in outside or [None]:
        def chosen(c, low):
            u = by_column(c, low) if by_column else utility
            if way is None:
                return u
            return {**({u: [0, 100]} if isinstance(u, str) else u), "outside": way}

        flagged = ["flag.outside_reference"] if flags else []
        found = both_ways(name, utility, columns, chosen)
        wanted = ["index", *[f"indicator.{i}" for i in found["indicator"]], *flagged]
        end = "" if way is None else f"_{way}"
        beyond = "" if way is None else {"clamp": ", clamped", "extrapolate": ", gone on with"}[way]
        case(f"norm_{name}_others{end}", "normalise", f"{about}; others, some beyond the reference{beyond}", found, data=OTHERS,
             reference="data/people.csv", columns=wanted, range=range)


POSTS = {"x1": (35, 70), "x2": (1, 7), "x3": (10, 90), "x4": (2, 40), "x5": (0, 10), "x6": (-30, 35)}
REFERENCES = {"x1": 52.5, "x2": 4, "x3": 61.25, "x4": 11.5, "x5": 5, "x6": 3.5}
TARGETS = {"x1": (75, 32), "x2": (6, 2), "x3": (85, 5), "x4": (40, 3), "x5": (8, 1), "x6": (20, -20)}


def make():
    ways = ["clamp", "extrapolate"]
    run("min_max", "min_max", "from worst to best of the reference on 0 to 100", ["clamp", "extrapolate"], flags=True)
    run("min_max_to", {"min_max": [1, 100]}, "from worst to best on 1 to 100", range=99.0)
    posts = lambda c, low: list(POSTS[c][::-1] if low else POSTS[c])
    run("goalposts", None, "declared goalposts on 0 to 100", by_column=lambda c, low: {"goalposts": posts(c, low)})
    run("goalposts_beyond", None, "declared goalposts on 0 to 10, going on beyond them", range=10.0,
        by_column=lambda c, low: {"goalposts": posts(c, low), "to": [0, 10], "outside": "extrapolate"})
    run("fixed_range", None, "declared bounds, going on beyond them by default", by_column=lambda c, low: {"fixed_range": posts(c, low)})
    run("fixed_range_clamped", None, "declared bounds, clamped when asked to", by_column=lambda c, low: {"fixed_range": posts(c, low), "outside": "clamp"})
    run("z", "z", "standard scores of mean 0 and standard deviation 1", range=1.0)
    run("t", "t", "T scores: 50 and 10")
    run("z_100_10", {"z": [100, 10]}, "standard scores of mean 100 and standard deviation 10")
    run("distance_to_best", "distance_to_best", "1 less the share of the range that the best is away")
    at = lambda c, low: {"reference": REFERENCES[c]}
    run("reference", None, "1 less the distance to a declared value over its distance to the worst", ways, by_column=at)
    run("reference_person", {"reference": {"person": "p10"}}, "the same against one person of the reference", columns=["x1", "x2", "x3", "x5", "x6"])
    run("target", None, "the way from the worst to a declared target", ways, by_column=lambda c, low: {"target": TARGETS[c][low]})
    run("share_of_maximum", "share_of_maximum", "share of the largest value; 1 less that where less is better", columns=POSITIVE)
    for ties in ("min", "average", "max"):
        run(f"rank_{ties}", {"rank": ties}, f"ranks, ties: {ties}", ways, range=1.0)
        run(f"percentile_rank_{ties}", {"percentile_rank": ties}, f"(rank - 1) / (n - 1), ties: {ties}", ways)
        run(f"quantiles_{ties}", {"percentile_rank": ties, "quantiles": 12}, f"percentile ranks among thirteen quantiles of type 7, ties: {ties}")
    run("quantiles_rank", {"rank": "min", "quantiles": 8}, "ranks among nine quantiles", range=1.0)
    run("quantiles_borda", {"borda": "average", "quantiles": 100}, "ranks less 1 among more quantiles than persons", range=1.0)
    run("rank", "rank", "ranks by the default for ties", range=1.0, others=False)
    run("borda", "borda", "ranks less 1 by the default for ties", range=1.0, others=False)
    run("borda_min", {"borda": "min"}, "ranks less 1, ties: min", ways, range=1.0)
    run("percentile_rank", "percentile_rank", "(rank - 1) / (n - 1) by the default for ties")
    run("percentile_rank_to", {"percentile_rank": "average", "to": [0, 1]}, "percentile ranks on 0 to 1", range=1.0, others=False)
    run("ampi_mean", {"ampi": "mean"}, "AMPI's goalposts around the mean of the reference")
    run("ampi", None, "AMPI's goalposts around a declared reference", by_column=lambda c, low: {"ampi": REFERENCES[c]})
    edge()
    faults()


EDGE = ["ties", "na", "neg", "bin"]


def edge():
    """Eight rows that COINr normalised, too: its own numbers are what is expected."""
    for name, utility, file, scale, columns, size in [
        ("min_max", "min_max", "minmax", 1, EDGE, 100.0),
        ("min_max_1_100", {"min_max": [1, 100]}, "minmax_1_100", 1, EDGE, 99.0),
        ("z", "z", "zscore", 1, EDGE, 1.0),
        ("z_100_10", {"z": [100, 10]}, "zscore_100_10", 1, EDGE, 100.0),
        ("distance_to_best", "distance_to_best", "dist2max", 100, EDGE, 100.0),
        ("reference", {"reference": {"person": "e5"}, "outside": "extrapolate"}, "dist2ref_5", 100, EDGE, 100.0),
        ("reference_capped", {"reference": {"person": "e5"}}, "dist2ref_5_cap", 100, EDGE, 100.0),
        ("share_of_maximum", "share_of_maximum", "fracmax", 100, ["ties", "na", "bin"], 100.0),
        ("fixed_range", {"fixed_range": [0, 100]}, "scaled_0_100", 1, EDGE, 100.0),
        ("rank", {"rank": "min"}, "rank", 1, EDGE, 1.0),
        ("rank_average", {"rank": "average"}, "rank_avg", 1, EDGE, 1.0),
        ("borda", "borda", "borda", 1, EDGE, 1.0),
        ("percentile_rank", "percentile_rank", "prank", 100, EDGE, 100.0),
    ]:
        found = definition(name, up(*columns), {c: (c, utility) for c in columns}, {}, {"children": columns, "missing": {"at_least": 0.3}})
        of = f"norm_{file}.csv"
        _, scored = case(f"edge_{name}", "normalise", f"eight rows with ties, gaps and negative numbers; agrees with n_{file} of COINr 1.1.14", found,
                         data="data/edge.csv", range=size, columns=[f"indicator.{c}" for c in columns], checked=[f"oracle/{of}", *(["oracle/input.csv"] if name == "min_max" else [])])
        theirs = oracle(of, scale)
        for c in columns:
            assert np.allclose(scored.score[c], theirs[c], rtol=0, atol=2e-13 * size, equal_nan=True), (name, c)


def faults():
    for column, why in (("const", "all values are the same"), ("one", "there is one value")):
        for utility in ("min_max", "z", "distance_to_best", "percentile_rank"):
            found = definition("x", up(column, "ties"), {column: (column, utility), "ties": ("ties", utility)}, {}, {"children": [column, "ties"]})
            refused(f"fault_12_{column}_{utility}", "normalise", f"a column that teaches no range, for {why}, is a fault that names it", found, [column], data="data/edge.csv")
    found = both_ways("x", "share_of_maximum", ["x6"])
    refused("norm_share_of_maximum_of_negative", "normalise", "a share of the maximum needs values of 0 or more", found, ["x6"])
    # 1, 2, 5, 10 stayed rising under COINr's n_fracmax with direction -1.
    case("fault_02_share_of_maximum_reversed", "normalise", "where less is better the share of the maximum falls as the value rises",
         definition("x", down("a"), {"a": ("a", "share_of_maximum")}, {}, {"children": ["a"]}), data="data/four.csv")
    case("fault_03_natural_bounds_reversed", "normalise", "bounds in natural numbers with less is better: neither negative nor all 0",
         definition("x", down("a"), {"fixed": ("a", {"fixed_range": [12, 0]}), "posts": ("a", {"goalposts": [8, 2]})}, {}, {"children": ["fixed", "posts"]}), data="data/four.csv")

