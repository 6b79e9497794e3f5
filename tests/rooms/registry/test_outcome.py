"""What the outcome of an import tells: rows that are no data apart from faulty ones, totals checked, values placed."""

from __future__ import annotations

from pathlib import Path

import pytest

from wenmai.rooms.registry import queries, services
from wenmai.rooms.registry.models import Enterprise

pytestmark = pytest.mark.django_db(transaction=True)

A, B = "91440300708461136T", "914403001922038216"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_that_are_no_data_stand_apart_from_faults(home: Path, tmp_path: Path) -> None:
    # 5 rows: two enterprises, one fault (neither name nor code), one total (30 + 12 = 42), one note.
    text = f"企业名称,统一社会信用代码,营业收入（万元）\n云岭甲公司,{A},30\n云岭乙公司,{B},12\n,,\n,空,5\n合计,,42\n注：不含分支机构,,\n"
    batch = services.import_file(write(tmp_path / "a.csv", text))
    assert batch.rows == 5 == sum(batch.counts.values()) and batch.counts["rejected"] == 3
    assert [(label, n) for _, label, n in queries.counts(batch)][-2:] == [("退回（有误）", 1), ("退回（非数据行：合计行 1、说明行 1）", 2)]
    assert sum(n for _, _, n in queries.counts(batch)) == batch.rows
    reasons = {r["row"]: r["reason"] for r in services.rejected_rows(batch).iter_rows(named=True)}
    assert reasons == {5: "缺名称和代码", 6: "合计行，非数据", 7: "说明行，非数据"}
    (line,) = [x for x in batch.reconciliation if x["field"] == "total"]
    # The faulty row's 5 is in the sum: the sender's total is 42, the rows give 47, and that is what is to be told.
    assert (line["agrees"], line["sums"]) == (False, {"表中合计": "42", "逐行相加": "47", "相差": "-5"})
    assert "不符" in line["columns"][0] and line["rows"] == 3


def test_a_file_without_such_rows_is_told_as_before(home: Path, tmp_path: Path) -> None:
    batch = services.import_file(write(tmp_path / "a.csv", f"企业名称,统一社会信用代码\n云岭甲公司,{A}\n"))
    assert [label for _, label, _ in queries.counts(batch)] == ["新增", "更新", "未变", "重复", "退回"]
    assert batch.reconciliation == []


def test_a_value_filled_by_a_later_row_knows_that_row(home: Path, tmp_path: Path) -> None:
    text = f"企业名称,统一社会信用代码,经营范围,注册地址\n云岭甲公司,{A},,某路1号\n云岭甲公司,{A},广告设计,某路2号\n"
    batch = services.import_file(write(tmp_path / "a.csv", text))
    lines, _ = queries.values_of(Enterprise.objects.get(key=A))
    places = {line["field"]: (line["value"], line["batch"].pk, line["row"]) for line in lines if line["known"]}
    assert places["address"] == ("某路1号", batch.pk, 2)
    assert places["scope"] == ("广告设计", batch.pk, 3)
    # An update that comes from the second row of a pair is placed there too.
    text = f"企业名称,统一社会信用代码,经营范围,登记状态\n云岭甲公司,{A},,\n云岭甲公司,{A},广告设计,存续\n"
    second = services.import_file(write(tmp_path / "b.csv", text))
    lines, _ = queries.values_of(Enterprise.objects.get(key=A))
    assert [(x["batch"].pk, x["row"]) for x in lines if x["field"] == "status"] == [(second.pk, 3)]
