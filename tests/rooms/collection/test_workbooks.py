"""The Excel form there and back, thirty at once, the merged workbook, and layouts of bureaus filled without a scratch."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from wenmai.base.values import InputError, NotFound
from wenmai.base.values.period import period
from wenmai.office.figures import facts
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Fact, Source
from wenmai.office.people.models import User
from wenmai.rooms.collection import filing, filling, forming, handing, merging, sheets, xlsx_cells
from wenmai.rooms.collection.models import Return, Round, State, Submission

from .conftest import FORM, GOOD, cells

People = dict[str, User]
PAGE = "填报表"


def book_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(data: bytes, **values: Any) -> bytes:
    """The workbook with values typed into the input column, by line."""
    book = book_of(data)
    page = book[PAGE]
    for row in page.iter_rows(min_row=sheets.FIRST):
        if row[0].value in values:
            row[sheets.VALUE - 1].value = values[row[0].value]
    return saved(book)


@pytest.fixture
def filled(one: Return) -> bytes:
    return put(sheets.template(one, {}), A01=1000, A02=900.5, C01="5,000.25")


def test_the_template_is_locked_but_for_the_inputs(one: Return) -> None:
    book = book_of(sheets.template(one, cells(A01="12.50", C02="拒报")))
    page = book[PAGE]
    assert page.protection.sheet and book["_wenmai"].sheet_state == "veryHidden" and page.column_dimensions["A"].hidden
    open_cells = {c.coordinate for row in page.iter_rows() for c in row if not c.protection.locked}
    assert open_cells == {f"{column}{row}" for column in "EFG" for row in range(7, 11)}
    assert [page[f"A{r}"].value for r in range(7, 11)] == ["A01", "A02", "C01", "C02"]
    assert (page["E7"].value, page["F10"].value) == (12.5, "拒报")


def test_there_and_back(one: Return, filled: bytes, people: People) -> None:
    came = handing.take(sheets.spool([filled], "甲园.xlsx"), "甲园.xlsx", people["op1"])
    assert came.state == "已报"
    made = Submission.objects.get()
    assert made.cells == {"A01": {"value": "1000"}, "A02": {"value": "900.5"}, "C01": {"value": "5000.25"}}
    assert (made.via, made.file_name, made.places["C01"]) == ("模板", "甲园.xlsx", "填报表!E9") and len(made.file_digest) == 64
    assert handing.take(filled, "甲园.xlsx", people["op1"]).state == "未变"


def test_sorted_and_pushed_rows_still_read(one: Return, filled: bytes, people: People) -> None:
    """Lines are found by their hidden id."""
    book = book_of(filled)
    book[PAGE].insert_rows(8, 2)
    assert handing.take(saved(book), "x.xlsx", people["op1"]).state == "已报"
    assert Submission.objects.get().places["C01"] == "填报表!E11"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"C01": "=1+1"}, "填报表!E9 是公式"), ({"C01": "约500"}, "填报表!E9 “约500”不是数"), ({"C01": True}, "填报表!E9 是真假值"),
        ({"C01": __import__("datetime").date(2026, 1, 1)}, "填报表!E9 是日期"), ({"A02": 2000}, "A01 >= A02"), ({"C01": None}, "填报表!E9 必填"),
    ],
)  # fmt: skip
def test_faults_name_sheet_and_cell_and_nothing_is_lost(one: Return, filled: bytes, people: People, values: dict[str, Any], said: str) -> None:
    came = handing.take(put(filled, **values), "甲园.xlsx", people["op1"])
    assert came.state == "草稿" and said in came.words
    report = Return.objects.get(pk=one.pk)
    assert report.state == State.DRAFT and not Submission.objects.exists()
    assert report.draft["cells"]["A01"] == {"value": "1000"}  # what was right is kept, and what was wrong as typed
    if values.get("C01") == "约500":
        assert report.draft["cells"]["C01"] == {"value": "约500"}


def test_a_stray_number_is_said(one: Return, filled: bytes, people: People) -> None:
    book = book_of(filled)
    book[PAGE]["E20"] = 5
    assert "填报表!E20 有数，但这一行不是报表的行" in handing.take(saved(book), "x.xlsx", people["op1"]).words


def test_a_workbook_of_another_is_refused(one: Return, issued: Round, filled: bytes, people: People) -> None:
    with pytest.raises(NotFound):
        handing.take(filled, "x.xlsx", people["op2"])
    other = issued.returns.get(key="p2")
    with pytest.raises(InputError, match="甲园"):
        handing.take(filled, "x.xlsx", people["editor"], only=other.pk)
    later = forming.issue("park-q", "2026Q4", actor=people["editor"])
    assert [c.state for c in handing.take_many([("x.xlsx", filled)], people["editor"], later.pk)] == ["退回"]
    book = book_of(filled)
    book["_wenmai"]["B1"] = str(book["_wenmai"]["B1"].value)[:-2] + "xx"
    with pytest.raises(InputError, match="标识已损坏"):
        handing.take(saved(book), "x.xlsx", people["op1"])
    forming.take_in(FORM.replace("用途: 测试", "用途: 新"))  # a newer version does not touch what is issued
    assert handing.take(filled, "x.xlsx", people["op1"]).state == "已报"


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


GARBAGE = {
    "空.xlsx": b"", "图.xlsx": b"\x89PNG\r\n\x1a\n" + b"0" * 50, "网页.xlsx": b"<html><table>", "旧.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600,
    "压缩.xlsx": _zip(a=b"b"), "截断.xlsx": saved(openpyxl.Workbook())[:900], "别的.xlsx": saved(openpyxl.Workbook()), "宏.exe": b"MZ",
    "炸弹.xlsx": _zip(**{"[Content_Types].xml": b"<a/>", "xl/worksheets/sheet1.xml": b"0" * 80_000_000}),
    "坏件.xlsx": _zip(**{"[Content_Types].xml": b"<a", "xl/workbook.xml": b"<<<"}),
}  # fmt: skip


def test_garbage_is_told_and_stops_no_other(one: Return, filled: bytes, people: People) -> None:
    came = handing.take_many([*GARBAGE.items(), ("甲园.xlsx", filled)], people["editor"])
    assert [c.state for c in came] == ["退回"] * len(GARBAGE) + ["已报"]
    assert all(c.words and "Traceback" not in c.words for c in came[:-1])
    assert Submission.objects.count() == 1


def test_merged_names_who_is_missing_and_never_adds_a_zero(issued: Round, people: People, filled: bytes) -> None:
    handing.take(filled, "甲园.xlsx", people["op1"])
    filing.submit(issued.returns.get(key="p2").pk, {**GOOD, "C01": {"value": "10"}}, {}, 1, people["op2"])
    merged = merging.merge(issued.pk)
    assert [r.name for r in merged.missing] == ["丙园"]
    income, tax = merged.totals["C01"], merged.totals["C02"]
    assert (income.value, income.reported, income.asked) == (Decimal("5010.25"), 2, 3) and income.others == {"未报": ("丙园",)}
    assert tax.value is None and tax.others == {"未填": ("甲园",), "拒报": ("乙园",), "未报": ("丙园",)}
    book = book_of(merging.book(merged))
    assert book.sheetnames == ["汇总", "未报", "甲园", "乙园", "丙园"]
    rows = {r[0]: r for r in book["汇总"].iter_rows(values_only=True)}
    assert rows["C01"][3:6] == (5010.25, "2/3", "2/3 个单位，未报 1（丙园）") and rows["C02"][3] == "—（无单位填报）"
    origin = {r[0]: r[6] for r in book["甲园"].iter_rows(values_only=True)}
    from django.utils.timezone import localtime

    assert f"{localtime(Submission.objects.get(report__key='p1').at):%H:%M}" in origin["C01"]  # the office's hour, not UTC's
    assert origin["C01"].startswith("第 1 次 模板") and origin["C01"].endswith("甲园.xlsx 填报表!E9")
    assert "没有报送" in str(book["丙园"]["A2"].value)
    only = merging.merge(issued.pk, __import__("wenmai.rooms.collection.permissions", fromlist=["x"]).own_returns(people["op1"]))
    assert [r.name for r in only.returns] == ["甲园"] and only.totals["C01"].value == Decimal("5000.25")


# ------------------------------------------------------------------ layouts of bureaus


def layout() -> bytes:
    """A sheet as a bureau sends it: merged title, formats, print set-up, a formula, a chart and a comment."""
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    page = book.active
    page.title = "报表 一"
    page.merge_cells("A1:D1")
    page["A1"] = "文化产业情况表"
    page["A1"].font, page["A1"].alignment = Font(name="黑体", size=18, bold=True), Alignment(horizontal="center")
    page["A2"] = "{{@时期}}"
    page["A3"], page["B3"] = "营业收入", "{{SC06; 单位=万元}}"
    page["B3"].number_format, page["B3"].fill = "#,##0.00", PatternFill("solid", fgColor="DDEEFF")
    page["A4"], page["B4"] = "上年同期", "{{SC06@上年同期; 小数=1}}"
    page.merge_cells("B5:C5")
    page["A5"], page["B5"] = "核心类", "{{SC06[大类=01]}}"
    page["A6"], page["B6"] = "合计（公式）", "=B3+1"
    page["A7"] = "企业数"
    book.defined_names["WM_SC04"] = DefinedName("WM_SC04", attr_text="'报表 一'!$C$7")
    book.defined_names["利润"] = DefinedName("利润", attr_text="'报表 一'!$D$8")
    page["B3"].comment = Comment("由统计部门提供", "x")
    page.print_area, page.print_title_rows = "A1:D8", "1:2"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 8
    page.oddFooter.center.text = "第 &P 页"
    page.row_dimensions[3].height, page.column_dimensions["B"].width = 33.5, 21
    chart = BarChart()
    chart.add_data(Reference(page, min_col=2, min_row=3, max_row=4))
    page.add_chart(chart, "F2")
    book.create_sheet("说明")["A1"] = "不动"
    return saved(book)


@pytest.fixture
def bureau(dictionary: None) -> Source:
    source = Source.objects.create(provider="测试统计局", slip_digest="0" * 64)
    rows = [("SC06", "2026H1", "", "12.345", "亿元"), ("SC06", "2025H1", "", "10.05", "亿元"), ("SC04", "2026-06-30", "", "69", "家")]
    outcome = facts.record([NewFact("area", "本区", c, w, v, u, "统计部门数据", "规上", i) for c, w, i, v, u in rows], source)
    assert outcome.counts["新增"] == 3, outcome.rows
    return source


def test_a_bureaus_layout_is_filled_without_a_scratch(bureau: Source, people: People) -> None:
    before = layout()
    made, count = filling.add("统计局半年表", [before], "表.xlsx", "利润 = SC15", people["editor"])
    assert count == 6
    data, filled = filling.produce(made, filling.Defaults(period("2026H1")), people["editor"])
    old, new = book_of(before)["报表 一"], book_of(data)["报表 一"]
    got = {a: new[a].value for a in ("A2", "B3", "B4", "B5", "C7", "D8")}
    assert got == {"A2": "2026年上半年", "B3": 123450, "B4": 10.1, "B5": None, "C7": 69, "D8": None}
    assert {f.spot.address for f in filled if f.value is None} == {"B5", "D8"} and all(f.why for f in filled if f.value is None)
    for row in old.iter_rows(max_row=10, max_col=8):
        for cell in row:
            twin = new[cell.coordinate]
            for style in ("number_format", "font", "fill", "border", "alignment", "protection"):
                assert repr(getattr(twin, style)) == repr(getattr(cell, style)), f"{cell.coordinate} {style}"
            if cell.coordinate not in got:
                assert twin.value == cell.value, cell.coordinate
    assert new.merged_cells.ranges == old.merged_cells.ranges and new["B6"].value == "=B3+1" and new["B3"].comment.text == "由统计部门提供"
    assert (new.print_area, new.print_title_rows, new.page_setup.orientation, new.page_setup.paperSize) == (old.print_area, old.print_title_rows, "landscape", 8)
    assert new.oddFooter.center.text == "第 &P 页" and new.row_dimensions[3].height == 33.5 and new.column_dimensions["B"].width == 21
    # Everything else of the package is the same byte for byte: the chart, the styles, the other sheet.
    with zipfile.ZipFile(io.BytesIO(before)) as a, zipfile.ZipFile(io.BytesIO(data)) as b:
        assert a.namelist() == b.namelist() and any("chart" in n for n in a.namelist())
        changed = {n for n in a.namelist() if a.read(n) != b.read(n)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}


@pytest.mark.parametrize(
    ("cell", "said"),
    [("{{SC06 +}}", "报表!A1"), ("{{NOSUCH}}", None), ("{{SC06; 颜色=红}}", "看不懂"), ("{{SC06 / SC04}}", "不是一个指标"), ("{{@名}}", "不认识"), ("无", "没有占位")],
)
def test_faulty_placeholders(people: People, cell: str, said: str | None) -> None:
    book = openpyxl.Workbook()
    book.active.title = "报表"
    book.active["A1"] = cell
    if said is None:
        made, _ = filling.add("x", [saved(book)], "x.xlsx")
        filled = filling.values(made, filling.Defaults(period("2026")))
        assert filled[0].value is None and "不在指标词典" in filled[0].why
        return
    with pytest.raises(InputError, match=said):
        filling.add("x", [saved(book)], "x.xlsx")


def test_a_formula_cell_is_not_overwritten() -> None:
    with pytest.raises(InputError, match="公式"):
        xlsx_cells.fill(layout(), {("报表 一", "B6"): Decimal(1)})


def test_text_in_a_cell_is_never_a_formula() -> None:
    data = xlsx_cells.fill(layout(), {("报表 一", "H9"): "=cmd|x", ("报表 一", "A9"): "<&>", ("报表 一", "AA1"): Decimal("0.5")})
    page = book_of(data)["报表 一"]
    assert (page["H9"].value, page["H9"].data_type, page["A9"].value, page["AA1"].value) == ("=cmd|x", "s", "<&>", 0.5)
    assert not Fact._meta.abstract
