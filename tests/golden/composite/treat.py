"""Treatment of skewed columns: COINr's chain, learned on a reference and applied to anybody.

Skewness and kurtosis are the adjusted Fisher-Pearson moments (G1 and G2 of Joanes & Gill 1998). A column passes with
|G1| < 2 or G2 < 3.5. Winsorising moves the extreme values of the worse tail to the next value until the column passes or so
many points have moved; a column that still fails gets a logarithm or a Box-Cox transformation of its original values.
"""

import math

import mpmath
import numpy as np

mpmath.mp.dps = 40


def skewness(x):
    n = len(x)
    d = x - math.fsum(x) / n
    m2, m3 = math.fsum(d**2) / n, math.fsum(d**3) / n
    return math.sqrt(n * (n - 1)) / (n - 2) * m3 / m2**1.5


def kurtosis(x):
    n = len(x)
    d = x - math.fsum(x) / n
    s2, s4 = math.fsum(d**2), math.fsum(d**4)
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (n * s4 / s2**2 - 3) + 6)


def passes(x, skew_limit, kurtosis_limit):
    """A column whose skewness cannot be known passes."""
    if len(x) < 4 or np.ptp(x) == 0:
        return True
    return abs(skewness(x)) < skew_limit or kurtosis(x) < kurtosis_limit


def winsorised(x, most, skew_limit, kurtosis_limit):
    """Lower and upper limit."""
    low, high = x.min(), x.max()
    moved = lambda: int((x > high).sum() + (x < low).sum())
    while True:
        y = np.clip(x, low, high)
        if passes(y, skew_limit, kurtosis_limit):
            break
        if most == "unlimited":
            if len(np.unique(y)) <= 2:
                break
        elif moved() >= most:
            break
        if skewness(y) >= 0:
            high = y[y < high].max()
        else:
            low = y[y > low].min()
    return float(low), float(high)


def box_cox(y, power):
    """With expm1, so that a power next to 0 keeps its digits."""
    log = np.log(y)
    return log if power == 0 else np.expm1(power * log) / power


def fitted_power(x):
    """The power whose transformed values are likeliest under a normal distribution, in 40 digits."""
    y = [mpmath.mpf(float(v)) - mpmath.mpf(float(x.min())) + 1 for v in x]
    logs = [mpmath.log(v) for v in y]
    n, sum_log = len(y), mpmath.fsum(logs)

    def slope(power):
        z = [(mpmath.e ** (power * v) - 1) / power for v in logs]
        dz = [(power * v * mpmath.e ** (power * v) - (mpmath.e ** (power * v) - 1)) / power**2 for v in logs]
        mz, mdz = mpmath.fsum(z) / n, mpmath.fsum(dz) / n
        s2 = mpmath.fsum((v - mz) ** 2 for v in z)
        return -n * mpmath.fsum((a - mz) * (b - mdz) for a, b in zip(z, dz)) / s2 + sum_log

    return float(mpmath.findroot(slope, (mpmath.mpf("-0.31"), mpmath.mpf("0.17")), solver="secant", tol=1e-50, verify=False))


class Treatment:
    """What a column of the reference teaches. `step` is the one that was taken last."""

    def __init__(self, spec, x):
        if spec == "winsorise_then_log":
            spec = {"winsorise": 5, "then": "log"}
        if spec in (None, "none"):
            spec = {}
        self.low, self.high, self.moved, self.power, self.fails = -math.inf, math.inf, [0, 0], None, False
        self.step, self.then = "none", spec.get("then")
        self.moments = None
        limits = spec.get("skewness", 2.0), spec.get("kurtosis", 3.5)
        self.combined = False
        x = np.asarray(x, float)
        if not spec or passes(x, *limits):
            return
        y, before = x, [skewness(x), kurtosis(x)]
        if "winsorise" in spec:
            self.low, self.high = winsorised(x, spec["winsorise"], *limits)
            self.moved = [int((x < self.low).sum()), int((x > self.high).sum())]
            y = np.clip(x, self.low, self.high)
            self.step = "winsorise"
        if not passes(y, *limits) and self.then:
            self.combined = spec.get("combine", False) and "winsorise" in spec
            base = y if self.combined else x
            if not self.combined:
                self.low, self.high = -math.inf, math.inf
            self.min, self.max = float(base.min()), float(base.max())
            self.flips = self.then == "log_plus" and skewness(base) <= 0
            if self.then == "box_cox":
                self.power = fitted_power(base) if spec["lambda"] == "fitted" else float(spec["lambda"])
            self.step = self.then
            y = self(x)[0]
        self.fails = not passes(y, *limits)
        self.moments = [*before, skewness(y), kurtosis(y)]

    def __call__(self, x):
        """Treated values, and which lay outside the reference's range before a transformation."""
        x = np.asarray(x, float)
        y = np.clip(x, self.low, self.high)
        outside = np.zeros(len(x), bool)
        if self.step in ("none", "winsorise"):
            return y, outside
        low, high = self.min, self.max
        outside = (y < low) | (y > high)
        y = np.clip(y, low, high)
        hundredth = 0.01 * (high - low)
        if self.then == "log" or (self.then == "log_plus" and not self.flips):
            y = np.log(y - low + hundredth)
        elif self.then == "log_plus":
            y = -np.log(high + hundredth - y)
        elif self.then == "log_orig":
            y = np.log(y - low + 1)
        elif self.then == "log_gii":
            y = np.log((high - 1) * (y - low) / (high - low) + 1)
        elif self.then == "box_cox":
            y = box_cox(y - low + 1, self.power)
        return y, outside
