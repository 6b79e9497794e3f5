"""Charts drawn on the server as SVG: horizontal bars from zero with interval whiskers, and a map in classes of colour. No script,
no library; presentation attributes only, since the site's policy allows no inline style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

QUIET, INK, SOFT, LINE, BAD = "#2f6f73", "#1f2933", "#56616c", "#dcd8cf", "#9b2c22"
FONT = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
WIDTH, LEFT, RIGHT, ROW, TOP, BOTTOM = 860, 210, 110, 26, 44, 34
NAME = 14  # characters of a label that fit


@dataclass(frozen=True)
class Bar:
    """`value` None is unknown and gets no bar; low and high are the ends of its interval, where it has one."""

    label: str
    value: float | None
    text: str
    low: float | None = None
    high: float | None = None


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 13, colour: str = INK, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def steps(low: float, high: float, count: int = 5) -> list[float]:
    """Round values from at or below `low` to at or above `high` (which hold zero between them)."""
    span = high - low
    if span <= 0:
        return [0.0, 1.0]
    raw, size = span / count, 1.0
    while size * 10 <= raw:
        size *= 10
    while size > raw:
        size /= 10
    step = next(m * size for m in (1, 2, 5, 10) if m * size >= raw)
    start = -step * -(-max(0.0, -low) // step)
    found = [start]
    while found[-1] < high and len(found) < 4 * count:
        found.append(found[-1] + step)
    return [round(v, 10) + 0.0 for v in found]  # + 0.0: no “-0” on the axis


def bars(items: Sequence[Bar], title: str, unit: str) -> str:
    """The chart as one <svg>; the title says what is compared, the axis the unit. Bars begin at zero."""
    ends = [v for b in items for v in (b.value, b.low, b.high) if v is not None]
    ticks = steps(min([0.0, *ends]), max([0.0, *ends]))
    first, last = ticks[0], ticks[-1]
    height = TOP + ROW * max(1, len(items)) + BOTTOM

    def at(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - first) / (last - first)

    found = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(title, {chr(34): "&quot;"})}" font-family="{FONT}"><rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(12, 22, title, size=15, bold=True),
    ]
    bottom = height - BOTTOM + 4
    for tick in ticks:
        found.append(f'<line x1="{at(tick):.1f}" y1="{TOP - 6}" x2="{at(tick):.1f}" y2="{bottom}" stroke="{SOFT if tick == 0 else LINE}"/>')
        found.append(_text(at(tick), bottom + 16, f"{tick:,g}", "middle", 12, SOFT))
    found.append(_text(WIDTH - 12, bottom + 16, f"单位：{unit}", "end", 12, SOFT))
    for number, bar in enumerate(items):
        found += _bar(bar, TOP + ROW * number, at)
    return "".join([*found, "</svg>"])


def _bar(bar: Bar, y: float, place: Callable[[float], float]) -> list[str]:
    middle = y + ROW / 2
    label = bar.label if len(bar.label) <= NAME else bar.label[: NAME - 1] + "…"
    found = [_text(LEFT - 10, middle + 4, label, "end")]
    if bar.value is None:
        return [*found, _text(place(0) + 6, middle + 4, bar.text, colour=SOFT)]
    x, zero = place(bar.value), place(0)
    found.append(f'<rect x="{min(x, zero):.1f}" y="{y + 5:.1f}" width="{abs(x - zero):.1f}" height="{ROW - 10}" fill="{QUIET}"/>')
    right = max(x, zero)
    if bar.low is not None and bar.high is not None and bar.high > bar.low:
        a, b = place(bar.low), place(bar.high)
        right = max(right, b)
        for x1, y1, x2, y2 in ((a, middle, b, middle), (a, middle - 5, a, middle + 5), (b, middle - 5, b, middle + 5)):
            found.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{INK}" stroke-width="1.5"/>')
    found.append(_text(right + 6, middle + 4, bar.text))
    return found
