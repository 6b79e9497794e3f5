"""Rules between rows, asked inside the transaction that would break them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from wenmai.base import standards
from wenmai.rooms.records.choices import DemandState
from wenmai.rooms.records.methods.occupancy import Spell, overlap
from wenmai.rooms.records.methods.ownership import Edge, closes_cycle, over_full
from wenmai.rooms.records.methods.recognition import MEASURES
from wenmai.rooms.records.models import (
    Bearer,
    Demand,
    HeritageItem,
    Investment,
    Lease,
    Milestone,
    OwnershipEdge,
    Park,
    RecognitionRule,
    Record,
    RentalUnit,
)

# Pairs of days of which the second may not be before the first: (first, second, words).
ORDER = (
    ("since", "until", "早于起日"), ("since", "ended", "早于起租日"), ("valid_from", "valid_to", "早于施行日期"), ("began", "finish", "早于开工日期"),
    ("began", "finished", "早于开工日期"), ("raised", "due", "早于提出日期"), ("raised", "closed", "早于提出日期"),
)  # fmt: skip


def faults(record: Record) -> dict[str, str]:
    """Field → what is wrong; empty when nothing is."""
    found = {}
    for first, second, words in ORDER:
        one, two = getattr(record, first, None), getattr(record, second, None)
        if isinstance(one, date) and isinstance(two, date) and two < one:
            found[second] = f"{two} {words} {one}"
    if found:
        return found
    rule = _RULES.get(type(record))
    return rule(record) if rule else {}


def spell(lease: Lease) -> Spell:
    return Spell(lease.unit_id, lease.since, lease.until, lease.ended, lease.pk or 0)


def _lease(lease: Lease) -> dict[str, str]:
    # The unit is locked, so that two leases entered at once cannot both miss the other.
    RentalUnit.objects.select_for_update().filter(pk=lease.unit_id).first()
    me = lease.pk or 0
    others = Lease.objects.filter(unit_id=lease.unit_id, withdrawn_at=None).exclude(pk=lease.pk)
    for pair in overlap([*map(spell, others), spell(lease)]):
        other = next((p for p in pair if p.lease != me), None)
        if other is not None and me in (pair[0].lease, pair[1].lease):
            until = "至今" if other.last == date.max else f"至 {other.last}"
            return {"since": f"与该房源 {other.since} {until} 的租约重叠，请先登记退租"}
    return {}


def _park(park: Park) -> dict[str, str]:
    if park.area is not None and park.lettable is not None and park.lettable > park.area:
        return {"lettable": "可租面积大于建筑面积"}
    return {}


def edge_of(row: OwnershipEdge) -> Edge:
    """Ends outside the register are known by their name."""
    return Edge(row.parent_key or row.parent_name, row.key or row.name, row.permille, row.since, row.until)


def edges_above(start: set[str]) -> list[OwnershipEdge]:
    """Standing edges that lead upwards from some names or keys, level by level (at most 50 levels)."""
    found: dict[int, OwnershipEdge] = {}
    seen: set[str] = set()
    here = set(start)
    for _ in range(50):
        seen |= here
        rows = list(OwnershipEdge.objects.filter(withdrawn_at=None).filter(Q(key__in=here) | Q(key=None, name__in=here)))
        found |= {r.pk: r for r in rows}
        here = {edge_of(r).parent for r in rows} - seen
        if not here:
            break
    return list(found.values())


def _edge(row: OwnershipEdge) -> dict[str, str]:
    new = edge_of(row)
    if new.parent == new.child:
        return {"parent_name": "企业不能是自己的股东"}
    rows = edges_above({new.parent, new.child})
    edges = [edge_of(r) for r in rows if r.pk != row.pk]
    if day := closes_cycle(edges, new):
        when = "一直" if day == date.min else f"自 {day} 起"
        return {"parent_name": f"会形成循环持股（{when}），请核对股东和起止日期"}
    if day := over_full(edges, new):
        return {"permille": "同一时间各股东比例之和超过 100%" + ("" if day == date.min else f"（{day}）")}
    return {}


def _demand(demand: Demand) -> dict[str, str]:
    if demand.state == DemandState.OPEN:
        return {"closed": "办理中的诉求不应有办结日期"} if demand.closed else {}
    return {f: words for f, words in (("closed", "办结须填办结日期"), ("result", "办结须填办理结果")) if not getattr(demand, f)}


def _milestone(node: Milestone) -> dict[str, str]:
    return {"evidence": "填了实际完成日期，须写完成依据"} if node.done and not node.evidence.strip() else {}


def _investment(row: Investment) -> dict[str, str]:
    if row.month is not None and not 1 <= row.month <= 12:
        return {"month": "月份应为 1—12"}
    return {} if 2000 <= row.year <= 2100 else {"year": "年份应为 2000—2100"}


def _item(item: HeritageItem) -> dict[str, str]:
    names = [c.name for c in standards.ich_categories()]
    return {} if item.category in names else {"category": "不是国家名录十类之一：" + "、".join(names)}


def _bearer(bearer: Bearer) -> dict[str, str]:
    return {"born": "出生年份应为 1900—2020"} if bearer.born is not None and not 1900 <= bearer.born <= 2020 else {}


def _rule(rule: RecognitionRule) -> dict[str, str]:
    if not isinstance(rule.conditions, list) or not rule.conditions:
        return {"conditions": "至少要有一个条件"}
    for condition in rule.conditions:
        name, least = condition.get("measure"), condition.get("at_least")
        if name not in MEASURES:
            return {"conditions": f"不认识的指标“{name}”，可用：" + "、".join(f"{k}（{v[0]}）" for k, v in MEASURES.items())}
        if not isinstance(least, int) or isinstance(least, bool) or least < 0 or (MEASURES[name][1] and least > 1000):
            return {"conditions": f"{MEASURES[name][0]}的下限应为" + ("0—100%" if MEASURES[name][1] else "不小于 0 的整数")}
    return {}


_RULES: dict[type[Record], Any] = {
    Lease: _lease, Park: _park, OwnershipEdge: _edge, Demand: _demand, Milestone: _milestone, Investment: _investment,
    HeritageItem: _item, Bearer: _bearer, RecognitionRule: _rule,
}  # fmt: skip


def may_go(record: Record) -> None:
    """Refused while rows that stand belong to this one."""
    from wenmai.base.values import Refused

    for relation in record._meta.related_objects:
        model: Any = relation.related_model
        if isinstance(model, type) and issubclass(model, Record):
            count = model._default_manager.filter(**{relation.field.name: record, "withdrawn_at": None}).count()
            if count:
                raise Refused(f"还有 {count} 条“{model._meta.verbose_name}”属于这条记录", remedy="请先撤销或改挂它们")
