"""The store of facts: recording, revising, vintages, lanes, derived values, frames."""

from datetime import date, datetime, timedelta
from fractions import Fraction as F
from typing import Any

import pytest
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.base.values.period import period
from wenmai.office.events.models import Event
from wenmai.office.figures import definitions, facts
from wenmai.office.figures.fact_queries import Place, answer, comparable_growth, frame_at, frame_changes, series, vintages
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Definition, Fact, FactStatus, Lane, Source
from wenmai.office.people.models import Role, User

AREA = ("area", "本区")
pytestmark = pytest.mark.django_db


def area(code: str, when: str, value: Any, unit: str = "亿元", lane: str = Lane.BUREAU, scope: str = "全口径", **more: Any) -> NewFact:
    return NewFact(*AREA, code, when, value, unit, lane, scope, **more)


def firm(key: str, when: str, value: Any) -> NewFact:
    return NewFact("enterprise", key, "SC06", when, value, "万元", Lane.MONITOR, "本办监测", name=key)


def test_rows_in_are_the_sum_of_outcomes(dictionary: None, bureau: Source) -> None:
    rows = [area("SC06", "2024", "141510"), area("SC06", "2024", "1"), area("SC99", "2024", "1"), area("SC06", "去年", "1"), area("SC06", "2023", "abc")]
    first = facts.record(rows, bureau)
    assert first.counts == {"新增": 1, "更正": 0, "未变": 0, "退回": 4}
    assert [bool(reason) for _, reason in first.rows] == [False, True, True, True, True]
    assert facts.record(rows[:1], bureau).counts["未变"] == 1
    assert Fact.objects.count() == 1
    assert Event.objects.filter(verb="figures.facts.recorded").count() == 2


def test_a_revision_keeps_the_vintage(dictionary: None, bureau: Source) -> None:
    """National share of GDP 2022: 4.46 first, 4.42 after the census (benchmarks.csv): a report must keep its vintage."""
    early = timezone.now() - timedelta(days=400)
    place = Place(*AREA, Lane.BUREAU, "全口径")
    facts.record([area("SC10", "2022", "4.46", "%")], bureau, now=early)
    facts.record([area("SC10", "2022", "4.42", "%"), area("SC10", "2023", "4.59", "%")], bureau)
    assert answer(place, "SC10", period("2022")).text() == "4.42"
    then = Place(*AREA, Lane.BUREAU, "全口径", as_of=early + timedelta(days=1))
    assert answer(then, "SC10", period("2022")).text() == "4.46"
    assert [str(f.value.normalize()) for f in vintages(place, "SC10", period("2022")) if f.value is not None] == ["4.46", "4.42"]
    assert answer(place, "SC12", period("2023")).value == F("0.17")
    assert answer(then, "SC12", period("2023")).value is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (NewFact("enterprise", "k", "SC06", "2024", "1", "亿元", Lane.BUREAU, "规上"), "单户"),
        (area("SC09", "2024", "1", lane=Lane.MONITOR, stage="初步核算"), "不能由"),
        (area("SC09", "2024", "1"), "版次"),
        (area("SC06", "2024", "1", stage="初步核算"), "不分版次"),
        (area("SC06", "2024-12-31", "1"), "时期数"),
        (area("SC04", "2024", "69", "家"), "时点数"),
        (area("SC06", "2024", "1", "家"), "不能换算"),
        (area("SC06", "2024", None), "没有数值"),
        (area("SC06", "2024", "1", status=FactStatus.NONE_FOUND), "不应有数值"),
        (area("SC06", "2024", "NaN"), "超出"),
        (area("SC06", "2024", "1e30"), "超出"),
        (area("SC06", "2024", "0.00000001"), "小数位数"),
        (area("SC06", "2024", "1", scope=" "), "口径"),
        (area("SC06", "2024", "1", lane="别处"), "来源类"),
    ],
)
def test_broken_rules_are_named(dictionary: None, bureau: Source, row: NewFact, said: str) -> None:
    outcome = facts.record([row], bureau)
    assert outcome.rows[0][0] == "退回"
    assert said in outcome.rows[0][1]
    assert not Fact.objects.exists()


def test_bureau_figures_need_the_slip(dictionary: None, monitor: Source) -> None:
    assert "确认单" in facts.record([area("SC06", "2024", "1")], monitor).rows[0][1]


def test_unknown_has_kinds(dictionary: None, monitor: Source) -> None:
    facts.record([area("SC15", "2024", None, lane=Lane.MONITOR, status=FactStatus.REFUSED)], monitor)
    place = Place(*AREA, Lane.MONITOR, "全口径")
    assert answer(place, "SC15", period("2024")).text() == "—（拒报）"
    assert answer(place, "SC15", period("2023")).text().startswith("—（未采集")
    margin = answer(place, "SC16", period("2024"))
    assert margin.value is None and any("拒报" in w for w in margin.why)


def test_lanes_and_scopes_never_stand_in_for_each_other(dictionary: None, bureau: Source, monitor: Source) -> None:
    """The published error of domain.md 2.3: new-format revenue of above-scale firms over all-unit revenue."""
    facts.record([area("SC15", "2024", "12909", scope="规上"), area("SC06", "2024", "191423", scope="全口径")], bureau)
    facts.record([area("SC06", "2024", "141510", lane=Lane.MONITOR, scope="规上")], monitor)
    assert answer(Place(*AREA, Lane.BUREAU, "规上"), "SC16", period("2024")).value is None
    facts.record([area("SC06", "2024", "141510", scope="规上")], bureau)
    margin = answer(Place(*AREA, Lane.BUREAU, "规上"), "SC16", period("2024"))
    assert margin.text() == "9.12"  # as published (benchmarks.csv, N24)
    assert {f.scope.name for f in margin.facts} == {"规上"}


def test_share_of_gdp_needs_one_stage(dictionary: None, bureau: Source) -> None:
    facts.record([area("SC09", "2022", "58.93", stage="初步核算"), area("GDP", "2022", "1473", scope="全社会", stage="最终核实")], bureau)
    place = Place(*AREA, Lane.BUREAU, "全口径")
    assert "版次不同" in answer(place, "SC10", period("2022")).why[0]
    facts.record([area("GDP", "2022", "1480", scope="全社会", stage="初步核算")], bureau)
    first = Place(*AREA, Lane.BUREAU, "全口径", stage="初步核算")
    assert answer(first, "SC10", period("2022")).text(1) == "4.0"


def test_a_change_of_definition_needs_another_person(dictionary: None, bureau: Source) -> None:
    proposer = User.objects.create_user("a", role=Role.REVIEWER)
    other = User.objects.create_user("b", role=Role.REVIEWER)
    editor = User.objects.create_user("c", role=Role.EDITOR)
    made = definitions.propose("SC06", {"text": "另含规下样本推算"}, "口径调整", "2024", proposer)
    assert facts.definition_for("SC06", period("2024")).number == 1
    with pytest.raises(Refused, match="提出人"):
        definitions.decide("SC06", made.number, True, actor=proposer)
    with pytest.raises(Refused, match="角色"):
        definitions.decide("SC06", made.number, True, actor=editor)
    with pytest.raises(Refused, match="待批"):
        definitions.propose("SC06", {"name": "x"}, "再改", "2024", proposer)
    definitions.decide("SC06", made.number, True, actor=other)
    assert facts.definition_for("SC06", period("2024")).number == 2
    assert facts.definition_for("SC06", period("2023")).number == 1
    with pytest.raises(Refused, match="不能再审批"):
        definitions.decide("SC06", made.number, False, "x", actor=other)


def test_series_stand_side_by_side_and_back_cast_needs_approval(dictionary: None, bureau: Source) -> None:
    facts.record([area("SC06", "2023", "100"), area("SC06", "2024", "110")], bureau)
    made = definitions.propose("SC06", {"text": "新口径"}, "普查后调整", "2024")
    definitions.decide("SC06", made.number, True)
    facts.record([area("SC06", "2024", "120")], bureau)
    place = Place(*AREA, Lane.BUREAU, "全口径")
    assert [(f.definition.number, f.period, int(f.value or 0)) for f in series(place, "SC06")] == [(1, "2023", 100), (1, "2024", 110), (2, "2024", 120)]
    refused = facts.record([area("SC06", "2023", "108", version=2)], bureau)
    assert "没有批准追溯" in refused.rows[0][1]
    Definition.objects.filter(pk=made.pk).update(back_cast=True)
    assert facts.record([area("SC06", "2023", "108", version=2)], bureau).counts["新增"] == 1
    assert answer(place, "SC06", period("2024")).value == 120


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"formula": "SC16 * SC06"}, "绕回"), ({"formula": "SC04"}, "量纲"), ({"formula": "SC06 +"}, "没有写完"), ({"unit": "块"}, "单位"), ({"kind": "x"}, "性质")],
)
def test_a_wrong_definition_is_refused(dictionary: None, changes: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        definitions.propose("SC15", changes, "试", "2024")


def test_comparable_growth_by_matched_frames(dictionary: None, monitor: Source) -> None:
    """b entered in 2024 and c left; both move the level, neither moves the comparable rate."""
    for key, entered, left in (("a", date(2022, 1, 1), None), ("b", date(2024, 2, 1), None), ("c", date(2022, 1, 1), date(2024, 1, 15))):
        facts.enter_frame("规上", Lane.MONITOR, key, entered, monitor)
        if left:
            facts.leave_frame("规上", Lane.MONITOR, key, left, "降规")
    facts.record([firm("a", "2023M01-09", "1000"), firm("c", "2023M01-09", "800"), firm("a", "2024M01-09", "1100"), firm("b", "2024M01-09", "5000")], monitor)
    growth = comparable_growth("SC06", "2024年1—9月", "规上", "本办监测")
    assert growth.rate == F(1, 10)
    assert (growth.matched, growth.entered_units, growth.left_units) == (1, 1, 1)
    assert set(frame_at("规上", Lane.MONITOR, date(2024, 9, 30))) == {"a", "b"}
    changes = frame_changes("规上", Lane.MONITOR, date(2024, 1, 1), date(2024, 12, 31))
    assert [changes[w].count() for w in ("入库", "退库")] == [1, 1]
    with pytest.raises(NotFound):
        comparable_growth("SC06", "2020", "规上", "本办监测")
    with pytest.raises(Refused, match="名单"):
        comparable_growth("SC06", "2024年1—9月", "另一框", "本办监测")


def test_a_unit_is_in_a_frame_once(dictionary: None, monitor: Source) -> None:
    facts.enter_frame("规上", Lane.MONITOR, "a", date(2022, 1, 1), monitor)
    with pytest.raises(InputError, match="已在"):
        facts.enter_frame("规上", Lane.MONITOR, "a", date(2023, 1, 1), monitor)
    with pytest.raises(InputError, match="早于"):
        facts.leave_frame("规上", Lane.MONITOR, "a", date(2021, 1, 1))
    with pytest.raises(InputError, match="不在"):
        facts.leave_frame("规上", Lane.MONITOR, "zz", date(2024, 1, 1))


def test_retracting_keeps_the_history(dictionary: None, bureau: Source) -> None:
    facts.record([area("SC06", "2024", "1")], bureau, now=datetime(2025, 1, 1, tzinfo=timezone.get_current_timezone()))
    fact = Fact.objects.get()
    with pytest.raises(InputError, match="理由"):
        facts.retract([fact.pk], " ")
    assert facts.retract([fact.pk], "录错") == 1
    place = Place(*AREA, Lane.BUREAU, "全口径")
    assert answer(place, "SC06", period("2024")).value is None
    assert len(vintages(place, "SC06", period("2024"))) == 1


def test_a_reader_records_nothing(dictionary: None, bureau: Source) -> None:
    reader = User.objects.create_user("r", role=Role.READER)
    with pytest.raises(Refused, match="角色"):
        facts.record([area("SC06", "2024", "1")], bureau, reader)


def test_the_shipped_dictionary_answers_from_facts(db: None, bureau: Source) -> None:
    """N24: 141,510 亿元 over 7.8 万家; the count is a stock, read at the end of the span that was asked for."""
    assert definitions.install_shipped() > 150
    assert definitions.install_shipped() == 0
    facts.record([area("SC06", "2024", "141510", scope="规上"), area("SC04", "2024年末", "7.8", "万家", scope="规上")], bureau)
    got = answer(Place(*AREA, Lane.BUREAU, "规上"), "SC20", period("2024"))
    assert got.text(0) == "18142" and got.unit == "万元/家"


def test_an_item_takes_its_own_parts(db: None, bureau: Source) -> None:
    definitions.install_shipped()
    rows = [("", "64961"), ("大类=01", "8768"), ("大类=02", "14628")]  # N24H1
    facts.record([area("SC06", "2024H1", v, scope="规上", item=i) for i, v in rows], bureau)
    place = Place(*AREA, Lane.BUREAU, "规上")
    assert answer(place, "ST02R", period("2024H1"), "大类=01").text(1) == "13.5"
    assert answer(place, "ST02R", period("2024H1"), "大类=03").value is None
