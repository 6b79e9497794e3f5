"""Rounds and returns: issuing, filling, submitting twice, accepting, revising, who sees what."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.office.figures.fact_queries import Place, find, vintages
from wenmai.office.figures.models import Fact, Source
from wenmai.office.people.models import User
from wenmai.rooms.collection import filing, forming, permissions, queries
from wenmai.rooms.collection.models import FormVersion, Return, Round, State, Submission

from .conftest import FORM, GOOD, LEGAL, cells

People = dict[str, User]
PARK = Place("park", "p1", "本办监测口径", "园区")


def fresh(report: Return) -> Return:
    return Return.objects.select_related("round__form").get(pk=report.pk)


def q(code: str) -> Any:
    from wenmai.base.values.period import period

    return period(code)


def test_versions_are_never_edited(people: People) -> None:
    first, new = forming.take_in(FORM, actor=people["editor"])
    again, same = forming.take_in(FORM, actor=people["editor"])
    assert (new, same, again.pk) == (True, False, first.pk)
    issued = forming.issue("park-q", "2026Q3", actor=people["editor"])
    second, _ = forming.take_in(FORM.replace("用途: 测试", "用途: 另一用途"), actor=people["editor"])
    assert (second.number, FormVersion.objects.get(pk=first.pk).text) == (2, FORM)
    assert issued.form_id == first.pk
    with pytest.raises(Refused, match="已经布置过"):
        forming.issue("park-q", "2026年三季度", actor=people["editor"])
    assert forming.issue("park-q", "2026Q4", actor=people["editor"]).form_id == second.pk


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("指标: PK06", "指标: NOSUCH", "不在指标词典中"),
        ("指标: PK06, 单位: 万元", "指标: PK06, 单位: 家", "不能按家填"),
        ("必填: 否", "必填: 否, 时点: 是", "“时点”应写否"),
        ("指标: PK06", "指标: SC09", "不能由"),
        ("口径: 园区, 必填: 否", "口径: 园区, 分项: 大类=01, 必填: 否", "没有分项"),
    ],
)
def test_lines_must_fit_the_dictionary(people: People, old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        forming.take_in(FORM.replace(old, new, 1), actor=people["editor"])


def test_what_cannot_be_issued(people: People) -> None:
    statistical = FORM.replace("类别: 园区管理记录", "类别: 地方统计调查")
    forming.take_in(statistical)
    with pytest.raises(Refused, match="没有写明表号、制定机关、批准机关、文号、有效期限"):
        forming.issue("park-q", "2026Q3")
    forming.take_in(LEGAL.replace("2099-12-31", "2026-01-01") + statistical)
    with pytest.raises(Refused, match="有效期限 2026-01-01 已过"):
        forming.issue("park-q", "2026Q3", today=date(2026, 1, 2))
    assert forming.issue("park-q", "2025Q4", today=date(2026, 1, 1)).returns.count() == 3  # the last day is still valid
    with pytest.raises(InputError, match="不是季度"):
        forming.issue("park-q", "2026", today=date(2026, 1, 1))
    with pytest.raises(NotFound):
        forming.issue("nosuch", "2026Q3")
    for name in ("reader", "reviewer", "auditor", "op1", "st"):
        with pytest.raises(Refused):
            forming.issue("park-q", "2026Q1", actor=people[name])


def test_from_waiting_to_facts(issued: Round, one: Return, people: People) -> None:
    op = people["op1"]
    assert one.organisation is not None and one.organisation.name == "甲运营" and issued.due == date(2026, 10, 15)
    filing.save_draft(one.pk, cells(A01="1000"), {}, 1, op)
    assert (fresh(one).state, fresh(one).draft["cells"]) == (State.DRAFT, {"A01": {"value": "1000"}})
    with pytest.raises(InputError, match="A02 已租面积：必填"):
        filing.submit(one.pk, cells(A01="1000"), {}, 2, op)
    with pytest.raises(InputError, match="A01 >= A02"):
        filing.submit(one.pk, cells(A01="10", A02="11", C01="1"), {}, 2, op)
    assert not Submission.objects.exists()
    handed = filing.submit(one.pk, GOOD, {}, 2, op)
    assert handed.state == "已报" and fresh(one).state == State.SUBMITTED and not Fact.objects.exists()
    made = filing.accept(one.pk, 1, people["editor"])
    assert fresh(one).state == State.ACCEPTED
    fact = find(PARK, "PK05", q("2026Q3"))
    assert fact is not None and (fact.value, fact.unit, fact.decimals, fact.status) == (Decimal("5000.25"), "万元", 2, "reported")
    stock = find(PARK, "LET_AREA", q("2026-09-30"))
    assert stock is not None and stock.value == Decimal("900.5")
    refused = find(PARK, "PK06", q("2026Q3"))
    assert refused is not None and (refused.value, refused.status) == (None, "refused")  # unknown is a fact, never a zero
    source = Source.objects.get(pk=made.source_id)
    assert (source.provider, source.basis, source.purpose, source.share) == ("甲运营", "园区管理记录：园区季度表", "测试", "不可再共享")
    moves = Event.objects.filter(subject=f"return:{one.pk}").order_by("id")
    assert [(e.actor, e.payload["to"]) for e in moves] == [("op1", "草稿"), ("op1", "已报"), ("editor", "已受理")]  # type: ignore[index]
    assert verify_chain() is None


def test_a_statistical_form_gives_its_number_as_basis(people: People) -> None:
    forming.take_in(LEGAL + FORM.replace("类别: 园区管理记录", "类别: 地方统计调查"))
    report = forming.issue("park-q", "2026Q3").returns.get(key="p1")
    filing.submit(report.pk, GOOD, {}, 1)
    assert filing.accept(report.pk, 1).source.basis == "测统〔2026〕1号"  # type: ignore[union-attr]


def test_double_submission_changes_nothing(one: Return, people: People) -> None:
    filing.submit(one.pk, GOOD, {}, 1, people["op1"])
    again = filing.submit(one.pk, GOOD, {}, 1, people["op1"])
    assert again.state == "未变" and Submission.objects.count() == 1
    assert Event.objects.filter(verb="collection.return.submitted").count() == 1
    # The same number written otherwise is the same number.
    assert filing.submit(one.pk, {**GOOD, "A01": {"value": "1,000"}}, {}, 1, people["op1"]).state == "未变"


def test_two_people_submit_one_return_and_nothing_is_lost(one: Return, people: People) -> None:
    """Both opened version 1. The second is kept, not used, and told; the first stands."""
    filing.submit(one.pk, GOOD, {}, 1, people["op1"])
    second = filing.submit(one.pk, {**GOOD, "C01": {"value": "7"}}, {}, 1, people["editor"])
    assert second.state == "未采用" and second.submission is not None and second.submission.cells["C01"] == {"value": "7"}
    standing = filing.latest(fresh(one))
    assert standing is not None and (standing.number, standing.cells["C01"]) == (1, {"value": "5000.25"})
    with pytest.raises(Refused, match="没有覆盖"):
        filing.save_draft(one.pk, GOOD, {}, 1, people["op1"])
    # After looking at the page again the second may revise.
    third = filing.submit(one.pk, {**GOOD, "C01": {"value": "7"}}, {}, fresh(one).version, people["editor"])
    assert third.state == "已报" and filing.latest(fresh(one)).number == 3  # type: ignore[union-attr]
    with pytest.raises(Refused, match="重新报送（第 3 次）"):
        filing.accept(one.pk, 1, people["editor"])
    assert filing.accept(one.pk, 3, people["editor"]).number == 3


def test_returned_with_a_reason_and_revised_after_acceptance(one: Return, people: People) -> None:
    op, editor = people["op1"], people["editor"]
    filing.submit(one.pk, GOOD, {}, 1, op)
    with pytest.raises(InputError, match="没有写理由"):
        filing.send_back(one.pk, " ", editor)
    filing.send_back(one.pk, "收入单位疑为元", editor)
    back = fresh(one)
    assert (back.state, back.reason, back.draft["cells"]["C01"]) == (State.RETURNED, "收入单位疑为元", {"value": "5000.25"})
    with pytest.raises(Refused):
        filing.accept(one.pk, 1, editor)
    filing.submit(one.pk, {**GOOD, "C01": {"value": "0.5"}}, {}, back.version, op)
    filing.accept(one.pk, 2, editor)
    filing.submit(one.pk, {**cells(A01="1000", A02="900.5"), "C01": {"value": "0.6"}}, {}, fresh(one).version, op)
    assert find(PARK, "PK05", q("2026Q3")).value == Decimal("0.5")  # type: ignore[union-attr]  # not accepted yet
    filing.accept(one.pk, 3, editor)
    assert [str(f.value.normalize()) for f in vintages(PARK, "PK05", q("2026Q3")) if f.value is not None] == ["0.5", "0.6"]
    assert find(PARK, "PK06", q("2026Q3")) is None  # left blank in the revision: its fact is closed, its vintage stays
    assert len(vintages(PARK, "PK06", q("2026Q3"))) == 1


def test_a_big_change_asks_for_an_explanation_and_prefill(one: Return, people: People) -> None:
    filing.submit(one.pk, GOOD, {}, 1, people["op1"])
    filing.accept(one.pk, 1, people["editor"])
    later = forming.issue("park-q", "2027Q3", actor=people["editor"]).returns.get(key="p1")
    nearer = forming.issue("park-q", "2026Q4", actor=people["editor"]).returns.get(key="p1")
    assert later.prefill == {} and nearer.prefill == {"A01": {"value": "1000", "from": "上期"}}
    grown = {**GOOD, "C01": {"value": "8000"}}
    with pytest.raises(InputError, match="须填说明"):
        filing.submit(later.pk, grown, {}, 1, people["op1"])
    made = filing.submit(later.pk, grown, {2: "新入驻两家"}, 1, people["op1"]).submission
    assert made is not None and made.explained == {"2": "新入驻两家"} and made.findings[1]["state"] == "不符"


def test_exempt_resume_late_and_reminders(issued: Round, one: Return, people: People) -> None:
    editor = people["editor"]
    assert forming.late_days(one, date(2026, 10, 15)) == 0 and forming.late_days(one, date(2026, 10, 18)) == 3
    filing.exempt(issued.returns.get(key="p2").pk, "园区改造停业", editor)
    filing.submit(issued.returns.get(key="p3").pk, GOOD, {}, 1, editor)
    progress, rows = queries.round_page(issued, editor, date(2026, 10, 18))
    assert (progress.reported, progress.asked, progress.late) == (1, 2, 1)  # the exempt one is not asked
    assert progress.groups == [("东街", 0, 1), ("西街", 1, 1)]
    assert [r.report.name for r in rows if r.late] == ["甲园"]
    assert [r.name for r in forming.remind(issued.pk, editor)] == ["甲园"]
    assert fresh(one).reminders == 1 and Event.objects.get(verb="collection.round.reminded").payload["count"] == 1  # type: ignore[index]
    with pytest.raises(Refused, match="已免报"):
        filing.submit(issued.returns.get(key="p2").pk, GOOD, {}, 2, people["op2"])
    filing.resume(issued.returns.get(key="p2").pk, editor)
    assert filing.submit(issued.returns.get(key="p2").pk, GOOD, {}, 3, people["op2"]).state == "已报"


def test_each_sees_its_own(issued: Round, people: People) -> None:
    """Two owners: every read and every verb, from both sides."""
    a, b, c = (issued.returns.get(key=k) for k in ("p1", "p2", "p3"))
    seen = {name: set(Return.objects.filter(permissions.own_returns(people[name])).values_list("key", flat=True)) for name in people}
    everything = {"p1", "p2", "p3"}
    assert seen["op1"] == {"p1"} and seen["op2"] == {"p2"} and seen["st"] == {"p1", "p2"} and seen["bank"] == set()
    assert all(seen[n] == everything for n in ("editor", "reader", "auditor", "admin", "reviewer", "dept"))
    for mine, other, user in ((a, b, "op1"), (b, a, "op2")):
        for verb in (lambda r, u: filing.submit(r.pk, GOOD, {}, 1, u), lambda r, u: filing.save_draft(r.pk, GOOD, {}, 1, u)):
            with pytest.raises(NotFound):
                verb(other, people[user])
        assert filing.submit(mine.pk, GOOD, {}, 1, people[user]).state == "已报"
    for looker in ("st", "dept", "reader", "auditor", "reviewer"):
        with pytest.raises((Refused, NotFound)):
            filing.submit(a.pk, GOOD, {}, 2, people[looker])
    for user in ("op1", "st", "dept", "bank", "reader", "auditor"):
        for act in (lambda u: filing.accept(a.pk, 1, u), lambda u: filing.send_back(a.pk, "x", u), lambda u: filing.exempt(c.pk, "x", u)):
            with pytest.raises(Refused):
                act(people[user])
    assert fresh(a).state == State.SUBMITTED and fresh(c).state == State.WAITING


def test_an_organisation_out_of_use_sees_nothing(issued: Round, people: People) -> None:
    own = people["op1"].organisation
    assert own is not None
    own.active = False
    own.save()
    people["op1"].refresh_from_db()
    assert not Return.objects.filter(permissions.own_returns(people["op1"])).exists()


def test_an_acceptance_that_cannot_be_recorded_leaves_nothing(one: Return, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """All values become facts or none does; the source and the state go back with them."""
    from wenmai.office.figures import facts

    filing.submit(one.pk, GOOD, {}, 1, people["op1"])
    real = facts.record

    def half(rows: Any, source: Any, actor: Any = None, now: Any = None) -> Any:
        outcome = real(rows, source, actor, now)
        outcome.rows[-1] = ("退回", "试验")
        return outcome

    monkeypatch.setattr(facts, "record", half)
    with pytest.raises(InputError, match="不能入库：C02 试验"):
        filing.accept(one.pk, 1, people["editor"])
    assert not Fact.objects.exists() and not Source.objects.exists() and fresh(one).state == State.SUBMITTED
