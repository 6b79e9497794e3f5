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
ADMIN = (LOGIN, NO, NO, NO, NO, 302)
LOOK = (LOGIN, NO, NO, NO, OK, OK)  # who has which access: those who give it and those who check it
CONFIRM = (LOGIN, NO, 302, 302, NO, NO)  # the system's administrator vouches for no figure
TABLE: dict[str, tuple[str, tuple[int, ...]]] = {
    "collection:index": ("get", OPEN), "collection:forms": ("get", OPEN), "collection:form": ("get", OPEN), "collection:issue": ("post", WRITE),
    "collection:round": ("get", OPEN), "collection:remind": ("post", WRITE), "collection:upload": ("post", WRITE), "collection:merge": ("get", OPEN),
    "collection:return": ("get", OPEN), "collection:accept": ("post", WRITE), "collection:send-back": ("post", WRITE),
    "collection:exempt": ("post", WRITE), "collection:resume": ("post", WRITE), "collection:asks": ("get", OPEN), "collection:ask": ("get", OPEN),
    "collection:chase": ("post", WRITE), "collection:cancel": ("post", WRITE), "collection:sign": ("post", DECIDE), "collection:slip": ("get", OPEN),
    "collection:templates": ("get", OPEN), "collection:template": ("get", (LOGIN, NO, OK, NO, NO, OK)), "collection:template-file": ("post", WRITE),
    "collection:reports": ("get", OPEN), "collection:report": ("get", OPEN), "collection:cards": ("get", OPEN), "collection:card": ("get", OPEN),
    "collection:card-file": ("get", OPEN), "returns:mine": ("get", OPEN), "returns:fill": ("get", OPEN),
    "returns:template": ("get", (LOGIN, NO, OK, NO, NO, OK)), "returns:upload": ("post", WRITE), "returns:asked": ("get", OPEN),
    "returns:answer": ("get", OPEN),
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
    "login-code": ("get", (302, 302, 302, 302, 302, 302)),  # nobody waits for a second step
    "reauth": ("get", OPEN),
    "factor": ("get", OPEN),
    "factor-off": ("post", (LOGIN, 302, 302, 302, 302, 302)),
    "sso": ("get", (404, 404, 404, 404, 404, 404)),  # the site has no provider
    "sso-back": ("get", (404, 404, 404, 404, 404, 404)),
    "organisations": ("get", LOOK),
    "accounts": ("get", LOOK),
    "account": ("get", LOOK),
    "account-add": ("post", ADMIN),
    "account-reset": ("post", (LOGIN, NO, NO, NO, NO, OK)),
    **{f"account-{verb}": ("post", ADMIN) for verb in ("place", "role", "assign", "end", "use", "factor")},
    "organisation-add": ("post", ADMIN),
    "organisation-use": ("post", ADMIN),
    "delegations": ("get", OPEN),
    "delegate": ("post", (LOGIN, 302, 302, 302, 302, 302)),
    "delegation-revoke": ("post", (LOGIN, 302, 302, 302, 302, 302)),
    "consents": ("get", (LOGIN, NO, OK, NO, OK, OK)),
    "consent-add": ("post", WRITE),
    "consent-withdraw": ("post", WRITE),
    "consent-document": ("get", (LOGIN, NO, OK, NO, OK, OK)),
    "portal:publications": ("get", OPEN),
    "portal:publication": ("get", OPEN),
    "portal:publication-file": ("get", OPEN),
    "portal:draft": ("post", (LOGIN, NO, 400, NO, NO, NO)),
    **{f"portal:{verb}": ("post", CONFIRM) for verb in ("approve", "drop", "withdraw", "handle")},
    **{f"portal:{page}": ("get", (LOGIN, NO, OK, OK, OK, NO)) for page in ("inbox", "item", "item-file")},
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
    "facts:consistency": ("get", OPEN),
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
    **{f"records:{name}": ("get", OPEN) for name in ("index", "parks", "projects", "demands", "heritage", "clusters", "history", "history-export",
        "alerts", "nurture", "nurture-export", "intake", "park", "project", "list", "export", "template", "record")},
    **{f"records:{name}": ("get", (LOGIN, NO, OK, NO, NO, OK)) for name in ("add", "edit", "import")},
    **{f"records:{name}": ("post", WRITE) for name in ("close", "hand-over", "withdraw", "restore")},
    "records:install-rules": ("post", APPROVE),
    **dict.fromkeys(("ten", "ten-one", "ten-export", "compare", "compare-svg", "compare-xlsx", "map", "saved"), ("get", OPEN)),
    "map-upload": ("post", WRITE),
    **dict.fromkeys(("saved-add", "saved-change"), ("post", (LOGIN, 302, 302, 302, 302, 302))),
    "tokens": ("get", LOOK),
    "token-add": ("post", (LOGIN, NO, NO, NO, NO, 404)),  # no owner is named
    "token-revoke": ("post", ADMIN),
    # A token opens the API, never a login; its own tests are in tests/api.
    **{f"api:{name}": ("get", (401,) * 6) for name in ("enterprises", "enterprise", "figures", "figure", "figure-rows", "facts", "snapshots",
        "snapshot", "jobs", "job")},
    "api:openapi": ("get", (401, OK, OK, OK, OK, OK)),
    "api:nothing": ("get", (404,) * 6),
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


def _records(editor: Any, folder: Path) -> dict[str, str]:
    """A park, a project, a demand and a file taken in."""
    from datetime import date

    from wenmai.rooms.records import importing, services
    from wenmai.rooms.records.kinds import kinds

    services.create(kinds()["parks"], {"code": "P1", "name": "测试园区"}, editor)
    services.create(kinds()["projects"], {"code": "X1", "name": "测试项目"}, editor)
    found = services.create(kinds()["demands"], {"name": "某公司", "kind": "融资", "text": "诉求", "raised": date(2026, 1, 1)}, editor)
    path = folder / "demands.csv"
    path.write_text("企业名称,诉求,类别,提出日期\n某公司,另一项诉求,融资,2026-01-02\n", encoding="utf-8")
    taken = importing.take_in("demands", path, actor=editor).intake
    return {"<slug:park_code>": "P1", "<slug:project_code>": "X1", "<slug:kind>": "demands", "<int:record_id>": str(found.pk),
            "<int:demand_id>": str(found.pk), "<int:taken_id>": str(taken.pk)}  # type: ignore[union-attr]  # fmt: skip


def _leader(people: dict[str, Any]) -> dict[str, str]:
    """A shared view and a token."""
    from datetime import date

    from wenmai.web import saved
    from wenmai.web.api import tokens

    view = saved.save(people["editor"], "测试视图", "/enterprises/?q=a", shared=True)
    token = tokens.add("测试系统", people["editor"], ["facts"], date.today(), actor=people["admin"])[0]
    return {"<int:view_id>": str(view.pk), "<int:token_id>": str(token.pk), "<anything:rest>": "nothing"}


def _access(people: dict[str, Any], key: str, folder: Path) -> dict[str, str]:
    """An organisation, a login, a delegation, an authorisation on paper, a notice and something sent in."""
    from datetime import date

    from wenmai.office.files import store
    from wenmai.office.people import organisations
    from wenmai.office.people.models import OrgKind, User
    from wenmai.rooms.portal import services

    paper = folder / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4 paper")
    kept, today = store.put(paper)[0], date.today()
    bank = organisations.add_organisation("测试银行", OrgKind.FINANCE, actor=people["admin"])
    firm = organisations.add_organisation("测试企业", OrgKind.ENTERPRISE, key, people["admin"])
    somebody = User.objects.create_user("somebody", organisation=firm)
    lent = organisations.delegate(people["editor"], people["reader"], "editor", today, today, actor=people["editor"])
    organisations.revoke(lent.pk, people["editor"])  # so that the reader of the walk stays a reader
    given = organisations.authorise(key, bank, "名录", today, today, kept, people["admin"])
    notice = services.draft("通知", "正文", attachment=(kept, "paper.pdf"), actor=people["editor"])
    sent = services.send("message", "来件", "内容", somebody, attachment=(kept, "paper.pdf"))
    return {
        "<int:organisation_id>": str(bank.pk), "<int:user_id>": str(somebody.pk), "<int:delegation_id>": str(lent.pk),
        "<int:consent_id>": str(given.pk), "<int:publication_id>": str(notice.pk), "<int:item_id>": str(sent.pk),
    }  # fmt: skip


def _collection(editor: Any) -> dict[str, str]:
    """A form issued, a figure asked and answered with its slip, a layout, an old report, a card."""
    import datetime
    import io

    import docx
    import openpyxl

    from wenmai.office.figures.models import Fact
    from wenmai.office.people.models import Organisation
    from wenmai.rooms.collection import asking, cards, filling, forming, reporting

    form, _ = forming.take_in(forming.example(), actor=editor)
    issued = forming.issue(form.slug, "2026Q3", actor=editor)
    owner = Organisation.objects.create(name="测试统计局", kind="department")
    wanted = asking.Wanted(owner.pk, "SC06", "2025", "统计部门数据", "规上", "测试", datetime.date(2026, 1, 31))
    asked = asking.ask(wanted, editor)
    asking.respond(asked.pk, "1", "", 0, slip=([b"%PDF-1.4 slip"], "slip.pdf"), actor=editor)
    book, paper, out, text = openpyxl.Workbook(), docx.Document(), io.BytesIO(), io.BytesIO()
    book.active["A1"] = "{{SC06}}"
    book.save(out)
    paper.add_paragraph("营业收入10亿元。")
    paper.save(text)
    layout, _ = filling.add("测试模板", [out.getvalue()], "a.xlsx", actor=editor)
    report = reporting.take_in([text.getvalue()], "a.docx", "2025", editor)
    card = cards.make("测试卡", [Fact.objects.values_list("pk", flat=True)[0]], editor)
    return {
        "<int:round_id>": str(issued.pk), "<int:return_id>": str(issued.returns.first().pk), "<int:ask_id>": str(asked.pk),  # type: ignore[union-attr]
        "<int:template_id>": str(layout.pk), "<int:report_id>": str(report.pk), "<int:card_id>": str(card.pk),
        "collection/forms/<slug:slug>": f"collection/forms/{form.slug}",
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
    values |= _facts(people["editor"]) | _collection(people["editor"])
    values |= _access(people, values["<path:key>"], tmp_path)
    values |= _records(people["editor"], tmp_path)
    values |= _leader(people)
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
             "consent-document", "portal:publication-file", "classification:scope-example", "classification:scope-file", "facts:export", "facts:import-template", "facts:slip",
             "facts:file", "facts:frame-template", "collection:merge", "collection:slip",
             "collection:card-file", "returns:template", "records:export", "records:template", "records:history-export", "records:nurture-export",
             "ten-export", "compare-svg", "compare-xlsx"}  # fmt: skip
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
