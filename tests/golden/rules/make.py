#!/usr/bin/env python3
"""Values of every rule, computed from the publications by plain Python and R.

    python make.py            writes every file here and prints its rows
    python make.py --check    the same, and fails if a file has changed by it
"""

import sys

import algorithms
import first
import nhanes
import second
import third
from golden import HERE, Table

if __name__ == "__main__":
    before = {path.name: path.read_bytes() for path in HERE.glob("*.csv")}
    first.make()
    second.make()
    third.make()
    algorithms.make()
    nhanes.make()
    for file, rows in sorted(Table.written.items()):
        print(f"| `{file}` | {rows} |")
    if "--check" in sys.argv:
        after = {path.name: path.read_bytes() for path in HERE.glob("*.csv")}
        changed = sorted(name for name in after if before.get(name) != after[name])
        sys.exit(f"changed: {', '.join(changed)}" if changed else None)
