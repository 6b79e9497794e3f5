"""Permission at the door of a view: the room's (allowed, reason) function decides, the 403 page says why."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from wenmai.base.values import WenmaiError

Verdict = tuple[bool, str]
View = Callable[..., HttpResponseBase]


def demand(verdict: Verdict) -> None:
    """Raise PermissionDenied with the reason when the verdict is no."""
    allowed, reason = verdict
    if not allowed:
        raise PermissionDenied(reason)


def requires(permission: Callable[[Any], Verdict]) -> Callable[[View], View]:
    """Decorator: the view runs only when `permission(user)` allows it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            demand(permission(request.user))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def carry_out(request: HttpRequest, act: Callable[[], Any], done: str) -> Any:
    """Run a verb and tell how it went; returns what it returned, None when it was refused."""
    try:
        result = act()
    except WenmaiError as error:
        messages.error(request, str(error))
        return None
    messages.success(request, done)
    return result


def attachment(data: bytes, name: str, content_type: str = "application/octet-stream", rows: int | None = None) -> HttpResponse:
    """A download under a (Chinese) file name; `rows` is how many rows it holds, for the log of actions."""
    from django.utils.http import content_disposition_header

    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response.audited_rows = rows  # type: ignore[attr-defined]
    return response


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
