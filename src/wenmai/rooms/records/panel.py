"""What the ledgers add to the page of an enterprise: park and leases, ownership, titles, visits, demands, life events."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from wenmai.rooms.records import permissions, project_queries, scope, texts
from wenmai.rooms.records.methods.ownership import Closure, closure
from wenmai.rooms.records.models import Demand, FusionProject, Lease, LifeEvent, Membership, OwnershipEdge, Profile, Title, Visit
from wenmai.rooms.records.rules import edge_of, edges_above, spell
from wenmai.rooms.registry.models import Enterprise
from wenmai.rooms.registry.queries import Extension

SHOWN = 20
ADDS = (("visits", "走访"), ("demands", "诉求"), ("profiles", "属性"), ("ownership", "股东"), ("titles", "资质荣誉"), ("life", "大事"))


def panel(enterprise: Enterprise, user: Any) -> dict[str, Any]:
    """Empty for those who may not see the enterprise's rows."""
    day, key = timezone.localdate(), enterprise.key
    seen = scope.scope_of(user)

    def rows(model: Any, *related: str) -> Any:
        return scope.by_firm(model.objects.filter(key=key, withdrawn_at=None), seen).select_related(*related)

    own = scope.by_lease(Lease.objects.filter(key=key, withdrawn_at=None), seen)
    leases = list(own.select_related("unit__building__park").order_by("-since")[:SHOWN])
    demands = [(d, project_queries.overdue(d, day)) for d in rows(Demand, "department").order_by("-raised")[:SHOWN]]
    edges = list(rows(OwnershipEdge).order_by("-permille", "parent_name")[:SHOWN])
    return {
        "key": key, "code": enterprise.credit_code or key, "adds": ADDS, "profile": rows(Profile).first(),
        "leases": [(x, "在租" if spell(x).on(day) else "未起租" if x.since > day else "已结束") for x in leases],
        "parks": list(dict.fromkeys(x.unit.building.park for x in leases if spell(x).on(day))),
        "edges": [(e, texts.percent(e.permille), edge_of(e).on(day)) for e in edges], "owners": _owners(key, day) if edges else None,
        "titles": list(rows(Title).order_by("-since")[:SHOWN]), "visits": list(rows(Visit).order_by("-on")[:SHOWN]), "demands": demands,
        "life": list(rows(LifeEvent).order_by("-on")[:SHOWN]), "members": list(rows(Membership, "association")[:SHOWN]),
        "fusions": list(rows(FusionProject, "item")[:SHOWN]), "may_keep": permissions.may_keep(user)[0],
    }  # fmt: skip


def ownership(key: str, day: Any) -> tuple[Closure, dict[str, str]]:
    """The closure of an enterprise on a day, and the names of the keys in it."""
    rows = edges_above({key})
    names = {r.key: r.name for r in rows if r.key} | {r.parent_key: r.parent_name for r in rows if r.parent_key}
    return closure([edge_of(r) for r in rows], key, day), names


def _owners(key: str, day: Any) -> dict[str, Any]:
    found, names = ownership(key, day)
    shares = sorted(found.owners.items(), key=lambda p: (p[1] is None, -(p[1] or 0), p[0]))
    return {
        "lines": [(names.get(k, k), texts.percent(share, 2)) for k, share in shares],
        "controller": names.get(found.controller, found.controller) if found.controller else None,
        "cycles": ["、".join(names.get(k, k) for k in circle) for circle in found.cycles],
    }


extension = Extension(filters=(), columns=(), related=(), panel=panel, template="records/panel.html")
