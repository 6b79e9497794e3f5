"""The two workbooks of the sample, in layouts that offices send: title rows, merged heads, units in heads."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from wenmai.base.standards.gbt4754 import division_name

from . import dirt
from .units import LAST_DAY, District, Unit
from .words import parks

TENANTS = 300
SUPPLEMENT_SHARE = 0.4
# A fixed creation time keeps the same seed giving the same bytes.
_CREATED = datetime(2026, 1, 1)

SUPPLEMENT_HEAD = (
    "提供名称", "注册号", "统一社会\n信用代码", "企业名称", "经营状态", "公司类型", "成立日期", "注册资本",
    "所属行业\n［大类名称＋代码］",
    "曾用名", "生产经营地址", "核实时间",
)  # fmt: skip


def _workbook(path: Path) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": "示例数据（虚构）", "created": _CREATED})
    return book


def _tenants(district: District, units: list[Unit]) -> list[Unit]:
    inside = [u for u in units if u.park is not None]
    limit = min(TENANTS, len(inside))
    return sorted(district.rng.sample(inside, limit), key=lambda u: u.park.name if u.park else "")


def write_park_ledger(path: Path, district: District, units: list[Unit]) -> None:
    """园区入驻台账: title row, merged two-row head, tenants (some only by name, some misspelt), total, note.

    A second sheet lists the parks with level, document and validity.
    """
    rng = district.rng
    book = _workbook(path)
    head = book.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
    day = book.add_format({"num_format": "yyyy/m/d"})
    sheet = book.add_worksheet("入驻企业")
    sheet.merge_range(0, 0, 0, 10, "文澜区文化创意产业园区入驻企业台账（2025年12月）", head)
    for column, text in ((0, "序号"), (1, "所属园区"), (8, "入驻日期"), (9, "是否文化\n企业"), (10, "备注")):
        sheet.merge_range(1, column, 2, column, text, head)
    sheet.merge_range(1, 2, 1, 4, "企业基本信息", head)
    sheet.merge_range(1, 5, 1, 7, "2025年经营情况", head)
    for column, text in enumerate(
        (
            "企业名称",
            "统一社会信用代码",
            "经营地址",
            "营业收入\n（万元）",
            "租用面积\n（㎡）",
            "从业人数\n（人）",
        ),
        2,
    ):
        sheet.write_string(2, column, text, head)
    row, area_total = 2, 0
    for number, unit in enumerate(_tenants(district, units), 1):
        row = number + 2
        assert unit.park is not None
        name = dirt.misspelt(rng, unit.name) if rng.random() < 0.07 else unit.name
        code = "" if rng.random() < 0.25 else dirt.code_text(rng, unit)
        revenue, area = round(rng.lognormvariate(6.2, 1.4), 2), rng.randint(20, 1800)
        area_total += area
        sheet.write_number(row, 0, number)
        sheet.write_string(row, 1, unit.park.name if rng.random() < 0.85 else unit.park.short)
        sheet.write_string(row, 2, name)
        sheet.write_string(row, 3, code)
        sheet.write_string(row, 4, dirt.address_text(rng, unit))
        if rng.random() < 0.12:
            sheet.write_string(row, 5, rng.choice(("-", "未报", "保密", f"{revenue:,.2f}")))
        else:
            sheet.write_number(row, 5, revenue)
        sheet.write_number(row, 6, area)
        sheet.write_string(row, 7, dirt.missing(rng)) if rng.random() < 0.08 else sheet.write_number(
            row, 7, rng.randint(1, 160)
        )
        entered = max(unit.registered_on, date(2012, 1, 1))
        entered = date.fromordinal(rng.randint(entered.toordinal(), LAST_DAY.toordinal()))
        if rng.random() < 0.85:
            sheet.write_datetime(row, 8, datetime(entered.year, entered.month, entered.day), day)
        else:
            sheet.write_string(row, 8, f"{entered.year}.{entered.month:02d}")
        says = bool(unit.trade.major) if rng.random() < 0.9 else not unit.trade.major
        sheet.write_string(row, 9, ("是" if says else "否") if rng.random() < 0.93 else "")
        sheet.write_string(
            row, 10, rng.choice(("", "", "", "", "", "", "拟迁出", "注册地不在园区", "租约到期"))
        )
    sheet.write_string(row + 1, 0, "合计")
    sheet.write_number(row + 1, 6, area_total)
    sheet.write_string(row + 2, 0, "注：营业收入由企业自报，未经核实。本表为虚构示例。")
    _write_parks(book, head)
    book.close()


def _write_parks(book: xlsxwriter.Workbook, head: xlsxwriter.format.Format) -> None:
    sheet = book.add_worksheet("园区基本情况")
    for column, text in enumerate(
        ("园区名称", "简称", "级别", "所在街道", "认定文号", "有效期至", "建筑面积（㎡）")
    ):
        sheet.write_string(0, column, text, head)
    for row, park in enumerate(parks(), 1):
        for column, text in enumerate(
            (park.name, park.short, park.level, park.street, park.document, park.valid_to)
        ):
            sheet.write_string(row, column, text)
        sheet.write_number(row, 6, park.area_m2)


def write_supplement(path: Path, district: District, units: list[Unit]) -> None:
    """市场监管补充: what the regulator returned for a list of names; all cells text.

    '空' = not found, '-' = missing, industry = the division's name and code glued together, heads with line
    breaks and full-width brackets.
    """
    rng = district.rng
    book = _workbook(path)
    wrap = book.add_format({"text_wrap": True, "bold": True})
    sheet = book.add_worksheet("Sheet1")
    for column, text in enumerate(SUPPLEMENT_HEAD):
        sheet.write_string(0, column, text, wrap)
    chosen = rng.sample(units, int(len(units) * SUPPLEMENT_SHARE))
    for row, unit in enumerate(chosen, 1):
        asked = dirt.misspelt(rng, unit.name) if rng.random() < 0.08 else unit.name
        if rng.random() < 0.06:
            cells = [asked, "-", "-", "空", *["-"] * 8]
        else:
            division = unit.class_code[:2]
            former = dirt.renamed(rng, unit, district.brand()) if rng.random() < 0.06 else "-"
            cells = [
                asked, unit.reg_no if rng.random() < 0.5 else "-", dirt.code_text(rng, unit) or "-",
                unit.name,
                dirt.status_text(rng) or "-", unit.type_text, dirt.date_text(rng, unit.registered_on) or "-",
                dirt.capital_text(rng, unit.capital),
                f"{division_name(division)}{division}" if rng.random() < 0.8 else "不详",
                former, dirt.address_text(rng, unit) or "-",
                f"2025-{rng.randint(9, 12):02d}-{rng.randint(1, 30):02d}",
            ]  # fmt: skip
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text)
    book.close()
