"""Reads of projects and of the demand ledger: progress, the late first; overdue statistics."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, F, Min, Q, Value, When

from wenmai.rooms.records.choices import DemandState
from wenmai.rooms.records.methods import demands, projects
from wenmai.rooms.records.models import Demand, Project
from wenmai.rooms.records.scope import by_firm, scope_of


def late_first(query: Any, day: date) -> Any:
    """`oldest_late`: the due day of the oldest open milestone that is past; null sorts last."""
    late = Q(milestones__withdrawn_at=None, milestones__done=None, milestones__due__lt=day)
    return query.annotate(oldest_late=Min("milestones__due", filter=late))


def progress(project: Project, day: date) -> projects.Progress:
    """Of a project whose milestones and investments are at hand (prefetched or not)."""
    nodes = [projects.Node(m.name, m.due, m.done, bool(m.evidence)) for m in project.milestones.all() if m.withdrawn_at is None]
    rows = [projects.Money(i.year, i.month, i.plan_fen, i.actual_fen) for i in project.investments.all() if i.withdrawn_at is None]
    return projects.progress(rows, nodes, project.total_fen, day)


def open_due(query: Any, day: date) -> Any:
    """`open_due`: the term of an open demand, so that the longest overdue come first and the closed last."""
    return query.annotate(open_due=Case(When(state=DemandState.OPEN, then=F("due")), default=Value(None)))


def overdue(demand: Demand, day: date) -> int | None:
    """Days overdue of an open demand; None without a term."""
    if demand.state != DemandState.OPEN:
        return max(0, (demand.closed - demand.due).days) if demand.due and demand.closed else None
    return max(0, (day - demand.due).days) if demand.due else None


def demand_statistics(user: Any, day: date, query: Any = None) -> demands.Statistics:
    """Over the demands a person sees that stand."""
    rows = query if query is not None else by_firm(Demand.objects.filter(withdrawn_at=None), scope_of(user))
    found = rows.values_list("kind", "raised", "due", "closed", "department__name")
    return demands.statistics((demands.Case(k, raised, due, closed, name or "") for k, raised, due, closed, name in found), day)
