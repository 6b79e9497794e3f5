"""Which address answers what to whom: every address of the site × every kind of visitor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.rooms.briefing import services as briefing
from wenmai.rooms.briefing.models import Document
from wenmai.rooms.registry.models import Batch, Enterprise

ROLES = ("anonymous", "reader", "editor", "reviewer", "auditor", "admin")
OK, LOGIN, NO, METHOD = 200, 302, 403, 405
# Address name → method, status by role (anonymous, reader, editor, reviewer, auditor, admin).
OPEN = (LOGIN, OK, OK, OK, OK, OK)
WRITE = (LOGIN, NO, 302, NO, NO, 302)
DECIDE = (LOGIN, NO, 302, 302, NO, 302)
APPROVE = (LOGIN, NO, NO, 302, NO, 302)
CONFIRM = (LOGIN, NO, 302, 302, NO, NO)  # the system's administrator vouches for no figure
TABLE: dict[str, tuple[str, tuple[int, ...]]] = {
    "dashboard": ("get", OPEN),
    "login": ("get", (OK, 302, 302, 302, 302, 302)),
    "logout": ("post", (302, 302, 302, 302, 302, 302)),
    "profile": ("get", OPEN),
    "jobs": ("get", OPEN),
    "job": ("get", (LOGIN, NO, OK, NO, OK, OK)),
    "job-cancel": ("post", (LOGIN, NO, 302, NO, NO, 302)),
    "job-file": ("get", (LOGIN, NO, OK, NO, NO, OK)),
    "events": ("get", (LOGIN, NO, NO, NO, OK, OK)),
    "figures": ("get", OPEN),
    "publish": ("post", WRITE),
    "figure": ("get", OPEN),
    "figure-export": ("get", OPEN),
    "registry:enterprises": ("get", OPEN),
    "registry:export": ("get", OPEN),
    "registry:enterprise": ("get", OPEN),
    "registry:batches": ("get", OPEN),
    "registry:upload": ("post", (LOGIN, NO, 400, NO, NO, 400)),
    "registry:batch": ("get", OPEN),
    "registry:read": ("post", WRITE),
    "registry:confirm": ("post", WRITE),
    "registry:abandon": ("post", WRITE),
    "registry:undo": ("get", (LOGIN, NO, OK, NO, NO, OK)),
    "registry:rows": ("get", OPEN),
    "registry:download": ("get", OPEN),
    "classification:queue": ("get", OPEN),
    "classification:run": ("post", WRITE),
    "classification:decide": ("post", DECIDE),
    "classification:withdraw": ("post", DECIDE),
    "classification:export": ("get", (LOGIN, NO, OK, OK, NO, OK)),
    "classification:import": ("post", (LOGIN, NO, OK, OK, NO, OK)),
    "classification:scopes": ("get", OPEN),
    "classification:scope-preview": ("post", (LOGIN, NO, 400, NO, NO, 400)),
    "classification:scope-add": ("post", WRITE),
    "classification:scope-example": ("get", OPEN),
    "classification:scope": ("get", OPEN),
    "classification:scope-file": ("get", OPEN),
    "classification:scope-retire": ("post", WRITE),
    "classification:scope-restore": ("post", WRITE),
    "briefing:documents": ("get", OPEN),
    "briefing:draft": ("post", WRITE),
    "briefing:passages": ("get", OPEN),
    "briefing:passage": ("post", WRITE),
    "briefing:download": ("get", OPEN),
    "briefing:confirmations": ("get", OPEN),
    "briefing:confirm": ("post", CONFIRM),
    "briefing:withdraw": ("post", CONFIRM),
    "briefing:slip": ("get", OPEN),
    "facts:indicators": ("get", OPEN),
    "facts:install": ("post", APPROVE),
    "facts:indicator": ("get", OPEN),
    "facts:propose": ("post", (LOGIN, NO, 400, 400, NO, 400)),
    "facts:decide": ("post", APPROVE),
    "facts:facts": ("get", OPEN),
    "facts:export": ("get", OPEN),
    "facts:value": ("get", (LOGIN, 400, 400, 400, 400, 400)),
    "facts:fact": ("get", OPEN),
    "facts:retract": ("post", WRITE),
    "facts:enter": ("get", OPEN),
    "facts:import": ("get", OPEN),
    "facts:import-template": ("get", OPEN),
    "facts:import-map": ("post", WRITE),
    "facts:intake": ("get", OPEN),
    "facts:source": ("get", OPEN),
    "facts:slip": ("get", OPEN),
    "facts:file": ("get", (LOGIN, NO, OK, OK, OK, OK)),
    "facts:frames": ("get", OPEN),
    "facts:frame-enter": ("post", (LOGIN, NO, 400, NO, NO, 400)),
    "facts:frame-leave": ("post", (LOGIN, NO, 400, NO, NO, 400)),
    "facts:frame-import": ("post", (LOGIN, NO, 400, NO, NO, 400)),
    "facts:frame-template": ("get", OPEN),
    "facts:growth": ("get", OPEN),
    "facts:disclosure": ("get", (LOGIN, NO, OK, OK, OK, OK)),
    "facts:disclosure-export": ("get", (LOGIN, NO, 400, 400, 400, 400)),
    "classification:bridge": ("get", OPEN),
    "classification:bridge-export": ("get", (302, 302, 302, 302, 302, 302)),  # one snapshot: nothing to set beside it
}


def _names(patterns: Any, prefix: str = "") -> dict[str, str]:
    """Every named address with its route."""
    found = {}
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found.update(_names(pattern.url_patterns, inner))
        elif isinstance(pattern, URLPattern):
            found[f"{prefix}{pattern.name}"] = str(pattern.pattern)
    return found


def _facts(editor: Any) -> dict[str, str]:
    """One value of the dictionary's SC06 with its source, slip and file."""
    from wenmai.office.figures import definitions, entering, sources
    from wenmai.office.figures.methods.layout import CELL, Reading, Role, Value
    from wenmai.office.figures.models import Fact

    definitions.install_shipped()
    slip, file = sources.keep_slip([b"%PDF-1.4 slip"], "slip.pdf")[0], sources.keep([b"a,b"], "a.csv")[0]
    about = sources.About("测试提供单位", "依据", "用途", "不可再共享", None, "a.csv", file, slip)
    said = {"code": "SC06", "period": "2024", "lane": "统计部门数据", "scope": "规上", "unit": "亿元"}
    made = entering.take_in([Value(2, "数值", "1", said, False)], about, ["数值"], Reading((Role(CELL),)), "a.csv", actor=editor)
    return {
        "<slug:code>": "SC06", "<int:number>": "1", "<int:fact_id>": str(Fact.objects.get().pk), "<int:intake_id>": str(made.pk),
        "<int:source_id>": str(made.source_id),
    }  # fmt: skip


@pytest.fixture
def addresses(office: Batch, people: dict[str, Any], tmp_path: Path) -> dict[str, str]:
    """Every address filled with objects that exist."""
    from wenmai.office.figures.snapshots import latest
    from wenmai.office.jobs import services as jobs

    jobs.enqueue("briefing.draft", {"kind": "代拟稿"}, people["editor"])
    exported = jobs.enqueue("kit.export", {"source": "registry.enterprises", "parameters": {"query": ""}, "name": "名录.xlsx"}, people["editor"])
    jobs.work(once=True)
    from wenmai.rooms.classification import scoping

    scope = scoping.add_example(people["editor"])
    values = {
        "<int:job_id>": str(jobs.enqueue("classification.run", {}, people["editor"]).pk),
        "<int:snapshot_id>": str(latest().pk), "<path:figure_id>": "units.total",
        "<path:key>": Enterprise.objects.first().key, "<int:batch_id>": str(office.pk),  # type: ignore[union-attr]
        "<int:scope_id>": str(scope.pk),
        "<slug:slot>": "office", "<int:document_id>": str(Document.objects.get().pk),
    }  # fmt: skip
    slip = tmp_path / "slip.pdf"
    slip.write_bytes(b"%PDF-1.4 test")
    values["<int:confirmation_id>"] = str(briefing.confirm(["units.total"], slip=slip)[0].pk)
    values |= _facts(people["editor"])
    found = {}
    for name, route in _names(get_resolver().url_patterns).items():
        if name == "job-file":
            route = route.replace("<int:job_id>", str(exported.pk))
        for mark, value in values.items():
            route = route.replace(mark, value)
        route = route.replace("<slug:part>", "docx" if name.startswith("briefing") else "rejected")
        assert "<" not in route, f"{name}: {route} 没有取值"
        found[name] = "/" + route
    return found


def test_table_is_complete(db: None) -> None:
    """An address added without a line here fails."""
    assert set(_names(get_resolver().url_patterns)) == set(TABLE)


@pytest.mark.parametrize("role", ROLES)
def test_status(addresses: dict[str, str], client_of: Any, role: str) -> None:
    """Each address answers this role as the table says; nobody gets further by another method."""
    wrong = {}
    for name, (method, expected) in TABLE.items():
        answer = getattr(client_of(role), method)(addresses[name])
        if answer.status_code != expected[ROLES.index(role)]:
            wrong[name] = (answer.status_code, expected[ROLES.index(role)])
        if method == "post" and name != "logout":
            other = client_of(role).get(addresses[name])
            if other.status_code not in (LOGIN, METHOD):
                wrong[f"GET {name}"] = (other.status_code, METHOD)
    assert wrong == {}


def test_every_file_leaves_an_event(addresses: dict[str, str], client_of: Any) -> None:
    """Whatever an address hands out as a file is in the log with who asked and how many rows; pages are not."""
    files = {"figure-export", "registry:export", "registry:download", "classification:export", "briefing:download", "briefing:slip", "job-file",
             "classification:scope-example", "classification:scope-file", "facts:export", "facts:import-template", "facts:slip",
             "facts:file", "facts:frame-template"}  # fmt: skip
    client = client_of("admin")
    for name, (method, _) in TABLE.items():
        if method != "get":
            continue
        before = Event.objects.filter(verb="office.file.downloaded").count()
        answer = client.get(addresses[name])
        attached = answer.headers.get("Content-Disposition", "").startswith("attachment")
        found = list(Event.objects.filter(verb="office.file.downloaded").order_by("id")[before:])
        assert attached == (name in files), name
        assert [(e.actor, e.payload["page"]) for e in found] == ([("admin", name)] if attached else []), name  # type: ignore[index]
        if name in {"registry:export", "job-file", "figure-export"}:
            assert found[0].payload["rows"] == 3, name  # type: ignore[index]  # three of the four rows of the file came in
    assert verify_chain() is None


@pytest.mark.parametrize("role", ["reader", "auditor", "reviewer"])
def test_refusal_says_why(office: Batch, client_of: Any, role: str) -> None:
    """A refused undo names the roles that may, changes nothing, and comes in Chinese."""
    answer = client_of(role).post(f"/batches/{office.pk}/undo")
    assert answer.status_code == NO
    assert "撤销批次需要角色：系统管理员、经办" in answer.content.decode()
    assert Batch.objects.count() == 1


def test_forms_need_their_token(office: Batch, people: dict[str, Any]) -> None:
    """A POST without the token is refused on every changing address, with a page that says what to do."""
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(people["admin"])
    answer = client.post(f"/batches/{office.pk}/undo")
    assert answer.status_code == NO
    assert "页面已过期" in answer.content.decode()
    assert Batch.objects.count() == 1
