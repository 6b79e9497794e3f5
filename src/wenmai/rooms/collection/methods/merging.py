"""汇总: totals over the returns of a round, with how many units reported. A missing unit is named, never counted as zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from wenmai.rooms.collection.methods.cells import Cell

NOT_REPORTED = "未报"
BLANK = "未填"


@dataclass(frozen=True)
class Total:
    """The sum over the units that reported a number, and what the others said. `value` None: nobody reported."""

    value: Decimal | None
    digits: int
    reported: int
    asked: int
    others: dict[str, tuple[str, ...]]

    @property
    def complete(self) -> bool:
        return self.reported == self.asked

    @property
    def words(self) -> str:
        """For example 28/30 个单位，未报 2（甲、乙）."""
        text = f"{self.reported}/{self.asked} 个单位"
        for word, names in self.others.items():
            shown = "、".join(names[:5]) + (f" 等{len(names)}个" if len(names) > 5 else "")
            text += f"，{word} {len(names)}（{shown}）"
        return text


def total(units: Sequence[str], cells: Mapping[str, Cell | None]) -> Total:
    """The total of one line. `cells[unit]` None means that the unit has handed in nothing."""
    values: list[Cell] = []
    others: dict[str, list[str]] = {}
    for name in units:
        cell = cells.get(name)
        if cell is not None and cell.value is not None:
            values.append(cell)
        else:
            word = NOT_REPORTED if cell is None else cell.status or BLANK
            others.setdefault(word, []).append(name)
    told = {word: tuple(names) for word, names in others.items()}
    if not values:
        return Total(None, 0, 0, len(units), told)
    digits = max(c.digits for c in values)
    return Total(sum((c.value for c in values if c.value is not None), Decimal(0)), digits, len(values), len(units), told)
