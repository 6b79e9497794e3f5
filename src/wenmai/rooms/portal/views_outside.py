"""The outside site's pages. They read what was published and what the asking organisation may see; they write the inbox,
and a firm's own authorisations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import InputError, WenmaiError
from wenmai.office.kit import lists
from wenmai.office.kit.guard import demand
from wenmai.office.people import organisations
from wenmai.office.people.models import Organisation
from wenmai.office.people.permissions import organisation_of
from wenmai.office.people.sessions import requires_recent_login
from wenmai.rooms.portal import attachments, permissions, queries, services
from wenmai.rooms.portal.models import ItemKind

WHAT = ("名录", "报表", "全部")


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Published notices, newest first, for anybody."""
    query = queries.published()
    pager = lists.pager(query.count(), request.GET, size=20)
    return render(request, "portal/home.html", {"lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager})


@login_not_required
@require_GET
def notice(request: HttpRequest, publication_id: int) -> HttpResponse:
    """One notice; a draft or a withdrawn one does not exist here."""
    return render(request, "portal/notice.html", {"publication": get_object_or_404(queries.published(), pk=publication_id)})


@login_not_required
@require_GET
def notice_file(request: HttpRequest, publication_id: int) -> HttpResponseBase:
    """The attachment of a published notice."""
    found = get_object_or_404(queries.published(), pk=publication_id)
    return attachments.hand_out(found.attachment, found.attachment_name)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """My organisation's data."""
    demand(permissions.may_send(request.user))
    page = lists.bounded_int(request.GET.get("page"), 1, 1, 10_000)
    found = queries.mine(request.user, (page - 1) * lists.PAGE_SIZE, lists.PAGE_SIZE)
    context = {"mine": found, "pager": lists.pager(found.total, request.GET), "organisation": organisation_of(request.user)}
    return render(request, "portal/mine.html", context)


@require_GET
def consents(request: HttpRequest) -> HttpResponse:
    """What this firm authorised, and the form for more."""
    if not permissions.is_firm(request.user):
        raise Http404("只有企业账号可以办理授权")
    query = queries.consents(request.user)
    pager = lists.pager(query.count(), request.GET)
    context = {
        "lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "today": timezone.localdate(), "kinds": WHAT,
        "takers": Organisation.objects.filter(active=True, kind__in=organisations.CONSENTED).order_by("kind", "name"),
    }  # fmt: skip
    return render(request, "portal/consents.html", context)


def _tell(request: HttpRequest, act: Any, done: str) -> Any:
    try:
        made = act()
    except WenmaiError as error:
        messages.error(request, str(error))
        return None
    messages.success(request, done)
    return made


@require_POST
@requires_recent_login(30)
def consent_give(request: HttpRequest) -> HttpResponse:
    """Authorise an organisation to see a kind of this firm's data until a day."""
    if not permissions.is_firm(request.user):
        raise Http404("只有企业账号可以办理授权")

    def act() -> Any:
        number = lists.bounded_int(request.POST.get("organisation"), 0, 0, 10**9)
        taker = Organisation.objects.filter(pk=number, active=True).first()
        what = request.POST.get("what", "")
        if taker is None or what not in WHAT:
            raise InputError("请选择被授权单位和内容")
        own = organisation_of(request.user)
        assert own is not None
        return organisations.authorise(own.area, taker, what, _day(request, "since"), _day(request, "until"), actor=request.user)

    _tell(request, act, "已授权，可随时撤回")
    return redirect("consents")


def _day(request: HttpRequest, name: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError as error:
        raise InputError("起止日期未填或不是日期") from error


@require_POST
def consent_withdraw(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Take one of this firm's authorisations back."""
    found = get_object_or_404(queries.consents(request.user), pk=consent_id)
    _tell(request, lambda: organisations.withdraw_consent(found.pk, request.user), "已撤回，对方即时不可见")
    return redirect("consents")


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """What this organisation sent and how it stands, and the form for more."""
    demand(permissions.may_send(request.user))
    return _sent(request, {})


def _sent(request: HttpRequest, said: dict[str, Any], status: int = 200) -> HttpResponse:
    query = queries.items(request.user)
    pager = lists.pager(query.count(), request.GET)
    field = request.GET.get("field", "") if request.method == "GET" else said.get("field", "")
    fields = [(f, services.FIELD_LABELS[f]) for f in services.CORRECTABLE] if permissions.is_firm(request.user) else []
    kinds = [k for k in ItemKind.choices if k[0] != ItemKind.CORRECTION or fields]
    chosen = said.get("kind") or (ItemKind.CORRECTION.value if field else "")
    context = {
        "lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "kinds": kinds, "fields": fields, "field": field,
        "kind": chosen, "said": said,
    }  # fmt: skip
    return render(request, "portal/sent.html", context, status=status)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Into the office's inbox; what was written stays on the page when it is refused."""
    demand(permissions.may_send(request.user))
    said = {n: request.POST.get(n, "")[:6000] for n in ("kind", "title", "body", "field", "proposed")}
    made = _tell(
        request, lambda: services.send(**said, actor=request.user, attachment=attachments.keep(request.FILES.get("file"))), "已提交区文创办"
    )
    return redirect("sent-item", made.pk) if made else _sent(request, said, status=400)


@require_GET
def sent_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One item of this organisation with the office's answer."""
    found = get_object_or_404(queries.items(request.user), pk=item_id)
    return render(request, "portal/sent_item.html", {"item": found, "label": services.FIELD_LABELS.get(found.field, "")})


@require_GET
def sent_file(request: HttpRequest, item_id: int) -> HttpResponseBase:
    """What this organisation attached."""
    found = get_object_or_404(queries.items(request.user), pk=item_id)
    return attachments.hand_out(found.attachment, found.attachment_name)
