"""The pure methods of the ledgers: against hand-worked cases, brute force, and the standard library."""

from __future__ import annotations

import statistics as library
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.rooms.records.methods import demands, nurture, occupancy, ownership, projects, recognition, shares

DAY = date(2026, 3, 1)
days = st.dates(date(2025, 1, 1), date(2025, 3, 31))


# occupancy ------------------------------------------------------------------------------------------------------------
def test_first_and_last_day_are_let() -> None:
    spell = occupancy.Spell(1, date(2025, 1, 1), date(2025, 12, 31))
    assert [spell.on(d) for d in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1))] == [False, True, True, False]


def test_early_end_is_the_last_day() -> None:
    spell = occupancy.Spell(1, date(2025, 1, 1), date(2025, 12, 31), date(2025, 6, 30))
    assert spell.on(date(2025, 6, 30)) and not spell.on(date(2025, 7, 1))


def test_occupancy_by_hand() -> None:
    """Three units of 100, 200, 300 ㎡; the second is let: 200 / 600."""
    spaces = [occupancy.Space(n, Decimal(100 * n)) for n in (1, 2, 3)]
    spells = [occupancy.Spell(2, date(2026, 1, 1)), occupancy.Spell(3, date(2025, 1, 1), date(2026, 2, 28))]
    found = occupancy.occupancy(spaces, spells, DAY, Decimal(9999))
    assert (found.let, found.lettable, found.let_units, found.rate) == (200, 600, 1, Fraction(1, 3))


def test_occupancy_is_unknown_not_zero() -> None:
    assert occupancy.occupancy([], [], DAY, Decimal(500)).rate is None
    assert occupancy.occupancy([occupancy.Space(1, None), occupancy.Space(2, Decimal(5))], [], DAY).rate is None
    assert occupancy.occupancy([occupancy.Space(2, Decimal(5))], [], DAY).rate == 0


spells_of = st.lists(
    st.builds(lambda u, a, n, open_, early: occupancy.Spell(u, a, None if open_ else a + timedelta(n), None if early is None else a + timedelta(early), 0),
              st.integers(1, 2), days, st.integers(0, 20), st.booleans(), st.none() | st.integers(0, 10)), max_size=6)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(spells_of)
def test_overlap_is_a_day_in_common(spells: list[occupancy.Spell]) -> None:
    """Against walking every day of the span."""
    from dataclasses import replace

    spells = [replace(s, lease=n) for n, s in enumerate(spells)]
    span = [date(2025, 1, 1) + timedelta(n) for n in range(120)]
    brute = {frozenset((a.lease, b.lease)) for a in spells for b in spells
             if a.lease < b.lease and a.unit == b.unit and any(a.on(d) and b.on(d) for d in span)}  # fmt: skip
    assert {frozenset((a.lease, b.lease)) for a, b in occupancy.overlap(spells)} == brute


# shares ---------------------------------------------------------------------------------------------------------------
def test_unknown_tenants_widen_the_share() -> None:
    """Two cultural (one partial), one not, one unknown: between 2/4 and 3/4; by area 30+20 of 100 sure, 10 unknown."""
    found = shares.shares([
        shares.Tenant("a", Decimal(30), shares.WHOLE), shares.Tenant("b", Decimal(20), shares.PARTIAL),
        shares.Tenant("c", Decimal(40), shares.NO), shares.Tenant("d", Decimal(10), None),
    ])  # fmt: skip
    assert found.by_count == shares.Interval(Fraction(1, 2), Fraction(3, 4))
    assert found.by_area == shares.Interval(Fraction(1, 2), Fraction(3, 5))
    assert (found.whole, found.partial, found.no, found.unknown) == (1, 1, 1, 1)


def test_tenant_with_two_units_is_one() -> None:
    found = shares.shares([shares.Tenant("a", Decimal(30), shares.WHOLE), shares.Tenant("a", Decimal(20), shares.WHOLE), shares.Tenant("b", None, shares.NO)])
    assert found.tenants == 2 and found.by_count == shares.Interval(Fraction(1, 2), Fraction(1, 2))
    assert found.by_area is None and found.without_area == 1
    assert shares.shares([]).by_count is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([shares.WHOLE, shares.PARTIAL, shares.NO, None]), min_size=1, max_size=12), st.data())
def test_every_way_to_learn_the_unknown_lies_within(states: list[str | None], data: st.DataObject) -> None:
    tenants = [shares.Tenant(str(n), Decimal(n + 1), s) for n, s in enumerate(states)]
    bounds = shares.shares(tenants)
    learned = [shares.Tenant(t.who, t.area, t.state or data.draw(st.sampled_from([shares.WHOLE, shares.NO]))) for t in tenants]
    exact = shares.shares(learned)
    for wide, one in ((bounds.by_count, exact.by_count), (bounds.by_area, exact.by_area)):
        assert wide is not None and one is not None and one.exact and wide.low <= one.low <= wide.high


# recognition ----------------------------------------------------------------------------------------------------------
DOUBLE = [{"measure": "occupancy", "at_least": 700}, {"measure": "cultural_count", "at_least": 700}]


def _at(low: str, high: str | None = None) -> shares.Interval:
    return shares.Interval(Fraction(low), Fraction(high or low))


@pytest.mark.parametrize(("one", "two", "answer"), [
    (_at("0.7"), _at("0.7"), recognition.MET), (_at("0.699"), _at("0.9"), recognition.NOT_MET), (_at("0.9"), _at("0.6", "0.8"), recognition.UNDECIDABLE),
    (None, _at("0.9"), recognition.UNDECIDABLE), (None, _at("0.2"), recognition.NOT_MET), (_at("0.8"), _at("0.7", "0.8"), recognition.MET),
])  # fmt: skip
def test_double_seventy(one: shares.Interval | None, two: shares.Interval, answer: str) -> None:
    """One failing condition decides whatever else is unknown; an interval over the line is enough."""
    assert recognition.check(DOUBLE, {"occupancy": one, "cultural_count": two}, DAY).answer == answer


def test_gap_is_said() -> None:
    found = recognition.check(DOUBLE, {"occupancy": _at("0.6999"), "cultural_count": _at("0.5", "0.75")}, DAY, missing={"cultural_count": "3 家未识别"})
    assert found.conditions[0].gap == "差0.1个百分点"  # rounded up, never 0
    assert "3 家未识别" in found.conditions[1].gap and "50%至75%" in found.conditions[1].gap


def test_rule_out_of_force_decides_nothing() -> None:
    good = {"occupancy": _at("0.9"), "cultural_count": _at("0.9")}
    assert recognition.check(DOUBLE, good, DAY, valid_to=date(2026, 2, 28)).answer == recognition.UNDECIDABLE
    assert recognition.check(DOUBLE, good, DAY, valid_to=DAY, valid_from=DAY).answer == recognition.MET
    assert recognition.check([], good, DAY).answer == recognition.UNDECIDABLE


# projects -------------------------------------------------------------------------------------------------------------
def test_year_from_months_stops_at_the_gap() -> None:
    """January 10, February 20, March not reported, April 5: 30 through February; the plan needs twelve months."""
    rows = [projects.Money(2026, 1, 15, 10), projects.Money(2026, 2, 15, 20), projects.Money(2026, 3, 15, None), projects.Money(2026, 4, 15, 5)]
    assert projects.of_year(rows, 2026) == (None, 30, 2)
    assert projects.of_year([*rows, projects.Money(2026, None, 120, None)], 2026) == (120, 30, 2)
    assert projects.of_year([*rows, projects.Money(2026, None, 120, 100)], 2026) == (120, 100, 12)
    assert projects.of_year([projects.Money(2025, m, 10, None) for m in range(1, 13)], 2025) == (120, None, 0)


def test_progress_by_hand() -> None:
    nodes = [projects.Node("a", date(2026, 1, 1), date(2026, 1, 11), True), projects.Node("b", date(2026, 2, 1), None), projects.Node("c", date(2026, 9, 1), None)]
    rows = [projects.Money(2025, None, 100, 80), projects.Money(2026, None, 200, 50)]
    found = projects.progress(rows, nodes, 1000, DAY)
    assert (found.year_rate, found.invested, found.total_rate) == (Fraction(1, 4), 130, Fraction(13, 100))
    assert (found.done, found.proved, found.nodes, [n.name for n in found.late], found.slip) == (1, 1, 3, ["b"], 28)


def test_unreported_is_unknown() -> None:
    empty = projects.progress([], [], None, DAY)
    assert (empty.plan, empty.actual, empty.year_rate, empty.invested, empty.total_rate, empty.slip) == (None,) * 6
    gap = projects.progress([projects.Money(2024, None, 1, 5), projects.Money(2026, None, 1, 5)], [], 100, DAY)
    assert gap.invested is None  # nobody reported 2025
    assert projects.progress([projects.Money(2025, None, 1, 5)], [], 100, DAY).invested == 5  # the current year may still be empty


# demands --------------------------------------------------------------------------------------------------------------
@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_median_and_p90_against_libraries(values: list[int]) -> None:
    cases = [demands.Case("融资", DAY - timedelta(v + 10), DAY - timedelta(v), None) for v in values]
    found = demands.statistics(cases, DAY)
    assert found.median == Fraction(library.median(values)) and found.overdue == len(values)
    assert found.p90 == int(np.percentile(values, 90, method="inverted_cdf"))


def test_three_things() -> None:
    late = DAY - timedelta(5)
    cases = [
        demands.Case("融资", late, late, None, "金融办"), demands.Case("融资", late, late, None, "金融办"), demands.Case("融资", late, None, None, ""),
        demands.Case("用房用地", late, DAY, None, "自然资源局"), demands.Case("用房用地", late, late, DAY, ""), demands.Case("人才用工", late, late, late, "人社局"),
    ]  # fmt: skip
    found = demands.statistics(cases, DAY)
    assert [(k.kind, k.raised, k.open, k.overdue, k.longest) for k in found.kinds] == [("融资", 3, 3, 2, 5), ("用房用地", 2, 1, 0, 0), ("人才用工", 1, 0, 0, 0)]
    assert found.kinds[0].departments == (("金融办", 2), ("未明确", 1))
    assert (found.total, found.open, found.overdue, found.without_due, found.closed_in_time) == (6, 4, 2, 1, Fraction(1, 2))
    assert demands.statistics([], DAY).median is None


# ownership ------------------------------------------------------------------------------------------------------------
def _edges(*said: tuple[str, str, int | None]) -> list[ownership.Edge]:
    return [ownership.Edge(p, c, n) for p, c, n in said]


def test_diamond_adds_products() -> None:
    """G holds 60 % of A and 50 % of B; A holds 40 % of X, B 60 %: 0.24 + 0.30 = 0.54. The rest of A and B is unnamed."""
    found = ownership.closure(_edges(("G", "A", 600), ("G", "B", 500), ("A", "X", 400), ("B", "X", 600)), "X", DAY)
    assert found.owners == {"G": Fraction(54, 100)} and found.cycles == () and found.controller == "B"


def test_unknown_share_is_not_zero() -> None:
    found = ownership.closure(_edges(("G", "A", None), ("A", "X", 510), ("H", "X", 490)), "X", DAY)
    assert found.owners == {"G": None, "H": Fraction(49, 100)}


def test_cycle_is_reported_and_not_summed() -> None:
    found = ownership.closure(_edges(("A", "X", 600), ("B", "A", 700), ("A", "B", 100), ("G", "B", 900)), "X", DAY)
    assert found.cycles == (("A", "B"),) and found.owners == {"G": None}


def test_ended_edge_does_not_count() -> None:
    edges = [ownership.Edge("A", "X", 1000, until=date(2025, 12, 31)), ownership.Edge("B", "X", 1000, since=date(2026, 1, 1))]
    assert ownership.closure(edges, "X", DAY).owners == {"B": 1}
    assert ownership.closure(edges, "X", date(2025, 6, 1)).owners == {"A": 1}


@st.composite
def dags(draw: st.DrawFn) -> list[ownership.Edge]:
    """Edges from higher to lower numbers: no circles."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda p: p[0] > p[1]), unique=True, max_size=10))
    return [ownership.Edge(str(p), str(c), draw(st.integers(0, 400))) for p, c in pairs]


@settings(max_examples=200, deadline=None)
@given(dags())
def test_closure_is_the_sum_over_all_paths(edges: list[ownership.Edge]) -> None:
    def paths(node: str) -> dict[str, Fraction]:
        mine = [e for e in edges if e.child == node]
        if not mine:
            return {node: Fraction(1)}
        total: dict[str, Fraction] = {}
        for e in mine:
            for root, share in paths(e.parent).items():
                total[root] = total.get(root, Fraction(0)) + share * Fraction(e.permille or 0, 1000)
        return total

    expected = paths("0")
    expected.pop("0", None)
    assert ownership.closure(edges, "0", DAY).owners == expected


timed = st.builds(
    lambda p, c, a, n: ownership.Edge(p, c, 10, date(2025, 1, 1) + timedelta(a), None if n is None else date(2025, 1, 1) + timedelta(a + n)),
    st.sampled_from("ABCD"), st.sampled_from("ABCD"), st.integers(0, 20), st.none() | st.integers(0, 15),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(timed, max_size=7), timed)
def test_cycle_in_time_against_every_day(edges: list[ownership.Edge], new: ownership.Edge) -> None:
    """Add the good ones one by one; then the verdict on the new one must be that of looking at every single day."""
    kept: list[ownership.Edge] = []
    for edge in edges:
        if edge.parent != edge.child and ownership.closes_cycle(kept, edge) is None:
            kept.append(edge)
    brute = any(_circle([e for e in [*kept, new] if e.on(date(2025, 1, 1) + timedelta(n))]) for n in range(60))
    assert (ownership.closes_cycle(kept, new) is not None) == brute


def _circle(edges: list[ownership.Edge]) -> bool:
    left = list(edges)
    while True:  # take away edges whose parent has no parent; what cannot be taken away is a circle
        children = {e.child for e in left}
        keep = [e for e in left if e.parent in children]
        if len(keep) == len(left):
            return bool(left)
        left = keep


# nurture --------------------------------------------------------------------------------------------------------------
def test_states_and_order() -> None:
    """Line 500: 520 is over, 350 is 70 % (near), 349.99 is not; unknown revenue is never far."""
    def firm(name: str, revenue: str | None, line: int | None = 500, since: date | None = date(2015, 1, 1)) -> nurture.Firm:
        return nurture.Firm(name, name, Decimal(revenue) if revenue else None, 2025, line, since)

    found = nurture.place([firm("远", "349.99"), firm("近", "350"), firm("过", "520"), firm("未知", None), firm("无标准", "900", None)], DAY, month=11)
    assert [(c.firm.name, c.state) for c in found] == [
        ("过", nurture.OVER), ("近", nurture.NEAR), ("远", nurture.FAR), ("无标准", nurture.NO_LINE), ("未知", nurture.NO_REVENUE)]  # fmt: skip
    assert found[1].gap == 150 and found[0].gap == -20 and found[4].gap is None
    assert found[1].apply == "年度申报（11 月）"
    assert nurture.place([firm("新", "600", since=date(2025, 6, 1))], DAY)[0].apply.startswith("月度申报")
