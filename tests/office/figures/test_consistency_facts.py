"""From the store of facts to findings: what stands, what stood, another person's period, what is never read."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from wenmai.office.figures import definitions, facts
from wenmai.office.figures.consistency_queries import check_facts, default_links
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Fact, Lane, Source

AREA = ("area", "本区")
pytestmark = pytest.mark.django_db


def area(code: str, when: str, value: Any, unit: str = "亿元", scope: str = "规上", key: str = "本区", **more: Any) -> NewFact:
    return NewFact("area", key, code, when, value, unit, more.pop("lane", Lane.BUREAU), scope, **more)


@pytest.fixture
def shipped(db: Any, bureau: Source) -> Source:
    definitions.install_shipped()
    return bureau


def enter(source: Source, *rows: NewFact, **more: Any) -> None:
    outcome = facts.record(rows, source, **more)
    assert outcome.counts["退回"] == 0, outcome.rows


def test_comparable_base_by_period(shipped: Source) -> None:
    """2019: 86,624 (+7.0 %) after 89,257 (nbs_culture_above_scale_revenue.csv); asked for another year it is not told."""
    enter(shipped, area("SC06", "2019", "86624"), area("SC08", "2019", "7.0", "%"), area("SC06", "2018", "89257"), area("SC06", "2024", "141510"))
    found = check_facts(*AREA, "2019")
    assert [f.rule for f in found] == ["comparable_base"]
    known = {str(pk) for pk in Fact.objects.values_list("pk", flat=True)}
    assert set(found[0].observations) < known and len(found[0].observations) == 3
    assert check_facts(*AREA, "2024年") == []
    assert check_facts(*AREA) == found == check_facts(*AREA, ["2019", "2024"])
    assert check_facts("area", "别处") == []


def test_what_stood_is_read_as_known_then(shipped: Source) -> None:
    """4.46 first, 4.42 after the census (benchmarks.csv)."""
    early = timezone.now() - timedelta(days=400)
    share = {"unit": "%", "scope": "全口径", "stage": "初步核算"}
    enter(shipped, area("SC10", "2022", "4.46", **share), now=early)
    enter(shipped, area("SC10", "2022", "4.42", **share))
    assert [f.rule for f in check_facts(*AREA, "2022")] == ["revised"]
    assert check_facts(*AREA, "2022", as_of=early + timedelta(days=1)) == []
    enter(shipped, area("SC10", "2023", "4.59", **share), area("SC12", "2023", "0.13", "个百分点", "全口径", stage="初步核算"))
    assert [f.rule for f in check_facts(*AREA, "2023")] == ["unlike_vintage"]


def test_lanes_are_checked_apart(shipped: Source, monitor: Source) -> None:
    """Two lanes with their own totals are no inconsistency; narrowing to one reads only it."""
    items = (("", "58.93"), ("类型=文化制造业", "10.06"), ("类型=文化批发和零售业", "27.46"), ("类型=文化服务业", "21.41"))  # GD22
    enter(shipped, *(area("SC06", "2022", v, item=i) for i, v in items))
    ours = ("40.00", "10.00", "15.00", "15.00")
    enter(monitor, *(area("SC06", "2022", v, item=i, lane=Lane.MONITOR) for (i, _), v in zip(items, ours, strict=True)))
    assert [f.rule for f in check_facts(*AREA, lane=Lane.BUREAU)] == []
    assert [f.rule for f in check_facts(*AREA, lane=Lane.MONITOR)] == []
    assert check_facts(*AREA) == []
    enter(monitor, area("SC06", "2022", "25.00", item="类型=文化服务业", lane=Lane.MONITOR))
    assert {f.rule for f in check_facts(*AREA)} == {"parts_exceed", "two_values"}
    assert check_facts(*AREA, lane=Lane.BUREAU) == []


def test_the_national_classes_are_known(shipped: Source) -> None:
    """2018 as published names five of nine classes: the four missing ones are named."""
    listed = (("", "89257"), ("大类=新闻信息服务", "8099"), ("大类=创意设计服务", "11069"), ("大类=文化传播渠道", "10193"), ("大类=文化娱乐休闲服务", "1489"), ("大类=文化投资运营", "412"))
    enter(shipped, *(area("SC06", "2018", v, item=i) for i, v in listed))
    found = check_facts(*AREA)
    assert [f.rule for f in found] == ["items_missing"]
    assert all(name in found[0].sentence for name in ("内容创作生产", "文化辅助生产和中介服务", "文化装备生产", "文化消费终端生产"))
    assert {len(whole) for whole in default_links().complete["大类"].values()} == {9, 10}


def test_unknown_values_and_other_people_are_left_out(shipped: Source) -> None:
    enter(shipped, area("SC06", "2024", "10.0"), area("SC06", "2024", None, item="类型=文化制造业", status="refused"), area("SC06", "2024", "99.0", item="类型=文化服务业", key="邻区"))
    assert check_facts(*AREA, peers=["邻区"]) == []


def test_a_constant_number_of_queries(shipped: Source, django_assert_max_num_queries: Any) -> None:
    enter(shipped, *(area("SC06", str(y), str(100 + y)) for y in range(2000, 2025)))
    with django_assert_max_num_queries(2):
        check_facts(*AREA)
