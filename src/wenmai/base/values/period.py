"""Reporting periods of Chinese statistics: a span of whole months (a flow) or the end of a day (a stock).

One flow has one code whatever it is called: January to June is `2024H1`, whether the source says 上半年 or 1—6月累计.
Codes: `2024`, `2024H1`, `2024Q3`, `2024M09`, `2024M01-09` (any other span of months), `2024-12-31` (时点).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from wenmai.base.values.errors import InputError

FLOW, POINT = "时期", "时点"
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_HOW = "请写成 2024年、2024年1—9月、2024年三季度、2024年末，或 2024、2024H1、2024Q3、2024M09、2024-12-31"
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}


@dataclass(frozen=True, order=True)
class Period:
    """First month and last month (1–12) of one calendar year; `day` is set for a stock at the end of that day."""

    year: int
    first: int
    last: int
    day: int | None = None

    def __post_init__(self) -> None:
        if not (1900 <= self.year <= 2200 and 1 <= self.first <= self.last <= 12):
            raise ValueError(f"no such period: {self.year} {self.first}-{self.last}")
        if self.day is not None and (self.first != self.last or not 1 <= self.day <= calendar.monthrange(self.year, self.last)[1]):
            raise ValueError(f"no such day: {self.year}-{self.last}-{self.day}")

    @property
    def kind(self) -> str:
        """时期 (a flow over the span) or 时点 (a stock)."""
        return FLOW if self.day is None else POINT

    @property
    def months(self) -> int:
        return self.last - self.first + 1

    @property
    def cumulative(self) -> bool:
        """Whether the flow runs from the beginning of the year, as official quarterly figures do."""
        return self.day is None and self.first == 1

    @property
    def end(self) -> date:
        """The last day."""
        return date(self.year, self.last, self.day or calendar.monthrange(self.year, self.last)[1])

    @property
    def start(self) -> date:
        """The first day; of a stock, the day itself."""
        return date(self.year, self.first, self.day or 1)

    @property
    def code(self) -> str:
        """The one code of the span."""
        if self.day is not None:
            return self.end.isoformat()
        if self.months == 12:
            return str(self.year)
        if self.months == 6 and self.first in (1, 7):
            return f"{self.year}H{1 if self.first == 1 else 2}"
        if self.months == 3 and self.first % 3 == 1:
            return f"{self.year}Q{self.last // 3}"
        if self.months == 1:
            return f"{self.year}M{self.first:02d}"
        return f"{self.year}M{self.first:02d}-{self.last:02d}"

    @property
    def label(self) -> str:
        """As official Chinese writes it."""
        if self.day is not None:
            if self.day != calendar.monthrange(self.year, self.last)[1]:
                return f"{self.year}年{self.last}月{self.day}日"
            return f"{self.year}年末" if self.last == 12 else f"{self.year}年{self.last}月末"
        if self.months == 12:
            return f"{self.year}年"
        if self.months == 6 and self.first == 1:
            return f"{self.year}年上半年"
        if self.months == 6 and self.first == 7:
            return f"{self.year}年下半年"
        if self.months == 3 and self.first % 3 == 1:
            return f"{self.year}年{'一二三四'[self.last // 3 - 1]}季度"
        return f"{self.year}年{self.first}月" if self.months == 1 else f"{self.year}年{self.first}—{self.last}月"

    def years_ago(self, years: int = 1) -> Period:
        """The same span `years` earlier; 29 February becomes the 28th."""
        year, day = self.year - years, self.day
        if day is not None:
            day = min(day, calendar.monthrange(year, self.last)[1])
        return Period(year, self.first, self.last, day)

    def previous(self) -> Period:
        """The month, quarter, half or year before; of a month's end, the end of the month before. Other spans have none."""
        if self.day is not None:
            month, year = (self.last - 1, self.year) if self.last > 1 else (12, self.year - 1)
            return Period(year, month, month, calendar.monthrange(year, month)[1])
        if self.months not in (1, 3, 6, 12) or (self.first - 1) % self.months:
            raise ValueError(f"{self.label} 没有上一期")
        first, year = self.first - self.months, self.year
        if first < 1:
            first, year = first + 12, year - 1
        return Period(year, first, first + self.months - 1)

    def covers(self, other: Period) -> bool:
        """Whether `other` lies within this span."""
        return self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        return self.label


def period(text: str) -> Period:
    """Read a period from a code or from official Chinese (2024年1—9月, 2024年三季度, 2024年末). InputError otherwise.

    二季度 alone is the single quarter; 前三季度 and 1—9月 are the cumulated span. Two digits never stand for a year.
    """
    bare = re.sub(r"^截[至止]", "", re.sub(r"\s+", "", str(text)).translate(_DIGITS))
    bare = re.sub("[－–—～~至]", "-", bare)
    try:
        found = _code(bare) or _words(bare)
    except ValueError:
        found = None
    if found is None:
        raise InputError(f"看不懂的时期“{text}”", remedy=_HOW)
    return found


def _code(bare: str) -> Period | None:
    upper = bare.upper()
    if m := re.fullmatch(r"(\d{4})(?:H([12])|Q([1-4])|M(\d{2})(?:-(\d{2}))?)?", upper):
        year = int(m[1])
        if m[2]:
            return Period(year, 1, 6) if m[2] == "1" else Period(year, 7, 12)
        if m[3]:
            return Period(year, 3 * int(m[3]) - 2, 3 * int(m[3]))
        if m[4]:
            return Period(year, int(m[4]), int(m[5] or m[4]))
        return Period(year, 1, 12)
    if m := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", upper):
        return Period(int(m[1]), int(m[2]), int(m[2]), int(m[3]))
    return None


def _words(bare: str) -> Period | None:
    m = re.fullmatch(r"(\d{4})年(.*)", bare)
    if m is None:
        return None
    year, rest = int(m[1]), m[2]
    if rest in ("", "全年", "度", "全年累计"):
        return Period(year, 1, 12)
    if rest in ("末", "年末", "底", "年底", "末数"):
        return Period(year, 12, 12, 31)
    if rest in ("上半年", "1-6月", "1-6月份"):
        return Period(year, 1, 6)
    if rest == "下半年":
        return Period(year, 7, 12)
    if m := re.fullmatch(r"第?([一二三四1-4])季度", rest):
        quarter = _QUARTERS[m[1]]
        return Period(year, 3 * quarter - 2, 3 * quarter)
    if m := re.fullmatch(r"前([二两三23])(?:个)?季度", rest):
        return Period(year, 1, 6 if m[1] in "二两2" else 9)
    if m := re.fullmatch(r"(\d{1,2})(?:月份?)?-(\d{1,2})月份?(?:累计)?", rest):
        return Period(year, int(m[1]), int(m[2]))
    if m := re.fullmatch(r"(\d{1,2})月份?", rest):
        return Period(year, int(m[1]), int(m[1]))
    if m := re.fullmatch(r"(\d{1,2})月(?:末|底)", rest):
        month = int(m[1])
        return Period(year, month, month, calendar.monthrange(year, month)[1]) if 1 <= month <= 12 else None
    if m := re.fullmatch(r"(\d{1,2})月(\d{1,2})日", rest):
        return Period(year, int(m[1]), int(m[1]), int(m[2]))
    return None
