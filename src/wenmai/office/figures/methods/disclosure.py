"""Disclosure control of tables from non-public sources: which cells may not be shown, and which others must go with them.

Primary: fewer than `min_units` units (but not none), or one or two units that dominate the value. Secondary: cells that
are withheld so that nobody can work a withheld cell out from sums within its protection range. Implied: what a shown
total leaves for the withheld parts together is as good as a shown cell, so it has to pass the primary rules too.
Differencing: two releases whose populations differ by a few units. The set is found cell by cell with linear programs and
is then AUDITED: the audit solves, for every withheld cell, the smallest and the largest value that the published cells
and all sums still allow. The set is sound when the audit passes; it is small, but not proved smallest.

A unit may contribute to several cells (a firm that reports by class). Cells then carry what each unit contributes, and a
margin counts a unit once, with all that it contributes to the margin.

Sources of the rules: threshold, dominance (n,k) and interval protection as in Hundepool et al., Statistical Disclosure
Control (2012), ch. 4; the parameters are the site's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    """A cell: its value, how many units it has, and its largest two contributions (None: not known, a count table).

    `shares`: unit → what it contributes. Without them the cell is taken to share no unit with any other cell of its sums.
    """

    value: float
    units: int
    largest: tuple[float, float] | None = None
    shares: Mapping[str, float] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, contributions: Iterable[tuple[str, float]]) -> Cell:
        """The cell of (unit, value) pairs: a unit that comes twice is one unit with the sum of its values."""
        shares: dict[str, float] = {}
        for key, value in contributions:
            shares[key] = shares.get(key, 0.0) + value
        ranked = sorted(shares.values(), reverse=True)[:2]
        largest = (ranked[0], ranked[1] if len(ranked) > 1 else 0.0) if ranked else None
        return cls(sum(shares.values()), len(shares), largest, shares)


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
    """The cell of everything in some cells: by unit where they carry shares, else as cells without a common unit."""
    some = [c for c in cells if c.units]
    with_shares = [c.shares for c in some if c.shares is not None]
    if some and len(with_shares) == len(some):
        together = Cell.of(pair for shares in with_shares for pair in shares.items())
        return Cell(sum(c.value for c in some), together.units, together.largest, together.shares)
    if with_shares:
        raise ValueError("cells with and without shares in one sum: whether they have a unit in common is not known")
    largest: tuple[float, float] | None = None
    known = [c.largest for c in some]
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
class Kept:
    """A cell that an earlier release withheld: why it stays withheld, and how uncertain it was then, below and above."""

    reason: str
    down: float
    up: float


@dataclass(frozen=True)
class Suppression:
    """`primary`: key → reason. `secondary`: withheld only to protect. `bounds`: what an outsider can work out of each
    withheld cell. `unprotected`: cells that cannot be protected by withholding (no sum partner): the table must be coarser.
    `kept`: those of the secondary cells that an earlier release withheld, with the reason. `slack`: how far each withheld
    cell is uncertain, below and above, up to its protection range."""

    primary: dict[str, str]
    secondary: tuple[str, ...]
    bounds: dict[str, tuple[float, float]]
    unprotected: tuple[str, ...]
    kept: dict[str, str] = field(default_factory=dict)
    slack: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def withheld(self) -> frozenset[str]:
        return frozenset(self.primary) | frozenset(self.secondary)


def suppress(
    table: Table, rules: Rules | None = None, must_show: Iterable[str] = (), also: Mapping[str, str] | None = None,
    keep: Mapping[str, Kept] | None = None,
) -> Suppression:  # fmt: skip
    """Choose the cells to withhold. `must_show` (grand totals already published) are never chosen as secondary cells.

    Cells that may not be shown because of an earlier release: `also` (key → reason) are protected like sensitive cells;
    `keep` stay withheld and at least as uncertain as they were, so that the same table is withheld in the same way again.
    """
    rules = rules or Rules()
    keys, matrix = table.matrix()
    at = {k: i for i, k in enumerate(keys)}
    value = np.array([table.cells[k].value for k in keys])
    primary = {k: why for k in keys if (why := sensitive(table.cells[k], rules) or (also or {}).get(k))}
    kept = {k: one for k, one in (keep or {}).items() if k in at and k not in primary}
    needs = {at[k]: _range(value[at[k]], rules) for k in primary}
    needs |= {at[k]: (min(one.down, needed[0]), min(one.up, needed[1])) for k, one in kept.items() for needed in [_range(value[at[k]], rules)]}
    frozen = {at[k] for k in must_show if k not in primary and k not in kept}
    withheld = set(needs)
    # What protecting a cell costs: its value (information lost); nothing for a cell that is withheld already.
    weight = np.maximum(value, 1.0)
    for i in sorted(needs, key=lambda i: -value[i]):
        for sign, need in zip((1.0, -1.0), reversed(needs[i]), strict=True):
            withheld |= _circulation(matrix, value, weight, withheld, frozen, i, sign, need)
    hidden = {keys[i] for i in withheld}
    given_away = _widen(table, hidden, {keys[i] for i in frozen}, rules)
    withheld = {at[k] for k in hidden}
    for i in sorted(withheld - set(needs), key=lambda i: -value[i]):  # give back what the audit does not need
        trial = withheld - {i}
        if implied(table, {keys[j] for j in trial}, rules).keys() <= given_away.keys() and not _exposed(matrix, value, trial, needs):
            withheld = trial
    bounds = {keys[i]: _bounds(matrix, value, withheld, i) for i in sorted(withheld)}
    exposed = {keys[i] for i in _exposed(matrix, value, withheld, needs)} | {k for parts in given_away.values() for k in parts}
    slack = {}
    for k, (low, high) in bounds.items():
        down, up = _range(value[at[k]], rules)
        slack[k] = (float(min(max(value[at[k]] - low, 0.0), down)), float(min(max(high - value[at[k]], 0.0), up)))
    return Suppression(
        primary, tuple(k for k in keys if at[k] in withheld and k not in primary), bounds, tuple(k for k in keys if k in exposed),
        {k: one.reason for k, one in kept.items()}, slack,
    )  # fmt: skip


def implied(table: Table, withheld: Collection[str], rules: Rules) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    """Sums that give something sensitive away: (total, parts) → its withheld parts, whose sum anybody can compute (total
    minus the shown parts) though all of them together may not be shown. A total counts as shown when sums give it away."""
    hidden = set(withheld)
    found = True
    while found:  # what is alone in a sum is known to everybody, and may make another known
        found = False
        for total, parts in table.sums:
            unknown = [k for k in (total, *parts) if k in hidden]
            if len(unknown) == 1:
                hidden.discard(unknown[0])
                found = True
    out = {}
    for total, parts in table.sums:
        among = tuple(p for p in parts if p in hidden and table.cells[p].units)
        if among and total not in hidden and sensitive(merge(table.cells[p] for p in among), rules):
            out[total, parts] = among
    return out


def _widen(table: Table, withheld: set[str], frozen: set[str], rules: Rules) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    """Withhold more (in place) until no shown total leaves something sensitive: the smallest part that is enough, else the
    largest, else the total. Returns the sums for which nothing helps."""
    stuck: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
    while faults := {s: among for s, among in implied(table, withheld, rules).items() if s not in stuck}:
        (total, parts), among = next(iter(faults.items()))
        offered = sorted((p for p in parts if p not in withheld | frozen and table.cells[p].units), key=lambda p: table.cells[p].value)
        enough = [p for p in offered if not sensitive(merge(table.cells[k] for k in (*among, p)), rules)]
        if offered:
            withheld.add(enough[0] if enough else offered[-1])
        elif total not in withheld | frozen:
            withheld.add(total)
        else:
            stuck[total, parts] = among
    return stuck


def _range(value: float, rules: Rules) -> tuple[float, float]:
    """How far a withheld value has to stay uncertain, below and above; at least one unit of the table."""
    need = max(rules.protect * value, 1.0)
    return min(need, value), need


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
    wanted = min(need, value[target]) if sign < 0 else need  # nothing falls below 0
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


def _exposed(matrix: csr_matrix, value: Floats, withheld: set[int], needs: Mapping[int, tuple[float, float]]) -> list[int]:
    """The cells whose value can be worked out more closely than they need (below, above)."""
    out = []
    for i, (down, up) in needs.items():
        low, high = _bounds(matrix, value, withheld, i)
        if high < value[i] + up - 1e-6 or low > value[i] - down + 1e-6:
            out.append(i)
    return out


def differencing(now: Mapping[str, Collection[str]], before: Mapping[str, Collection[str]], rules: Rules | None = None) -> dict[str, str]:
    """Cells of a new release that, set beside an earlier one, show a group of fewer than `min_units` units.

    now, before: members (unit keys) per SHOWN cell of each release. The difference of the two values is what those who
    joined report less what those who left reported; it may not rest on a few units. Returns key → reason; the same cell
    with the same members shows nothing new.
    """
    return _beside(now, before, rules or Rules(), 1, "与以前发布的相比只差 {} 家，可相减推出")


def withheld_before(now: Mapping[str, Collection[str]], hidden: Mapping[str, Collection[str]], rules: Rules | None = None) -> dict[str, str]:
    """Cells of a new release that an earlier one withheld and whose members are (nearly) the same: shown now, they would
    give the earlier one's withheld values away. hidden: members per WITHHELD cell of the earlier release."""
    return _beside(now, hidden, rules or Rules(), 0, "以前发布时隐去，现只差 {} 家")


def _beside(now: Mapping[str, Collection[str]], before: Mapping[str, Collection[str]], rules: Rules, least: int, why: str) -> dict[str, str]:
    found = {}
    for key in now.keys() & before.keys():
        changed = len(set(now[key]) ^ set(before[key]))
        if now[key] and least <= changed < rules.min_units:
            found[key] = why.format(changed) if changed else "以前发布时隐去，所含企业未变"
    return found
