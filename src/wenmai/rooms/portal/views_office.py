"""The office's side: publications from draft to withdrawal, and the inbox."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.kit import lists
from wenmai.office.kit.guard import carry_out, requires
from wenmai.rooms.portal import attachments, permissions, services
from wenmai.rooms.portal.models import InboxItem, ItemKind, ItemState, Publication, PublicationState


@require_GET
@requires(permissions.may_read)
def publications(request: HttpRequest) -> HttpResponse:
    """Everything that was drafted, newest first, and the form for a new one."""
    return _publications(request, {})


def _publications(request: HttpRequest, said: dict[str, Any], status: int = 200) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in PublicationState.values else ""
    query = Publication.objects.select_related("drafted_by", "decided_by").order_by("-pk")
    if state:
        query = query.filter(state=state)
    pager = lists.pager(query.count(), request.GET, keep={"state": state})
    allowed, reason = permissions.may_draft(request.user)
    context = {
        "lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "state": state, "states": PublicationState.choices,
        "may_draft": allowed, "why_not": reason, "figures": services.publishable().values() if allowed else [], "said": said,
    }  # fmt: skip
    return render(request, "portal/publications.html", context, status=status)


@require_POST
@requires(permissions.may_draft)
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a notice; what was written stays on the page when it is refused."""
    title, body, chosen = request.POST.get("title", "")[:200], request.POST.get("body", "")[:30_000], request.POST.getlist("figure")[:100]
    said = {"title": title, "body": body, "chosen": chosen}
    try:
        made = services.draft(title, body, chosen, attachments.keep(request.FILES.get("file")), request.user)
    except WenmaiError as error:
        messages.error(request, str(error))
        return _publications(request, said, status=400)
    messages.success(request, "已起草，待另一人审核")
    return redirect("portal:publication", made.pk)


@require_GET
@requires(permissions.may_read)
def publication(request: HttpRequest, publication_id: int) -> HttpResponse:
    """A notice as the outside would see it, with the buttons of whoever may decide."""
    query = Publication.objects.select_related("drafted_by", "decided_by", "withdrawn_by")
    found = get_object_or_404(query, pk=publication_id)
    allowed, reason = permissions.may_decide(request.user, found)
    context = {
        "publication": found, "may_decide": allowed, "why_not": reason, "may_withdraw": permissions.may_decide(request.user)[0],
        "mine": found.drafted_by_id == request.user.pk,
    }  # fmt: skip
    return render(request, "portal/publication.html", context)


def _step(request: HttpRequest, publication_id: int, act: Any, done: str) -> HttpResponse:
    carry_out(request, act, done)
    return redirect("portal:publication", publication_id)


@require_POST
@requires(permissions.may_decide)
def approve(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Make it visible outside."""
    digest = request.POST.get("digest", "")
    return _step(request, publication_id, lambda: services.approve(publication_id, digest, request.user), "已公开，对外服务站点即时可见")


@require_POST
@requires(permissions.may_decide)
def drop(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Send a draft back."""
    reason = lists.clean_text(request.POST.get("reason"))
    return _step(request, publication_id, lambda: services.drop(publication_id, reason, request.user), "已退回，未公开")


@require_POST
@requires(permissions.may_decide)
def withdraw(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Take a notice off the outside site."""
    reason = lists.clean_text(request.POST.get("reason"))
    return _step(request, publication_id, lambda: services.withdraw(publication_id, reason, request.user), "已撤下，对外服务站点即时不可见")


@require_GET
@requires(permissions.may_read)
def publication_file(request: HttpRequest, publication_id: int) -> HttpResponseBase:
    """The attachment of a notice in any state."""
    found = get_object_or_404(Publication, pk=publication_id)
    return attachments.hand_out(found.attachment, found.attachment_name)


@require_GET
@requires(permissions.may_read_inbox)
def inbox(request: HttpRequest) -> HttpResponse:
    """What came in, what waits first."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    state, kind = state if state in ItemState.values else "", kind if kind in ItemKind.values else ""
    query = InboxItem.objects.select_related("organisation", "handled_by").order_by("-pk")
    query = query.filter(**{k: v for k, v in (("state", state), ("kind", kind)) if v})
    pager = lists.pager(query.count(), request.GET, keep={"state": state, "kind": kind})
    context = {
        "lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "state": state, "kind": kind,
        "states": ItemState.choices, "kinds": ItemKind.choices, "waiting": InboxItem.objects.filter(state=ItemState.NEW).count(),
    }  # fmt: skip
    return render(request, "portal/inbox.html", context)


@require_GET
@requires(permissions.may_read_inbox)
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One item. Looking at it changes nothing: it is taken up by a button."""
    found = get_object_or_404(InboxItem.objects.select_related("organisation", "sender", "handled_by"), pk=item_id)
    context = {
        "item": found, "may_handle": permissions.may_handle(request.user)[0], "open": found.state in (ItemState.NEW, ItemState.SEEN),
        "fresh": found.state == ItemState.NEW, "label": services.FIELD_LABELS.get(found.field, ""), "key": found.organisation.area,
        "correction": found.kind == ItemKind.CORRECTION,
    }  # fmt: skip
    return render(request, "portal/item.html", context)


@require_POST
@requires(permissions.may_handle)
def handle(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take up, accept or return."""
    step, answer = request.POST.get("step"), request.POST.get("answer", "")[:3000]
    try:
        if step == "take":
            services.take_up(item_id, request.user)
        elif step in ("accept", "return"):
            services.settle(item_id, step == "accept", answer, request.user)
        messages.success(request, "已办理，提交单位可在对外服务站点看到")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("portal:item", item_id)


@require_GET
@requires(permissions.may_read_inbox)
def item_file(request: HttpRequest, item_id: int) -> HttpResponseBase:
    """What was attached to an item."""
    found = get_object_or_404(InboxItem, pk=item_id)
    return attachments.hand_out(found.attachment, found.attachment_name)
