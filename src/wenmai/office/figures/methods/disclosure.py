"""Disclosure control of tables from non-public sources: which cells may not be shown, and which others must go with them.

Primary: fewer than `min_units` units (but not none), or one or two units that dominate the value. Secondary: cells that
are withheld so that nobody can work a withheld cell out from sums within its protection range. Differencing: two
releases whose populations differ by a few units. The set is found cell by cell with linear programs and is then AUDITED:
the audit solves, for every withheld cell, the smallest and the largest value that the published cells and all sums
still allow. The set is sound when the audit passes; it is small, but not proved smallest.

Sources of the rules: threshold, dominance (n,k) and interval protection as in Hundepool et al., Statistical Disclosure
Control (2012), ch. 4; the parameters are the site's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rules:
    """`min_units`: fewest units a shown cell may have. `one`, `two`: largest share of the value that one unit, or two
    together, may hold. `protect`: a withheld value must stay uncertain by at least this share of it, both ways."""

    min_units: int = 5
    one: float = 0.7
    two: float = 0.85
    protect: float = 0.15


@dataclass(frozen=True)
class Cell:
    """A cell: its value, how many units it has, and its largest two contributions (None: not known, a count table)."""

    value: float
    units: int
    largest: tuple[float, float] | None = None


@dataclass
class Table:
    """Cells by key and the sums that hold among them: (total, parts) with total = Σ parts. All values are ≥ 0."""

    cells: dict[str, Cell]
    sums: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def matrix(self) -> tuple[list[str], csr_matrix]:
        """(keys, M) with M·x = 0 for every vector of cell values that obeys the sums."""
        keys = list(self.cells)
        at = {k: i for i, k in enumerate(keys)}
        rows, columns, values = [], [], []
        for r, (total, parts) in enumerate(self.sums):
            for key, sign in [(total, 1.0), *[(p, -1.0) for p in parts]]:
                rows.append(r)
                columns.append(at[key])
                values.append(sign)
        return keys, csr_matrix((values, (rows, columns)), shape=(len(self.sums), len(keys)))


def grid(rows: Sequence[str], columns: Sequence[str], cells: dict[tuple[str, str], Cell]) -> Table:
    """A two-way table with its margins; keys are 行|列, the margin is 合计. Missing cells are empty cells."""
    table: dict[str, Cell] = {}
    for r in rows:
        for c in columns:
            table[f"{r}|{c}"] = cells.get((r, c), Cell(0.0, 0))
    sums: list[tuple[str, tuple[str, ...]]] = []
    for r in rows:
        parts = tuple(f"{r}|{c}" for c in columns)
        table[f"{r}|合计"] = merge(table[p] for p in parts)
        sums.append((f"{r}|合计", parts))
    for c in [*columns, "合计"]:
        parts = tuple(f"{r}|{c}" for r in rows)
        if c != "合计":
            table[f"合计|{c}"] = merge(table[p] for p in parts)
        else:
            table["合计|合计"] = merge(table[p] for p in parts)
        sums.append((f"合计|{c}", parts))
    return Table(table, sums)


def merge(cells: Iterable[Cell]) -> Cell:
    """The cell of all units of disjoint cells."""
    some = list(cells)
    largest: tuple[float, float] | None = None
    known = [c.largest for c in some if c.units]
    if known and all(k is not None for k in known):
        ranked = sorted((x for k in known if k is not None for x in k), reverse=True)
        largest = (ranked[0], ranked[1] if len(ranked) > 1 else 0.0)
    return Cell(sum(c.value for c in some), sum(c.units for c in some), largest)


def sensitive(cell: Cell, rules: Rules) -> str | None:
    """Why a cell may not be shown, or None. A cell without units shows nothing about anybody."""
    if cell.units == 0:
        return None
    if cell.units < rules.min_units:
        return f"少于 {rules.min_units} 家"
    if cell.largest is not None and cell.value > 0:
        if cell.largest[0] > rules.one * cell.value:
            return f"最大 1 家超过 {rules.one:.0%}"
        if sum(cell.largest) > rules.two * cell.value:
            return f"最大 2 家合计超过 {rules.two:.0%}"
    return None


@dataclass(frozen=True)
class Suppression:
    """`primary`: key → reason. `secondary`: withheld only to protect. `bounds`: what an outsider can work out of each
    withheld cell. `unprotected`: cells that cannot be protected by withholding (no sum partner): the table must be coarser."""

    primary: dict[str, str]
    secondary: tuple[str, ...]
    bounds: dict[str, tuple[float, float]]
    unprotected: tuple[str, ...]

    @property
    def withheld(self) -> frozenset[str]:
        return frozenset(self.primary) | frozenset(self.secondary)


def suppress(table: Table, rules: Rules | None = None, must_show: Iterable[str] = ()) -> Suppression:
    """Choose the cells to withhold. `must_show` (grand totals already published) are never chosen as secondary cells."""
    rules = rules or Rules()
    keys, matrix = table.matrix()
    at = {k: i for i, k in enumerate(keys)}
    value = np.array([table.cells[k].value for k in keys])
    primary = {k: why for k in keys if (why := sensitive(table.cells[k], rules))}
    frozen = {at[k] for k in must_show if k not in primary}
    withheld = {at[k] for k in primary}
    # What protecting a cell costs: its value (information lost); nothing for a cell that is withheld already.
    weight = np.maximum(value, 1.0)
    for key in sorted(primary, key=lambda k: -table.cells[k].value):
        i = at[key]
        for sign in (1.0, -1.0):
            chosen = _circulation(matrix, value, weight, withheld, frozen, i, sign, _need(value[i], rules))
            withheld |= chosen
    secondary = [k for k in keys if at[k] in withheld and k not in primary]
    for key in sorted(secondary, key=lambda k: -table.cells[k].value):  # give back what the audit does not need
        trial = withheld - {at[key]}
        if not _exposed(matrix, value, trial, [at[k] for k in primary], rules):
            withheld = trial
    bounds = {keys[i]: _bounds(matrix, value, withheld, i) for i in sorted(withheld)}
    exposed = _exposed(matrix, value, withheld, [at[k] for k in primary], rules)
    return Suppression(
        primary, tuple(k for k in keys if at[k] in withheld and k not in primary), bounds, tuple(keys[i] for i in exposed)
    )


def _need(value: float, rules: Rules) -> float:
    """How far a withheld value has to stay uncertain, both ways; at least one unit of the table."""
    return max(rules.protect * value, 1.0)


def _circulation(
    matrix: csr_matrix, value: Floats, weight: Floats, withheld: set[int], frozen: set[int], target: int, sign: float, need: float
) -> set[int]:
    """Cells through which a change of `need` in one cell can be hidden: the cheapest vector of changes that obeys every
    sum, leaves values ≥ 0 and moves the target by `need`. Empty when there is none."""
    n = len(value)
    cost = np.where(np.isin(np.arange(n), list(withheld)), 0.0, weight)
    up = np.full(n, np.inf)
    down = value.copy()
    for i in frozen:
        up[i] = down[i] = 0.0
    wanted = min(need, value[target]) if sign < 0 else need
    # variables: rise (n), fall (n)
    bounds = [(0.0, u) for u in up] + [(0.0, d) for d in down]
    if sign > 0:
        bounds[target], bounds[n + target] = (wanted, wanted), (0.0, 0.0)
    else:
        bounds[target], bounds[n + target] = (0.0, 0.0), (wanted, wanted)
    both = csr_matrix(np.hstack([matrix.toarray(), -matrix.toarray()])) if matrix.shape[0] else None
    result = linprog(
        np.concatenate([cost, cost]), A_eq=both, b_eq=np.zeros(matrix.shape[0]) if both is not None else None, bounds=bounds, method="highs"
    )
    if result.status != 0:
        return set()
    moved = result.x[:n] + result.x[n:]
    return {int(i) for i in np.flatnonzero(moved > 1e-7)}


def _bounds(matrix: csr_matrix, value: Floats, withheld: set[int], target: int) -> tuple[float, float]:
    """Smallest and largest value of a withheld cell that the published cells and the sums allow."""
    free = sorted(withheld)
    rest = np.ones(len(value), dtype=bool)
    rest[free] = False
    known = -(matrix[:, rest] @ value[rest]) if matrix.shape[0] else None
    objective = np.zeros(len(free))
    objective[free.index(target)] = 1.0
    ends = []
    among = matrix[:, free] if matrix.shape[0] else None
    for sign in (1.0, -1.0):
        result = linprog(sign * objective, A_eq=among, b_eq=known, bounds=[(0, None)] * len(free), method="highs")
        ends.append(sign * result.fun if result.status == 0 else (0.0 if sign > 0 else float("inf")))
    return float(ends[0]), float(ends[1])


def _exposed(matrix: csr_matrix, value: Floats, withheld: set[int], primary: list[int], rules: Rules) -> list[int]:
    """The primary cells whose value can be worked out too closely."""
    out = []
    for i in primary:
        low, high = _bounds(matrix, value, withheld, i)
        need = _need(value[i], rules)
        if high < value[i] + need - 1e-6 or low > max(value[i] - need, 0.0) + 1e-6:
            out.append(i)
    return out


def differencing(now: dict[str, frozenset[str]], before: dict[str, frozenset[str]], rules: Rules | None = None) -> dict[str, str]:
    """Cells of a new release that, set beside an earlier one, show a group of fewer than `min_units` units.

    now, before: members (unit keys) per cell of each release. Returns key → reason; the same cell with the same members
    shows nothing new.
    """
    rules = rules or Rules()
    found = {}
    for key in now.keys() & before.keys():
        joined, left = len(now[key] - before[key]), len(before[key] - now[key])
        few = [f"{word} {n} 家" for word, n in (("增加", joined), ("减少", left)) if 0 < n < rules.min_units]
        # When units joined and others left, only the net of both shows; it tells about neither group alone.
        if few and not (joined and left):
            found[key] = f"与上次发布相比仅{few[0]}，可相减推出"
    return found
