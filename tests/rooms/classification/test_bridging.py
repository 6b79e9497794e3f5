"""口径对账桥 between snapshots: each unit under one reason, the sum closes, the page and the list of units agree."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.base.values import NotFound
from wenmai.office.figures import snapshots
from wenmai.office.figures.models import Snapshot
from wenmai.office.people.models import Role, User
from wenmai.rooms.classification import bridging
from wenmai.rooms.classification.bridging import Unit, bridge, joined_because, left_because

DAY = date(2025, 6, 30)
WHOLE, PARTIAL, NO, PENDING = "全部计入类", "部分计入类", "非文化", "待核定"


def unit(outcome: str | None = WHOLE, excluded: str | None = None, on: date | None = None, by: str = "初步识别") -> Unit:
    return Unit("某企业", on, excluded, outcome, by)


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        (None, unit(on=date(2025, 7, 1)), "新设"),
        (None, unit(on=date(2025, 6, 30)), "迁入或补录"),
        (None, unit(), "迁入或补录"),
        (unit(WHOLE, "区外"), unit(), "迁入或补录"),
        (unit(WHOLE, "注销吊销"), unit(), "登记信息变更"),
        (unit(NO), unit(by="人工核定"), "人工核定"),
        (unit(PENDING), unit(PARTIAL), "识别变化"),
    ],
)
def test_why_a_unit_came_in(before: Unit | None, now: Unit, reason: str) -> None:
    assert joined_because(before, now, DAY) == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [(None, "名录不再载"), (unit(excluded="注销吊销"), "注销吊销"), (unit(excluded="区外"), "迁出"), (unit(excluded="分支机构"), "登记信息变更"),
     (unit(PENDING), "转待核定"), (unit(NO, by="人工核定"), "核定剔除"), (unit(NO), "识别变化"), (unit(None), "识别变化")],
)  # fmt: skip
def test_why_a_unit_left(now: Unit | None, reason: str) -> None:
    assert left_because(now) == reason


def test_a_new_firm_needs_a_day_to_be_new() -> None:
    assert joined_because(None, unit(on=date(2025, 7, 1)), None) == "迁入或补录"


units = st.builds(
    unit, st.sampled_from([WHOLE, PARTIAL, NO, PENDING, None]), st.sampled_from([None, None, "注销吊销", "区外", "分支机构", "非企业"]),
    st.none() | st.dates(date(2024, 1, 1), date(2026, 1, 1)), st.sampled_from(["初步识别", "人工核定"]),
)  # fmt: skip
registers = st.dictionaries(st.sampled_from([f"k{i}" for i in range(12)]), units, max_size=12)


@given(registers, registers, st.none() | st.just(DAY))
@settings(max_examples=150, deadline=None)
def test_the_bridge_closes(before: dict[str, Unit], now: dict[str, Unit], day: date | None) -> None:
    was = {k for k, u in before.items() if u.excluded is None and u.outcome in (WHOLE, PARTIAL)}
    are = {k for k, u in now.items() if u.excluded is None and u.outcome in (WHOLE, PARTIAL)}
    made = bridge(was, are, before, now, day)
    assert made.start + sum(line.change for line in made.lines) == made.end == len(are)
    named = [k for line in made.lines for k in line.units]
    assert sorted(named) == sorted(was ^ are)
    assert {line.reason for line in made.lines} <= set(bridging.ORDER)


def _snapshot(rows: list[tuple[Any, ...]], as_of: str | None) -> Snapshot:
    made = Snapshot.objects.create(digest="x", tables={"units": len(rows)}, complete=True, facts={"as_of": as_of, "vintage": "测试"})
    schema = {"key": pl.Utf8, "name": pl.Utf8, "registered_on": pl.Date, "excluded": pl.Utf8, "outcome": pl.Utf8, "decided_by": pl.Utf8}
    folder = snapshots.folder(made.pk)
    folder.mkdir(parents=True)
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(folder / "units.parquet")
    return made


@pytest.fixture
def pair(db: None, home: Path) -> tuple[Snapshot, Snapshot]:
    """a stays; b is struck off; c is judged out; d and e come (d founded after, e before); f was pending and was reviewed in."""
    old = [("a", "甲", None, None, WHOLE, "初步识别"), ("b", "乙", None, None, PARTIAL, "初步识别"), ("c", "丙", None, None, WHOLE, "初步识别"), ("f", "己", None, None, PENDING, "初步识别")]
    new = [("a", "甲", None, None, WHOLE, "初步识别"), ("b", "乙", None, "注销吊销", PARTIAL, "初步识别"), ("c", "丙", None, None, NO, "人工核定"), ("f", "己", None, None, WHOLE, "人工核定"),
           ("d", "丁", date(2025, 8, 1), None, WHOLE, "初步识别"), ("e", "戊", date(2020, 8, 1), None, WHOLE, "初步识别")]  # fmt: skip
    return _snapshot(old, "2025-06-30"), _snapshot(new, "2025-12-31")


@pytest.fixture
def reader(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("reader", role=Role.READER))
    return client


def test_two_snapshots(pair: tuple[Snapshot, Snapshot], reader: Client) -> None:
    found = bridging.between(pair[1].pk, pair[0].pk)
    assert (found.bridge.start, found.bridge.end, found.old.pk) == (3, 4, pair[0].pk)
    assert [(line.reason, line.change) for line in found.bridge.lines] == [("新设", 1), ("迁入或补录", 1), ("人工核定", 1), ("注销吊销", -1), ("核定剔除", -1)]
    page = reader.get("/bridge/").content.decode()
    assert "由 <b>3</b> 家到 <b>4</b> 家" in page and "新设 +1" in page and "注销吊销 -1" in page and "戊" in page
    sheet = openpyxl.load_workbook(io.BytesIO(reader.get(f"/bridge/export?old={pair[0].pk}&new={pair[1].pk}").content)).active
    assert sheet is not None
    rows = [tuple(c for c in line) for line in sheet.iter_rows(min_row=4, values_only=True)]
    assert sorted(r[2] for r in rows) == ["b", "c", "d", "e", "f"]
    assert reader.get("/bridge/?old=1&new=999").status_code == 404
    with pytest.raises(NotFound, match="999"):
        bridging.between(pair[0].pk, 999)


def test_to_another_total(db: None, reader: Client) -> None:
    page = reader.get("/bridge/?start=412&end=380.5&source=区统计局&why=分支机构&by=-20&why=时点不同&by=-8").content.decode()
    assert "未解释差额</b></th><td class=\"n\"><b>-3.5</b>" in page and "待解释" in page
    closed = reader.get("/bridge/?start=412&end=384&why=分支机构&by=-28").content.decode()
    assert "在取整之内" in closed
    for query, said in (("start=a&end=1", "不是数"), ("start=1&end=2&why=x", "同时写事由和数值"), ("start=1&end=2&why=x&by=1&why=x&by=1", "写了两次"), ("start=1&end=1e99", "超出范围")):
        answer = reader.get(f"/bridge/?{query}")
        assert answer.status_code == 400 and said in answer.content.decode(), query


def test_nothing_to_set_beside(db: None, reader: Client) -> None:
    assert "至少要有两份快照" in reader.get("/bridge/").content.decode()
