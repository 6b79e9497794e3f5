"""A browser on a running office with the bundled sample district."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, sync_playwright

from wenmai.office.figures import snapshots
from wenmai.office.jobs import services as jobs
from wenmai.office.people.models import Role, User
from wenmai.rooms.registry import receiving, services
from wenmai.samples.district import write_district

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-default-apps", "--disable-dev-shm-usage",
]  # fmt: skip
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def district_files(tmp_path: Path) -> list[Path]:
    return write_district(tmp_path / "district", 300)


@pytest.fixture
def users(home: Path, transactional_db: None) -> dict[str, User]:
    """One person per role; a fresh home and no remembered counts."""
    cache.clear()
    return {r.value: User.objects.create_user(r.value, password=PASSWORD, role=r) for r in Role}


@pytest.fixture
def office(users: dict[str, User], district_files: list[Path]) -> dict[str, int]:
    """The district imported and classified, a draft written and a clean copy refused; ids of what was made."""
    editor = users["editor"]
    batch = services.import_file(
        district_files[0], actor=editor, provider="区市场监管局", basis="数据共享协议", purpose="底数核定", share="不可再共享"
    )
    jobs.enqueue("classification.run", {}, editor)
    draft = jobs.enqueue("briefing.draft", {"kind": "代拟稿"}, editor)
    jobs.work(once=True)
    jobs.enqueue("briefing.draft", {"kind": "送阅稿"}, editor)
    jobs.work(once=True)
    older = snapshots.latest().pk
    query = {"source": "registry.enterprises", "parameters": {"query": "status=存续"}, "name": "企业名录.xlsx"}
    exported = jobs.enqueue("kit.export", query, editor)
    jobs.enqueue("classification.run", {}, editor)
    jobs.work(once=True)
    waiting = services.stage(services.receive(district_files[1], actor=editor))
    received = services.receive(district_files[2], actor=editor)
    receiving.start(received, editor)
    draft.refresh_from_db()
    return {
        "batch": batch.pk, "waiting": waiting.pk, "received": received.pk, "job": draft.pk, "exported": exported.pk, "older": older,
        "snapshot": snapshots.latest().pk,
    }  # fmt: skip


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Any]:
    """open_page(width, height, role, javascript) → a logged-in page that collects console errors in `page.faults`."""
    contexts = []

    def make(width: int, height: int, role: str = "admin", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=live_server.url, locale="zh-CN",
            java_script_enabled=javascript,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.faults = []  # type: ignore[attr-defined]
        page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)  # type: ignore[attr-defined]
        page.on("pageerror", lambda e: page.faults.append(str(e)))  # type: ignore[attr-defined]
        page.goto("/login")
        page.fill("#id_username", role)
        page.fill("#id_password", PASSWORD)
        page.click("button.main")
        page.wait_for_url(live_server.url + "/")
        return page

    yield make
    for context in contexts:
        context.close()
