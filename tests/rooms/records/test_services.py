"""Verbs of the ledgers: history of every change, rules between rows, who may, row scope, nothing deleted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.rooms.records import demanding, forms, history, rulebook, services
from wenmai.rooms.records.exporters import rows
from wenmai.rooms.records.kinds import kinds
from wenmai.rooms.records.models import Change, Demand, Lease, Park, RecognitionRule
from wenmai.rooms.records.services import Invalid

pytestmark = pytest.mark.django_db


def test_every_change_is_kept(world: SimpleNamespace) -> None:
    """Two fields changed: two lines with from, to, who; one event, which names fields and holds no value."""
    park, editor = world.parks["P1"], world.people["editor"]
    services.edit(park, {"lettable": Decimal("400"), "name": "东园", "level": "市级"}, editor, "核对图纸")
    told = {c.field: (c.before, c.after, c.actor_name, c.reason) for c in Change.objects.filter(kind="parks", record_id=park.pk, verb="修改")}
    assert told == {"lettable": (None, "400", "editor", "核对图纸"), "level": ("未定级", "市级", "editor", "核对图纸")}
    event = Event.objects.filter(verb="records.record.edited").get()
    assert event.payload == {"fields": ["lettable", "level"]} and event.subject == f"parks:{park.pk}"
    before = Change.objects.count()
    services.edit(Park.objects.get(pk=park.pk), {"level": "市级"}, editor)
    assert Change.objects.count() == before and verify_chain() is None


def test_a_change_in_between_refuses(world: SimpleNamespace) -> None:
    park = world.parks["P1"]
    services.edit(park, {"level": "市级"}, version=1)
    with pytest.raises(Refused, match="已被他人修改"):
        services.edit(park, {"level": "省级"}, version=1)
    assert Park.objects.get(pk=park.pk).level == "市级"


def test_withdraw_and_restore(world: SimpleNamespace, make: Any) -> None:
    lease = make("leases", unit=world.units["P1"][0], key="k1", name="映山红", since=date(2026, 1, 1))
    with pytest.raises(InputError, match="理由"):
        services.withdraw(lease, " ")
    with pytest.raises(Refused, match="1 条“租约”"):
        services.withdraw(world.units["P1"][0], "拆除")
    services.withdraw(lease, "录错")
    assert Lease.objects.get().withdrawn_reason == "录错"
    with pytest.raises(Refused, match="已撤销"):
        services.edit(lease, {"note": "x"})
    other = make("leases", unit=world.units["P1"][0], key="k2", name="云上", since=date(2026, 1, 1))
    with pytest.raises(Invalid, match="重叠"):
        services.restore(lease, "没有录错")
    services.withdraw(other, "录错")
    services.restore(lease, "没有录错")
    assert [c.verb for c in history.of("leases", lease.pk)[:2]] == ["恢复", "撤销"]


@pytest.mark.parametrize(("since", "until", "fine"), [
    (date(2025, 6, 1), date(2025, 12, 31), True), (date(2025, 6, 1), date(2026, 1, 1), False), (date(2026, 6, 30), None, False), (date(2026, 7, 1), None, True),
])  # fmt: skip
def test_overlapping_leases_are_refused(world: SimpleNamespace, make: Any, since: date, until: date | None, fine: bool) -> None:
    """The unit is let 2026-01-01 to 2026-12-31, ended early on 2026-06-30."""
    unit = world.units["P1"][0]
    make("leases", unit=unit, key="k1", name="映山红", since=date(2026, 1, 1), until=date(2026, 12, 31), ended=date(2026, 6, 30))
    if fine:
        make("leases", unit=unit, key="k2", name="云上", since=since, until=until)
    else:
        with pytest.raises(Invalid) as caught:
            make("leases", unit=unit, key="k2", name="云上", since=since, until=until)
        assert "since" in caught.value.faults and Lease.objects.count() == 1
    make("leases", unit=world.units["P1"][1], key="k2", name="云上", since=since, until=until)  # another unit is another matter


def test_circle_of_owners_is_refused(world: SimpleNamespace, make: Any) -> None:
    make("ownership", key="k1", name="甲", parent_key="k2", parent_name="乙", permille=600, until=date(2024, 12, 31))
    make("ownership", key="k2", name="乙", parent_key="k3", parent_name="丙", permille=600)
    with pytest.raises(Invalid, match="循环持股"):
        make("ownership", key="k3", name="丙", parent_key="k1", parent_name="甲", permille=10, since=date(2024, 6, 1))
    make("ownership", key="k3", name="丙", parent_key="k1", parent_name="甲", permille=10, since=date(2025, 1, 1))  # the first edge has ended
    with pytest.raises(Invalid, match="超过 100%"):
        make("ownership", key="k2", name="乙", parent_name="自然人", permille=401)
    with pytest.raises(Invalid, match="自己的股东"):
        make("ownership", key="k4", name="丁", parent_key="k4", parent_name="丁")


def test_faults_by_field(world: SimpleNamespace, make: Any) -> None:
    with pytest.raises(Invalid) as caught:
        make("leases", unit=world.units["P1"][0], key="k1", name="映山红", since=date(2026, 5, 1), until=date(2026, 4, 1))
    assert list(caught.value.faults) == ["until"]
    with pytest.raises(Invalid, match="十类"):
        make("heritage", name="面塑", level="市级", category="手艺")
    project = make("projects", code="X1", name="示例")
    with pytest.raises(Invalid, match="完成依据"):
        make("milestones", project=project, name="开工", due=date(2026, 1, 1), done=date(2026, 1, 1))


def test_demand_closes_once_and_hands_over(world: SimpleNamespace, make: Any) -> None:
    demand = make("demands", key="k1", name="映山红", kind="融资", text="续贷", raised=date(2026, 1, 1), due=date(2026, 2, 1), department=world.office, leader="甲")
    editor = world.people["editor"]
    moved = demanding.hand_over(demand, world.street, "属地办理", actor=editor)
    assert (moved.department, moved.leader, moved.due) == (world.street, "", date(2026, 2, 1))
    assert {c.field for c in Change.objects.filter(kind="demands", reason="属地办理")} == {"department", "leader"}
    with pytest.raises(Invalid, match="办理结果"):
        demanding.close(moved, "已办结", date(2026, 3, 1), " ", editor)
    closed = demanding.close(moved, "已办结", date(2026, 3, 1), "已续贷", editor)
    with pytest.raises(Refused, match="已经办结"):
        demanding.close(closed, "已办结", date(2026, 3, 1), "x", editor)
    assert Demand.objects.get().closed == date(2026, 3, 1)


def test_who_may(world: SimpleNamespace) -> None:
    with pytest.raises(Refused, match="登记台账需要角色"):
        services.create(kinds()["clusters"], {"name": "x", "kind": "文创街区"}, world.people["reader"])
    with pytest.raises(Refused, match="维护认定规则需要角色"):
        rulebook.install(world.people["editor"])
    assert not RecognitionRule.objects.exists()


def test_street_writes_only_its_own(world: SimpleNamespace) -> None:
    """What a street's editor would not see, it may not write: neither another's row nor a row that would leave its area."""
    street = world.people["street"]
    with pytest.raises(NotFound):
        services.edit(world.parks["P2"], {"level": "市级"}, street)
    with pytest.raises(Refused, match="数据范围"):
        services.edit(world.parks["P1"], {"street": "河东街道"}, street)
    with pytest.raises(Refused, match="数据范围"):
        services.create(kinds()["visits"], {"key": "k4", "name": "听涛", "on": date(2026, 1, 1), "leader": "甲"}, street)
    assert Park.objects.get(pk=world.parks["P1"].pk).street == "文昌街道" and Park.objects.get(pk=world.parks["P2"].pk).level == "未定级"
    services.create(kinds()["visits"], {"key": "k1", "name": "映山红", "on": date(2026, 1, 1), "leader": "甲"}, street)


def _one_of_each(world: SimpleNamespace, make: Any) -> None:
    """Every ledger that has owners gets a row of each side: 文昌街道/东园/k1 and 河东街道/西园/k4."""
    for code, key, street in (("P1", "k1", "文昌街道"), ("P2", "k4", "河东街道")):
        park, unit = world.parks[code], world.units[code][0]
        rule = RecognitionRule.objects.first() or make("rules", code="r", name="规则", level="市级", body="机关", conditions=[{"measure": "tenants", "at_least": 1}])
        association = kinds()["associations"].model.objects.first() or make("associations", name="协会")
        make("leases", unit=unit, key=key, name=key, since=date(2026, 1, 1))
        make("recognitions", park=park, rule=rule)
        make("clusters", name=f"街区{code}", kind="文创街区", street=street)
        project = make("projects", code=f"X{code}", name=code, street=street, park=park)
        make("investments", project=project, year=2026)
        make("milestones", project=project, name="开工", due=date(2026, 1, 1))
        item = make("heritage", name=f"项目{code}", level="市级", category="传统技艺", street=street)
        make("bearers", item=item, name=f"某{code}", level="市级")
        make("fusions", item=item, key=key, name=key, product="产品")
        visit = make("visits", key=key, name=key, on=date(2026, 1, 1), leader="甲")
        make("demands", key=key, name=key, visit=visit, kind="融资", text="诉求", raised=date(2026, 1, 1))
        make("profiles", key=key, name=key)
        make("ownership", key=key, name=key, parent_name="股东")
        make("titles", key=key, name=key, kind="荣誉", title="某荣誉")
        make("life", key=key, name=key, kind="迁出", on=date(2026, 1, 1))
        make("memberships", association=association, key=key, name=key)


def test_rows_by_scope_in_every_ledger(world: SimpleNamespace, make: Any) -> None:
    """The office sees both sides, a street only its area, an operator only its park and tenants; the history follows."""
    _one_of_each(world, make)
    counts = {}
    for who in ("editor", "street", "operator"):
        counts[who] = {k.slug: rows(k, world.people[who]).count() for k in kinds().values()}
    for slug in kinds():
        if slug in ("rules", "associations"):
            continue
        both, one = counts["editor"][slug], counts["street"][slug]
        assert both >= 2 and one * 2 == both, slug
        # Heritage and streets of the town are not an operator's business; all else is half of it.
        assert counts["operator"][slug] == (0 if slug in ("clusters", "heritage", "bearers", "fusions") else one), slug
    labels = set(history.visible(world.people["street"]).values_list("label", flat=True))
    assert any("东园" in x for x in labels) and not any("西园" in x or "k4" in x for x in labels)


def test_shipped_rule_is_an_example(world: SimpleNamespace) -> None:
    """Both thresholds are 70 % (indicators PK03 and PK04 of the house's dictionary, source BJP18); nothing invented: the document number is open."""
    assert rulebook.install() == 1 and rulebook.install() == 0
    rule = RecognitionRule.objects.get()
    assert [(c["measure"], c["at_least"]) for c in rule.conditions] == [("occupancy", 700), ("cultural_count", 700)]
    assert (rule.source, rule.document, rule.valid_from) == ("BJP18", "", None)


def test_enterprise_by_name_code_or_not_at_all(world: SimpleNamespace) -> None:
    editor = world.people["editor"]
    assert forms.resolve("青禾区映山红图书有限公司", editor) == ("k1", "青禾区映山红图书有限公司")
    assert forms.resolve("91110000000000001x", editor)[0] == "k2"
    assert forms.resolve("没有的公司", editor) == (None, "没有的公司")
    assert forms.resolve("青禾区听涛演艺有限公司", world.people["street"])[0] is None  # not in its area
