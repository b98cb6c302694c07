"""NIST's eleven linear least-squares sets as CSV files, and their certified values.

    apt-get install gretl-data
    python convert.py [FOLDER]      # FOLDER with NIST's .dat files, by default that of gretl-data
    python convert.py --check       # compares with what is stored here, writes nothing

Every number of the files is copied as text, except the powers of x: each is computed exactly and rounded to the nearest
binary double, whose shortest decimal is written. Beside the certified values stands the exact answer to the problem as
it is in the CSV file, each cell read as a binary double: rational arithmetic, square roots to 40 digits, 20 written.
Standard library only.
"""

import json
import math
import re
import sys
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = Path("/usr/share/gretl/data/nist")

# Degree of the polynomial in x, and whether the model has an intercept; Longley has six columns of its own.
SETS = {
    "Norris": (1, True),
    "Pontius": (2, True),
    "NoInt1": (1, False),
    "NoInt2": (1, False),
    "Longley": (0, True),
    "Filip": (10, True),
    "Wampler1": (5, True),
    "Wampler2": (5, True),
    "Wampler3": (5, True),
    "Wampler4": (5, True),
    "Wampler5": (5, True),
}


def read(path):
    """Certified values as text, the names of the columns and the rows, from the places the file states."""
    lines = path.read_text(encoding="ascii").splitlines()
    certified_at, data_at = (
        tuple(map(int, re.search(rf"{word}\s*\(lines\s*(\d+)\s*to\s*(\d+)\)", "\n".join(lines)).groups()))
        for word in ("Certified Values", "Data")
    )
    estimate, std_error, rest = [], [], {}
    for line in lines[certified_at[0] - 1 : certified_at[1]]:
        cells = line.split()
        if re.fullmatch(r"B\d+", cells[0] if cells else ""):
            estimate.append(cells[1])
            std_error.append(cells[2])
        elif cells[:2] == ["Standard", "Deviation"]:
            rest["sigma"] = cells[2]
        elif cells[:1] == ["R-Squared"]:
            rest["r2"] = cells[1]
    for line in lines[certified_at[0] - 1 : data_at[0]]:
        cells = line.split()
        if cells[:1] == ["Residual"] and len(cells) >= 3 and cells[1].isdigit():
            rest["residual_df"], rest["rss"] = int(cells[1]), cells[2]
    header = next(line for line in reversed(lines[: data_at[0] - 1]) if line.startswith("Data:"))
    rows = [line.split() for line in lines[data_at[0] - 1 : data_at[1]]]
    return estimate, std_error, rest, header.split()[1:], rows


def solve(matrix, right):
    """Gauss and Jordan with exact rationals: the solution and the inverse."""
    size = len(matrix)
    work = [
        list(row) + [Fraction(int(i == j)) for j in range(size)] + [right[i]] for i, row in enumerate(matrix)
    ]
    for at in range(size):
        pivot = next(row for row in range(at, size) if work[row][at])
        work[at], work[pivot] = work[pivot], work[at]
        lead = work[at][at]
        work[at] = [cell / lead for cell in work[at]]
        for row in range(size):
            if row != at and work[row][at]:
                by = work[row][at]
                work[row] = [cell - by * head for cell, head in zip(work[row], work[at])]
    return [row[-1] for row in work], [row[size:-1] for row in work]


def digits(value, root=False):
    """Twenty significant digits of a rational or of its square root."""
    with localcontext() as context:
        context.prec = 40
        number = Decimal(value.numerator) / Decimal(value.denominator)
        if root:
            number = number.sqrt()
        context.prec = 20
        return str(+number)


def exact(columns, y, has_intercept):
    """Least squares of the columns as binary doubles."""
    n = len(y)
    design = [[Fraction(1)] * n] if has_intercept else []
    design += [[Fraction(cell) for cell in column] for column in columns]
    y = [Fraction(cell) for cell in y]

    def dot(a, b):
        return sum((left * right for left, right in zip(a, b)), Fraction(0))

    beta, inverse = solve([[dot(a, b) for b in design] for a in design], [dot(a, y) for a in design])
    rss = dot(y, y) - sum(b * dot(a, y) for b, a in zip(beta, design))
    df = n - len(design)
    mean = sum(y) / n if has_intercept else Fraction(0)
    total = sum((cell - mean) ** 2 for cell in y)
    return {
        "estimate": [digits(b) for b in beta],
        "std_error": [digits(rss / df * inverse[i][i], root=True) for i in range(len(design))],
        "sigma": digits(rss / df, root=True),
        "r2": digits(1 - rss / total),
        "rss": digits(rss),
    }


def agreement(ours, theirs):
    """Digits that two decimal texts share; absolute if the certified one is 0."""
    ours, theirs = Decimal(ours), Decimal(theirs)
    off = abs(ours - theirs) / (abs(theirs) or 1)
    return 99.0 if off == 0 else -math.log10(off)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    source = Path(arguments[0]) if arguments else SOURCE
    written, certified = {}, {}
    for name, (degree, has_intercept) in SETS.items():
        estimate, std_error, rest, names, rows = read(source / f"{name}.dat")
        columns = {header: [row[at] for row in rows] for at, header in enumerate(names)}
        for power in range(2, degree + 1):
            columns[f"x^{power}"] = [repr(float(Fraction(x) ** power)) for x in columns["x"]]
        terms = [header for header in columns if header != "y"]
        assert len(terms) + has_intercept == len(estimate) == len(std_error), name
        assert set(rest) == {"sigma", "r2", "residual_df", "rss"}, name
        assert rest["residual_df"] == len(rows) - len(estimate), name
        as_read = [[float(cell) for cell in columns[term]] for term in terms]
        of_the_file = exact(as_read, [float(cell) for cell in columns["y"]], has_intercept)
        as_printed = exact(
            [[Fraction(x) ** power for x in columns["x"]] for power in range(1, degree + 1)]
            or [columns[term] for term in terms],
            columns["y"],
            has_intercept,
        )
        print(
            f"{name:9} exact answer to the printed decimals shares",
            *(
                f"{min(agreement(a, b) for a, b in zip(as_printed[key], of)):.1f}"
                for key, of in (("estimate", estimate), ("std_error", std_error))
            ),
            "digits with the certified values, that to the file",
            *(
                f"{min(agreement(a, b) for a, b in zip(of_the_file[key], of)):.1f}"
                for key, of in (("estimate", estimate), ("std_error", std_error))
            ),
        )
        file = f"{name.lower()}.csv"
        written[file] = "".join(
            ",".join(row) + "\n" for row in [list(columns), *zip(*columns.values())]
        )
        certified[name] = {
            "file": file,
            "n": len(rows),
            "intercept": has_intercept,
            "outcome": "y",
            "terms": terms,
            "certified": {"estimate": estimate, "std_error": std_error, **rest},
            "of_the_file": of_the_file,
        }
    written["certified.json"] = json.dumps(certified, indent=1) + "\n"
    for file, text in written.items():
        if "--check" in sys.argv:
            if (HERE / file).read_text(encoding="ascii") != text:
                sys.exit(f"{file} differs")
        else:
            (HERE / file).write_text(text, encoding="ascii", newline="\n")
    print(len(written), "files", "agree" if "--check" in sys.argv else "written")


main()
