"""Which ledger rows a person sees: an operator its own park and tenants, a street its area, a firm itself, a bank those who
authorised it; the office everything. One function per way a row hangs on a place or a firm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from wenmai.office.people.rows import RowScope, row_scope
from wenmai.rooms.records.models import Lease, Park
from wenmai.rooms.registry.models import Enterprise

Cut = Callable[[Any, RowScope], Any]


def scope_of(user: Any) -> RowScope:
    return row_scope(user, "台账")


def parks(user: Any) -> Any:
    """Parks a person sees that stand."""
    return by_park("")(Park.objects.filter(withdrawn_at=None), scope_of(user))


def _keys(scope: RowScope) -> Any:
    """Enterprise keys in a scope, as a subquery or a set."""
    if scope.street is not None:
        return Enterprise.objects.filter(current=True, street=scope.street).values("key")
    if scope.park is not None:
        return scope.park
    return scope.keys or frozenset()


def by_park(path: str) -> Cut:
    """Rows of a park; `path` leads from the row to it ("" the park itself). Firms and banks see no parks' books."""
    prefix = f"{path}__" if path else ""

    def cut(query: Any, scope: RowScope) -> Any:
        if scope.everything:
            return query
        if scope.street is not None:
            return query.filter(**{f"{prefix}street": scope.street})
        if scope.park is not None:
            return query.filter(**{f"{prefix}name": scope.park})
        return query.none()

    return cut


def tenants_of(park: str) -> Q:
    """Rows whose enterprise is a tenant of the park: by the register's column or by a lease that stands."""
    leased = Lease.objects.filter(withdrawn_at=None, unit__building__park__name=park, key__isnull=False).values("key")
    named = Enterprise.objects.filter(current=True, park=park).values("key")
    return Q(key__in=leased) | Q(key__in=named)


def by_firm(query: Any, scope: RowScope) -> Any:
    """Rows about an enterprise, by its key. A row whose enterprise is not identified is seen by the office only."""
    if scope.everything:
        return query
    if scope.park is not None:
        return query.filter(tenants_of(scope.park))
    return query.filter(key__in=_keys(scope))


def by_lease(query: Any, scope: RowScope) -> Any:
    """Leases: whose park it is, and firms their own."""
    if scope.everything or scope.street is not None or scope.park is not None:
        return by_park("unit__building__park")(query, scope)
    return query.filter(key__in=scope.keys or frozenset())


def by_street(path: str, park: str = "") -> Cut:
    """Rows with a street of their own (projects, heritage); an operator sees those in its park."""
    prefix = f"{path}__" if path else ""

    def cut(query: Any, scope: RowScope) -> Any:
        if scope.everything:
            return query
        if scope.street is not None:
            return query.filter(**{f"{prefix}street": scope.street})
        if scope.park is not None and park:
            return query.filter(**{f"{prefix}{park}__name": scope.park})
        return query.none()

    return cut


def public(query: Any, scope: RowScope) -> Any:
    """Rows that are about nobody in particular: rules, associations."""
    return query


def enterprises(user: Any) -> Any:
    """Enterprises of the register that a person may see, for choosing one."""
    scope = scope_of(user)
    query = Enterprise.objects.filter(current=True)
    if scope.everything:
        return query
    if scope.street is not None:
        return query.filter(street=scope.street)
    if scope.park is not None:
        return query.filter(tenants_of(scope.park))
    return query.filter(key__in=scope.keys or frozenset())


__all__ = ["by_firm", "by_lease", "by_park", "by_street", "enterprises", "parks", "public", "scope_of", "tenants_of"]
