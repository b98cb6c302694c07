#!/usr/bin/env python3
"""Scores of composite indices from the publications, beside the library and without it.

    python make.py            writes every file here
    python make.py --check    the same, and fails if a file has changed by it
"""

import sys

import agree
import case
import cases_chain
import cases_nodes
import cases_normalise
import cases_steps
import data
import presets
from engine import HERE


def stored():
    return {str(path.relative_to(HERE)): path.read_bytes() for path in HERE.rglob("*") if path.suffix in (".csv", ".toml", ".json")}


if __name__ == "__main__":
    before = stored()
    data.make()
    for of in (cases_normalise, cases_steps, cases_nodes, cases_chain, presets):
        of.make()
    agree.everything()
    case.store()
    topics = {}
    for entry in case.MANIFEST:
        topics[entry["topic"]] = topics.get(entry["topic"], 0) + 1
    print(topics, sum(topics.values()))
    if "--check" in sys.argv:
        after = stored()
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        sys.exit(f"changed: {', '.join(changed)}" if changed else None)
