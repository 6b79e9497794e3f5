"""A small office in 文昌区 with streets, two owners (two streets' people), facts, frames and ledgers. All names are invented."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from wenmai.office.figures import definitions, facts
from wenmai.office.figures.models import Lane, Source
from wenmai.office.people import organisations
from wenmai.office.people.models import Organisation, OrgKind, Role, User
from wenmai.rooms.registry import services as registry
from wenmai.rooms.registry.models import Enterprise
from wenmai.web.models import ApiToken

PASSWORD = "correct-horse-battery"
DISTRICT, CITY = "文昌区", "文昌市"
CSV = (
    "企业名称,统一社会信用代码,成立日期,登记状态,企业类型,经营范围,住所,街道\n"
    "文昌区映山红图书有限公司,,2015-03-02,存续,有限责任公司,图书、报刊零售；出版物批发,文昌区东街街道1号,东街街道\n"
    "文昌区云上动漫设计有限公司,,2019-07-11,存续,有限责任公司,动漫设计；游戏软件开发,文昌区西街街道2号,西街街道\n"
    "文昌区晴川影视文化有限公司,,2020-05-09,存续,有限责任公司,电影制作；电影发行；影视节目制作,文昌区东街街道8号,东街街道\n"
    "文昌区宏达建材有限公司,,2012-01-09,存续,有限责任公司,建筑材料销售,文昌区西街街道3号,西街街道\n"
)


@pytest.fixture(autouse=True)
def _clean(home: Path) -> None:
    cache.clear()
    (home / "site.json").write_text(json.dumps({"district": DISTRICT}), encoding="utf-8")


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """One person per role, and one reader in each of two streets."""
    found = {r.value: User.objects.create_user(r.value, password=PASSWORD, role=r) for r in Role}
    for name in ("东街街道", "西街街道"):
        street = organisations.add_organisation(name, OrgKind.STREET, name)
        found[name] = User.objects.create_user(name, password=PASSWORD, role=Role.READER, organisation=street)
    return found


@pytest.fixture
def client_of(people: dict[str, User]) -> Any:
    def make(who: str) -> Client:
        client = Client()
        if who != "anonymous":
            client.force_login(people[who])
        return client

    return make


@pytest.fixture
def office(people: dict[str, User], tmp_path: Path) -> dict[str, Enterprise]:
    """Four enterprises in two streets, classified, with a snapshot; by the first two words of their names."""
    from wenmai.office.jobs import services as jobs

    path = tmp_path / "名录.csv"
    path.write_text(CSV, encoding="utf-8")
    registry.import_file(path, actor=people["editor"], provider="测试提供单位", basis="测试依据", purpose="测试", as_of=dt.date(2026, 1, 31))
    jobs.enqueue("classification.run", {}, people["editor"])
    jobs.work(once=True)
    return {(e.name or "")[3:5]: e for e in Enterprise.objects.all()}


def source(provider: str, slip: bool = False) -> Source:
    return Source.objects.create(provider=provider, slip_digest="0" * 64 if slip else "")


def say(provider: str, *new: facts.NewFact, slip: bool = False) -> None:
    outcome = facts.record(new, source(provider, slip))
    assert outcome.counts[facts.CREATED] == len(new), outcome.rows


@pytest.fixture
def told(office: dict[str, Enterprise]) -> dict[str, Enterprise]:
    """Facts: value added, classes of the district and the city, revenue of three firms. Values are made up for the test."""
    definitions.install_shipped()

    def bureau(code: str, value: str, key: str = DISTRICT, item: str = "", stage: str = "", unit: str = "亿元", when: str = "2024") -> facts.NewFact:
        scope = "全口径" if code in ("SC09", "SC10") else "规上"
        return facts.NewFact("area", key, code, when, value, unit, Lane.BUREAU, scope, item, stage, name=key)

    say("市统计局", bureau("SC09", "12.5", stage="初步核算"), bureau("SC09", "12.8", stage="最终核实"), bureau("SC10", "4.1", unit="%", stage="初步核算"),
        bureau("SC06", "40"), bureau("SC06", "10", item="大类=01"), bureau("SC06", "4", item="大类=02"),
        bureau("SC06", "400", CITY), bureau("SC06", "50", CITY, "大类=01"), bureau("SC06", "80", CITY, "大类=02"), slip=True)  # fmt: skip
    firms = [("映山", "900"), ("云上", "1500"), ("晴川", "0.3")]
    news = [facts.NewFact("enterprise", office[n].key, "SC06", "2025", v, "亿元" if n == "晴川" else "万元", Lane.MONITOR, "规上", name=office[n].name or "")
            for n, v in firms]  # fmt: skip
    say("企业报送", *news)
    return office


@pytest.fixture
def street(people: dict[str, User]) -> Organisation:
    return Organisation.objects.get(name="东街街道")


@pytest.fixture
def token_of(people: dict[str, User]) -> Any:
    """token_of("editor", ["facts"]) → (record, token), made by the administrator."""
    from wenmai.web.api import tokens

    def make(owner: str = "editor", scopes: Any = tuple(tokens.SCOPES), organisation: Organisation | None = None, **more: Any) -> Any:
        name = f"系统{len(ApiToken.objects.all()) + 1}"
        expires = more.pop("expires", dt.date.today() + dt.timedelta(days=30))
        return tokens.add(name, people[owner], scopes, expires, organisation, actor=people["admin"], **more)

    return make


@pytest.fixture
def get_with() -> Any:
    """get_with(token, "/api/v1/facts?…") → (status, body)."""

    def get(token: str, address: str) -> Any:
        answer = Client().get(address, headers={"Authorization": f"Bearer {token}"} if token else {})
        return answer.status_code, answer.json()

    return get
