"""Which address answers what to whom: every address of the site × every kind of visitor."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from wenmai.rooms.briefing.models import Document
from wenmai.rooms.registry.models import Batch, Enterprise

ROLES = ("anonymous", "reader", "editor", "reviewer", "auditor", "admin")
OK, LOGIN, NO, METHOD = 200, 302, 403, 405
# Address name → method, status by role (anonymous, reader, editor, reviewer, auditor, admin).
OPEN = (LOGIN, OK, OK, OK, OK, OK)
WRITE = (LOGIN, NO, 302, NO, NO, 302)
DECIDE = (LOGIN, NO, 302, 302, NO, 302)
TABLE: dict[str, tuple[str, tuple[int, ...]]] = {
    "dashboard": ("get", OPEN),
    "login": ("get", (OK, 302, 302, 302, 302, 302)),
    "logout": ("post", (302, 302, 302, 302, 302, 302)),
    "profile": ("get", OPEN),
    "jobs": ("get", OPEN),
    "job": ("get", (LOGIN, NO, OK, NO, OK, OK)),
    "job-cancel": ("post", (LOGIN, NO, 302, NO, NO, 302)),
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
    "briefing:documents": ("get", OPEN),
    "briefing:draft": ("post", WRITE),
    "briefing:passages": ("get", OPEN),
    "briefing:passage": ("post", WRITE),
    "briefing:download": ("get", OPEN),
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


@pytest.fixture
def addresses(office: Batch, people: dict[str, Any]) -> dict[str, str]:
    """Every address filled with objects that exist."""
    from wenmai.office.figures.snapshots import latest
    from wenmai.office.jobs import services as jobs

    jobs.enqueue("briefing.draft", {"kind": "代拟稿"}, people["editor"])
    jobs.work(once=True)
    values = {
        "<int:job_id>": str(jobs.enqueue("classification.run", {}, people["editor"]).pk),
        "<int:snapshot_id>": str(latest().pk), "<path:figure_id>": "units.total",
        "<path:key>": Enterprise.objects.first().key, "<int:batch_id>": str(office.pk),  # type: ignore[union-attr]
        "<slug:slot>": "office", "<int:document_id>": str(Document.objects.get().pk),
    }  # fmt: skip
    found = {}
    for name, route in _names(get_resolver().url_patterns).items():
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
