"""The ten questions: what is known comes with its qualifiers, what is not says what to do, and nobody sees others' firms."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest

from wenmai.office.figures import facts
from wenmai.office.figures.models import Lane
from wenmai.office.kit.answers import Answer, Asked, Value
from wenmai.office.people.models import User
from wenmai.web.leader import from_facts, from_records, from_register, questions
from wenmai.web.leader.questions import QUESTIONS, card, cards

from ..conftest import DISTRICT, source

TODAY = dt.date(2026, 3, 1)


def ask(user: User, snapshot: Any = None, district: str = DISTRICT) -> Asked:
    return Asked(user, TODAY, snapshot, district)


def latest() -> Any:
    from wenmai.office.figures.snapshots import latest as newest

    return newest()


def test_an_empty_house_answers_nothing_and_says_what_to_do(people: dict[str, User]) -> None:
    """With no data at all every question has a gap with a remedy and none has a number of its own making."""
    found = cards(ask(people["reader"]))
    assert [c.question.number for c in found] == list(range(1, 11))
    for one in found:
        assert one.answer.gaps, one.question.title
        assert all(g.what and g.remedy for g in one.answer.gaps)
    # Counting nothing in a ledger that exists (moves-out) is the one number there is.
    assert {c.question.number for c in found if c.answer.values} == {4}
    assert {v.text for v in found[3].answer.values} == {"0"}


def test_money_and_plan_are_not_connected(people: dict[str, User]) -> None:
    for number, word in ((7, "未接入：政策资金"), (10, "未接入：规划指标")):
        gaps = card(number, ask(people["reader"])).answer.gaps
        assert any("不可判定" in g.what and word in g.what for g in gaps)


def test_how_many_with_snapshot(office: Any, people: dict[str, User]) -> None:
    """The count is the snapshot's own figure, with every qualifier and the page of its rows."""
    from wenmai.web import queries

    snapshot = latest()
    answer = from_register.how_many(ask(people["reader"], snapshot))
    expected = queries.figures_of(snapshot)[0]["culture.identified"]
    value = answer.values[0]
    assert (value.text, value.unit, value.lane, value.provider, value.mark) == (expected.text(), "家", "行政记录", "测试提供单位", "内部")
    assert value.scope and value.when and value.href == f"/figures/{snapshot.pk}/culture.identified"
    assert any("只有一份快照" in g.what for g in answer.gaps)


def test_bridge_to_the_snapshot_before(office: Any, people: dict[str, User]) -> None:
    """A second snapshot: start + lines = end, and a year ago is said to be absent."""
    from wenmai.office.figures import snapshots
    from wenmai.rooms.classification.models import Decision, Outcome

    old = latest()
    Decision.objects.filter(enterprise=office["宏达"]).update(outcome=Outcome.WHOLE, small_code="0710", decided_by="人工核定")
    new = snapshots.publish()
    answer = from_register.how_many(ask(people["reader"], new))
    assert "净增 1 家" in answer.said and f"快照 {old.pk}" in answer.said
    rows = answer.grids[0].rows
    assert [(r[0].text, r[1].text) for r in rows] == [("人工核定", "+1")]
    assert any("没有一年前的快照" in g.what for g in answer.gaps)


def test_a_year_ago_is_preferred(db: None) -> None:
    """Of three snapshots the one a year older by its data is taken; without dates the one before, which is said."""
    from wenmai.office.figures.models import Snapshot

    def made(day: str) -> Any:
        return Snapshot.objects.create(digest="x", complete=True, facts={"as_of": day})

    first, _, third = made("2025-01-31"), made("2025-10-31"), made("2026-01-31")
    assert from_register.earlier(third) == (first, True)
    undated = made("")
    assert from_register.earlier(undated) == (third, False)


def test_value_added_takes_the_latest_stage(told: Any, people: dict[str, User]) -> None:
    """12.8 (最终核实) supersedes 12.5 (初步核算); the rank is not decidable."""
    answer = from_facts.value_added(ask(people["reader"]))
    added, share = answer.values
    assert (added.text, added.note, added.unit, added.lane, added.provider) == ("12.8", "最终核实", "亿元", Lane.BUREAU.value, "市统计局")
    assert (share.text, share.unit, share.note) == ("4.1", "%", "初步核算")
    assert any("位次" in g.what and "不可判定" in g.what for g in answer.gaps)
    assert any("名义增速" in g.what for g in answer.gaps)


def test_another_district_has_no_value(told: Any, people: dict[str, User]) -> None:
    """A site that named no district, or another, shows none of these numbers."""
    for district in ("", "别处区"):
        answer = from_facts.value_added(ask(people["reader"], district=district))
        assert answer.values == [] and answer.gaps


def test_location_quotient(told: Any, people: dict[str, User]) -> None:
    """Class 01: district 10/40 = 25.0 %, city 50/400 = 12.5 %, quotient 2.00; class 02: 10.0 and 20.0, 0.50; class 03 unknown."""
    grid = from_facts.classes(ask(people["reader"])).grids[0]
    rows = [[c.text for c in row[1:]] for row in grid.rows]
    assert rows[0] == ["10", "25.0", "12.5", "2.00"]
    assert rows[1] == ["4", "10.0", "20.0", "0.50"]
    assert rows[2] == ["—（未采集）", "—", "—", "—"]
    assert "统计部门数据" in grid.about and "市统计局" in grid.about


def test_top_firms_across_units(told: Any, people: dict[str, User]) -> None:
    """0.3 亿元 = 3,000 万元 stands before 1,500 and 900 万元; ownership that nobody entered is unknown, not 民营."""
    grid = next(g for g in from_records.top_firms(ask(people["reader"])).grids if "前二十家" in g.title)
    assert [row[1].text[3:5] for row in grid.rows] == ["晴川", "云上", "映山"]
    assert {row[4].text for row in grid.rows} == {"—（未登记）"}
    assert "本办监测口径" in grid.about and "2025" in grid.about


@pytest.mark.parametrize(("who", "theirs", "others"), [("东街街道", {"晴川", "映山"}, "云上"), ("西街街道", {"云上"}, "晴川")])
def test_a_street_sees_its_own_firms(told: Any, people: dict[str, User], client_of: Any, who: str, theirs: set[str], others: str) -> None:
    """Two owners: each street's table, page and workbook hold its firms and not the other's; district totals are for both."""
    grid = next(g for g in from_records.top_firms(ask(people[who])).grids if "前二十家" in g.title)
    assert {row[1].text[3:5] for row in grid.rows} == theirs
    assert f"仅列{who}" in grid.about
    for number in range(1, 11):
        assert others not in client_of(who).get(f"/ten/{number}/").content.decode(), number
    data = client_of(who).get("/ten/export").content
    cells = [str(c.value) for row in openpyxl.load_workbook(io.BytesIO(data)).active for c in row if c.value]  # type: ignore[union-attr]
    assert not any(others in c for c in cells) and any(next(iter(theirs)) in c for c in cells)
    assert any("12.8" in c for c in cells)


def test_frames_name_who_came_and_left(told: Any, people: dict[str, User]) -> None:
    """Entered 2026-02-01 and left 2026-02-15 are both shown; in stock on 2026-03-01 is one; the other street sees neither name."""
    for name in ("映山", "晴川"):
        facts.enter_frame("规上", Lane.MONITOR, told[name].key, dt.date(2026, 2, 1), source("企业报送"), name=told[name].name, kind="月度")
    facts.leave_frame("规上", Lane.MONITOR, told["晴川"].key, dt.date(2026, 2, 15), "规模下降")
    answer = from_facts.above_scale(ask(people["reader"]))
    assert [(v.title, v.text) for v in answer.values if v.lane == Lane.MONITOR] == [("规上在库", "1"), ("今年入库", "2"), ("今年退库", "1")]
    rows = {(r[0].text, r[1].text[3:5], r[3].text) for r in answer.grids[0].rows}
    assert rows == {("入库", "映山", "月度"), ("入库", "晴川", "月度"), ("退库", "晴川", "规模下降")}
    assert from_facts.above_scale(ask(people["西街街道"])).grids == []


def test_secret_is_not_for_readers(told: Any, people: dict[str, User]) -> None:
    """A value marked 不得外传 is absent for a reader (may_see_secret) and there for an editor."""
    new = facts.NewFact("area", DISTRICT, "SC04", "2024年末", "31", "家", Lane.BUREAU, "规上", mark="不得外传", name=DISTRICT)
    assert facts.record([new], source("市统计局", True)).counts[facts.CREATED] == 1
    assert "31" not in [v.text for v in from_facts.above_scale(ask(people["reader"])).values]
    assert "31" in [v.text for v in from_facts.above_scale(ask(people["editor"])).values]


def test_ledgers(told: Any, people: dict[str, User]) -> None:
    """Demands: three of 融资 one of them 28 days overdue (due 2026-02-01, asked 2026-03-01); project late by a milestone; a park
    without rooms has no rate."""
    from wenmai.rooms.records import services
    from wenmai.rooms.records.kinds import kinds

    def make(ledger: str, **values: Any) -> Any:
        return services.create(kinds()[ledger], values, people["editor"])

    raised = dt.date(2026, 1, 5)
    for due in (dt.date(2026, 2, 1), dt.date(2026, 4, 1), None):
        make("demands", name=told["映山"].name, key=told["映山"].key, kind="融资", text="缺周转", raised=raised, due=due)
    make("demands", name=told["云上"].name, key=told["云上"].key, kind="审批许可", text="许可", raised=raised, due=dt.date(2026, 4, 1))
    first = from_records.demands(ask(people["reader"])).grids[0].rows[0]
    assert [c.text for c in first[:5]] == ["融资", "3", "3", "1", "28"]
    west = from_records.demands(ask(people["西街街道"]))
    assert [r[0].text for r in west.grids[0].rows] == ["审批许可"] and west.values[0].text == "1"
    project = make("projects", code="X1", name="老厂改造", street="东街街道")
    make("milestones", project=project, name="主体完工", due=dt.date(2026, 2, 19))
    row = from_records.projects(ask(people["reader"])).grids[0].rows[0]
    assert (row[0].text, row[2].text, row[4].text) == ("老厂改造", "主体完工，逾期 10 天", "—（未明确）")
    assert from_records.projects(ask(people["西街街道"])).grids == []
    make("parks", code="P1", name="东街园", street="东街街道")
    park = from_records.parks(ask(people["reader"]))
    assert park.grids[0].rows[0][1].text == "—（缺房源面积）" and any("入驻率不可判定" in g.what for g in park.gaps)


def test_a_room_may_answer(people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a room names in its Room stands in the card after the house's own; a refusal is said in the card."""
    from dataclasses import replace

    from wenmai.base.values import Refused
    from wenmai.web.rooms import rooms

    def mine(asked: Asked) -> Answer:
        return Answer(values=[Value("安排", "300", "万元")])

    def refuses(asked: Asked) -> Answer:
        raise Refused("账上不平")

    known = rooms()
    monkeypatch.setattr(questions, "rooms", lambda: (replace(known[0], answers={7: mine, 10: refuses}), *known[1:]))
    assert [v.text for v in card(7, ask(people["reader"])).answer.values] == ["300"]
    assert any("账上不平" in g.what for g in card(10, ask(people["reader"])).answer.gaps)


def test_page(told: Any, client_of: Any) -> None:
    """Ten cards in order, each reachable from the strip; every value shows lane, scope, period, provider and mark."""
    text = client_of("reader").get("/ten/").content.decode()
    at = [text.index(f'id="q{q.number}"') for q in QUESTIONS]
    assert at == sorted(at)
    assert all(f'href="#q{q.number}"' in text and q.title in text for q in QUESTIONS)
    assert "统计部门数据 · 全口径 · 2024年 · 市统计局 · <b>内部</b> · 最终核实" in text
    assert client_of("reader").get("/ten/11/").status_code == 404
    assert client_of("anonymous").get("/ten/").status_code == 302


def test_export_is_safe_and_logged(told: Any, client_of: Any) -> None:
    """Formula-like text stays text; the download is an event."""
    from wenmai.office.events.models import Event

    told["云上"].__class__.objects.filter(pk=told["云上"].pk).update(name="=1+1")
    from wenmai.office.people.models import Subject

    Subject.objects.filter(key=told["云上"].key).update(name="=1+1")
    data = client_of("editor").get("/ten/export").content
    sheet: Any = openpyxl.load_workbook(io.BytesIO(data)).active
    assert not [c for row in sheet for c in row if c.data_type == "f"]
    assert any("=1+1" in str(c.value) for row in sheet for c in row)
    assert Event.objects.get(verb="office.file.downloaded").payload["rows"] > 10  # type: ignore[index]
