"""The verbs of reported facts: record (create or revise), retract, enter and leave a frame.

One fact is entered once by its owner. What is recorded is never edited: a revision closes the standing value and opens
another, so that a report of last year can still be read with the values known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, Refused
from wenmai.base.values.period import POINT, Period, period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures import permissions
from wenmai.office.figures.models import Definition, DefinitionState, Entry, Fact, FactScope, FactStatus, FrameSpell, Lane, Mark, Source
from wenmai.office.people.models import Subject, SubjectKind

CHUNK = 2000
LIMIT = Decimal(10) ** 17
CREATED, REVISED, UNCHANGED, REJECTED = "新增", "更正", "未变", "退回"
EMPTY = frozenset({FactStatus.NONE_FOUND, FactStatus.REFUSED, FactStatus.NOT_APPLICABLE})


@dataclass(frozen=True)
class NewFact:
    """A value as somebody hands it in. `value` None needs a status that says why; `decimals` None is read off `value`."""

    kind: str
    key: str
    code: str
    when: str
    value: str | int | Decimal | None
    unit: str
    lane: str
    scope: str
    item: str = ""
    stage: str = ""
    status: str = FactStatus.REPORTED
    mark: str = Mark.INTERNAL
    name: str = ""
    decimals: int | None = None
    version: int | None = None


@dataclass
class Outcome:
    """What became of every row, in order: (word, reason or ""). Rows in = sum of `counts`."""

    rows: list[tuple[str, str]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        words = [word for word, _ in self.rows]
        return {w: words.count(w) for w in (CREATED, REVISED, UNCHANGED, REJECTED)}


@dataclass(frozen=True)
class _Ready:
    definition: Definition
    period: Period
    value: Decimal | None
    decimals: int


def definition_for(code: str, when: Period, cache: dict[str, list[Definition]] | None = None, version: int | None = None) -> Definition:
    """The approved version under which a period is reported; InputError when there is none.

    `version` asks for one version by number; for a period before its own it must have been approved for back-casting.
    """
    known = cache if cache is not None else {}
    if code not in known:
        known[code] = list(Definition.objects.filter(entry_id=code, state=DefinitionState.APPROVED).select_related("entry").order_by("-number"))
    if not known[code]:
        exists = Entry.objects.filter(code=code).exists()
        raise InputError(f"指标 {code} {'还没有批准的定义' if exists else '不在指标词典中'}", remedy="请在“指标”页查看或提出定义")
    if version is not None:
        return _version(code, when, known[code], version)
    for definition in known[code]:
        if not definition.in_force or period(definition.in_force).start <= when.start:
            return definition
    oldest = known[code][-1]
    raise InputError(f"{code} 自{period(oldest.in_force).label}起才有定义，{when.label}无从填报", remedy="如需追溯，请提出并批准追溯调整")


def _version(code: str, when: Period, known: list[Definition], version: int) -> Definition:
    found = next((d for d in known if d.number == version), None)
    if found is None:
        raise InputError(f"{code} 没有批准的第 {version} 版")
    if found.in_force and when.start < period(found.in_force).start and not found.back_cast:
        raise InputError(f"{code} 第 {version} 版自{period(found.in_force).label}起用，没有批准追溯调整", remedy="请先批准追溯，或按旧版填报")
    return found


def _ready(fact: NewFact, source: Source, cache: dict[str, list[Definition]]) -> _Ready:
    when = period(fact.when)
    definition = definition_for(fact.code, when, cache, fact.version)
    _check_lane(fact, source, definition)
    if fact.kind not in SubjectKind.values or not fact.key:
        raise InputError(f"对象类别“{fact.kind}”不对或没有标识", remedy="可用：" + "、".join(SubjectKind.labels))
    if fact.status not in FactStatus.values or fact.mark not in Mark.values:
        raise InputError(f"状态“{fact.status}”或公开属性“{fact.mark}”不在可选项内")
    if definition.kind in ("时期", "时点") and (when.kind == POINT) != (definition.kind == POINT):
        raise InputError(f"{fact.code} 是{definition.kind}数，时期却写成“{when.label}”", remedy="时点数请写 2024年末、2024年9月末")
    if definition.stages and fact.stage not in definition.stages:
        raise InputError(f"{fact.code} 须注明版次", remedy="可选：" + "、".join(definition.stages))
    if not definition.stages and fact.stage:
        raise InputError(f"{fact.code} 不分版次", remedy="请去掉版次")
    unit(fact.unit).to(Fraction(1), unit(definition.unit))
    value, decimals = _value(fact)
    if not fact.scope.strip():
        raise InputError("没有写口径", remedy="如：规上、全口径、登记口径")
    return _Ready(definition, when, value, decimals)


def _check_lane(fact: NewFact, source: Source, definition: Definition) -> None:
    if fact.lane not in Lane.values:
        raise InputError(f"来源类“{fact.lane}”不在可选项内", remedy="可用：" + "、".join(Lane.values))
    if definition.lanes and fact.lane not in definition.lanes:
        raise InputError(f"{fact.code} 不能由“{fact.lane}”提供", remedy="可用：" + "、".join(definition.lanes))
    if fact.lane == Lane.BUREAU:
        if fact.kind in (SubjectKind.ENTERPRISE, SubjectKind.PERSON):
            raise InputError("本办不得持有统计部门的单户数据", remedy="统计部门数据只录入汇总数")
        if not source.slip_digest:
            raise InputError("统计部门数据须附盖章确认单", remedy="请先上传确认单")


def _value(fact: NewFact) -> tuple[Decimal | None, int]:
    if fact.value is None or fact.value == "":
        if fact.status not in EMPTY:
            raise InputError(f"{fact.code} 没有数值", remedy="没有数值时请写明状态：查无、拒报 或 不适用")
        return None, 0
    if fact.status in EMPTY:
        raise InputError(f"{fact.code} 状态为“{FactStatus(fact.status).label}”，不应有数值")
    try:
        value = Decimal(str(fact.value).replace(",", "").strip())
    except InvalidOperation as error:
        raise InputError(f"“{fact.value}”不是数", remedy="请只填数字，单位另列") from error
    if not value.is_finite() or abs(value) >= LIMIT:
        raise InputError(f"“{fact.value}”超出可记录的范围")
    exponent = value.normalize().as_tuple().exponent if fact.decimals is None else -fact.decimals
    decimals = max(0, -int(exponent)) if fact.decimals is None else fact.decimals
    if fact.decimals is None and "." in str(fact.value):
        decimals = len(str(fact.value).strip().rstrip("%").partition(".")[2])  # 4.0 was printed with one digit
    if decimals > 6 or value != round(value, 6):
        raise InputError(f"“{fact.value}”小数位数过多", remedy="最多 6 位小数，可换用更小的单位")
    return value, decimals


def record(facts: Sequence[NewFact], source: Source, actor: Any = None, now: datetime | None = None) -> Outcome:
    """Record facts of one source in one transaction. A row that breaks a rule is returned with its reason and stops no
    other; the same value again changes nothing; another value revises. A place that comes twice is taken once."""
    verdict = permissions.may_record(actor)
    if not verdict[0]:
        raise Refused(verdict[1])
    now = now or timezone.now()
    outcome = Outcome()
    with transaction.atomic():
        events.hold()  # two that record one place at once: the second has to see what the first left standing
        cache: dict[str, list[Definition]] = {}
        seen: set[tuple[Any, ...]] = set()
        for start in range(0, len(facts), CHUNK):
            outcome.rows.extend(_record_chunk(facts[start : start + CHUNK], source, cache, seen, now))
        events.record("figures.facts.recorded", f"source:{source.pk}", {"counts": outcome.counts}, actor)
    return outcome


def _record_chunk(
    facts: Sequence[NewFact], source: Source, cache: dict[str, list[Definition]], seen: set[tuple[Any, ...]], now: datetime
) -> list[tuple[str, str]]:  # fmt: skip
    """`seen`: places that rows of this batch have named so far, in this chunk and those before it."""
    ready: list[_Ready | None] = []
    words: list[tuple[str, str]] = []
    for fact in facts:
        try:
            ready.append(_ready(fact, source, cache))
            words.append(("", ""))
        except InputError as error:
            ready.append(None)
            words.append((REJECTED, str(error)))
    good = [(i, f, r) for i, (f, r) in enumerate(zip(facts, ready, strict=True)) if r is not None]
    subjects = _subjects({(f.kind, f.key): f.name for _, f, _ in good})
    scopes = {name: FactScope.objects.get_or_create(name=name)[0].pk for name in {f.scope.strip() for _, f, _ in good}}
    standing = _standing(good, subjects)
    fresh: list[Fact] = []
    closed: list[int] = []
    for i, fact, r in good:
        place = (r.definition.pk, r.period.code, subjects[fact.kind, fact.key], fact.item, fact.lane, scopes[fact.scope.strip()], fact.stage)
        if place in seen:
            words[i] = (REJECTED, "同一批中同一指标同一时期报了两次")
            continue
        seen.add(place)
        old = standing.get(place)
        told = (r.value, fact.unit, fact.status, r.decimals, fact.mark)
        if old is not None and (old.value, old.unit, old.status, old.decimals, old.mark) == told:
            words[i] = (UNCHANGED, "")
            continue
        if old is not None:
            closed.append(old.pk)
        words[i] = (REVISED if old is not None else CREATED, "")
        fresh.append(Fact(
            definition=r.definition, period=r.period.code, period_kind=r.period.kind, ends=r.period.end, subject_id=place[2], item=fact.item,
            lane=fact.lane, scope_id=place[5], stage=fact.stage, value=r.value, decimals=r.decimals, unit=fact.unit, status=fact.status,
            mark=fact.mark, source=source, recorded_from=now,
        ))  # fmt: skip
    Fact.objects.filter(pk__in=closed, recorded_to=None).update(recorded_to=now)
    Fact.objects.bulk_create(fresh, batch_size=500)
    return words


def _subjects(wanted: dict[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    Subject.objects.bulk_create([Subject(kind=k, key=key, name=name) for (k, key), name in wanted.items()], ignore_conflicts=True, batch_size=500)
    keys = [key for _, key in wanted]
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(keys), 500):
        for kind, key, pk in Subject.objects.filter(key__in=keys[start : start + 500]).values_list("kind", "key", "pk"):
            found[kind, key] = pk
    return found


def _standing(good: Iterable[tuple[int, NewFact, _Ready]], subjects: dict[tuple[str, str], int]) -> dict[tuple[Any, ...], Fact]:
    """Standing facts that the rows may meet, by place."""
    rows = list(good)
    definitions = {r.definition.pk for _, _, r in rows}
    codes = {r.period.code for _, _, r in rows}
    ids = sorted({subjects[f.kind, f.key] for _, f, _ in rows})
    found: dict[tuple[Any, ...], Fact] = {}
    for start in range(0, len(ids), 500):
        query = Fact.objects.filter(definition__in=definitions, period__in=codes, subject__in=ids[start : start + 500], recorded_to=None)
        for fact in query.iterator():
            found[fact.definition_id, fact.period, fact.subject_id, fact.item, fact.lane, fact.scope_id, fact.stage] = fact
    return found


def retract(fact_ids: Sequence[int], reason: str, actor: Any = None) -> int:
    """Close standing facts without another in their place (entered by mistake); their history stays."""
    verdict = permissions.may_record(actor)
    if not verdict[0]:
        raise Refused(verdict[1])
    if not reason.strip():
        raise InputError("撤回须写明理由")
    with transaction.atomic():
        count = Fact.objects.filter(pk__in=fact_ids, recorded_to=None).update(recorded_to=timezone.now())
        events.record("figures.facts.retracted", "facts", {"ids": list(fact_ids)[:500], "count": count, "reason": reason[:200]}, actor)
    return count


def enter_frame(
    frame: str, lane: str, key: str, on: date, source: Source, *, kind: str = "", name: str = "", actor: Any = None
) -> FrameSpell:  # fmt: skip
    """入库: a unit enters a reporting frame on a day. Overlapping spells are refused."""
    verdict = permissions.may_record(actor)
    if not verdict[0]:
        raise Refused(verdict[1])
    if lane == Lane.BUREAU and not source.slip_digest:
        raise InputError("统计部门的入退库名单须附确认单")
    subject = _subjects({(SubjectKind.ENTERPRISE, key): name})[SubjectKind.ENTERPRISE, key]
    with transaction.atomic():
        events.hold()
        spells = FrameSpell.objects.select_for_update().filter(frame=frame, lane=lane, subject=subject)
        for spell in spells:
            if spell.left is None or spell.left > on:
                raise InputError(f"{name or key} 自 {spell.entered} 起已在“{frame}”内", remedy="请先登记退库")
        spell = FrameSpell.objects.create(frame=frame, lane=lane, subject_id=subject, entered=on, entry_kind=kind, source=source)
        events.record("figures.frame.entered", f"frame:{frame}", {"subject": subject, "on": on.isoformat()}, actor)
    return spell


def leave_frame(frame: str, lane: str, key: str, on: date, reason: str = "", actor: Any = None) -> FrameSpell:
    """退库: the open spell of a unit ends on a day."""
    verdict = permissions.may_record(actor)
    if not verdict[0]:
        raise Refused(verdict[1])
    with transaction.atomic():
        spell = (
            FrameSpell.objects.select_for_update()
            .filter(frame=frame, lane=lane, subject__kind=SubjectKind.ENTERPRISE, subject__key=key, left=None).first()
        )  # fmt: skip
        if spell is None:
            raise InputError(f"{key} 不在“{frame}”内，无可退库")
        if on < spell.entered:
            raise InputError(f"退库日期 {on} 早于入库日期 {spell.entered}")
        spell.left, spell.left_reason = on, reason[:60]
        spell.save(update_fields=["left", "left_reason"])
        events.record("figures.frame.left", f"frame:{frame}", {"subject": spell.subject_id, "on": on.isoformat()}, actor)
    return spell
