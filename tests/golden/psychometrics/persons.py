"""Careless answers, the change of one person, and norms: closed forms, the latter two with 40 digits."""

import itertools
import math

import mpmath as mp
import numpy as np
import pandas as pd
from scipy.stats import chi2

from common import ITEMS, PHQ8, SCALES, REVERSED, keyed, read, table, whole

mp.mp.dps = 40
Z = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))  # 1.95996398…


# ---- careless answers ------------------------------------------------------------------------------------------------
def pearson(x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    x, y = x - x.mean(), y - y.mean()
    down = math.sqrt((x @ x) * (y @ y))
    return float(x @ y) / down if down > 1e-12 else None


def longest(answers):
    """Longest run of one answer; a gap ends it."""
    best, run, last = 0, 0, None
    for answer in answers:
        gap = math.isnan(answer)
        run = 0 if gap else run + 1 if answer == last else 1
        last = None if gap else answer
        best = max(best, run)
    return best


def careless():
    raw = read("second.csv")
    turned = keyed(raw)
    complete = raw[ITEMS].notna().all(axis=1)

    # Mahalanobis: mean and covariance (n - 1) of the complete cases.
    x = raw.loc[complete, ITEMS].to_numpy(float)
    centred = x - x.mean(axis=0)
    covariance = centred.T @ centred / (len(x) - 1)
    distance = np.full(len(raw), np.nan)
    distance[complete.to_numpy()] = np.einsum("ij,ji->i", centred, np.linalg.solve(covariance, centred.T))
    limit = chi2.ppf(0.999, len(ITEMS))
    assert np.nanmin(np.abs(distance / limit - 1)) > 1e-3

    # Synonyms: pairs with |r| >= .60, the same pairs whichever rows and whichever keying.
    pairs = None
    for frame in (raw, turned, raw[complete], turned[complete]):
        r = frame[ITEMS].corr()
        found = [(i, j) for i, j in itertools.combinations(ITEMS, 2) if abs(r.loc[i, j]) >= 0.6]
        near = min(abs(abs(r.loc[i, j]) - 0.6) for i, j in itertools.combinations(ITEMS, 2))
        assert near > 0.01, near
        assert pairs in (None, found)
        pairs = found
    assert len(pairs) >= 5

    rows = []
    for at in range(len(raw)):
        answers, scored = raw.loc[at, ITEMS].to_numpy(float), turned.loc[at, ITEMS]
        known = answers[~np.isnan(answers)]
        halves = []
        for items in SCALES.values():
            odd, even = scored[items[0::2]].dropna(), scored[items[1::2]].dropna()
            if len(odd) and len(even):
                halves.append((odd.mean(), even.mean()))
        r = pearson(*zip(*halves)) if len(halves) >= 3 else None
        both = [(scored[i], scored[j]) for i, j in pairs if not (math.isnan(scored[i]) or math.isnan(scored[j]))]
        synonyms = pearson(*zip(*both)) if len(both) >= 3 else None
        stepped = None if r is None else -1.0 if r <= -1 + 1e-12 else max(2 * r / (1 + r), -1.0)
        rows.append(
            {
                "person": raw.person[at],
                "answered": len(known),
                "longstring": longest(answers),
                "longstring_past_gaps": longest(known),
                "irv": np.std(known, ddof=1) if len(known) >= 2 else None,
                "mahalanobis": distance[at],
                "mahalanobis_flag": None if math.isnan(distance[at]) else "yes" if distance[at] > limit else "no",
                "even_odd_pairs": len(halves),
                "even_odd_r": r,
                "even_odd": stepped,
                "synonym_pairs": len(both),
                "synonyms": synonyms,
            }
        )
    table("careless.csv", pd.DataFrame(rows))
    return {
        "items": ITEMS,
        "reversed": REVERSED,
        "scales": SCALES,
        "complete": int(complete.sum()),
        "mahalanobis_limit": float(limit),
        "mahalanobis_flagged": int((distance > limit).sum()),
        "synonym_pairs": [list(pair) for pair in pairs],
    }


# ---- change of one person, and norms ---------------------------------------------------------------------------------
# Of a lower-is-better score. `mean`, `sd`: of the clinical population before; `functional`: of the other; `practice`: mean
# change of the untreated; `norm`: a small sample.
PARAMETERS = {
    "reliability": "0.84",
    "mean": "10.3",
    "sd": "4.6",
    "functional_mean": "3.1",
    "functional_sd": "3.7",
    "practice": "-0.45",
    "norm_mean": "3.3",
    "norm_sd": "4.1",
    "norm_n": 40,
}


def t_upper(t, df):
    """P(T > t) for t >= 0."""
    return mp.betainc(mp.mpf(df) / 2, mp.mpf("0.5"), 0, df / (df + t * t), regularized=True) / 2


def number(value):
    return None if value is None else float(value)


def verdict(value, limit):
    """Lower is better."""
    return "improved" if value <= -limit else "deteriorated" if value >= limit else "unchanged"


def change():
    pre, post = read("change_pre.csv"), read("change_post.csv")
    items = [str(n) for n in range(1, 9)]
    before = [None if row.isna().any() else int(row.sum()) for _, row in pre[items].iterrows()]
    after = [None if row.isna().any() else int(row.sum()) for _, row in post[items].iterrows()]
    reference = read("phq8.csv")[PHQ8].dropna().sum(axis=1).astype(int)
    p = {key: mp.mpf(value) for key, value in PARAMETERS.items()}
    r, s, mean, root2 = p["reliability"], p["sd"], p["mean"], mp.sqrt(2)
    sem = s * mp.sqrt(1 - r)
    a, b = mean - 2 * s, p["functional_mean"] + 2 * p["functional_sd"]
    c = (p["functional_sd"] * mean + s * p["functional_mean"]) / (p["functional_sd"] + s)
    limit = mp.mpf("1.96")

    rows = []
    for person, x, y in zip(pre.person, before, after):
        row = {"person": person, "pre": x, "post": y}
        if x is not None and y is not None:
            jt = (y - x) / (root2 * sem)
            gln = ((y - mean) - r * (x - mean)) / (s * mp.sqrt(1 - r * r))
            centre, half = r * (x - mean) + mean, 2 * s * mp.sqrt(1 - r)
            practised = ((y - x) - p["practice"]) / (root2 * sem)
            reliable = verdict(jt, limit)
            assert min(abs(abs(v) - limit) for v in (jt, gln, practised)) > 1e-6
            assert min(abs(abs(y - centre) - half), abs(x - c), abs(y - c)) > 1e-6
            row |= {
                "change": y - x,
                "rci": jt,
                "gulliksen_lord_novick": gln,
                "edwards_nunnally_low": centre - half,
                "edwards_nunnally_high": centre + half,
                "practice_adjusted": practised,
                "reliable": reliable,
                "reliable_gulliksen_lord_novick": verdict(gln, limit),
                "reliable_edwards_nunnally": verdict(y - centre, half),
                "reliable_practice_adjusted": verdict(practised, limit),
                "crossed_a": "yes" if x > a and y <= a else "no",
                "crossed_b": "yes" if x > b and y <= b else "no",
                "crossed_c": "yes" if x > c and y <= c else "no",
                "class": "recovered" if reliable == "improved" and x > c and y <= c else reliable,
            }
        if x is not None:
            z = (x - p["norm_mean"]) / p["norm_sd"]
            n = p["norm_n"]
            t = (x - p["norm_mean"]) / (p["norm_sd"] * mp.sqrt((n + 1) / n))
            upper = t_upper(abs(t), n - 1)
            below, same = int((reference < x).sum()), int((reference == x).sum())
            mid = (below + mp.mpf(same) / 2) / len(reference)
            for scaled in (2 * z + 5, 2 * z + mp.mpf("5.5")):
                assert abs(scaled - mp.floor(scaled) - mp.mpf("0.5")) > 1e-9
            row |= {
                "z": z,
                "t_score": 50 + 10 * z,
                "stanine": min(max(int(mp.floor(2 * z + mp.mpf("5.5"))), 1), 9),
                "sten": min(max(int(mp.floor(2 * z + 6)), 1), 10),
                "mid_percentile": 100 * mid,
                "normalised_t": 50 + 10 * root2 * mp.erfinv(2 * mid - 1),
                "crawford_howell_t": t,
                "crawford_howell_p": 2 * upper,
                "crawford_howell_p_one_sided": upper,
                "crawford_howell_percent_below": 100 * (1 - upper if t >= 0 else upper),
            }
        rows.append({key: value if isinstance(value, (int, str)) else number(value) for key, value in row.items()})
    whole_numbers = ["pre", "post", "change", "stanine", "sten"]
    table("change.csv", whole(pd.DataFrame(rows), whole_numbers))

    pairs = [(x, y) for x, y in zip(before, after) if None not in (x, y)]
    n = len(pairs)
    deltas, firsts = [mp.mpf(y - x) for x, y in pairs], [mp.mpf(x) for x, _ in pairs]

    def sd(values):
        middle = sum(values) / len(values)
        return mp.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))

    average, j = sum(deltas) / n, 1 - mp.mpf(3) / (4 * (n - 1) - 1)
    group = {
        "n": n,
        "mean_change": average,
        "sd_change": sd(deltas),
        "sd_pre": sd(firsts),
        "standardised_response_mean": average / sd(deltas),
        "d_pre": average / sd(firsts),
        "hedges_factor": j,
        "d_pre_hedges": j * average / sd(firsts),
        "standardised_response_mean_hedges": j * average / sd(deltas),
    }
    single = {
        "sem": sem,
        "sem_difference": root2 * sem,
        "se_true_score": s * mp.sqrt(r * (1 - r)),
        "se_prediction": s * mp.sqrt(1 - r * r),
        "mdc95": Z * root2 * sem,
        "mdc90": mp.sqrt(2) * mp.erfinv(mp.mpf("0.9")) * root2 * sem,
        "cutoff_a": a,
        "cutoff_b": b,
        "cutoff_c": c,
    }
    return {
        "parameters": {key: number(value) if key != "norm_n" else int(value) for key, value in p.items()},
        "direction": "lower_better",
        "single": {key: number(value) for key, value in single.items()},
        "group": {key: value if isinstance(value, int) else number(value) for key, value in group.items()},
        "percentiles_from": {"file": "phq8.csv", "n": len(reference)},
    }
