"""A small office with one person per role and the bundled sample district imported through the pages' own verbs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from wenmai.office.people.models import Role, User
from wenmai.rooms.registry import services
from wenmai.rooms.registry.models import Batch

PASSWORD = "correct-horse-battery"
CSV = (
    "企业名称,统一社会信用代码,成立日期,登记状态,企业类型,经营范围,住所\n"
    "青禾区映山红图书有限公司,,2015-03-02,存续,有限责任公司,图书、报刊零售；出版物批发,青禾区文昌街道1号\n"
    "青禾区云上动漫设计有限公司,,2019-07-11,存续,有限责任公司,动漫设计；游戏软件开发,青禾区文昌街道2号\n"
    "青禾区宏达建材经营部,,2012-01-09,注销,个体工商户,建筑材料销售,青禾区河东街道3号\n"
    ",,2012-01-09,存续,个体工商户,没有名称也没有代码的行,青禾区河东街道4号\n"
)


@pytest.fixture(autouse=True)
def _clean(home: Path) -> None:
    """Each test has its own home, and no counts remembered from another test's register."""
    cache.clear()


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """One person per role, with a role's value as user name."""
    found = {}
    for role in Role:
        found[role.value] = User.objects.create_user(role.value, password=PASSWORD, role=role)
    return found


@pytest.fixture
def client_of(people: dict[str, User]) -> Any:
    """client_of("reader") → a client logged in as that role; "anonymous" → one that is not."""

    def make(role: str) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(people[role])
        return client

    return make


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "名录.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.fixture
def batch(people: dict[str, User], csv_file: Path) -> Batch:
    """The four rows of CSV, published."""
    return services.import_file(csv_file, actor=people["editor"], provider="测试提供单位", basis="测试依据", purpose="测试")


@pytest.fixture
def office(batch: Batch, people: dict[str, User]) -> Batch:
    """The batch, classified, with a snapshot."""
    from wenmai.office.jobs import services as jobs

    jobs.enqueue("classification.run", {}, people["editor"])
    jobs.work(once=True)
    return batch
