"""Telling whether a column of industry codes follows GB/T 4754-2017 or the 2011 edition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .crosswalk import gbt_2011_to_2017, only_in_2011, only_in_2017
from .gbt4754 import industry, name_key, normalise_code

GBT_2017 = "GB/T 4754-2017"
GBT_2011 = "GB/T 4754-2011"
UNDECIDED = "不可判定"


@dataclass(frozen=True, slots=True)
class Edition:
    """`name` is 'GB/T 4754-2017', 'GB/T 4754-2011' or '不可判定'.

    `for_2017` and `for_2011` are the codes that exist in that edition only (or whose name decides), sorted;
    `unknown` are codes of neither; `reason` is one Chinese line.
    """

    name: str
    for_2017: tuple[str, ...]
    for_2011: tuple[str, ...]
    unknown: tuple[str, ...]
    reason: str


def _named_edition(code: str, name: str) -> str | None:
    """The edition in which this code has this name, when it is one only (8911: 歌舞厅 in 2011, 体育竞赛组织
    in 2017).
    """
    old, new, key = gbt_2011_to_2017(code), industry(code), name_key(name)
    is_old = old is not None and name_key(old.old_name) == key
    is_new = new is not None and name_key(new.name) == key
    if is_old == is_new:
        return None
    return GBT_2011 if is_old else GBT_2017


def detect_edition(codes: Iterable[str | None], names: Iterable[str | None] | None = None) -> Edition:
    """The edition that a set of 4-digit class codes belongs to, with the codes that prove it.

    Only codes that exist in one edition count as proof; most codes exist in both, with different meanings,
    and a code of neither edition may be a typing error and proves nothing. `names`, parallel to `codes`,
    are the industry names written beside them: they decide where a number means different things (8911,
    6591). Proof for both editions means a mixed column: 不可判定. Covers the divisions of
    crosswalk.COVERED_PREFIXES.
    """
    new: set[str] = set()
    old: set[str] = set()
    unknown: set[str] = set()
    pairs = zip(codes, names, strict=True) if names is not None else ((code, None) for code in codes)
    for raw, name in dict.fromkeys(pairs):  # each distinct pair once: a column repeats few codes many times
        code = normalise_code(raw) if raw else None
        if code is None or len(code) != 4:
            continue
        named = _named_edition(code, name) if name else None
        if code in only_in_2011() or named == GBT_2011:
            old.add(code)
        elif code in only_in_2017() or named == GBT_2017:
            new.add(code)
        elif industry(code) is None:
            unknown.add(code)
    evidence = (tuple(sorted(new)), tuple(sorted(old)), tuple(sorted(unknown)))
    if new and old:
        reason = f"混用两版：{'、'.join(sorted(new)[:5])}仅见于2017版，{'、'.join(sorted(old)[:5])}仅见于2011版"
        return Edition(UNDECIDED, *evidence, reason)
    if new:
        return Edition(GBT_2017, *evidence, f"{'、'.join(sorted(new)[:5])}等{len(new)}个代码仅见于2017版")
    if old:
        return Edition(GBT_2011, *evidence, f"{'、'.join(sorted(old)[:5])}等{len(old)}个代码仅见于2011版")
    return Edition(UNDECIDED, *evidence, "没有只属于一个版本的代码")
