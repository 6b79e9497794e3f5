"""One park under several spellings: merged by a table that an official keeps, proposed by likeness, never merged by it.

The table says "this name means that park". Names are looked up without regard to width, case, blanks and punctuation.
A proposal has a reason in words; two names that differ in a number, a letter, a phase or a point of the compass
(一期 and 二期, A区 and B区, 东园 and 西园) are never proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from wenmai.base.values import InputError
from wenmai.rooms.registry.methods.names import normal_name

# Chosen on invented variants (tests). One wrong character in a name of seven or more reaches LIKE.
LIKE = 0.85
# Only words that nearly every park bears: 数字, 影视, 动漫 tell parks apart.
_SUFFIX = re.compile(r"(?:文化|文创意?|创意)*(?:产业)?(?:示范)?(?:基地|园区|园)$")
# What stands before a park's own name in some files: places and streets, with or without house number.
_PLACE = re.compile(r"^(?:[^省市区县街道路]{1,6}(?:省|市|区|县|街道|镇)|[^省市区县街道路]{1,8}(?:路|街|大道)(?:\d+号)?)+(?=..)")
_TELLING = re.compile(r"\d+|[A-Z]|[一二三四五六七八九十]+(?=期|号|区|园|分)|[东南西北](?=区|园|院|$)")


@dataclass(frozen=True)
class Proposal:
    """Two names that may be one park: `name` (count enterprises) may mean `park`, because of `reason`."""

    name: str
    count: int
    park: str
    park_count: int
    reason: str


class Parks:
    """The table of an office: each known name of a park, however spelt, gives the park's name."""

    def __init__(self, rows: Iterable[tuple[int, str, str]] = ()) -> None:
        """`rows`: line number, park, other name (may be empty: the park is known, nothing more).

        Errors: InputError names the line where a name means two parks or a park is another one's other name.
        """
        self._parks: dict[str, str] = {}
        found = [(line, park.strip(), other.strip()) for line, park, other in rows]
        for line, park, _ in found:
            if not normal_name(park):
                raise InputError("园区对照表缺少园区名称", where=f"第 {line} 行", remedy="每行写：园区,别名")
            self._parks.setdefault(normal_name(park), park)
        own = set(self._parks)
        for line, park, other in found:
            key, standing = normal_name(other), self._parks[normal_name(park)]
            if not key or key == normal_name(park):
                continue
            if key in own or self._parks.get(key, standing) != standing:
                meant = self._parks[key]
                raise InputError(f"“{other}”既是“{park}”的别名，又指“{meant}”", where=f"第 {line} 行", remedy="一个名称只能指一个园区，请删去其一")
            self._parks[key] = standing

    def name(self, text: str) -> str:
        """The park's name for a name as a file writes it; a name that is not in the table stays as it is."""
        return self._parks.get(normal_name(text), text)

    def known(self, text: str) -> bool:
        return normal_name(text) in self._parks

    def __len__(self) -> int:
        return len(set(self._parks.values()))

    @property
    def names(self) -> list[str]:
        """The parks of the table, in its order."""
        return list(dict.fromkeys(self._parks.values()))


def park_core(name: str) -> str:
    """The normal name without place, street and the generic ending: what tells one park from another.

    '文澜区甲乙路8号云栖文化创意产业园' → '云栖'. A name that is nothing but place and ending keeps its normal form.
    """
    text = normal_name(name)
    rest = _PLACE.sub("", text)
    core = _SUFFIX.sub("", rest)
    return core if len(core) >= 2 else rest if len(rest) >= 2 else text


@dataclass(frozen=True)
class _Form:
    """What names are compared by; `telling` are the numbers, letters and directions that tell parks apart (a house
    number in the place before the name does not)."""

    whole: str
    core: str
    telling: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> _Form:
        text = normal_name(name)
        return cls(text, park_core(name), tuple(sorted(_TELLING.findall(_PLACE.sub("", text)))))


def reason_alike(a: str, b: str) -> str | None:
    """Why two names may mean one park, in words; None when there is no reason to think so."""
    return _reason(_Form.of(a), _Form.of(b))


def _reason(a: _Form, b: _Form) -> str | None:
    if a.whole == b.whole:
        return "只差全角、空格或标点"
    if a.telling != b.telling:
        return None
    if a.core == b.core:
        return "去掉地名、路名和“产业园”等后缀后相同"
    likeness = fuzz.ratio(a.whole, b.whole) / 100
    return f"字形相近（{likeness:.2f}）" if likeness >= LIKE else None


def propose(counts: Mapping[str, int], parks: Parks) -> list[Proposal]:
    """Pairs of names in use (with their counts) that may be one park, the most enterprises first.

    Names of the table are taken as given: they are proposed as the park that another name may mean, never the reverse,
    and two of them are never proposed as one. Otherwise the name with more enterprises is taken for the park's.
    """
    weight = dict.fromkeys(parks.names, 0)
    for name, count in counts.items():
        known = parks.name(name)
        weight[known] = weight.get(known, 0) + count
    found = []
    forms = {name: _Form.of(name) for name in weight}
    for a, b in combinations(sorted(weight), 2):
        if parks.known(a) and parks.known(b):
            continue
        reason = _reason(forms[a], forms[b])
        if reason is None:
            continue
        park, name = sorted((a, b), key=lambda n: (not parks.known(n), -weight[n], n))
        found.append(Proposal(name, weight[name], park, weight[park], reason))
    return sorted(found, key=lambda p: (-p.count, p.name, p.park))
