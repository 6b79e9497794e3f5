"""Normal forms of enterprise names, for comparing and blocking (never shown to a person)."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

_PUNCT = re.compile(r"[\s·•.,，。、\-—_'\"“”‘’《》<>〈〉【】\[\]（）()]+")
# Legal forms carry no identity: 某某有限公司 and 某某有限责任公司 name the same unit.
_FORMS = ("普通合伙", "有限合伙", "有限责任公司", "股份有限公司", "有限公司", "集团公司", "公司")
# 龙口市某厂 and 龙口某厂 are one: the marks of province, city, county and town are dropped near the start.
_PLACE_MARKS = re.compile(r"[省市县区镇]")
_NEAR_START = 8
ENDS_LIKE_COMPANY = r"(公司|集团|厂|社|院|所|中心|银行|合作社|学校|协会|企业|支行|分店|合伙\)?|合伙）?)$"


def normal_name(name: str) -> str:
    """NFKC, upper case, no punctuation or blanks."""
    return _PUNCT.sub("", unicodedata.normalize("NFKC", name)).upper()


def core_name(name: str) -> str:
    """The normal name without its legal form and without place marks among its first eight characters."""
    text = normal_name(name)
    text = _PLACE_MARKS.sub("", text[:_NEAR_START]) + text[_NEAR_START:]
    for form in _FORMS:
        if text.endswith(form) and len(text) > len(form) + 1:
            text = text[: -len(form)]
    return text


def normal_name_expr(column: str) -> pl.Expr:
    """`normal_name` over a polars column whose values are already NFKC-folded by the reader."""
    return pl.col(column).str.to_uppercase().str.replace_all(_PUNCT.pattern, "")


def core_names(names: pl.Series) -> pl.Series:
    """`core_name` of every normal name (see `normal_name_expr`)."""
    name = pl.col("text")
    frame = pl.DataFrame({"text": names}).with_columns(
        name.str.slice(0, _NEAR_START).str.replace_all(_PLACE_MARKS.pattern, "") + name.str.slice(_NEAR_START)
    )
    for form in _FORMS:
        ends = name.str.ends_with(form) & (name.str.len_chars() > len(form) + 1)
        frame = frame.with_columns(pl.when(ends).then(name.str.head(-len(form))).otherwise(name).alias("text"))
    return frame.get_column("text")
