"""国家级非物质文化遗产代表性项目名录: ten categories and 3,610 sub-items (without item number, batch and
year).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .tables import read_rows


@dataclass(frozen=True, slots=True)
class IchCategory:
    """One of the ten categories with its Roman number and its count of national sub-items."""

    number: int
    roman: str
    name: str
    national_subitems: int


@dataclass(frozen=True, slots=True)
class IchItem:
    """One sub-item. `province` is '' where the applicant is a body; `region` is the name at the time of
    listing.
    """

    seq: int
    name: str
    category_number: int
    category: str
    province: str
    region: str
    protecting_unit: str


@lru_cache(maxsize=1)
def ich_categories() -> tuple[IchCategory, ...]:
    """The ten categories in their official order."""
    return tuple(
        IchCategory(int(r["category_no"]), r["roman"], r["name"], int(r["national_subitems"])) for r in read_rows("ich_categories.csv")
    )


@lru_cache(maxsize=1)
def ich_items() -> tuple[IchItem, ...]:
    """All 3,610 national sub-items in list order."""
    return tuple(
        IchItem(
            seq=int(r["seq"]),
            name=r["name"],
            category_number=int(r["category_no"]),
            category=r["category"],
            province=r["province"],
            region=r["region"],
            protecting_unit=r["protecting_unit"],
        )
        for r in read_rows("ich_national.csv")
    )


def ich_of(province: str | None = None, category: str | None = None) -> tuple[IchItem, ...]:
    """Sub-items of a province (full name, e.g. 贵州省) and/or a category name; 83 items have no province."""
    return tuple(i for i in ich_items() if (province is None or i.province == province) and (category is None or i.category == category))
