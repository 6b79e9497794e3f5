"""Which rows of a sheet are no enterprises: totals, notes under the table, heads repeated on a new page."""

from __future__ import annotations

import polars as pl

from wenmai.base.standards import uscc

from .columns import half_width
from .model import HEAD_ROW, NOTE_ROW, TOTAL_ROW

_TOTAL = r"^\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)(?:[（(：:].*)?\s*$"
_NOTE = (
    r"^\s*(?:(?:备\s*)?注\s*[:：]|说\s*明\s*[:：]|附\s*注|填表(?:人|说明|单位|日期)|制表(?:人|单位|部门|日期|时间|\s*[:：]|\s|$)"
    r"|审核(?:人)?\s*[:：]|复核(?:人)?\s*[:：]"
    r"|单位负责人|统计负责人|报出日期|(?:数据|资料)来源|共\s*[计有]?\s*[0-9]+\s*[家户条个]|(?:截至|截止).{4,20}$"
    r"|打印(?:时间|日期)|导出(?:时间|日期)|第\s*[0-9]+\s*页(?:[\s,，/／、;；共（(]|$)|(?:查询|下载)(?:时间|日期))"
)
_SERIAL = r"^\s*[0-9]{1,7}\s*$"
# A registered name ends in a legal form and holds no colon; 制表单位：某某有限公司 and 共 3 家公司 are notes.
_COMPANY = (
    r"^[^:：]{2,}(?:公司|集团|厂|社|院|所|中心|银行|学校|协会|合伙企业|个人独资企业|支行|[分门商书]店|工作室|经营部|营业部"
    r"|[（(](?:普通合伙|特殊普通合伙|有限合伙|个人独资|个体工商户)[）)])\s*$"
)
_COUNTED = r"^\s*(?:共\s*[计有]?\s*[0-9]+\s*[家户条个]|截至|截止)"
_CODE = r"\b([0-9A-Z]{18})\b"


def note_kinds(frame: pl.DataFrame, titles: list[str], names: list[int]) -> pl.Series:
    """Of each row of `frame` (row, c0…): 合计行, 说明行, 重复的表头, or null for a row of data.

    `names`: positions of the columns that hold enterprise names. A word for a total counts in the first filled cell
    (behind a serial number too), or in the first three columns of a row that names nobody. A row with a valid credit
    code, or with a company's name where names stand, is never a total or a note, whatever else it holds.
    """
    width = len(titles)
    texts = [pl.col(f"c{at}") for at in range(width)]
    first = pl.coalesce(texts)
    unnumbered = pl.coalesce([_no_serial(text) for text in texts[:3]])
    nobody = pl.all_horizontal([_no_total(pl.col(f"c{at}")).is_null() for at in names]) if names else pl.lit(True)
    anywhere = pl.any_horizontal([text.str.contains(_TOTAL) for text in texts[:3]])
    total = first.str.contains(_TOTAL) | unnumbered.str.contains(_TOTAL) | (anywhere & nobody)
    filled = pl.sum_horizontal([text.is_not_null().cast(pl.Int32) for text in texts])
    note = first.str.contains(_NOTE) & (filled <= max(2, width // 3))
    again = [pl.col(f"c{at}") == title for at, title in enumerate(titles) if title]
    repeated = pl.all_horizontal(again).fill_null(False) if len(again) > 1 else pl.lit(False)
    kind = pl.when(total.fill_null(False)).then(pl.lit(TOTAL_ROW)).when(note.fill_null(False)).then(pl.lit(NOTE_ROW))
    kinds = frame.lazy().select(kind.when(repeated).then(pl.lit(HEAD_ROW)).otherwise(None).alias("kind")).collect().to_series()
    suspects = kinds.is_in([TOTAL_ROW, NOTE_ROW]).fill_null(False)
    if not suspects.any():
        return kinds
    spared = suspects.arg_true().filter(_enterprises(frame.filter(suspects), width, names))
    return kinds.scatter(spared, pl.Series([None] * spared.len(), dtype=pl.String))


def _no_serial(text: pl.Expr) -> pl.Expr:
    return pl.when(~text.str.contains(_SERIAL)).then(text)


def _no_total(text: pl.Expr) -> pl.Expr:
    return pl.when(~text.str.contains(_TOTAL)).then(text)


def _enterprises(frame: pl.DataFrame, width: int, names: list[int]) -> pl.Series:
    """Whether each of a few rows names an enterprise: a valid code anywhere, or a company's name in a name column."""
    cells = [half_width(pl.col(f"c{at}")).str.to_uppercase().str.strip_chars().alias(f"c{at}") for at in range(width)]
    tidy = frame.select(cells)
    found = pl.Series([False] * frame.height, dtype=pl.Boolean)
    for name in tidy.columns:
        codes = tidy[name].str.extract(_CODE)
        if codes.is_not_null().any():
            found = found | pl.Series(uscc.valid_mask(codes.to_list()), dtype=pl.Boolean)
    for at in names:
        text = tidy[f"c{at}"]
        found = found | (text.str.contains(_COMPANY) & ~text.str.contains(_COUNTED)).fill_null(False)
    return found
