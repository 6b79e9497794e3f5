"""The frame of the outside site: its few lines of navigation, by what the organisation may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from wenmai.rooms.portal import permissions
from wenmai.web.shell import site

# Line and address name; the last is there when the room of collection is.
LINES = (("通知与数据", "dashboard"), ("本单位数据", "mine"), ("授权", "consents"), ("提交与答复", "sent"), ("填报", "returns:mine"))


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    user = getattr(request, "user", None)
    known = bool(user and user.is_authenticated)
    items = []
    for title, name in LINES:
        if (name != "dashboard" and not known) or (name == "consents" and not permissions.is_firm(user)):
            continue
        try:
            href = reverse(name)
        except NoReverseMatch:
            continue
        items.append({"title": title, "href": href, "current": request.path == href or (href != "/" and request.path.startswith(href))})
    shell = {"district": site().get("district", ""), "lines": items, "groups": []}
    return {"shell_base": "portal/base.html", "respondent_base": "portal/base.html", "shell": shell}
