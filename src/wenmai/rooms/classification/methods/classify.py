"""The decision for each enterprise: outcome, small class, calibrated probability and the evidence for it."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt
import polars as pl

from wenmai.base.standards.culture import culture_of

from .coded import COARSE, NONE, OUTSIDE, PLAIN, STARRED, CodeReading, read_code
from .features import Features, extract
from .lexicon import FloatArray, code_table, item_lexicon, name_lexicon
from .model import Model
from .site import site_logit
from .starred import HEAD, LATER, NAME, NOTHING, OPEN, starred_hit, starred_rules

WHOLE, PARTIAL, NO, PENDING = "全部计入类", "部分计入类", "非文化", "待核定"
CHUNK = 20_000
PARALLEL_FROM = 400_000  # starting a process (imports, lexicons) costs more than classifying 200,000 rows here
P_PLAIN, P_OUTSIDE = 0.97, 0.02
P_STARRED = {NAME: 0.95, HEAD: 0.90, LATER: 0.60, OPEN: 0.60, NOTHING: 0.04}
STARRED_CLEAR = 0.65
CONTRADICTION = 4.0  # calibrated logit of the text from which it contradicts a registered code
_READ = ("name", "scope", "industry_code", "industry_text", "edition")
SCHEMA = {
    "outcome": pl.Utf8,
    "forced": pl.Boolean,
    "small_code": pl.Utf8,
    "gbt_code": pl.Utf8,
    "probability": pl.Float64,
    "evidence": pl.Utf8,
    "basis": pl.Utf8,
    "edition": pl.Utf8,
}


def text_probability(features: Features, model: Model) -> FloatArray:
    """Calibrated P(culture) from the text alone, (n,)."""
    raw = model.shipped_logit(features.dense)
    if "site_coef" in model.arrays:
        raw = site_logit(features, raw, model)
    z = np.clip(raw * model.scale + model.shift, -30, 30)
    return np.asarray(np.clip(1.0 / (1.0 + np.exp(-z)), 0.001, 0.999), dtype=np.float64)


def classify(frame: pl.DataFrame, model: Model, *, workers: int = 1) -> pl.DataFrame:
    """Decide every row of `frame` (columns name, scope, industry_code, industry_text, and `edition`, the one its file's codes
    were found to follow; nulls allowed; absent columns are taken as null). Returns one row per input row, in order, with the columns of SCHEMA.

    `workers` > 1 spreads chunks of 20,000 rows over processes (spawn) when there are PARALLEL_FROM rows or more; the
    result does not depend on it.
    """
    absent = [c for c in _READ if c not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.Utf8).alias(c) for c in absent)
    frame = frame.select(pl.col(*_READ).cast(pl.Utf8))
    if frame.height == 0:
        return pl.DataFrame(schema=SCHEMA)
    parts = [frame.slice(at, CHUNK) for at in range(0, frame.height, CHUNK)]
    if workers <= 1 or frame.height < PARALLEL_FROM:
        return pl.concat([_chunk(part, model) for part in parts])
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return pl.concat(list(pool.map(_chunk, parts, [model] * len(parts))))


def _chunk(frame: pl.DataFrame, model: Model) -> pl.DataFrame:
    features = extract(frame["name"], frame["scope"])
    p_text = text_probability(features, model)
    readings = [read_code(*r) for r in zip(frame["industry_code"], frame["industry_text"], frame["edition"], strict=True)]
    states = np.array([r.state for r in readings])
    table = code_table()
    probability = p_text.copy()
    best = np.where(p_text >= 0.5, _or(features.culture_code, features.other_code), _or(features.other_code, -1))
    gbt: list[str | None] = [table.codes[i] if i >= 0 else None for i in best]
    small: list[str | None] = [table.small[i] if i >= 0 else None for i in features.culture_code]
    basis = ["文本"] * frame.height
    review = (p_text > model.review_low) & (p_text < model.review_high)
    rule: list[str | None] = [None] * frame.height
    coded = np.flatnonzero(states != NONE).tolist()
    if coded:
        sure = np.abs(np.log(p_text / (1 - p_text))) > CONTRADICTION
        names, scopes = features.names, features.scopes
        for i in coded:
            probability[i], review[i], basis[i], rule[i] = _with_code(readings[i], p_text[i], bool(sure[i]), bool(review[i]), names[i], scopes[i])
            _settle(readings[i], probability[i], i, gbt, small, basis[i])
    silent = (states == NONE) & (features.name_word < 0) & frame["scope"].fill_null("").str.strip_chars().eq("").to_numpy()
    for i in np.flatnonzero(silent).tolist():  # nothing was read: not knowing is no reason to say no
        review[i], rule[i] = True, "名称看不出行业，且无经营范围、无可用行业代码"
    forced = probability >= 0.5
    starred_codes = starred_rules()
    starred = np.array([c in starred_codes for c in gbt])
    outcome = np.where(review, PENDING, np.where(~forced, NO, np.where(starred, PARTIAL, WHOLE)))
    small = [s if f or r else None for s, f, r in zip(small, forced.tolist(), review.tolist(), strict=True)]
    return pl.DataFrame(
        {
            "outcome": outcome.tolist(),
            "forced": forced.tolist(),
            "small_code": small,
            "gbt_code": gbt,
            "probability": probability,
            "evidence": _evidence(features, p_text, readings, rule, model),
            "basis": basis,
            "edition": [r.edition for r in readings],
        },
        schema=SCHEMA,
    )


def _or(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64] | int) -> npt.NDArray[np.int64]:
    return np.where(first >= 0, first, second)


def _with_code(reading: CodeReading, p_text: float, sure: bool, review: bool, name: str, scope: str) -> tuple[float, bool, str, str | None]:
    """Probability, whether a person must decide, basis and the rule in words, for one row that carries a code."""
    if reading.state == STARRED and reading.code:
        word, where = starred_hit(reading.code, name, scope)
        if where == NOTHING and sure and p_text >= 0.5:
            return 0.5 + 0.4 * (p_text - 0.5), True, "文本", "该类规定内容未见，但名称、经营范围指向其他文化类"
        p, doubt = P_STARRED[where], where in (LATER, OPEN)
        if doubt:
            p = 0.5 * p + 0.5 * p_text
        said = f"名称或经营范围含“{word}”（{where}）" if word else "名称和经营范围未见该类规定内容"
        # The counted part stands behind others, or is not told apart from them: only a plain text settles it.
        return p, doubt and p < STARRED_CLEAR, "规则", said
    if reading.state == COARSE:
        share = min(max(reading.culture_share or 0.0, 0.02), 0.98)
        if share >= 0.98:
            return P_PLAIN, False, "代码", None
        odds = p_text / (1 - p_text) * share / (1 - share)
        p = odds / (1 + odds)
        return p, 0.35 < p < 0.65, "文本", f"代码下文化小类约占 {share:.0%}"
    positive = reading.state == PLAIN
    if sure and (p_text >= 0.5) != positive:
        p = 0.5 + 0.4 * (p_text - 0.5)
        return p, True, "文本", "登记代码与名称、经营范围相左"
    return (P_PLAIN if positive else P_OUTSIDE), False, "代码", None


def _settle(reading: CodeReading, p: float, i: int, gbt: list[str | None], small: list[str | None], basis: str) -> None:
    """Put the registered class in place of the predicted one where the code decided."""
    if reading.code is None or basis == "文本":
        return
    if reading.state in (PLAIN, STARRED, OUTSIDE):
        gbt[i] = reading.code
        entry = culture_of(reading.code)
        small[i] = entry.small_code if entry else small[i]
    elif reading.state == COARSE and not (gbt[i] or "").startswith(reading.code):
        small[i] = None
        gbt[i] = reading.code


def _evidence(f: Features, p_text: FloatArray, readings: list[CodeReading], rule: list[str | None], model: Model) -> list[str]:
    """Per row a short JSON list of {kind, text, class, weight}: what the decision rests on, in reading order."""
    table, names, items = code_table(), name_lexicon(), item_lexicon()
    name_json = [
        _entry("名称", w, table.codes[c[1]], float(v)) for w, c, v in zip(names.words, names.codes.tolist(), names.weight.tolist(), strict=True)
    ]
    item_json = [
        _entry("词条", w, table.codes[c[1]], float(v)) for w, c, v in zip(items.words, items.codes.tolist(), items.weight.tolist(), strict=True)
    ]
    head = json.dumps({"kind": "模型", "text": model.version, "class": None}, ensure_ascii=False, separators=(",", ":"))
    head = head[:-1] + ',"weight":'
    out = []
    rows = zip(f.name_word.tolist(), f.item_words.tolist(), f.culture_items.tolist(), p_text.tolist(), strict=True)
    for i, (name_word, first, culture, p) in enumerate(rows):
        parts = []
        reading = readings[i]
        if reading.state != NONE or reading.edition:
            parts.append(_entry("代码", reading.reason, reading.code, 1.0))
        if rule[i]:
            parts.append(_entry("规则", rule[i] or "", reading.code, 1.0))
        if name_word >= 0:
            parts.append(name_json[name_word])
        parts += [item_json[w] for w in dict.fromkeys(first + culture) if w >= 0]
        parts.append(f"{head}{p:.3f}}}")
        out.append("[" + ",".join(parts) + "]")
    return out


def _entry(kind: str, text: str, code: str | None, weight: float) -> str:
    record = {"kind": kind, "text": text, "class": code, "weight": round(weight, 3)}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
