"""Metabolic syndrome, IPAQ, guideline classes, steps, PhenoAge and allostatic load."""

import itertools

import mpmath

from golden import Nothing, Person, Table, band, both, near, outcome, strictly_above, write_rows

# ---- metabolic syndrome, harmonised: Alberti 2009, Circulation 120:1640 --------------------------------------------

METS_INPUTS = ["waist", "sex", "triglycerides", "triglyceride_treatment", "hdl", "hdl_treatment", "systolic", "diastolic",
               "bp_treatment", "fasting_glucose", "glucose_treatment"]
METS_TREATMENTS = ["triglyceride_treatment", "hdl_treatment", "bp_treatment", "glucose_treatment"]
METS_PARTS = ["waist", "triglycerides", "hdl", "blood_pressure", "glucose"]
WAIST_CUTS = {"europid_idf": (80, 94), "aha": (88, 102), "asian": (80, 90)}


def any_of(*findings):
    """Yes if one is yes; unknown if none is and one is unknown."""
    return True if True in findings else None if None in findings else False


def metabolic_syndrome(p, waist_cut):
    p.need("sex")
    male = int(p["sex"])

    def at_least(name, cut):
        return None if p[name] is None else p[name] >= cut

    def treated(name):
        return p.or_no(name) == 1

    criteria = {
        "waist": at_least("waist", WAIST_CUTS[waist_cut][male]),
        "triglycerides": any_of(at_least("triglycerides", 150), treated("triglyceride_treatment")),
        "hdl": any_of(None if p["hdl"] is None else p["hdl"] < (50, 40)[male], treated("hdl_treatment")),
        "blood_pressure": any_of(at_least("systolic", 130), at_least("diastolic", 85), treated("bp_treatment")),
        "glucose": any_of(at_least("fasting_glucose", 100), treated("glucose_treatment")),
    }
    met = sum(found is True for found in criteria.values())
    unknown = sum(found is None for found in criteria.values())
    if met < 3 <= met + unknown:
        raise Nothing("undetermined")
    parts = {name: None if found is None else int(found) for name, found in criteria.items()}
    return outcome(met, "present" if met >= 3 else "absent", p.assumed(*METS_TREATMENTS), parts)


def make_metabolic_syndrome():
    t = Table("metabolic_syndrome.harmonised", metabolic_syndrome, METS_INPUTS, ["waist_cut"], METS_PARTS)
    none = {name: 0 for name in METS_TREATMENTS}
    # Two criteria met, so that each edge decides.
    base = {**none, "waist": 75, "sex": 1, "triglycerides": 160, "hdl": 55, "systolic": 120, "diastolic": 80, "fasting_glucose": 104}
    for cut, (female, male) in WAIST_CUTS.items():
        for sex, edge in ((0, female), (1, male)):
            t.change({**base, "sex": sex}, {"waist_cut": cut}, waist=near(edge))
    at = {"waist_cut": "europid_idf"}
    for sex in (0, 1):
        t.change({**base, "sex": sex}, at, hdl=near(40, 50), systolic=near(130), diastolic=near(85))
    t.change({**base, "systolic": 140}, at, triglycerides=near(150), fasting_glucose=near(100))
    for name in METS_TREATMENTS:
        t.change({**base, "triglycerides": 100, "systolic": 135}, at, **{name: [0, 1, None]})
    t.without(base, at)
    measured = [name for name in METS_INPUTS if name not in METS_TREATMENTS and name != "sex"]
    for many in (2, 3, 6):
        for gone in itertools.combinations(measured, many):
            t.add({**base, "sex": 0, "waist": 85, **{name: None for name in gone}}, at)
    # A treatment decides where the measurement is missing.
    t.add({**base, "triglycerides": None, "triglyceride_treatment": 1, "hdl": None, "hdl_treatment": 1}, at)
    t.add({**base, "systolic": None, "diastolic": None, "bp_treatment": 1}, at)
    t.add({**base, "systolic": None, "diastolic": 90}, at)
    t.add({**base, "systolic": None, "diastolic": 80}, at)
    t.add({**base, **{name: None for name in METS_TREATMENTS}}, at)
    for cut in WAIST_CUTS:
        for _ in range(30):
            p = {"waist": round(float(t.rng.normal(95, 13)), 1), "sex": int(t.rng.integers(0, 2)),
                 "triglycerides": int(t.rng.normal(140, 50)), "hdl": int(t.rng.normal(50, 13)),
                 "systolic": int(t.rng.normal(128, 15)), "diastolic": int(t.rng.normal(79, 9)),
                 "fasting_glucose": int(t.rng.normal(101, 14)), **{name: int(t.rng.random() < 0.15) for name in METS_TREATMENTS}}
            for name in METS_INPUTS:
                if name != "sex" and t.rng.random() < 0.07:
                    p[name] = None
            t.add(p, {"waist_cut": cut})
    t.write()


# ---- IPAQ, short form: scoring protocol of November 2005 -----------------------------------------------------------

IPAQ_KINDS = ["vigorous", "moderate", "walking"]
IPAQ_INPUTS = [f"{kind}_{of}" for of in ("days", "minutes") for kind in IPAQ_KINDS] + ["age"]
MET = {"vigorous": 8.0, "moderate": 4.0, "walking": 3.3}


def close(x):
    """A sum of products rounds: its edge is tried exactly, and a billionth to both sides."""
    return [x * (1 - 1e-9), x, x * (1 + 1e-9)]


class TwoReadings(Exception):
    """The protocol's words leave this person open."""


def ipaq(p, short_bouts="keep"):
    p.need(*(f"{kind}_days" for kind in IPAQ_KINDS))
    for kind in IPAQ_KINDS:
        if p[f"{kind}_days"] > 0:
            p.need(f"{kind}_minutes")
    p.age_within(15, 70)
    days = {kind: p[f"{kind}_days"] for kind in IPAQ_KINDS}
    minutes = {kind: p[f"{kind}_minutes"] if days[kind] > 0 else 0 for kind in IPAQ_KINDS}
    if sum(minutes.values()) > 960:
        raise Nothing("implausible")
    if short_bouts == "zero":
        # "Responses of less than 10 minutes and their associated days should be re-coded to zero."
        for kind in IPAQ_KINDS:
            if minutes[kind] < 10:
                minutes[kind] = days[kind] = 0
    minutes = {kind: min(value, 180) for kind, value in minutes.items()}
    parts = {kind: MET[kind] * minutes[kind] * days[kind] for kind in IPAQ_KINDS}
    total = sum(parts.values())
    mix = sum(days.values())
    high = (days["vigorous"] >= 3 and total >= 1500) or (mix >= 7 and total >= 3000)
    thirty = [days[kind] for kind in ("moderate", "walking") if minutes[kind] >= 30]
    vigorous = days["vigorous"] >= 3 and minutes["vigorous"] >= 20
    five = mix >= 5 and total >= 600
    # "5 or more days of moderate-intensity activity and/or walking of at least 30 minutes": days of one, or of both.
    of_one, of_both = any(d >= 5 for d in thirty), sum(thirty) >= 5
    if not (high or vigorous or five) and of_one != of_both:
        raise TwoReadings
    return outcome(total, "high" if high else "moderate" if vigorous or five or of_both else "low", parts=parts)


def make_ipaq():
    t = Table("ipaq.categories", ipaq, IPAQ_INPUTS, ["short_bouts"], IPAQ_KINDS)
    left_out = 0

    def add(person, arguments=None):
        nonlocal left_out
        try:
            return t.add(person, arguments)
        except TwoReadings:
            left_out += 1
            return None

    def person(vigorous, moderate, walking, age=40):
        of = dict(zip(IPAQ_KINDS, (vigorous, moderate, walking)))
        return {f"{kind}_days": of[kind][0] for kind in IPAQ_KINDS} | {f"{kind}_minutes": of[kind][1] for kind in IPAQ_KINDS} | {"age": age}

    named = [
        # high by vigorous days: 3 x 62.5 x 8 = 1500
        *(((3, m), (0, 0), (0, 0)) for m in close(62.5)), ((2, 100), (0, 0), (0, 0)),
        # high by total activity on three vigorous days: 480 + 1020
        *(((3, 20), (5, m), (0, 0)) for m in close(51)),
        # high by seven days of anything: 7 x 4 x m = 3000 lies between doubles; 2 x 80 x 8 + 5 x 86 x 4 = 3000
        *(((2, 80), (5, m), (0, 0)) for m in close(86)), ((2, 85), (4, 110), (0, 0)), ((0, 0), (6, 150), (0, 0)),
        ((0, 0), (7, 108), (0, 0)), ((0, 0), (0, 0), (7, 130)), ((0, 0), (0, 0), (7, 129)),
        # moderate by vigorous days
        *(((3, m), (0, 0), (0, 0)) for m in near(20)), ((2, 30), (0, 0), (0, 0)),
        # moderate by five days of thirty minutes
        *(((0, 0), (0, 0), (5, m)) for m in near(30)), *(((0, 0), (5, m), (0, 0)) for m in near(30)), ((0, 0), (0, 0), (4, 40)),
        # moderate by five days of anything: 2 x 8 x 15 + 3 x 4 x 30 = 600
        *(((2, 15), (3, m), (0, 0)) for m in close(30)), ((2, 30), (2, 40), (0, 0)),
        # longer than three hours counts as three
        *(((7, 10), (0, 0), (4, m)) for m in near(180)), ((0, 0), (1, 181), (1, 400)), ((4, 300), (3, 240), (2, 200)),
        # more than sixteen hours a day
        *(((1, 320), (1, 320), (1, m)) for m in near(320)), ((1, 961), (0, 0), (0, 0)), ((7, 960), (0, 0), (0, 0)),
        ((0, 0), (0, 0), (0, 0)), ((7, 60), (7, 60), (7, 60)),
    ]
    for activities in named:
        add(person(*activities))
        add(person(*activities, age=None), {"short_bouts": "zero"})
    for bouts in ("keep", "zero"):
        for minutes in near(10) + [1, 5, 9]:
            add(person((3, 90), (5, minutes), (7, 60)), {"short_bouts": bouts})
            add(person((2, minutes), (3, 40), (2, 15)), {"short_bouts": bouts})
            add(person((7, minutes), (0, 0), (0, 0)), {"short_bouts": bouts})
    for age in near(15, 70) + [None, 14, 71]:
        add(person((3, 30), (2, 40), (5, 20), age))
    base = person((3, 30), (2, 40), (5, 20))
    t.without(base)
    # Without days the minutes are not asked for.
    for kind in IPAQ_KINDS:
        add({**base, f"{kind}_days": 0, f"{kind}_minutes": None})
    add(person((0, None), (0, None), (0, None)))
    add({**base, "vigorous_days": None, "walking_minutes": None})
    add({**base, "age": 80, "walking_minutes": None})
    add(person((1, 400), (1, 400), (1, 400), age=80))
    while len(t.rows) < 230:
        add(person(*((int(t.rng.integers(0, 8)), int(t.rng.choice([5, 10, 15, 20, 30, 45, 60, 90, 120, 200]))) for _ in range(3)),
                   age=int(t.rng.integers(15, 70))), {"short_bouts": str(t.rng.choice(["keep", "zero"]))})
    assert left_out < 20
    t.write()


# ---- guideline classes: the value is the place of the class, from 0 -------------------------------------------------


def levels(x, edges, names, by=band):
    level = by(x, edges, range(len(names)))
    return outcome(level, names[level])


ESH = ["optimal", "normal", "high_normal", "grade_1", "grade_2", "grade_3"]


def esh_2023(p):
    p.need("systolic", "diastolic")
    of_systolic = band(p["systolic"], [120, 130, 140, 160, 180], range(6))
    of_diastolic = band(p["diastolic"], [80, 85, 90, 100, 110], range(6))
    level = max(of_systolic, of_diastolic)
    isolated = p["systolic"] >= 140 and p["diastolic"] < 90
    return outcome(level, "isolated_systolic" if isolated else ESH[level])


def esc_2024(p):
    p.need("systolic", "diastolic")
    level = max(band(p["systolic"], [120, 140], range(3)), band(p["diastolic"], [70, 90], range(3)))
    return outcome(level, ["non_elevated", "elevated", "hypertension"][level])


def bmi_who(p, table="general"):
    p.need("bmi")
    if table == "general":
        return levels(p["bmi"], [18.5, 25, 30, 35, 40],
                      ["underweight", "normal", "overweight", "obesity_1", "obesity_2", "obesity_3"])
    return levels(p["bmi"], [18.5, 23, 27.5, 32.5, 37.5],
                  ["underweight", "acceptable", "increased", "high", "high_2", "high_3"])


def waist_who(p):
    p.need("waist", "sex")
    return levels(p["waist"], [94, 102] if p["sex"] == 1 else [80, 88], ["normal", "increased", "high"], strictly_above)


ADA = ["normal", "prediabetes_range", "diabetes_range"]


def ada_glucose(p):
    p.need("fasting_glucose")
    return levels(p["fasting_glucose"], [100, 126], ADA)


def ada_hba1c(p):
    p.need("hba1c")
    return levels(p["hba1c"], [5.7, 6.5], ADA)


def make_classes():
    for name, rule, systolic, diastolic in [
        ("blood_pressure.esh_2023", esh_2023, [120, 130, 140, 160, 180], [80, 85, 90, 100, 110]),
        ("blood_pressure.esc_2024", esc_2024, [120, 140], [70, 90]),
    ]:
        t = Table(name, rule, ["systolic", "diastolic"])
        for low in (60, 65):
            t.change({"systolic": 110, "diastolic": low}, systolic=[90] + near(*systolic) + [220], diastolic=[50] + near(*diastolic) + [125])
        t.change({"systolic": 145, "diastolic": 75}, diastolic=near(90), systolic=near(140, 160, 180))
        t.change({"systolic": 150, "diastolic": 95}, systolic=near(*systolic), diastolic=near(*diastolic))
        t.without({"systolic": 120, "diastolic": 80})
        t.add({"systolic": None, "diastolic": None})
        for _ in range(40):
            t.add({"systolic": int(t.rng.normal(133, 22)), "diastolic": int(t.rng.normal(82, 14))})
        t.write()

    t = Table("bmi.who", bmi_who, ["bmi"], ["table"])
    for arguments in ({}, {"table": "general"}, {"table": "asian"}):
        t.change({"bmi": 22}, arguments, bmi=[14, 16.5, 60, None] + near(18.5, 23, 25, 27.5, 30, 32.5, 35, 37.5, 40))
        for _ in range(12):
            t.add({"bmi": round(float(t.rng.normal(27, 6)), 1)}, arguments)
    t.write()

    t = Table("waist.who", waist_who, ["waist", "sex"])
    for sex in (0, 1, None):
        t.change({"waist": 90, "sex": sex}, waist=[60, 140, None] + near(80, 88, 94, 102))
        for _ in range(8):
            t.add({"waist": round(float(t.rng.normal(92, 12)), 1), "sex": sex})
    t.write()

    for name, rule, field, edges, middle, spread in [
        ("glycaemia.ada_glucose", ada_glucose, "fasting_glucose", [100, 126], 108, 18),
        ("glycaemia.ada_hba1c", ada_hba1c, "hba1c", [5.7, 6.5], 6, 0.8),
    ]:
        t = Table(name, rule, [field])
        t.change({field: middle}, **{field: near(*edges) + [middle, 2 * middle, middle / 2, None]})
        for x in t.rng.normal(middle, spread, 80):
            t.add({field: round(float(x), 1 if middle > 50 else 2)})
        t.write()

    # Two scales of one quantity: IFCC = (NGSP - 2.15) x 10.929.
    ngsp = [5.7, 6.5, 5, 6, 7, 8, 9, 10, 2.15, 4, 14] + [round(3 + 0.3 * k, 1) for k in range(40)]
    ifcc = [float((mpmath.mpf(x) - mpmath.mpf("2.15")) * mpmath.mpf("10.929")) for x in ngsp]
    assert [round(x) for x in ifcc[:3]] == [39, 48, 31]
    write_rows("units.hba1c.csv", ["ngsp", "ifcc"], [[repr(float(x)), format(y, ".17g")] for x, y in zip(ngsp, ifcc)])


# ---- steps: Paluch 2022, Lancet Public Health 7:e219 ---------------------------------------------------------------

STEPS = [3553, 5801, 7842, 10901]
HAZARD = ["1", ".60", ".55", ".47"]


def steps_equation(n, steps):
    knots = [100 * (1 - n.num(hr)) / (1 - n.num(".47")) for hr in HAZARD]
    x = n.num(steps)
    if x <= STEPS[0]:
        return knots[0]
    for at in range(3):
        if x <= STEPS[at + 1]:
            return knots[at] + (knots[at + 1] - knots[at]) * (x - STEPS[at]) / (STEPS[at + 1] - STEPS[at])
    return knots[3]


def steps_paluch(p):
    p.need("steps")
    return outcome(both(steps_equation, p["steps"]))


def make_steps():
    t = Table("steps.paluch", steps_paluch, ["steps"])
    t.change({"steps": 0}, steps=[None, 0, 500, 3000, 4677, 6821.5, 9371.5, 12000, 25000, 100000] + near(*STEPS))
    for x in t.rng.integers(3000, 12000, 60):
        t.add({"steps": int(x)})
    t.write()


# ---- PhenoAge: Levine 2018, Aging 10:573 ----------------------------------------------------------------------------

PHENOAGE_INPUTS = ["age", "albumin", "creatinine", "glucose", "crp", "lymphocytes", "mcv", "rdw", "alkaline_phosphatase", "white_cells"]


def phenoage_equation(n, p, transform):
    num = n.num
    crp = n.ln(num(p["crp"])) if transform == "ln" else n.ln(1 + num(p["crp"]))
    xb = (num("-19.90667") - num(".03359355") * num(p["albumin"]) + num(".009506491") * num(p["creatinine"])
          + num(".1953192") * num(p["glucose"]) + num(".09536762") * crp - num(".01199984") * num(p["lymphocytes"])
          + num(".02676401") * num(p["mcv"]) + num(".3306156") * num(p["rdw"]) + num(".001868778") * num(p["alkaline_phosphatase"])
          + num(".05542406") * num(p["white_cells"]) + num(".08035356") * num(p["age"]))
    m = 1 - n.exp(num("-1.51714") * n.exp(xb) / num(".007692696"))
    assert 1e-9 < m < 1 - 1e-6  # where the published form can be computed in double precision
    return num("141.50225") + n.ln(num("-.0055305") * n.ln(1 - m)) / num(".090165")


def phenoage(p, crp_transform):
    p.need(*PHENOAGE_INPUTS)
    return outcome(both(phenoage_equation, p, crp_transform, tolerance=1e-9))


def make_phenoage():
    t = Table("phenoage.levine", phenoage, PHENOAGE_INPUTS, ["crp_transform"])
    typical = dict(zip(PHENOAGE_INPUTS, [45, 43, 75, 5.3, 0.15, 30, 90, 13, 65, 6.5]))
    for transform in ("ln", "ln1p"):
        at = {"crp_transform": transform}
        t.add(typical, at)
        t.without(typical, at)
        t.add({**typical, "mcv": None, "albumin": None}, at)
        t.change(typical, at, age=[20, 30, 60, 75, 85], albumin=[35, 50], creatinine=[45, 140], glucose=[4, 12], crp=[0.01, 0.05, 1, 5],
                 lymphocytes=[12, 48], mcv=[75, 105], rdw=[11.5, 16], alkaline_phosphatase=[25, 150], white_cells=[3, 13])
    differ = [phenoage(Person({k: float(v) for k, v in {**typical, "crp": 0.05}.items()}), c)["value"] for c in ("ln1p", "ln")]
    assert 3.1 < differ[0] - differ[1] < 3.4  # the two readings of the paper are years apart
    for _ in range(60):
        p = {"age": int(t.rng.integers(20, 85)), "albumin": round(float(t.rng.normal(42, 3)), 1),
             "creatinine": round(float(t.rng.normal(80, 15)), 1), "glucose": round(float(t.rng.normal(5.5, 0.9)), 2),
             "crp": round(float(t.rng.lognormal(-1.8, 1.0)), 3) + 0.005, "lymphocytes": round(float(t.rng.normal(30, 7)), 1),
             "mcv": round(float(t.rng.normal(90, 5)), 1), "rdw": round(float(t.rng.normal(13, 0.8)), 1),
             "alkaline_phosphatase": int(t.rng.normal(68, 18)), "white_cells": round(float(t.rng.normal(6.8, 1.6)), 1)}
        for transform in ("ln", "ln1p"):
            t.add(p, {"crp_transform": transform})
    t.write()


# ---- allostatic load: MacArthur study, Seeman 1997 -----------------------------------------------------------------

SEEMAN = {"systolic": 148, "diastolic": 83, "waist_hip_ratio": 0.94, "total_to_hdl": 5.9, "hba1c": 7.1, "cortisol": 25.7,
          "noradrenaline": 48, "adrenaline": 5, "hdl": 37, "dhea_s": 35}
SEEMAN_LOW = {"hdl", "dhea_s"}


def seeman_1997(p, at_least=10):
    there = [name for name in SEEMAN if p[name] is not None]
    if len(there) < at_least:
        raise Nothing("too_few")
    return outcome(sum(p[name] < SEEMAN[name] if name in SEEMAN_LOW else p[name] > SEEMAN[name] for name in there))


def make_allostatic_load():
    t = Table("allostatic_load.seeman_1997", seeman_1997, SEEMAN, at_least=True)
    well = {"systolic": 120, "diastolic": 75, "waist_hip_ratio": 0.85, "total_to_hdl": 3.5, "hba1c": 5.4, "cortisol": 15,
            "noradrenaline": 30, "adrenaline": 2.5, "hdl": 55, "dhea_s": 120}
    ill = {name: cut * (0.8 if name in SEEMAN_LOW else 1.2) for name, cut in SEEMAN.items()}
    assert t.add(well)["value"] == 0 and t.add(ill)["value"] == 10
    for name, cut in SEEMAN.items():
        t.change(well, **{name: near(cut)})
        t.change(ill, **{name: [float(cut)]})
    t.without(well)
    for least in (1, 5, 8, 9, 10):
        for gone in range(0, 11):
            p = dict(ill)
            for name in list(t.rng.permutation(list(SEEMAN)))[:gone]:
                p[str(name)] = None
            t.add(p, at_least=least)
    for _ in range(60):
        t.add({name: round(float(cut * t.rng.normal(1, 0.25)), 2 if cut < 1 else 1) for name, cut in SEEMAN.items()})
    t.write()


def make():
    make_metabolic_syndrome()
    make_ipaq()
    make_classes()
    make_steps()
    make_phenoage()
    make_allostatic_load()
