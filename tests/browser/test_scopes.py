"""区自定口径 in a real browser at two widths: list, preview by a real upload, one version; no overflow, no console error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wenmai.base import standards
from wenmai.office.figures import snapshots
from wenmai.rooms.classification import scoping

pytestmark = pytest.mark.browser
SCREENS = Path(__file__).resolve().parents[2] / "out" / "screens"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
REPEATED = "() => [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_scope_pages(office: dict[str, int], open_page: Any, tmp_path: Path, width: int, height: int) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    first = scoping.add_example()
    snapshot = snapshots.publish()
    file = tmp_path / "口径第2版.csv"
    text = standards.example_scope_bytes().decode().replace("版本,1", "版本,2").replace("纳入,9020,,游乐园\n", "纳入,88,,\n")
    file.write_text(text, encoding="utf-8")
    page = open_page(width, height)

    def check(name: str) -> None:
        page.screenshot(path=str(SCREENS / f"{name}-{width}.png"), full_page=True)
        assert page.evaluate(OVERFLOW) <= 0, name
        assert page.evaluate(REPEATED) == [], name
        assert page.locator("h1").count() == 1, name

    page.goto("/scopes/")
    check("scopes")
    page.goto(f"/scopes/{first.pk}/")
    check("scope")
    page.click("main section a")  # the first figure of the bridge opens into its rows
    page.wait_for_selector("text=明细")
    page.goto(f"/figures/{snapshot.pk}/scope.{first.digest[:10]}.own_only")
    check("scope-figure")
    page.goto("/figures/")
    check("scope-figures")
    page.goto("/scopes/")
    page.set_input_files("input[type=file]", str(file))
    page.click("button.main:has-text('上传并试算')")
    page.wait_for_selector("text=尚未添加")
    assert "与文化旅游（示例）第1版相比" in page.content()
    check("scope-preview")
    page.click("button.main:has-text('添加文化旅游（示例）第2版')")
    page.wait_for_selector("text=已添加文化旅游（示例）第2版")
    page.goto("/scopes/")
    assert "将起用" in page.content()
    check("scopes-waiting")
    assert page.faults == []
