"""The sample's ledgers over a small invented register, and the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from wenmai.cli_records import records_commands
from wenmai.rooms.classification.models import Decision
from wenmai.rooms.records import sample
from wenmai.rooms.records.kinds import kinds
from wenmai.rooms.records.models import Lease, Park
from wenmai.rooms.records.queries import summary
from wenmai.rooms.registry.models import Enterprise
from wenmai.samples.words import parks as invented

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(db: None) -> None:
    """Twelve firms in each invented park, every third cultural."""
    for p, park in enumerate(invented()):
        for n in range(12):
            firm = Enterprise.objects.create(key=f"s{p}-{n:02d}", name=f"示例{p}号{n}公司", park=park.name, street=park.street, unit_type="企业法人",
                                             registered_on=date(2018, 1, 1))  # fmt: skip
            Decision.objects.create(enterprise=firm, outcome="全部计入类" if n % 3 == 0 else "非文化", decided_by="初步识别", model_version="t")


def test_sample_fills_every_ledger_once(register: None) -> None:
    made = sample.load()
    assert made["leases"] == Lease.objects.count() >= 40 and made["parks"] == len(invented())
    empty = [k.slug for k in kinds().values() if not k.model._default_manager.exists()]
    assert empty == []
    assert sample.load() == {} and Lease.objects.count() == made["leases"]
    found = summary(Park.objects.get(code="P01"), date.today())
    assert found.occupancy.rate is not None and 0 < found.occupancy.rate < 1
    assert found.shares.tenants == found.shares.whole + found.shares.partial + found.shares.no + found.shares.unknown > 0


def test_command_line(world: SimpleNamespace, make: Any, tmp_path: Path) -> None:
    app = records_commands(lambda: None)
    path = tmp_path / "清单.csv"
    path.write_text("楼栋,房号,面积,企业名称,起租日\n1号楼,101,100,青禾区听涛演艺有限公司,2026-01-01\n1号楼,102,300,青禾区待定科技有限公司,坏日期\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["import", "leases", str(path), "--park", "P2"])
    assert done.exit_code == 0 and "新增 1" in done.output and "退回 第 3 行" in done.output and "坏日期" in done.output
    make("rules", code="r", name="规则", level="市级", body="机关", conditions=[{"measure": "occupancy", "at_least": 700}])
    done = CliRunner().invoke(app, ["park", "P2", "--on", "2026-03-01"])
    assert done.exit_code == 0 and "入驻率 25.0%" in done.output and "差45个百分点" in done.output
    assert "共 0 项" in CliRunner().invoke(app, ["alerts"]).output
    assert CliRunner().invoke(app, ["park", "没有"]).exit_code != 0
