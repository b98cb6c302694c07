"""Second opinions on the formulas here: scipy, R and the run with COINr 1.1.14, asserted while the files are made."""

import math
import subprocess

import numpy as np
from scipy import optimize, stats

import aggregate
import normalise
import treat
import weigh
from case import oracle
from engine import numbers, read


def near(a, b, by=1e-12):
    assert np.allclose(a, b, rtol=by, atol=by), (a, b)


def column(file, name):
    x = numbers(read(f"data/{file}.csv", {})[name], {})
    return x[~np.isnan(x)]


def moments():
    theirs = oracle_rows()
    for name in ("ties", "na", "neg", "bin"):
        x = oracle("input.csv")[name]
        x = x[~np.isnan(x)]
        near([treat.skewness(x), treat.kurtosis(x)], theirs[name])
    for name in ("x1", "x4", "x8", "x12"):
        x = column("people", name)
        near(treat.skewness(x), stats.skew(x, bias=False), 1e-11)
        near(treat.kurtosis(x), stats.kurtosis(x, bias=False), 1e-11)


def oracle_rows():
    from engine import HERE

    rows = [line.replace('"', "").split(",") for line in (HERE / "oracle" / "skew_kurt.csv").read_text().splitlines()[1:]]
    return {name: [float(g1), float(g2)] for name, g1, g2 in rows if g1 not in ("", "NaN")}


def powers():
    """scipy's likelihood is highest at our power, as nearly as a maximum can be seen."""
    for name in ("x4", "x7", "x11"):
        x = column("people", name)
        y = x - x.min() + 1
        ours = treat.fitted_power(x)
        best = optimize.minimize_scalar(lambda l: -stats.boxcox_llf(l, y), bracket=(-2, 2), tol=1e-12).x
        near(ours, best, 1e-6)
        near(treat.box_cox(y, 0.5), stats.boxcox(y, 0.5))


def ranks():
    for name in ("x2", "x5", "x10"):
        x = column("people", name)
        for ties in ("min", "max", "average"):
            near(normalise.rank(x, x, ties), stats.rankdata(x, ties))
        near(normalise.quantiles(x, 12), np.quantile(x, np.linspace(0, 1, 13)))


def means():
    rng = np.random.default_rng(5)
    for _ in range(50):
        x, w = rng.uniform(1, 100, 5), rng.dirichlet(np.ones(5))
        near(aggregate.power_mean(x, w, 0), stats.gmean(x, weights=w))
        near(aggregate.power_mean(x, w, -1), stats.hmean(x, weights=w))
        near(aggregate.power_mean(x, w, 2.5), stats.pmean(x, 2.5, weights=w))
        m, s = aggregate.spread(x, w)
        near(s, math.sqrt(np.average((x - np.average(x, weights=w)) ** 2, weights=w)))
        near(aggregate.mean_min(x, w, 1, 0), x.min())
        equal = np.full(5, 0.2)
        near(aggregate.median(x, equal), np.median(x))
        near(aggregate.owa(x, {"quantifier": 1}), x.mean())
        names = list("abcde")
        # Masses of children alone: an ordinary mean.
        near(aggregate.choquet(x, names, dict(zip(names, w)), []), x @ w)
    # Three children: the general integral over the capacity, from the lowest child up.
    alone, pairs = {"a": 0.3, "b": 0.25, "c": 0.35}, [["a", "b", 0.2], ["b", "c", -0.1]]
    for _ in range(50):
        x = dict(zip("abc", rng.uniform(0, 100, 3)))
        of = lambda names: sum(alone[n] for n in names) + sum(m for p, q, m in pairs if p in names and q in names)
        order = sorted(x, key=x.get)
        total, before = 0.0, 0.0
        for k, name in enumerate(order):
            total += (x[name] - before) * of(order[k:])
            before = x[name]
        near(aggregate.choquet([x[n] for n in "abc"], "abc", alone, pairs), total)
    # The published counterexample of a mean that is not bounded by its children.
    near(aggregate.mazziotta_pareto([90, 10, 10], [1 / 3] * 3, "minus"), 110 / 3 - (3200 * 4 / 9) / (110 / 3))


def weights():
    x = np.column_stack([column("factors", f"f{k}") for k in range(1, 9)])
    x = 100 * (x - x.min(0)) / (x.max(0) - x.min(0))
    targets = np.array([0.1, 0.2, 0.3, 0.4])
    ours = weigh.importance(x[:, :4], targets)
    c = np.cov(x[:, :4].T)

    def objective(w):
        share = w * (c @ w) / (w @ c @ w)
        return ((share - targets) ** 2).sum()

    theirs = optimize.minimize(objective, np.full(4, 0.25), method="SLSQP", bounds=[(0, 1)] * 4, options={"ftol": 1e-18, "maxiter": 1000},
                               constraints={"type": "eq", "fun": lambda w: w.sum() - 1})
    near(ours, theirs.x, 1e-6)
    assert objective(ours) < 1e-26 <= theirs.fun + 1e-26
    # Components and rotation by R.
    script = """
    x <- as.matrix(read.csv(file("stdin"), header = FALSE)); p <- prcomp(x, center = TRUE, scale. = TRUE)
    l <- p$rotation[, 1:2] %*% diag(p$sdev[1:2]); v <- unclass(varimax(l, normalize = TRUE, eps = 1e-15)$loadings)
    cat(sprintf("%.15g", c(abs(p$rotation[, 1]), as.vector(v^2))), sep = "\\n")
    """
    sent = "\n".join(",".join(map(repr, map(float, row))) for row in x)
    out = subprocess.run(["Rscript", "--vanilla", "-e", script], input=sent, capture_output=True, text=True, check=True)
    found = np.array([float(v) for v in out.stdout.split()])
    values, vectors = np.linalg.eigh(np.corrcoef(x.T))
    near(np.abs(vectors[:, -1]), found[:8], 1e-10)
    loadings = vectors[:, ::-1][:, :2] * np.sqrt(values[::-1][:2])
    mine = np.sort(weigh.varimax(loadings) ** 2, axis=1)
    near(mine, np.sort(found[8:].reshape(2, 8).T, axis=1), 1e-6)
    e = [stats.entropy(v) / math.log(len(v)) for v in (x + 1).T]
    near(weigh.entropy(x + 1), (1 - np.array(e)) / (1 - np.array(e)).sum())
    # Saaty 1980: a consistent matrix has its ratios as weights.
    w, ratio = weigh.judgements([[1, 2, 6], [0.5, 1, 3], [1 / 6, 1 / 3, 1]])
    near(w, [0.6, 0.3, 0.1])
    assert abs(ratio) < 1e-12


def everything():
    for opinion in (moments, powers, ranks, means, weights):
        opinion()
