"""Vectorised cleaning of text columns: half-width, spaces, unknown marks, codes, unit kinds, streets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from .values import UNKNOWN

_UNKNOWN = sorted(UNKNOWN)
_FULL = [chr(0xFF01 + at) for at in range(94) if chr(0x21 + at) not in "!,:;?~"] + [
    "\u3000",
    "\u00a0",
    "\u200b",
    "\ufeff",
]
_HALF = [chr(0x21 + at) for at in range(94) if chr(0x21 + at) not in "!,:;?~"] + [" ", " ", "", ""]


def known(text: pl.Expr) -> pl.Expr:
    """Trimmed text; null where it is a mark for unknown."""
    trimmed = text.str.strip_chars(" \t\r\n\u3000\u00a0\ufeff")
    return pl.when(trimmed.is_in(_UNKNOWN)).then(None).otherwise(trimmed)


def half_width(text: pl.Expr) -> pl.Expr:
    """Letters, digits, brackets and signs to half width; other Chinese punctuation (，、；：。) stays."""
    return text.str.replace_many(_FULL, _HALF)


def without_spaces(text: pl.Expr) -> pl.Expr:
    """No white space beside a Chinese character, single spaces elsewhere ('万  科A' -> '万科A')."""
    tight = text.str.replace_all(r"([^\x00-\x7f])\s+", "$1").str.replace_all(r"\s+([^\x00-\x7f])", "$1")
    return tight.str.replace_all(r"\s+", " ").str.strip_chars()


def distinct_map(values: pl.Series, function: Callable[[str], Any], schema: dict[str, Any]) -> pl.DataFrame:
    """`function` applied once per distinct value; its outputs as columns of `schema`, aligned with `values`.

    A one-column schema takes the bare output, a wider one takes tuples.
    """
    distinct = values.drop_nulls().unique()
    outputs = [function(value) for value in distinct]
    table = {"_key": distinct}
    for at, (name, dtype) in enumerate(schema.items()):
        column = outputs if len(schema) == 1 else [output[at] for output in outputs]
        table[name] = pl.Series(name, column, dtype=dtype)
    lookup = pl.DataFrame(table)
    keys = pl.DataFrame({"_key": values.cast(pl.String)})
    return keys.join(lookup, on="_key", how="left", maintain_order="left").drop("_key")


LOST_DIGITS = r"^[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,3}$"


def code_columns(text: pl.Series) -> pl.DataFrame:
    """Of a column of codes: `text` tidied, `code18`, `code15` (13 or 15 digits), `several`, `lost`."""
    tidy = half_width(known(pl.col("text"))).str.to_uppercase().str.strip_chars("'`\"")
    frame = pl.DataFrame({"text": text}).lazy().with_columns(known(tidy).alias("text"))
    compact = pl.col("text").str.replace_all(r"[\s\-'`\"]", "")
    frame = frame.with_columns(
        pl.coalesce(
            compact.str.extract(r"^([0-9A-Z]{18})$"), pl.col("text").str.extract(r"\b([0-9A-Z]{18})\b")
        ).alias("code18"),
        pl.coalesce(
            compact.str.extract(r"^([0-9]{15}|[0-9]{13})$"),
            pl.col("text").str.extract(r"\b([0-9]{15}|[0-9]{13})\b"),
        ).alias("code15"),
        (pl.col("text").str.count_matches(r"\b(?:[0-9A-Z]{18}|[0-9]{15})\b") > 1)
        .fill_null(False)
        .alias("several"),
        pl.col("text").str.contains(LOST_DIGITS).fill_null(False).alias("lost"),
    )
    return frame.collect()


_BRANCH_TYPE = r"分公司|分支机构|分店|分厂|\(非法人\)|（非法人）"
_BRANCH_NAME = r"(?:分公司|分店|分厂|分社|分部|分行|支行|分理处|办事处|营业部|营业所|支公司|储蓄所)$"
# What the column of unit types says, in this order; a word that is none of these leaves the code and the name to tell.
_GIVEN_BRANCH = r"分支|产业活动|分公司|支公司|分店|分厂|分部|非法人(?:$|[^企])"
_GIVEN_NO_FIRM = (
    r"机关|事业|社会团体|社会组织|社团|非企业|社会服务机构|基金会|宗教|村委|居委|工会|专业合作|代表机构|学校|医院|^其他$|其他(?:法人|单位|组织|机构)"
)
_GIVEN_FIRM = r"(?:^|[^非])企业法人|^法人企业$|^企业$|公司"
_LEGAL_TYPE = r"公司|企业|所有制|经济|合作制|合伙|法人|独资|联营"


def unit_type(code: pl.Expr, reg_type: pl.Expr, name: pl.Expr, given: pl.Expr) -> pl.Expr:
    """企业法人, 分支机构, 个体工商户, 其他 or null.

    From the column given by the office as far as its word is understood (非法人企业 is a partnership or sole
    proprietorship, unless its name or type is a branch's); then the second character of the code (GB 32100: 91 enterprise,
    92 sole trader, 93 farmers' cooperative; other departments are not enterprises), the registered type, the
    ending of the name. 个人独资 and 合伙 count as 企业法人 in the statistical sense of a unit.
    """
    kind = code.str.slice(0, 2)
    branch_type = reg_type.str.contains(_BRANCH_TYPE).fill_null(False)
    sole_type = reg_type.str.contains("个体").fill_null(False)
    legal_type = reg_type.str.contains(_LEGAL_TYPE).fill_null(False)
    office = reg_type.str.contains("代表机构").fill_null(False) | name.str.contains("代表处$").fill_null(
        False
    )
    cooperative = reg_type.str.contains("专业合作").fill_null(False)
    company = name.str.contains(r"公司$").fill_null(False)
    branch_name = name.str.contains(_BRANCH_NAME).fill_null(False)
    return (
        pl.when(given.str.contains("个体")).then(pl.lit("个体工商户"))
        .when(given.str.contains(_GIVEN_BRANCH)).then(pl.lit("分支机构"))
        .when(given.str.contains(_GIVEN_FIRM)).then(pl.lit("企业法人"))
        .when(given.str.contains(_GIVEN_NO_FIRM)).then(pl.lit("其他"))
        .when(kind == "92").then(pl.lit("个体工商户"))
        .when(kind.is_not_null() & ~kind.is_in(["91", "92"])).then(pl.lit("其他"))
        .when(office | cooperative).then(pl.lit("其他"))
        .when(branch_type).then(pl.lit("分支机构"))
        .when(sole_type & kind.is_null()).then(pl.lit("个体工商户"))
        .when(branch_name & ~legal_type).then(pl.lit("分支机构"))
        .when((kind == "91") | legal_type | company | given.str.contains("企业|独资|合伙").fill_null(False)).then(pl.lit("企业法人"))
        .otherwise(None)
    )  # fmt: skip


_STREET = (
    r"^(?:\p{Han}{2,7}?(?:省|自治区))?(?:\p{Han}{1,8}?(?:市|自治州|地区|盟))?(?:[^\x00-\x7f市区县旗]{1,10}?(?:市|区|县|旗)){0,3}"
    r"([^\x00-\x7f省市区县旗路号（）、，。]{1,8}?(?:街道|镇|乡))(?:[^市县区海江企街]|$)"
)


def street(address: pl.Expr) -> pl.Expr:
    """街道, 镇 or 乡 of an address that runs from the province down; null where it names none."""
    return address.str.extract(_STREET)


def first_known(frame: pl.DataFrame, positions: Sequence[int], tidy: bool = False) -> pl.Series:
    """First known value of several columns, best column first; all null when there is no column.

    Trimmed; with `tidy` also half width, canonically composed and without spaces beside Chinese characters.
    """
    result = pl.Series("value", [None] * frame.height, dtype=pl.String)
    for rank, at in enumerate(positions):
        cells = _trimmed(frame.get_column(f"c{at}").alias("value"))
        if tidy:
            cells = _on_rows(cells, cells.str.contains(_UNTIDY), lambda text: known(_tidied(text)))
        result = cells if rank == 0 else pl.select(pl.coalesce(result, cells)).to_series()
    return result.alias("value")


#: White space, full-width forms, combining marks, compatibility ideographs: few rows hold any.
_UNTIDY = r"[\s\x{200b}\x{feff}\x{ff01}-\x{ff5e}\x{0300}-\x{036f}\x{f900}-\x{faff}]"


def _tidied(text: pl.Expr) -> pl.Expr:
    return without_spaces(half_width(text).str.normalize("NFC"))


def _trimmed(cells: pl.Series) -> pl.Series:
    """known() that copies only the rows it changes: scopes are most of a file's memory."""
    edges = cells.str.head(1).str.contains(_EDGE) | cells.str.tail(1).str.contains(_EDGE)
    cells = _on_rows(cells, edges, known)
    marks = cells.is_in(_UNKNOWN)
    if not marks.any():
        return cells
    return pl.select(pl.when(marks).then(None).otherwise(cells).alias("value")).to_series()


_EDGE = r"[\s\x{feff}]"


def _on_rows(cells: pl.Series, mask: pl.Series, change: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """`change` applied to the rows of the mask only."""
    mask = mask.fill_null(False)
    if not mask.any():
        return cells
    changed = (
        pl.DataFrame({"value": cells.filter(mask)}).select(change(pl.col("value")).alias("value")).to_series()
    )
    return cells.scatter(mask.arg_true(), changed)


def streets(address: pl.Series) -> pl.Series:
    """street() of every address; only those with one of the three words are searched."""
    found = address.str.contains_any(["街道", "镇", "乡"]).fill_null(False)
    blank = pl.select(pl.when(found).then(address).otherwise(None).alias("value")).to_series()
    return _on_rows(blank, found, street)
