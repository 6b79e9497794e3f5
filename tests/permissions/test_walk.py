"""Every address × every visitor, with objects of two owners of every kind: which rows come back, not only which status."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver


def _sibling(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"permissions_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[f"permissions_{name}"] = module
    spec.loader.exec_module(module)
    return module


table, world = _sibling("table"), _sibling("world")
pytestmark = pytest.mark.django_db
OTHER = {"a": "b", "b": "a"}


def text_of(answer: Any) -> str:
    """All that a reader gets: the page, or every part of a workbook or document."""
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return "".join(book.read(n).decode("utf-8", "replace") for n in book.namelist())
    return data.decode("utf-8", "replace")


def mentions(text: str, owner: str, park: bool = True) -> bool:
    """Whether anything of an owner is in the text: the word in its enterprises' names and keys, or its park."""
    return world.WORD[owner] in text or (park and world.PARK[owner] in text)


@pytest.fixture
def here(home: Path, db: None, tmp_path: Path) -> Any:
    cache.clear()
    return world.build(tmp_path)


def client(here: Any, visitor: str) -> Client:
    made = Client()
    if visitor != "anonymous":
        made.force_login(here.people[visitor])
    return made


def names() -> dict[str, str]:
    return table.access._names(get_resolver().url_patterns)


def route_of(here: Any, name: str, route: str) -> str:
    if name == "job-file":
        return route.replace("<int:job_id>", here.exported)
    return route.replace("<slug:part>", "rejected") if name.startswith("registry") else route


def test_every_address_is_declared() -> None:
    """A page added without saying what it shows fails here."""
    known = names()
    gets = {n for n in known if n in table.TABLE and table.TABLE[n][0] == "get"}
    assert set(known) - set(table.TABLE) == set()
    assert gets - set(table.SHOWS) == set()
    groups = (table.LIST, table.OBJECT, table.WHOLE, table.SOMETIMES, table.NONE)
    assert sum(map(len, groups)) == len(table.SHOWS), "一个地址只归一类"


def test_rows_of_the_office_site(here: Any) -> None:
    """Who sees all sees both owners' rows; a street its own and nothing of the other, on any page, in any file."""
    wrong: list[tuple[str, str, str, Any]] = []
    counted = {"present": 0, "absent": 0}
    for visitor in table.INSIDE:
        browser, own = client(here, visitor), table.SCOPED.get(visitor)
        for name, route in names().items():
            if name not in table.TABLE or table.TABLE[name][0] != "get" or name in ("login",):
                continue
            for owner in "ab":
                address = here.address(route_of(here, name, route), owner)
                if address is None:
                    continue
                answer = browser.get(address)
                status, want = answer.status_code, table.expected(name, visitor)
                if own and name in table.OBJECT and owner != own and want == 200:
                    want = 404
                if status != want and not (own and owner != own and status == 404):
                    wrong.append((visitor, name, owner, (status, want)))
                    continue
                text = text_of(answer)
                if own:
                    counted["absent"] += 1
                    # The address itself carries a key, and pages repeat it (the form that changes the snapshot).
                    if mentions(text.replace(address, ""), OTHER[own], park=name not in table.TOTALS):
                        wrong.append((visitor, name, owner, "含他人行"))
                if status != 200:
                    continue
                if name in table.LIST:
                    for o in own if own else "ab":
                        counted["present"] += 1
                        if not mentions(text, o):
                            wrong.append((visitor, name, owner, f"缺 {o} 的行"))
                elif name in table.OBJECT and name != "consent-document":
                    counted["present"] += 1
                    if not mentions(text, owner):
                        wrong.append((visitor, name, owner, "缺本行"))
    assert wrong == [], "\n" + "\n".join(map(str, wrong))
    assert counted["present"] > 100 and counted["absent"] > 200, counted  # the walk has met rows


def test_changes_from_elsewhere_are_refused(here: Any) -> None:
    """POSTs of the visitors that TABLE's own test does not know: a department and a street change what their roles allow; a
    login of the other zone is sent to the login page by every address and gets no page at all."""
    wrong = []
    for visitor in ("department", "street-a", "street-b", "street-auditor", "street-editor"):
        browser = client(here, visitor)
        for name, route in names().items():
            if name not in table.TABLE or table.TABLE[name][0] != "post" or name in ("logout",):
                continue
            address = here.address(route_of(here, name, route), table.SCOPED.get(visitor, "a"))
            if address is not None and (status := browser.post(address).status_code) != table.expected(name, visitor):
                wrong.append((visitor, name, status, table.expected(name, visitor)))
    for visitor in table.OUTSIDE:
        for name, route in names().items():
            if name not in table.TABLE:
                continue
            address = here.address(route_of(here, name, route), "a")
            if address is None:
                continue
            answer = getattr(client(here, visitor), table.TABLE[name][0])(address)
            if (answer.status_code, answer.headers.get("Location", "").split("?")[0]) != (302, "/login"):
                wrong.append((visitor, name, answer.status_code, 302))
    assert wrong == [], "\n" + "\n".join(map(str, wrong))


def test_a_street_decides_on_its_own_rows_only(here: Any) -> None:
    """The verbs behind the pages: an editor of 甲's street cannot decide on, or take back, what is 乙's."""
    from wenmai.rooms.classification import services
    from wenmai.rooms.classification.models import Review

    browser = client(here, "street-editor")
    form = {"outcome": "非文化", "small_code": "", "reason": "测试"}
    browser.post("/reviews/decide", {**form, "key": [here.keys["b"][0], here.keys["a"][0]]})
    assert list(Review.objects.values_list("key", flat=True)) == [here.keys["a"][0]]
    services.decide(here.keys["b"][0], "非文化", None, "测试", here.people["editor"])
    theirs = Review.objects.get(key=here.keys["b"][0])
    browser.post("/reviews/withdraw", {"review": theirs.pk})
    theirs.refresh_from_db()
    assert "没有标识为" in browser.get("/reviews/").content.decode()
    assert Review.objects.filter(key=here.keys["b"][0]).count() == 1


def test_a_long_export_is_cut_as_the_list_is(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker writes is cut by who asked, when it is written: also when the person was moved meanwhile."""
    from wenmai.office.jobs import services as jobs
    from wenmai.office.jobs.models import Job
    from wenmai.office.kit import exports

    monkeypatch.setattr(exports, "DIRECT_ROWS", 1)
    for address in ("/enterprises/export", f"/figures-export/{here.shared['<int:snapshot_id>']}/units.total"):
        browser = client(here, "street-a")
        assert browser.get(address).status_code == 302
        jobs.work(once=True)
        made = Job.objects.latest("pk")
        text = text_of(browser.get(f"/jobs/{made.pk}/file"))
        assert mentions(text, "a") and not mentions(text, "b"), address
        assert "仅列文昌街道的记录" in text
    browser = client(here, "street-a")
    browser.get("/enterprises/export")
    person = here.people["street-a"]
    person.organisation = here.people["street-b"].organisation
    person.save()
    jobs.work(once=True)
    text = text_of(client(here, "street-a").get(f"/jobs/{Job.objects.latest('pk').pk}/file"))
    assert mentions(text, "b") and not mentions(text, "a")


def test_a_street_sees_district_totals_but_not_what_must_not_leave(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Totals marked 可公开 or 内部 are shown to a street as the district's; 不得外传 is not, by page, address or export."""
    from dataclasses import replace

    from wenmai.web import queries

    snapshot = here.shared["<int:snapshot_id>"]
    browser = client(here, "street-a")
    page = browser.get(f"/figures/{snapshot}/units.total").content.decode()
    assert ">6<" in page and "仅列文昌街道的记录" in page and "明细（3 行）" in page
    known = queries.figures_of
    monkeypatch.setattr(
        queries, "figures_of",
        lambda s: ({k: replace(f, publishable="不得外传") if k == "units.total" else f for k, f in known(s)[0].items()}, ""),
    )  # fmt: skip
    assert browser.get(f"/figures/{snapshot}/units.total").status_code == 404
    assert browser.get(f"/figures-export/{snapshot}/units.total").status_code == 404
    assert client(here, "reader").get(f"/figures/{snapshot}/units.total").status_code == 200


def test_an_organisation_out_of_use_sees_no_row(here: Any) -> None:
    from wenmai.office.people import organisations

    organisations.set_active(here.people["street-a"].organisation_id, False, here.people["admin"])
    text = client(here, "street-a").get("/enterprises/").content.decode()
    assert not mentions(text, "a") and not mentions(text, "b")


def test_the_printed_table_is_the_declared_one() -> None:
    """docs/roles/permissions.md is printed from the table: run `python tools/permissions_page.py` after changing it."""
    spec = importlib.util.spec_from_file_location("permissions_page", table.ROOT / "tools/permissions_page.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "请运行 python tools/permissions_page.py"
