"""Pages of 委托 (a role lent while on leave) and 授权 (firms that let an organisation see their data)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import InputError
from wenmai.office.files import store
from wenmai.office.kit import lists
from wenmai.office.kit.guard import carry_out, requires
from wenmai.office.people import organisations
from wenmai.office.people.models import Consent, Delegation, Organisation, Role, User
from wenmai.office.people.permissions import Verdict, allow, inside, roles_of
from wenmai.office.people.rows import keys_of, row_scope
from wenmai.office.people.sessions import requires_recent_login
from wenmai.rooms.registry.models import Enterprise
from wenmai.web.access import day, organisation_of_form

KINDS = ("名录", "台账", "报表", "数据", "全部")
MAX_DOCUMENT = 20 * 1024 * 1024
SIGNED = {b"%PDF": ".pdf", b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"PK\x03\x04": ".ofd"}


def may_delegate(user: Any) -> Verdict:
    return inside(user)


def may_see_consents(user: Any) -> Verdict:
    return allow(user, frozenset({Role.ADMIN, Role.EDITOR, Role.AUDITOR}), "查看授权")


def may_enter_consents(user: Any) -> Verdict:
    return allow(user, frozenset({Role.ADMIN, Role.EDITOR}), "代录授权")


@require_GET
@requires(may_delegate)
def delegations(request: HttpRequest) -> HttpResponse:
    """What I lend and what is lent to me; an administrator and an auditor see all."""
    user = request.user
    me = user.pk or 0
    everybody = allow(user, frozenset({Role.ADMIN, Role.AUDITOR}), "查看全部委托")[0] and row_scope(user).everything
    query = Delegation.objects.select_related("giver", "taker").order_by("-pk")
    if not everybody:
        query = query.filter(giver_id=me) | query.filter(taker_id=me)
    pager = lists.pager(query.count(), request.GET)
    own = [(r, Role(r).label) for r, how in roles_of(user).items() if not how.startswith("受 ")]
    others = User.objects.filter(is_active=True).select_related("organisation").exclude(pk=me).exclude(role=Role.AUDITOR).order_by("username")[:500]
    context = {
        "lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "all": everybody, "own": own,
        "takers": [t for t in others if inside(t)[0]],
        "today": timezone.localdate(), "manages": organisations.may_manage(user)[0], "longest": organisations.LONGEST_LEAVE,
        "me": me,
    }  # fmt: skip
    return render(request, "web/delegations.html", context)


@require_POST
@requires(may_delegate)
@requires_recent_login(30)
def delegate(request: HttpRequest) -> HttpResponse:
    """Lend one of my roles."""

    def act() -> Delegation:
        taker = User.objects.filter(username=lists.clean_text(request.POST.get("taker"))).first()
        if taker is None:
            raise InputError("没有这个账号")
        since, until = day(request.POST.get("since"), "起日"), day(request.POST.get("until"), "止日")
        giver = User.objects.get(pk=request.user.pk or 0)
        return organisations.delegate(giver, taker, request.POST.get("role", ""), since, until, lists.clean_text(request.POST.get("reason")), giver)

    carry_out(request, act, "委托已登记，到期自动失效，可随时收回")
    return redirect("delegations")


@require_POST
@requires(may_delegate)
def delegation_revoke(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Take a delegation back."""
    carry_out(request, lambda: organisations.revoke(delegation_id, request.user), "委托已收回")
    return redirect("delegations")


@require_GET
@requires(may_see_consents)
def consents(request: HttpRequest) -> HttpResponse:
    """Authorisations that firms gave, of the firms this person sees."""
    query = Consent.objects.select_related("subject", "organisation").order_by("-pk")
    keys = keys_of(row_scope(request.user))
    if keys is not None:
        query = query.filter(subject__key__in=keys)
    pager = lists.pager(query.count(), request.GET)
    lines = list(query[pager["offset"] : pager["offset"] + pager["size"]])
    names = dict(Enterprise.objects.filter(key__in=[c.subject.key for c in lines]).values_list("key", "name"))
    today = timezone.localdate()
    context = {
        "lines": [(c, names.get(c.subject.key) or c.subject.name or c.subject.key, _state(c, today)) for c in lines], "pager": pager,
        "may_enter": may_enter_consents(request.user)[0], "kinds": KINDS, "today": today,
        "takers": Organisation.objects.filter(active=True, kind__in=organisations.CONSENTED).order_by("kind", "name"),
        "cut": row_scope(request.user).words,
    }  # fmt: skip
    return render(request, "web/consents.html", context)


def _state(consent: Consent, today: Any) -> tuple[str, str]:
    """(word, tag class) for how an authorisation stands today."""
    if consent.withdrawn_at:
        return "已撤回", "failed"
    if today > consent.until:
        return "已到期", ""
    return ("未到期", "waiting") if today < consent.since else ("有效", "done")


def kept_document(file: Any) -> str:
    """Keep the scan of a signed paper; returns its digest. What it is is read from its first bytes, not from its name."""
    if file is None:
        return ""
    if file.size > MAX_DOCUMENT:
        raise InputError("授权书超过 20 MB", remedy="请压缩扫描件后重新上传")
    data = file.read()
    if not any(data.startswith(mark) for mark in SIGNED):
        raise InputError("授权书不是 PDF、图片或 OFD 文件")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document"
        path.write_bytes(data)
        return store.put(path)[0]


@require_POST
@requires(may_enter_consents)
def consent_add(request: HttpRequest) -> HttpResponse:
    """Enter an authorisation on the firm's stamped paper."""

    def act() -> Consent:
        key, what = lists.clean_text(request.POST.get("key")), request.POST.get("what", "")
        mine = Enterprise.objects.filter(key=key) | Enterprise.objects.filter(credit_code=key)
        keys = keys_of(row_scope(request.user))
        found = (mine if keys is None else mine.filter(key__in=keys)).first()
        if found is None:
            raise InputError(f"名录中没有标识或代码为“{key}”的企业")
        chosen = organisation_of_form(request)
        if chosen is None or what not in KINDS:
            raise InputError("请选择被授权单位和授权内容")
        since, until = day(request.POST.get("since"), "起日"), day(request.POST.get("until"), "止日")
        return organisations.authorise(found.key, chosen, what, since, until, kept_document(request.FILES.get("document")), request.user)

    carry_out(request, act, "授权已登记")
    return redirect("consents")


def _visible(request: HttpRequest, consent_id: int) -> Consent:
    keys = keys_of(row_scope(request.user))
    query = Consent.objects.select_related("subject")
    return get_object_or_404(query if keys is None else query.filter(subject__key__in=keys), pk=consent_id)


@require_POST
@requires(may_enter_consents)
def consent_withdraw(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Take an authorisation back on the firm's word."""
    found = _visible(request, consent_id)
    carry_out(request, lambda: organisations.withdraw_consent(found.pk, request.user), "授权已撤回，即时失效")
    return redirect("consents")


@require_GET
@requires(may_see_consents)
def consent_document(request: HttpRequest, consent_id: int) -> HttpResponseBase:
    """The stamped paper of an authorisation."""
    found = _visible(request, consent_id)
    path = store.path_of(found.document) if found.document else None
    if path is None or not path.exists():
        raise Http404("没有授权书")
    with path.open("rb") as handle:
        first = handle.read(4)
    ending = next((e for mark, e in SIGNED.items() if first.startswith(mark[:4])), "")
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=f"授权书{found.pk}{ending}", content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
