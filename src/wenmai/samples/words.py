"""Word lists of the sample: the invented place, trades with their scope wording, register phrases."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from wenmai.base.standards.tables import read_rows

LONGEST_PHRASE = 30
# Lines of business that no ordinary unit of a district has; drawn at random they would look absurd.
RARE = tuple("枪爆核煤矿") + (
    "放射",
    "海洋",
    "海底",
    "石油",
    "天然气",
    "航空",
    "航天",
    "卫星",
    "烟草",
    "铁路",
    "民航",
    "船",
    "危险",
    "军",
)


@dataclass(frozen=True, slots=True)
class Trade:
    """A line of business: culture major class ('' = not culture), starred or not, weight among its kind.

    `codes` are classes of GB/T 4754-2017, `codes_2011` of the 2011 edition (may be empty), `section` its
    letter, `name_words` words for names, `phrases` its own scope wording.
    """

    key: str
    major: str
    starred: bool
    weight: int
    codes: tuple[str, ...]
    codes_2011: tuple[str, ...]
    section: str
    name_words: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Park:
    """An invented park; `level` is 省级/区级/未定级, `valid_to` an ISO date or ''; area in square metres."""

    name: str
    short: str
    level: str
    street: str
    document: str
    valid_to: str
    area_m2: int


def _data_text(name: str) -> str:
    return (files(__package__) / "data" / name).read_text(encoding="utf-8")


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The file words.json: place, streets, roads, syllables, misspellings, ways to write 'missing'."""
    content: dict[str, Any] = json.loads(_data_text("words.json"))
    return content


@lru_cache(maxsize=1)
def parks() -> tuple[Park, ...]:
    """The five parks, the two of province level first."""
    return tuple(Park(**park) for park in words()["parks"])


@lru_cache(maxsize=1)
def trades() -> tuple[Trade, ...]:
    """Every trade of trades.csv in file order."""
    return tuple(
        Trade(
            key=row["key"],
            major=row["major"],
            starred=row["starred"] == "1",
            weight=int(row["weight"]),
            codes=_split(row["codes"]),
            codes_2011=_split(row["codes_2011"]),
            section=row["section"],
            name_words=_split(row["name_words"]),
            phrases=_split(row["phrases"]),
        )
        for row in csv.DictReader(_data_text("trades.csv").splitlines())
    )


@lru_cache(maxsize=1)
def phrases_by_section() -> dict[str, tuple[str, ...]]:
    """Registration phrases by section letter; those over 30 characters and rare ones are left out."""
    grouped: dict[str, list[str]] = {}
    for row in read_rows("business_scope_phrases.csv"):
        if len(row["phrase"]) <= LONGEST_PHRASE and not any(word in row["phrase"] for word in RARE):
            grouped.setdefault(row["section_code"], []).append(row["phrase"])
    return {section: tuple(phrases) for section, phrases in grouped.items()}
