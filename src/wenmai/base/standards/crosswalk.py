"""Correspondences between editions, as far as they could be sourced; each row says how well it is supported.

GB/T 4754-2011 → 2017: the 2011 codes and names of the divisions listed in COVERED_PREFIXES were read in
one public list; a correspondence by identical name is derived, the splits are recalled (待确认). No
official table was found. Culture 2012 → 2018: only the ten major classes of 2012 (recalled); no
class-level table was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .gbt4754 import Industry, industries, industry
from .tables import CONFIRMED, UNCONFIRMED, read_rows

# Code prefixes for which the 2011 list is complete in crosswalk_gbt_2011_2017.csv (97 did not exist in
# 2011).
COVERED_PREFIXES = tuple(
    ["24", "518", "524", "527", "562", "63", "64", "65", "71", "72", "73", "74", "75", "76", "77", "78", "79"]
    + [str(n) for n in range(80, 98)]
)


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One class of the older edition and the classes it went to.

    `relation`: same (same number), moved (one other number), split (several: the old code alone does not
    decide).
    `evidence`: same_name (identical name in both lists; the content may still have shifted) or recalled
    (待确认).
    """

    old_code: str
    old_name: str
    new_codes: tuple[str, ...]
    relation: str
    evidence: str

    @property
    def status(self) -> str:
        """核实 only where both lists carry the same name; everything else waits for a statistician."""
        return CONFIRMED if self.evidence == "same_name" else UNCONFIRMED

    def targets(self) -> tuple[Industry, ...]:
        """The 2017 classes themselves."""
        return tuple(item for code in self.new_codes if (item := industry(code)) is not None)


@lru_cache(maxsize=1)
def gbt_crosswalk() -> tuple[Correspondence, ...]:
    """All known rows GB/T 4754-2011 → 2017, in 2011 code order."""
    return tuple(
        Correspondence(
            old_code=r["code_2011"],
            old_name=r["name_2011"],
            new_codes=tuple(c for c in r["codes_2017"].split(";") if c),
            relation=r["relation"],
            evidence=r["evidence"],
        )
        for r in read_rows("crosswalk_gbt_2011_2017.csv")
    )


@lru_cache(maxsize=1)
def _by_old() -> dict[str, Correspondence]:
    return {c.old_code: c for c in gbt_crosswalk()}


def gbt_2011_to_2017(code: str) -> Correspondence | None:
    """Where a 4-digit class of GB/T 4754-2011 went; None when no source covers it (never: 'unchanged')."""
    return _by_old().get(code.strip())


@lru_cache(maxsize=1)
def only_in_2011() -> frozenset[str]:
    """Classes of the covered part of 2011 whose number no longer exists in 2017: proof of the older
    edition.
    """
    return frozenset(c.old_code for c in gbt_crosswalk() if industry(c.old_code) is None)


@lru_cache(maxsize=1)
def only_in_2017() -> frozenset[str]:
    """Classes of 2017, in the covered part, whose number did not exist in 2011: proof of the newer
    edition.
    """
    return frozenset(i.code for i in industries("class") if i.code.startswith(COVERED_PREFIXES) and i.code not in _by_old())


@lru_cache(maxsize=1)
def gbt_amendment_2019() -> tuple[Industry, ...]:
    """Items of 2017 that amendment no. 1 (2019) changed: 923 and 9231-9233; a stored 9231 or 9232 is
    ambiguous.
    """
    return tuple(i for i in industries() if i.sources_agreeing == "amendment")


@dataclass(frozen=True, slots=True)
class CultureMajor2012:
    """A major class of 文化及相关产业分类（2012） and the majors of 2018 that took most of it; recalled,
    待确认.
    """

    code: str
    name: str
    majors_2018: tuple[str, ...]
    note: str

    @property
    def status(self) -> str:
        """Always 待确认."""
        return UNCONFIRMED


@lru_cache(maxsize=1)
def culture_majors_2012() -> tuple[CultureMajor2012, ...]:
    """The ten majors of 2012; enough to explain a break in a series, not enough to convert figures."""
    return tuple(
        CultureMajor2012(r["code"], r["name"], tuple(r["majors_2018"].split(";")), r["note"]) for r in read_rows("culture_2012_majors.csv")
    )
