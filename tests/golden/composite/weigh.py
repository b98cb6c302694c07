"""Weights that the scores of the children in a reference teach, or a matrix of judgements."""

import math

import mpmath
import numpy as np

from normalise import mean_sd

SAATY = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}


def complete(scores):
    return scores[~np.isnan(scores).any(1)]


def first_component(scores):
    """The first eigenvector of the correlations of complete rows, turned so that its loadings sum above 0."""
    values, vectors = np.linalg.eigh(np.corrcoef(complete(scores).T))
    loadings = vectors[:, -1] * np.sign(vectors[:, -1].sum())
    assert (loadings > 0).all(), "a negative loading is a fault"
    return loadings / loadings.sum()


def varimax(loadings, is_normalised=True):
    """Kaiser 1958, by planar rotations until nothing moves."""
    size = np.sqrt((loadings**2).sum(1, keepdims=True)) if is_normalised else 1.0
    a = loadings / size
    p, k = a.shape
    for _ in range(1000):
        largest = 0.0
        for i in range(k):
            for j in range(i + 1, k):
                u, v = a[:, i] ** 2 - a[:, j] ** 2, 2 * a[:, i] * a[:, j]
                top = 2 * (u @ v) - 2 * u.sum() * v.sum() / p
                bottom = (u @ u - v @ v) - (u.sum() ** 2 - v.sum() ** 2) / p
                angle = math.atan2(top, bottom) / 4
                cos, sin = math.cos(angle), math.sin(angle)
                a[:, [i, j]] = a[:, [i, j]] @ np.array([[cos, -sin], [sin, cos]])
                largest = max(largest, abs(angle))
        if largest < 1e-15:
            break
    return a * size


def squared_loadings(scores):
    """Nicoletti, Scarpetta & Boylaud 2000; OECD 2008. Components with an eigenvalue above 1 that each explain more than a
    tenth and together more than 60 %, varimax; a child has its largest squared loading over its component's sum of them,
    times the component's share of what the kept ones explain."""
    values, vectors = np.linalg.eigh(np.corrcoef(complete(scores).T))
    values, vectors = values[::-1], vectors[:, ::-1]
    share = values / values.sum()
    kept = int(((values > 1) & (share > 0.1)).sum())
    assert share[:kept].sum() > 0.6, "chosen so that the rule of thumb is clear"
    loadings = vectors[:, :kept] * np.sqrt(values[:kept])
    squared = (varimax(loadings) if kept > 1 else loadings) ** 2
    explained = squared.sum(0)
    scaled = squared / explained
    largest = scaled.max(1)
    w = largest * (explained / explained.sum())[scaled.argmax(1)]
    return w / w.sum()


def entropy(scores):
    """Shannon: the less evenly a child is spread, the more it weighs."""
    x = complete(scores)
    p = x / x.sum(0)
    e = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(0) / math.log(len(x))
    return (1 - e) / (1 - e).sum()


def critic(scores):
    """Diakoulaki, Mavrotas & Papayannakis 1995: standard deviation times conflict."""
    x = complete(scores)
    x = (x - x.min(0)) / (x.max(0) - x.min(0))
    c = x.std(0, ddof=1) * (1 - np.corrcoef(x.T)).sum(1)
    return c / c.sum()


def deviation(scores):
    s = np.array([mean_sd(column)[1] for column in complete(scores).T])
    return s / s.sum()


def judgements(matrix):
    """Saaty 1980: the principal eigenvector and (l - n)/(n - 1) over that of random judgements."""
    m = np.array(matrix, float)
    n = len(m)
    values, vectors = np.linalg.eig(m)
    at = values.real.argmax()
    w = np.abs(vectors[:, at].real)
    ratio = 0.0 if n < 3 else (values.real[at] - n) / (n - 1) / SAATY[n]
    return w / w.sum(), float(ratio)


def importance(scores, targets):
    """w >= 0 whose covariance shares w_j cov(x_j, I) / var(I) are the targets: with a positive definite covariance there is
    exactly one, where w'Cw/2 - sum t ln w is least. Newton in 40 digits."""
    x = complete(scores)
    wanted = np.array(targets) > 0
    if not wanted.all():
        # A target of 0 is met by no weight.
        w = np.zeros(len(targets))
        w[wanted] = importance(x[:, wanted], np.array(targets)[wanted])
        return w
    c = mpmath.matrix(np.cov(x.T).tolist())
    t = [mpmath.mpf(v) / mpmath.fsum(map(mpmath.mpf, targets)) for v in targets]
    n = len(t)
    w = [mpmath.sqrt(t[i] / c[i, i]) for i in range(n)]
    for _ in range(200):
        gradient = mpmath.matrix([mpmath.fsum(c[i, j] * w[j] for j in range(n)) - t[i] / w[i] for i in range(n)])
        hessian = c.copy()
        for i in range(n):
            hessian[i, i] += t[i] / w[i] ** 2
        step = mpmath.lu_solve(hessian, gradient)
        size = mpmath.mpf(1)
        while any(w[i] - size * step[i] <= 0 for i in range(n)):
            size /= 2
        w = [w[i] - size * step[i] for i in range(n)]
        if mpmath.norm(step) < mpmath.mpf(10) ** -35 * mpmath.norm(mpmath.matrix(w)):
            break
    w = np.array([float(v / mpmath.fsum(w)) for v in w])
    share = w * (np.cov(x.T) @ w)
    assert np.abs(share / share.sum() - np.array([float(v) for v in t])).max() < 1e-13
    return w
