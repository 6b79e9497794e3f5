"""Checks between lines: examples worked by hand, and properties against exact arithmetic."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.base.values import InputError
from wenmai.base.values.period import Period, period
from wenmai.base.values.units import unit
from wenmai.office.figures.methods.formula import Observed
from wenmai.rooms.collection.methods import cells as cell_methods
from wenmai.rooms.collection.methods.cells import Cell
from wenmai.rooms.collection.methods.checks import blocking, parse_check, run
from wenmai.rooms.collection.methods.merging import total

UNITS = {"A01": unit("万元"), "A02": unit("万元"), "A03": unit("亿元"), "N01": unit("家"), "N02": unit("人"), "P01": unit("%")}
Q = period("2026Q3")


def state(text: str, level: str = "必须", past: dict[tuple[str, str], str] | None = None, **values: str) -> str:
    cells = {k: cell_methods.read(v) for k, v in values.items()}

    def earlier(line: str, when: Period) -> Observed | None:
        found = (past or {}).get((line, when.code))
        return None if found is None else Observed(Fraction(found), UNITS[line])

    return run((parse_check(1, text, level, "", UNITS),), cells, UNITS, Q, earlier)[0].state


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("A01 >= A02", {"A01": "10", "A02": "10"}, "通过"),
        ("A01 >= A02", {"A01": "10", "A02": "10.1"}, "不符"),
        ("A01 ≥ A02", {"A01": "9", "A02": "10"}, "不符"),
        ("A03 = A01", {"A03": "1.2", "A01": "12040"}, "通过"),  # 1.2 亿 is 1.15–1.25
        ("A03 = A01", {"A03": "1.2", "A01": "12600"}, "不符"),
        ("A01 = A02 + A03", {"A01": "10100", "A02": "100", "A03": "1.00"}, "通过"),  # 100 + 10,000 ± 50
        ("A01 = A02 + A03", {"A01": "10200", "A02": "100", "A03": "1.00"}, "不符"),
        ("N01 <= N02", {"N01": "3", "N02": "2"}, None),
        ("P01 <= 100", {"P01": "100.1"}, "不符"),
        ("A01 > 0", {"A01": "0"}, "不符"),
        ("A01 != A02", {"A01": "1", "A02": "1.0"}, "不符"),
        ("A01 / N02 <= 50", {"A01": "100", "N02": "1"}, "不符"),
        ("A01 >= A02", {"A01": "10", "A02": "查无"}, "未判"),
        ("A01 >= A02", {"A01": "10"}, "未判"),
        ("A01 / A02 <= 3", {"A01": "10", "A02": "0"}, "未判"),
    ],
)
def test_worked_examples(text: str, values: dict[str, str], expected: str | None) -> None:
    if expected is None:
        with pytest.raises(InputError, match="量纲"):
            parse_check(1, text, "必须", "", UNITS)
    else:
        assert state(text, **values) == expected


def test_change_against_an_earlier_period() -> None:
    rule = "变动(A01@上年同期) <= 30%"
    assert state(rule, past={("A01", "2025Q3"): "100"}, A01="130") == "通过"
    assert state(rule, past={("A01", "2025Q3"): "100"}, A01="131") == "不符"
    assert state(rule, past={("A01", "2025Q3"): "100"}, A01="69") == "不符"
    assert state(rule, past={("A01", "2025Q3"): "0"}, A01="69") == "未判"
    assert state(rule, A01="69") == "未判"
    assert state("变动(A01@上期)<=±5%", past={("A01", "2026Q2"): "100"}, A01="105") == "通过"


def test_what_blocks() -> None:
    tests = (parse_check(1, "A01 >= A02", "必须", "", UNITS), parse_check(2, "A01 >= 5", "说明", "", UNITS), parse_check(3, "A01 >= 5", "提示", "", UNITS))
    found = run(tests, {"A01": cell_methods.read("1"), "A02": cell_methods.read("2")}, UNITS, Q, lambda *_: None)
    assert [f.check.number for f in blocking(found, {})] == [1, 2]
    assert [f.check.number for f in blocking(found, {2: "停产"})] == [1]
    assert [f.check.number for f in blocking(found, {1: "说了也不行", 2: " "})] == [1, 2]


money = st.decimals(min_value=-(10**6), max_value=10**6, places=2, allow_nan=False)


@given(money, money, st.integers(0, 2))
def test_order_survives_rounding(a: Decimal, b: Decimal, digits: int) -> None:
    """If the true values satisfy ≥, their printed roundings never fail the check; and ≥ or ≤ always holds."""
    from decimal import ROUND_HALF_UP

    shown = {k: f"{v.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)}" for k, v in (("A01", a), ("A02", b))}
    if a >= b:
        assert state("A01 >= A02", **shown) == "通过"
    assert "通过" in (state("A01 >= A02", **shown), state("A01 <= A02", **shown))


@given(st.lists(st.decimals(min_value=0, max_value=10**5, places=4, allow_nan=False), min_size=2, max_size=2), st.integers(0, 3))
def test_a_true_sum_passes_at_any_rounding(parts: list[Decimal], digits: int) -> None:
    from decimal import ROUND_HALF_UP

    place = Decimal(1).scaleb(-digits)
    units = {"A01": unit("万元"), "A02": unit("万元"), "A04": unit("万元")}
    shown = {"A01": sum(parts), "A02": parts[0], "A04": parts[1]}
    cells = {k: cell_methods.read(f"{v.quantize(place, ROUND_HALF_UP)}") for k, v in shown.items()}
    check = parse_check(1, "A01 = A02 + A04", "必须", "", units)
    assert run((check,), cells, units, Q, lambda *_: None)[0].state == "通过"
    # Two whole last digits beyond what three roundings can explain is a fault.
    off = {**cells, "A01": Cell(cells["A01"].value + 3 * place, digits)}  # type: ignore[operator]
    assert run((check,), off, units, Q, lambda *_: None)[0].state == "不符"


@given(st.text(max_size=12))
def test_a_cell_is_a_number_an_unknown_a_blank_or_refused(text: str) -> None:
    try:
        cell = cell_methods.read(text)
    except InputError:
        return
    assert cell.value is None or (cell.value.is_finite() and not cell.status)
    assert cell_methods.from_raw(cell.raw()) == cell


@pytest.mark.parametrize("text", ["=1+1", "约100", "100万", "1,00", "1e5", "NaN", "Infinity", "1 2", "0.1234567", "9" * 20, "--5", "１２a"])
def test_not_numbers(text: str) -> None:
    with pytest.raises(InputError):
        cell_methods.read(text)


def test_numbers_as_people_type_them() -> None:
    assert cell_methods.read(" １，２３４.５０ ") == Cell(Decimal("1234.50"), 2)
    assert cell_methods.read("-0").value == 0
    assert cell_methods.read("查无") == Cell(status="none" and "查无")
    with pytest.raises(InputError, match="只留一个"):
        cell_methods.read("5", "查无")


@given(st.dictionaries(st.sampled_from("甲乙丙丁戊"), st.one_of(st.none(), st.just("查无"), st.just(""), st.integers(0, 10**9).map(str)), min_size=1))
def test_a_total_counts_everyone_once(answers: dict[str, str | None]) -> None:
    """Reported + others = asked; the sum is of the reported only; nobody reported is None, not 0."""
    found = total(list(answers), {k: None if v is None else cell_methods.read(v) for k, v in answers.items()})
    numbers = [int(v) for v in answers.values() if v and v.isdigit()]
    assert found.reported == len(numbers) and found.asked == len(answers)
    assert found.reported + sum(len(v) for v in found.others.values()) == found.asked
    assert found.value == (sum(numbers) if numbers else None)
    for name, value in answers.items():
        word = {None: "未报", "": "未填", "查无": "查无"}.get(value)
        assert word is None or name in found.others[word]
