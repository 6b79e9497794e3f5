"""Row scope: of which subjects a person sees records. Everybody in the office sees all; a street its area, an operator its
park's tenants, a firm itself, a bank only who authorised it and only while the authorisation lasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from wenmai.office.people.models import Consent, OrgKind, SubjectKind
from wenmai.office.people.permissions import organisation_of


@dataclass(frozen=True)
class RowScope:
    """What a person's rows are limited to; `everything` when they are not. `keys` are enterprise keys."""

    everything: bool = False
    street: str | None = None
    park: str | None = None
    keys: frozenset[str] | None = None

    @property
    def words(self) -> str:
        """As shown above a list that is cut."""
        if self.everything:
            return ""
        if self.street is not None:
            return f"仅列{self.street}的记录"
        if self.park is not None:
            return f"仅列{self.park}的入驻企业"
        return f"仅列本单位可见的 {len(self.keys or ())} 家"


# The register, which stands above, tells which enterprise keys a street or a park has: a scope to a set or a subquery.
_resolvers: list[Callable[[RowScope], Any]] = []


def resolver(resolve: Callable[[RowScope], Any]) -> None:
    """Declare once (from AppConfig.ready)."""
    if resolve not in _resolvers:
        _resolvers.append(resolve)


def keys_of(scope: RowScope) -> Any:
    """Enterprise keys in a scope for `key__in`; None for everything. Nothing is seen where nobody can tell."""
    if scope.everything:
        return None
    if scope.street is None and scope.park is None:
        return scope.keys or frozenset()
    return _resolvers[0](scope) if _resolvers else frozenset()


def row_scope(user: Any, what: str = "名录", on: date | None = None) -> RowScope:
    """The row scope of a person for a kind of data. Someone without any is given none, not all."""
    if user is None:
        return RowScope(everything=True)
    own = organisation_of(user)
    if own is None or own.kind in (OrgKind.OFFICE, OrgKind.DEPARTMENT):
        return RowScope(everything=True)
    if not own.active:
        return RowScope(keys=frozenset())
    if own.kind == OrgKind.STREET:
        return RowScope(street=own.area or own.name)
    if own.kind == OrgKind.OPERATOR:
        return RowScope(park=own.area or own.name)
    if own.kind == OrgKind.ENTERPRISE:
        return RowScope(keys=frozenset({own.area}) if own.area else frozenset())
    day = on or timezone.localdate()
    consents = Consent.objects.filter(
        Q(what=what) | Q(what="全部"), organisation=own, withdrawn_at=None, since__lte=day, until__gte=day, subject__kind=SubjectKind.ENTERPRISE
    )
    return RowScope(keys=frozenset(consents.values_list("subject__key", flat=True)))
