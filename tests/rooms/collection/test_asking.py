"""要数 and 核数: the chain in order, other persons, roles; a new value makes older signatures void."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.base.values.period import period
from wenmai.office.figures.fact_queries import Place, find, vintages
from wenmai.office.figures.models import Fact
from wenmai.office.people.models import Role, User
from wenmai.rooms.collection import asking
from wenmai.rooms.collection.asking import Wanted
from wenmai.rooms.collection.models import Ask, AskState, Signature

People = dict[str, User]
SLIP = ([b"%PDF-1.4 stamped"], "确认单.pdf")
PLACE = Place("area", "本区", "统计部门数据", "规上")


@pytest.fixture
def chain(people: People) -> list[User]:
    """经办, 科长, 分管, 主要."""
    return [people["editor"], *(User.objects.create_user(n, role=Role.REVIEWER) for n in ("r1", "r2", "r3"))]


@pytest.fixture
def wanted(people: People) -> Wanted:
    own = people["dept"].organisation
    assert own is not None
    return Wanted(own.pk, "SC06", "2026H1", "统计部门数据", "规上", "情况汇报", date(2026, 7, 20))


@pytest.fixture
def asked(wanted: Wanted, people: People) -> Ask:
    return asking.ask(wanted, people["editor"])


def test_the_whole_way(asked: Ask, people: People, chain: list[User]) -> None:
    assert [(r["late"], r["waits"]) for r in asking.outstanding(date(2026, 7, 23))] == [(3, "对方答复")]
    assert asking.chase(asked.pk, people["editor"]).chased == 1
    with pytest.raises(InputError, match="确认单"):
        asking.respond(asked.pk, "12.3", "", 0, actor=people["dept"])
    asking.respond(asked.pk, "12.30", "", 0, slip=SLIP, actor=people["dept"])
    assert not Fact.objects.exists()
    for step, user in enumerate(chain):
        assert asking.sign(asked.pk, 1, user).step == step
    found = Ask.objects.get(pk=asked.pk)
    assert found.state == AskState.SIGNED and asking.outstanding(date(2026, 7, 23)) == []
    fact = find(PLACE, "SC06", period("2026H1"))
    assert fact is not None and (fact.value, fact.decimals) == (Decimal("12.3"), 2)
    assert (fact.source.provider, bool(fact.source.slip_digest)) == ("测试统计局", True)
    with pytest.raises(Refused, match="已核"):
        asking.sign(asked.pk, 1, chain[1])


def test_order_roles_and_other_persons(asked: Ask, people: People, chain: list[User]) -> None:
    editor, first = chain[0], chain[1]
    with pytest.raises(Refused, match="待答"):
        asking.sign(asked.pk, 0, editor)
    asking.respond(asked.pk, "12.3", "", 0, slip=SLIP, actor=people["dept"])
    for user in (first, people["reader"], people["auditor"], people["admin"], people["dept"]):
        with pytest.raises(Refused):
            asking.sign(asked.pk, 1, user)  # the first step is the 经办's
    asking.sign(asked.pk, 1, editor)
    with pytest.raises(Refused, match="签“科长”需要角色"):
        asking.sign(asked.pk, 1, editor)
    asking.sign(asked.pk, 1, first)
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        asking.sign(asked.pk, 1, first)
    with pytest.raises(Refused, match="本人登录"):
        asking.sign(asked.pk, 1, None)
    assert [s.step for s in asking.signatures(Ask.objects.get(pk=asked.pk))] == [0, 1]


def test_a_later_value_voids_the_signatures(asked: Ask, people: People, chain: list[User]) -> None:
    asking.respond(asked.pk, "12.3", "", 0, slip=SLIP, actor=people["dept"])
    for user in chain[:3]:
        asking.sign(asked.pk, 1, user)
    with pytest.raises(Refused, match="已有人答复"):
        asking.respond(asked.pk, "12.4", "", 0, slip=SLIP, actor=people["dept"])
    asking.respond(asked.pk, "12.4", "", 1, slip=SLIP, actor=people["dept"])
    found = Ask.objects.get(pk=asked.pk)
    assert found.state == AskState.ANSWERED and asking.signatures(found) == [] and Signature.objects.count() == 3
    with pytest.raises(Refused, match="数已改过"):
        asking.sign(asked.pk, 1, chain[3])
    with pytest.raises(Refused):
        asking.sign(asked.pk, 2, chain[3])  # begins again with the 经办
    for user in chain:
        asking.sign(asked.pk, 2, user)
    assert [f.value for f in vintages(PLACE, "SC06", period("2026H1"))] == [Decimal("12.3"), Decimal("12.4")]


def test_who_typed_the_value_does_not_check_it(people: People, chain: list[User], wanted: Wanted) -> None:
    """The office may type an answer that came by letter; the typist is 经办 at most."""
    asked = asking.ask(wanted, people["editor"])
    second = User.objects.create_user("second", role=Role.EDITOR)
    asking.respond(asked.pk, "1", "", 0, slip=SLIP, actor=second)
    assert asking.sign(asked.pk, 1, second).step == 0


def test_what_cannot_be_asked(wanted: Wanted, people: People) -> None:
    for change, said in (
        ({"code": "NOSUCH"}, "不在指标词典"), ({"lane": "行政记录"}, "不能由"), ({"unit": "家"}, "不能换算"), ({"purpose": " "}, "没有写用途"),
        ({"code": "SC09", "scope": "全口径"}, "版次"), ({"kind": "enterprise", "key": "x"}, "单户"), ({"when": "某年"}, "看不懂的时期"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            asking.ask(replace(wanted, **change), people["editor"])  # type: ignore[arg-type]
    asking.ask(wanted, people["editor"])
    with pytest.raises(Refused, match="没有办结"):
        asking.ask(wanted, people["editor"])
    for name in ("reader", "reviewer", "auditor", "dept", "op1"):
        with pytest.raises(Refused):
            asking.ask(wanted, people[name])


def test_only_the_owner_answers(asked: Ask, people: People) -> None:
    for name in ("op1", "st", "bank"):
        with pytest.raises(NotFound):
            asking.respond(asked.pk, "1", "", 0, slip=SLIP, actor=people[name])
    with pytest.raises(Refused):
        asking.respond(asked.pk, "1", "", 0, slip=SLIP, actor=people["reader"])
    assert asking.outstanding(date(2026, 7, 1), people["op1"]) == [] and len(asking.outstanding(date(2026, 7, 1), people["dept"])) == 1


def test_unknown_is_an_answer_and_a_stock_is_a_day(wanted: Wanted, people: People, chain: list[User]) -> None:
    asked = asking.ask(replace(wanted, code="SC04"), people["editor"])
    assert asked.period == "2026-06-30" and asked.unit == "家"
    with pytest.raises(InputError, match="没有填数"):
        asking.respond(asked.pk, "", "", 0, actor=people["dept"])
    asking.respond(asked.pk, "", "查无", 0, slip=SLIP, actor=people["dept"])
    asking.sign(asked.pk, 1, chain[0])
    fact = find(PLACE, "SC04", period("2026-06-30"))
    assert fact is not None and (fact.value, fact.status) == (None, "none")


def test_taken_back(asked: Ask, people: People) -> None:
    with pytest.raises(InputError):
        asking.cancel(asked.pk, "", people["editor"])
    asking.cancel(asked.pk, "不再需要", people["editor"])
    with pytest.raises(Refused):
        asking.respond(asked.pk, "1", "", 0, slip=SLIP, actor=people["dept"])
