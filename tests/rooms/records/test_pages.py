"""Pages of the ledgers: what they say, forms with faults beside their fields, rows by scope, exports, number of queries."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from wenmai.rooms.classification.models import Decision
from wenmai.rooms.records.alerts import alerts, counts
from wenmai.rooms.records.models import Change, Demand, Lease, Profile, Visit
from wenmai.rooms.records.queries import summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(world: SimpleNamespace) -> Any:
    def make(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name])
        return client

    return make


@pytest.fixture
def let(world: SimpleNamespace, make: Any) -> None:
    """东园: 映山红 in 101 (100 ㎡), an unidentified firm in 102 (300 ㎡). 西园: 待定科技 in 101, 102 empty."""
    day = timezone.localdate()
    make("leases", unit=world.units["P1"][0], key="k1", name="青禾区映山红图书有限公司", since=date(2026, 1, 1), until=day + timedelta(30))
    make("leases", unit=world.units["P1"][1], name="合同名不在名录", since=date(2026, 1, 1))
    make("leases", unit=world.units["P2"][0], key="k5", name="青禾区待定科技有限公司", since=date(2026, 1, 1))


def test_summary_uses_the_classification(world: SimpleNamespace, let: None) -> None:
    """东园: full; one of two cultural, the other unknown: 50 %—100 % by count, 25 %—100 % by area. 西园: 待核定 is unknown, not 非文化."""
    day = timezone.localdate()
    east, west = summary(world.parks["P1"], day), summary(world.parks["P2"], day)
    assert east.occupancy.rate == 1 and west.occupancy.rate == Decimal(100) / 400
    assert (float(east.shares.by_count.low), float(east.shares.by_count.high)) == (0.5, 1.0)  # type: ignore[union-attr]
    assert (float(east.shares.by_area.low), float(east.shares.by_area.high)) == (0.25, 1.0)  # type: ignore[union-attr]
    assert west.shares.unknown == 1 and west.shares.no == 0


def test_park_page_says_it(client_of: Any, let: None, make: Any) -> None:
    make("rules", code="r", name="双七成", level="市级", body="机关", conditions=[{"measure": "occupancy", "at_least": 700}, {"measure": "cultural_count", "at_least": 700}])
    body = client_of("editor").get("/records/parks/code/P1/").content.decode()
    assert "50.0%—100.0%" in body and "不可判定" in body and "1 家入驻企业未识别或待核定" in body
    west = client_of("editor").get("/records/parks/code/P2/").content.decode()
    assert "未达到" in west and "差45个百分点" in west


def test_parks_of_others_are_not_there(client_of: Any, let: None) -> None:
    """A street sees its park only, on the list, on the page, in the export; the other park is 404 and not 403."""
    client = client_of("street")
    assert client.get("/records/parks/code/P1/").status_code == 200 and client.get("/records/parks/code/P2/").status_code == 404
    body = client.get("/records/parks/").content.decode()
    assert "东园" in body and "西园" not in body and "仅列文昌街道的记录" in body
    book = openpyxl.load_workbook(io.BytesIO(client.get("/records/leases/export").getvalue()))
    names = [row[0].value for row in book.active.iter_rows(min_row=4)]
    assert sorted(names) == sorted(["青禾区映山红图书有限公司", "合同名不在名录（未识别）"])
    other = Lease.objects.get(key="k5")
    for address in (f"/records/leases/{other.pk}/", f"/records/leases/{other.pk}/edit"):
        assert client.get(address).status_code == 404
    assert client.post(f"/records/leases/{other.pk}/withdraw", {"reason": "x"}).status_code == 404
    assert "西园" not in client.get("/records/history/").content.decode()
    assert "待定科技" not in client.get("/records/alerts/").content.decode()


def test_form_shows_the_fault_beside_its_field(client_of: Any, world: SimpleNamespace, let: None) -> None:
    unit = world.units["P1"][0]
    client = client_of("editor")
    answer = client.post("/records/leases/add", {"unit": unit.pk, "name": "青禾区云上动漫有限公司", "since": "2026-02-01", "rent_fen": "abc"})
    assert answer.status_code == 400 and "“abc”不是金额" in answer.content.decode()
    answer = client.post("/records/leases/add", {"unit": unit.pk, "name": "青禾区云上动漫有限公司", "since": "2026-02-01", "rent_fen": "35.5"})
    assert answer.status_code == 400 and "租约重叠" in answer.content.decode() and Lease.objects.count() == 3
    answer = client.post("/records/leases/add", {"unit": world.units["P2"][1].pk, "name": "91110000000000001X", "since": "2026-02-01", "rent_fen": "35.5"})
    assert answer.status_code == 302
    made = Lease.objects.get(key="k2")
    assert (made.name, made.rent_fen) == ("青禾区云上动漫有限公司", 3550)


def test_edit_keeps_what_was_not_touched(client_of: Any, world: SimpleNamespace, make: Any) -> None:
    """Unknown stays unknown through the form: 所有制 null is not 民营, and an untouched form changes nothing."""
    profile = make("profiles", key="k1", name="青禾区映山红图书有限公司")
    before = Change.objects.count()
    form = {"name": profile.name, "ownership": "", "capital": "", "visitor": "", "note": "", "version": "1", "reason": ""}
    assert client_of("editor").post(f"/records/profiles/{profile.pk}/edit", form).status_code == 302
    assert Change.objects.count() == before and Profile.objects.get().ownership is None
    assert client_of("editor").post(f"/records/profiles/{profile.pk}/edit", {**form, "ownership": "国有"}).status_code == 302
    assert client_of("editor").post(f"/records/profiles/{profile.pk}/edit", {**form, "ownership": "民营"}).status_code == 400  # version 1 is old
    assert Profile.objects.get().ownership == "国有"


@pytest.mark.parametrize("slug", ["parks", "buildings", "units", "leases", "recognitions", "rules", "clusters", "projects", "investments", "milestones",
    "heritage", "bearers", "fusions", "demands", "visits", "profiles", "ownership", "titles", "life", "associations", "memberships"])  # fmt: skip
def test_every_ledger_lists_adds_and_exports(client_of: Any, world: SimpleNamespace, let: None, slug: str) -> None:
    client = client_of("editor")
    assert client.get(f"/records/{slug}/").status_code == 200
    assert client.get(f"/records/{slug}/export").status_code == 200
    may = slug != "rules"  # rules are the reviewer's and the administrator's
    assert client.get(f"/records/{slug}/add").status_code == (200 if may else 403)
    assert client.post(f"/records/{slug}/add", {}).status_code == (400 if may else 403)


def test_demand_over_the_pages(client_of: Any, world: SimpleNamespace) -> None:
    client = client_of("editor")
    form = {"name": "青禾区映山红图书有限公司", "kind": "融资", "text": "续贷", "raised": "2026-01-01", "due": "2026-01-31", "department": world.office.pk}
    assert client.post("/records/demands/add", form).status_code == 302
    demand = Demand.objects.get()
    body = client.get("/records/demands/").content.decode()
    assert "超期 <b>1</b> 件" in body and "企业反映最多的事" in body
    assert "续贷" in client.get("/records/demands/?overdue=超期").content.decode()
    assert "没有符合条件" in client.get("/records/demands/?overdue=未超期").content.decode()
    assert "续贷" in client.get(reverse("registry:enterprise", args=["k1"])).content.decode()
    client.post(f"/records/demands/{demand.pk}/close", {"state": "已办结", "closed": "2026-02-10", "result": "已续贷"})
    demand.refresh_from_db()
    assert (demand.state, demand.closed) == ("已办结", date(2026, 2, 10))
    page = client.get(f"/records/demands/{demand.pk}/").content.decode()
    assert "超期 10 天" in page and "办结" in page and "editor" in page


def test_alerts(world: SimpleNamespace, make: Any, let: None) -> None:
    """One of each kind, today's day given; what is closed, far away or long ago is not there."""
    day = timezone.localdate()
    make("life", key="k1", name="映山红", kind="迁出", on=day - timedelta(5))
    make("life", key="k4", name="听涛", kind="列入异常", on=day - timedelta(5))
    make("life", key="k4", name="听涛", kind="移出异常", on=day - timedelta(1))
    make("life", key="k1", name="映山红", kind="吊销", on=day - timedelta(200))
    make("demands", key="k1", name="映山红", kind="融资", text="续贷", raised=date(2026, 1, 1), due=day - timedelta(3))
    make("demands", key="k1", name="映山红", kind="融资", text="今天到期", raised=date(2026, 1, 1), due=day)
    rule = make("rules", code="r", name="规则", level="市级", body="机关", conditions=[{"measure": "tenants", "at_least": 1}])
    make("recognitions", park=world.parks["P2"], rule=rule, state="有效", review_on=day + timedelta(10))
    project = make("projects", code="X1", name="项目", street="文昌街道")
    make("milestones", project=project, name="开工", due=day - timedelta(1))
    found = alerts(world.people["editor"], day)
    assert dict(counts(found)) == {"迁出": 1, "诉求超期": 1, "项目节点逾期": 1, "认定待复核": 1, "租约将到期": 1}
    assert dict(counts(alerts(world.people["street"], day))) == {"迁出": 1, "诉求超期": 1, "项目节点逾期": 1, "租约将到期": 1}
    assert dict(counts(alerts(world.people["operator"], day))) == {"认定待复核": 1}


def test_number_of_queries_does_not_grow(client_of: Any, world: SimpleNamespace, make: Any, let: None) -> None:
    """The same for three parks as for nine; at most 12 with those of session, user and frame."""
    client = client_of("editor")

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught)

    def more(n: int) -> None:
        park = make("parks", code=f"Q{n}", name=f"园{n}")
        building = make("buildings", park=park, name="1号楼")
        make("leases", unit=make("units", building=building, number="1", area=Decimal(10)), key="k1", name="映山红", since=date(2026, 1, 1))
        project = make("projects", code=f"Y{n}", name=f"项目{n}")
        make("milestones", project=project, name="开工", due=date(2026, 1, 1))
        make("heritage", name=f"非遗{n}", level="市级", category="传统技艺")
        make("demands", key="k1", name="映山红", kind="融资", text=f"诉求{n}", raised=date(2026, 1, 1), department=world.office)

    addresses = ("/records/parks/", "/records/projects/", "/records/demands/", "/records/heritage/", "/records/leases/", "/records/alerts/")
    more(0)
    first = {a: queries(a) for a in addresses}
    for n in range(1, 7):
        more(n)
    later = {a: queries(a) for a in addresses}
    assert later == first
    assert all(n <= 12 for n in later.values()), later


def test_nurture_pool(world: SimpleNamespace, client_of: Any, make: Any) -> None:
    """8890 (R, line 500 万元 since 2020): k1 4.2 百万元 is near with a gap of 80; k2 nurtured and k5 with one quarter only are unknown; k3 is not cultural; k4 is in the frame."""
    from wenmai.office.figures import definitions, facts, sources
    from wenmai.office.figures.facts import NewFact

    definitions.install_shipped()
    source = sources.open_source(sources.About("测试", "依据", "用途", "不可再共享", None, "", "", ""))
    year = timezone.localdate().year - 1
    rows = [NewFact("enterprise", k, "SC06", f"{year}年", v, u, "本办监测口径", "监测", name=k) for k, v, u in
            (("k1", "420", "万元"), ("k3", "480", "万元"), ("k4", "0.06", "亿元"))]  # fmt: skip
    assert facts.record(rows, source).counts["新增"] == 3
    facts.enter_frame("规上", "本办监测口径", "k4", date(year, 1, 1), source)
    quarter = NewFact("enterprise", "k5", "SC06", f"{year}年一季度", "90", "万元", "本办监测口径", "监测", name="k5")
    assert facts.record([quarter], source).counts["新增"] == 1
    Decision.objects.filter(enterprise__key="k5").update(outcome="全部计入类")
    make("profiles", key="k2", name="云上", nurtured=True)
    Visit.objects.create(key="k1", name="映山红", on=date(2026, 1, 1), leader="某区长")
    body = client_of("editor").get("/records/nurture/").content.decode()
    assert "映山红" in body and "差 80" in body and "某区长" in body
    assert "营收未知（2 家）" in body and "听涛" not in body and "宏达" not in body
    assert "映山红" not in client_of("operator").get("/records/nurture/").content.decode()


def test_rule_over_the_form(client_of: Any, world: SimpleNamespace) -> None:
    """A reviewer writes a rule in percent and counts; without a condition it is refused beside nothing else; an editor may not."""
    from wenmai.office.people.models import Role, User
    from wenmai.rooms.records.models import RecognitionRule

    world.people["reviewer"] = User.objects.create_user("reviewer", role=Role.REVIEWER, organisation=world.office)
    form = {"code": "r1", "name": "区级园区认定", "level": "区级", "body": "区文创办", "document": "示例〔2026〕1号", "valid_from": "2026-01-01"}
    client = client_of("reviewer")
    answer = client.post("/records/rules/add", form)
    assert answer.status_code == 400 and "至少要有一个条件" in answer.content.decode()
    answer = client.post("/records/rules/add", {**form, "c_occupancy": "101"})
    assert answer.status_code == 400 and "不在 0—100 内" in answer.content.decode()
    assert client.post("/records/rules/add", {**form, "c_occupancy": "62.5", "c_tenants": "20"}).status_code == 302
    rule = RecognitionRule.objects.get()
    assert rule.conditions == [{"measure": "occupancy", "at_least": 625}, {"measure": "tenants", "at_least": 20}]
    page = client.get(f"/records/rules/{rule.pk}/edit").content.decode()
    assert 'value="62.5"' in page and 'value="20"' in page
    assert client_of("editor").post("/records/rules/add", form).status_code == 403
