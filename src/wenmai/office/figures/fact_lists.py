"""The list of facts: filters, columns, export; and who may see which."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from wenmai.base.values import InputError
from wenmai.base.values.period import period
from wenmai.office.figures import permissions
from wenmai.office.figures.fact_queries import standing
from wenmai.office.figures.models import Definition, DefinitionState, Fact, FactScope, FactStatus, Lane, Mark
from wenmai.office.kit.exports import Table
from wenmai.office.kit.lists import Column, Filter, bind, clean_text, export_table, narrow, ordered
from wenmai.office.people.models import Subject, SubjectKind
from wenmai.office.people.rows import keys_of, row_scope

FACTS = "figures.facts"
MAX_SUBJECTS = 2000
NEWEST = "-id"


def visible(query: QuerySet[Fact], user: Any) -> QuerySet[Fact]:
    """Without what is marked 不得外传 for those who may not see it, and without rows of others' enterprises."""
    query = query if permissions.may_see_secret(user)[0] else query.exclude(mark=Mark.SECRET)
    return query.filter(subjects_of(user, "subject__"))


def subjects_of(user: Any, prefix: str = "") -> Q:
    """What this person sees facts of: totals of areas are for everybody inside, an enterprise's own are rows like any."""
    keys = keys_of(row_scope(user, "数据"))
    if keys is None:
        return Q()
    return Q(**{f"{prefix}kind": SubjectKind.AREA}) | Q(**{f"{prefix}kind": SubjectKind.ENTERPRISE, f"{prefix}key__in": keys})


def facts_for(user: Any) -> QuerySet[Fact]:
    """Standing facts that this person may see."""
    return visible(standing(), user).select_related("definition", "subject", "scope", "source")


def printed(fact: Fact) -> str:
    """The value with the digits it was printed with; the kind of unknown in words."""
    if fact.value is None:
        return f"—（{fact.get_status_display()}）"
    return f"{fact.value:,.{fact.decimals}f}"


def as_number(fact: Fact) -> Decimal | None:
    return None if fact.value is None else Decimal(f"{fact.value:.{fact.decimals}f}")


def period_label(code: str) -> str:
    try:
        return period(code).label
    except InputError:
        return code


def _about(query: Any, value: str) -> Any:
    """Subjects whose name holds the text or whose key is it."""
    found = Subject.objects.filter(Q(name__icontains=value) | Q(key=value)).values_list("pk", flat=True)[:MAX_SUBJECTS]
    return query.filter(subject__in=list(found))


def _indicator(query: Any, value: str) -> Any:
    return query.filter(Q(definition__entry=value.upper().split()[0]) | Q(definition__name__icontains=value))


def _period(query: Any, value: str) -> Any:
    try:
        return query.filter(period=period(value).code)
    except InputError:
        return query.filter(period=value)


def _source(query: Any, value: str) -> Any:
    return query.filter(source=int(value)) if value.isascii() and value.isdigit() and len(value) < 10 else query.none()


FILTERS = (
    Filter("q", "对象", _about, placeholder="名称或代码"),
    Filter("code", "指标", _indicator, placeholder="代码或名称"),
    Filter("period", "时期", _period, placeholder="2024年三季度"),
    Filter("kind", "对象类别", lambda q, v: q.filter(subject__kind=v), options=lambda: SubjectKind.choices),
    Filter("lane", "来源类", lambda q, v: q.filter(lane=v), options=lambda: Lane.choices),
    Filter("scope", "口径", lambda q, v: q.filter(scope__name=v), options=lambda: [(n, n) for n in FactScope.objects.order_by("name").values_list("name", flat=True)[:200]]),  # noqa: E501
    Filter("item", "分项", lambda q, v: q.filter(item="" if v == "合计" else v), placeholder="大类=01，总数写 合计"),
    Filter("status", "状态", lambda q, v: q.filter(status=v), options=lambda: FactStatus.choices),
    Filter("mark", "公开属性", lambda q, v: q.filter(mark=v), options=lambda: Mark.choices),
    Filter("source", "来源编号", _source, placeholder="编号"),
)  # fmt: skip


def _link(fact: Fact) -> str:
    return reverse("facts:fact", args=[fact.pk])


COLUMNS = (
    Column("指标", lambda f: f"{f.definition.entry_id} {f.definition.name}", sort="definition__entry", link=_link),
    Column("对象", lambda f: f.subject.name or f.subject.key, sort="subject__name", wraps=True),
    Column("分项", lambda f: f.item or "合计", sort="item"),
    Column("时期", lambda f: period_label(f.period), sort="ends"),
    Column("数值", printed, numeric=True),
    Column("单位", lambda f: f.unit or "—"),
    Column("来源类", lambda f: f.lane, sort="lane"),
    Column("口径", lambda f: f.scope.name),
    Column("版次", lambda f: f.stage),
    Column("公开", lambda f: f.mark),
    Column("提供单位", lambda f: f.source.provider, wraps=True),
    Column("记录于", lambda f: timezone.localtime(f.recorded_from), sort="id"),
)  # fmt: skip

EXPORTED = (
    *(c for c in COLUMNS[:4]),
    Column("数值", as_number, numeric=True),
    *COLUMNS[5:10],
    Column("状态", lambda f: f.get_status_display()),
    *COLUMNS[10:],
    Column("对象标识", lambda f: f.subject.key),
    Column("定义版本", lambda f: f.definition.number),
    Column("来源编号", lambda f: f.source_id),
)


def selected(get: QueryDict, user: Any) -> Any:
    """The facts under the filters of an address, in its order."""
    bound, _ = bind(get, FILTERS)
    return ordered(narrow(facts_for(user), FILTERS, bound), clean_text(get.get("sort")) or NEWEST, COLUMNS)[0]


def export(parameters: dict[str, Any], actor: Any) -> Table:
    """Source of the export: the filtered list as its asker may see it. Without an asker (the account is gone) nothing
    that is 不得外传 is in it."""
    query = selected(QueryDict(parameters["query"]), actor)
    if actor is None:
        query = query.exclude(mark=Mark.SECRET)
    note = "各值以来源类、口径、时期、版次为限，三类来源不可相加；内部使用，转出前请核对公开属性"
    return export_table(query, EXPORTED, sheet="数据", title="数据", note=note)


def newest_definitions() -> QuerySet[Definition]:
    """The newest approved version of every indicator."""
    approved = Definition.objects.filter(entry=OuterRef("entry"), state=DefinitionState.APPROVED)
    last = approved.order_by().values("entry").annotate(n=Max("number")).values("n")
    return Definition.objects.filter(state=DefinitionState.APPROVED, number=Subquery(last)).select_related("entry")
