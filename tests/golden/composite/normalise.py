"""Normalisation: natural numbers in, more is better out. Learned on a reference, applied to anybody.

`worst` and `best` are the ends of the reference by direction. Every line through two points may be clamped at its ends or
go on beyond them.
"""

import math

import numpy as np

LEARNED = {"min_max", "distance_to_best", "reference", "target", "share_of_maximum", "rank", "borda", "percentile_rank", "ampi"}


def mean_sd(x):
    mean = math.fsum(x) / len(x)
    return mean, math.sqrt(math.fsum((x - mean) ** 2) / (len(x) - 1))


def shape(utility):
    """The name, its argument and the options beside it."""
    if isinstance(utility, str):
        return utility, None, {}
    options = {key: value for key, value in utility.items() if key in ("to", "outside", "quantiles")}
    (name,) = [key for key in utility if key not in options]
    return name, utility[name], options


def line(x, worst, best, to=(0.0, 100.0), outside="clamp"):
    share = (x - worst) / (best - worst)
    if outside == "clamp":
        share = np.clip(share, 0.0, 1.0)
    return to[0] + (to[1] - to[0]) * share


def rank(x, reference, ties):
    """1 + how many of the reference are below; those that equal a value of the reference share its rank."""
    reference = np.sort(reference)
    below = np.searchsorted(reference, x, "left")
    ties_of = np.searchsorted(reference, x, "right") - below
    if ties == "min":
        return 1.0 + below
    if ties == "max":
        return np.where(ties_of > 0, below + ties_of, 1.0 + below).astype(float)
    return np.where(ties_of > 0, below + (ties_of + 1) / 2, 1.0 + below)


def quantiles(x, parts):
    """R's type 7 at 0, 1/parts, … 1; exactly a value of the reference where the place is whole."""
    x, last, found = np.sort(x), len(x) - 1, []
    for part in range(parts + 1):
        whole, rest = divmod(part * last, parts)
        found.append(x[whole] if rest == 0 else x[whole] + (x[whole + 1] - x[whole]) * (rest / parts))
    return np.array(found)


class Normaliser:
    def __init__(self, utility, reference, direction, row=None):
        self.name, self.argument, self.options = shape(utility)
        self.reference = np.asarray(reference, float)
        self.up = direction == "higher_better"
        self.low, self.high = self.reference.min(), self.reference.max()
        self.worst, self.best = (self.low, self.high) if self.up else (self.high, self.low)
        self.row = row

    def ends(self):
        """How the reference's ends are called in the calibration."""
        return {"worst": float(self.worst), "best": float(self.best)}

    def __call__(self, x):
        """Scores, and what lies outside the range that was learned."""
        x = np.asarray(x, float)
        there = ~np.isnan(x)
        score = np.full(len(x), np.nan)
        score[there] = self.scored(x[there])
        outside = there & ((x < self.low) | (x > self.high)) if self.name in LEARNED else np.zeros(len(x), bool)
        return score, outside

    def scored(self, x):
        name, argument, options = self.name, self.argument, self.options
        sign = 1.0 if self.up else -1.0
        if name == "min_max":
            given = {"to": argument, **options} if argument else options
            return line(x, self.worst, self.best, **given)
        if name in ("goalposts", "fixed_range"):
            given = {"outside": "extrapolate", **options} if name == "fixed_range" else options
            return line(x, *argument, **given)
        if name == "log_goalposts":
            return line(np.log(x), *np.log(argument))
        if name in ("z", "t"):
            mean, sd = mean_sd(self.reference)
            to = argument or ((0.0, 1.0) if name == "z" else (50.0, 10.0))
            return to[0] + to[1] * (sign * (x - mean) / sd)
        if name == "distance_to_best":
            far = 1 - np.abs(self.best - x) / abs(self.best - self.worst)
            # Beyond the best the score goes on rising.
            share = far if options.get("outside") != "extrapolate" else (x - self.worst) / (self.best - self.worst)
            low, high = options.get("to", argument or (0.0, 100.0))
            beyond = (x - self.best) * sign > 0
            share = np.where(beyond, 1.0, np.clip(far, 0, 1)) if options.get("outside") != "extrapolate" else share
            return low + (high - low) * share
        if name == "reference":
            r = self.row if isinstance(argument, dict) else float(argument)
            share = 1 - (r - x) / (r - self.worst)
            return self.within(share)
        if name == "target":
            return self.within((x - self.worst) / (argument - self.worst))
        if name == "share_of_maximum":
            assert self.low >= 0 and self.high > 0
            share = x / self.high
            return self.within(share if self.up else 1 - share)
        if name in ("rank", "borda", "percentile_rank"):
            reference = self.reference
            if "quantiles" in options:
                reference = quantiles(reference, options["quantiles"])
            if isinstance(argument, str):
                ties = argument
            else:
                ties = "min"
            found = rank(sign * x, sign * reference, ties)
            n = len(reference)
            # Who is better than all of the reference would be one rank above its best.
            if options.get("outside", "clamp") == "clamp":
                found = np.minimum(found, n)
            if name == "rank":
                return found
            if name == "borda":
                return found - 1
            return self.within((found - 1) / (n - 1))
        if name == "ampi":
            middle = mean_sd(self.reference)[0] if argument == "mean" else float(argument)
            half = (self.high - self.low) / 2
            worst, best = (middle - half, middle + half) if self.up else (middle + half, middle - half)
            if options.get("outside", "clamp") == "clamp":
                x = np.clip(x, self.low, self.high)
            return 70 + 60 * (x - worst) / (best - worst)
        raise AssertionError(name)

    def within(self, share):
        low, high = self.options.get("to", (0.0, 100.0))
        if self.options.get("outside", "clamp") == "clamp":
            share = np.clip(share, 0.0, 1.0)
        return low + (high - low) * share
