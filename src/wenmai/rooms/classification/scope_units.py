"""The snapshot table `scope_units`: one row per analysed unit and 区自定口径 in force, with the verdict and its rule.

A list is asked once per distinct industry code; only codes that it takes 部分纳入 are looked at text by text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from wenmai.base import standards
from wenmai.base.standards import ScopeList
from wenmai.base.standards.scopes import BRACKETS, NEGATED, OPEN, CodePlan, ScopeVerdict
from wenmai.rooms.classification import scoping
from wenmai.rooms.classification.indicators import IDENTIFIED
from wenmai.rooms.classification.methods.coded import NONE, read_code
from wenmai.rooms.registry.models import Enterprise

TABLE = "scope_units"
CHUNK = 100_000
BY_PERSON, BY_CODE, BY_MODEL, NO_CLASS = "人工核定", "登记代码", "系统识别", "行业不明"
_CLASS_KEYS = ("decided_by", "outcome", "small_code", "industry_code", "industry_text", "basis", "gbt_code")
_UNIT = (
    "key", "credit_code", "name", "unit_type", "status", "registered_on", "district", "street", "park", "outcome",
    "decided_by", "small_code", "small_name", "major_name", "batch_id", "sheet", "row",
)  # fmt: skip
_VERDICT = {
    "answer": pl.Utf8, "by_text": pl.Boolean, "rule_row": pl.Int64, "rule": pl.Utf8, "reason": pl.Utf8,
}  # fmt: skip
_METADATA = b"wenmai.scope_lists"


@lru_cache(maxsize=1)
def _small_codes() -> dict[str, tuple[str, ...]]:
    """Small class of 文化及相关产业分类 → its GB/T 4754 classes (two of the 146 have several)."""
    return {c.code: tuple(dict.fromkeys(e.gbt_code for e in c.entries)) for c in standards.culture_smalls()}


@lru_cache(maxsize=50_000)
def known_class(
    decided_by: str | None, outcome: str | None, small_code: str | None, industry_code: str | None,
    industry_text: str | None, basis: str | None, gbt_code: str | None,
) -> tuple[str, str]:  # fmt: skip
    """(GB/T 4754-2017 codes joined by '|', where they come from): what is known of a unit's industry.

    A person's small class stands first, then the registered code where it is plausible 2017, then the model's class.
    Several codes mean that the class is known no closer, or that code and text speak against each other.
    """
    reading = read_code(industry_code, industry_text)
    registered = reading.code if reading.state != NONE else None
    if decided_by == BY_PERSON and outcome in IDENTIFIED and small_code in _small_codes():
        codes = _small_codes()[small_code]
        return next((c for c in (registered, gbt_code) if c in codes), None) or "|".join(codes), BY_PERSON
    if decided_by == BY_PERSON and outcome == "非文化":
        # A person's 非文化 takes a code back whose whole class is cultural: then nobody has said what the unit does.
        entry = standards.culture_of(registered or gbt_code or "")
        if entry is not None and not entry.partial:
            return "", NO_CLASS
    if registered is None:
        return (gbt_code, BY_MODEL) if gbt_code else ("", NO_CLASS)
    if gbt_code and gbt_code != registered:
        if any(a.code == registered for a in standards.ancestors(gbt_code)):
            return gbt_code, f"{BY_CODE}、{BY_MODEL}"  # a coarse code, made finer by the text
        if basis == "文本" and len(registered) == 4:
            return f"{registered}|{gbt_code}", f"{BY_CODE}、{BY_MODEL}"
    return registered, BY_CODE


def with_class(units: pl.DataFrame) -> pl.DataFrame:
    """The analysed units with `codes`, `code_source` and `division` (name of the 大类, null when unknown)."""
    frame = units.filter(pl.col("excluded").is_null())
    distinct = frame.select(_CLASS_KEYS).unique(maintain_order=True)
    found = [known_class(*row) for row in distinct.iter_rows()]
    codes = [c for c, _ in found]
    distinct = distinct.with_columns(
        pl.Series("codes", codes, dtype=pl.Utf8),
        pl.Series("code_source", [s for _, s in found], dtype=pl.Utf8),
        pl.Series("division", [_division(c) for c in codes], dtype=pl.Utf8),
    )
    return frame.join(distinct, on=_CLASS_KEYS, how="left", nulls_equal=True, maintain_order="left")


def _division(codes: str) -> str | None:
    names = {standards.division_name(c) for c in codes.split("|") if c}
    return names.pop() if len(names) == 1 else None


def combine(verdicts: Sequence[ScopeVerdict]) -> ScopeVerdict:
    """One verdict from those of each possible class: the common answer, or 待核定."""
    if not verdicts:
        return ScopeVerdict(OPEN, None, False, "行业不明，待核定")
    if len({v.answer for v in verdicts}) == 1:
        return verdicts[0]
    return ScopeVerdict(OPEN, None, False, "行业有几种可能，口径规定不一，待核定")


def _plans(scope: ScopeList, codes: Iterable[str]) -> dict[str, list[CodePlan]]:
    return {joined: [scope.plan(c) for c in joined.split("|") if c] for joined in codes}


def _row(verdict: ScopeVerdict) -> tuple[Any, ...]:
    rule = verdict.rule
    said = None if rule is None else f"{rule.kind} {rule.value if len(rule.value) <= 60 else rule.value[:59] + '…'}"
    return verdict.answer, verdict.by_text, rule.row if rule else None, said, verdict.reason


def judged(frame: pl.DataFrame, scope: ScopeList, stated: pl.DataFrame) -> pl.DataFrame:
    """`frame` (with codes and key) with the columns of a verdict; `stated` has key and stated text of those that need it."""
    plans = _plans(scope, frame["codes"].unique().to_list())
    fixed = {c: combine([p.judge(None) for p in ps]) for c, ps in plans.items() if all(p.decided for p in ps)}
    by_code = pl.DataFrame(
        [(c, *_row(v)) for c, v in fixed.items()], schema={"codes": pl.Utf8, **_VERDICT}, orient="row"
    )  # fmt: skip
    open_rows = frame.select("key", "codes").filter(~pl.col("codes").is_in(list(fixed)))
    pairs = open_rows.join(stated, on="key", how="left").select("key", "codes", "stated")
    words = sorted({word for ps in plans.values() for p in ps for word, _, _ in p.words})
    hit = pl.col("stated").str.contains_any(words) if words else pl.lit(False)
    distinct = pairs.select("codes", "stated").unique().with_columns(hit.alias("hit"))
    wordless: dict[str, tuple[Any, ...]] = {}  # a text with none of the list's words is judged once per class
    verdicts = []
    for c, t, found in distinct.iter_rows():
        silent = not found and t is not None and bool(t.strip())
        row = wordless.get(c) if silent else None
        if row is None:
            row = _row(combine([p.judge(t) for p in plans[c]]))
            if silent:
                wordless[c] = row
        verdicts.append((c, t, *row))
    by_text = pl.DataFrame(verdicts, schema={"codes": pl.Utf8, "stated": pl.Utf8, **_VERDICT}, orient="row")
    of_key = pairs.join(by_text, on=["codes", "stated"], how="left", nulls_equal=True).select("key", *_VERDICT)
    joined = frame.join(by_code, on="codes", how="left", maintain_order="left")
    joined = joined.join(of_key, on="key", how="left", suffix="_text", maintain_order="left")
    return joined.with_columns(pl.coalesce(c, f"{c}_text").alias(c) for c in _VERDICT).drop(f"{c}_text" for c in _VERDICT)


def stated_texts(frame: pl.DataFrame, lists: Sequence[ScopeList]) -> pl.DataFrame:
    """key and stated business scope of the units that some list decides by text; one pass over the register."""
    codes = frame["codes"].unique().to_list()
    wanted = {c for scope in lists for c, plans in _plans(scope, codes).items() if any(p.decided is None for p in plans)}
    keys = frame.filter(pl.col("codes").is_in(list(wanted)))["key"].to_list()
    texts: list[tuple[str, str | None]] = []
    # Many keys: one pass in the table's order is faster than thousands of look-ups.
    if len(keys) > 5000:
        query = Enterprise.objects.filter(current=True).values_list("key", "scope")
        among = set(keys)
        texts = [pair for pair in query.iterator(chunk_size=20_000) if pair[0] in among]
    else:
        for at in range(0, len(keys), 500):
            texts += Enterprise.objects.filter(key__in=keys[at : at + 500]).values_list("key", "scope")
    found = pl.DataFrame(texts, schema={"key": pl.Utf8, "stated": pl.Utf8}, orient="row")
    return found.with_columns(stated(pl.col("stated")).alias("stated"))


def stated(text: pl.Expr) -> pl.Expr:
    """standards' stated_text for a whole column."""
    bare = text.str.normalize("NFKC").str.replace_all(BRACKETS, "").str.replace_all(BRACKETS, "")
    return bare.str.replace_all(NEGATED, "")


def _national() -> pl.Expr:
    cultural = pl.col("outcome").is_in(IDENTIFIED)
    return (
        pl.when(cultural).then(pl.lit("文化")).when(pl.col("outcome") == "非文化").then(pl.lit("非文化")).otherwise(pl.lit("待核定"))
    )  # fmt: skip


def verdict_table(frame: pl.DataFrame, scope: ScopeList, stated: pl.DataFrame) -> pl.DataFrame:
    """The rows of one list over units `with_class`, in the columns of the snapshot table."""
    found = judged(frame, scope, stated).with_columns(_national().alias("national"))
    counted = pl.when(pl.col("national") == "文化").then(pl.col("major_name"))
    by_model = pl.col("code_source").str.contains(BY_MODEL, literal=True)
    # What a text or the model said is 初步识别, whatever rule it then met.
    settled = (
        pl.when(pl.col("answer") == OPEN).then(None).when(pl.col("by_text") | by_model).then(pl.lit("初步识别"))
        .otherwise(pl.col("code_source"))
    )  # fmt: skip
    reason = pl.when(by_model).then(pl.col("reason") + "；行业为系统识别").otherwise(pl.col("reason"))
    return found.select(
        *_UNIT,
        pl.lit(scope.digest[:10]).alias("list_id"),
        pl.lit(scope.name).alias("list_name"),
        pl.lit(scope.version).alias("list_version"),
        pl.lit(scope.digest).alias("list_digest"),
        *(c for c in _VERDICT if c != "reason"),
        reason.alias("reason"),
        settled.alias("settled_by"),
        "codes",
        "code_source",
        "division",
        "national",
        counted.otherwise(pl.lit("国家口径未计入")).alias("national_major"),
        ("国家口径" + pl.col("national") + "、本口径" + pl.col("answer")).alias("cross"),
    )


def build(paths: dict[str, Path]) -> Iterator[pa.Table]:
    """The table, from the units as they were written into this snapshot; empty but present without a list."""
    lists = scoping.in_force()
    about = json.dumps([_about(s) for s in lists], ensure_ascii=False).encode()
    frame = with_class(pl.read_parquet(paths["units"]))
    sent = False
    if lists:
        stated = stated_texts(frame, lists)
        for scope in lists:
            for part in frame.iter_slices(CHUNK):
                yield _arrow(verdict_table(part, scope, stated), about)
                sent = True
    if not sent:
        nobody = pl.DataFrame(schema={"key": pl.Utf8, "stated": pl.Utf8})
        yield _arrow(verdict_table(frame.head(0), standards.example_scope_list(), nobody), about)


def _arrow(frame: pl.DataFrame, about: bytes) -> pa.Table:
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.replace_schema_metadata({_METADATA: about})


def _about(scope: ScopeList) -> dict[str, Any]:
    return {
        "id": scope.digest[:10], "name": scope.name, "version": scope.version, "digest": scope.digest,
        "label": scope.label, "basis": scope.basis, "review_on": str(scope.review_on) if scope.review_on else None,
    }  # fmt: skip


def snapshot_facts(paths: dict[str, Path]) -> dict[str, Any]:
    """The lists that judged this snapshot, read from the table itself; its indicators follow from them."""
    if TABLE not in paths:
        return {}
    metadata = pq.read_schema(paths[TABLE]).metadata or {}
    return {"scope_lists": json.loads(metadata.get(_METADATA, b"[]"))}
