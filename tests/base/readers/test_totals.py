"""Total and note rows are told apart from enterprises and from faults, and totals are checked against their parts.

Expected sums are worked out by hand beside each table.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.base.readers import check_totals, load_aliases, map_columns, normalise, read_sheets

HEAD = "序号,企业名称,营业收入（万元）,从业人员,占比（%）\n"


def read(folder: Path, body: str, head: str = HEAD) -> Any:
    path = folder / "a.csv"
    path.write_text(head + body, encoding="utf-8")
    (sheet,) = read_sheets(path)
    return sheet, map_columns(sheet, load_aliases())


def checked(folder: Path, body: str) -> list[tuple[Any, ...]]:
    lines = check_totals(*read(folder, body))
    return [(x["row"], x["column"], x["stated"], x["summed"], x["rows"], x["agrees"]) for x in lines]


def test_each_kind_of_row_is_named(tmp_path: Path) -> None:
    body = f"1,甲公司,10,5,50\n合计,,10,5,50\n{HEAD}2,乙公司,1,1,5\n注：数据来源于登记,,,,\n制表人：某某,,,,\n"
    sheet, mapping = read(tmp_path, body)
    assert sheet.notes.rows() == [(3, "合计行"), (4, "重复的表头"), (6, "说明行"), (7, "说明行")]
    result = normalise(sheet, mapping)
    assert result.frame["row"].to_list() == [2, 5]
    fatal = result.problems.filter("fatal")
    assert fatal.select("row", "reason").rows() == [
        (3, "合计行，非数据"), (4, "重复的表头，非数据"), (6, "说明行，非数据"), (7, "说明行，非数据"),
    ]  # fmt: skip


def test_an_enterprise_is_no_total_and_no_note(tmp_path: Path) -> None:
    """A remark 合计, or a name that begins like a note, makes no total of an enterprise."""
    head = "企业名称,统一社会信用代码,备注\n"
    rows = [
        "云岭甲有限公司,,合计", "制表传媒有限公司,,", "第2页文化传播有限公司,,", "制表工作室,91440300708461136T,",
        "合计,91440300708461136T,", "附注书社,,",
    ]  # fmt: skip
    sheet, mapping = read(tmp_path, "".join(f"{r}\n" for r in rows), head)
    assert sheet.notes.rows() == [] and normalise(sheet, mapping).frame.height == len(rows)
    numbered, mapping = read(tmp_path, "1,云岭甲便民店,合计,,\n2,云岭乙有限公司,小计,,\n", "序号,企业名称,备注,营业收入,从业人员\n")
    assert numbered.notes.rows() == []


def test_totals_and_notes_are_still_found(tmp_path: Path) -> None:
    head = "街道,序号,企业名称,统一社会信用代码,备注,注册资本\n"
    rows = [
        "甲街道,1,云岭甲有限公司,,,10", "甲街道,小计,,,,10", ",合计,,,,10", "1,合计,,,,10", ",,合计,,,10", "制表：云岭乙有限公司,,,,,",
        "制表人 某某,,,,,", "第 2 页，共 3 页,,,,,", "共 2 家有限公司,,,,,", "数据来源：云岭丙有限公司,,,,,",
    ]  # fmt: skip
    sheet, _ = read(tmp_path, "".join(f"{r}\n" for r in rows), head)
    assert [kind for _, kind in sheet.notes.rows()] == ["合计行"] * 4 + ["说明行"] * 5
    assert sheet.notes["row"].to_list() == list(range(3, 12))


def test_a_total_at_the_foot_agrees_or_differs(tmp_path: Path) -> None:
    # 1,200.5 + 300 = 1,500.5; 12 + 4 = 16, stated 17. Serial numbers and shares are not added up.
    body = '1,甲公司,"1,200.5",12,80\n2,乙公司,300,4,20\n合计,,"1,500.5",17,100\n'
    assert checked(tmp_path, body) == [
        (4, "营业收入（万元）", Decimal("1500.5"), Decimal("1500.5"), 2, True),
        (4, "从业人员", Decimal(17), Decimal(16), 2, False),
    ]


def test_a_total_above_the_rows_stands_for_them(tmp_path: Path) -> None:
    body = "总计,,30,3,100\n1,甲公司,10,1,33\n2,乙公司,20,2,67\n"
    assert [line[-1] for line in checked(tmp_path, body)] == [True, True]


def test_subtotals_stand_for_their_part_and_the_total_for_all(tmp_path: Path) -> None:
    # Parts 10 + 20 = 30 and 5; all 35.
    body = "1,甲公司,10,1,\n2,乙公司,20,1,\n小计,,30,2,\n3,丙公司,5,1,\n小 计,,5,1,\n合计,,35,3,\n"
    found = checked(tmp_path, body)
    assert [(row, stated, rows) for row, column, stated, _, rows, _ in found if column != "从业人员"] == [
        (4, Decimal(30), 2), (6, Decimal(5), 1), (7, Decimal(35), 3),
    ]  # fmt: skip
    assert all(line[-1] for line in found)


def test_a_total_between_the_rows_stands_for_what_is_above(tmp_path: Path) -> None:
    body = "1,甲公司,10,1,\n合计,,10,1,\n2,乙公司,7,1,\n合计,,7,1,\n"
    assert [(row, stated, agrees) for row, _, stated, _, _, agrees in checked(tmp_path, body)][::2] == [(3, Decimal(10), True), (5, Decimal(7), True)]


def test_rounding_of_the_stated_digit_is_no_difference(tmp_path: Path) -> None:
    # 0.24 + 0.25 = 0.49: 0.5 states one digit and agrees, 0.4 does not.
    assert checked(tmp_path, "1,甲公司,0.24,,\n2,乙公司,0.25,,\n合计,,0.5,,\n")[0][-1] is True
    assert checked(tmp_path, "1,甲公司,0.24,,\n2,乙公司,0.25,,\n合计,,0.4,,\n")[0][-1] is False


@pytest.mark.parametrize("body", ["1,甲公司,10,1,\n", "1,甲公司,约十万,,\n2,乙公司,若干,,\n合计,,100,,\n", "1,甲公司,10,1,\n合计,,见附件,—,\n"])
def test_nothing_is_claimed_without_numbers(tmp_path: Path, body: str) -> None:
    assert checked(tmp_path, body) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=12), st.decimals(-3, 3, places=2))
def test_a_total_agrees_exactly_when_it_is_the_sum(tmp_path_factory: pytest.TempPathFactory, parts: list[Decimal], off: Decimal) -> None:
    folder = tmp_path_factory.mktemp("t")
    body = "".join(f"{i},公司{i},{part},,\n" for i, part in enumerate(parts, 1)) + f"合计,,{sum(parts) + off},,\n"
    lines = [line for line in checked(folder, body) if line[1].startswith("营业收入")]
    if sum(parts) + off < 0 or len(parts) == 0:
        return
    assert [line[-1] for line in lines] == [off == 0]
    assert lines[0][3] == sum(parts)
