"""Life's Essential 8, FINDRISC, SCORE2 and PREVENT, from the publications' tables and equations."""

import itertools

import numpy as np

from golden import Nothing, Person, Table, above, band, both, near, outcome

# ---- Life's Essential 8: Lloyd-Jones 2022, Circulation 146:e18 -----------------------------------------------------

MEPA = ["olive_oil", "leafy_greens", "vegetables", "berries", "fruit", "meat", "fish", "chicken", "cheese", "butter",
        "beans", "whole_grains", "sweets", "nuts", "fast_food", "alcohol"]
MEPA_AT_LEAST = {"olive_oil": 2, "leafy_greens": 7, "vegetables": 2, "berries": 2, "fruit": 7, "fish": 1, "beans": 3,
                 "whole_grains": 3, "nuts": 4}
MEPA_AT_MOST = {"meat": 3, "chicken": 5, "cheese": 4, "butter": 5, "sweets": 4, "fast_food": 1}


def le8_mepa(p):
    p.need(*MEPA, "sex")
    parts = {}
    for name in MEPA:
        if name in MEPA_AT_LEAST:
            parts[name] = int(p[name] >= MEPA_AT_LEAST[name])
        elif name in MEPA_AT_MOST:
            parts[name] = int(p[name] <= MEPA_AT_MOST[name])
        else:
            parts[name] = int(0 < p[name] <= (14 if p["sex"] == 1 else 7))
    return outcome(sum(parts.values()), parts=parts)


def le8_diet_mepa(p):
    p.need("mepa")
    return outcome(band(p["mepa"], [4, 8, 12, 15], [0, 25, 50, 80, 100]))


def le8_diet_percentile(p):
    p.need("diet_percentile")
    return outcome(band(p["diet_percentile"], [25, 50, 75, 95], [0, 25, 50, 80, 100]))


def le8_activity(p):
    p.need("moderate", "vigorous")
    minutes = p["moderate"] + 2 * p["vigorous"]
    if minutes == 0:
        return outcome(0)
    return outcome(band(minutes, [30, 60, 90, 120, 150], [20, 40, 60, 80, 90, 100]))


def le8_nicotine(p):
    p.need("smoking")
    former, dual = p["smoking"] == 1, p["smoking"] == 4
    if former:
        p.need("years_since_quitting")
    if dual:
        raise Nothing("case:dual_use")
    if former:
        points = band(p["years_since_quitting"], [1, 5], [25, 50, 75])
    else:
        points = {0: 100, 2: 0, 3: 25}[p["smoking"]]
    if p.or_no("indoor_smoker") == 1 and points > 0:
        points -= 20
    return outcome(points, flags=p.assumed("indoor_smoker"))


def le8_sleep(p):
    p.need("sleep")
    points = band(p["sleep"], [4, 5, 6, 7, 9, 10], [0, 20, 40, 70, 100, 90, 40])
    if p.or_no("apnoea") == 1:
        points = max(points - 20, 0)
    return outcome(points, flags=p.assumed("apnoea"))


def le8_bmi(p):
    p.need("bmi")
    if p["bmi"] < 18.5:
        raise Nothing("case:underweight")
    points = band(p["bmi"], [25, 30, 35, 40], [100, 70, 30, 15, 0])
    if p.or_no("lean_muscular") == 1 and 25 <= p["bmi"] < 30:
        points = 100
    return outcome(points, flags=p.assumed("lean_muscular"))


def le8_bmi_asian_pacific(p):
    p.need("bmi")
    if p["bmi"] < 18.5:
        raise Nothing("case:underweight")
    return outcome(band(p["bmi"], [23, 25, 30, 35], [100, 75, 50, 25, 0]))


def le8_non_hdl(p):
    p.need("non_hdl")
    points = band(p["non_hdl"], [130, 160, 190, 220], [100, 60, 40, 20, 0])
    if p.or_no("lipid_treatment") == 1:
        points = max(points - 20, 0)
    return outcome(points, flags=p.assumed("lipid_treatment"))


def le8_hba1c(p):
    p.need("hba1c", "diabetes")
    if p["diabetes"] == 1:
        return outcome(band(p["hba1c"], [7, 8, 9, 10], [40, 30, 20, 10, 0]))
    if p["hba1c"] >= 6.5:
        raise Nothing("case:undiagnosed")
    return outcome(100 if p["hba1c"] < 5.7 else 60)


def le8_glucose(p):
    p.need("fasting_glucose", "diabetes")
    if p["diabetes"] == 1:
        raise Nothing("case:diabetes_needs_hba1c")
    if p["fasting_glucose"] >= 126:
        raise Nothing("case:undiagnosed")
    return outcome(100 if p["fasting_glucose"] < 100 else 60)


def le8_blood_pressure(p):
    p.need("systolic", "diastolic")
    of_systolic = band(p["systolic"], [120, 130, 140, 160], [100, 75, 50, 25, 0])
    of_diastolic = band(p["diastolic"], [80, 90, 100], [100, 50, 25, 0])
    points = min(of_systolic, of_diastolic)
    if p.or_no("bp_treatment") == 1:
        points = max(points - 20, 0)
    return outcome(points, flags=p.assumed("bp_treatment"))


def le8_class(score):
    return "high" if score >= 80 else "moderate" if score >= 50 else "low"


def le8_mean(p, components, at_least):
    """Components in their order: the first missing input comes before any open case."""
    points, notes, flags = {}, [], set()
    for name, rule in components:
        try:
            result = rule(p)
            points[name] = result["value"]
            flags |= set(result["flags"])
        except Nothing as why:
            notes.append(why.note)
    if at_least is None:
        first = [note for note in notes if note.startswith("missing:")] + notes
        if first:
            raise Nothing(first[0])
    else:
        assert all(note.startswith("missing:") for note in notes)
        if len(points) < at_least:
            raise Nothing("too_few")
    score = float(np.mean(list(points.values())))
    return outcome(score, le8_class(score), sorted(flags), points)


def le8_last_four(bmi_table, glycaemia):
    return [
        ("bmi", {"general": le8_bmi, "asian_pacific": le8_bmi_asian_pacific}[bmi_table]),
        ("non_hdl", le8_non_hdl),
        ("glycaemia", {"hba1c": le8_hba1c, "glucose": le8_glucose}[glycaemia]),
        ("blood_pressure", le8_blood_pressure),
    ]


def le8_score(p, diet, bmi_table, glycaemia, at_least=None):
    first_four = [
        ("diet", {"mepa": le8_diet_mepa, "diet_percentile": le8_diet_percentile}[diet]),
        ("activity", le8_activity),
        ("nicotine", le8_nicotine),
        ("sleep", le8_sleep),
    ]
    return le8_mean(p, first_four + le8_last_four(bmi_table, glycaemia), at_least)


def le8_factors(p, bmi_table, glycaemia, at_least=None):
    return le8_mean(p, le8_last_four(bmi_table, glycaemia), at_least)


LE8_FACTOR_INPUTS = ["bmi", "lean_muscular", "non_hdl", "lipid_treatment", "hba1c", "fasting_glucose", "diabetes",
                     "systolic", "diastolic", "bp_treatment"]
LE8_INPUTS = ["mepa", "diet_percentile", "moderate", "vigorous", "smoking", "years_since_quitting", "indoor_smoker",
              "sleep", "apnoea"] + LE8_FACTOR_INPUTS


def draw_le8(rng, undiagnosed=False):
    """A grown-up as one might meet them; by default one for whom no case stays open."""
    diabetes = int(rng.random() < 0.15)
    smoking = int(rng.choice([0, 0, 0, 0, 1, 1, 2, 3]))
    return {
        "mepa": int(rng.integers(0, 17)),
        "diet_percentile": round(float(rng.uniform(0, 100)), 1),
        "moderate": int(rng.choice([0, 10, 25, 45, 60, 75, 100, 130, 150, 200])),
        "vigorous": int(rng.choice([0, 0, 0, 10, 20, 30, 60, 75])),
        "smoking": smoking,
        "years_since_quitting": round(float(rng.uniform(0, 20)), 1) if smoking == 1 else None,
        "indoor_smoker": int(rng.random() < 0.15),
        "sleep": round(float(rng.normal(7, 1.3)) * 4) / 4,
        "apnoea": int(rng.random() < 0.1),
        "bmi": max(round(float(rng.normal(28, 5.5)), 1), 18.5),
        "lean_muscular": int(rng.random() < 0.1),
        "non_hdl": int(rng.normal(150, 40)),
        "lipid_treatment": int(rng.random() < 0.2),
        "hba1c": round(float(rng.normal(7.5, 1.3) if diabetes else min(rng.normal(5.5, 0.35), 6.4)), 1),
        "fasting_glucose": int(rng.normal(150, 30) if diabetes else min(rng.normal(98, 10), 125)),
        "diabetes": diabetes,
        "systolic": int(rng.normal(127, 17)),
        "diastolic": int(rng.normal(77, 11)),
        "bp_treatment": int(rng.random() < 0.25),
    }


def make_le8_mepa():
    t = Table("le8.mepa", le8_mepa, MEPA + ["sex"], parts=MEPA)
    good = {name: MEPA_AT_LEAST.get(name, MEPA_AT_MOST.get(name, 5)) for name in MEPA}
    bad = {name: 0 if name in MEPA_AT_LEAST else MEPA_AT_MOST.get(name, 19) + 1 for name in MEPA}
    for sex in (0, 1):
        t.add({**good, "sex": sex})
        t.add({**bad, "sex": sex})
    for name in MEPA[:-1]:
        edge = {**MEPA_AT_LEAST, **MEPA_AT_MOST}[name]
        t.change({**good, "sex": 0}, **{name: near(edge) + [0]})
    for sex in (0, 1):
        t.change({**good, "sex": sex}, alcohol=[0, above(0.0), 1] + near(7, 14) + [10, 20])
    t.without({**good, "sex": 1})
    t.add({**good, "olive_oil": None, "sex": None})
    for _ in range(60):
        t.add({name: int(t.rng.integers(0, 2.2 * good[name] + 2)) for name in MEPA} | {"sex": int(t.rng.integers(0, 2))})
    t.write()


def single(name, rule, inputs, values, more=()):
    """A rule of one graded input: through its values, with every combination of what else it asks."""
    t = Table(name, rule, inputs)
    graded = inputs[0]
    for codes in itertools.product(*more):
        for value in values:
            t.add(dict(zip(inputs, (value, *codes))))
    t.without(dict(zip(inputs, (values[0], *(codes[0] for codes in more)))))
    t.add({name: None for name in inputs})
    return t, graded


def make_le8_components():
    t, _ = single("le8.diet_mepa", le8_diet_mepa, ["mepa"], list(range(17)) + near(4, 8, 12, 15))
    for x in np.round(t.rng.uniform(0, 16, 20), 2):
        t.add({"mepa": x})
    t.write()

    t, _ = single("le8.diet_percentile", le8_diet_percentile, ["diet_percentile"], [0, 100] + near(25, 50, 75, 95))
    for x in np.round(t.rng.uniform(0, 100, 40), 1):
        t.add({"diet_percentile": x})
    t.write()

    t = Table("le8.activity", le8_activity, ["moderate", "vigorous"])
    t.change({"moderate": 0, "vigorous": 0}, moderate=[0, above(0.0), 0.5, 1, 29, 500] + near(30, 60, 90, 120, 150))
    t.change({"moderate": 0, "vigorous": 0}, vigorous=[0, above(0.0), 0.5, 1, 14, 300] + near(15, 30, 45, 60, 75))
    for moderate, vigorous in [(10, 10), (20, 20), (30, 30), (40, 40), (50, 50), (29, 60), (110, 20), (0, 74)]:
        t.add({"moderate": moderate, "vigorous": vigorous})
    t.without({"moderate": 100, "vigorous": 20})
    t.add({"moderate": None, "vigorous": None})
    for _ in range(40):
        t.add({"moderate": int(t.rng.integers(0, 160)), "vigorous": int(t.rng.integers(0, 60))})
    t.write()

    t = Table("le8.nicotine", le8_nicotine, ["smoking", "years_since_quitting", "indoor_smoker"])
    for smoking, indoor in itertools.product([0, 1, 2, 3, 4], [0, 1, None]):
        years = [0, 0.5, 3, 20] + near(1, 5) if smoking == 1 else [None]
        for value in years:
            t.add({"smoking": smoking, "years_since_quitting": value, "indoor_smoker": indoor})
    t.change({"smoking": 0, "years_since_quitting": 3, "indoor_smoker": 0}, smoking=[0, 2, 3, 4])
    t.without({"smoking": 1, "years_since_quitting": 3, "indoor_smoker": 0})
    t.add({"smoking": None, "years_since_quitting": None, "indoor_smoker": None})
    t.write()

    hours = [0, 3, 3.5, 4.5, 5.5, 6.5, 7.5, 8, 9.5, 11, 14] + near(4, 5, 6, 7, 9, 10)
    t, _ = single("le8.sleep", le8_sleep, ["sleep", "apnoea"], hours, [[0, 1, None]])
    t.write()

    values = [15, 18.4, 20, 24.9, 27.5, 32.1, 37, 45] + near(18.5, 25, 30, 35, 40)
    t, _ = single("le8.bmi", le8_bmi, ["bmi", "lean_muscular"], values, [[0, 1, None]])
    t.write()
    t, _ = single("le8.bmi_asian_pacific", le8_bmi_asian_pacific, ["bmi"], [15, 18.4, 45] + near(18.5, 23, 25, 30, 35))
    for x in np.round(t.rng.normal(26, 5, 40), 1):
        t.add({"bmi": x})
    t.write()

    values = [60, 129.6, 145, 175, 205, 300] + near(130, 160, 190, 220)
    t, _ = single("le8.non_hdl", le8_non_hdl, ["non_hdl", "lipid_treatment"], values, [[0, 1, None]])
    t.write()

    values = [4, 5.0, 5.6, 6.0, 6.4, 7.5, 8.5, 9.5, 12] + near(5.7, 6.5, 7, 8, 9, 10)
    t, _ = single("le8.hba1c", le8_hba1c, ["hba1c", "diabetes"], values, [[0, 1]])
    t.write()

    values = [60, 85, 99.5, 112, 125, 125.5, 180] + near(100, 126)
    t, _ = single("le8.glucose", le8_glucose, ["fasting_glucose", "diabetes"], values, [[0, 1]])
    for x in t.rng.integers(75, 140, 20):
        t.add({"fasting_glucose": x, "diabetes": 0})
    t.write()

    t = Table("le8.blood_pressure", le8_blood_pressure, ["systolic", "diastolic", "bp_treatment"])
    low = {"systolic": 110, "diastolic": 70, "bp_treatment": 0}
    for treatment in (0, 1, None):
        t.change({**low, "bp_treatment": treatment}, systolic=[100] + near(120, 130, 140, 160) + [190])
        t.change({**low, "bp_treatment": treatment}, diastolic=[60] + near(80, 90, 100) + [115])
    for systolic, diastolic in itertools.product([115, 125, 135, 150, 170], [75, 85, 95, 105]):
        t.add({"systolic": systolic, "diastolic": diastolic, "bp_treatment": 0})
    t.without(low)
    t.add({name: None for name in low})
    for _ in range(30):
        p = draw_le8(t.rng)
        t.add({name: p[name] for name in low})
    t.write()


def make_le8_means():
    choices = {"diet": ["mepa", "diet_percentile"], "bmi_table": ["general", "asian_pacific"], "glycaemia": ["hba1c", "glucose"]}
    unused = {"mepa": "diet_percentile", "diet_percentile": "mepa", "hba1c": "fasting_glucose", "glucose": "hba1c"}
    for name, rule, inputs, names, parts in [
        ("le8.score", le8_score, LE8_INPUTS, list(choices),
         ["diet", "activity", "nicotine", "sleep", "bmi", "non_hdl", "glycaemia", "blood_pressure"]),
        ("le8.factors", le8_factors, LE8_FACTOR_INPUTS, ["bmi_table", "glycaemia"],
         ["bmi", "non_hdl", "glycaemia", "blood_pressure"]),
    ]:
        t = Table(name, rule, inputs, names, parts, at_least=True)

        def draw():
            p = draw_le8(t.rng)
            return {name: p[name] for name in inputs}

        combinations = [dict(zip(names, values)) for values in itertools.product(*(choices[name] for name in names))]
        for arguments in combinations:
            for at in range(10):
                p = draw()
                if at >= 5:  # what the arguments leave unused may be missing
                    p |= {unused[value]: None for value in arguments.values() if unused.get(value) in inputs}
                t.add(p, arguments)
        usual = combinations[0]
        # At the edges of the classes and on both sides of them.
        wanted = {50.0: 2, 80.0: 2, **({49.375: 1, 79.375: 1} if name == "le8.score" else {}), 47.5: 1, 77.5: 1, 52.5: 1, 82.5: 1}
        for _ in range(200_000):
            p = draw()
            try:
                score = rule(person(p), **usual)["value"]
            except Nothing:
                continue
            if wanted.get(score, 0) > 0:
                wanted[score] -= 1
                t.add(p, usual)
            if not any(wanted.values()):
                break
        assert not any(wanted.values()), wanted

        whole = {"mepa": 10, "diet_percentile": 60, "moderate": 90, "vigorous": 10, "smoking": 1, "years_since_quitting": 3,
                 "indoor_smoker": 0, "sleep": 7.5, "apnoea": 0, "bmi": 26.4, "lean_muscular": 0, "non_hdl": 140,
                 "lipid_treatment": 1, "hba1c": 5.8, "fasting_glucose": 103, "diabetes": 0, "systolic": 124, "diastolic": 78,
                 "bp_treatment": 0}
        whole = {name: whole[name] for name in inputs}
        for arguments in (combinations[0], combinations[-1]):
            t.without(whole, arguments)
        cases = {"smoking": 4, "bmi": 18.4, "hba1c": 6.5, "fasting_glucose": 126}
        for name_, value in cases.items():
            if name_ in inputs:
                t.add({**whole, name_: value}, combinations[0])
                t.add({**whole, name_: value}, combinations[-1])
        t.add({**whole, "diabetes": 1}, combinations[-1])
        t.add({**whole, "bmi": 17, "hba1c": 7}, usual)       # the first case in the order of the components
        t.add({**whole, "bmi": 17, "systolic": None}, usual)  # a missing input before a case
        t.add({**whole, "bmi": None, "non_hdl": None}, usual)
        # Fewer components: the mean of those that are there.
        components = [["mepa"], ["moderate"], ["smoking"], ["sleep"], ["bmi"], ["non_hdl"], ["hba1c"], ["systolic", "diastolic"]]
        components = [group for group in components if group[0] in inputs]
        for least in range(1, len(components) + 1):
            for gone in range(len(components)):
                p = dict(whole)
                for group in t.rng.permutation(len(components))[:gone]:
                    p |= {name: None for name in components[group]}
                t.add(p, usual, at_least=least)
        t.write()


def person(values):
    return Person({name: None if value is None else float(value) for name, value in values.items()})


# ---- FINDRISC: Lindström and Tuomilehto 2003, the form with eight questions ----------------------------------------

FINDRISC_INPUTS = ["age", "sex", "bmi", "waist", "active", "vegetables_daily", "bp_medication", "high_glucose_ever", "family"]
FINDRISC_PARTS = ["age", "bmi", "waist", "activity", "vegetables", "bp_medication", "high_glucose", "family"]


def findrisc_score(p):
    p.need(*FINDRISC_INPUTS)
    parts = {
        "age": band(p["age"], [45, 55, 65], [0, 2, 3, 4]),
        "bmi": 0 if p["bmi"] < 25 else 1 if p["bmi"] <= 30 else 3,
        "waist": 0,
        "activity": 0 if p["active"] == 1 else 2,
        "vegetables": 0 if p["vegetables_daily"] == 1 else 1,
        "bp_medication": 2 if p["bp_medication"] == 1 else 0,
        "high_glucose": 5 if p["high_glucose_ever"] == 1 else 0,
        "family": {0: 0, 1: 3, 2: 5}[p["family"]],
    }
    low, high = (94, 102) if p["sex"] == 1 else (80, 88)
    parts["waist"] = 0 if p["waist"] < low else 3 if p["waist"] <= high else 4
    score = sum(parts.values())
    name = band(score, [7, 12, 15, 21], ["low", "slightly_elevated", "moderate", "high", "very_high"])
    return outcome(score, name, parts=parts)


def make_findrisc():
    t = Table("findrisc.score", findrisc_score, FINDRISC_INPUTS, parts=FINDRISC_PARTS)
    # The rows of an independent transcription, at every boundary.
    oracle = [
        "44,M,24.9,93.9,1,1,0,0,none,0", "45,M,25,94,1,1,0,0,none,6", "54,F,30,88,0,0,1,0,second,14",
        "55,F,30.1,88.1,0,0,1,1,first,25", "64,M,30,102,1,0,0,1,second,16", "65,M,31,103,0,0,1,1,first,26",
        "30,F,22,79.9,1,1,0,0,first,5",
    ]
    for line in oracle:
        age, sex, bmi, waist, active, vegetables, medication, glucose, family, score = line.split(",")
        values = [float(age), "FM".index(sex), float(bmi), float(waist), int(active), int(vegetables), int(medication),
                  int(glucose), ["none", "second", "first"].index(family)]
        assert t.add(dict(zip(FINDRISC_INPUTS, values)))["value"] == int(score), line
    base = dict(zip(FINDRISC_INPUTS, [50, 1, 27, 98, 1, 0, 0, 0, 1]))
    t.change(base, age=near(45, 55, 65) + [18, 90], bmi=near(25, 30) + [17, 45])
    for sex in (0, 1):
        t.change({**base, "sex": sex}, waist=near(80, 88, 94, 102))
    t.change(base, active=[0, 1], vegetables_daily=[0, 1], bp_medication=[0, 1], high_glucose_ever=[0, 1], family=[0, 1, 2])
    t.without(base)
    t.add({**base, "sex": None, "family": None})
    best = dict(zip(FINDRISC_INPUTS, [40, 0, 22, 75, 1, 1, 0, 0, 0]))
    assert t.add(best)["value"] == 0 and t.add({**best, "bmi": 27})["value"] == 1
    assert t.add(dict(zip(FINDRISC_INPUTS, [70, 0, 33, 99, 0, 0, 1, 1, 2])))["value"] == 26
    scores = {0, 1, 26}
    for _ in range(5000):
        p = dict(zip(FINDRISC_INPUTS, [
            int(t.rng.integers(25, 80)), int(t.rng.integers(0, 2)), round(float(t.rng.normal(27, 5)), 1),
            round(float(t.rng.normal(92, 13)), 1), *(int(t.rng.integers(0, 2)) for _ in range(4)), int(t.rng.integers(0, 3))]))
        score = findrisc_score(person(p))["value"]
        if score not in scores or len(t.rows) < 180 and t.rng.random() < 0.3:
            scores.add(score)
            t.add(p)
    assert scores == set(range(27)), scores
    t.write()


# ---- SCORE2 and SCORE2-OP: Eur Heart J 2021;42:2439 and 2455 -------------------------------------------------------

SCORE2_INPUTS = ["age", "sex", "smoker", "sbp", "total_cholesterol", "hdl", "diabetes", "prior_cvd"]
REGIONS = ["low", "moderate", "high", "very_high"]
# age, smoking, systolic, total cholesterol, HDL, then smoking, systolic, total cholesterol and HDL by age; S0
SCORE2 = {
    1: (".3742 .6012 .2777 .1458 -.2698 -.0755 -.0255 -.0281 .0426", ".9605"),
    0: (".4648 .7744 .3131 .1002 -.2606 -.1088 -.0277 -.0226 .0613", ".9776"),
}
# the same, then the mean of the linear predictor
SCORE2_OP = {
    1: (".0634 .3524 .0094 .0850 -.3564 -.0247 -.0005 .0073 .0091", ".7576", ".0929"),
    0: (".0789 .4921 .0102 .0605 -.3040 -.0255 -.0004 -.0009 .0154", ".8082", ".229"),
}
SCALES = {
    (1, "score2"): ["-.5699 .7476", "-.1565 .8009", ".3207 .9360", ".5836 .8294"],
    (0, "score2"): ["-.7380 .7019", "-.3143 .7701", ".5710 .9369", ".9412 .8329"],
    (1, "op"): ["-.34 1.19", ".01 1.25", ".08 1.15", ".05 .70"],
    (0, "op"): ["-.52 1.01", "-.10 1.10", ".38 1.09", ".38 .69"],
}


def score2_equation(n, p, region, model):
    """Without diabetes, for whom the equations were not made: its terms are nothing."""
    sex = int(p["sex"])
    if model == "score2":
        coefficients, s0 = SCORE2[sex]
        mean = "0"
        age, sbp = (n.num(p["age"]) - 60) / 5, (n.num(p["sbp"]) - 120) / 20
        tc, hdl = n.num(p["total_cholesterol"]) - 6, (n.num(p["hdl"]) - n.num("1.3")) / n.num(".5")
    else:
        coefficients, s0, mean = SCORE2_OP[sex]
        age, sbp = n.num(p["age"]) - 73, n.num(p["sbp"]) - 150
        tc, hdl = n.num(p["total_cholesterol"]) - 6, n.num(p["hdl"]) - n.num("1.4")
    smoker = int(p["smoker"])
    terms = [age, smoker, sbp, tc, hdl, smoker * age, sbp * age, tc * age, hdl * age]
    lp = sum(n.num(b) * x for b, x in zip(coefficients.split(), terms, strict=True))
    r0 = 1 - n.num(s0) ** n.exp(lp - n.num(mean))
    scale1, scale2 = (n.num(s) for s in SCALES[sex, model][REGIONS.index(region)].split())
    return 100 * (1 - n.exp(-n.exp(scale1 + scale2 * n.ln(-n.ln(1 - r0)))))


def score2_class(age, risk):
    edges = (2.5, 7.5) if age < 50 else (5, 10) if age < 70 else (7.5, 15)
    return band(risk, edges, ["low_to_moderate", "high", "very_high"])


def score2_rule(low, high):
    def rule(p, region):
        p.need(*SCORE2_INPUTS)
        p.age_within(low, high)
        if p["prior_cvd"] == 1:
            raise Nothing("prior_disease")
        if p["diabetes"] == 1:
            raise Nothing("diabetes")
        risk = both(score2_equation, p, region, "score2" if p["age"] < 70 else "op")
        return outcome(risk, score2_class(p["age"], risk), ["age_jump"] if 69 <= p["age"] < 71 else [])

    return rule


def make_score2():
    for name, low, high in [("score2.score2", 40, 70), ("score2.score2_op", 70, 90), ("score2.risk", 40, 90)]:
        rule = score2_rule(low, high)
        t = Table(name, rule, SCORE2_INPUTS, ["region"])

        def draw():
            return dict(zip(SCORE2_INPUTS, [
                round(float(t.rng.uniform(low, high)), int(t.rng.integers(0, 2))), int(t.rng.integers(0, 2)),
                int(t.rng.random() < 0.3), int(t.rng.normal(132, 17)), round(float(t.rng.normal(5.4, 1)), 1),
                round(float(t.rng.normal(1.45, 0.3)), 2), 0, 0]))

        if low == 40:
            # Published: age 50, smoker, 140 mmHg, 5.5 and 1.3 mmol/L.
            for sex, region, published in [(1, "low", 5.9), (1, "very_high", 14.0), (0, "low", 4.2), (0, "very_high", 13.7)]:
                p = dict(zip(SCORE2_INPUTS, [50, sex, 1, 140, 5.5, 1.3, 0, 0]))
                assert round(t.add(p, {"region": region})["value"], 1) == published
        for region, sex, smoker in itertools.product(REGIONS, (0, 1), (0, 1)):
            for _ in range(4):
                t.add({**draw(), "sex": sex, "smoker": smoker}, {"region": region})
        # The reference person of each equation: every centred term is nothing.
        for sex in (0, 1):
            t.add(dict(zip(SCORE2_INPUTS, [60, sex, 0, 120, 6, 1.3, 0, 0])), {"region": "moderate"})
            t.add(dict(zip(SCORE2_INPUTS, [73, sex, 0, 150, 6, 1.4, 0, 0])), {"region": "moderate"})
        base = dict(zip(SCORE2_INPUTS, [(low + high) / 2, 0, 1, 138, 5.8, 1.2, 0, 0]))
        ages = near(40, 50, 69, 70, 71, 90) + [39, 91, 18, 55, 80]
        for region in ("low", "high"):
            t.change({**base, "sex": region == "low"}, {"region": region}, age=ages)
        at = {"region": "moderate"}
        t.change(base, at, sex=[0, 1], smoker=[0, 1], diabetes=[1], prior_cvd=[1])
        t.without(base, at)
        t.add({**base, "diabetes": 1, "prior_cvd": 1}, at)
        t.add({**base, "age": 30, "diabetes": 1}, at)
        t.add({**base, "age": 30, "hdl": None}, at)
        t.add({**base, "prior_cvd": 1, "smoker": None}, at)
        t.add({**base, "hdl": None, "sex": None}, at)
        # Close to both sides of every class's edge.
        for age in [age for age in (45.0, 60.0, 75.0) if low <= age < high]:
            for edge in (2.5, 7.5) if age < 50 else (5, 10) if age < 70 else (7.5, 15):
                for close in (-1e-6, 1e-6):
                    p = {**base, "age": age, "sex": int(t.rng.integers(0, 2)), "smoker": 0}
                    lo, hi = 40.0, 400.0
                    for _ in range(200):
                        middle = (lo + hi) / 2
                        risk = rule(person({**p, "sbp": middle}), "moderate")["value"]
                        lo, hi = (middle, hi) if risk < edge + close else (lo, middle)
                    if 45 < lo < 395:
                        t.add({**p, "sbp": lo}, at)
        t.write()


# ---- PREVENT, base equation, total cardiovascular disease in ten years: Khan 2024, Circulation 149:430 --------------

PREVENT_INPUTS = ["age", "sex", "total_cholesterol", "hdl", "sbp", "diabetes", "smoker", "egfr", "bmi", "bp_treatment",
                  "statin", "prior_cvd"]
PREVENT_LIMITS = {"total_cholesterol": (130, 320), "hdl": (20, 100), "sbp": (90, 200), "egfr": (15, 150), "bmi": (18.5, 40)}
PREVENT = {
    0: ".7939329 .0305239 -.1606857 -.2394003 .3600781 .8667604 .5360739 .6045917 .0433769 .3151672 -.1477655 -.0663612 "
       ".1197879 -.0819715 .0306769 -.0946348 -.27057 -.078715 -.1637806 -3.307728",
    1: ".7688528 .0736174 -.0954431 -.4347345 .3362658 .7692857 .4386871 .5378979 .0164827 .288879 -.1337349 -.0475924 "
       ".150273 -.0517874 .0191169 -.1049477 -.2251948 -.0895067 -.1543702 -3.031168",
}


def prevent_equation(n, p):
    num = n.num
    age = (num(p["age"]) - 55) / 10
    non_hdl = (num(p["total_cholesterol"]) - num(p["hdl"])) * num(".02586") - num("3.5")
    hdl = (num(p["hdl"]) * num(".02586") - num("1.3")) / num(".3")
    sbp_low = (n.smaller(num(p["sbp"]), num(110)) - 110) / 20
    sbp_high = (n.larger(num(p["sbp"]), num(110)) - 130) / 20
    egfr_low = (n.smaller(num(p["egfr"]), num(60)) - 60) / -15
    egfr_high = (n.larger(num(p["egfr"]), num(60)) - 90) / -15
    dm, smoker, treated, statin = (int(p[name]) for name in ("diabetes", "smoker", "bp_treatment", "statin"))
    terms = [age, non_hdl, hdl, sbp_low, sbp_high, dm, smoker, egfr_low, egfr_high, treated, statin, treated * sbp_high,
             statin * non_hdl, age * non_hdl, age * hdl, age * sbp_high, age * dm, age * smoker, age * egfr_low, 1]
    lp = sum(num(b) * x for b, x in zip(PREVENT[int(p["sex"])].split(), terms, strict=True))
    return 100 * n.exp(lp) / (1 + n.exp(lp))


def prevent_total_cvd(p):
    p.need(*(name for name in PREVENT_INPUTS if name != "bmi"))
    p.age_within(30, 80)
    p.within({name: PREVENT_LIMITS[name] for name in PREVENT_INPUTS if name in PREVENT_LIMITS}, open_above=["bmi"])
    if p["prior_cvd"] == 1:
        raise Nothing("prior_disease")
    return outcome(both(prevent_equation, p))


def make_prevent():
    t = Table("prevent.total_cvd", prevent_total_cvd, PREVENT_INPUTS)
    published = {"age": 50, "sex": 0, "total_cholesterol": 200, "hdl": 45, "sbp": 160, "diabetes": 1, "smoker": 0, "egfr": 90,
                 "bmi": 35, "bp_treatment": 1, "statin": 0, "prior_cvd": 0}
    assert round(t.add(published)["value"] / 100, 3) == 0.147
    t.add({**published, "sex": 1})
    t.add({**published, "bmi": None})
    for sex, diabetes, smoker, treated, statin in itertools.product((0, 1), repeat=5):
        for _ in range(2):
            t.add({"age": round(float(t.rng.uniform(30, 79.9)), int(t.rng.integers(0, 2))), "sex": sex,
                   "total_cholesterol": int(t.rng.integers(130, 321)), "hdl": int(t.rng.integers(20, 101)),
                   "sbp": int(t.rng.integers(90, 201)), "diabetes": diabetes, "smoker": smoker,
                   "egfr": int(t.rng.integers(15, 151)), "bmi": round(float(t.rng.uniform(18.5, 39.9)), 1),
                   "bp_treatment": treated, "statin": statin, "prior_cvd": 0})
    for sex in (0, 1):
        base = {**published, "sex": sex, "diabetes": 0, "smoker": 1, "statin": 1}
        t.change(base, age=near(30, 80) + [29, 55, 81], sbp=near(90, 110, 200) + [130], egfr=near(15, 60, 150) + [75],
                 total_cholesterol=near(130, 320), hdl=near(20, 100), bmi=near(18.5, 40) + [10, 60], prior_cvd=[1])
        t.without(base)
    t.add({**published, "age": 85, "sbp": 250})
    t.add({**published, "age": 85, "sbp": None})
    t.add({**published, "total_cholesterol": 400, "hdl": 10})
    t.add({**published, "hdl": 10, "bmi": 45})
    t.add({**published, "egfr": 10, "prior_cvd": 1})
    t.add({**published, "age": 20, "prior_cvd": 1})
    t.add({**published, "prior_cvd": 1, "statin": None})
    t.add({**published, "sex": None, "egfr": None})
    t.write()


def make():
    make_le8_mepa()
    make_le8_components()
    make_le8_means()
    make_findrisc()
    make_score2()
    make_prevent()
