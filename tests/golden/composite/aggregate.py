"""Aggregation: the scores of the children of one parent become its own.

Every function takes one person's observed children `x` with weights `w` that sum to 1. What is missing was left out and the
weights of the rest renormalised before. The references stand at the functions.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
from scipy.optimize import linprog


def mean(x, w):
    return math.fsum(a * b for a, b in zip(w, x))


def power_mean(x, w, power):
    """In 40 digits: a large power overflows. A 0 makes every mean with a power of 0 or less 0."""
    x, w = [mpmath.mpf(float(v)) for v in x], [mpmath.mpf(float(v)) for v in w]
    counted = [(v, u) for v, u in zip(x, w) if u > 0]
    if power <= 0 and any(v <= 0 for v, _ in counted):
        return 0.0
    total = mpmath.fsum(u for _, u in counted)
    if power == 0:
        return float(mpmath.exp(mpmath.fsum(u * mpmath.log(v) for v, u in counted) / total))
    p = mpmath.mpf(power)
    return float((mpmath.fsum(u * v**p for v, u in counted) / total) ** (1 / p))


def median(x, w):
    """Half of the weight lies at or below; where exactly half does, the middle between it and the next."""
    half = Fraction(0)
    total = sum(Fraction(float(v)) for v in w)
    pairs = sorted((float(a), Fraction(float(b))) for a, b in zip(x, w) if b > 0)
    for (a, b), after in zip(pairs, [*pairs[1:], None]):
        half += b
        gap = half - total / 2
        if abs(gap) < Fraction(1, 10**12):
            return (a + after[0]) / 2
        if gap > 0:
            return a
    raise AssertionError


def spread(x, w):
    """Mean and population standard deviation."""
    m = mean(x, w)
    return m, math.sqrt(math.fsum(b * (a - m) ** 2 for a, b in zip(x, w)))


def mazziotta_pareto(x, w, sign):
    """De Muro, Mazziotta & Pareto 2011 and 2016; weighted 2022: M -+ S cv, cv = S / M."""
    m, s = spread(x, w)
    return m - s * s / m if sign == "minus" else m + s * s / m


def mean_min(x, w, a, b):
    """Casadio Tarabusi & Guarini 2013."""
    m = mean(x, w)
    low = min(v for v, u in zip(x, w) if u > 0)
    return m - a * (math.sqrt((m - low) ** 2 + b * b) - b)


def owa_weights(spec, m):
    """Yager 1988: from the best to the worst."""
    if isinstance(spec, list):
        assert len(spec) == m
        return list(spec)
    if "quantifier" in spec:
        a = spec["quantifier"]
        return [(k / m) ** a - ((k - 1) / m) ** a for k in range(1, m + 1)]
    count = min(spec.get("best", spec.get("worst")), m)
    ones = [1 / count] * count + [0.0] * (m - count)
    return ones if "best" in spec else ones[::-1]


def orness(v):
    m = len(v)
    return math.fsum(u * (m - k) for k, u in enumerate(v, 1)) / (m - 1)


def owa(x, spec):
    return math.fsum(v * u for v, u in zip(sorted(x, reverse=True), owa_weights(spec, len(x))))


def choquet(x, names, alone, pairs):
    """The 2-additive integral in Moebius masses (Grabisch 1997)."""
    value = dict(zip(names, x))
    single = [alone.get(name, 0.0) * value[name] for name in names]
    return math.fsum(single + [mass * min(value[a], value[b]) for a, b, mass in pairs])


def copeland(x, w, reference, part):
    """100 (mean over the reference of sign(o - 1/2) + 1) / 2, o the weight of the children in which the person is
    ahead, half of it where level. `w` are whole numbers; children that one of the two lacks are left out for both."""
    total = 0
    for other, there in zip(reference, part):
        both = [k for k in range(len(x)) if not np.isnan(x[k]) and there[k]]
        ahead = sum(2 * w[k] * bool(x[k] > other[k]) + w[k] * bool(x[k] == other[k]) for k in both)
        all_of = sum(w[k] for k in both)
        total += int(ahead > all_of) - int(ahead < all_of)
    return 100 * (total / len(reference) + 1) / 2


class Topsis:
    """Hwang & Yoon 1981, vector norms; ideal, anti-ideal and norms of the reference."""

    def __init__(self, reference, w):
        self.norm = np.array([math.sqrt(math.fsum(column**2)) for column in reference.T])
        scaled = reference / self.norm * w
        self.w, self.ideal, self.anti = np.asarray(w), scaled.max(0), scaled.min(0)

    def __call__(self, x):
        v = x / self.norm * self.w
        far = math.sqrt(math.fsum((v - self.ideal) ** 2))
        near = math.sqrt(math.fsum((v - self.anti) ** 2))
        return 100 * near / (near + far)


class BenefitOfTheDoubt:
    """Melyn & Moesen 1991, Cherchye et al. 2007: the weights that suit the person best, no unit of the reference above 1.
    A share limit holds for the person's own shares of the total."""

    def __init__(self, reference, shares=None):
        self.reference, self.shares = reference, shares

    def __call__(self, x):
        k = len(x)
        rows, limits = [self.reference], [np.ones(len(self.reference))]
        for j, (low, high) in enumerate(self.shares or []):
            above, below = x.copy() * low, -x.copy() * high
            above[j] -= x[j]
            below[j] += x[j]
            rows += [above[None], below[None]]
            limits += [np.zeros(1), np.zeros(1)]
        a, b = np.vstack(rows), np.concatenate(limits)
        found = linprog(-x, A_ub=a, b_ub=b, bounds=[(0, None)] * k, method="highs-ds")
        assert found.status == 0, found.message
        return 100 * self.polished(x, found.x, a, b)

    def polished(self, x, w, a, b):
        """The vertex that the solver found, solved again: its k tight conditions as equations."""
        k = len(x)
        a, b = np.vstack([a, -np.eye(k)]), np.concatenate([b, np.zeros(k)])
        scale = np.abs(a).max(1)
        keep = scale > 0
        a, b, scale = a[keep], b[keep], scale[keep]
        tight = np.argsort(np.abs(b - a @ w) / scale)
        chosen = []
        for row in tight:
            if np.linalg.matrix_rank(a[[*chosen, row]], tol=1e-10 * scale[row]) == len(chosen) + 1:
                chosen.append(row)
            if len(chosen) == k:
                break
        v = np.linalg.solve(a[chosen], b[chosen])
        assert np.allclose(v, w, rtol=1e-6, atol=1e-8 * np.abs(w).max()), (v, w)
        return float(x @ v)


def alkire_foster(x, w, cutoffs, poor_at):
    """Alkire & Foster 2011: 100 (1 - c) for who is deprived in a share c of the weights of at least `poor_at`."""
    c = math.fsum(u for v, u, z in zip(x, w, cutoffs) if v < z)
    return 100 * (1 - c) if c >= poor_at - 1e-9 else 100.0
