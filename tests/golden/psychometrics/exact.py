"""What make.R computed, computed again with 40 digits (raters and teams in doubles) and compared."""

import itertools
import json

import mpmath as mp
import numpy as np
import scipy
from scipy.optimize import minimize

from common import A, B, HERE, ITEMS, PHQ8, keyed, read, write_json

mp.mp.dps = 40
Z = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))


def covariance(frame):
    x = [[mp.mpf(int(value)) for value in row] for row in frame.to_numpy()]
    n, k = len(x), len(x[0])
    means = [sum(row[j] for row in x) / n for j in range(k)]
    sums = [[sum(int(row[i]) * int(row[j]) for row in x) for j in range(k)] for i in range(k)]
    s = mp.matrix(k, k)
    for i, j in itertools.product(range(k), repeat=2):
        s[i, j] = (sums[i][j] - n * means[i] * means[j]) / (n - 1)
    return s, means


def correlation(s):
    k = s.rows
    r = mp.matrix(k, k)
    for i, j in itertools.product(range(k), repeat=2):
        r[i, j] = s[i, j] / mp.sqrt(s[i, i] * s[j, j])
    return r


def total(m):
    return sum(m[i, j] for i in range(m.rows) for j in range(m.cols))


def trace(m):
    return sum(m[i, i] for i in range(m.rows))


def alpha_of(m):
    k = mp.mpf(m.rows)
    return k / (k - 1) * (1 - trace(m) / total(m))


def without(m, at):
    keep = [i for i in range(m.rows) if i != at]
    out = mp.matrix(len(keep), len(keep))
    for i, j in itertools.product(range(len(keep)), repeat=2):
        out[i, j] = m[keep[i], keep[j]]
    return out


def lambda4(m):
    """Best of the equal halves, and of all splits in two."""
    k = m.rows
    values = np.array(m.tolist(), dtype=float)
    best = {}
    for name, sizes in (("equal", [k // 2]), ("any", range(1, k // 2 + 1))):
        splits = (set(half) for size in sizes for half in itertools.combinations(range(k), size))

        def crossing(half):
            rest = [i for i in range(k) if i not in half]
            return values[np.ix_(sorted(half), rest)].sum()

        half = max(splits, key=crossing)
        best[name] = 4 * sum(m[i, j] for i in half for j in range(k) if j not in half) / total(m)
    return best


def one_factor(r):
    """Loadings and uniquenesses of maximum likelihood: R Psi^-1 l = l (1 + l' Psi^-1 l), Psi = 1 - l^2.

    That holds at saddles and at the lesser minima too: the start is the best of forty descents.
    """
    k = r.rows
    values = np.array(r.tolist(), dtype=float)

    def discrepancy(loadings):
        psi = 1 - loadings**2
        if psi.min() < 1e-6:
            return 1e9
        model = np.outer(loadings, loadings) + np.diag(psi)
        return np.linalg.slogdet(model)[1] + np.trace(np.linalg.solve(model, values)) - np.linalg.slogdet(values)[1] - k

    rng = np.random.default_rng(1)
    descents = [minimize(discrepancy, rng.uniform(0.1, 0.9, k), method="BFGS") for _ in range(40)]
    best = min(descents, key=lambda descent: descent.fun)
    minima = sorted({round(descent.fun, 4) for descent in descents})
    start = best.x * np.sign(best.x.sum())

    def conditions(*loadings):
        psi = [1 - one**2 for one in loadings]
        scaled = [one / unique for one, unique in zip(loadings, psi)]
        weight = 1 + sum(one * two for one, two in zip(loadings, scaled))
        return [sum(r[i, j] * scaled[j] for j in range(k)) - loadings[i] * weight for i in range(k)]

    found = mp.findroot(conditions, [mp.mpf(x) for x in start], tol=mp.mpf(10) ** -60)
    loadings = list(found)
    assert max(abs(float(one) - other) for one, other in zip(loadings, start)) < 1e-4
    return loadings, [1 - one**2 for one in loadings], float(best.fun), minima


def reliability(frame):
    s, means = covariance(frame)
    r = correlation(s)
    k, n = s.rows, len(frame)
    x = frame.to_numpy()
    q = 2 * mp.mpf(k) ** 2 / ((k - 1) ** 2 * total(s) ** 3)
    q *= total(s) * (trace(s * s) + trace(s) ** 2) - 2 * trace(s) * total(s * s)
    alpha, error = alpha_of(s), mp.sqrt(q / n)
    variance = total(s)
    lambda2 = {}
    for name, m in (("r", r), ("s", s)):
        off = sum(m[i, j] ** 2 for i in range(k) for j in range(k) if i != j)
        lambda2[name] = 1 - trace(m) / total(m) + mp.sqrt(mp.mpf(k) / (k - 1) * off) / total(m)
    lambda6 = {}
    for name, m in (("r", r), ("s", s)):
        inverse = m**-1
        lambda6[name] = 1 - sum(1 / inverse[i, i] for i in range(k)) / total(m)
    half = sum(s[i, j] for i in range(0, k, 2) for j in range(1, k, 2))
    odd = sum(s[i, j] for i in range(0, k, 2) for j in range(0, k, 2))
    even = sum(s[i, j] for i in range(1, k, 2) for j in range(1, k, 2))
    split = half / mp.sqrt(odd * even)
    sem = mp.sqrt(variance * (1 - alpha))
    r_bar = (total(r) - k) / (k * (k - 1))
    four = {"r": lambda4(r), "s": lambda4(s)}
    items = {}
    for at, name in enumerate(frame.columns):
        less, less_r = without(s, at), without(r, at)
        rest = sum(s[at, j] for j in range(k) if j != at)
        items[name] = {
            "n": n,
            "mean": means[at],
            "sd": mp.sqrt(s[at, at]),
            "r_drop": rest / mp.sqrt(s[at, at] * total(less)),
            "r_total": sum(s[at, j] for j in range(k)) / mp.sqrt(s[at, at] * variance),
            "alpha_if_dropped": alpha_of(less),
            "alpha_std_if_dropped": alpha_of(less_r),
        }
    lowest, highest = (0, 3) if x.min() == 0 else (1, 5)
    sums = x.sum(axis=1)
    return {
        "n": n,
        "k": k,
        "alpha": alpha,
        "alpha_std": alpha_of(r),
        "ase": error,
        "normal_low": alpha - Z * error,
        "normal_high": alpha + Z * error,
        "lambda2_r": lambda2["r"],
        "lambda2_s": lambda2["s"],
        "lambda4_r": four["r"]["equal"],
        "lambda4_s": four["s"]["equal"],
        "lambda4_any_r": four["r"]["any"],
        "lambda4_any_s": four["s"]["any"],
        "lambda6_r": lambda6["r"],
        "lambda6_s": lambda6["s"],
        "average_r": r_bar,
        "odd_even_r": split,
        "odd_even_spearman_brown": 2 * split / (1 + split),
        "score_mean": sum(means),
        "score_sd": mp.sqrt(variance),
        "sem": sem,
        "mdc95": Z * mp.sqrt(2) * sem,
        "floor": mp.mpf(int((sums == lowest * k).sum())) / n,
        "ceiling": mp.mpf(int((sums == highest * k).sum())) / n,
        "items": items,
    }, s, r


def sets():
    second = keyed(read("second.csv"))
    return {
        "phq8": read("phq8.csv")[PHQ8],
        "second": second[ITEMS],
        "second_a": second[A],
        "second_b": second[B],
    }


def worst(found, made, path=""):
    """Largest relative difference of two trees of numbers, and where."""
    if isinstance(made, dict):
        return max(worst(found[key], value, f"{path}.{key}") for key, value in made.items())
    if isinstance(made, int):
        assert found == made, (path, found, made)
        return 0.0, path
    return float(abs(found - made) / max(abs(made), mp.mpf("1e-3"))), path


def compared():
    given = json.loads((HERE / "reliability.json").read_text())
    omegas, lines = {}, []
    for name, frame in sets().items():
        complete = frame.dropna().astype(int)
        made, s, r = reliability(complete)
        lines.append(f"{name}: {worst(given[name], made)}")
        loadings, psi, discrepancy, minima = one_factor(r)
        one = {"n": len(complete), "discrepancy": discrepancy, "minima_found": minima}
        # Maximum likelihood does not mind the scale of an item: times its deviation, and its variance.
        sds = [mp.sqrt(s[i, i]) for i in range(s.rows)]
        for metric, scale in (("covariance", sds), ("correlation", [mp.mpf(1)] * s.rows)):
            scaled = [one_loading * by for one_loading, by in zip(loadings, scale)]
            unique = [one_psi * by**2 for one_psi, by in zip(psi, scale)]
            one[metric] = {
                "omega": float(sum(scaled) ** 2 / (sum(scaled) ** 2 + sum(unique))),
                "loadings": [float(x) for x in scaled],
                "uniquenesses": [float(x) for x in unique],
            }
        omegas[name] = one
        for metric, key in (("covariance", "lavaan_covariance"), ("correlation", "lavaan_correlation"), ("correlation", "factanal")):
            lines.append(f"{name} omega {key}: {abs(given[name]['omega'][key] / one[metric]['omega'] - 1):.1e}")
        # Feldt's interval, the F quantiles from scipy.
        n, k, alpha = made["n"], made["k"], float(made["alpha"])
        for key, at in (("feldt_low", 0.975), ("feldt_high", 0.025)):
            again = 1 - (1 - alpha) * scipy.stats.f.ppf(at, n - 1, (n - 1) * (k - 1))
            assert abs(again - given[name][key]) < 1e-12, (name, key)
    write_json("omega.json", omegas)

    icc = json.loads((HERE / "icc.json").read_text())
    for name in ("shrout_fleiss", "icc"):
        x = read(f"{name}.csv").to_numpy()
        n, k = x.shape
        by_row, by_column = x.mean(axis=1), x.mean(axis=0)
        msb = k * ((by_row - x.mean()) ** 2).sum() / (n - 1)
        msw = ((x - by_row[:, None]) ** 2).sum() / (n * (k - 1))
        msj = n * ((by_column - x.mean()) ** 2).sum() / (k - 1)
        mse = ((x - by_row[:, None] - by_column + x.mean()) ** 2).sum() / ((n - 1) * (k - 1))
        made = {
            "1,1": (msb - msw) / (msb + (k - 1) * msw),
            "2,1": (msb - mse) / (msb + (k - 1) * mse + k * (msj - mse) / n),
            "3,1": (msb - mse) / (msb + (k - 1) * mse),
            "1,k": (msb - msw) / msb,
            "2,k": (msb - mse) / (msb + (msj - mse) / n),
            "3,k": (msb - mse) / msb,
        }
        lines.append(f"{name}: {worst({key: value['icc'] for key, value in icc[name].items() if ',' in key}, made)}")
        f = scipy.stats.f
        for form, ratio, df2 in (("1", msb / msw, n * (k - 1)), ("3", msb / mse, (n - 1) * (k - 1))):
            low, high = ratio / f.ppf(0.975, n - 1, df2), ratio * f.ppf(0.975, df2, n - 1)
            for suffix, at in ((",1", lambda v: (v - 1) / (v + k - 1)), (",k", lambda v: 1 - 1 / v)):
                one = icc[name][form + suffix]
                for key, value in (("low", at(low)), ("high", at(high)), ("f", ratio), ("p", f.sf(ratio, n - 1, df2))):
                    assert abs(one[key] / value - 1) < 1e-8, (name, form, key, one[key], value)

    second = keyed(read("second.csv"))
    complete = second[["unit", *A]].dropna()
    mean = complete[A].mean(axis=1)
    made = {}
    teams = read("teams.csv").set_index("unit")
    for unit, rows in complete.groupby("unit"):
        x, scores = rows[A].to_numpy(float), mean[rows.index].to_numpy()
        if len(rows) > 1:
            variance, mean_variance = scores.var(ddof=1), x.var(axis=0, ddof=1).mean()
            ratio = min(mean_variance, 2) / 2
            made = {
                "rwg": max(1 - variance / 2, 0),
                "rwg_untruncated": 1 - variance / 2,
                "rwg_j": 6 * (1 - ratio) / (6 * (1 - ratio) + ratio),
                "rwg_lindell": 1 - mean_variance / 2,
                "ad_mean": np.abs(scores - scores.mean()).mean(),
                "ad_median": np.abs(scores - np.median(scores)).mean(),
                "ad_mean_items": np.abs(x - x.mean(axis=0)).mean(),
                "ad_median_items": np.abs(x - np.median(x, axis=0)).mean(),
            }
            for key, value in made.items():
                assert abs(teams.loc[unit, key] - value) < 1e-12, (unit, key)
    groups = [mean[rows.index].to_numpy() for _, rows in complete.groupby("unit")]
    within = sum(((g - g.mean()) ** 2).sum() for g in groups) / (len(mean) - len(groups))
    between = sum(len(g) * (g.mean() - mean.mean()) ** 2 for g in groups) / (len(groups) - 1)
    size = len(mean) / len(groups)
    made = {"icc1": (between - within) / (between + (size - 1) * within), "icc2": (between - within) / between}
    lines.append(f"teams: {worst(json.loads((HERE / 'teams.json').read_text()), made)}")
    return lines
