"""Reads of the classification room for pages: filters and columns for the enterprise list, the panel of one enterprise."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from wenmai.base import standards
from wenmai.office.kit.lists import Column, Filter
from wenmai.rooms.classification import permissions
from wenmai.rooms.classification.models import Decision, Outcome, Review
from wenmai.rooms.registry.models import Enterprise
from wenmai.rooms.registry.queries import Extension

TAGS = {Outcome.WHOLE: "whole", Outcome.PARTIAL: "partial", Outcome.PENDING: "pending", Outcome.NO: "no"}
NONE = "未识别"


@lru_cache(maxsize=1)
def small_names() -> dict[str, str]:
    """Code → name of the 146 small classes."""
    return {c.code: c.name for c in standards.culture_smalls()}


@lru_cache(maxsize=1)
def major_names() -> dict[str, str]:
    return {c.code: c.name for c in standards.culture_majors()}


def small_text(code: str | None) -> str:
    """“0710 名称”, or “—”."""
    return f"{code} {small_names().get(code, '')}".strip() if code else "—"


def small_options() -> list[tuple[str, str]]:
    return list(small_names().items())


def _outcome(query: Any, value: str) -> Any:
    if value == NONE:
        return query.filter(decision=None)
    if value == "文化":
        return query.filter(decision__outcome__in=[Outcome.WHOLE, Outcome.PARTIAL])
    return query.filter(decision__outcome=value)


def _major(query: Any, value: str) -> Any:
    cultural = [Outcome.WHOLE, Outcome.PARTIAL]
    return query.filter(decision__small_code__startswith=value, decision__outcome__in=cultural)


def _decision(enterprise: Enterprise) -> Decision | None:
    return getattr(enterprise, "decision", None)


def _of(field: str) -> Any:
    return lambda enterprise: getattr(_decision(enterprise), field, None)


def _small(enterprise: Enterprise) -> str | None:
    """The class is shown as a class only for what counts; for what waits it is a proposal."""
    decision = _decision(enterprise)
    if decision is None or not decision.small_code:
        return None
    text = small_text(decision.small_code)
    return text if decision.outcome != Outcome.PENDING else f"建议：{text}"


def key_of_review(number: int) -> str:
    """The enterprise that a review is about; "" when there is none."""
    return Review.objects.filter(pk=number).values_list("key", flat=True).first() or ""


def panel(enterprise: Enterprise, user: Any) -> dict[str, Any]:
    """The decision with its evidence, the reviews newest first, and whether this person may decide."""
    decision = _decision(enterprise)
    allowed, reason = permissions.may_review(user)
    reviews = Review.objects.filter(key=enterprise.key).order_by("-id")[:100]
    return {
        "decision": decision,
        "tag": TAGS.get(Outcome(decision.outcome), "") if decision else "",
        "small": small_text(decision.small_code) if decision else "—",
        "evidence": evidence_lines(decision.evidence) if decision else [],
        "reviews": [{"review": r, "small": small_text(r.small_code)} for r in reviews],
        "may_review": allowed,
        "why_not": reason,
        "outcomes": Outcome.values,
        "smalls": small_options(),
        "key": enterprise.key,
    }


def evidence_lines(text: str | list[Any]) -> list[str]:
    """Evidence items as sentences: “kind：text”, and whatever numbers they carry."""
    items = json.loads(text) if isinstance(text, str) else text
    lines = []
    for item in items:
        if not isinstance(item, dict):
            lines.append(str(item))
            continue
        said = "：".join(str(item[k]) for k in ("kind", "text") if item.get(k))
        rest = [f"{_EVIDENCE[k]} {item[k]}" for k in _EVIDENCE if item.get(k) not in (None, "")]
        lines.append(said + (f"（{'，'.join(rest)}）" if rest else ""))
    return lines


_EVIDENCE = {"gbt": "行业", "code": "代码", "small": "小类", "weight": "权重"}


extension = Extension(
    filters=(
        Filter("outcome", "判定", _outcome, lambda: [("文化", "文化企业（全部＋部分）"), *Outcome.choices, (NONE, NONE)]),
        Filter("major", "大类", _major, lambda: [(c, f"{c} {n}") for c, n in major_names().items()]),
    ),
    columns=(
        Column("判定", _of("outcome"), "decision__outcome"),
        Column("判定方式", _of("decided_by"), "decision__decided_by"),
        Column("小类", _small, "decision__small_code", wraps=True),
        Column("概率", _of("probability"), only_export=True, numeric=True),
    ),
    related=("decision",),
    panel=panel,
    template="classification/panel.html",
)
