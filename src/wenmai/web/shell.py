"""The frame around every page: navigation from the rooms, district and date of the figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from wenmai.office.figures.models import Snapshot
from wenmai.office.kit.rooms import GROUPS
from wenmai.web.rooms import entries


def site() -> dict[str, Any]:
    """The site's settings; empty when none are written."""
    path = Path(settings.WENMAI_HOME) / "site.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def newest() -> Snapshot | None:
    """The newest complete snapshot."""
    return Snapshot.objects.filter(complete=True).order_by("-id").first()


def _groups(request: HttpRequest) -> list[dict[str, Any]]:
    known = [(e, reverse(e.url_name)) for e in entries() if e.shown_to(request.user)]
    # The longest address that the current one starts with is the current place.
    here = max((h for _, h in known if request.path.startswith(h)), key=len, default="")
    groups = []
    for title in GROUPS:
        lines = sorted((p for p in known if p[0].group == title), key=lambda p: p[0].order)
        if lines:
            items = [{"title": e.title, "href": h, "current": h == here} for e, h in lines]
            groups.append({"title": title, "items": items})
    return groups


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` with groups, district, vintage and the address of the search."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"shell": {"groups": []}}
    about = site()
    snapshot = newest()
    try:
        search = reverse("registry:enterprises")
    except NoReverseMatch:
        search = ""
    vintage = "尚无快照"
    if snapshot is not None:
        vintage = f"{snapshot.facts.get('vintage', '数据截至日期未载')} · 快照 {snapshot.pk}"
    return {
        "shell": {
            "groups": _groups(request), "district": about.get("district", ""), "vintage": vintage,
            "search_url": search, "demo": bool(about.get("demo")),
        }
    }  # fmt: skip
