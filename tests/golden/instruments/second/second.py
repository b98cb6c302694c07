#!/usr/bin/env python3
"""A second, different file of questionnaires: invented people as a European spreadsheet writes them, and their scores.

    python second.py            # writes people.csv and expected_*.csv
    python second.py --check    # makes them again and fails if a file changes

Python 3.11, standard library only. The catalogue's questionnaires are scored by ../score.py, the one that `second.toml`
declares in place here, both in exact fractions and without the library. Nobody in the file exists.
"""

import csv
import io
import pathlib
import random
import sys
from fractions import Fraction as F

HERE = pathlib.Path(__file__).parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))
import score as published  # noqa: E402

SEED = 20_261_122
PERSONS, WAVES = 150, ("1", "2")
TEAMS = [30, 24, 19, 15, 12, 11, 9, 8, 7, 5, 4, 3, 2, 1]
assert len(TEAMS) == 14 and sum(TEAMS) == PERSONS

# ---- columns, as second.toml names them ------------------------------------------------------------------------------
USES = {
    "wellbeing": "who5",
    "stress": "pss10",
    "mood": "phq9",
    "drinking": "audit",
    "limits": "auditc",
    "sleep": "psqi",
    "tired": "cbi",
    "recommend": "recommend_net",
    "health": "eq5d5l",
}
FIVES = [f"uni5{letter}" for letter in "abcdefghij"]
COLUMNS = {
    "wellbeing": [f"olo {letter}" for letter in "ABCDE"],
    "stress": [f"kuorma_{number:02}" for number in range(1, 11)],
    "mood": [f"mieli{number}" for number in range(1, 10)],
    "drinking": [f"juoma {number}" for number in range(1, 11)],
    "limits": ["raja_a", "raja_b", "raja_c"],
    "sleep": ["nukkumaan", "viive_min", "ylös", "unta_h", *FIVES, "uni6", "uni7", "uni8", "uni9"],
    "tired": [f"oma{number}" for number in range(1, 7)] + [f"työ{number}" for number in range(1, 8)],
    "recommend": ["suosittelu"],
    "health": ["liike", "itse", "arki", "kipu", "huoli", "asteikko"],
    "own": [f"oma a{number}" for number in range(1, 9)],
}
OWN_ITEMS = [f"a{number}" for number in range(1, 9)]
# Those that go from 1 to 5: the mean of some may stand in for the others.
LIKE = ["a1", "a2", "a4", "a5", "a7", "a8"]
ITEMS = {name: published.INSTRUMENTS[use]["items"] for name, use in USES.items()} | {"own": OWN_ITEMS}
WORDS = ["musta", "harmaa", "sininen", "vihreä", "keltainen", "kulta"]
SEXES = {"female": "nainen", "male": "mies"}

# ---- the questionnaire of one's own ----------------------------------------------------------------------------------
OWN_CODES = {item: [1, 2, 3, 4, 5] for item in OWN_ITEMS} | {"a3": [0, 1, 2], "a6": [1, 2, 3, 4]}
OWN_POINTS = {item: {code: code for code in codes} for item, codes in OWN_CODES.items()}
OWN_POINTS["a3"] = {0: 0, 1: 3, 2: 10}
OWN_POINTS["a6"] = {1: 6, 2: 4, 3: 1, 4: 0}
WEIGHTS = dict(zip(OWN_ITEMS, map(F, ["1", "1.5", "0.5", "1", "2", "0.7", "1", "0.25"])))
TABLE = dict(enumerate("0 2.5 4.25 6.1 8 9.75 11.3 13 14.6 16.25 18 20.2 23.75 28 35".split(), start=4))


def extremes(item):
    return min(OWN_POINTS[item].values()), max(OWN_POINTS[item].values())


def counted(answers, items, reverse=()):
    """Points after reversal, None where unanswered."""
    values = {}
    for item in items:
        value = None if answers[item] is None else OWN_POINTS[item][answers[item]]
        values[item] = sum(extremes(item)) - value if item in reverse and value is not None else value
    return values


def own_total(answers):
    known = {item: value for item, value in counted(answers, LIKE, ["a2"]).items() if value is not None}
    if len(known) < 4:
        return None
    mean = sum(WEIGHTS[item] * value for item, value in known.items()) / sum(WEIGHTS[item] for item in known)
    return 100 * (mean - 1) / 4


def own_points(answers):
    """All eight, each by its points."""
    values = counted(answers, OWN_ITEMS, ["a6"])
    if None in values.values():
        return None
    total = sum(WEIGHTS[item] * value for item, value in values.items())
    low, high = (sum(WEIGHTS[item] * extremes(item)[end] for item in OWN_ITEMS) for end in (0, 1))
    return 100 * (total - low) / (high - low)


def own_sumhalf(answers):
    items = LIKE[:5]
    known = [value for value in counted(answers, items, ["a4"]).values() if value is not None]
    return F(5 * sum(known), len(known)) if len(known) >= 3 else None


def own_three(answers):
    values = counted(answers, ["a1", "a2", "a4"]).values()
    if None in values:
        return None
    total = sum(values)
    return 0 if total <= 5 else 1 if total < 9 else 2 if total <= 12 else 3


def own_ratio(answers, three):
    if None in (answers["a1"], answers["a3"], answers["a7"], answers["a8"], three):
        return None
    upper, lower = answers["a1"] + 2 * answers["a3"], answers["a7"] + answers["a8"]
    return None if lower < 4 or upper > 7 else F(100 * upper, lower) + three


def own_table(answers):
    values = counted(answers, ["a1", "a5", "a7", "a8"]).values()
    if None in values:
        return None
    found = TABLE.get(sum(values))
    return None if found is None else F(found)


def own(answers, person):
    total, sumhalf, three = own_total(answers), own_sumhalf(answers), own_three(answers)
    both = None if None in (sumhalf, three) else sumhalf + 2 * three
    scores = {
        "total": (total, LIKE),
        "points": (own_points(answers), OWN_ITEMS),
        "sumhalf": (sumhalf, LIKE[:5]),
        "three": (three, ["a1", "a2", "a4"]),
        "both": (both, LIKE[:5]),
        "ratio": (own_ratio(answers, three), ["a1", "a2", "a3", "a4", "a7", "a8"]),
        "table": (own_table(answers), ["a1", "a5", "a7", "a8"]),
    }
    if total is not None:
        # No band hangs on rounding.
        assert all(abs(total - edge) > F(1, 10**9) for edge in (40, 60))
    out = {name: (value, published.observed(answers, used), None) for name, (value, used) in scores.items()}
    out["total"] = (*out["total"][:2], published.band(total, [0, 40, 60]))
    return out


# ---- what is added to the scores -------------------------------------------------------------------------------------
# Scales that stand for unanswered items, and how many items they read.
PRORATED = {("tired", "personal"): 6, ("tired", "work"): 7}
PRORATED |= {("own", "total"): 6, ("own", "sumhalf"): 5, ("own", "both"): 5}
PSS = [0, 14, 27]
BANDS = {
    ("wellbeing", "total"): {0: "very_low", 29: "low", 51: "other"},
    ("stress", "total"): {0: "low", 14: "moderate", 27: "high"},
    ("mood", "total"): {0: "minimal", 5: "mild", 10: "moderate", 15: "moderately_severe", 20: "severe"},
    ("drinking", "total"): {0: "below_cut", 8: "from_cut"},
    ("limits", "total"): {0: "below_cut", 3: "from_cut", 4: "from_cut"},
    ("sleep", "total"): {0: "below_cut", 6: "from_cut"},
    ("own", "total"): {0: "low", 40: "middle", 60: "high"},
}


def scored(name, answers, person):
    given = {item: answers[item] for item in ITEMS[name]}
    scores = (own if name == "own" else published.INSTRUMENTS[USES[name]]["score"])(given, person)
    if name == "stress":
        value, known, _ = scores["total"]
        scores["total"] = (value, known, published.band(value, PSS))
    return scores


# ---- people ----------------------------------------------------------------------------------------------------------
def draw(rng, well):
    """Answers by their published codes; who fares better answers so, more or less."""

    def code(codes, toward, spread=0.24):
        place = 0.5 + 0.2 * toward * well + rng.gauss(0, spread)
        return codes[min(max(int(place * len(codes)), 0), len(codes) - 1)]

    drinks = published.INSTRUMENTS["audit"]["codes"]
    bed = rng.randrange(20 * 60, 27 * 60, 5)
    in_bed = 0 if rng.random() < 0.01 else min(max(round(8 * 12 + rng.gauss(0, 14)), 40), 140) * 5
    answers = {
        "wellbeing": {item: code(range(6), 1) for item in ITEMS["wellbeing"]},
        "stress": {item: code(range(5), 1 if item in ("4", "5", "7", "8") else -1) for item in ITEMS["stress"]},
        "mood": {item: code(range(4), -1) for item in ITEMS["mood"]},
        "drinking": {item: code(codes, -1) for item, codes in drinks.items()},
        "limits": {item: code(range(5), -1) for item in ITEMS["limits"]},
        "sleep": {item: code(range(4), -1) for item in ITEMS["sleep"]}
        | {
            "bed_time": published.at_clock(bed),
            "rise_time": published.at_clock(bed + in_bed),
            "latency_minutes": rng.choice([0, 5, 10, 15, 16, 20, 30, 31, 45, 60, 61, 90]),
            "hours_asleep": max(round(in_bed / 60 * min(rng.gauss(0.85, 0.12), 1) * 4) / 4, 0.0),
        },
        "tired": {item: code([0, 25, 50, 75, 100], 1 if item == "w7" else -1) for item in ITEMS["tired"]},
        "recommend": {"1": code(range(11), 1)},
        "health": {item: code(range(1, 6), -1) for item in ITEMS["health"]} | {"vas": code(range(101), 1)},
        "own": {item: code(codes, 1) for item, codes in OWN_CODES.items()},
    }
    drinking = answers["drinking"]
    if rng.random() < 0.2:
        drinking["1"] = 0
    elif rng.random() < 0.2:
        drinking["2"] = drinking["3"] = 0
    skipped = range(2, 9) if drinking["1"] == 0 else range(4, 9) if drinking["2"] == drinking["3"] == 0 else ()
    for number in skipped:
        # Some answer what they need not.
        if rng.random() < 0.9:
            drinking[str(number)] = None
    return answers


def leave_out(rng, row):
    """What about three rows in ten lack: cells anywhere, a page, or half of one."""
    answers, person = row["answers"], row["person"]
    for _ in range(rng.choice([1, 1, 2, 3])):
        name = rng.choice(list(answers))
        items = ITEMS[name]
        what = rng.random()
        if what < 0.5:
            lost = rng.sample(items, min(len(items), rng.randint(1, 3)))
        elif what < 0.85:
            name = rng.choice(["tired", "own"])
            lost = [item for item in ITEMS[name] if rng.random() < 0.45] or ITEMS[name][:1]
        else:
            lost = items
        for item in lost:
            answers[name][item] = None
            if name == "mood" and rng.random() < 0.5:
                row["told"].add(item)
    if rng.random() < 0.1:
        answers["mood"]["9"] = None
        row["told"] |= {"9"} if rng.random() < 0.5 else set()
    if rng.random() < 0.1:
        # Asked and not answered, whatever the rest says.
        answers["drinking"][rng.choice(["1", "2", "3", "9"])] = None
    if rng.random() < 0.15:
        person["age"] = None
    if rng.random() < 0.25:
        person["sex"] = None


def people(rng):
    rows = []
    ids = rng.sample(range(1, 1000), PERSONS)
    teams = [f"tiimi {letter}" for letter, size in zip("ABCDEFGHIJKLMÖ", TEAMS) for _ in range(size)]
    rng.shuffle(teams)
    for number, team in zip(ids, teams):
        well, age, sex = rng.gauss(0, 1), rng.randrange(18 * 2, 68 * 2) / 2, rng.choice(list(SEXES))
        for wave in WAVES:
            row = {
                "henkilo": f"H{number:03}",
                "tiimi": team,
                "kierros": wave,
                "person": {"age": age + (wave == "2") / 2, "sex": sex},
                "answers": draw(rng, well + rng.gauss(0, 0.5)),
                # Items of `mood` whose answer is the code for none.
                "told": set(),
            }
            if rng.random() < 0.28:
                leave_out(rng, row)
            rows.append(row)
    rng.shuffle(rows)
    return rows


# ---- files -----------------------------------------------------------------------------------------------------------
def european(value):
    if value is None:
        return ""
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def cell(row, name, item):
    value = row["answers"][name][item]
    if name == "mood" and item in row["told"]:
        return "-9"
    if value is None:
        return ""
    if name == "wellbeing":
        return WORDS[value]
    if name == "stress":
        return str(4 - value)
    if item in ("bed_time", "rise_time") and row["kierros"] == "2":
        # Without its leading nought, as the second round's spreadsheet has it.
        return value.removeprefix("0")
    return european(value)


def people_csv(rng, rows):
    own_words = {
        "henkilo": lambda row: row["henkilo"],
        "tiimi": lambda row: row["tiimi"],
        "kierros": lambda row: row["kierros"],
        "ikä": lambda row: european(row["person"]["age"]),
        "sukupuoli": lambda row: SEXES.get(row["person"]["sex"], ""),
        "huomautus": lambda row: row["note"],
    }
    for row in rows:
        row["note"] = rng.choice(["", "", "", "yövuoro; viikko 12", 'sanoi "en tiedä"', "1,5 pv poissa"])
    columns = dict(own_words)
    for name, heads in COLUMNS.items():
        for head, item in zip(heads, ITEMS[name], strict=True):
            columns[head] = lambda row, name=name, item=item: cell(row, name, item)
    order = list(columns)
    rng.shuffle(order)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(order)
    writer.writerows([columns[head](row) for head in order] for row in rows)
    return "\ufeff" + out.getvalue()


def expected_scales(rows):
    table = []
    for row in rows:
        line = {"henkilo": row["henkilo"], "kierros": row["kierros"]}
        for name in ITEMS:
            for scale, (value, known, lower) in scored(name, row["answers"][name], row["person"]).items():
                head = f"{name}.{scale}"
                line[head] = published.text(value)
                line[f"{head}.answered"] = str(known)
                fewer = known < PRORATED.get((name, scale), 0)
                line[f"{head}.prorated"] = "" if value is None else str(int(fewer))
                if (name, scale) in BANDS:
                    line[f"{head}.band"] = "" if lower is None else BANDS[name, scale][lower]
        table.append(line)
    return published.written([list(table[0]), *(list(line.values()) for line in table)])


def expected_safety(rows):
    def flag(answer, at_least):
        return "unanswered" if answer is None else "yes" if answer >= at_least else "no"

    table = [["henkilo", "kierros", "mood.item_9", "own.a3_much"]]
    for row in rows:
        answers = row["answers"]
        table.append([row["henkilo"], row["kierros"], flag(answers["mood"]["9"], 1), flag(answers["own"]["a3"], 2)])
    return published.written(table)


def expected_groups(rows):
    answers = [row["answers"]["recommend"]["1"] for row in rows]
    count, _, _, value, error = published.statistic(answers, *published.INSTRUMENTS["recommend_net"]["group"])
    head = ["scale", "n", "value", "std_error"]
    return published.written([head, ["recommend.total", str(count), repr(float(value)), error]])


def asserted(rows):
    """What the file is to hold; and cases of the questionnaire of one's own, by hand."""
    lacking = [row for row in rows if row["person"]["sex"] is None or row["person"]["age"] is None]
    seen = [scored(name, row["answers"][name], row["person"]) for row in rows for name in ("tired", "own")]
    assert lacking and len(rows) == PERSONS * len(WAVES)
    for scale in ("personal", "work", "total", "sumhalf", "both", "three", "ratio", "table"):
        values = [scores[scale][0] for scores in seen if scale in scores]
        assert None in values and len(set(values)) > 3, scale
    sums = [
        sum(row["answers"]["own"][item] for item in ("a1", "a2", "a4"))
        for row in rows
        if None not in (row["answers"]["own"][item] for item in ("a1", "a2", "a4"))
    ]
    assert {5, 6, 8, 9, 12, 13} <= set(sums)

    def by_hand(*codes):
        return {name: value for name, (value, _, _) in own(dict(zip(OWN_ITEMS, codes, strict=True)), {}).items()}

    # Best of everything: 2 is turned round, 6 has its points and then is turned round too.
    best, worst = by_hand(5, 1, 2, 5, 5, 4, 5, 5), by_hand(1, 5, 0, 1, 1, 1, 1, 1)
    assert (best["total"], worst["total"]) == (100, 0)
    # Of points the second item counts 1 of 1 to 5, and 1.5 of weight: 4 · 1.5 is missing of 4 · (1 + 1.5 + 1 + 2 + 1 + 0.25) + 0.5 · 10 + 0.7 · 6.
    assert best["points"] == 100 * (1 - F(6) / (27 + 5 + F("4.2")))
    # 3 + 3 + 3 + 3 + 3 = 15; 9 is at an edge that belongs above: 2; 15 + 2 · 2; 100 · (3 + 2) ⁄ 6 + 2; 12 is ninth.
    middle = by_hand(3, 3, 1, 3, 3, 3, 3, 3)
    assert (middle["sumhalf"], middle["three"], middle["both"]) == (15, 2, 19)
    assert middle["ratio"] == F(500, 6) + 2 and middle["table"] == F("14.6")
    # Three of five: 5 · (1 + 2 + 5) ⁄ 3; 4 is turned round.
    assert by_hand(1, 2, 1, 1, None, None, None, None)["sumhalf"] == F(40, 3)
    assert by_hand(1, 2, 1, None, None, None, None, None)["sumhalf"] is None


def files():
    rng = random.Random(SEED)
    rows = people(rng)
    asserted(rows)
    return {
        "people.csv": people_csv(rng, rows),
        "expected_scales.csv": expected_scales(rows),
        "expected_safety.csv": expected_safety(rows),
        "expected_groups.csv": expected_groups(rows),
    }


def main():
    made = {name: content.encode("utf-8") for name, content in files().items()}
    if "--check" in sys.argv:
        changed = [name for name, content in made.items() if (HERE / name).read_bytes() != content]
        sys.exit(f"changed: {changed}" if changed else 0)
    for name, content in made.items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
