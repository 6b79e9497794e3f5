"""The verbs of forms and rounds: take a form in, issue it for a period, exempt, remind."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.base.values.period import POINT, Period, period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures.fact_queries import standing
from wenmai.office.figures.methods.formula import Observed
from wenmai.office.figures.models import Definition, Fact
from wenmai.office.people.models import Organisation
from wenmai.rooms.collection import permissions
from wenmai.rooms.collection.methods import form as methods
from wenmai.rooms.collection.methods.form import Form
from wenmai.rooms.collection.models import FormVersion, Return, Round, State

OPEN = (State.WAITING, State.DRAFT, State.RETURNED)


def require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


@lru_cache(maxsize=64)
def _parsed(digest: str, text: str) -> Form:
    return methods.read(text)


def spec(version: FormVersion) -> Form:
    """The form of a version, parsed (kept by content)."""
    return _parsed(version.digest, version.text)


def example() -> str:
    """The packaged example form."""
    return (files("wenmai.rooms.collection") / "data/park_quarter_example.yaml").read_text(encoding="utf-8")


def take_in(text: str, file: str = "表样", actor: Any = None) -> tuple[FormVersion, bool]:
    """A form's text as a new version, or the version that has the same text; (version, whether it is new)."""
    require(permissions.may_manage(actor))
    found = methods.read(text, file)
    _against_dictionary(found, file)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        known = FormVersion.objects.select_for_update().filter(slug=found.slug).order_by("-number")
        newest = known.first()
        if newest is not None and newest.digest == digest:
            return newest, False
        number = newest.number + 1 if newest is not None else 1
        try:
            made = FormVersion.objects.create(slug=found.slug, number=number, title=found.title, text=text, digest=digest, actor_name=name_of(actor))
        except IntegrityError as error:
            raise Refused("另一人刚存了这张表的新版本", remedy="请刷新后再存") from error
        events.record("collection.form.added", f"form:{found.slug}", {"number": number, "lines": len(found.lines)}, actor)
    return made, True


def _against_dictionary(found: Form, file: str) -> None:
    """Every line's indicator exists, takes its unit, lane and item, and is a flow or a stock as the line says."""
    definitions = {d.entry_id: d for d in Definition.objects.filter(state="approved").order_by("number")}
    for line in found.lines:
        where = f"{file}第{line.at}行，{line.id}"
        definition = definitions.get(line.code)
        if definition is None:
            raise InputError(f"指标 {line.code} 不在指标词典中", where=where, remedy="请先在“指标”页装入或提出定义")
        try:
            unit(line.unit).to(Fraction(1), unit(definition.unit))
        except InputError as error:
            raise InputError(f"{line.code} 的单位是{definition.unit}，不能按{line.unit}填", where=where) from error
        if definition.lanes and line.lane not in definition.lanes:
            raise InputError(f"{line.code} 不能由“{line.lane}”提供", where=where, remedy="可用：" + "、".join(definition.lanes))
        if line.item and line.item.partition("=")[0] not in definition.items:
            raise InputError(f"{line.code} 没有分项“{line.item}”", where=where, remedy=f"可用：{'、'.join(definition.items) or '无'}")
        if definition.stages:
            raise InputError(f"{line.code} 分版次，由上级反馈，不能向填报对象要", where=where)
        if (definition.kind == POINT) != line.point and definition.kind in ("时期", POINT):
            raise InputError(f"{line.code} 是{definition.kind}数，“时点”应写{'是' if definition.kind == POINT else '否'}", where=where)


def name_of(actor: Any) -> str:
    return getattr(actor, "username", None) or "命令行"


def issue(slug: str, when: str, due: date | None = None, actor: Any = None, today: date | None = None) -> Round:
    """Issue the newest version of a form for a period: one return per respondent, prefilled with what is known."""
    require(permissions.may_manage(actor))
    today, asked = today or timezone.localdate(), period(when)
    version = FormVersion.objects.filter(slug=slug).order_by("-number").first()
    if version is None:
        raise NotFound(
            f"没有标识为“{slug}”的表", remedy="可用：" + ("、".join(sorted(set(FormVersion.objects.values_list("slug", flat=True)))) or "还没有表样")
        )
    found = spec(version)
    missing = found.missing_to_issue()
    if missing:
        raise Refused(f"没有写明{'、'.join(missing)}，不能布置", remedy=f"地方统计调查须经批准；园区管理记录请把类别写成“{methods.PARK_RECORD}”")
    if found.expires is not None and found.expires < today:
        raise Refused(f"有效期限 {found.expires} 已过，不能布置", remedy="请重新报批后更新表样")
    if not found.fits(asked):
        raise InputError(f"{asked.label}不是{found.frequency}", remedy=f"“{found.title}”按{found.frequency}布置")
    organisations = dict(
        Organisation.objects.filter(name__in=[r.organisation for r in found.respondents if r.organisation]).values_list("name", "pk")
    )
    strange = sorted({r.organisation for r in found.respondents if r.organisation} - set(organisations))
    if strange:
        raise InputError(f"填报单位“{'、'.join(strange[:5])}”没有登记", remedy="请先登记单位，或从表样中去掉“单位”")
    filled = _prefill(found, asked)
    with transaction.atomic():
        if Round.objects.filter(slug=slug, period=asked.code).exists():
            raise Refused(f"“{found.title}”{asked.label}已经布置过")
        try:
            made = Round.objects.create(form=version, slug=slug, period=asked.code, due=due or found.due(asked), actor_name=name_of(actor))
        except IntegrityError as error:
            raise Refused(f"“{found.title}”{asked.label}已经布置过") from error
        Return.objects.bulk_create(
            [
                Return(
                    round=made, kind=found.subject, key=r.key, name=r.name, street=r.street, organisation_id=organisations.get(r.organisation),
                    prefill=filled.get(r.key, {}),
                )
                for r in found.respondents
            ],
            batch_size=500,
        )  # fmt: skip
        payload = {"form": slug, "version": version.number, "period": asked.code, "returns": len(found.respondents), "due": made.due}
        events.record("collection.round.issued", f"round:{made.pk}", payload, actor)
    return made


def known_values(found: Form, asked: list[Period], keys: list[str], as_of: datetime | None = None) -> dict[tuple[str, str, str], Fact]:
    """(respondent, line, period asked) → the standing fact, for many respondents and periods in few queries."""
    places = {(line.code, line.item, line.lane, line.scope, line.when(p).code): (line.id, p.code) for line in found.lines for p in asked}
    result: dict[tuple[str, str, str], Fact] = {}
    for start in range(0, len(keys), 500):
        query = standing(as_of).filter(
            subject__kind=found.subject, subject__key__in=keys[start : start + 500], definition__entry_id__in={line.code for line in found.lines},
            period__in={line.when(p).code for line in found.lines for p in asked},
        ).select_related("subject", "definition", "scope").order_by("definition__number")  # fmt: skip
        for fact in query:
            place = places.get((fact.definition.entry_id, fact.item, fact.lane, fact.scope.name, fact.period))
            if place is not None:
                result[fact.subject.key, *place] = fact
    return result


def before(asked: Period) -> Period | None:
    """The period before; None for a cumulated span, which has none."""
    try:
        return asked.previous()
    except ValueError:
        return None


def earlier_periods(asked: Period) -> list[Period]:
    """The periods that checks and the page look back to: last year's, then the one before."""
    found = [asked.years_ago(), before(asked)]
    return list(dict.fromkeys(p for p in found if p is not None))


def _prefill(found: Form, asked: Period) -> dict[str, dict[str, dict[str, str]]]:
    """Respondent → line → cell with where it is from."""
    wanted = [line for line in found.lines if line.prefill != "否"]
    if not wanted:
        return {}
    last = before(asked)
    values = known_values(found, [p for p in (asked, last) if p is not None], [r.key for r in found.respondents])
    result: dict[str, dict[str, dict[str, str]]] = {}
    for respondent in found.respondents:
        for line in wanted:
            fact, label = values.get((respondent.key, line.id, asked.code)), "已知"
            if fact is None and line.prefill == "上期" and last is not None:
                fact, label = values.get((respondent.key, line.id, last.code)), "上期"
            if fact is not None and fact.value is not None:
                result.setdefault(respondent.key, {})[line.id] = {"value": in_unit(fact, line.unit), "from": label}
    return result


def in_unit(fact: Fact, target: str) -> str:
    """A fact's value in a line's unit, as text with the digits it has."""
    assert fact.value is not None
    if fact.unit == target:
        return f"{fact.value:.{fact.decimals}f}"
    value = unit(fact.unit).to(Fraction(fact.value), unit(target))
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):.6f}"
    return text.rstrip("0").rstrip(".")


def observed(fact: Fact | None) -> Observed | None:
    """A past value for a check, with the half unit of its last digit."""
    from wenmai.rooms.collection.methods.checks import half_unit

    if fact is None or fact.value is None:
        return None
    measure = unit(fact.unit)
    return Observed(Fraction(fact.value), measure, half_unit(measure, fact.decimals))


def late_days(report: Return, today: date) -> int:
    """Days past the due day of a return that has not come; 0 when it has, or is exempt."""
    if report.state not in OPEN:
        return 0
    return max(0, (today - report.round.due).days)


def remind(round_id: int, actor: Any = None) -> list[Return]:
    """Remind whoever has not handed in: one event, and the list of whom to call."""
    require(permissions.may_manage(actor))
    with transaction.atomic():
        found = Round.objects.filter(pk=round_id).first()
        if found is None:
            raise NotFound("没有这个表期")
        waiting = list(Return.objects.filter(round=found, state__in=OPEN).select_related("round", "organisation").order_by("street", "name"))
        if waiting:
            from django.db.models import F

            Return.objects.filter(pk__in=[r.pk for r in waiting]).update(reminded_at=timezone.now(), reminders=F("reminders") + 1)
            events.record("collection.round.reminded", f"round:{found.pk}", {"returns": [r.pk for r in waiting], "count": len(waiting)}, actor)
    return waiting
