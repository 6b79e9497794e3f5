"""GB/T 4754-2017 国民经济行业分类 (state after amendment no. 1, 2019): 20 sections, 97 divisions, 473
groups, 1,382 classes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from .tables import read_rows

EDITION = "GB/T 4754-2017"
LEVELS = ("section", "division", "group", "class")
# "8090.0" is what a spreadsheet makes of a class code; with four digits left nothing was lost.
_CODE = re.compile(r"([A-T])?(\d{2,4})(?:\.0)?")
_GLUED = re.compile(r"^(?:[A-T]?(\d{2})?[-:]?)(.*?)[(]?(\d{2})?[)]?$")


@dataclass(frozen=True, slots=True)
class Industry:
    """One item of the classification. `level` is section/division/group/class; `parent` is '' for a
    section.
    """

    code: str
    level: str
    name: str
    parent: str
    section: str
    name_before_2019: str
    variant_names: tuple[str, ...]
    sources_agreeing: str


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Industry]:
    items: dict[str, Industry] = {}
    for row in read_rows("gbt4754_2017.csv"):
        items[row["code"]] = Industry(
            code=row["code"],
            level=row["level"],
            name=row["name"],
            parent=row["parent"],
            section=row["section"],
            name_before_2019=row["name_before_2019"],
            variant_names=tuple(v for v in row["variant_names"].split("|") if v),
            sources_agreeing=row["sources_agreeing"],
        )
    return items


def normalise_code(code: str) -> str | None:
    """The bare code of '8810', 'R8810' or 'R'; None when the text is no code or the letter contradicts the
    digits.

    A missing leading zero is never put back: '111' is a group of division 11, not class 0111.
    """
    text = unicodedata.normalize("NFKC", code).strip().upper()
    if len(text) == 1 and "A" <= text <= "T":
        return text
    match = _CODE.fullmatch(text)
    if match is None or (text.endswith(".0") and len(match.group(2)) != 4):
        return None
    letter, digits = match.groups()
    item = _by_code().get(digits)
    if letter and item is not None and item.section != letter:
        return None
    return digits


def industry(code: str) -> Industry | None:
    """The item of GB/T 4754-2017 with this code (section letter, 2, 3 or 4 digits; 'R8810' is read as
    8810).
    """
    bare = normalise_code(code)
    return None if bare is None else _by_code().get(bare)


@lru_cache(maxsize=8)
def industries(level: str | None = None) -> tuple[Industry, ...]:
    """All items in code order of the standard, or those of one level (section, division, group, class)."""
    if level is not None and level not in LEVELS:
        raise ValueError(f"level must be one of {LEVELS}, not {level!r}")
    return tuple(i for i in _by_code().values() if level is None or i.level == level)


@lru_cache(maxsize=8192)
def ancestors(code: str) -> tuple[Industry, ...]:
    """The item and its parents, from the item up to its section; empty when the code is unknown."""
    chain: list[Industry] = []
    item = industry(code)
    while item is not None:
        chain.append(item)
        item = _by_code().get(item.parent)
    return tuple(chain)


def division_name(code: str) -> str | None:
    """Name of the division (大类) that a 2- to 4-digit code lies in; None for an unknown code or a section
    letter.
    """
    return next((i.name for i in ancestors(code) if i.level == "division"), None)


def name_key(text: str) -> str:
    """Key for comparing names: width folded, 及 read as 和, without blanks, stops, brackets and a trailing
    业.

    Registers write 造纸及纸制品业, 造纸和纸制品业 and 造纸和纸制品 for the same division.
    """
    key = re.sub(r"[\s、,，;；.。()（）·]", "", unicodedata.normalize("NFKC", text)).replace("及", "和")
    return key.removesuffix("业")


@lru_cache(maxsize=1)
def _division_names() -> dict[str, tuple[str, tuple[str, ...]]]:
    """name key → (2017 code, codes that may be glued to the name: the 2017 code and, when it moved, the
    2011 one).
    """
    glued: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for item in industries("division"):
        for name in (item.name, *item.variant_names):
            names[name_key(name)] = item.code
        glued[item.code] = {item.code}
    for row in read_rows("division_aliases.csv"):
        names.setdefault(name_key(row["alias"]), row["code"])
        glued[row["code"]].add(row["code_2011"])
    return {key: (code, tuple(sorted(glued[code]))) for key, code in names.items()}


def find_division(name_text: str) -> Industry | None:
    """The division (大类) meant by a register's text such as '造纸和纸制品业' or the glued
    '非金属矿物制品业30'.

    The name decides. A number glued to it must be that division's 2017 number, or its 2011 number where the
    2011 edition numbered it otherwise (文化艺术业87); any other number contradicts the name and gives None.
    A bare number is no name and gives None: which edition it belongs to cannot be told.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", name_text))
    match = _GLUED.match(text)
    if match is None:
        return None
    before, name, after = match.groups()
    found = _division_names().get(name_key(name)) if name else None
    if found is None:
        return None
    code, allowed = found
    if any(number is not None and number not in allowed for number in (before, after)):
        return None
    return _by_code()[code]


def find_section(name_text: str) -> Industry | None:
    """The section (门类) with this name, e.g. '文化、体育和娱乐业'; None when no section is called so."""
    key = name_key(name_text)
    return next((i for i in industries("section") if name_key(i.name) == key), None)
