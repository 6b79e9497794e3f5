"""文化及相关产业分类（2018）: 9 major, 43 middle, 146 small classes and their GB/T 4754-2017 classes.

The numbers, names and grouping of the small classes were recalled and then tested against public copies (see
docs/methods/standards.md); the scope of the 18 starred classes (部分计入类) is recalled and 待确认.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .gbt4754 import normalise_code
from .tables import CONFIRMED, UNCONFIRMED, is_true, read_rows

EDITION = "文化及相关产业分类（2018）"


@dataclass(frozen=True, slots=True)
class CultureEntry:
    """One small class with one of its GB/T 4754-2017 classes.

    `partial` marks the starred classes (部分计入类，经经营范围核定); `partial_scope` says in Chinese what
    counts and
    `scope_keywords` are suggestions for finding it in a scope text, not part of the standard. `core` is
    true for majors 01-06 (文化核心领域). `sector_kind` is manufacturing, wholesale, retail or service.
    `new_form` marks the 16 small classes of 文化新业态. `status` is 待确认 where a figure must not be
    published before a statistician agrees.
    """

    major_code: str
    major_name: str
    middle_code: str
    middle_name: str
    small_code: str
    small_name: str
    gbt_code: str
    gbt_name: str
    partial: bool
    partial_scope: str
    scope_keywords: tuple[str, ...]
    core: bool
    sector_kind: str
    new_form: bool
    evidence: tuple[str, ...]

    @property
    def status(self) -> str:
        """待确认 for the starred classes, whose scope wording is recalled; 核实 for the others."""
        return UNCONFIRMED if self.partial else CONFIRMED


@dataclass(frozen=True, slots=True)
class CultureClass:
    """A major (2 digits), middle (3) or small (4) class; `parent` is '' for a major class."""

    code: str
    name: str
    parent: str
    core: bool
    new_form: bool
    entries: tuple[CultureEntry, ...]


@lru_cache(maxsize=1)
def culture_entries() -> tuple[CultureEntry, ...]:
    """The 156 pairs of small class and GB/T class, in the order of the standard."""
    return tuple(
        CultureEntry(
            major_code=r["major_code"],
            major_name=r["major_name"],
            middle_code=r["middle_code"],
            middle_name=r["middle_name"],
            small_code=r["small_code"],
            small_name=r["small_name"],
            gbt_code=r["gbt_code"],
            gbt_name=r["gbt_name"],
            partial=is_true(r["partial"]),
            partial_scope=r["partial_scope"],
            scope_keywords=tuple(k for k in r["scope_keywords"].split("|") if k),
            core=is_true(r["core"]),
            sector_kind=r["sector_kind"],
            new_form=is_true(r["new_form"]),
            evidence=tuple(e for e in r["evidence"].split("|") if e),
        )
        for r in read_rows("culture_2018.csv")
    )


@lru_cache(maxsize=1)
def _by_gbt() -> dict[str, CultureEntry]:
    return {e.gbt_code: e for e in culture_entries()}


def culture_of(gbt_code: str) -> CultureEntry | None:
    """The culture class of a 4-digit GB/T 4754-2017 class; None when the class is not in the culture scope.

    None for a code of fewer digits means only that it is not a class: a group may hold both kinds.
    """
    bare = normalise_code(gbt_code)
    return None if bare is None else _by_gbt().get(bare)


def _grouped(code_field: str, name_field: str, parent_field: str | None) -> tuple[CultureClass, ...]:
    groups: dict[str, list[CultureEntry]] = {}
    for entry in culture_entries():
        groups.setdefault(getattr(entry, code_field), []).append(entry)
    return tuple(
        CultureClass(
            code=code,
            name=getattr(members[0], name_field),
            parent=getattr(members[0], parent_field) if parent_field else "",
            core=members[0].core,
            new_form=all(m.new_form for m in members),
            entries=tuple(members),
        )
        for code, members in groups.items()
    )


@lru_cache(maxsize=1)
def culture_majors() -> tuple[CultureClass, ...]:
    """The nine major classes (大类), 01-06 core and 07-09 related."""
    return _grouped("major_code", "major_name", None)


@lru_cache(maxsize=1)
def culture_middles() -> tuple[CultureClass, ...]:
    """The 43 middle classes (中类)."""
    return _grouped("middle_code", "middle_name", "major_code")


@lru_cache(maxsize=1)
def culture_smalls() -> tuple[CultureClass, ...]:
    """The 146 small classes (小类); 0740 has five GB/T classes and 0930 seven."""
    return _grouped("small_code", "small_name", "middle_code")


@lru_cache(maxsize=1)
def _by_small() -> dict[str, CultureClass]:
    return {c.code: c for c in culture_smalls()}


def culture_small(small_code: str) -> CultureClass | None:
    """The small class with this 4-digit number, or None."""
    return _by_small().get(small_code)


@lru_cache(maxsize=1)
def starred() -> tuple[CultureEntry, ...]:
    """The 18 starred entries (部分计入类); which units count is decided from their business scope."""
    return tuple(e for e in culture_entries() if e.partial)


@lru_cache(maxsize=1)
def new_forms() -> tuple[CultureClass, ...]:
    """The 16 small classes of 文化新业态 (list as reported by the statistics bureau)."""
    return tuple(c for c in culture_smalls() if c.new_form)
