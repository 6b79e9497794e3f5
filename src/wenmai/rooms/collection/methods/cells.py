"""One cell of a return: what a person typed, read as an exact number with its printed digits, or as a kind of unknown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from wenmai.base.values.errors import InputError

# The words of unknown, with the status that a fact carries. Blank is none of them: it means not yet filled in.
UNKNOWN = {"查无": "none", "拒报": "refused", "不适用": "na"}
MOST_DECIMALS = 6
LIMIT = Decimal(10) ** 15
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


@dataclass(frozen=True)
class Cell:
    """`value` and `status` are never both set; both empty is a blank. `digits` are the decimals as printed."""

    value: Decimal | None = None
    digits: int = 0
    status: str = ""
    note: str = ""

    @property
    def blank(self) -> bool:
        return self.value is None and not self.status

    def raw(self) -> dict[str, str]:
        """As stored: text, so that 4.0 keeps its zero."""
        text = "" if self.value is None else f"{self.value:.{self.digits}f}"
        found = {"value": text, "status": self.status, "note": self.note}
        return {k: v for k, v in found.items() if v}


def read(text: str, status: str = "", note: str = "") -> Cell:
    """A cell from its text and its chosen state; InputError says what is wrong with it.

    Thousands marks and full-width digits are understood; 约100, 100万 and formulas are not, since they would be guesses.
    """
    status, note = status.strip(), " ".join(note.split())[:200]
    if status and status not in UNKNOWN:
        raise InputError(f"情况“{status[:10]}”不在可选项内", remedy="可选：查无、拒报、不适用")
    bare = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    if bare in UNKNOWN and not status:
        bare, status = "", bare
    if bare in ("", "-", "—", "--"):
        return Cell(status=status, note=note)
    if status:
        raise InputError(f"已填数值又选了“{status}”", remedy="两者只留一个")
    if bare.startswith("="):
        raise InputError("填的是公式", remedy="请填计算后的数")
    if len(bare) > 40 or not _NUMBER.fullmatch(bare):
        raise InputError(f"“{text.strip()[:20]}”不是数", remedy="只填数字，单位见表头；没有数时选 查无、拒报 或 不适用")
    value = Decimal(bare.replace(",", ""))
    digits = len(bare.partition(".")[2])
    if digits > MOST_DECIMALS or abs(value) >= LIMIT:
        raise InputError(f"“{text.strip()[:20]}”小数过长或数过大", remedy=f"最多 {MOST_DECIMALS} 位小数")
    return Cell(value + 0, digits, "", note)


def from_raw(raw: Mapping[str, str]) -> Cell:
    """A stored cell; what cannot be read (a draft keeps what was typed) raises InputError again."""
    return read(raw.get("value", ""), raw.get("status", ""), raw.get("note", ""))
