"""A branch's name begins with the name of the legal person it belongs to: that is where its parent is found.

The rules of name registration say so (企业名称登记管理规定, 2020, article 13; from memory, to be confirmed: 待确认): a
branch's name is its enterprise's name, then 分公司, 分厂, 分店 or the like. So the parent's
name is the part up to the last legal form that is not itself part of 分公司 or 支公司. Nothing is guessed from a
shorter form: a name without a legal form inside gives no parent.
Measured on the real registers: docs/methods/identity.md.
"""

from __future__ import annotations

import re

import polars as pl

# Limited companies and partnerships: the endings that only a legal person's or partnership's full name has.
_STRONG = re.compile(r"有限责任公司|股份有限公司|有限公司|[（(](?:普通合伙|特殊普通合伙|有限合伙)[）)]|合伙企业")
# Older forms (全民所有制, 集体所有制): used when there is none of the above.
_WEAK = re.compile(r"(?<![分支])公司|总厂|集团|供销合作社|供销社|合作联社|合作社|工程局|事务所|研究院|设计院|(?<![分支])厂|银行|商店|商场|书店")
_OPENING, _CLOSING = "（(", "）)"
_SHORTEST = 4  # shorter than this no enterprise name is


def parent_names(name: str) -> list[str]:
    """Possible names of the parent of a branch called `name`, the longest first; none for a name that holds none.

    '某某有限公司重庆分公司' → ['某某有限公司']; '甲股份有限公司乙有限公司丙支行' → both, the longer one first. The name
    itself is never an answer, nor a part that ends inside brackets.
    """
    text = name.strip()
    for forms in (_STRONG, _WEAK):
        found = [text[: hit.end()] for hit in forms.finditer(text) if _is_name(text, hit.end())]
        if found:
            return found[::-1]
    return []


def _is_name(text: str, end: int) -> bool:
    """Whether text[:end] can be a name by itself: long enough, not all of it, and no bracket left open."""
    part, rest = text[:end], text[end:]
    opened = sum(part.count(c) for c in _OPENING) - sum(part.count(c) for c in _CLOSING)
    return bool(rest.strip(_OPENING + _CLOSING)) and len(part) >= _SHORTEST and opened == 0


def parents(branches: pl.DataFrame, register: pl.DataFrame, other_names: pl.DataFrame) -> pl.DataFrame:
    """(id, parent_name, parent_id) of each branch: the parent as far as its name tells, and who that is in the register.

    `branches`: id, name. `register`: id, name of enterprises that may be parents (no branches); `other_names`: id, name
    (former names and variants), looked at when no enterprise bears the name now. Of the possible names the first that
    exactly one enterprise bears decides; otherwise parent_name is the longest and parent_id null. An equal name borne by
    two enterprises links to neither.
    """
    rows = [(id_, at, name) for id_, own in branches.select("id", "name").iter_rows() for at, name in enumerate(parent_names(own or ""))]
    possible = pl.DataFrame(rows, schema={"id": pl.Int64, "at": pl.Int64, "parent_name": pl.Utf8}, orient="row")
    single = [
        frame.group_by(pl.col("name").alias("parent_name")).agg(pl.col("id").unique().alias("ids"))
        .filter(pl.col("ids").list.len() == 1).select("parent_name", pl.col("ids").list.first().alias(into))
        for frame, into in ((register, "now"), (other_names, "once"))
    ]  # fmt: skip
    for frame in single:
        possible = possible.join(frame, on="parent_name", how="left", maintain_order="left")
    possible = possible.with_columns(pl.coalesce("now", "once").alias("parent_id")).with_columns(
        pl.when(pl.col("parent_id") != pl.col("id")).then("parent_id").alias("parent_id")
    )
    chosen = possible.sort("id", pl.col("parent_id").is_null(), "at").unique("id", keep="first", maintain_order=True)
    return branches.select("id").join(chosen.select("id", "parent_name", "parent_id"), on="id", how="left", maintain_order="left")
