"""Template filters: numbers and unknowns as the office writes them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template

from wenmai.office.kit import lists

register = template.Library()


@register.filter
def shown(value: Any) -> str:
    """The value as a person reads it; “—（未采集）” when unknown."""
    text = lists.show(value)
    return "—（未采集）" if text == "—" else text


@register.filter
def thousands(value: Any) -> str:
    """12345 → 12,345; anything that is not a number unchanged."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


@register.filter
def amount(value: Any) -> str:
    """A decimal given as text or number, with separators and without trailing zeros; other text unchanged."""
    try:
        return f"{Decimal(str(value)).normalize():,f}"
    except InvalidOperation:
        return str(value)


@register.filter
def get(mapping: Any, key: str) -> Any:
    """mapping[key], or "" when absent."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.filter
def percent(part: Any, whole: Any) -> int:
    """part / whole in whole percent for a progress bar; 0 when the whole is unknown."""
    return min(100, round(100 * part / whole)) if part and whole else 0


@register.filter
def job_count(job: Any) -> str:
    """“400 / 1,000，约需 3 秒” of a job; the remaining time from the pace so far, once 5 % are done."""
    if not job.total:
        return f"{job.done:,}" if job.done else ""
    text = f"{job.done:,} / {job.total:,}"
    if job.started_at and job.heartbeat and job.done and job.done >= job.total * 0.05:
        left = (job.heartbeat - job.started_at).total_seconds() * (job.total - job.done) / job.done
        text += f"，约需 {max(1, round(left))} 秒"
    return text
