"""Whether the figures of one subject and period can all stand: what contradicts what, with the figures at hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from wenmai.base.values import InputError, WenmaiError
from wenmai.base.values.period import period
from wenmai.office.figures.consistency_queries import check_facts
from wenmai.office.figures.entering import HERE
from wenmai.office.figures.fact_lists import period_label, printed, visible
from wenmai.office.figures.methods.consistency_types import ERROR
from wenmai.office.figures.models import Fact
from wenmai.office.kit import lists
from wenmai.office.people.models import SubjectKind

SHOWN = 200


@require_GET
def consistency(request: HttpRequest) -> HttpResponse:
    """Every finding whose figures this person may all see; how many others there are is not told."""
    said = {n: lists.clean_text(request.GET.get(n)) for n in ("kind", "key", "period")}
    context: dict[str, Any] = {"said": said, "kinds": SubjectKind.choices, "here": HERE}
    if not said["period"]:
        return render(request, "figures/consistency.html", context)
    try:
        span = period(said["period"])
        if said["kind"] not in SubjectKind.values or not said["key"]:
            raise InputError("没有选定对象")
        findings = check_facts(said["kind"], said["key"], span.code)
        wanted = {int(pk) for f in findings for pk in f.observations}
        seen = {}
        ordered = sorted(wanted)
        for start in range(0, len(ordered), 500):
            query = visible(Fact.objects.filter(pk__in=ordered[start : start + 500]), request.user).select_related("definition", "scope")
            seen.update({f.pk: f for f in query})
        lines = []
        for finding in sorted(findings, key=lambda f: f.severity != ERROR):
            facts = [seen.get(int(pk)) for pk in finding.observations]
            if all(facts):
                lines.append((finding, [(f, printed(f), period_label(f.period)) for f in facts if f is not None]))
        errors = sum(1 for f, _ in lines if f.severity == ERROR)
        standing = Fact.objects.filter(recorded_to=None, subject__kind=said["kind"], subject__key=said["key"], period=span.code)
        context |= {
            "lines": lines[:SHOWN], "total": len(lines), "errors": errors, "notes": len(lines) - errors, "label": span.label,
            "checked": visible(standing, request.user).count(),
        }  # fmt: skip
    except WenmaiError as error:
        return render(request, "figures/consistency.html", {**context, "fault": str(error)}, status=400)
    return render(request, "figures/consistency.html", context)
