"""The pages of facts in a real browser at two widths: entered by pasting, tried, saved, opened; no overflow, every control named."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from wenmai.office.figures import definitions, facts
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Fact, Lane, Source

pytestmark = pytest.mark.browser
SCREENS = Path(__file__).resolve().parents[2] / "out" / "screens"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
REPEATED = "() => [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
UNNAMED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')].filter(e => {
  const labels = e.labels ? [...e.labels].map(l => l.textContent).join('') : '';
  return !(labels.trim() || e.getAttribute('aria-label') || e.title || (e.matches('button, a') && e.textContent.trim()));
}).map(e => e.outerHTML.slice(0, 120))"""
PASTE = """([selector, text]) => { const at = document.querySelector(selector); const data = new DataTransfer(); data.setData('text', text);
  at.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }"""


def _facts() -> int:
    """Area figures with a revision, firms of two periods in a frame, a pending change of definition; id of the revised value."""
    definitions.install_shipped()
    bureau = Source.objects.create(provider="示例区统计局", basis="函〔2025〕3号", purpose="季度情况汇报", share="不可再共享", slip_digest="0" * 64)
    monitor = Source.objects.create(provider="本办", basis="报表制度", purpose="监测", share="不可再共享")
    rows = [("SC06", "2023", "129515", "亿元"), ("SC06", "2024", "141510", "亿元"), ("SC15", "2024", "12909", "亿元"), ("SC04", "2024年末", "7.8", "万家")]
    for values in (rows, [("SC06", "2024", "141512", "亿元")]):
        facts.record([NewFact("area", "本区", c, w, v, u, Lane.BUREAU, "规上", name="示例区") for c, w, v, u in values], bureau)
    made = []
    for i in range(24):
        key, small = f"K{i:02d}", i % 3
        facts.enter_frame("规上", Lane.MONITOR, key, date(2022, 1, 1) if i % 8 else date(2024, 3, 1), monitor, kind="年度新增", name=f"示例文化企业{i:02d}有限公司")
        for when, more in (("2023M01-09", 0), ("2024M01-09", i)):
            if i != 5 or more == 0:
                made.append(NewFact("enterprise", key, "SC06", when, str(1000 + 37 * i + 10 * more), "万元", Lane.MONITOR, "规上", item="", name=f"示例文化企业{i:02d}有限公司"))
                made.append(NewFact("enterprise", key, "SC06", when, str(1000 + 37 * i + 10 * more), "万元", Lane.MONITOR, "规上", item=f"大类=0{1 + (small if i < 20 else 0)}"))
    facts.record(made, monitor)
    facts.leave_frame("规上", Lane.MONITOR, "K03", date(2024, 6, 1), "降规")
    definitions.propose("SC06", {"text": "另含规下样本推算的营业收入"}, "普查后调整", "2025")
    return Fact.objects.filter(definition__entry="SC06", period="2024", recorded_to=None, lane=Lane.BUREAU).get().pk


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_fact_pages(office: dict[str, int], open_page: Any, tmp_path: Path, width: int, height: int) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    fact = _facts()
    page = open_page(width, height)

    def check(name: str) -> None:
        page.screenshot(path=str(SCREENS / f"facts-{name}-{width}.png"), full_page=True)
        assert page.evaluate(OVERFLOW) <= 0, name
        assert page.evaluate(REPEATED) == [], name
        assert page.evaluate(UNNAMED) == [], name
        assert page.locator("h1").count() == 1, name

    pages = {
        "indicators": "/indicators/", "indicator": "/indicators/SC06/", "facts": "/facts/", "value": f"/facts/{fact}/",
        "derived": "/facts/value?kind=area&key=本区&code=SC16&period=2024&lane=统计部门数据&scope=规上", "import": "/facts/import/",
        "frames": "/frames/?on=2024-09-30&from=2024-01-01&to=2024-12-31", "growth": "/growth/?code=SC06&period=2024年1—9月&frame=规上&scope=规上",
        "disclosure": "/disclosure/?what=SC06|2024M01-09|规上&by=分项：大类&across=在库",
        "consistency": "/facts/consistency?kind=area&key=本区&period=2024年",
        "bridge": f"/bridge/?old={office['older']}&new={office['snapshot']}&start=412&end=380&source=区统计局&why=分支机构&by=-20",
    }  # fmt: skip
    for name, address in pages.items():
        assert page.goto(address).status == 200, name
        check(name)
    # Entering: cells pasted from a spreadsheet into the grid, a fault told, then saved.
    page.goto("/facts/enter/")
    for name, text in (("provider", "示例区文旅局"), ("basis", "共享协议"), ("purpose", "监测")):
        page.fill(f"#id_{name}", text)
    page.select_option("#id_share", "不可再共享")
    page.select_option("#id_lane", "行政记录")
    page.fill("#id_scope", "登记")
    page.evaluate(PASTE, ["input[name=r0-code]", "SC01\t\t2024年末\t1,234\t家\nSC01\t\t2023年末\tabc\t家\n"])
    assert page.input_value("input[name=r1-period]") == "2023年末"
    page.click("button[value=preview]")
    page.wait_for_selector("text=“abc”不是数")
    check("enter")
    page.fill("input[name=r1-value]", "1,180")
    page.click("button[value=preview]")
    page.click("button[value=save]")
    page.wait_for_selector("text=已保存")
    check("source")
    # A wide file: columns settled, tried, taken in.
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (["示例区分大类营业收入"], ["大类", "2023年（亿元）", "2024年（亿元）", "备注"], ["合计", 10.5, 12, ""], ["01 新闻信息服务", 4, "查无", ""], ["02 内容创作生产", "x", 3, ""]):
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    (tmp_path / "九大类.xlsx").write_bytes(out.getvalue())
    page.goto("/facts/import/")
    for name, text in (("provider", "示例区文旅局"), ("basis", "共享协议"), ("purpose", "监测")):
        page.fill(f"#id_{name}", text)
    page.select_option("#id_share", "不可再共享")
    page.set_input_files("#id_file", str(tmp_path / "九大类.xlsx"))
    page.click("button.main:has-text('上传并核对列')")
    page.wait_for_selector("text=按宽表理解")
    page.fill("#id_code", "SC06")
    page.select_option("#id_lane", "本办监测口径")
    page.fill("#id_scope", "园区")
    page.click("button[value=try]")
    page.wait_for_selector("text=退回 1")
    check("import-map")
    page.click("button[value=save]")
    page.wait_for_selector("text=导入结果")
    check("intake")
    assert page.faults == []
