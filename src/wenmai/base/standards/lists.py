"""Smaller lists beside the national culture scope: a policy's class list, tourism codes (unverified), major
8 of 战新.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .tables import is_true, read_rows


@dataclass(frozen=True, slots=True)
class PolicyClass:
    """A class that a policy names; `group` is new_form (16) or digital_core (8)."""

    number: int
    name: str
    gbt_code: str
    partial: bool
    group: str


@dataclass(frozen=True, slots=True)
class TourismClass:
    """A class that one practitioner counts as tourism, wholly (full) or partly. UNVERIFIED: not for
    publication.
    """

    gbt_code: str
    gbt_name: str
    coverage: str
    listed_as: str


@lru_cache(maxsize=1)
def digital_culture_ningbo() -> tuple[PolicyClass, ...]:
    """The 24 classes of Ningbo's 2024 digital-culture fund guide: an example of a policy scope, not a
    standard.
    """
    return tuple(
        PolicyClass(int(r["no"]), r["name"], r["gbt_code"], is_true(r["partial"]), r["group"])
        for r in read_rows("digital_culture_ningbo_2024.csv")
    )


@lru_cache(maxsize=1)
def tourism_unverified() -> tuple[TourismClass, ...]:
    """180 GB/T classes from one SQL file; 待确认, figures from it must not be published."""
    return tuple(TourismClass(**r) for r in read_rows("tourism_2018_codes_unverified.csv"))


@lru_cache(maxsize=1)
def strategic_major8() -> tuple[tuple[str, str], ...]:
    """(code, name) of 战略性新兴产业分类（2018） major 8 数字创意产业 and its four parts; no product
    level.
    """
    return tuple((r["code"], r["name"]) for r in read_rows("strategic_emerging_2018_major8.csv"))
