"""The whole way at once."""

from case import case, definition, weights_of
from cases_steps import EXCEL, SECOND, lessons

COHORT = "data/cohort.csv"


def cohort(impute="median", aggregates=("arithmetic",) * 3, weights=(None, None, None), utility="min_max", treat="winsorise_then_log"):
    """Six pillars of four, two of three, one index; every fourth indicator is better low."""
    names = [f"q{k:02d}" for k in range(1, 25)]
    measures = {n: {"direction": "lower_better" if k % 4 == 3 else "higher_better"} for k, n in enumerate(names)}
    node = lambda children, level: {"children": children, "missing": {"at_least": 0.5}, **({"aggregate": aggregates[level]} if aggregates[level] != "arithmetic" else {}),
                                    **({"weights": weights[level]} if weights[level] else {})}
    nodes = {f"p{k + 1}": node(names[4 * k : 4 * k + 4], 0) for k in range(6)}
    nodes |= {"felt": node(["p1", "p2", "p3"], 1), "measured": node(["p4", "p5", "p6"], 1)}
    keys = {"treat": {"winsorise": 5, "then": "log"}} if treat else {}
    if impute:
        keys["impute"] = {"method": impute}
    return definition("x", measures, {n: (n, utility) for n in names}, nodes, node(["felt", "measured"], 2), **keys)


def both(calibrated):
    return {**lessons(calibrated), **weights_of(calibrated)}


PILLARS = ["index", "pillar.felt", "pillar.measured", *[f"pillar.p{k}" for k in range(1, 7)]]


def make():
    case("chain_plain", "chain", "min-max and weighted means, renormalised over what is there", cohort(impute=None, treat=None), data=COHORT, columns=PILLARS)
    case("chain_full", "chain", "filled by the median, treated, normalised, a geometric mean at the top", cohort(aggregates=("arithmetic", "arithmetic", "geometric")), data=COHORT, learned=both)
    case("chain_siblings", "chain", "filled by siblings, a power mean and mean-min", cohort("siblings", ({"power": 0.5}, {"mean_min": {"a": 0.5, "b": 1}}, "arithmetic"), utility={"min_max": [1, 100]}), data=COHORT, columns=PILLARS)
    case("chain_weights", "chain", "weights learned at every level", cohort("mean", weights=("sd", "critic", "entropy")), data=COHORT, columns=PILLARS, learned=both)
    case("chain_z", "chain", "standard scores and the Mazziotta-Pareto index", cohort("mean", ("mpi", "mpi", "mpi"), utility={"z": [100, 10]}), data=COHORT, columns=PILLARS)
    case("chain_ranks", "chain", "percentile ranks and medians", cohort(None, ("median", "arithmetic", "minimum"), utility={"percentile_rank": "average"}, treat=None), data=COHORT, columns=PILLARS)
    names = list(SECOND)
    nodes = {"asleep": {"children": {"sleep": 2, "steps": 1}, "missing": {"at_least": 0.3}, "aggregate": {"power": 2}},
             "awake": {"children": names[2:], "missing": {"at_least": 0.3}, "weights": "equal"}}
    found = definition("x", SECOND, {n: (n, {"percentile_rank": "average"} if n == "mood" else {"min_max": [0, 100]}) for n in names}, nodes,
                       {"children": {"asleep": 0.4, "awake": 0.6}, "missing": {"at_least": 0.4}}, screen={"at_least": 0.4}, impute={"method": "linear"},
                       treat={"winsorise": 3, "then": "log_plus"}, **EXCEL)
    case("chain_second", "chain", "the other file: screened, filled over waves, treated, two normalisations", found, data="data/second.csv", columns=["index", "screened"], learned=lessons)
