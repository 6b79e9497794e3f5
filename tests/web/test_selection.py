"""The selectors of the top bar: an older snapshot and a scope hold across pages, travel in an address, and lead back."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.snapshots import folder
from wenmai.office.jobs import services as jobs
from wenmai.rooms.classification import services as classification
from wenmai.rooms.registry.models import Batch, Enterprise

BANNER = "正在看 快照 "


@pytest.fixture
def two(office: Batch, people: dict[str, Any]) -> tuple[int, int]:
    """(older, newer) snapshot: between them one enterprise was decided to be no cultural one."""
    key = Enterprise.objects.get(name__contains="图书").key
    classification.decide(key, "非文化", reason="测试", actor=people["reviewer"])
    jobs.enqueue("classification.run", {}, people["editor"])
    jobs.work(once=True)
    older, newer = Snapshot.objects.order_by("id").values_list("pk", flat=True)
    return older, newer


def identified(client: Any, address: str) -> str:
    return client.get(address).context["f"]["culture_identified"].text()


def test_an_older_snapshot_holds_across_pages(two: tuple[int, int], client_of: Any) -> None:
    older, newer = two
    client = client_of("reader")
    assert (identified(client, "/"), BANNER in client.get("/").content.decode()) == ("1", False)
    assert identified(client, f"/?snapshot={older}") == "2"
    for address in ("/", "/figures/", "/enterprises/", f"/figures/{older}/units.total", "/briefing/"):
        text = client.get(address).content.decode()
        assert f"{BANNER}{older}</b>" in text and f"回到最新快照 {newer}" in text, address
    assert client.get("/figures/").context["snapshot"].pk == older
    assert f'href="/figures/{older}/culture.identified"' in client.get("/").content.decode()
    assert identified(client, "/?snapshot=latest") == "1"
    assert BANNER not in client.get("/figures/").content.decode()


def test_an_address_can_be_shared(two: tuple[int, int], client_of: Any) -> None:
    """Another person's session is not needed, and choosing the newest follows what is published next."""
    older, newer = two
    assert identified(client_of("auditor"), f"/?snapshot={older}") == "2"
    client = client_of("editor")
    client.get(f"/?snapshot={newer}")
    jobs.enqueue("classification.run", {})
    jobs.work(once=True)
    assert client.get("/").context["snapshot"].pk > newer


def test_a_figures_own_page_shows_its_own_snapshot(two: tuple[int, int], client_of: Any) -> None:
    older, newer = two
    client = client_of("reader")
    answer = client.get(f"/figures/{older}/culture.identified")
    assert f"{BANNER}{older}</b>" in answer.content.decode() and len(answer.context["lines"]) == 2
    assert BANNER not in client.get("/").content.decode()  # looking at one page chooses nothing for the others
    assert len(client.get(f"/figures/{newer}/culture.identified").context["lines"]) == 1


def test_an_older_snapshot_says_nothing_of_changes_since(two: tuple[int, int], client_of: Any) -> None:
    client = client_of("editor")
    for address in ("/", "/figures/"):
        assert "处变更" not in client.get(f"{address}?snapshot={two[0]}").content.decode()
    assert "识别并发布新快照" not in client.get("/figures/").content.decode()


def test_unknown_snapshots_and_scopes(two: tuple[int, int], client_of: Any) -> None:
    client = client_of("reader")
    assert client.get("/?snapshot=999").status_code == 404
    for value in ("abc", "-1", "' OR 1", "", "0"):
        assert client.get("/", {"snapshot": value, "scope": value}).status_code == 200
    assert client.get("/").context["shell"]["selection"].snapshot.pk == two[1]
    assert client.get("/figures/", {"scope": "没有的口径"}).context["scope"] == ""


def test_scope_filters_the_figures(office: Batch, client_of: Any) -> None:
    client = client_of("reader")
    whole = client.get("/figures/").context
    offered = whole["shell"]["selectors"]["scopes"]
    assert len(offered) >= 2
    count = 0
    for scope in offered:
        page = client.get("/figures/", {"scope": scope}).context
        found = [f for s in page["sections"] for f in s["figures"]]
        assert found and {f.scope for f in found} == {scope}
        assert client.get("/figures/").context["shown"] == len(found)  # held in the session
        count += len(found)
    assert count == whole["total"]
    assert client.get("/figures/?scope=all").context["shown"] == whole["total"]


def test_the_selectors_come_back_to_the_page_with_its_filters(two: tuple[int, int], client_of: Any) -> None:
    selectors = client_of("reader").get("/enterprises/?q=设计&page=1&scope=x").context["shell"]["selectors"]
    assert (selectors["action"], selectors["kept"]) == ("/enterprises/", [("q", "设计")])
    answer = client_of("editor").post("/batches/upload")  # a page that cannot be asked for again by GET
    assert answer.context["shell"]["selectors"]["action"] == "/"


def test_a_snapshot_without_its_files_says_so(two: tuple[int, int], client_of: Any) -> None:
    shutil.rmtree(folder(two[0]))
    client = client_of("reader")
    for address in ("/", "/figures/"):
        assert "不在本机，请从备份恢复" in client.get(f"{address}?snapshot={two[0]}").content.decode()
    assert client.get(f"/figures/{two[0]}/units.total").status_code == 404
