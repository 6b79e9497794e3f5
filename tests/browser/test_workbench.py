"""Every page in a real browser at two widths: no overflow, no console error, every control named; the work done by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wenmai.office.jobs import services as jobs
from wenmai.rooms.classification.models import Review
from wenmai.rooms.registry.models import Batch, Enterprise

pytestmark = pytest.mark.browser
SCREENS = Path(__file__).resolve().parents[2] / "out" / "screens"
SIZES = ((1366, 768), (390, 844))
# Names of what a control says to a reader that cannot see: label, aria-label, title, or text of a button or link.
UNNAMED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')].filter(e => {
  const labels = e.labels ? [...e.labels].map(l => l.textContent).join('') : '';
  return !(labels.trim() || e.getAttribute('aria-label') || e.title || (e.matches('button, a') && e.textContent.trim()));
}).map(e => e.outerHTML.slice(0, 120))"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
REPEATED = "() => [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
CONTRAST = """() => {
  const light = c => { const v = c.map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
  const parse = s => (s.match(/[\\d.]+/g) || []).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
  return [...document.querySelectorAll('main *, nav *, header *')].filter(e => e.offsetParent &&
    [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => {
    const a = light(parse(getComputedStyle(e).color).slice(0, 3)), b = light(ground(e));
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.outerHTML.slice(0, 80)]; }).filter(p => p[0] < 4.5);
}"""


def _pages(office: dict[str, int]) -> dict[str, str]:
    key = Enterprise.objects.filter(decision__outcome="全部计入类").first().key  # type: ignore[union-attr]
    return {
        "dashboard": "/",
        "enterprises": "/enterprises/",
        "enterprises-filtered": "/enterprises/?q=设计&outcome=文化&sort=name",
        "enterprise": f"/enterprises/k/{key}",
        "batches": "/batches/",
        "preview": f"/batches/{office['waiting']}/",
        "outcome": f"/batches/{office['batch']}/",
        "rows": f"/batches/{office['batch']}/rows?outcome=duplicate",
        "undo": f"/batches/{office['batch']}/undo",
        "queue": "/reviews/",
        "figures": "/figures/",
        "figure": f"/figures/{office['snapshot']}/culture.identified",
        "share": f"/figures/{office['snapshot']}/culture.core.share",
        "briefing": "/briefing/",
        "passages": "/briefing/passages",
        "confirmations": "/briefing/figures",
        "jobs": "/jobs/",
        "job": f"/jobs/{office['job']}/",
        "events": "/events/?verify=1",
        "events-downloads": "/events/?kind=office.file",
        "exported": f"/jobs/{office['exported']}/",
        "reading": f"/batches/{office['received']}/",
        "empty-search": "/enterprises/?q=查无此企业",
        "empty-batches": "/batches/?q=查无此文件",
        "initials": "/enterprises/?q=ggcm",
        "profile": "/me",
        # Chosen last: a snapshot that is chosen stays chosen on the pages that follow.
        "scope": "/figures/?scope=登记名录",
        "older-dashboard": f"/?snapshot={office['older']}",
        "older-figures": "/figures/",
        "older-enterprises": "/enterprises/",
    }


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_page(office: dict[str, int], open_page: Any, width: int, height: int) -> None:
    """Each page opens, fits its width, names its controls, repeats no id, has AA contrast and no console error."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page = open_page(width, height)
    faults: dict[str, Any] = {}
    for name, address in _pages(office).items():
        answer = page.goto(address)
        page.screenshot(path=str(SCREENS / f"{name}-{width}.png"), full_page=True)
        found = {
            "status": [] if answer.status == 200 else [answer.status],
            "overflow": [n for n in [page.evaluate(OVERFLOW)] if n > 0],
            "unnamed": page.evaluate(UNNAMED),
            "repeated": page.evaluate(REPEATED),
            "contrast": page.evaluate(CONTRAST),
            "headings": [] if page.locator("h1").count() == 1 and page.locator("h1").inner_text().strip() else ["h1"],
        }
        if any(found.values()):
            faults[name] = {k: v for k, v in found.items() if v}
    assert faults == {}
    assert page.faults == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_doors(users: dict[str, Any], browser: Any, live_server: Any, open_page: Any, width: int, height: int) -> None:
    """The login and the error pages, which need no data."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=live_server.url)
    page = context.new_page()
    page.goto("/login")
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    page.click("button.main")
    assert page.locator("[role=alert]").inner_text().endswith("用户名或密码不对，请核对后重试（区分大小写）")
    page.screenshot(path=str(SCREENS / f"login-{width}.png"))
    assert page.evaluate(OVERFLOW) <= 0
    context.close()
    page = open_page(width, height, "reader")
    assert page.locator("h1").inner_text().endswith("总览")
    page.screenshot(path=str(SCREENS / f"empty-{width}.png"))
    for name, address, code in (("404", "/nothing", 404), ("403", "/events/", 403)):
        assert page.goto(address).status == code
        assert page.evaluate(OVERFLOW) <= 0
        page.screenshot(path=str(SCREENS / f"error-{name}-{width}.png"))


@pytest.mark.parametrize("javascript", [True, False])
def test_import_to_undo(users: dict[str, Any], open_page: Any, district_files: list[Path], javascript: bool) -> None:
    """Upload, preview, confirm, wait for the job, see every row accounted for, undo: with and without JavaScript."""
    page = open_page(1366, 768, "editor", javascript)
    page.goto("/batches/")
    page.set_input_files("#id_file", str(district_files[0]))
    page.click("text=上传并预览")
    page.wait_for_url("**/batches/*/")
    page.screenshot(path=str(SCREENS / f"reading-{'js' if javascript else 'nojs'}.png"))
    assert "正在读取" in page.locator(".answer").inner_text()
    jobs.work(once=True)
    # With script the page asks for the job; without it the page renews itself.
    page.wait_for_selector("text=读出", timeout=15000)
    assert "尚未入库" in page.locator(".answer").inner_text()
    assert Enterprise.objects.count() == 0
    page.click("button:has-text('确认，导入')")
    assert page.locator(".fault").count() == 4  # provider, basis, purpose, share are asked for
    for name in ("provider", "basis", "purpose"):
        page.fill(f"#id_{name}", "测试")
    page.select_option("#id_share", "不可再共享")
    page.click("button:has-text('确认，导入')")
    page.wait_for_url("**/jobs/*/")
    page.screenshot(path=str(SCREENS / f"job-waiting-{'js' if javascript else 'nojs'}.png"))
    assert Enterprise.objects.count() == 0
    jobs.work(once=True)
    batch = Batch.objects.get()
    if javascript:
        page.wait_for_url(f"**/batches/{batch.pk}/", timeout=15000)
    else:
        page.reload()
        page.click("text=查看结果")
    assert sum(batch.counts.values()) == batch.rows
    assert "逐行相符" in page.locator(".answer").inner_text()
    page.click("text=撤销本批次")
    assert f"撤出本批次新增的 {batch.counts['created']} 家" in page.locator(".answer").inner_text()
    page.click("button:has-text('确认撤销')")
    assert "撤出" in page.locator(".answer").inner_text()
    assert Enterprise.objects.filter(current=True).count() == 0


def test_decide_from_the_queue(office: dict[str, int], open_page: Any) -> None:
    """One decision inline and two in bulk are stored as reviews of this person, and leave the queue."""
    page = open_page(1366, 768, "reviewer")
    page.goto("/reviews/")
    first = page.locator("article.case").first
    name = first.locator("h3").inner_text()
    first.locator("select").select_option("非文化")
    first.locator("[name=reason]").fill("经营范围以建材为主")
    first.locator("button").click()
    assert "已核定 1 家" in page.locator(".notice").first.inner_text()
    assert name not in page.locator("article.case h3").all_inner_texts()
    boxes = page.locator("article.case input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    assert page.locator("[data-selected=bulk]").inner_text() == "已选 2 行"
    page.select_option("#o-bulk", "全部计入类")
    page.fill("#s-bulk", "0110")
    page.fill("#r-bulk", "现场核实")
    page.click("text=核定所选")
    assert "已核定 2 家" in page.locator(".notice").first.inner_text()
    assert Review.objects.filter(actor_name="reviewer").count() == 3


def test_keyboard(office: dict[str, int], open_page: Any) -> None:
    """“/” goes to the search; focus is visible; the skip link comes first."""
    page = open_page(1366, 768, "reader")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "global-search"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type("设计")
    page.keyboard.press("Enter")
    page.wait_for_url("**/enterprises/?q=*")
    assert page.locator("tbody tr").count() > 0


def test_print(office: dict[str, int], open_page: Any) -> None:
    """On A4 the page is its text, its figures and where they are from: no menu, search, filters or buttons."""
    import subprocess

    page = open_page(1366, 768, "editor")
    for name, address, kept in (
        ("dashboard", f"/?snapshot={office['older']}", "九大类"), ("figure", f"/figures/{office['snapshot']}/culture.identified", "定义"),
        ("enterprises", "/enterprises/?outcome=文化", "统一社会信用代码"), ("outcome", f"/batches/{office['batch']}/", "合计核对"),
    ):  # fmt: skip
        page.goto(address)
        path = SCREENS / f"print-{name}.pdf"
        page.pdf(path=str(path), format="A4", prefer_css_page_size=True)
        text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
        assert kept in text, name
        for absent in ("后台任务", "退出", "筛选", "起草汇报\n", "导出"):
            assert absent not in text, (name, absent)


def test_top_selectors(office: dict[str, int], open_page: Any) -> None:
    """A choice is applied at once with script, by its button without, and the page keeps its filters."""
    page = open_page(1366, 768, "reader")
    page.goto("/enterprises/?q=设计")
    page.select_option("#top-snapshot", str(office["older"]))
    page.wait_for_selector(".looking")
    assert "q=" in page.url and page.input_value("#f-q") == "设计"
    page.click("text=回到最新快照")
    page.wait_for_url("**/figures/?snapshot=latest")
    assert page.locator(".looking").count() == 0
    page.select_option("#top-scope", "登记名录")
    page.wait_for_selector("text=只列口径")
    plain = open_page(390, 844, "reader", False)
    plain.goto("/figures/")
    plain.select_option("#top-snapshot", str(office["older"]))
    plain.click("button:has-text('切换')")
    assert f"正在看 快照 {office['older']}" in plain.locator(".looking").inner_text()


def test_focus_is_seen_on_every_control(office: dict[str, int], open_page: Any) -> None:
    """Tab goes through every control of a list page, and each shows an outline."""
    page = open_page(1366, 768, "editor")
    page.goto("/batches/")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        about = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.tagName + '#' + e.id + '.' + (e.name || e.textContent.trim().slice(0, 12)), s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        if about[0].startswith("BODY"):
            break
        assert about[1] != "none" and about[2] >= 1, about
        seen.add(about[0])
    assert {"INPUT#global-search.q", "SELECT#top-snapshot.snapshot", "SELECT#f-state.state"} <= seen and len(seen) > 20
