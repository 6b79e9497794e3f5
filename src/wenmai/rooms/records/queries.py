"""Reads of parks: occupancy, tenants with what the classification decided of them, cultural share, recognition on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from wenmai.rooms.classification.models import Decision
from wenmai.rooms.classification.models import Outcome as Judged
from wenmai.rooms.records.choices import RecognitionState, UnitUse
from wenmai.rooms.records.methods import recognition
from wenmai.rooms.records.methods.occupancy import Occupancy, Space, occupancy
from wenmai.rooms.records.methods.shares import NO, PARTIAL, WHOLE, Interval, Shares, Tenant, shares
from wenmai.rooms.records.methods.shares import interval as share_of
from wenmai.rooms.records.models import Lease, Park, Recognition, RecognitionRule, RentalUnit
from wenmai.rooms.records.rules import spell
from wenmai.rooms.registry.models import Enterprise

STATES = {Judged.WHOLE.value: WHOLE, Judged.PARTIAL.value: PARTIAL, Judged.NO.value: NO}
WORDS = {WHOLE: "全部计入类", PARTIAL: "部分计入类", NO: "非文化", None: "未识别或待核定"}


@dataclass
class ParkSummary:
    """One park on a day."""

    park: Park
    occupancy: Occupancy
    shares: Shares
    current: list[Lease] = field(default_factory=list)
    unidentified: int = 0
    recognitions: list[Recognition] = field(default_factory=list)

    @property
    def review(self) -> date | None:
        """The next review of a title that is held."""
        days = [r.review_on for r in self.recognitions if r.review_on and r.state in (RecognitionState.HELD, RecognitionState.REVIEWING)]
        return min(days, default=None)


def _judged() -> Subquery:
    """The standing decision of a lease's tenant, within the leases' own query; null when there is none."""
    rows = Decision.objects.filter(enterprise__key=OuterRef("key"), enterprise__current=True)
    return Subquery(rows.values("outcome")[:1])


class Books:
    """What is on the books of some parks on a day, read in three queries however many parks there are. `parks` is a list of
    ids or a query of parks."""

    def __init__(self, parks: Any, day: date) -> None:
        self.day = day
        self.spaces: dict[int, list[Space]] = {}
        self.leases: dict[int, list[Lease]] = {}
        self.held: dict[int, list[Recognition]] = {}
        units = RentalUnit.objects.filter(building__park__in=parks, withdrawn_at=None, building__withdrawn_at=None, use=UnitUse.LETTABLE)
        for pk, area, park in units.values_list("pk", "area", "building__park_id"):
            self.spaces.setdefault(park, []).append(Space(pk, area))
        leases = Lease.objects.filter(unit__building__park__in=parks, withdrawn_at=None, unit__withdrawn_at=None, since__lte=day)
        for lease in leases.select_related("unit__building").annotate(judged=_judged()):
            if spell(lease).on(day):
                self.leases.setdefault(lease.unit.building.park_id, []).append(lease)
        for title in Recognition.objects.filter(park__in=parks, withdrawn_at=None).select_related("rule").order_by("-since"):
            self.held.setdefault(title.park_id, []).append(title)

    def of(self, park: Park) -> ParkSummary:
        mine = self.leases.get(park.pk, [])
        tenants = [Tenant(_who(x), x.unit.area, state_of(x)) for x in mine]
        return ParkSummary(
            park, occupancy(self.spaces.get(park.pk, []), map(spell, mine), self.day, park.lettable), shares(tenants), mine,
            len({x.name for x in mine if not x.key}), self.held.get(park.pk, []),
        )  # fmt: skip


def _who(lease: Lease) -> str:
    return lease.key or f"名称：{lease.name}"


def state_of(lease: Any) -> str | None:
    """whole, partial, no; None while it waits, was not decided, or the tenant is not identified."""
    return STATES.get(lease.judged)


def summaries(parks: Sequence[Park], day: date) -> dict[int, ParkSummary]:
    """Park id → summary."""
    books = Books([p.pk for p in parks], day)
    return {p.pk: books.of(p) for p in parks}


def summary(park: Park, day: date) -> ParkSummary:
    return summaries([park], day)[park.pk]


def measures(found: ParkSummary, day: date) -> tuple[dict[str, Interval | None], dict[str, str]]:
    """What recognition rules ask, as intervals; and why a measure is not known exactly."""
    let = found.occupancy
    rate = let.rate
    lettable = let.lettable if not let.unmeasured or not let.units else None
    whole: dict[str, Interval | None] = {
        "occupancy": Interval(rate, rate) if rate is not None else None,
        "cultural_count": found.shares.by_count, "cultural_area": found.shares.by_area,
        "cultural_lettable": share_of(found.shares.cultural_area, found.shares.unknown_area, lettable)
        if lettable and not found.shares.without_area and let.units else None,
        "tenants": share_of(found.shares.tenants, 0, 1),
        "lettable": share_of(lettable, 0, 1) if lettable else None,
        "months_open": share_of(recognition.months_between(found.park.opened, day), 0, 1) if found.park.opened else None,
    }  # fmt: skip
    unknown = f"{found.shares.unknown} 家入驻企业未识别或待核定" if found.shares.unknown else ""
    area = f"{let.unmeasured} 套房源缺面积" if let.unmeasured and let.units else "" if let.units else "没有登记房源"
    missing = {"occupancy": area, "lettable": area, "cultural_count": unknown, "cultural_area": "；".join(t for t in (unknown, area) if t),
               "cultural_lettable": "；".join(t for t in (unknown, area) if t), "months_open": "缺开园日期"}  # fmt: skip
    if not found.shares.tenants:
        missing |= {"cultural_count": "没有在租租约", "cultural_area": "没有在租租约"}
    return whole, {k: v for k, v in missing.items() if v}


def check(rule: RecognitionRule, found: ParkSummary, day: date) -> recognition.Check:
    """A park against a rule on a day."""
    measured, missing = measures(found, day)
    return recognition.check(rule.conditions, measured, day, rule.valid_from, rule.valid_to, missing)


def rules() -> list[RecognitionRule]:
    return list(RecognitionRule.objects.filter(withdrawn_at=None).order_by("level", "code"))


def tenant_lines(found: ParkSummary) -> list[dict[str, Any]]:
    """The tenants of a park: name, key, units, area, decision, until when. Areas add up; unknown stays unknown."""
    lines: dict[str, dict[str, Any]] = {}
    for lease in found.current:
        line = lines.setdefault(_who(lease), {"key": lease.key, "name": lease.name, "units": [], "area": 0, "until": spell(lease).last,
                                      "state": state_of(lease)})  # fmt: skip
        line["units"].append(f"{lease.unit.building.name} {lease.unit.number}")
        line["area"] = None if lease.unit.area is None or line["area"] is None else line["area"] + lease.unit.area
        line["until"] = min(line["until"], spell(lease).last)
    for line in lines.values():
        line["words"] = WORDS[line["state"]]
        line["until"] = None if line["until"] == date.max else line["until"]
    return sorted(lines.values(), key=lambda x: (-(x["area"] or 0), x["name"]))


def register_differs(found: ParkSummary) -> tuple[int, int]:
    """(tenants by lease whom the register does not place in this park, enterprises it places here that have no lease)."""
    leased = {x.key for x in found.current if x.key}
    placed = set(Enterprise.objects.filter(current=True, park=found.park.name).values_list("key", flat=True))
    return len(leased - placed), len(placed - leased)
