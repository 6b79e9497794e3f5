"""准规上培育库: firms whose yearly revenue (monitoring lane) is near the entry line of their industry and which are not in the
frame. Never 规上: that is the bureau's decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

OVER, NEAR, FAR, NO_REVENUE, NO_LINE = "疑似达规", "接近达规", "尚远", "营收未知", "标准不可判定"
YEARLY, MONTHLY = "年度申报", "月度申报"


@dataclass(frozen=True)
class Firm:
    """A cultural firm outside the frame. `revenue` in 万元 of `year`, None unknown; `line` the entry line in 万元, None when the
    industry or the place leaves it open."""

    key: str
    name: str
    revenue: Decimal | None
    year: int | None
    line: int | None
    registered: date | None = None
    visitor: str = ""


@dataclass(frozen=True)
class Candidate:
    """`gap` in 万元 (0 or less: over the line), None when unknown; `apply` how entry is applied for."""

    firm: Firm
    state: str
    gap: Decimal | None
    apply: str


def place(firms: Iterable[Firm], today: date, near: int = 700, month: int | None = None) -> list[Candidate]:
    """Each firm with its state; nearest first, those with unknown revenue after, the rest last. `near` is the share of the
    line (permille) from which a firm counts as near; `month` the site's month for yearly applications."""
    found = [_judge(f, today, near, month) for f in firms]
    rank = {OVER: 0, NEAR: 1, FAR: 2, NO_LINE: 3, NO_REVENUE: 4}
    return sorted(found, key=lambda c: (rank[c.state], c.gap if c.gap is not None else Decimal(0), c.firm.name))


def _judge(firm: Firm, today: date, near: int, month: int | None) -> Candidate:
    if firm.revenue is None:
        return Candidate(firm, NO_REVENUE, None, "先采集营业收入")
    if firm.line is None:
        return Candidate(firm, NO_LINE, None, "先核定行业代码")
    gap = Decimal(firm.line) - firm.revenue
    if gap <= 0:
        return Candidate(firm, OVER, gap, _apply(firm, today, month))
    state = NEAR if firm.revenue * 1000 >= Decimal(firm.line) * near else FAR
    return Candidate(firm, state, gap, _apply(firm, today, month))


def _apply(firm: Firm, today: date, month: int | None) -> str:
    """New units enter monthly, others yearly; a unit is new in the year it was registered and the one after."""
    if firm.registered is not None and firm.registered.year >= today.year - 1:
        return f"{MONTHLY}（新开业，达到后次月）"
    return f"{YEARLY}（{month} 月）" if month else f"{YEARLY}（月份以统计部门通知为准）"
