"""An office with the shipped dictionary, three parks with an operator each, and a form for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from wenmai.office.figures import definitions
from wenmai.office.people.models import Organisation, OrgKind, Role, User
from wenmai.office.people.permissions import inside
from wenmai.rooms.collection import forming
from wenmai.rooms.collection.models import Return, Round

FORM = """标识: park-q
类别: 园区管理记录
名称: 园区季度表
频率: 季度
截止: 期后15日
用途: 测试
填报对象:
  类别: 园区
  名单:
    - {标识: p1, 名称: 甲园, 街道: 东街, 单位: 甲运营}
    - {标识: p2, 名称: 乙园, 街道: 东街, 单位: 乙运营}
    - {标识: p3, 名称: 丙园, 街道: 西街}
行:
  - {编号: A01, 名称: 可租面积, 指标: LETTABLE_AREA, 单位: 平方米, 来源类: 本办监测口径, 口径: 园区, 时点: 是, 预填: 上期}
  - {编号: A02, 名称: 已租面积, 指标: LET_AREA, 单位: 平方米, 来源类: 本办监测口径, 口径: 园区, 时点: 是}
  - {编号: C01, 名称: 营业收入, 指标: PK05, 单位: 万元, 来源类: 本办监测口径, 口径: 园区}
  - {编号: C02, 名称: 税收, 指标: PK06, 单位: 万元, 来源类: 本办监测口径, 口径: 园区, 必填: 否}
校核:
  - {式: A01 >= A02}
  - {式: "变动(C01@上年同期) <= 50%", 级别: 说明}
"""
LEGAL = "表号: 文创01表\n制定机关: 测试办\n批准机关: 测试统计机构\n文号: 测统〔2026〕1号\n有效期限: 2099-12-31\n"


def cells(**values: str) -> dict[str, dict[str, str]]:
    """Cells as a page sends them: A01="10" is a value, C02="拒报" a state."""
    return {k: {"status": v} if v in ("查无", "拒报", "不适用") else {"value": v} for k, v in values.items()}


GOOD = cells(A01="1000", A02="900.5", C01="5000.25", C02="拒报")


@pytest.fixture(autouse=True)
def _clean(home: Any) -> None:
    cache.clear()


@pytest.fixture
def dictionary(db: Any) -> None:
    definitions.install_shipped()


@pytest.fixture
def people(dictionary: None) -> dict[str, User]:
    """Office roles by their value; op1 and op2 of two operators, st of a street, bank of a bank."""
    found = {r.value: User.objects.create_user(r.value, role=r) for r in Role}
    for name, kind, org, area in (
        ("op1", OrgKind.OPERATOR, "甲运营", "甲园"), ("op2", OrgKind.OPERATOR, "乙运营", "乙园"), ("st", OrgKind.STREET, "东街办", "东街"),
        ("bank", OrgKind.FINANCE, "测试银行", ""), ("dept", OrgKind.DEPARTMENT, "测试统计局", ""),
    ):  # fmt: skip
        made = Organisation.objects.create(name=org, kind=kind, area=area)
        found[name] = User.objects.create_user(name, role=Role.READER, organisation=made)
    return found


class OutsideClient(Client):
    """A client of the outside site: its addresses, its templates, its zone."""

    def _zone(self) -> Any:
        from wenmai.web import outside_settings as outside

        return override_settings(ZONE="outside", ROOT_URLCONF=outside.ROOT_URLCONF, TEMPLATES=outside.TEMPLATES)

    def request(self, **request: Any) -> Any:
        with self._zone():
            return super().request(**request)

    def force_login(self, user: Any, backend: str | None = None) -> None:
        with self._zone():
            super().force_login(user, backend)


@pytest.fixture
def client_of(people: dict[str, User]) -> Callable[[str], Client]:
    """A client of the site that the person belongs to."""

    def make(name: str) -> Client:
        client = Client() if inside(people[name])[0] else OutsideClient()
        client.force_login(people[name])
        return client

    return make


@pytest.fixture
def issued(people: dict[str, User]) -> Round:
    """The form issued for the third quarter of 2026."""
    forming.take_in(FORM, actor=people["editor"])
    return forming.issue("park-q", "2026Q3", actor=people["editor"])


@pytest.fixture
def one(issued: Round) -> Return:
    return issued.returns.get(key="p1")
