"""The frame around every page: navigation from the rooms, district, and which snapshot and scope are looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse

from wenmai.office.figures import typed
from wenmai.office.figures.models import Snapshot
from wenmai.office.kit import lists
from wenmai.office.kit.rooms import GROUPS
from wenmai.office.people.rows import row_scope
from wenmai.web import warm
from wenmai.web.rooms import entries

LATEST = "latest"
EVERY_SCOPE = "all"
OFFERED = 20
# Pages that hold the rows of every street: no line leads there for who sees a part of the rows; the pages refuse by themselves.
WHOLE = frozenset({"registry:batches", "portal:publications", "portal:inbox", "events", "organisations", "accounts"})


def site() -> dict[str, Any]:
    """The site's settings; empty when none are written."""
    path = Path(settings.WENMAI_HOME) / "site.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@dataclass(frozen=True)
class Selection:
    """What this person looks at. `snapshot` is `newest` unless an older one was chosen; `scope` "" is every scope;
    `missing` is a snapshot that was asked for and does not exist; `offered` the newest ones, to choose from."""

    snapshot: Snapshot | None
    newest: Snapshot | None
    scope: str = ""
    missing: bool = False
    offered: tuple[Snapshot, ...] = ()

    @property
    def older(self) -> bool:
        return bool(self.snapshot and self.newest and self.snapshot.pk != self.newest.pk)


def scopes(snapshot: Snapshot | None) -> list[str]:
    """Scopes that figures of this snapshot have, in the order of declaration. Nothing is counted to learn them."""
    known = warm.stored(snapshot) if snapshot else None
    source: Any = known.values() if known else typed.indicators().values()
    return list(dict.fromkeys(item.scope for item in source))


def selection(request: HttpRequest) -> Selection:
    """`?snapshot=` and `?scope=` of the address, kept in the session until something else is chosen."""
    found: Selection | None = getattr(request, "_selection", None)
    if found is None:
        found = _read(request)
        request._selection = found  # type: ignore[attr-defined]
    return found


def _read(request: HttpRequest) -> Selection:
    offered = tuple(Snapshot.objects.filter(complete=True).order_by("-id")[:OFFERED])
    last, session = offered[0] if offered else None, request.session
    asked = request.GET.get("snapshot", "")
    number = lists.bounded_int(asked, 0, 0, 10**9)
    chosen = Snapshot.objects.filter(pk=number, complete=True).first() if number else None
    if chosen is not None and chosen != last:
        session["snapshot"] = chosen.pk
    elif chosen is not None or asked == LATEST:
        # The newest is followed, not held: the next one published is shown next.
        session.pop("snapshot", None)
    if chosen is None and session.get("snapshot"):
        chosen = Snapshot.objects.filter(pk=session["snapshot"], complete=True).first()
    shown = chosen or last
    scope = lists.clean_text(request.GET.get("scope"))
    if scope == EVERY_SCOPE:
        session.pop("scope", None)
    elif scope and scope in scopes(shown):
        session["scope"] = scope
    kept = session.get("scope", "")
    return Selection(shown, last, kept if kept in scopes(shown) else "", bool(number) and (chosen is None or chosen.pk != number), offered)


def chosen(request: HttpRequest) -> Snapshot | None:
    """The snapshot to show; 404 when the address names one that does not exist."""
    found = selection(request)
    if found.missing:
        raise Http404("没有这个快照")
    return found.snapshot


def pin(request: HttpRequest, snapshot: Snapshot) -> None:
    """A page whose address names its snapshot shows that one, whatever is chosen elsewhere."""
    request._selection = replace(selection(request), snapshot=snapshot)  # type: ignore[attr-defined]


def _groups(request: HttpRequest) -> list[dict[str, Any]]:
    part = not row_scope(request.user).everything
    known = [(e, reverse(e.url_name)) for e in entries() if e.shown_to(request.user) and not (part and e.url_name in WHOLE)]
    # The longest address that the current one starts with is the current place.
    here = max((h for _, h in known if request.path.startswith(h)), key=len, default="")
    groups = []
    for title in GROUPS:
        lines = sorted((p for p in known if p[0].group == title), key=lambda p: p[0].order)
        if lines:
            items = [{"title": e.title, "href": h, "current": h == here} for e, h in lines]
            groups.append({"title": title, "items": items})
    return groups


def _selectors(request: HttpRequest, found: Selection) -> dict[str, Any]:
    """The form in the top bar: it comes back to this page with its filters, when this page can be asked for again."""
    match = request.resolver_match
    if request.method != "GET" or match is None:
        action = reverse("dashboard")
    else:
        action = reverse("figures") if match.view_name == "figure" else request.path
    kept = []
    if action == request.path:
        kept = [(k, v) for k, vs in request.GET.lists() for v in vs if k not in ("snapshot", "scope", "page", "before", "verify")][:20]
    offered = list(found.offered)
    if found.snapshot and found.snapshot not in offered:
        offered.append(found.snapshot)
    known = scopes(found.snapshot)
    return {"action": action, "kept": kept, "snapshots": offered, "scopes": known if len(known) > 1 else []}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` with groups, district, the selectors and the address of the search."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"shell": {"groups": []}}
    about, found = site(), selection(request)
    try:
        search = reverse("registry:enterprises")
    except NoReverseMatch:
        search = ""
    vintage = "尚无快照"
    if found.snapshot is not None:
        vintage = str(found.snapshot.facts.get("vintage", "数据截至日期未载"))
    return {
        "shell": {
            "groups": _groups(request), "district": about.get("district", ""), "vintage": vintage, "selection": found,
            "search_url": search, "demo": bool(about.get("demo")), "selectors": _selectors(request, found),
        }
    }  # fmt: skip
