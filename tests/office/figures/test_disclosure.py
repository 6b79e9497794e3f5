"""Disclosure control: what is withheld really cannot be worked out."""

import itertools
import random

import pytest

from wenmai.office.figures.methods.disclosure import Cell, Rules, Suppression, Table, differencing, grid, sensitive, suppress

RULES = Rules()


def random_grid(seed: int, rows: int = 5, columns: int = 4) -> Table:
    rng = random.Random(seed)
    names = [f"街{i}" for i in range(rows)], [f"类{i}" for i in range(columns)]
    cells = {}
    for key in itertools.product(*names):
        units = rng.choice([0, 1, 2, 4, 5, 8, 15, 30, 60])
        cells[key] = Cell(float(units), units)
    return grid(*names, cells)


def brute_bounds(table: Table, result: Suppression, key: str) -> tuple[int, int]:
    """The range of one withheld count by walking over every whole-number table that fits what was published.

    Only inner cells are walked; margins follow from them. A branch ends where a published sum is overrun.
    """
    free = [k for k in sorted(result.withheld) if "合计" not in k]
    ceiling = int(table.cells["合计|合计"].value)
    known = {k: int(c.value) for k, c in table.cells.items()}
    shown = [(t, parts) for t, parts in table.sums if t not in result.withheld and "合计" not in parts[0]]
    values: dict[str, int] = {}
    seen: list[int] = []

    def walk(at: int) -> None:
        for total, parts in shown:
            open_ = [p for p in parts if p in free and p not in values]
            here = sum(values.get(p, 0 if p in free else known[p]) for p in parts)
            if here > known[total] or (not open_ and here != known[total]):
                return
        if at == len(free):
            seen.append(values[key])
            return
        for value in range(ceiling + 1):
            values[free[at]] = value
            walk(at + 1)
            del values[free[at]]

    walk(0)
    return min(seen), max(seen)


@pytest.mark.parametrize("seed", range(25))
def test_no_small_cell_can_be_worked_out(seed: int) -> None:
    table = random_grid(seed)
    result = suppress(table)
    assert set(result.primary) == {k for k, c in table.cells.items() if 0 < c.units < 5}
    for key in set(result.primary) - set(result.unprotected):
        low, high = result.bounds[key]
        value = table.cells[key].value
        assert high >= value + 1 - 1e-6
        assert low <= max(value - 1, 0) + 1e-6
    assert not result.unprotected


@pytest.mark.parametrize("seed", [3, 8])
def test_bounds_agree_with_walking_over_all_tables(seed: int) -> None:
    """Independent oracle on a 2 × 3 table of small counts whose margins are all published."""
    rng = random.Random(seed)
    counts = {key: rng.choice([3, 5, 6, 7]) for key in itertools.product("甲乙", "123")}
    counts["甲", "1"] = 3
    table = grid(["甲", "乙"], ["1", "2", "3"], {k: Cell(float(n), n) for k, n in counts.items()})
    result = suppress(table, must_show=[k for k in table.cells if "合计" in k])
    inner = [k for k in result.primary if "合计" not in k]
    assert inner and not any("合计" in k for k in result.withheld)
    for key in inner:
        low, high = brute_bounds(table, result, key)
        assert result.bounds[key][0] == pytest.approx(low, abs=1e-6)
        assert result.bounds[key][1] == pytest.approx(high, abs=1e-6)


def test_one_withheld_cell_in_a_row_gets_a_partner() -> None:
    cells = {("甲", "1"): Cell(3, 3), ("甲", "2"): Cell(50, 50), ("乙", "1"): Cell(40, 40), ("乙", "2"): Cell(60, 60)}
    result = suppress(grid(["甲", "乙"], ["1", "2"], cells))
    assert "甲|1" in result.primary
    assert len(result.secondary) >= 2  # the row and the column would each give it away


def test_without_secondary_the_audit_would_fail() -> None:
    """The check itself: withholding only the small cell leaves it exact."""
    table = Table({"总": Cell(53, 53), "a": Cell(3, 3), "b": Cell(50, 50)}, [("总", ("a", "b"))])
    result = suppress(table, must_show=["总", "b"])
    assert result.unprotected == ("a",)
    assert result.bounds["a"] == (pytest.approx(3), pytest.approx(3))


def test_dominance_counts_the_largest_two() -> None:
    assert sensitive(Cell(100, 9, (71, 2)), RULES) == "最大 1 家超过 70%"
    assert sensitive(Cell(100, 9, (60, 26)), RULES) == "最大 2 家合计超过 85%"
    assert sensitive(Cell(100, 9, (60, 20)), RULES) is None
    assert sensitive(Cell(0, 0), RULES) is None


def test_difference_of_two_releases() -> None:
    before = {"甲": frozenset("abcdefgh"), "乙": frozenset("pqrstuv"), "丙": frozenset("xyz")}
    now = {"甲": frozenset("abcdefghi"), "乙": frozenset("pqrstuv"), "丙": frozenset("xyz") | frozenset("123456")}
    found = differencing(now, before)
    assert set(found) == {"甲"}
    assert "1 家" in found["甲"]
