"""口袋数据卡: chosen figures on one A4 page, each with scope, period, provider and mark. Read anew whenever it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from docx.shared import Mm

from wenmai.base.documents import OfficialDocument
from wenmai.base.values import InputError, WenmaiError
from wenmai.base.values.period import period
from wenmai.office.events import services as events
from wenmai.office.figures.fact_lists import printed
from wenmai.office.figures.fact_queries import Place, answer, standing
from wenmai.office.figures.lineage import masked
from wenmai.office.figures.models import Fact
from wenmai.rooms.collection import permissions
from wenmai.rooms.collection.forming import name_of, require
from wenmai.rooms.collection.models import Card

MOST_LINES = 10  # with the longest names these still fit one page (LibreOffice)


@dataclass(frozen=True)
class Printed:
    """One line of a card."""

    name: str
    value: str
    unit: str
    period: str
    scope: str
    provider: str
    mark: str
    code: str


def choosable(text: str, limit: int = 200) -> list[Fact]:
    """Standing facts of areas and parks to choose from, newest first."""
    query = standing().filter(subject__kind__in=("area", "park")).select_related("definition", "scope", "source", "subject")
    if text:
        from django.db.models import Q

        query = query.filter(Q(definition__name__icontains=text) | Q(definition__entry_id__iexact=text) | Q(period=text))
    return list(query.order_by("-ends", "definition__entry_id", "item")[:limit])


def make(title: str, fact_ids: list[int], actor: Any = None) -> Card:
    """A card of the places of these facts; a later revision of a fact shows on it."""
    require(permissions.may_bind(actor))
    title = " ".join(title.split())
    if not title or len(title) > 60:
        raise InputError("卡名为空或超过 60 字")
    if not 1 <= len(fact_ids) <= MOST_LINES:
        raise InputError(f"一张卡放 1 至 {MOST_LINES} 个数，现选了 {len(fact_ids)} 个", remedy="请增减所选的数")
    found = {f.pk: f for f in Fact.objects.filter(pk__in=fact_ids).select_related("subject", "definition", "scope")}
    lines = [
        {
            "kind": f.subject.kind, "key": f.subject.key, "name": f.subject.name, "code": f.definition.entry_id, "item": f.item, "period": f.period,
            "lane": f.lane, "scope": f.scope.name, "stage": f.stage,
        }
        for f in (found[i] for i in fact_ids if i in found)
    ]  # fmt: skip
    if not lines:
        raise InputError("所选的数已不存在", remedy="请重新选择")
    with transaction.atomic():
        made = Card.objects.create(title=title, lines=lines, actor_name=name_of(actor))
        events.record("collection.card.made", f"card:{made.pk}", {"lines": len(lines)}, actor)
    return made


def lines(card: Card, user: Any) -> list[Printed]:
    """The lines as they stand now; what a person may not see, and what is unknown, is said."""
    result = []
    for one in card.lines:
        place = Place(one["kind"], one["key"], one["lane"], one["scope"], one["stage"] or None)
        when = period(one["period"])
        try:
            got = masked(answer(place, one["code"], when, one["item"]), user)
        except WenmaiError as error:
            result.append(Printed(one["code"], f"—（{error.message}）", "", when.label, one["scope"], "—", "", one["code"]))
            continue
        fact = got.facts[0] if got.facts and not got.derived else None
        value = printed(fact) if fact is not None else got.text()
        name = (one["name"] + "·" if one["name"] else "") + got.name + (f"（{one['item'].partition('=')[2]}）" if one["item"] else "")
        providers = "、".join(dict.fromkeys(f.source.provider for f in got.facts)) or "—"
        marks = {f.mark for f in got.facts}
        mark = next((m for m in ("不得外传", "内部", "可公开") if m in marks), "不得外传" if "含不得外传的数据" in got.why else "—")
        scope = f"{one['scope']} · {one['lane']}" + (f" · {one['stage']}" if one["stage"] else "")
        result.append(Printed(name, value, fact.unit if fact is not None else got.unit, when.label, scope, providers, mark, one["code"]))
    return result


def document(card: Card, user: Any) -> bytes:
    """The card as a .docx on one page of A4: narrow margins, the date under the title, scope behind the name."""
    shown = lines(card, user)
    secret = "；含不得外传的数，阅后收回" if any(p.mark == "不得外传" for p in shown) else ""
    paper = OfficialDocument(card.title, f"{timezone.localdate().isoformat()} 打印{secret}")
    for section in paper.docx.sections:
        section.top_margin, section.bottom_margin, section.footer_distance = Mm(12), Mm(14), Mm(6)
    rows = [[f"{p.name}（{p.scope}）", f"{p.value} {p.unit}".strip(), p.period, p.provider, p.mark] for p in shown]
    paper.table(("指标（口径）", "数值", "时期", "提供单位", "属性"), rows, widths_mm=(66, 30, 24, 22, 14))
    return paper.to_bytes()
