"""Answers from the register's snapshots: how many, since when, which classes. Figures are read, nothing is counted anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from wenmai.base.values import WenmaiError
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.office.kit.answers import Answer, Asked, Cell, Gap, Grid, Value
from wenmai.rooms.classification import bridging
from wenmai.web import queries

A_YEAR = timedelta(days=330)  # a snapshot of about a year ago; quarters are not met to the day


def value_of(figure: Figure, note: str = "") -> Value:
    """A published figure as a value of an answer."""
    if figure.low is not None and figure.high is not None:
        note = "；".join(t for t in (f"估计区间 {figure.low:.0f}—{figure.high:.0f}", note) if t)
    if figure.blocked:
        note = "；".join(t for t in (note, f"不成文：{figure.blocked}") if t)
    return Value(
        figure.title, figure.text(), figure.unit, figure.lane, figure.scope, figure.vintage, figure.provider, figure.publishable,
        reverse("figure", args=[figure.snapshot, figure.id]), note,
    )  # fmt: skip


def earlier(snapshot: Snapshot) -> tuple[Snapshot | None, bool]:
    """(the snapshot to compare with, whether it is of about a year ago): the newest that is a year older by the day its
    data go up to, else the one before."""
    before = list(Snapshot.objects.filter(complete=True, pk__lt=snapshot.pk).order_by("-pk")[:60])
    day = bridging.as_of(snapshot)
    for old in before:
        then = bridging.as_of(old)
        if day and then and day - then >= A_YEAR:
            return old, True
    return (before[0] if before else None), False


def how_many(asked: Asked) -> Answer:
    """Question 1: the count on the register's scope, what waits, and the bridge to last year's or the last snapshot."""
    figures, why = queries.figures_for(asked.user, asked.snapshot)
    answer = Answer()
    if not figures:
        answer.gaps.append(Gap(f"登记口径：{why}", "导入名录并发布快照", reverse("registry:batches")))
        return answer
    interval = figures.get("culture.interval")
    for name in ("culture.identified", "culture.reviewed", "culture.pending", "units.analysed"):
        if name in figures:
            note = ""
            if name == "culture.identified" and interval and interval.low is not None and interval.high is not None:
                note = f"估计区间 {interval.low:.0f}—{interval.high:.0f}（仅核数用）"
            answer.values.append(value_of(figures[name], note))
    _bridge(asked.snapshot, answer)
    return answer


def _bridge(snapshot: Snapshot, answer: Answer) -> None:
    old, year = earlier(snapshot)
    if old is None:
        answer.gaps.append(Gap("与去年的差：只有一份快照，没有上期可对", "下期发布快照后自动生成对账桥", reverse("figures")))
        return
    try:
        found = bridging.between(old.pk, snapshot.pk)
    except WenmaiError as error:
        answer.gaps.append(Gap(f"对账桥：{error}", "请从备份恢复旧快照"))
        return
    address = f"{reverse('classification:bridge')}?old={old.pk}&new={snapshot.pk}"
    what = "去年" if year else "上一份快照"
    bridge = found.bridge
    net = bridge.end - bridge.start
    answer.said = f"比{what}（快照 {old.pk}，{bridge.start} 家）{'净增' if net >= 0 else '净减'} {abs(net)} 家"
    if not year:
        answer.gaps.append(Gap("与去年的差：没有一年前的快照", f"暂与快照 {old.pk} 对账", address))
    rows = tuple(
        (Cell(line.reason, address), Cell(f"{line.change:+d}", numeric=True), Cell(bridging.MEANINGS.get(line.reason, ""))) for line in _lines(bridge)
    )
    answer.grids.append(Grid(f"为何与{what}不一样", ("原因", "家", "说明"), rows, f"登记口径；快照 {old.pk} → {snapshot.pk}", address))


def _lines(bridge: Any) -> list[Any]:
    return [line for line in bridge.lines if line.change]


def classes(asked: Asked) -> Answer:
    """Question 5, by count on the register's scope; said to be not comparable with the bureau's."""
    figures, _ = queries.figures_for(asked.user, asked.snapshot)
    lines = queries.majors(figures)
    if not lines:
        return Answer(gaps=[Gap("九大类登记口径数量", "导入名录并发布快照", reverse("registry:batches"))])
    rows = tuple(
        (Cell(line["figure"].group or ""), Cell(line["figure"].text(), reverse("figure", args=[asked.snapshot.pk, line["figure"].id]), True),
         Cell(line["share"].text() if line["share"] else "—", numeric=True)) for line in lines
    )  # fmt: skip
    first = lines[0]["figure"]
    about = f"{first.lane}；{first.scope}；{first.vintage}；提供：{first.provider}；{first.publishable}；按数量计，与统计部门数据不可比"
    return Answer(grids=[Grid("九大类家数（登记口径）", ("大类", "家", "占比 %"), rows, about, reverse("compare") + "?what=register&by=class")])
