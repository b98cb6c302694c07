#!/usr/bin/env python3
"""Values of every rule, computed from the publications by plain Python: `python make.py` writes every file here."""

import algorithms
import first
import nhanes
import second
import third
from golden import Table

if __name__ == "__main__":
    first.make()
    second.make()
    third.make()
    algorithms.make()
    nhanes.make()
    for file, rows in sorted(Table.written.items()):
        print(f"| `{file}` | {rows} |")
