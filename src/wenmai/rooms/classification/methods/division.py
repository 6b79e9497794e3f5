"""The industry division (大类, 2 digits) of each row: registered, that of its culture class, or predicted from name and scope.

A site model brings its own predictor; the shipped one knows only the names of classes and the catalogue phrases of each
division (complement naive Bayes over the same n-grams), which is far weaker: see docs/methods/classification.md.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.naive_bayes import ComplementNB
from sklearn.preprocessing import normalize

from wenmai.base.standards.gbt4754 import industries, industry
from wenmai.base.values.errors import InputError

from .coded import read_code
from .features import clean_names, clean_scopes, extract
from .lexicon import FloatArray, IntArray, catalogue_phrases, code_table
from .model import Model

BITS = (2**14, 2**16, 2**14)  # name, whole scope, head of the scope
PART_WEIGHT = (1.0, 1.0, 0.7)
HEAD = 30
VOTE_WEIGHT = 0.3


def _counts(names: pl.Series, scopes: pl.Series) -> list[sparse.csr_matrix]:
    texts = (names, scopes, scopes.str.slice(0, HEAD))
    parts = []
    for text, bits in zip(texts, BITS, strict=True):
        hasher = HashingVectorizer(analyzer="char", ngram_range=(1, 3), n_features=bits, alternate_sign=False, norm=None)
        counts = sparse.csr_matrix(hasher.transform(text.to_list()))
        counts.data = 1.0 + np.log(counts.data)
        parts.append(counts)
    return parts


def document_frequency(frame: pl.DataFrame) -> FloatArray:
    """Number of rows that hold each hashed n-gram, (sum(BITS),)."""
    return np.concatenate(
        [np.bincount(c.indices, minlength=c.shape[1]) for c in _counts(clean_names(frame["name"]), clean_scopes(frame["scope"]))]
    ).astype(np.float64)


def idf_of(frequency: FloatArray, rows: int) -> FloatArray:
    """Smoothed inverse document frequency."""
    return np.asarray(np.log((1 + rows) / (1 + frequency)) + 1.0)


def _votes(code: IntArray) -> sparse.csr_matrix:
    """One-hot of the division of the code each row votes for; (n, 100)."""
    division = np.array([int(c[:2]) for c in code_table().codes])
    has = np.flatnonzero(code >= 0)
    return sparse.csr_matrix((np.ones(len(has)), (has, division[code[has]])), shape=(len(code), 100))


def division_matrix(frame: pl.DataFrame, idf: FloatArray) -> sparse.csr_matrix:
    """TF-IDF of n-grams 1-3 (name, scope, head of scope; each of unit length) and the lexicon's votes."""
    features = extract(frame["name"], frame["scope"])
    parts, at = [], 0
    for counts, weight in zip(_counts(features.names, features.scopes), PART_WEIGHT, strict=True):
        width = counts.shape[1]
        parts.append(normalize(counts @ sparse.diags(idf[at : at + width])) * weight)
        at += width
    parts += [_votes(features.culture_code) * VOTE_WEIGHT, _votes(features.other_code) * VOTE_WEIGHT]
    return sparse.csr_matrix(sparse.hstack(parts))


def pseudo_examples(divisions: list[str]) -> pl.DataFrame:
    """Names of classes and catalogue phrases of these divisions as rows (name '', scope, division)."""
    wanted = set(divisions)
    rows = [(i.name, i.code[:2]) for i in industries("class")] + [(p, c[:2]) for p, c in catalogue_phrases()]
    kept = [(text, code) for text, code in rows if code in wanted]
    return pl.DataFrame(
        {"name": [""] * len(kept), "scope": [t for t, _ in kept], "division": [c for _, c in kept]},
        schema={"name": pl.Utf8, "scope": pl.Utf8, "division": pl.Utf8},
    )


def predict_division(frame: pl.DataFrame, model: Model) -> pl.Series:
    """Predicted division code of each row (columns name, scope); `InputError` when the model has no division part."""
    if "div_coef" not in model.arrays:
        raise InputError("该模型未训练行业大类", remedy="请用带行业大类的数据训练本地模型")
    x = division_matrix(frame, model.arrays["div_idf"].astype(np.float64))
    score = np.asarray(x @ model.arrays["div_coef"].T.astype(np.float64)) + model.arrays["div_intercept"]
    best = score.argmax(axis=1)
    return pl.Series("gbt_division", [model.divisions[i] for i in best.tolist()], dtype=pl.Utf8)


def with_shipped_divisions(model: Model) -> Model:
    """The model with a predictor of all divisions made from the standard's own words alone (about a second); a model
    that has one is returned as it is."""
    if "div_coef" in model.arrays:
        return model
    examples = pseudo_examples([i.code for i in industries("division")])
    idf = idf_of(document_frequency(examples), examples.height)
    bayes = ComplementNB(alpha=0.1).fit(division_matrix(examples, idf), examples["division"].to_numpy().astype(str))
    arrays = {
        **model.arrays,
        "div_coef": bayes.feature_log_prob_.astype(np.float32),
        "div_intercept": np.zeros(len(bayes.classes_)),
        "div_idf": idf.astype(np.float32),
    }
    return replace(model, divisions=tuple(str(c) for c in bayes.classes_), arrays=arrays)


def with_industry(frame: pl.DataFrame, result: pl.DataFrame, model: Model) -> pl.DataFrame:
    """gbt_division, gbt_division_name, gbt_division_basis, gbt_code, gbt_name of each row of a classified frame.

    frame: name, scope, industry_code, industry_text; result: what `classify` said of it. Basis: 登记 (a registered code or
    industry text), 小类 (the division of the culture class), 预测. The class (gbt_code) stays only where it lies in that division.
    """
    predicted = predict_division(frame.select(pl.col("name", "scope").cast(pl.Utf8)), model).to_list()
    out: list[tuple[str, str, str, str | None, str | None]] = []
    columns = (frame["industry_code"].cast(pl.Utf8), frame["industry_text"].cast(pl.Utf8), result["gbt_code"], result["forced"], predicted)
    for code, text, gbt, forced, guess in zip(*columns, strict=True):
        registered = read_code(code, text).code
        kept: str | None
        if registered is not None:
            division, basis, kept = registered[:2], "登记", registered
        elif forced and gbt and len(gbt) == 4:
            division, basis, kept = gbt[:2], "小类", gbt
        else:
            division, basis = guess, "预测"
            kept = gbt if gbt and len(gbt) == 4 and gbt[:2] == guess else None
        named, item = industry(division), industry(kept) if kept else None
        out.append((division, named.name if named else "", basis, kept, item.name if item else None))
    names = ("gbt_division", "gbt_division_name", "gbt_division_basis", "gbt_code", "gbt_name")
    return pl.DataFrame(out, schema=dict.fromkeys(names, pl.Utf8), orient="row")
