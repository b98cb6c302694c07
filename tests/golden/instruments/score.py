#!/usr/bin/env python3
"""Every instrument of the catalogue scored from its publication, beside the library and without it.

    python score.py            # writes ID.csv, groups.csv, bands.csv
    python score.py --check    # scores again and fails if a file changes

Python 3.11, standard library only. Scores are exact fractions, turned into a double once, at the end. Persons are drawn
with a fixed seed an instrument; README.md says what stands in a file.
"""

import csv
import io
import pathlib
import random
import sys
from fractions import Fraction as F

HERE = pathlib.Path(__file__).parent
PERSONS = 60
JUST_ABOVE_5 = F(5.000000000000001)


# ---- helpers ---------------------------------------------------------------------------------------------------------
def names(count, prefix="", first=1):
    return [f"{prefix}{number}" for number in range(first, first + count)]


def band(score, edges):
    """The lower edge of the band the score is in."""
    if score is None or not edges:
        return None
    below = [edge for edge in edges if edge <= score]
    return max(below) if below else None


def observed(answers, items):
    return sum(answers[item] is not None for item in items)


def points(answers, items, reverse, lowest, highest):
    """Answers after reversal, None where unanswered."""
    return [
        None if answers[item] is None else (lowest + highest - answers[item] if item in reverse else answers[item])
        for item in items
    ]


def plain(items, lowest, highest, scales, codes=None, **more):
    """An instrument of sums and means. A scale: (what, its items, reversed items, edges of its bands)."""

    def score(answers, person):
        out = {}
        for name, (what, used, reverse, edges) in scales.items():
            used = items if used is None else used
            values = points(answers, used, reverse, lowest, highest)
            if None in values:
                result = None
            elif what == "sum":
                result = F(sum(values))
            elif what == "mean":
                result = F(sum(values), len(values))
            else:
                result = what(sum(values), len(values))
            out[name] = (result, observed(answers, used), band(result, edges))
        return out

    default = list(range(lowest, highest + 1))
    given = {item: (codes or {}).get(item, default) for item in items}
    edges = {name: scale[3] for name, scale in scales.items() if scale[3]}
    return {"items": items, "codes": given, "score": score, "edges": edges, "scales": list(scales), **more}


def at_least(values, count):
    """Mean of the answered, None below `count` of them."""
    known = [value for value in values if value is not None]
    return F(sum(known), len(known)) if len(known) >= count else None


# ---- instruments of sums and means -----------------------------------------------------------------------------------
PHQ = [0, 5, 10, 15, 20]
INSTRUMENTS = {
    # Raw sum times 4; up to 28, up to 50: the next whole number opens the next band.
    "who5": plain(names(5), 0, 5, {"total": (lambda total, _: F(4 * total), None, [], [0, 29, 51])}),
    "phq9": plain(names(9), 0, 3, {"total": ("sum", None, [], PHQ)}, flag=("item_9", "9")),
    "phq8": plain(names(8), 0, 3, {"total": ("sum", None, [], PHQ)}),
    "phq2": plain(names(2), 0, 3, {"total": ("sum", None, [], [0, 3])}),
    "phq4": plain(
        names(4),
        0,
        3,
        {
            "total": ("sum", None, [], [0, 3, 6, 9]),
            "anxiety": ("sum", ["1", "2"], [], None),
            "depression": ("sum", ["3", "4"], [], None),
        },
    ),
    "gad7": plain(names(7), 0, 3, {"total": ("sum", None, [], [0, 5, 10, 15])}),
    "gad2": plain(names(2), 0, 3, {"total": ("sum", None, [], [0, 3])}),
    "pss10": plain(
        names(10),
        0,
        4,
        {
            "total": ("sum", None, ["4", "5", "7", "8"], None),
            "helplessness": ("sum", ["1", "2", "3", "6", "9", "10"], [], None),
            "self_efficacy": ("sum", ["4", "5", "7", "8"], ["4", "5", "7", "8"], None),
        },
        traps=[
            dict(zip(names(10), [2, 1, 2, 3, 3, 1, 3, 3, 2, 1])),  # a published person: 13, 9
            dict(zip(names(10), [4, 4, 4, 0, 0, 4, 0, 0, 4, 4])),  # the most stress: 40
            dict(zip(names(10), [0, 0, 0, 4, 4, 0, 4, 4, 0, 0])),  # the least: 0
        ],
    ),
    "pss4": plain(names(4), 0, 4, {"total": ("sum", None, ["2", "3"], None)}),
    "swls": plain(names(5), 1, 7, {"total": ("sum", None, [], [5, 10, 15, 20, 21, 26, 31])}),
    "ons4": plain(
        ["satisfaction", "worthwhile", "happiness", "anxiety"],
        0,
        10,
        {item: ("sum", [item], [], None) for item in ["satisfaction", "worthwhile", "happiness", "anxiety"]},
    ),
    # RAND-36 items 24, 25, 26, 28, 30: 26 and 30 are the calm and happy ones. 100 (sum - 5) / 25.
    "mhi5": plain(names(5), 1, 6, {"total": (lambda total, _: F(100 * (total - 5), 25), None, ["3", "5"], [0, 60])}),
    "k6": plain(names(6), 0, 4, {"total": ("sum", None, [], [0, 8, 13])}),
    "k10": plain(names(10), 1, 5, {"total": ("sum", None, [], [10, 16, 22, 30])}),
    "osss3": plain(names(3), 1, 5, {"total": ("sum", None, [], [3, 9, 12])}, codes={"1": [1, 2, 3, 4]}),
    "mspss": plain(
        names(12),
        1,
        7,
        {
            "total": ("mean", None, [], [1, 3, JUST_ABOVE_5]),
            "significant_other": ("mean", ["1", "2", "5", "10"], [], [1, 3, JUST_ABOVE_5]),
            "family": ("mean", ["3", "4", "8", "11"], [], [1, 3, JUST_ABOVE_5]),
            "friends": ("mean", ["6", "7", "9", "12"], [], [1, 3, JUST_ABOVE_5]),
        },
    ),
    "jss4": plain(names(4), 0, 5, {"total": ("sum", None, [], None)}),
    # 1 agrees strongly: the positive statements count as answered, the negative ones are reversed.
    "olbi": plain(
        names(16),
        1,
        4,
        {
            "total": ("mean", None, ["2", "3", "4", "6", "8", "9", "11", "12"], None),
            "exhaustion": ("mean", ["2", "4", "5", "8", "10", "12", "14", "16"], ["2", "4", "8", "12"], None),
            "disengagement": ("mean", ["1", "3", "6", "7", "9", "11", "13", "15"], ["3", "6", "9", "11"], None),
        },
    ),
    "req": plain(
        [f"{block}_{number}" for block in ("detachment", "relaxation", "mastery", "control") for number in range(1, 5)],
        1,
        5,
        {
            **{
                block: ("mean", names(4, f"{block}_"), [], None)
                for block in ("detachment", "relaxation", "mastery", "control")
            },
            "total": ("mean", None, [], None),
        },
    ),
    "elo1": plain(["1"], 1, 5, {"total": ("sum", None, [], [1, 4])}),
    "recommend_net": plain(["1"], 0, 10, {"total": ("sum", None, [], None)}, group=((9, 10), (0, 6))),
    "csat": plain(["1"], 1, 5, {"total": ("sum", None, [], None)}, group=((4, 5), None)),
    "ces": plain(["1"], 1, 7, {"total": ("sum", None, [], None)}, group=((6, 7), None)),
    "wemwbs": plain(names(14), 1, 5, {"total": ("sum", None, [], None)}),
    "isi": plain(names(7), 0, 4, {"total": ("sum", None, [], [0, 8, 15, 22])}),
    "ess": plain(names(8), 0, 3, {"total": ("sum", None, [], None)}),
    "nfr": plain(
        names(11), 0, 1, {"total": (lambda total, count: F(100 * total, count), None, ["4"], [0, F("54.5")])}
    ),
    "was": plain(["1"], 0, 10, {"total": ("sum", None, [], None)}),
}

# ---- SWEMWBS: raw sum, and the published metric ----------------------------------------------------------------------
# Stewart-Brown et al. 2009, Health Qual Life Outcomes 7:15, raw 7 … 35.
METRIC = """7.00 9.51 11.25 12.40 13.33 14.08 14.75 15.32 15.84 16.36 16.88 17.43 17.98 18.59 19.25 19.98 20.73 21.54 22.35
23.21 24.11 25.03 26.02 27.03 28.13 29.31 30.70 32.55 35.00""".split()
assert len(METRIC) == 29
INSTRUMENTS["swemwbs"] = plain(
    names(7),
    1,
    5,
    {
        "raw": ("sum", None, [], None),
        "total": (lambda total, _: F(METRIC[total - 7]), None, [], None),
    },
    targets=range(7, 36),
)


# ---- Cantril's ladder ------------------------------------------------------------------------------------------------
def cantril(answers, person):
    present, future = answers["present"], answers["future"]
    if present is None or future is None:
        standing = None
    elif present >= 7 and future >= 8:
        standing = 3
    elif present <= 4 and future <= 4:
        standing = 1
    else:
        standing = 2
    return {
        "present": (present, observed(answers, ["present"]), None),
        "future": (future, observed(answers, ["future"]), None),
        "standing": (standing, observed(answers, ["present", "future"]), standing),
    }


INSTRUMENTS["cantril"] = {
    "items": ["present", "future"],
    "codes": {"present": list(range(11)), "future": list(range(11))},
    "score": cantril,
    "scales": ["present", "future", "standing"],
    "edges": {"standing": [1, 2, 3]},
    "traps": [{"present": p, "future": f} for p in (4, 5, 6, 7, None) for f in (4, 5, 7, 8, None)],
}

# ---- RAND-36 ---------------------------------------------------------------------------------------------------------
RAND_ITEMS = names(36)
RAND_RECODE = {}
for recode_items, recode_codes, recode in [
    ((1, 2, 20, 22, 34, 36), range(1, 6), lambda x: 125 - 25 * x),
    (range(3, 13), range(1, 4), lambda x: 50 * (x - 1)),
    (range(13, 20), range(1, 3), lambda x: 100 * (x - 1)),
    ((21, 23, 26, 27, 30), range(1, 7), lambda x: 120 - 20 * x),
    ((24, 25, 28, 29, 31), range(1, 7), lambda x: 20 * (x - 1)),
    ((32, 33, 35), range(1, 6), lambda x: 25 * (x - 1)),
]:
    for number in recode_items:
        RAND_RECODE[str(number)] = {code: recode(code) for code in recode_codes}
assert sorted(RAND_RECODE, key=int) == RAND_ITEMS
assert all(min(table.values()) == 0 and max(table.values()) == 100 for table in RAND_RECODE.values())
RAND_SCALES = {
    "physical_functioning": range(3, 13),
    "role_physical": range(13, 17),
    "role_emotional": range(17, 20),
    "energy": (23, 27, 29, 31),
    "emotional_wellbeing": (24, 25, 26, 28, 30),
    "social_functioning": (20, 32),
    "pain": (21, 22),
    "general_health": (1, 33, 34, 35, 36),
}


def rand36(answers, person):
    out = {}
    for name, numbers in RAND_SCALES.items():
        used = [str(number) for number in numbers]
        values = [None if answers[item] is None else RAND_RECODE[item][answers[item]] for item in used]
        out[name] = (at_least(values, 1), observed(answers, used), None)
    return out


INSTRUMENTS["rand36"] = {
    "items": RAND_ITEMS,
    "codes": {item: list(table) for item, table in RAND_RECODE.items()},
    "score": rand36,
    "scales": list(RAND_SCALES),
    "edges": {},
    "holes": 20,
    "traps": [
        {item: max(table, key=table.get) for item, table in RAND_RECODE.items()},  # the best health: 100 everywhere
        {item: min(table, key=table.get) for item, table in RAND_RECODE.items()},  # the worst: 0 everywhere
        {item: (1 if item in ("20", "3", "18") else None) for item in RAND_ITEMS},  # one answer is enough
        {item: None for item in RAND_ITEMS},
    ],
}

# ---- AUDIT: questions that need no answer ----------------------------------------------------------------------------
AUDIT_ITEMS = names(10)


def audit(answers, person):
    counted = dict(answers)
    # Who never drinks is asked 9 and 10 only; who never drinks more than a measure is sent there from question 3.
    if answers["1"] == 0:
        skipped = names(7, first=2)
    elif answers["2"] == 0 and answers["3"] == 0:
        skipped = names(5, first=4)
    else:
        skipped = []
    for item in skipped:
        counted[item] = 0 if counted[item] is None else counted[item]
    values = list(counted.values())
    total = None if None in values else sum(values)
    return {"total": (total, observed(answers, AUDIT_ITEMS), band(total, [0, 8]))}


def audit_row(text):
    return {item: None if answer == "." else int(answer) for item, answer in zip(AUDIT_ITEMS, text, strict=True)}


INSTRUMENTS["audit"] = {
    "items": AUDIT_ITEMS,
    "codes": {item: [0, 2, 4] if item in ("9", "10") else [0, 1, 2, 3, 4] for item in AUDIT_ITEMS},
    "score": audit,
    "scales": ["total"],
    "edges": {"total": [0, 8]},
    "traps": [
        audit_row(text)
        for text in [
            "0.......00",  # never drinks: 0
            "0.......42",  # 6
            "0.......0.",  # 10 unanswered: missing
            "0........0",
            "03......00",  # an answer given all the same counts
            "0.2.....20",
            "100.....00",  # 2 and 3 are 0: 4 to 8 need no answer
            "400.....44",  # 12
            "400..1..44",
            "10......00",  # 3 unanswered: no skip
            "1.0.....00",
            "110.....00",  # not both 0
            "101.....00",
            ".00.....00",  # 1 unanswered
            "...00000..",
            "1000000000",
            "2311100000",  # 8
            "2311000000",  # 7
            "4444444444",  # 40
        ]
    ],
}

# ---- AUDIT-C: bands by sex -------------------------------------------------------------------------------------------
AUDITC_EDGES = {"female": [0, 3], "male": [0, 4]}


def auditc(answers, person):
    values = list(answers.values())
    total = None if None in values else sum(values)
    return {"total": (total, observed(answers, names(3)), band(total, AUDITC_EDGES.get(person.get("sex"))))}


INSTRUMENTS["auditc"] = {
    "items": names(3),
    "codes": {item: [0, 1, 2, 3, 4] for item in names(3)},
    "score": auditc,
    "scales": ["total"],
    "edges": {},
    "person": True,
    "traps": [
        {"1": one, "2": two, "3": three, "sex": sex}
        for one, two, three in [(1, 1, 0), (2, 1, 0), (2, 1, 1), (3, 1, 1), (4, 0, 0), (0, 0, 0), (0, None, None)]
        for sex in ("female", "male", None)
    ],
}

# ---- IPAQ, short form ------------------------------------------------------------------------------------------------
IPAQ_ITEMS = [f"{kind}_{what}" for kind in ("vigorous", "moderate", "walking") for what in ("days", "minutes")]
IPAQ_MET = {"vigorous": F("8"), "moderate": F("4"), "walking": F("3.3")}


def ipaq(answers, person):
    days, minutes, missing = {}, {}, False
    for kind in IPAQ_MET:
        day, minute = answers[f"{kind}_days"], answers[f"{kind}_minutes"]
        if day == 0:
            minute = 0
        if day is None or minute is None:
            missing = True
        days[kind], minutes[kind] = day, minute
    known = observed(answers, IPAQ_ITEMS)
    sitting = answers["sitting_minutes"]
    out = {name: (None, known, None) for name in ("vigorous", "moderate", "walking", "total", "category")}
    # The guideline removes the case: no activity at all is scored for somebody with a day or a time missing, nor above
    # 960 minutes a day.
    if not missing and sum(minutes.values()) <= 960:
        for kind in IPAQ_MET:
            if minutes[kind] < 10:
                days[kind] = minutes[kind] = 0
            minutes[kind] = min(minutes[kind], 180)
        met = {kind: IPAQ_MET[kind] * minutes[kind] * days[kind] for kind in IPAQ_MET}
        total = sum(met.values())
        any_days = sum(days.values())
        half_hours = sum(days[kind] for kind in ("moderate", "walking") if minutes[kind] >= 30)
        if (days["vigorous"] >= 3 and total >= 1500) or (any_days >= 7 and total >= 3000):
            category = 3
        elif (days["vigorous"] >= 3 and minutes["vigorous"] >= 20) or half_hours >= 5 or (any_days >= 5 and total >= 600):
            category = 2
        else:
            category = 1
        for kind in IPAQ_MET:
            out[kind] = (met[kind], known, None)
        out["total"] = (total, known, None)
        out["category"] = (category, known, category)
    out["sitting"] = (sitting, int(sitting is not None), None)
    return out


def ipaq_draw(rng):
    answers = {}
    for kind in IPAQ_MET:
        day = rng.choice([0, 0, 1, 2, 3, 3, 4, 5, 5, 6, 7])
        minute = rng.choice([5, 10, 15, 20, 25, 30, 30, 40, 45, 60, 75, 90, 120, 150, 200, 240])
        answers[f"{kind}_days"] = day
        answers[f"{kind}_minutes"] = minute if day else rng.choice([None, 0, minute])
    answers["sitting_minutes"] = rng.choice(range(0, 961, 15))
    return answers


def ipaq_row(*values):
    return dict(zip([*IPAQ_ITEMS, "sitting_minutes"], values, strict=True))


INSTRUMENTS["ipaq_sf"] = {
    "items": [*IPAQ_ITEMS, "sitting_minutes"],
    "codes": {
        **{item: list(range(8)) if item.endswith("days") else list(range(1441)) for item in IPAQ_ITEMS},
        "sitting_minutes": list(range(1441)),
    },
    "score": ipaq,
    "draw": ipaq_draw,
    "scales": ["vigorous", "moderate", "walking", "total", "category", "sitting"],
    "edges": {"category": [1, 2, 3]},
    "traps": [
        ipaq_row(*values)
        for values in [
            (0, None, 0, None, 0, None, None),  # nothing: low, and sitting is its own
            (0, None, 0, None, 0, None, 480),
            (0, 600, 0, 600, 0, 600, 0),  # minutes without days count nothing, not even towards 960
            (7, 320, 7, 320, 7, 320, 60),  # 960 minutes: kept, 180 each
            (7, 320, 7, 320, 7, 321, 60),  # 961: removed
            (7, 1440, 0, None, 0, None, 60),
            (3, 9, 5, 9, 7, 9, 60),  # bouts below 10 minutes: neither minutes nor days
            (3, 10, 5, 10, 7, 10, 60),
            (5, 180, 0, 0, 0, 0, 60),
            (5, 181, 0, 0, 0, 0, 60),  # at most 180
            (3, 50, 1, 75, 0, 0, 60),  # 1500: high
            (3, 50, 1, 74, 0, 0, 60),  # 1496: moderate
            (2, 100, 5, 70, 0, 0, 60),  # seven days of both, 3000: high
            (2, 100, 5, 69, 0, 0, 60),  # 2980
            (2, 120, 4, 180, 0, 0, 60),  # 4800 in six days
            (3, 20, 0, 0, 0, 0, 60),  # moderate
            (3, 19, 0, 0, 0, 0, 60),
            (2, 20, 0, 0, 0, 0, 60),
            (0, 0, 2, 30, 3, 30, 60),  # five half hours
            (0, 0, 2, 30, 3, 29, 60),
            (0, 0, 2, 29, 3, 30, 60),
            (0, 0, 0, 0, 5, 30, 60),
            (0, 0, 0, 0, 4, 180, 60),
            (1, 25, 4, 25, 0, 0, 60),  # 600 in five days: moderate
            (1, 24, 4, 25, 0, 0, 60),
            (1, 25, 3, 34, 1, 9, 60),  # a short bout takes its day along
            (None, 30, 3, 30, 3, 30, 60),
            (3, None, 3, 30, 3, 30, 60),
            (3, 30, None, None, 3, 30, 60),
            (3, 30, 3, 30, 3, None, 60),
            (3, 30, 3, 30, None, 30, None),
            (None, None, None, None, None, None, 300),
        ]
    ],
}

# ---- Copenhagen Burnout Inventory: personal and work -----------------------------------------------------------------
CBI_P, CBI_W = names(6, "p"), names(7, "w")


def cbi(answers, person):
    work = points(answers, CBI_W, ["w7"], 0, 100)
    return {
        "personal": (at_least(points(answers, CBI_P, [], 0, 100), 3), observed(answers, CBI_P), None),
        "work": (at_least(work, 4), observed(answers, CBI_W), None),
    }


def cbi_row(text):
    answers = [None if answer == "." else 25 * int(answer) for answer in text]
    return dict(zip(CBI_P + CBI_W, answers, strict=True))


INSTRUMENTS["cbi"] = {
    "items": CBI_P + CBI_W,
    "codes": {item: [0, 25, 50, 75, 100] for item in CBI_P + CBI_W},
    "score": cbi,
    "scales": ["personal", "work"],
    "edges": {},
    "holes": 7,
    "traps": [
        cbi_row(text)
        for text in [
            "4444444444440",  # the most: 100 and 100
            "0000000000004",  # the least: 0 and 0
            "123...1234...",  # three and four are enough
            "12....123....",  # two and three are not
            "...4.2......4",
            ".1.2.3...4444",
            "2.2.2.22222.1",
            ".............",
        ]
    ],
}


# ---- Pittsburgh Sleep Quality Index ----------------------------------------------------------------------------------
PSQI_FIVE = [f"5{letter}" for letter in "abcdefghij"]
PSQI_ITEMS = ["bed_time", "latency_minutes", "rise_time", "hours_asleep", *PSQI_FIVE, "6", "7", "8", "9"]


def clock(text):
    hours, minutes = text.split(":")
    return F(int(hours)) + F(int(minutes), 60)


def up_to(value, edges):
    """How many edges the value is above."""
    return None if value is None else sum(value > edge for edge in edges)


def plus(*values):
    return None if None in values else sum(values)


def psqi(answers, person):
    latency = plus(up_to(answers["latency_minutes"], [15, 30, 60]), answers["5a"])
    asleep = answers["hours_asleep"]
    duration = None if asleep is None else 0 if asleep > 7 else 1 if asleep >= 6 else 2 if asleep >= 5 else 3
    efficiency = None
    if None not in (asleep, answers["bed_time"], answers["rise_time"]):
        in_bed = (clock(answers["rise_time"]) - clock(answers["bed_time"])) % 24
        if in_bed > 0:
            percent = 100 * F(asleep) / in_bed
            efficiency = 0 if percent >= 85 else 1 if percent >= 75 else 2 if percent >= 65 else 3
            # The same in doubles, in both orders: no case hangs on rounding.
            for again in (100 * asleep / float(in_bed), asleep / float(in_bed) * 100):
                assert efficiency == 3 - sum(again >= edge for edge in (65, 75, 85))
    scores = {
        "quality": (answers["6"], ["6"]),
        "latency": (up_to(latency, [0, 2, 4]), ["latency_minutes", "5a"]),
        "duration": (duration, ["hours_asleep"]),
        "efficiency": (efficiency, ["bed_time", "rise_time", "hours_asleep"]),
        "disturbances": (up_to(plus(*(answers[item] for item in PSQI_FIVE[1:])), [0, 9, 18]), PSQI_FIVE[1:]),
        "medication": (answers["7"], ["7"]),
        "dysfunction": (up_to(plus(answers["8"], answers["9"]), [0, 2, 4]), ["8", "9"]),
    }
    total = plus(*(value for value, _ in scores.values()))
    out = {name: (value, observed(answers, used), None) for name, (value, used) in scores.items()}
    out["total"] = (total, observed(answers, PSQI_ITEMS), band(total, [0, 6]))
    return out


def at_clock(minutes):
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def psqi_draw(rng):
    bed = rng.randrange(20 * 60, 27 * 60, 5)
    in_bed = rng.randrange(4 * 60, 10 * 60, 5)
    asleep = max(0.0, round(in_bed / 60 * rng.uniform(0.5, 1.0) * 4) / 4)
    return {
        "bed_time": at_clock(bed),
        "latency_minutes": rng.choice([0, 5, 10, 15, 16, 20, 30, 31, 45, 60, 61, 90, 120]),
        "rise_time": at_clock(bed + in_bed),
        "hours_asleep": asleep,
        **{item: rng.randrange(4) for item in [*PSQI_FIVE, "6", "7", "8", "9"]},
    }


def psqi_row(bed="23:00", latency=10, rise="07:00", asleep=7.5, five="0000000000", six=0, seven=0, eight=0, nine=0):
    fives = [None if answer == "." else int(answer) for answer in five]
    return dict(zip(PSQI_ITEMS, [bed, latency, rise, asleep, *fives, six, seven, eight, nine], strict=True))


INSTRUMENTS["psqi"] = {
    "items": PSQI_ITEMS,
    "codes": {
        "bed_time": ["00:00", "23:59"],
        "latency_minutes": [0, 1440],
        "rise_time": ["00:00", "23:59"],
        "hours_asleep": [0.0, 24.0],
        **{item: [0, 1, 2, 3] for item in [*PSQI_FIVE, "6", "7", "8", "9"]},
    },
    "score": psqi,
    "draw": psqi_draw,
    "scales": ["quality", "latency", "duration", "efficiency", "disturbances", "medication", "dysfunction", "total"],
    "edges": {"total": [0, 6]},
    "traps": [
        psqi_row(),
        psqi_row(asleep=7.0),
        psqi_row(asleep=7.25),
        psqi_row(asleep=6.0),
        psqi_row(asleep=5.75),
        psqi_row(asleep=5.0),
        psqi_row(asleep=4.75),
        psqi_row(asleep=0.0),
        psqi_row(bed="22:00", rise="08:00", asleep=8.5),  # 85 %
        psqi_row(bed="22:00", rise="08:00", asleep=8.4375),  # 84.375 %: not rounded up
        psqi_row(bed="22:00", rise="08:00", asleep=8.46875),  # 84.6875 %
        psqi_row(bed="22:00", rise="08:00", asleep=7.5),  # 75 %
        psqi_row(bed="22:00", rise="08:00", asleep=7.46875),  # 74.6875 %
        psqi_row(bed="22:00", rise="08:00", asleep=6.5),  # 65 %
        psqi_row(bed="22:00", rise="08:00", asleep=6.46875),  # 64.6875 %
        psqi_row(bed="22:00", rise="06:00", asleep=9.0),  # more than the time in bed
        psqi_row(bed="00:30", rise="07:00", asleep=6.25),  # after midnight
        psqi_row(bed="23:59", rise="00:00", asleep=1.0),  # a minute
        psqi_row(bed="00:00", rise="23:59", asleep=8.0),
        psqi_row(bed="08:00", rise="16:00", asleep=6.0),  # by day
        psqi_row(bed="07:00", rise="07:00", asleep=7.0),  # no hours in bed: missing
        psqi_row(bed="00:00", rise="00:00", asleep=0.0),
        psqi_row(bed=None),
        psqi_row(rise=None),
        psqi_row(asleep=None),
        *(psqi_row(latency=minutes) for minutes in (0, 15, 16, 30, 31, 60, 61, None)),
        psqi_row(latency=61, five="1000000000"),  # 4
        psqi_row(latency=61, five="2000000000"),  # 5
        psqi_row(latency=16, five="1000000000"),  # 2
        psqi_row(latency=16, five="2000000000"),  # 3
        psqi_row(five=".000000000"),
        psqi_row(five="3111111111"),  # 9
        psqi_row(five="0211111111"),  # 10
        psqi_row(five="0222222222"),  # 18
        psqi_row(five="0322222222"),  # 19
        psqi_row(five="000000000."),  # the last of the tenth question unanswered: missing
        psqi_row(eight=1, nine=1),  # 2
        psqi_row(eight=1, nine=2),  # 3
        psqi_row(eight=3, nine=1),  # 4
        psqi_row(eight=2, nine=3),  # 5
        psqi_row(eight=None),
        psqi_row(six=3, seven=2),  # 5
        psqi_row(six=3, seven=3),  # 6
        psqi_row(latency=61, rise="03:00", asleep=1.0, five="3333333333", six=3, seven=3, eight=3, nine=3),  # 21
    ],
}

# ---- EQ-5D-5L: level sum, profile, scale -----------------------------------------------------------------------------
EQ_FIVE = ["mobility", "self_care", "usual_activities", "pain", "anxiety"]


def eq5d(answers, person):
    levels = [answers[item] for item in EQ_FIVE]
    known = observed(answers, EQ_FIVE)
    profile = None if None in levels else int("".join(map(str, levels)))
    return {
        "level_sum": (plus(*levels), known, None),
        "profile": (profile, known, None),
        "vas": (answers["vas"], observed(answers, ["vas"]), None),
    }


INSTRUMENTS["eq5d5l"] = {
    "items": [*EQ_FIVE, "vas"],
    "codes": {**{item: [1, 2, 3, 4, 5] for item in EQ_FIVE}, "vas": list(range(101))},
    "score": eq5d,
    "scales": ["level_sum", "profile", "vas"],
    "edges": {},
    "traps": [
        dict(zip([*EQ_FIVE, "vas"], values))
        for values in [(1, 1, 1, 1, 1, None), (1, 2, 3, 4, 5, 0), (5, 4, 3, 2, 1, 100), (None, 1, 1, 1, 1, 50)]
    ],
}

ORDER = """who5 phq9 phq8 phq2 phq4 gad7 gad2 pss10 pss4 swls cantril ons4 rand36 mhi5 k6 k10 osss3 mspss jss4 audit auditc ipaq_sf
cbi olbi req elo1 recommend_net csat ces swemwbs wemwbs isi ess nfr psqi eq5d5l was""".split()
assert sorted(ORDER) == sorted(INSTRUMENTS)


# ---- persons ---------------------------------------------------------------------------------------------------------
def reach(rng, instrument, scale, target, tries=400):
    """Somebody with just that score on the scale: from a random start one answer at a time moves nearer."""
    items, codes, score = instrument["items"], instrument["codes"], instrument["score"]
    for _ in range(tries):
        answers = {item: rng.choice(codes[item]) for item in items}
        for _ in range(400):
            value = score(answers, {})[scale][0]
            if value == target:
                return answers
            item = rng.choice(items)
            moved = {**answers, item: rng.choice(codes[item])}
            if abs(score(moved, {})[scale][0] - target) <= abs(value - target):
                answers = moved
    return None


def persons(name, instrument):
    rng = random.Random(f"instruments {name}")
    items, codes = instrument["items"], instrument["codes"]
    draw = instrument.get("draw") or (lambda rng: {item: rng.choice(codes[item]) for item in items})
    people = []
    for index in range(PERSONS):
        answers = draw(rng)
        if index % 4 == 3:
            for item in rng.sample(items, min(len(items), rng.randint(1, instrument.get("holes", 3)))):
                answers[item] = None
        people.append(answers)
    people.append({item: codes[item][0] for item in items})
    people.append({item: codes[item][-1] for item in items})
    if not instrument.get("draw") and not instrument.get("person"):
        for scale, edges in instrument["edges"].items():
            step = attainable(instrument, scale)
            for edge in edges:
                at = [value for value in step if value >= edge]
                below = [value for value in step if value < edge]
                for target in {*at[:1], *below[-1:]}:
                    found = reach(rng, instrument, scale, target)
                    assert found, (name, scale, target)
                    people.append(found)
        for target in instrument.get("targets", []):
            found = reach(rng, instrument, instrument["scales"][0], target)
            assert found, (name, target)
            people.append(found)
    people += instrument.get("traps", [])
    people.append({item: None for item in items})
    for answers in people:
        if instrument.get("person") and "sex" not in answers:
            answers["sex"] = rng.choice(["female", "male"])
        answers["age"] = answers.get("age", rng.randrange(18, 90))
    return people


def attainable(instrument, scale):
    """Every score of complete answers that whole points allow, in order."""
    rng = random.Random(1)
    seen = set()
    items, codes, score = instrument["items"], instrument["codes"], instrument["score"]
    lowest = {item: codes[item][0] for item in items}
    for _ in range(60):
        answers = dict(lowest)
        order = [(item, code) for item in items for code in codes[item][1:]]
        rng.shuffle(order)
        seen.add(score(answers, {})[scale][0])
        for item, code in order:
            step = codes[item].index(answers[item])
            if step + 1 < len(codes[item]):
                answers[item] = codes[item][step + 1]
            seen.add(score(answers, {})[scale][0])
    seen.discard(None)
    return sorted(seen)


# ---- files -----------------------------------------------------------------------------------------------------------
def text(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or F(value).denominator == 1:
        return str(int(value))
    return repr(float(value))


def written(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def statistic(scores, plus_range, minus_range):
    known = [score for score in scores if score is not None]
    inside = [sum(low <= score <= high for score in known) for low, high in filter(None, (plus_range, minus_range))]
    more, less = F(inside[0], len(known)), F(inside[1], len(known)) if minus_range else F(0)
    error = (float(more + less - (more - less) ** 2) / len(known)) ** 0.5
    return [len(known), 100 * more, 100 * less, 100 * (more - less), repr(100 * error)]


def files():
    made, groups, bands = {}, [["instrument", "n", "plus", "minus", "statistic", "std_error"]], [["instrument", "scale", "sex", "edges"]]
    for name in ORDER:
        instrument = INSTRUMENTS[name]
        items, who = instrument["items"], ["sex", "age"] if instrument.get("person") else []
        head = items + who
        for scale in instrument["scales"]:
            head = head + [scale, f"{scale}.answered", f"{scale}.band"]
        if "flag" in instrument:
            head = head + [f"flag.{instrument['flag'][0]}"]
        rows, firsts = [[f"input:{item}" if item in instrument["scales"] else item for item in items] + head[len(items):]], []
        for answers in persons(name, instrument):
            person = {key: answers[key] for key in who}
            given = {item: answers[item] for item in items}
            scores = instrument["score"](given, person)
            assert list(scores) == instrument["scales"], name
            row = [text(given[item]) for item in items] + [text(value) for value in person.values()]
            for value, known, lower in scores.values():
                row += [text(value), text(known), text(lower)]
            if "flag" in instrument:
                answer = given[instrument["flag"][1]]
                row.append("unanswered" if answer is None else "yes" if answer >= 1 else "no")
            rows.append(row)
            firsts.append(next(iter(scores.values()))[0])
        made[f"{name}.csv"] = written(rows)
        if "group" in instrument:
            groups.append([name, *(value if isinstance(value, str) else text(value) for value in statistic(firsts, *instrument["group"]))])
        for scale, edges in instrument["edges"].items():
            bands.append([name, scale, "", " ".join(text(edge) for edge in edges)])
        if name == "auditc":
            bands += [[name, "total", sex, " ".join(map(text, edges))] for sex, edges in AUDITC_EDGES.items()]
    made["groups.csv"], made["bands.csv"] = written(groups), written(bands)
    return made


def asserted():
    """Cases that are printed somewhere, and what follows from the ranges."""

    def scored(name, answers, **person):
        instrument = INSTRUMENTS[name]
        given = dict(zip(instrument["items"], answers, strict=True))
        return {scale: value for scale, (value, _, _) in instrument["score"](given, person).items()}

    assert scored("pss10", [2, 1, 2, 3, 3, 1, 3, 3, 2, 1]) == {"total": 13, "helplessness": 9, "self_efficacy": 4}
    assert scored("who5", [5] * 5) == {"total": 100} and scored("who5", [0] * 5) == {"total": 0}
    assert scored("swemwbs", [3] * 7) == {"raw": 21, "total": F("19.25")}
    assert scored("osss3", [4, 5, 5]) == {"total": 14}
    assert scored("nfr", [0, 0, 0, 1] + [0] * 7) == {"total": 0} and scored("nfr", [1, 1, 1, 0] + [1] * 7) == {"total": 100}
    assert scored("mhi5", [6, 6, 1, 6, 1]) == {"total": 100} and scored("mhi5", [1, 1, 6, 1, 6]) == {"total": 0}
    assert set(scored("olbi", [4 - 3 * (n in (2, 3, 4, 6, 8, 9, 11, 12)) for n in range(1, 17)]).values()) == {4}
    # MHI-5 is the emotional wellbeing of RAND-36.
    five = [2, 3, 5, 1, 4]
    long = [None] * 36
    for number, answer in zip((24, 25, 26, 28, 30), five):
        long[number - 1] = answer
    assert scored("rand36", long)["emotional_wellbeing"] == scored("mhi5", five)["total"]


def main():
    asserted()
    made = files()
    if "--check" in sys.argv:
        changed = [name for name, content in made.items() if (HERE / name).read_text(encoding="utf-8") != content]
        sys.exit(f"changed: {changed}" if changed else 0)
    for name, content in made.items():
        (HERE / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
