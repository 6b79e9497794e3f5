"""The site part of a model: hashed character n-grams beside the shipped features, and the division predictor."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse

from .features import Features
from .lexicon import FloatArray
from .model import Model

NAME_BITS = 2**14
SCOPE_BITS = 2**15
MULTIPLIER = 6364136223846793005  # Knuth's 64-bit multiplier; products wrap around
SCOPE_HEAD = 32  # characters of the cleaned scope that the culture part reads; the rest rarely changes the main activity


def hashed(texts: pl.Series, bits: int, sizes: tuple[int, ...]) -> sparse.csr_matrix:
    """(n, bits) counts of hashed character n-grams of the given sizes, rows of unit length; vectorised over all texts."""
    joined = "\n".join(texts.to_list()) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    newline = points == 10
    line = np.cumsum(newline) - newline
    rows, columns = [], []
    for size in sizes:
        length = max(len(points) - size + 1, 0)
        key = np.full(length, size, dtype=np.uint64)
        whole = np.ones(length, dtype=bool)
        for k in range(size):
            key = key * np.uint64(MULTIPLIER) + points[k : k + length]
            whole &= ~newline[k : k + length]
        rows.append(line[:length][whole])
        columns.append(((key >> np.uint64(20)) % np.uint64(bits)).astype(np.int64)[whole])
    row, column = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(texts), bits))
    # Imported here: every command imports this module, few use a site model, and scikit-learn takes a second to load.
    from sklearn.preprocessing import normalize

    return sparse.csr_matrix(normalize(matrix))


def ngrams(features: Features) -> sparse.csr_matrix:
    """(n, NAME_BITS + SCOPE_BITS) hashed n-grams: 2-3 characters of the name, 2 of the head of the scope."""
    parts = [hashed(features.names, NAME_BITS, (2, 3)), hashed(features.scopes.str.slice(0, SCOPE_HEAD), SCOPE_BITS, (2,))]
    return sparse.csr_matrix(sparse.hstack(parts))


def site_matrix(features: Features, raw: FloatArray) -> sparse.csr_matrix:
    """Design matrix of the site model: shipped logit, shipped features, n-grams (scaled down, so that the few labelled
    rows move them only where they insist)."""
    head = np.column_stack([raw / 4.0, features.dense / 4.0])
    return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(head), ngrams(features) * 0.5]))


def site_logit(features: Features, raw: FloatArray, model: Model) -> FloatArray:
    """Logit of the site model before calibration, (n,)."""
    coef = model.arrays["site_coef"]
    return np.asarray(site_matrix(features, raw) @ coef[:-1] + coef[-1], dtype=np.float64)
