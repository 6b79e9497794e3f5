"""Values of the ledgers as people read and write them: fen, permille, dates, choices."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.db import models

from wenmai.base.values import InputError

WAN = 1_000_000  # fen in 10,000 yuan
# Field → fen per written unit. The verbose name of the field says the unit.
FEN = {"rent_fen": 100, "total_fen": WAN, "plan_fen": WAN, "actual_fen": WAN, "sales_fen": WAN}
LARGEST_FEN = 10**17
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?(?: 00:00(?::00)?)?$")


def fen(name: str, text: str) -> int:
    """Written money to fen. InputError for what is no amount, or has a part of a fen."""
    factor = FEN[name]
    try:
        value = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise InputError(f"“{text}”不是金额", remedy="只填数字") from error
    if not value.is_finite() or value < 0 or value * factor > LARGEST_FEN:
        raise InputError(f"“{text}”超出可记录的范围", remedy="请填不小于 0 的数，并核对单位")
    whole = value * factor
    if whole != whole.to_integral_value():
        raise InputError(f"“{text}”不足一分", remedy=f"最多 {6 if factor == WAN else 2} 位小数")
    return int(whole)


def money(value: int | None, factor: int = WAN) -> str | None:
    """Fen as written: 12345600 → 12.3456 (万元)."""
    if value is None:
        return None
    return f"{(Decimal(value) / factor).normalize():,f}"


def wan(value: int | None) -> Decimal | None:
    """Fen as a number of 万元, for tables."""
    return None if value is None else (Decimal(value) / WAN).normalize()


def permille(text: str) -> int:
    """A share written in percent to permille."""
    try:
        value = Decimal(text.replace("%", "").replace("％", "").strip()) * 10
    except InvalidOperation as error:
        raise InputError(f"“{text}”不是比例", remedy="请填 0—100 的数") from error
    if not value.is_finite() or not 0 <= value <= 1000 or value != value.to_integral_value():
        raise InputError(f"“{text}”不在 0—100 内，或超过一位小数", remedy="请填 0—100 的数，最多一位小数")
    return int(value)


def percent(value: Fraction | int | None, digits: int = 1) -> str | None:
    """A share as 71.4%, half up; an int is permille."""
    if value is None:
        return None
    share = Fraction(value, 1000) if isinstance(value, int) else value
    scaled = share * 100 * 10**digits
    whole = int(abs(scaled) + Fraction(1, 2))
    text = f"{whole // 10**digits}.{whole % 10**digits:0{digits}d}" if digits else str(whole)
    return ("-" if scaled < 0 and whole else "") + text + "%"


def bar(value: Fraction | None) -> str | None:
    """A share as shape and text: ■■□□□ 45.8%; full only when it is done."""
    if value is None:
        return None
    full = max(0, min(5, int(value * 5)))
    return "■" * full + "□" * (5 - full) + f" {percent(value)}"


def day(text: str) -> date:
    """2024-03-01, 2024/3/1, 2024年3月1日; a month alone is refused, since it would invent a day."""
    match = _DAY.match(text.strip())
    if match is None and re.fullmatch(r"\d{8}", text.strip()):
        clean = text.strip()
        match = _DAY.match(f"{clean[:4]}-{clean[4:6]}-{clean[6:]}")
    try:
        if match is None or match[3] is None:
            raise ValueError
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise InputError(f"日期“{text}”无法识别", remedy="请写成 2026-01-31 的样子") from error
    if not 1900 <= found.year <= 2100:
        raise InputError(f"日期“{text}”不合常理", remedy="请核对年份")
    return found


def shown(record: Any, name: str) -> str | None:
    """The value of a field as the history and the pages show it; None when unknown."""
    value = getattr(record, name)
    field = record._meta.get_field(name)
    if value is None or value == "":
        return None
    if name in FEN:
        return money(value, FEN[name])
    if name == "permille":
        return percent(value)
    if isinstance(field, models.ForeignKey):
        return label(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "；".join(str(c.get("words") or c.get("measure")) for c in value)
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return str(value)


def label(thing: Any) -> str:
    """A related thing in one word: ledger rows by their own label, organisations by name."""
    from wenmai.rooms.records.models.base import Record

    if isinstance(thing, Record):
        from wenmai.rooms.records.kinds import kind_of

        return kind_of(thing).label(thing)
    return str(getattr(thing, "name", thing))
