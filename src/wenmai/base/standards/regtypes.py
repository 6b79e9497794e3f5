"""市场主体类型代码: the four-digit market-entity type codes of registration systems (166 codes)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from .tables import is_true, read_rows


@dataclass(frozen=True, slots=True)
class RegistrationType:
    """One type. `kind` is domestic, foreign, hmt (港澳台), group, farmer_cooperative, individual_business,
    ….

    `unit_type` is 企业法人, 分支机构, 个体工商户, 其他 (partnerships, sole proprietorships and others that
    are no enterprise legal person), or None for a heading that holds several of them.
    """

    code: str
    parent: str
    level: int
    name: str
    top_group: str
    kind: str
    is_company: bool
    is_branch: bool
    full_lists_agreeing: int
    unit_type: str | None


# Level-1 headings whose members differ in unit type.
_MIXED_HEADINGS = {"4000", "5000", "6000", "7000", "9000"}


def _unit_type(row: dict[str, str]) -> str | None:
    if row["code"] in _MIXED_HEADINGS:
        return None
    if is_true(row["is_branch"]):
        return "分支机构"
    if row["kind"] == "individual_business":
        return "个体工商户"
    # 1000 is the heading of companies; 3xxx are by their heading 内资企业法人 that are not companies; the
    # other non-companies are not legal persons.
    if is_true(row["is_company"]) or row["code"].startswith("3") or row["code"] == "1000":
        return "企业法人"
    return "其他"


@lru_cache(maxsize=1)
def registration_types() -> tuple[RegistrationType, ...]:
    """All 166 types in code order."""
    return tuple(
        RegistrationType(
            code=r["code"],
            parent=r["parent"],
            level=int(r["level"]),
            name=r["name"],
            top_group=r["top_group"],
            kind=r["kind"],
            is_company=is_true(r["is_company"]),
            is_branch=is_true(r["is_branch"]),
            full_lists_agreeing=int(r["full_lists_agreeing"]),
            unit_type=_unit_type(r),
        )
        for r in read_rows("registration_types.csv")
    )


@lru_cache(maxsize=1)
def _by_code() -> dict[str, RegistrationType]:
    return {t.code: t for t in registration_types()}


def registration_type(code: str) -> RegistrationType | None:
    """The type with this four-digit code, or None (registers also hold 9999, 0450 and 1154, which no list
    explains).
    """
    return _by_code().get(code.strip())


def _key(text: str) -> str:
    key = re.sub(r"[\s、,，]", "", unicodedata.normalize("NFKC", text))
    return key.replace("台港澳", "港澳台").replace("一人有限责任公司(", "有限责任公司(")


@lru_cache(maxsize=1)
def _by_name() -> dict[str, tuple[RegistrationType, ...]]:
    names: dict[str, list[RegistrationType]] = {}
    for item in registration_types():
        names.setdefault(_key(item.name), []).append(item)
    return {key: tuple(items) for key, items in names.items()}


def registration_types_named(text: str) -> tuple[RegistrationType, ...]:
    """Every type with this name (brackets, commas and the order 台港澳 folded); a name such as 其他 has
    several.
    """
    return _by_name().get(_key(text), ())


def registration_unit_type(text: str) -> str | None:
    """企业法人, 分支机构, 个体工商户 or 其他 for a type's name; None when no type, or types that differ,
    bear it.
    """
    kinds = {t.unit_type for t in registration_types_named(text)}
    return kinds.pop() if len(kinds) == 1 else None
