"""Normal forms of enterprise names, for comparing and blocking (never shown to a person)."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

_PUNCT = re.compile(r"[\s·•.,，。、\-—_'\"“”‘’《》<>〈〉【】\[\]（）()]+")
# Legal forms carry no identity: 某某有限公司 and 某某有限责任公司 name the same unit.
_FORMS = ("有限责任公司", "股份有限公司", "有限公司", "集团公司", "公司")
ENDS_LIKE_COMPANY = r"(公司|集团|厂|社|院|所|中心|银行|合作社|学校|协会|企业|支行|分店|合伙\)?|合伙）?)$"


def normal_name(name: str) -> str:
    """NFKC, upper case, no punctuation or blanks."""
    return _PUNCT.sub("", unicodedata.normalize("NFKC", name)).upper()


def core_name(name: str) -> str:
    """The normal name without its legal form."""
    text = normal_name(name)
    for form in _FORMS:
        if text.endswith(form) and len(text) > len(form) + 1:
            return text[: -len(form)]
    return text


def normal_name_expr(column: str) -> pl.Expr:
    """`normal_name` over a polars column whose values are already NFKC-folded by the reader."""
    return pl.col(column).str.to_uppercase().str.replace_all(_PUNCT.pattern, "")
