"""A site model: what reviewed decisions and labelled files of a place add to the shipped model.

Culture: logistic regression whose prior mean is the shipped model. The logit is the shipped one plus a correction over
shipped features and hashed n-grams; an L2 penalty pulls the correction to zero, so few labels change little. Platt
calibration on out-of-fold logits. Division: one-vs-rest linear SVC on hashed n-grams and lexicon votes, where names
of classes and catalogue phrases of each division are added as short lightly weighted examples.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from scipy.optimize import minimize
from sklearn.svm import LinearSVC

from wenmai.base.standards.culture import culture_of
from wenmai.base.standards.gbt4754 import find_division, industries, industry
from wenmai.base.values.errors import InputError

from .division import division_matrix, document_frequency, idf_of, pseudo_examples
from .features import extract
from .interval import bin_counts, equal_mass_edges
from .lexicon import FloatArray
from .model import Model
from .site import site_matrix

FOLDS = 5
PENALTY = 3.0
WEAK_WEIGHT = 0.2  # a row known to be outside culture only because its division holds no culture class
MIN_ROWS = 20
Bools = npt.NDArray[np.bool_]


def train(rows: pl.DataFrame, base: Model, *, culture: bool = True, divisions: bool = True, seed: int = 7) -> Model:
    """Site model from labelled rows: name, scope, and any of culture (yes/no or Boolean), gbt_division (code or name);
    nulls mean unlabelled. `culture` and `divisions` switch the two parts. `InputError` when there are fewer than 20 usable rows.
    """
    rows = _prepare(rows)
    truth, weight = _culture_labels(rows)
    labelled = weight > 0
    division_rows = rows.filter(pl.col("gbt_division").is_not_null())
    if int(labelled.sum()) < MIN_ROWS and division_rows.height < MIN_ROWS:
        raise InputError("可用的标注行太少，不能训练", remedy=f"至少需要 {MIN_ROWS} 行已核定或带行业大类的企业")
    model = replace(base, version=f"site-{_digest(rows)}+{base.version}")
    if divisions and division_rows.height >= MIN_ROWS:
        model = _with_divisions(division_rows, model)
    chosen = rows.filter(pl.Series(labelled))
    y = truth[labelled]
    if culture and int(labelled.sum()) >= MIN_ROWS and 0 < int(y.sum()) < len(y):
        model = _with_culture(chosen, y, weight[labelled], model, seed)
    return model


def _prepare(rows: pl.DataFrame) -> pl.DataFrame:
    for column in ("name", "scope"):
        if column not in rows.columns:
            raise InputError(f"训练数据缺少“{column}”列", remedy="请给出企业名称和经营范围")
    absent = [c for c in ("culture", "gbt_division") if c not in rows.columns]
    rows = rows.with_columns(pl.lit(None, dtype=pl.Utf8).alias(c) for c in absent)
    rows = rows.select(pl.col("name", "scope", "culture", "gbt_division").cast(pl.Utf8))
    known = {d: _division_code(d) for d in rows["gbt_division"].unique().to_list() if d}
    return rows.with_columns(pl.col("gbt_division").replace_strict(known, default=None, return_dtype=pl.Utf8))


def _division_code(text: str) -> str | None:
    item = industry(text[:2]) if text[:2].isdigit() else find_division(text)
    return item.code if item else None


def _culture_labels(rows: pl.DataFrame) -> tuple[Bools, FloatArray]:
    """Truth and weight per row; weight 0 = no label. A division without any culture class gives a weak negative."""
    empty = {d.code for d in industries("division") if not any(_in_culture(d.code))}
    culture = rows["culture"].fill_null("").str.to_lowercase()
    yes = culture.is_in(["yes", "true", "1", "是"]).to_numpy()
    no = culture.is_in(["no", "false", "0", "否"]).to_numpy()
    weak = rows["gbt_division"].is_in(list(empty)).fill_null(False).to_numpy()
    weight = np.where(yes | no, 1.0, np.where(weak, WEAK_WEIGHT, 0.0))
    return yes, weight


def _in_culture(division: str) -> list[bool]:
    return [culture_of(i.code) is not None for i in industries("class") if i.code.startswith(division)]


def _digest(rows: pl.DataFrame) -> str:
    text = "\n".join("\t".join(v or "" for v in r) for r in rows.iter_rows())
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def fit_offset(x: sparse.csr_matrix, y: Bools, offset: FloatArray, weight: FloatArray, penalty: float = PENALTY) -> FloatArray:
    """Minimise Σ weight·log(1+exp(-±(offset + xδ + b))) + penalty/2·|δ|²; returns (columns + 1,), b last."""
    sign = np.where(y, 1.0, -1.0)

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        z = (offset + x @ theta[:-1] + theta[-1]) * sign
        value = float((weight * np.logaddexp(0, -z)).sum() + penalty / 2 * (theta**2).sum())
        slope = -weight * sign / (1 + np.exp(np.clip(z, -30, 30)))
        return value, np.r_[x.T @ slope, slope.sum()] + penalty * theta

    start = np.zeros(x.shape[1] + 1)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x)


def _site_coef(x: sparse.csr_matrix, y: Bools, raw: FloatArray, weight: FloatArray) -> FloatArray:
    coef = fit_offset(x, y, raw, weight)
    coef[0] += 4.0  # column 0 of the design matrix is the shipped logit / 4: the offset itself
    return coef


def _with_culture(rows: pl.DataFrame, y: Bools, weight: FloatArray, model: Model, seed: int) -> Model:
    features = extract(rows["name"], rows["scope"])
    raw = model.shipped_logit(features.dense)
    x = site_matrix(features, raw)
    fold = _group_folds(rows["name"], seed)
    out = np.zeros(len(y))
    for k in range(FOLDS):
        part = fold != k
        if 0 < int(y[part].sum()) < int(part.sum()):
            coef = _site_coef(x[part], y[part], raw[part], weight[part])
            out[~part] = x[~part] @ coef[:-1] + coef[-1]
        else:
            out[~part] = raw[~part]
    column = sparse.csr_matrix(out.reshape(-1, 1) / 4.0)
    platt = fit_offset(column, y, out, weight, penalty=2.0)
    scale, shift = 1.0 + platt[0] / 4.0, float(platt[1])
    strong = weight == 1.0
    prob = 1 / (1 + np.exp(-np.clip(out * scale + shift, -30, 30)))
    edges = equal_mass_edges(prob[strong]) if strong.any() else ()
    counts = bin_counts(prob[strong], y[strong], edges)
    return replace(
        model,
        scale=float(scale),
        shift=shift,
        arrays={**model.arrays, "site_coef": _site_coef(x, y, raw, weight)},
        calibration_edges=edges,
        calibration_counts=tuple((round(float(a)), round(float(b))) for a, b in counts),
    )


def _group_folds(names: pl.Series, seed: int) -> npt.NDArray[np.int64]:
    """Fold of each row; rows of one name share a fold."""
    unique, inverse = np.unique(names.fill_null("").to_numpy().astype(str), return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(unique)) % FOLDS
    return np.asarray(shuffled[inverse], dtype=np.int64)


def _with_divisions(rows: pl.DataFrame, model: Model) -> Model:
    labels = rows["gbt_division"].to_numpy().astype(str)
    known = sorted(set(labels.tolist()))
    if len(known) < 2:
        return model
    extra = pseudo_examples(known)
    both = pl.concat([rows.select("name", "scope"), extra.select("name", "scope")])
    idf = idf_of(document_frequency(rows), rows.height)
    y = np.r_[labels, extra["division"].to_numpy().astype(str)]
    weight = np.r_[np.ones(rows.height), np.full(extra.height, 0.15)]
    svc = LinearSVC(C=0.5, random_state=0).fit(division_matrix(both, idf), y, sample_weight=weight)
    coef = np.atleast_2d(svc.coef_)
    if len(svc.classes_) == 2:
        coef = np.vstack([-coef, coef])
        intercept = np.r_[-svc.intercept_, svc.intercept_]
    else:
        intercept = svc.intercept_
    arrays = {
        **model.arrays,
        "div_coef": coef.astype(np.float32),
        "div_intercept": intercept,
        "div_idf": idf.astype(np.float32),
    }
    return replace(model, divisions=tuple(str(c) for c in svc.classes_), arrays=arrays)
