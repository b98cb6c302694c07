"""E u(X) and Var u(X), X ~ N(x, s^2), of the utilities of utilities.toml, by quadrature with 30 digits.

Run in this folder: python utilities.py; it writes curved_utility_vectors.csv.
"""

import csv
import tomllib

import mpmath as mp

mp.mp.dps = 30
LN19 = mp.log(19)


def lines(knots):
    def u(x):
        if x <= knots[0][0]:
            return knots[0][1]
        for (a, p), (b, q) in zip(knots, knots[1:]):
            if x <= b:
                return p + (q - p) * (x - a) / (b - a)
        return knots[-1][1]

    return u


def utility(row):
    """The score as a function, and where to split the line: kinks, and points as dense as the curve bends."""
    (shape, of), = row["utility"].items()
    turned = row.get("direction") == "lower_better"
    if shape == "desirability":
        powers = iter(of.get("exponents", [1, 1]))
        rises = (*map(mp.mpf, of["rises"]), mp.mpf(next(powers))) if "rises" in of else None
        falls = (*map(mp.mpf, of["falls"]), mp.mpf(next(powers))) if "falls" in of else None

        def u(x):
            if rises and x < rises[1]:
                return 100 * ((x - rises[0]) / (rises[1] - rises[0])) ** rises[2] if x > rises[0] else mp.mpf(0)
            if falls and x > falls[0]:
                return 100 * ((falls[1] - x) / (falls[1] - falls[0])) ** falls[2] if x < falls[1] else mp.mpf(0)
            return mp.mpf(100)

        splits = []
        for root, top in ([(rises[0], rises[1])] if rises else []) + ([(falls[1], falls[0])] if falls else []):
            splits += [root, top] + [root + (top - root) * mp.mpf(10) ** -k for k in range(1, 13)]
        return u, splits
    if shape == "logistic":
        low, high = mp.mpf(of["low"]), mp.mpf(of["high"])
        k, m = 2 * LN19 / (high - low), (low + high) / 2
        return (lambda x: 100 / (1 + mp.exp(-k * (x - m)))), [m + j / k for j in range(-60, 61, 4)]
    if shape == "lms":
        l, m, s = map(mp.mpf, of)
        sign = -1 if turned else 1

        def u(x):
            if x <= 0:
                z = -1 / (l * s) if l > 0 else -mp.inf
            else:
                z = mp.log(x / m) / s if l == 0 else ((x / m) ** l - 1) / (l * s)
            return 100 * mp.ncdf(sign * z)

        def at(z):
            if l == 0:
                return m * mp.exp(s * z)
            return m * (1 + l * s * z) ** (1 / l) if 1 + l * s * z > 0 else None

        splits = [mp.mpf(0)] + [m * mp.mpf(10) ** mp.mpf(k) for k in range(-12, 9)]
        return u, splits + [x for x in (at(mp.mpf(j)) for j in range(-12, 13)) if x is not None]
    if shape == "log_goalposts":
        worst, best = map(mp.mpf, of)

        def u(x):
            if x <= min(worst, best):
                return mp.mpf(0 if worst < best else 100)
            if x >= max(worst, best):
                return mp.mpf(100 if worst < best else 0)
            return 100 * mp.log(x / worst) / mp.log(best / worst)

        low, high = min(worst, best), max(worst, best)
        return u, [low * (high / low) ** (mp.mpf(j) / 8) for j in range(9)]
    if shape in ("hazard_ratio", "hazard_ratio_linear"):
        h = [mp.log(mp.mpf(r)) if shape == "hazard_ratio" else mp.mpf(r) for _, r in of]
        knots = [(mp.mpf(x), 100 * (1 - (v - min(h)) / (max(h) - min(h)))) for (x, _), v in zip(of, h)]
        return lines(knots), [x for x, _ in knots]
    raise ValueError(shape)


def by_quadrature(u, splits, x, s):
    cuts = [x + s * z for z in (-14, -9, -6, -4, -2, -1, 0, 1, 2, 4, 6, 9, 14)]
    cuts = sorted(set(cuts + [t for t in splits if cuts[0] < t < cuts[-1]]))
    density = lambda t: mp.npdf(t, x, s)
    mean = mp.quad(lambda t: u(t) * density(t), cuts)
    # What lies beyond 14 standard deviations is below 1e-43.
    return mean, mp.quad(lambda t: (u(t) - mean) ** 2 * density(t), cuts)


def of_ranks(row, x, s):
    of = row["utility"]["ecdf"]
    values = [mp.mpf(v) for v in of["values"]]
    weights = [mp.mpf(w) for w in of.get("weights", [1] * len(values))]
    total, turned = mp.fsum(weights), row["direction"] == "lower_better"
    at = sorted(set(values))
    jumps = [100 * mp.fsum(w for v, w in zip(values, weights) if v == t) / total for t in at]
    here = mp.fsum(j for t, j in zip(at, jumps) if t < x) + mp.fsum(j for t, j in zip(at, jumps) if t == x) / 2
    levels = [mp.mpf(0)]
    for jump in jumps:
        levels.append(levels[-1] + jump)
    cdf = [mp.mpf(0)] + [mp.ncdf((t - x) / s) for t in at] + [mp.mpf(1)]
    shares = [b - a for a, b in zip(cdf, cdf[1:])]
    mean = mp.fsum(p * v for p, v in zip(shares, levels))
    variance = mp.fsum(p * (v - mean) ** 2 for p, v in zip(shares, levels))
    return (100 - here, 100 - mean, variance) if turned else (here, mean, variance)


def main():
    with open("utilities.toml", "rb") as file:
        shapes = tomllib.load(file)
    with open("curved_utility_vectors.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["utility", "x", "s", "u", "E_u", "Var_u"])
        for name, row in shapes.items():
            for x in row["x"]:
                for s in row["s"]:
                    x_, s_ = mp.mpf(x), mp.mpf(s)
                    if "ecdf" in row["utility"]:
                        found = of_ranks(row, x_, s_)
                    else:
                        u, splits = utility(row)
                        found = (u(x_), *by_quadrature(u, splits, x_, s_))
                    out.writerow([name, repr(x), repr(s), *(mp.nstr(value, 17) for value in found)])


if __name__ == "__main__":
    main()
