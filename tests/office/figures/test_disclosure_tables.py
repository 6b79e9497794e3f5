"""Tables of firms: a firm counts once, one version and one stage are read, and what left before is set beside what leaves now.

Expected values are worked out by hand in each test, or come from sets of firm keys (the independent oracle of margins).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from wenmai.base.values import NotFound, Refused
from wenmai.office.events.models import Event
from wenmai.office.figures import definitions, facts
from wenmai.office.figures.fact_queries import comparable_growth, once, one_stage
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.methods.disclosure import Cell, Rules, Table, differencing, grid, implied, merge, sensitive, suppress, withheld_before
from wenmai.office.figures.models import Definition, Fact, Lane, ReleasedTable, Source
from wenmai.office.figures.releasing import release
from wenmai.office.figures.tabling import check
from wenmai.office.people.models import Role, User

RULES = Rules()
WHAT = ("SC06", "2024", "规上", "分项：大类")


def firm(key: str, value: str, item: str = "", when: str = "2024", version: int | None = None, stage: str = "") -> NewFact:
    return NewFact("enterprise", key, "SC06", when, value, "万元", Lane.MONITOR, "规上", item=item, version=version, stage=stage)


def put(source: Source, *rows: NewFact) -> None:
    outcome = facts.record(rows, source)
    assert outcome.counts["退回"] == 0, outcome.rows


def new_version(back_cast: bool = False, **changes: Any) -> None:
    made = definitions.propose("SC06", {"text": "新口径", **changes}, "口径调整", "2024")
    definitions.decide("SC06", made.number, True, back_cast=back_cast)


# --- margins are made from sets of firms ---------------------------------------------------------------------------


def test_a_firm_in_five_cells_is_one_firm_in_the_total() -> None:
    total = merge(Cell.of([("甲", 10.0)]) for _ in range(5))
    assert (total.units, total.value, total.largest) == (1, 50.0, (50.0, 0.0))
    assert sensitive(total, RULES) == "少于 5 家"


def test_dominance_is_of_the_firm_not_of_its_cells() -> None:
    """甲 reports 20 in each of five cells, four others 2 each: 100 of 140 is over 70 %, though each entry is small."""
    total = merge(Cell.of([("甲", 20.0), *[(k, 2.0) for k in "乙丙丁戊"]]) for _ in range(5))
    assert (total.units, total.value, total.largest) == (5, 140.0, (100.0, 10.0))
    assert sensitive(total, RULES) == "最大 1 家超过 70%"


@pytest.mark.parametrize("seed", range(10))
def test_margins_agree_with_sets_of_firms(seed: int) -> None:
    rng = random.Random(seed)
    told = [(f"f{rng.randrange(12)}", rng.choice("甲乙丙"), rng.choice("12"), rng.randrange(100)) for _ in range(60)]
    cells: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for key, row, column, value in told:
        cells[row, column].append((key, float(value)))
    table = grid("甲乙丙", "12", {k: Cell.of(v) for k, v in cells.items()})
    for name, cell in table.cells.items():
        row, column = name.split("|")
        mine = [t for t in told if row in (t[1], "合计") and column in (t[2], "合计")]
        by_firm: dict[str, int] = defaultdict(int)
        for key, _, _, value in mine:
            by_firm[key] += value
        assert cell.units == len(by_firm) and cell.value == pytest.approx(sum(by_firm.values()))
        assert cell.largest is not None and cell.largest == pytest.approx(tuple(sorted(by_firm.values(), reverse=True)[:2]))


def test_cells_with_and_without_firms_are_not_added() -> None:
    with pytest.raises(ValueError, match="in common"):
        merge([Cell.of([("甲", 1.0)]), Cell(3.0, 3)])


def test_what_the_total_leaves_may_not_be_one_firm() -> None:
    """甲 alone is in 01 and 02. Withholding both leaves total − 03 − 04 = 甲's own 300: another class has to go."""
    cells = {"01": Cell.of([("甲", 100.0)]), "02": Cell.of([("甲", 200.0)])}
    cells |= {c: Cell.of([(f"{c}{i}", v) for i in range(7)]) for c, v in (("03", 100.0), ("04", 200.0))}
    table = Table({**cells, "合计": merge(cells.values())}, [("合计", tuple(cells))])
    assert implied(table, {"01", "02"}, RULES)
    found = suppress(table)
    assert found.withheld == {"01", "02", "03"} and not found.unprotected  # 300 of 1000 is one firm's: no dominance
    assert not implied(table, found.withheld, RULES)


def test_a_difference_of_few_firms_in_all_is_given_away() -> None:
    """One joined and one left: whoever is one of the two knows the other's value."""
    eight = frozenset("abcdefgh")
    assert "2 家" in differencing({"甲": eight - {"a"} | {"z"}}, {"甲": eight})["甲"]
    assert not differencing({"甲": eight}, {"甲": eight})
    assert not differencing({"甲": frozenset("12345") | eight}, {"甲": eight})
    assert set(withheld_before({"甲": eight, "乙": frozenset()}, {"甲": eight, "乙": frozenset("a")})) == {"甲"}


# --- a table of the register of facts ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_firm_in_five_classes_leaves_no_total(dictionary: None, monitor: Source) -> None:
    put(monitor, *[firm("甲", "10", f"大类=0{i}") for i in range(1, 6)])
    found = check(*WHAT)
    assert found.table.cells["合计"].units == found.firms == 1
    assert found.found.withheld == {"01", "02", "03", "04", "05", "合计"}
    assert {found.safe(k) for k in found.table.cells} == {"*"}


@pytest.mark.django_db
def test_a_firm_under_two_versions_counts_once(dictionary: None, monitor: Source) -> None:
    """Six firms reported 10 under version 1; all but the last again, 20, under version 2: 5 × 20, and one is left out."""
    put(monitor, *[firm(f"f{i}", "10", "大类=01") for i in range(6)])
    new_version()
    put(monitor, *[firm(f"f{i}", "20", "大类=01") for i in range(5)])
    assert Fact.objects.filter(recorded_to=None).count() == 11
    found = check(*WHAT)
    assert (found.table.cells["合计"].value, found.firms, found.left_out) == (100.0, 5, 1)


@pytest.mark.django_db
def test_only_the_old_version_is_said(dictionary: None, monitor: Source) -> None:
    put(monitor, firm("f", "10", "大类=01"))
    new_version()
    with pytest.raises(NotFound, match="现行定义"):
        check(*WHAT)


@pytest.mark.django_db
def test_a_firm_at_two_stages_counts_once(dictionary: None, monitor: Source) -> None:
    """Five firms at the first stage, three of them at the second as well: the stage of most firms is read, 5 × 10."""
    Definition.objects.filter(entry="SC06").update(stages=["初报", "核定"])
    put(monitor, *[firm(f"f{i}", "10", "大类=01", stage="初报") for i in range(5)], *[firm(f"f{i}", "11", "大类=01", stage="核定") for i in range(3)])
    found = check(*WHAT)
    assert (found.table.cells["合计"].value, found.firms, found.stage, found.left_out) == (50.0, 5, "初报", 0)
    put(monitor, *[firm(f"f{i}", "11", "大类=01", stage="核定") for i in (3, 4)])
    assert check(*WHAT).table.cells["合计"].value == 55.0  # of equal stages the later


def test_two_values_in_one_place_are_refused() -> None:
    once([("a", "x"), ("a", "y"), ("b", "x")])
    with pytest.raises(Refused, match="两个同时有效"):
        once([("a", "x"), ("a", "x")])
    assert one_stage(Definition(stages=["初报", "核定"]), {}) == ""


@pytest.mark.django_db
def test_growth_reads_one_version_in_both_periods(dictionary: None, monitor: Source) -> None:
    """Version 2 from 2024: 120 after 110 recast is 1/11; the old 100 and the old 2024 value are not mixed in."""
    facts.enter_frame("规上", Lane.MONITOR, "a", date(2022, 1, 1), monitor)
    put(monitor, firm("a", "100", when="2023"), firm("a", "999", when="2024"))
    new_version(back_cast=True)
    put(monitor, firm("a", "120"))
    with pytest.raises(Refused, match="现行定义"):
        comparable_growth("SC06", "2024", "规上", "规上")
    put(monitor, firm("a", "110", when="2023", version=2))
    rate = comparable_growth("SC06", "2024", "规上", "规上").rate
    assert rate is not None and rate * 11 == 1


@pytest.mark.django_db
def test_growth_reads_one_stage(dictionary: None, monitor: Source) -> None:
    """At the first stage 100 → 110; the second stage is there for 2024 only and would give 50 %."""
    Definition.objects.filter(entry="SC06").update(stages=["初报", "核定"])
    facts.enter_frame("规上", Lane.MONITOR, "a", date(2022, 1, 1), monitor)
    put(monitor, firm("a", "100", when="2023", stage="初报"), firm("a", "110", stage="初报"), firm("a", "150", stage="核定"))
    rate = comparable_growth("SC06", "2024", "规上", "规上").rate
    assert rate is not None and rate * 10 == 1


# --- releases ------------------------------------------------------------------------------------------------------


def classes(monitor: Source, *, more: tuple[NewFact, ...] = ()) -> None:
    """Six firms each in 01 (10), 02 (20) and 03 (30)."""
    put(monitor, *[firm(f"{c}-{i}", str(v), f"大类={c}") for c, v in (("01", 10), ("02", 20), ("03", 30)) for i in range(6)], *more)


@pytest.mark.django_db
def test_a_second_release_does_not_give_the_newcomer_away(dictionary: None, monitor: Source) -> None:
    """One firm joins 01 with 77: 137 − 60 and the totals' difference are both its value, so both cells go, 02 and 03 stay."""
    classes(monitor)
    first = release(*WHAT)
    assert {k: first.safe(k) for k in ("01", "02", "03", "合计")} == {"01": 60.0, "02": 120.0, "03": 180.0, "合计": 360.0}
    put(monitor, firm("new", "77", "大类=01"))
    second = release(*WHAT)
    assert {k: second.safe(k) for k in ("01", "02", "03", "合计")} == {"01": "*", "02": 120.0, "03": 180.0, "合计": "*"}
    assert second.compared == 1 and "只差 1 家" in second.found.primary["01"]
    put(monitor, *[firm(f"more{i}", "10", "大类=01") for i in range(9)])
    assert check(*WHAT).safe("01") == 227.0  # ten joined since the first, nine since the second


@pytest.mark.django_db
def test_another_split_of_the_same_firms_is_compared_too(dictionary: None, monitor: Source) -> None:
    """The total by class, then the total by frame with one firm more: the common total is set beside the first one."""
    classes(monitor)
    release(*WHAT)
    put(monitor, *[firm(f"{c}-{i}", str(v)) for c, v in (("01", 10), ("02", 20), ("03", 30)) for i in range(6)], firm("new", "77"))
    found = check("SC06", "2024", "规上", "在库")
    assert "只差 1 家" in found.found.primary["合计"]


@pytest.mark.django_db
def test_what_was_withheld_stays_withheld(dictionary: None, monitor: Source) -> None:
    """Three firms in 04: it and a partner go. Asked again with a lower limit, the same firms' cells are not shown."""
    classes(monitor, more=tuple(firm(f"04-{i}", "5", "大类=04") for i in range(3)))
    first = release(*WHAT)
    assert "04" in first.found.primary and len(first.found.withheld) == 2
    assert check(*WHAT, rules=Rules(min_units=3)).found.withheld == first.found.withheld
    ReleasedTable.objects.all().delete()
    assert not check(*WHAT, rules=Rules(min_units=3)).found.withheld  # it was the release that kept them


@pytest.mark.django_db
def test_the_same_table_again_is_the_same_release(dictionary: None, monitor: Source) -> None:
    classes(monitor, more=tuple(firm(f"04-{i}", "5", "大类=04") for i in range(3)))
    first, second = release(*WHAT), release(*WHAT)
    assert first.found.withheld == second.found.withheld and second.publishable
    assert ReleasedTable.objects.count() == 1
    told = Event.objects.get(verb="figures.table.released")
    assert told.payload is not None and told.payload["hidden"] == 2 and told.payload["firms"] == 21
    assert "04-0" not in json.dumps(told.payload)  # no firm in the log
    kept = ReleasedTable.objects.get()
    assert kept.members["分项：大类=04"] == ["04-0", "04-1", "04-2"] and "分项：大类=04" in kept.hidden


@pytest.mark.django_db
def test_who_may_release(dictionary: None, monitor: Source) -> None:
    classes(monitor)
    for role in (Role.READER, Role.AUDITOR):
        with pytest.raises(Refused):
            release(*WHAT, actor=User.objects.create_user(role, role=role))
    assert not ReleasedTable.objects.exists()
    assert release(*WHAT, actor=User.objects.create_user("r", role=Role.REVIEWER)).publishable
