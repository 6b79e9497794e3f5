"""The parts a report is made of.

Whatever varies in a printed line is bound: a number is a `Num` (its figure, how it is printed), a qualifier or a
measured fact is a `Quote`, an author's text is `Authored`, an open place is a `Slot`. Plain strings are the wording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wenmai.office.figures.typed import Figure


@dataclass(frozen=True)
class Num:
    """A printed figure: its value, or the lower (`low`) or upper (`high`) bound of its interval."""

    figure: str
    printed: str
    part: str = "value"


@dataclass(frozen=True)
class Quote:
    """Text that repeats something the snapshot knows: `source` is `figure/attribute` or a fact's name."""

    source: str
    printed: str


@dataclass(frozen=True)
class Authored:
    """What an author wrote into the placeholder `slot`; its numbers are bound to nothing."""

    slot: str
    text: str


@dataclass(frozen=True)
class Slot:
    """A placeholder 【】 that its owner has to fill; `id` is how a passage is bound to it."""

    id: str
    prompt: str


Part = str | Num | Quote | Authored | Slot
Cell = tuple[Part, ...]


def plain(parts: Sequence[Part]) -> str:
    """The text as printed; an open placeholder in its brackets."""
    return "".join(plain_part(part) for part in parts)


def plain_part(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Num | Quote):
        return part.printed
    return part.text if isinstance(part, Authored) else f"【{part.prompt}】"


@dataclass(frozen=True)
class Block:
    """heading1 / heading2 / byline / paragraph / annex / table / chart.

    An annex starts a page: `title` is its label, `parts` its heading. A table's cells are parts; `widths` in mm.
    """

    kind: str
    parts: tuple[Part, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    title: str = ""
    widths: tuple[float, ...] = ()

    def all_parts(self) -> Iterator[Part]:
        yield from self.parts
        for row in self.rows:
            for cell in row:
                yield from cell

    def texts(self) -> list[list[str]]:
        """The cells of a table as printed."""
        return [[plain(cell) for cell in row] for row in self.rows]

    def figures(self) -> list[list[str | None]]:
        """The figure each cell of a table prints, by row and column."""
        return [[next((p.figure for p in cell if isinstance(p, Num)), None) for cell in row] for row in self.rows]


@dataclass
class Report:
    title: str
    blocks: list[Block] = field(default_factory=list)

    def slots(self) -> list[Slot]:
        return [p for b in self.blocks for p in b.all_parts() if isinstance(p, Slot)]

    def figure_ids(self) -> list[str]:
        """Every figure that the document prints, those of sentences first, in order of appearance."""
        seen = dict.fromkeys(p.figure for b in self.blocks for p in b.parts if isinstance(p, Num))
        for block in self.blocks:
            seen.update(dict.fromkeys(p.figure for p in block.all_parts() if isinstance(p, Num)))
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

    def bound(self, figure_id: str, part: str) -> Num:
        """The lower or upper bound of a figure's interval."""
        value = self.figures[figure_id].low if part == "low" else self.figures[figure_id].high
        return Num(figure_id, f"{value:.0f}", part)

    def value(self, figure_id: str) -> float:
        figure = self.figures.get(figure_id)
        return float(figure.value or 0) if figure else 0.0

    def majors(self) -> list[Figure]:
        """The classes, the largest first."""
        return self.largest("culture.major.")

    def largest(self, prefix: str) -> list[Figure]:
        """The counts of a split, the largest first."""
        found = [f for f in self.figures.values() if f.id.startswith(prefix) and f.kind == "count"]
        return sorted(found, key=lambda f: (-(f.value or 0), f.id))

    def add(self, kind: str, *parts: Part) -> None:
        self.blocks.append(Block(kind, tuple(parts)))

    def annex(self, label: str, heading: str) -> None:
        self.blocks.append(Block("annex", (heading,), title=label))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[float] = ()) -> None:
        self.blocks.append(Block("table", (), tuple(columns), tuple(tuple(row) for row in rows), title, tuple(widths)))

    def count_table(self, title: str, columns: Sequence[str], figure_rows: Sequence[tuple[str, Sequence[str]]]) -> None:
        """A table whose cells after the first print figures; a missing figure is —."""
        rows: list[list[Cell]] = []
        for label, ids in figure_rows:
            cells: list[Cell] = [(self.num(i),) if i in self.figures else ("—",) for i in ids]
            rows.append([(label,), *cells, *[("—",)] * (len(columns) - 1 - len(cells))])
        self.table(title, columns, rows)
