"""What asks for somebody's attention: moves-out, abnormal status, leases that end, reviews due, demands overdue. For the
home page and the page of alerts; each with the page that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from wenmai.rooms.records import scope
from wenmai.rooms.records.choices import WORRYING, DemandState, LifeKind, RecognitionState
from wenmai.rooms.records.models import Demand, Lease, LifeEvent, Milestone, Recognition

LOOK_BACK, LEASE_DAYS, REVIEW_DAYS = 90, 90, 60
EACH = 200
MOVES, ABNORMAL, LEASES, REVIEWS, DEMANDS, NODES = "迁出", "状态异常", "租约将到期", "认定待复核", "诉求超期", "项目节点逾期"


@dataclass(frozen=True)
class Alert:
    """`on` is the day it is about; `days` how far past (positive) or ahead (negative) it is; `urgent` when past, and
    whatever is a move-out or an abnormal status."""

    kind: str
    title: str
    text: str
    on: date
    days: int
    href: str

    @property
    def urgent(self) -> bool:
        return self.kind in (MOVES, ABNORMAL) or (self.days > 0 and self.kind != LEASES)

    @property
    def when(self) -> str:
        if self.kind in (MOVES, ABNORMAL):
            return f"{self.days} 天前" if self.days else "今天"
        if self.days == 0:
            return "今天到期"
        return f"超期 {self.days} 天" if self.days > 0 else f"还有 {-self.days} 天"


def alerts(user: Any, on: date) -> list[Alert]:
    """Everything a person should know of on a day, within the person's rows; at most EACH of a kind. Ordered by kind, the
    longest past first; in six queries."""
    return [*_life(user, on), *_demands(user, on), *_nodes(user, on), *_reviews(user, on), *_leases(user, on)]


def counts(found: list[Alert]) -> list[tuple[str, int]]:
    """Kind → how many, in the order of the list; kinds without any are left out."""
    names = list(dict.fromkeys(a.kind for a in found))
    return [(n, sum(1 for a in found if a.kind == n)) for n in names]


def _life(user: Any, on: date) -> Iterator[Alert]:
    rows = LifeEvent.objects.filter(withdrawn_at=None, kind__in=WORRYING, on__gt=on - timedelta(days=LOOK_BACK), on__lte=on)
    seen = scope.by_firm(rows, scope.scope_of(user)).order_by("-on", "name")
    # A firm that was taken off the list again asks for nothing.
    back = {
        (key, name): day for key, name, day in
        LifeEvent.objects.filter(withdrawn_at=None, kind=LifeKind.RESTORED, on__lte=on).order_by("on").values_list("key", "name", "on")
    }  # fmt: skip
    for e in seen[:EACH]:
        if e.kind == LifeKind.ABNORMAL and back.get((e.key, e.name), date.min) >= e.on:
            continue
        href = reverse("registry:enterprise", args=[e.key]) if e.key else reverse("records:record", args=["life", e.pk])
        text = e.get_kind_display() + (f"：{e.text}" if e.text else "")
        yield Alert(MOVES if e.kind == LifeKind.OUT else ABNORMAL, e.name, text, e.on, (on - e.on).days, href)


def _demands(user: Any, on: date) -> Iterator[Alert]:
    rows = Demand.objects.filter(withdrawn_at=None, state=DemandState.OPEN, due__lt=on).select_related("department").order_by("due")
    for d in scope.by_firm(rows, scope.scope_of(user))[:EACH]:
        if d.due:
            who = "、".join(t for t in (d.department.name if d.department else "未明确责任部门", d.leader) if t)
            yield Alert(DEMANDS, f"{d.name}：{d.text[:40]}", who, d.due, (on - d.due).days, reverse("records:record", args=["demands", d.pk]))


def _nodes(user: Any, on: date) -> Iterator[Alert]:
    rows = Milestone.objects.filter(withdrawn_at=None, project__withdrawn_at=None, done=None, due__lt=on).order_by("due")
    for m in scope.by_street("project", "park")(rows, scope.scope_of(user)).select_related("project__lead")[:EACH]:
        who = m.project.lead.name if m.project.lead else "未明确牵头单位"
        yield Alert(NODES, f"{m.project.name}：{m.name}", who, m.due, (on - m.due).days, reverse("records:project", args=[m.project.code]))


def _reviews(user: Any, on: date) -> Iterator[Alert]:
    held = (RecognitionState.HELD, RecognitionState.REVIEWING)
    rows = Recognition.objects.filter(withdrawn_at=None, park__withdrawn_at=None, state__in=held, review_on__lte=on + timedelta(days=REVIEW_DAYS))
    for r in scope.by_park("park")(rows, scope.scope_of(user)).select_related("park", "rule").order_by("review_on")[:EACH]:
        if r.review_on:
            yield Alert(REVIEWS, r.park.name, r.rule.name, r.review_on, (on - r.review_on).days, reverse("records:park", args=[r.park.code]))


def _leases(user: Any, on: date) -> Iterator[Alert]:
    rows = Lease.objects.filter(withdrawn_at=None, since__lte=on, until__gte=on, until__lte=on + timedelta(days=LEASE_DAYS)).filter(
        Q(ended=None) | Q(ended__gt=on)
    )
    for x in scope.by_lease(rows, scope.scope_of(user)).select_related("unit__building__park").order_by("until")[:EACH]:
        if x.until:
            where = f"{x.unit.building.park.name} {x.unit.building.name} {x.unit.number}"
            yield Alert(LEASES, x.name, where, x.until, (on - x.until).days, reverse("records:record", args=["leases", x.pk]))
