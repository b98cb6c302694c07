"""Treatment, imputation, screening and denomination."""

from case import case, definition, down, refused, up
from engine import rule_of

CHAIN = {"winsorise": 5, "then": "log"}
TREATED = ["x1", "x4", "x7", "x8", "x11", "x12"]


def treated(name, spec, columns=TREATED, utility="min_max", measures=None):
    keys = {"treat": spec} if spec is not None else {}
    return definition(name, measures or up(*columns), {c: (c, utility, keys) for c in columns}, {}, {"children": columns, "missing": {"at_least": 0.3}})


def lessons(calibrated):
    """What the calibration must hold of each treatment."""
    out = {}
    for name, t in calibrated.treatments.items():
        if rule_of(calibrated.definition, name, "treat") in (None, "none"):
            continue
        of = {"step": t.step, "fails": t.fails}
        if t.step == "winsorise" or t.combined:
            of |= {"limits": [t.low, t.high], "moved": t.moved}
        if t.power is not None and t.step == "box_cox":
            of["lambda"] = t.power
        if t.moments:
            of |= dict(zip(("skewness", "kurtosis", "skewness_after", "kurtosis_after"), t.moments))
        out[f"treatment.{name}"] = of
    return out


def run(name, spec, about, **more):
    data, checked = more.pop("data", "data/people.csv"), more.pop("checked", None)
    case(f"treat_{name}", "treat", about, treated(name, spec, **more), data=data, learned=lessons, **({"checked": checked} if checked else {}))
    if data == "data/people.csv":
        case(f"treat_{name}_others", "treat", f"{about}; others than it was learned on", treated(name, spec, **more), data="data/others.csv", reference=data)


def treatment():
    run("chain", "winsorise_then_log", "five points, then a logarithm: columns that pass, that stop at winsorising, that need the logarithm")
    run("chain_low", "winsorise_then_log", "the same where less is better: the treatment comes before the direction", measures=down(*TREATED))
    run("winsorise_2", {"winsorise": 2}, "two points and nothing after them: the far ends fail still")
    run("winsorise_unlimited", {"winsorise": "unlimited"}, "until it passes or two values are left")
    run("winsorise_3_combined", {"winsorise": 3, "then": "log", "combine": True}, "the logarithm of the winsorised values")
    for then in ("log", "log_plus", "log_orig", "log_gii"):
        run(then, {"then": then}, f"{then} where the column fails, without winsorising")
        run(f"winsorise_1_{then}", {"winsorise": 1, "then": then}, f"one point, then {then} of the original values")
    run("log_plus_combined", {"winsorise": 1, "then": "log_plus", "combine": True}, "log_plus of the winsorised values; a column that leans low is turned")
    positive = ["x1", "x4", "x7", "x11"]
    run("box_cox_half", {"then": "box_cox", "lambda": 0.5}, "Box-Cox with a declared power")
    run("box_cox_zero", {"then": "box_cox", "lambda": 0}, "Box-Cox with power 0 is the logarithm")
    run("box_cox_negative", {"winsorise": 2, "then": "box_cox", "lambda": -0.25}, "two points, then Box-Cox with a power below 0", columns=positive)
    for name, spec, about in [("box_cox_fitted", {"then": "box_cox", "lambda": "fitted"}, "Box-Cox with the likeliest power"),
                              ("box_cox_fitted_winsorised", {"winsorise": 2, "then": "box_cox", "lambda": "fitted", "combine": True}, "the same of winsorised values")]:
        # A maximum is known to the root of the precision of its height, unless its slope is brought to 0.
        case(f"treat_{name}", "treat", about, treated(name, spec, columns=positive), learned=lessons, tolerance=1e-7)
    run("strict", {"winsorise": 5, "then": "log", "skewness": 0.5, "kurtosis": 0.4}, "narrower limits of skewness and kurtosis")
    run("few", "winsorise_then_log", "a tie at the top moves together; fewer than four values and a normal column pass", columns=["three", "top", "normal"], data="data/few.csv", checked=["oracle/skew_kurt.csv"])
    run("z", CHAIN, "standard scores of treated values", utility="z")
    found = treated("x", None)
    found["treat"] = CHAIN
    found["indicator"]["x4"]["treat"] = "none"
    found["indicator"]["x8"]["treat"] = {"winsorise": "unlimited"}
    case("treat_for_all", "treat", "one treatment for all indicators, two have their own", found, learned=lessons)
    case("fault_01_log_gii_transforms", "treat", "log_gii gives the transformed values, not its input", treated("x", {"then": "log_gii"}, columns=["x4", "x7"]), learned=lessons)
    case("fault_07_box_cox_alone", "treat", "Box-Cox without winsorising is done, not given up in silence", treated("x", {"then": "box_cox", "lambda": 0.25}, columns=["x4", "x11"]), learned=lessons)
    case("fault_07_unlimited_winsorising", "treat", "no limit is no limit: seven points move, not five", treated("x", {"winsorise": "unlimited"}, columns=["x11"]), learned=lessons)
    case("fault_13_still_failing", "treat", "a column that fails after the last step is kept and said to fail", treated("x", "winsorise_then_log", columns=["x11"]), learned=lessons)


IMPUTED = ["x1", "x2", "x3", "x4", "x6", "x9"]
SECOND = {"sleep": {"column": "uni (h)", "unit": "h", "direction": "higher_better"}, "steps": {"column": "askeleet", "direction": "higher_better"},
          "strain": {"column": "rasitus", "direction": "lower_better"}, "mood": {"column": "mieliala", "direction": "higher_better"},
          "pulse": {"column": "leposyke", "unit": "/min", "direction": "lower_better"}}
EXCEL = {"person": {"id": "tunnus", "wave": "aalto"}, "data": {"delimiter": ";", "decimal": ","}}


def six(rule=None, of_all=None, **keys):
    one = {"impute": rule} if rule is not None else {}
    measures = {**up(*IMPUTED[:4]), **down(*IMPUTED[4:])}
    nodes = {"a": {"children": IMPUTED[:3], "missing": {"at_least": 0.3}}, "b": {"children": {"x4": 1, "x6": 2, "x9": 0.5}, "missing": {"at_least": 0.5}}}
    top = {"impute": of_all} if of_all else {}
    return definition("x", measures, {c: (c, "min_max", one) for c in IMPUTED}, nodes, {"children": {"a": 2, "b": 1}, "missing": {"at_least": 0.4}}, **top, **keys)


def waves(rule, complete=False):
    names = list(SECOND)
    missing = "complete" if complete else {"at_least": 0.2}
    nodes = {"asleep": {"children": names[:2], "missing": missing}, "awake": {"children": names[2:], "missing": missing}}
    return definition("x", SECOND, {n: (n, "min_max", {"impute": rule}) for n in names}, nodes, {"children": ["asleep", "awake"], "missing": missing}, **EXCEL)


def imputation():
    scores = ["index", "coverage", "pillar.a", "pillar.b", *[f"indicator.{c}" for c in IMPUTED], "flag.imputed"]
    for method in ("mean", "median"):
        case(f"impute_{method}", "impute", f"the {method} of the reference", six(method), columns=scores)
        by = {"method": method, "by": "region"}
        case(f"impute_{method}_by_group", "impute", f"the {method} of the group; without one, that of all", six(by), columns=scores)
        case(f"impute_{method}_by_group_others", "impute", "others, some of a group that the reference has not", six(by), data="data/others.csv", reference="data/people.csv", columns=scores)
    case("impute_none", "impute", "nothing is filled", six("none"), columns=scores)
    case("impute_siblings", "impute", "the mean of the person's other observed indicators under the parent", six("siblings"), columns=scores)
    case("impute_siblings_others", "impute", "the same for others", six("siblings"), data="data/others.csv", reference="data/people.csv", columns=scores)
    found = six(of_all={"method": "mean"})
    found["indicator"]["x3"]["impute"] = "siblings"
    found["indicator"]["x6"]["impute"] = "none"
    case("impute_for_all", "impute", "one rule for all indicators, two have their own; filled ones are no siblings", found, columns=scores)
    found = six({"method": "median", "by": "region"})
    found["treat"] = CHAIN
    case("impute_then_treat", "impute", "filled before the treatment learns", found, columns=scores)
    columns = ["index", "coverage", "pillar.asleep", "pillar.awake", *[f"indicator.{n}" for n in SECOND], "flag.imputed"]
    for method, rule in [("last", "last"), ("last_within_1", {"method": "last", "within": 1}), ("last_within_2", {"method": "last", "within": 2}),
                         ("linear", "linear"), ("constant", "constant")]:
        case(f"impute_{method}", "impute", f"{method} over the person's own waves, which are not evenly apart", waves(rule), data="data/second.csv", columns=columns)
    case("impute_mean_second", "impute", "the mean by group in the other file; complete parents take filled children", waves({"method": "mean", "by": "ryhmä"}, complete=True), data="data/second.csv", columns=columns)
    case("fault_12_linear_of_one_point", "impute", "one observed wave is enough for a flat line", waves("linear"), data="data/second.csv", columns=columns)
    case("fault_16_waves_by_one_calibration", "impute", "waves are filled and scored by one frozen calibration, treatment and all",
         {**waves("linear"), "treat": CHAIN}, data="data/second.csv", columns=columns)


def screened(rule):
    columns = [f"x{k}" for k in range(1, 13)]
    nodes = {"a": {"children": columns[:6], "missing": {"at_least": 0.1}}, "b": {"children": columns[6:], "missing": {"at_least": 0.1}}}
    return definition("x", up(*columns), {c: (c, "min_max") for c in columns}, nodes, {"children": ["a", "b"], "missing": {"at_least": 0.1}}, screen=rule)


def screening():
    for name, rule, about in [
        ("at_least", {"at_least": 0.9}, "eleven of twelve readings"),
        ("non_zero", {"non_zero": 0.88}, "at most one zero"),
        ("both", {"at_least": 0.9, "non_zero": 0.8}, "both must hold"),
        ("keep", {"at_least": 0.95, "keep_if": "panel == 'yes'"}, "some are kept whatever they lack"),
        ("drop", {"drop_if": "x1 >= 60"}, "some are left out"),
        ("all", {"at_least": 0.9, "non_zero": 0.88, "keep_if": "region == 'north'", "drop_if": "x3 >= 80"}, "left out wins over kept"),
    ]:
        for data in ("people", "others"):
            end = "" if data == "people" else "_others"
            case(f"screen_{name}{end}", "screen", f"{about}; who is screened out teaches nothing", screened(rule), data=f"data/{data}.csv",
                 reference="data/people.csv", columns=["index", "screened"])


def denomination():
    for name, per in [("plain", "population"), ("scaled", {"column": "population", "scale": 1000})]:
        measures = {"x1": {"direction": "higher_better", "per": per}, "x3": {"direction": "lower_better", "per": per}, "x5": {"direction": "higher_better"}}
        for data in ("people", "others"):
            end = "" if data == "people" else "_others"
            found = definition("x", measures, {c: (c, "min_max") for c in measures}, {}, {"children": list(measures), "missing": {"at_least": 0.3}})
            case(f"denominate_{name}{end}", "screen", "values over the population; none without one, and a flag where it is 0", found, data=f"data/{data}.csv",
                 reference="data/people.csv", columns=["index", *[f"indicator.{c}" for c in measures], "flag.out_of_limits"])
    found = six("mean")
    found["measure"]["x3"]["per"] = {"column": "population", "scale": 1000}
    case("denominate_then_impute", "screen", "a value lost to its denominator is imputed", found, columns=["index", "indicator.x3", "flag.imputed"])


def make():
    treatment()
    imputation()
    screening()
    denomination()
    wave_rule_needs_waves()


def wave_rule_needs_waves():
    refused("impute_last_without_waves", "impute", "the last wave needs waves", six("last"), ["wave"])
