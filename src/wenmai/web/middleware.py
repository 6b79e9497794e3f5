"""What holds for every answer: a download leaves an event, and pages run nothing that is not the office's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from wenmai.office.events import services as events

Answer = Callable[[HttpRequest], HttpResponseBase]
# Free text may name a person; only that there was some is written down. Choices and numbers are written as they are.
FREE_TEXT = frozenset({"q"})
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def _asked(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in list(request.GET.lists())[:20]:
        if name == "id":
            found["chosen"] = len(values)
        elif name in FREE_TEXT:
            found[name] = "有" if any(values) else ""
        else:
            found[name] = "、".join(values)[:100]
    return {k: v for k, v in found.items() if v not in ("", None)}


def downloads_leave_a_trace(get_response: Answer) -> Answer:
    """Every file that leaves (exports, originals, documents) is in the log: who, from which address of the site, how
    many rows. It hangs on the answer being an attachment, so a page added later cannot forget it; when the event cannot
    be written, the file does not leave."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        if answer.status_code == 200 and answer.headers.get("Content-Disposition", "").startswith("attachment"):
            match = request.resolver_match
            payload: dict[str, Any] = {"page": match.view_name if match else "", "asked": _asked(request)}
            rows = getattr(answer, "audited_rows", None)
            if rows is not None:
                payload["rows"] = rows
            with transaction.atomic():
                events.record("office.file.downloaded", f"page:{request.path}"[:120], payload, request.user)
        return answer

    return middleware


def own_content_only(get_response: Answer) -> Answer:
    """Content-Security-Policy: scripts, styles, forms and frames from this site only."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        return answer

    return middleware
