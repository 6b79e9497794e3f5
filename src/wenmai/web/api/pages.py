"""The administrator's page of tokens."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.kit import lists
from wenmai.office.kit.guard import carry_out, requires
from wenmai.office.people.models import Organisation, User
from wenmai.office.people.sessions import requires_recent_login
from wenmai.web import access
from wenmai.web.api import tokens
from wenmai.web.models import ApiToken


def _page(request: HttpRequest, shown: str = "", made: ApiToken | None = None, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    query = ApiToken.objects.select_related("owner", "organisation").order_by("-pk")
    pager = lists.pager(query.count(), request.GET)
    context = {
        "lines": [(t, "已吊销" if t.revoked_at else "已过期" if t.expires < today else "在用", [tokens.SCOPES.get(s, s) for s in t.scopes])
                  for t in query[pager["offset"] : pager["offset"] + pager["size"]]],
        "pager": pager, "shown": shown, "made": made, "scopes": tokens.SCOPES.items(), "may": tokens.may_manage(request.user)[0], "today": today,
        "longest": today + tokens.LONGEST, "usual": today + timedelta(days=180),
        "owners": User.objects.filter(is_active=True).order_by("username")[:500],
        "organisations": Organisation.objects.filter(active=True).order_by("name")[:500],
    }  # fmt: skip
    return render(request, "web/tokens.html", context, status=status)


@require_GET
@requires(tokens.may_look)
def index(request: HttpRequest) -> HttpResponse:
    """All tokens, the newest first; the tokens themselves are nowhere."""
    return _page(request)


@never_cache
@require_POST
@requires(tokens.may_manage)
@requires_recent_login(access.RECENT)
def add(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    owner = get_object_or_404(User, pk=lists.bounded_int(request.POST.get("owner"), 0, 0, 10**9))
    try:
        made, token = tokens.add(
            request.POST.get("name", ""), owner, request.POST.getlist("scopes"), access.day(request.POST.get("expires"), "有效期"),
            access.organisation_of_form(request), lists.bounded_int(request.POST.get("per_minute"), 120, 1, tokens.MOST_PER_MINUTE), request.user,
        )  # fmt: skip
    except WenmaiError as error:
        messages.error(request, str(error))
        return _page(request, status=400)
    return _page(request, token, made)


@require_POST
@requires(tokens.may_manage)
@requires_recent_login(access.RECENT)
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    carry_out(request, lambda: tokens.revoke(token_id, request.user), "已吊销，立即失效")
    return redirect("tokens")
