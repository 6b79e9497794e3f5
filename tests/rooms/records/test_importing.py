"""Files into ledgers: one outcome per row, the same file twice changes nothing, faults say where and what."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from wenmai.base.values import InputError, Refused
from wenmai.rooms.records import importing
from wenmai.rooms.records.models import Demand, HeritageItem, Intake, Investment, Lease, Park, Project, RentalUnit

pytestmark = pytest.mark.django_db


def book(path: Path, rows: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    made.save(path)
    return path


TENANTS = [
    ["西园入驻企业清单"],
    ["序号", "楼栋", "房号", "面积（㎡）", "入驻企业", "统一社会信用代码", "起租日期", "到期日期", "租金（元/㎡·月）"],
    [1, "1号楼", "101", 100, "青禾区听涛演艺有限公司", "", "2026-01-01", "2028-12-31", 30.5],
    [2, "3号楼", "301", 55.5, "名录里没有的公司", "", "2026/2/1", "", ""],
    [3, "1号楼", "102", 300, "青禾区待定科技有限公司", "9111000000000004X", "2026-13-01", "", ""],
    [4, "1号楼", "102", 299, "青禾区待定科技有限公司", "", "2026-01-01", "", ""],
    [5, "1号楼", "101", 100, "青禾区云上动漫有限公司", "", "2026-06-01", "", ""],
    [6, "1号楼", "102", 300, "青禾区待定科技有限公司", "91110000000000001X", "2026-01-01", "", ""],
    ["合计", "", "", 809.5, "", "", "", "", ""],
]  # fmt: skip


def test_tenant_list(world: SimpleNamespace, tmp_path: Path) -> None:
    """Two good rows (one makes a building and a unit); refused: a day that does not exist, an area that differs from the unit's,
    an overlap, a code that belongs to another name; the total row is no data."""
    path = book(tmp_path / "西园.xlsx", TENANTS)
    taken = importing.take_in("leases", path, actor=world.people["editor"], park="P2")
    assert [(r[0], r[2]) for r in taken.rows] == [(3, "新增"), (4, "新增"), (5, "退回"), (6, "退回"), (7, "退回"), (8, "退回"), (9, "非数据行")]
    reasons = {r[0]: r[3] for r in taken.rows}
    assert "2026-13-01" in reasons[5] and "299" in reasons[6] and "重叠" in reasons[7] and "不符" in reasons[8]
    assert sum(taken.counts.values()) == 7 and taken.unused == ["序号"]
    lease = Lease.objects.get(key="k4")
    assert (lease.rent_fen, str(lease.until)) == (3050, "2028-12-31")
    assert Lease.objects.get(key=None).unit.building.name == "3号楼"
    again = importing.take_in("leases", path, actor=world.people["editor"], park="P2")
    assert again.counts["新增"] == 0 and again.counts["未变"] == 2 and Lease.objects.count() == 2 and RentalUnit.objects.count() == 5
    assert Intake.objects.count() == 2


def test_operator_and_street_bring_only_their_own(world: SimpleNamespace, tmp_path: Path) -> None:
    path = book(tmp_path / "西园.xlsx", TENANTS[:3])
    with pytest.raises(InputError, match="没有园区"):
        importing.take_in("leases", path, actor=world.people["street"], park="P2")
    with pytest.raises(Refused, match="登记台账需要角色"):
        importing.take_in("leases", path, actor=world.people["reader"], park="P2")
    assert not Lease.objects.exists() and not Intake.objects.exists()


def test_projects_with_money_in_the_head(world: SimpleNamespace, tmp_path: Path) -> None:
    """亿元 in the head is taken for what it says; yearly columns become investments; an empty cell erases nothing."""
    rows = [["项目代码", "项目名称", "总投资（亿元）", "牵头单位", "2026年计划投资（万元）", "2026年完成投资（万元）"],
            ["A1", "示例项目", 1.5, "区文创办", 3000, 1200.5], ["A2", "另一项目", "", "没有的单位", "", ""]]  # fmt: skip
    taken = importing.take_in("projects", book(tmp_path / "p.xlsx", rows))
    assert [r[2] for r in taken.rows] == ["新增", "退回"] and "没有的单位" in taken.rows[1][3]
    project = Project.objects.get()
    assert project.total_fen == 150_000_000 * 100 and project.lead == world.office
    money = Investment.objects.get()
    assert (money.plan_fen, money.actual_fen) == (30_000_000 * 100, 12_005_000 * 100)
    rows[1] = ["A1", "示例项目", "", "", "", 1300]
    assert importing.take_in("projects", book(tmp_path / "p.xlsx", rows[:2])).rows[0][2] == "更正"
    project.refresh_from_db()
    money.refresh_from_db()
    assert project.total_fen == 150_000_000 * 100 and (money.plan_fen, money.actual_fen) == (30_000_000 * 100, 13_000_000 * 100)


@pytest.mark.parametrize("slug", importing.IMPORTED)
def test_template_can_be_filled_in_and_read(world: SimpleNamespace, tmp_path: Path, slug: str) -> None:
    """Every title of the template is understood by the import itself."""
    _, heads, _, _ = importing.template(slug)
    values = {"园区代码": "Z9", "园区名称": "新园", "项目代码": "Z9", "项目名称": "新项目", "级别": "市级", "类别": "传统技艺" if slug == "heritage" else "融资",
              "企业名称": "青禾区映山红图书有限公司", "诉求": "续贷", "提出日期": "2026-01-01", "园区": "东园", "楼栋": "1号楼", "房号": "103", "起租日": "2026-01-01"}  # fmt: skip
    row = [values.get(h, "") for h in heads]
    if slug == "projects":
        row[heads.index("园区")] = ""
    taken = importing.take_in(slug, book(tmp_path / "t.xlsx", [list(heads), row]))
    assert taken.unused == [] and [r[2] for r in taken.rows] == ["新增"], taken.rows
    assert {"parks": Park.objects.filter(code="Z9").exists, "leases": Lease.objects.filter(key="k1").exists, "projects": Project.objects.exists,
            "heritage": HeritageItem.objects.exists, "demands": Demand.objects.filter(key="k1").exists}[slug]()  # fmt: skip


def test_what_cannot_be_read_is_said(world: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有找到“企业名称”"):
        importing.take_in("demands", book(tmp_path / "x.xlsx", [["甲", "乙"], ["1", "2"]]))
    bad = tmp_path / "y.xlsx"
    bad.write_bytes(b"not a book")
    with pytest.raises(InputError, match=r"y\.xlsx"):
        importing.take_in("demands", bad)
    with pytest.raises(InputError, match="不能从文件导入"):
        importing.take_in("visits", bad)
