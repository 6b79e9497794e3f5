"""A small dictionary and sources for the tests of facts."""

from typing import Any

import pytest

from wenmai.office.figures import definitions
from wenmai.office.figures.models import Source

ROWS: list[dict[str, Any]] = [
    {"code": "SC04", "name": "规模以上文化企业数", "unit": "家", "kind": "时点"},
    {"code": "SC06", "name": "规上文化企业营业收入", "unit": "亿元", "kind": "时期"},
    {"code": "SC08", "name": "营业收入同比增速（可比口径）", "unit": "%", "kind": "比率"},
    {"code": "SC09", "name": "文化及相关产业增加值", "unit": "亿元", "kind": "时期", "lanes": ["统计部门数据"], "stages": ["初步核算", "最终核实", "普查修订"]},
    {"code": "GDP", "name": "地区生产总值", "unit": "亿元", "kind": "时期", "lanes": ["统计部门数据"], "stages": ["初步核算", "最终核实", "普查修订"]},
    {"code": "SC10", "name": "增加值占GDP比重", "unit": "%", "kind": "比率", "formula": "SC09 / GDP{全社会}"},
    {"code": "SC12", "name": "占比变动", "unit": "个百分点", "kind": "比率", "formula": "SC10 - SC10@上年同期"},
    {"code": "SC15", "name": "利润总额", "unit": "亿元", "kind": "时期"},
    {"code": "SC16", "name": "营业收入利润率", "unit": "%", "kind": "比率", "formula": "SC15 / SC06"},
]


@pytest.fixture
def dictionary(db: Any) -> None:
    blank = {"group": "规模", "tier": "core60", "owner": "", "frequency": "", "sources": "", "formula": "", "scope": "", "lanes": [], "stages": [], "items": [], "note": ""}
    definitions.install([{**blank, "definition": r["name"], **r} for r in ROWS])


@pytest.fixture
def bureau(db: Any) -> Source:
    return Source.objects.create(provider="统计部门", slip_digest="0" * 64)


@pytest.fixture
def monitor(db: Any) -> Source:
    return Source.objects.create(provider="本办", basis="报表制度")
