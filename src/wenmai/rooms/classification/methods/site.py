"""The site part of a model: hashed character n-grams beside the shipped features, and the division predictor."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from .features import Features
from .lexicon import FloatArray
from .model import Model

NAME_BITS = 2**14
SCOPE_BITS = 2**15
SCOPE_HEAD = 32  # characters of the cleaned scope that the culture part reads; the rest rarely changes the main activity


@lru_cache(maxsize=4)
def _hasher(bits: int, low: int, high: int) -> HashingVectorizer:
    return HashingVectorizer(analyzer="char", ngram_range=(low, high), n_features=bits, alternate_sign=False, norm="l2", lowercase=True)


def ngrams(features: Features) -> sparse.csr_matrix:
    """(n, NAME_BITS + SCOPE_BITS) hashed n-grams: 2-3 characters of the name, 2 of the head of the scope."""
    names = features.names.to_list()
    scopes = features.scopes.str.slice(0, SCOPE_HEAD).to_list()
    parts = [_hasher(NAME_BITS, 2, 3).transform(names), _hasher(SCOPE_BITS, 2, 2).transform(scopes)]
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
