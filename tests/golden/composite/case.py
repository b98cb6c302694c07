"""What every case needs: a definition from few words, the run, the files, the entry in the manifest."""

import csv
import json

import numpy as np

from engine import HERE, Calibrated, People, definition_text

MANIFEST, TEXTS = [], {}


def cell(value):
    return "" if np.isnan(value) else repr(float(value))


def definition(name, measures, indicators, nodes, index, title="", **rest):
    """`measures`: id to keys; `indicators`: id to (measure, utility[, keys]); `nodes`: pillars in order."""
    found = {"schema": 1, "id": name, **({"title": title} if title else {})}
    found["person"] = rest.pop("person", {"id": "person"})
    for key in ("data", "screen", "impute", "treat"):
        if key in rest:
            found[key] = rest.pop(key)
    found["measure"] = {key: {"unit": "1", **value} for key, value in measures.items()}
    found["indicator"] = {key: {"measure": value[0], "utility": value[1], **(value[2] if len(value) > 2 else {})} for key, value in indicators.items()}
    if nodes:
        found["pillar"] = nodes
    found["index"] = index
    assert not rest, rest
    return found


def up(*columns):
    return {c: {"direction": "higher_better"} for c in columns}


def down(*columns):
    return {c: {"direction": "lower_better"} for c in columns}


def expected_of(scored, people, columns):
    """The columns to compare, as `vointi score` calls them, and what is known of flags and reasons."""
    d = people.definition
    out = {}
    for column in columns:
        if column.startswith("indicator.") or column.startswith("pillar."):
            out[column] = [cell(v) for v in scored.score[column.split(".", 1)[1]]]
        elif column == "index":
            out[column] = [cell(np.nan if gone else v) for v, gone in zip(scored.score["index"], people.out)]
        elif column == "coverage":
            out[column] = [cell(v) for v in scored.coverage["index"]]
        elif column == "flag.imputed":
            out[column] = ["1" if v else "" for v in scored.imputed]
        elif column == "flag.outside_reference":
            out[column] = ["1" if v else "" for v in scored.outside]
        elif column == "flag.out_of_limits":
            out[column] = ["1" if v else "" for v in people.not_positive]
        elif column == "screened":
            out[column] = ["1" if v else "" for v in people.out]
        else:
            raise AssertionError(column)
    assert d
    return out


def write(name, found, about, expected, header, ids, wave=None):
    TEXTS[f"cases/{name}.toml"] = definition_text(found, about)
    rows = [[person, *([wave[at]] if wave else []), *(column[at] for column in expected.values())] for at, person in enumerate(ids)]
    lines = [[header, *(["wave"] if wave else []), *expected]] + rows
    TEXTS[f"cases/{name}.csv"] = "\n".join(",".join(line) for line in lines) + "\n"


def case(name, topic, about, found, data="data/people.csv", reference=None, columns=None, tolerance=1e-12, range=100.0, learned=None, given=None, **more):
    """Scores, and writes the case. `given` replaces columns by what was computed elsewhere."""
    found["id"] = name
    reference = reference or data
    calibrated = Calibrated(found, reference)
    people = People(found, data)
    scored = calibrated.score(people)
    if columns is None:
        columns = ["index", *[f"pillar.{p}" for p in found.get("pillar", {})], *[f"indicator.{i}" for i in found["indicator"]]]
    expected = expected_of(scored, people, columns)
    expected.update(given(calibrated, scored) if callable(given) else given or {})
    write(name, found, about, expected, "person", people.ids, people.wave_text)
    entry = {"name": name, "topic": topic, "about": about, "definition": f"cases/{name}.toml", "reference": reference,
             "data": data, "expected": f"cases/{name}.csv", "tolerance": tolerance, "range": range}
    if learned is not None:
        entry["learned"] = learned(calibrated) if callable(learned) else learned
    MANIFEST.append({**entry, **more})
    return calibrated, scored


def refused(name, topic, about, found, says, data="data/people.csv", **more):
    """A reference that teaches nothing, or a definition that cannot be read: a typed error that says so."""
    found["id"] = name
    TEXTS[f"cases/{name}.toml"] = definition_text(found, about)
    MANIFEST.append({"name": name, "topic": topic, "about": about, "definition": f"cases/{name}.toml", "reference": data, "error": says, **more})


def weights_of(calibrated):
    return {f"node.{name}": facts for name, facts in calibrated.facts.items() if facts}


def store():
    """Everything that was written, and the manifest."""
    entries = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in MANIFEST)
    TEXTS["manifest.json"] = f"[\n{entries}\n]\n"
    names = [entry["name"] for entry in MANIFEST]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    for path, text in TEXTS.items():
        (HERE / path).write_text(text, encoding="utf-8")
    for old in (HERE / "cases").iterdir():
        if f"cases/{old.name}" not in TEXTS:
            old.unlink()


def oracle(name, scale=1.0):
    """A file of the run with COINr 1.1.14 in R 4.2.2: columns of numbers."""
    with open(HERE / "oracle" / name, newline="") as file:
        rows = list(csv.DictReader(file))
    number = lambda c: np.nan if c in ("", "NaN", "NA") else scale * float(c)
    return {key: np.array([number(row[key]) for row in rows]) for key in rows[0]}
