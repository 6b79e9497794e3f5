"""The parts a report is made of. A number in a sentence is always a `Num`: it names its figure and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wenmai.office.figures.typed import Figure


@dataclass(frozen=True)
class Num:
    """A printed figure."""

    figure: str
    printed: str


@dataclass(frozen=True)
class Slot:
    """A placeholder 【】 that its owner has to fill; `id` is how a passage is bound to it."""

    id: str
    prompt: str


Part = str | Num | Slot


@dataclass(frozen=True)
class Block:
    """heading1 / heading2 / paragraph / table / chart."""

    kind: str
    parts: tuple[Part, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    figures: tuple[str, ...] = ()
    annex: bool = False
    title: str = ""


@dataclass
class Report:
    title: str
    blocks: list[Block] = field(default_factory=list)

    def slots(self) -> list[Slot]:
        return [p for b in self.blocks for p in b.parts if isinstance(p, Slot)]

    def numbers(self) -> list[Num]:
        return [p for b in self.blocks for p in b.parts if isinstance(p, Num)]

    def figure_ids(self) -> list[str]:
        """Every figure that the document prints, sentence figures first, in order of appearance."""
        seen = dict.fromkeys(n.figure for n in self.numbers())
        for block in self.blocks:
            seen.update(dict.fromkeys(block.figures))
        return list(seen)


class Writer:
    """Builds blocks from figures; refuses a figure that is unknown or whose gate is closed."""

    def __init__(self, figures: dict[str, Figure]) -> None:
        self.figures = figures
        self.blocks: list[Block] = []

    def num(self, figure_id: str) -> Num:
        figure = self.figures[figure_id]
        if figure.blocked:
            raise ValueError(f"{figure_id} 被覆盖检查挡下：{figure.blocked}")
        return Num(figure_id, figure.text())

    def value(self, figure_id: str) -> float:
        figure = self.figures.get(figure_id)
        return float(figure.value or 0) if figure else 0.0

    def add(self, kind: str, *parts: Part) -> None:
        self.blocks.append(Block(kind, tuple(parts)))

    def table(self, title: str, columns: Sequence[str], figure_rows: Sequence[tuple[str, Sequence[str]]], annex: bool) -> None:
        """A table whose cells after the first are figure ids, printed with their own decimals."""
        rows: list[tuple[str, ...]] = []
        used: list[str] = []
        for label, ids in figure_rows:
            cells = [self.figures[i].text() if i in self.figures else "—" for i in ids]
            rows.append((label, *cells, *["—"] * (len(columns) - 1 - len(cells))))
            used.extend(i for i in ids if i in self.figures)
        self.blocks.append(Block("table", (), tuple(columns), tuple(rows), tuple(used), annex, title))
