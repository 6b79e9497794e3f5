"""The office's pages of asked figures, bureau layouts, old reports and pocket cards."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wenmai.base.values import InputError, WenmaiError
from wenmai.base.values.period import period
from wenmai.office.figures.fact_lists import newest_definitions, period_label, printed
from wenmai.office.figures.models import Lane, Mark
from wenmai.office.figures.permissions import may_see_secret
from wenmai.office.files import store
from wenmai.office.kit.guard import XLSX, attachment, carry_out, demand, requires
from wenmai.office.kit.lists import bounded_int, clean_text
from wenmai.office.people.models import Organisation
from wenmai.rooms.collection import asking, cards, filling, permissions, reporting
from wenmai.rooms.collection.models import Ask, BureauTemplate, Card, Report
from wenmai.rooms.collection.views import said

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ASK_FIELDS = ("organisation", "code", "period", "lane", "scope", "unit", "item", "stage", "purpose", "due")


# ------------------------------------------------------------------ 要数


@require_http_methods(["GET", "POST"])
@requires(permissions.may_look)
def asks(request: HttpRequest) -> HttpResponse:
    """Outstanding requests, and the form for a new one; what was typed stays on a fault."""
    allowed, reason = permissions.may_manage(request.user)
    typed = {name: clean_text(request.POST.get(name)) for name in ASK_FIELDS}
    fault = ""
    if request.method == "POST":
        demand((allowed, reason))
        try:
            due = said(typed["due"])
            if due is None:
                raise InputError("没有写期限")
            wanted = asking.Wanted(
                bounded_int(typed["organisation"], 0, 0, 10**9), typed["code"], typed["period"], typed["lane"], typed["scope"], typed["purpose"], due,
                typed["unit"], typed["item"], typed["stage"],
            )  # fmt: skip
            made = asking.ask(wanted, request.user)
            messages.success(request, f"已向“{made.organisation.name}”要数，期限 {made.due.isoformat()}")
            return redirect("collection:asks")
        except WenmaiError as error:
            fault = str(error)
    rows = asking.outstanding(timezone.localdate(), request.user)
    settled = Ask.objects.filter(permissions.own_asks(request.user), state__in=("已核", "已撤")).select_related("organisation").order_by("-pk")[:50]
    context = {
        "rows": [(r, period_label(r["ask"].period)) for r in rows], "settled": settled, "late": sum(1 for r in rows if r["late"]),
        "may_manage": allowed, "why_not": reason, "typed": typed, "fault": fault, "lanes": Lane.values,
        "organisations": Organisation.objects.filter(active=True).order_by("name"),
        "indicators": newest_definitions().order_by("entry").values_list("entry_id", "name", "unit") if allowed else [],
    }  # fmt: skip
    return render(request, "collection/asks.html", context, status=400 if fault else 200)


def _ask(request: HttpRequest, ask_id: int) -> Ask:
    found: Ask | None = Ask.objects.filter(permissions.own_asks(request.user), pk=ask_id).select_related("organisation").first()
    if found is None:
        raise Http404("没有这个要数事项")
    return found


@require_GET
@requires(permissions.may_look)
def ask(request: HttpRequest, ask_id: int) -> HttpResponse:
    """One request: the answer, the slip, who has signed and whose turn it is."""
    found = _ask(request, ask_id)
    done = asking.signatures(found)
    turn = len(done) if found.state in ("待核", "核数中") else None
    allowed, reason = permissions.may_sign(request.user, turn) if turn is not None else (False, "")
    steps = [(name, done[n] if n < len(done) else None, n == turn) for n, name in enumerate(permissions.STEPS)]
    void = [(s, permissions.STEPS[s.step]) for s in found.signatures.exclude(answer=found.answers).order_by("answer", "step")]
    context = {
        "ask": found, "name": asking.names_of([found.code]).get(found.code, found.code), "label": period_label(found.period),
        "steps": steps, "may_sign": allowed, "why_not": reason, "turn": turn, "void": void,
        "may_manage": permissions.may_manage(request.user)[0], "step_name": permissions.STEPS[turn] if turn is not None else "",
        "history": _history(found),
    }  # fmt: skip
    return render(request, "collection/ask.html", context)


def _history(found: Ask) -> list[dict[str, Any]]:
    from wenmai.office.events.models import Event
    from wenmai.rooms.collection.room import room

    events = Event.objects.filter(subject=f"ask:{found.pk}").order_by("-id")[:60]
    return [
        {
            "at": e.at,
            "actor": e.actor,
            "what": room.event_titles.get(e.verb, e.verb),
            "more": (e.payload or {}).get("step") or (e.payload or {}).get("why", ""),
        }
        for e in events
    ]


def _do(request: HttpRequest, ask_id: int, act: Any, done: str) -> HttpResponse:
    _ask(request, ask_id)
    carry_out(request, act, done)
    return redirect("collection:ask", ask_id)


@require_POST
@requires(permissions.may_manage)
def chase(request: HttpRequest, ask_id: int) -> HttpResponse:
    """催办."""
    return _do(request, ask_id, lambda: asking.chase(ask_id, request.user), "已催办并记录")


@require_POST
@requires(permissions.may_manage)
def cancel(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Take a request back."""
    return _do(request, ask_id, lambda: asking.cancel(ask_id, request.POST.get("reason", ""), request.user), "已撤")


@require_POST
@requires(permissions.may_bind)
def sign(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Sign the next step of the answer that the page showed."""
    base = bounded_int(request.POST.get("base"), 0, 0, 10**6)
    return _do(request, ask_id, lambda: asking.sign(ask_id, base, request.user), "已签")


@require_GET
@requires(permissions.may_look)
def slip(request: HttpRequest, ask_id: int) -> HttpResponse:
    """The slip of an answer."""
    found = _ask(request, ask_id)
    path = store.path_of(found.slip_digest) if found.slip_digest else None
    if path is None or not path.is_file():
        raise Http404("没有确认单")
    return attachment(path.read_bytes(), found.slip_name or f"确认单-{found.pk}")


# ------------------------------------------------------------------ layouts of bureaus


@require_http_methods(["GET", "POST"])
@requires(permissions.may_look_all)
def templates(request: HttpRequest) -> HttpResponse:
    """The bureaus' layouts; a post keeps a new one."""
    allowed, reason = permissions.may_manage(request.user)
    typed = {"name": clean_text(request.POST.get("name")), "mapping": request.POST.get("mapping", "")[:20_000]}
    fault = ""
    if request.method == "POST":
        demand((allowed, reason))
        file = request.FILES.get("file")
        try:
            if file is None:
                raise InputError("没有选择文件")
            made, cells = filling.add(typed["name"], file.chunks(), str(file.name), typed["mapping"], request.user)
            messages.success(request, f"已存，可填 {cells} 格")
            return redirect("collection:template", made.pk)
        except WenmaiError as error:
            fault = str(error)
    context = {"templates": BureauTemplate.objects.order_by("-pk"), "may_manage": allowed, "why_not": reason, "typed": typed, "fault": fault}
    return render(request, "collection/templates.html", context, status=400 if fault else 200)


def _defaults(request: HttpRequest) -> tuple[filling.Defaults | None, dict[str, str], str]:
    asked = request.GET if request.method == "GET" else request.POST
    typed = {n: clean_text(asked.get(n)) for n in ("period", "kind", "key", "lane", "scope", "office")}
    typed = {
        **typed,
        "kind": typed["kind"] or "area",
        "key": typed["key"] or "本区",
        "lane": typed["lane"] or "统计部门数据",
        "scope": typed["scope"] or "规上",
    }
    if not typed["period"]:
        return None, typed, ""
    try:
        return filling.Defaults(period(typed["period"]), typed["kind"], typed["key"], typed["lane"], typed["scope"], typed["office"]), typed, ""
    except WenmaiError as error:
        return None, typed, str(error)


@require_GET
@requires(permissions.may_manage)
def template(request: HttpRequest, template_id: int) -> HttpResponse:
    """What every cell of a layout would get for a period; blanks with their reason."""
    found = get_object_or_404(BureauTemplate, pk=template_id)
    by, typed, fault = _defaults(request)
    filled = []
    if by is not None:
        try:
            filled = filling.values(found, by)
        except WenmaiError as error:
            fault = str(error)
    context = {
        "template": found,
        "typed": typed,
        "fault": fault,
        "filled": filled,
        "blank": sum(1 for f in filled if f.value is None),
        "lanes": Lane.values,
    }
    return render(request, "collection/template.html", context, status=400 if fault else 200)


@require_POST
@requires(permissions.may_manage)
def template_file(request: HttpRequest, template_id: int) -> HttpResponse:
    """The filled workbook."""
    found = get_object_or_404(BureauTemplate, pk=template_id)
    by, _, fault = _defaults(request)
    try:
        if by is None:
            raise InputError(fault or "没有写时期")
        data, filled = filling.produce(found, by, request.user)
    except WenmaiError as error:
        messages.error(request, str(error))
        return redirect("collection:template", template_id)
    return attachment(data, f"{found.name}_{by.when.label}.xlsx", XLSX, rows=len(filled))


# ------------------------------------------------------------------ old reports


@require_http_methods(["GET", "POST"])
@requires(permissions.may_look_all)
def reports(request: HttpRequest) -> HttpResponse:
    """Imported reports; a post imports one."""
    allowed, reason = permissions.may_bind(request.user)
    fault, typed = "", clean_text(request.POST.get("period"))
    if request.method == "POST":
        demand((allowed, reason))
        file = request.FILES.get("file")
        try:
            if file is None:
                raise InputError("没有选择文件")
            made = reporting.take_in(file.chunks(), str(file.name), typed, request.user)
            return redirect("collection:report", made.pk)
        except WenmaiError as error:
            fault = str(error)
    context = {"reports": Report.objects.order_by("-pk")[:100], "may_bind": allowed, "why_not": reason, "fault": fault, "typed": typed}
    return render(request, "collection/reports.html", context, status=400 if fault else 200)


@require_http_methods(["GET", "POST"])
@requires(permissions.may_look_all)
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Every number of a report: proposals to confirm, old value, new value, change."""
    found = get_object_or_404(Report, pk=report_id)
    allowed, reason = permissions.may_bind(request.user)
    if request.method == "POST":
        demand((allowed, reason))
        try:
            changed = reporting.bind(found.pk, _choices(request), request.user)
            messages.success(request, f"已更新 {changed} 处对应")
        except WenmaiError as error:
            messages.error(request, str(error))
        return redirect("collection:report", found.pk)
    lines = reporting.compare(found, request.user)
    bound = sum(1 for line in lines if line.binding.code)
    rows = [
        (
            line,
            [("|".join(map(str, p[:4])), p) for p in line.binding.proposals],
            "|".join((line.binding.code, line.binding.item, line.binding.lane, line.binding.scope)),
        )
        for line in lines
    ]
    context = {
        "report": found,
        "rows": rows,
        "bound": bound,
        "total": len(lines),
        "known": sum(1 for x in lines if x.new),
        "may_bind": allowed,
        "why_not": reason,
        "label": period_label(found.period),
    }
    return render(request, "collection/report.html", context)


def _choices(request: HttpRequest) -> dict[int, reporting.Choice]:
    """What was chosen: a proposal, another indicator typed in as 代码|分项|来源|口径, or none."""
    chosen = {}
    for name, value in request.POST.items():
        number = name.removeprefix("b-")
        if name.startswith("b-") and number.isascii() and number.isdigit() and len(number) < 12:
            other = str(request.POST.get(f"o-{number}", "")).strip()
            parts = [p.strip() for p in (other or str(value)).split("|")][:4]
            parts += [""] * (4 - len(parts))
            chosen[int(number)] = (
                reporting.Choice(parts[0].upper()[:30], parts[1][:40], parts[2][:8], parts[3][:80]) if parts[0] else reporting.Choice("")
            )
    return chosen


# ------------------------------------------------------------------ pocket cards


@require_http_methods(["GET", "POST"])
@requires(permissions.may_look_all)
def card_list(request: HttpRequest) -> HttpResponse:
    """The cards, and the figures to choose from for a new one."""
    allowed, reason = permissions.may_bind(request.user)
    fault, title = "", clean_text(request.POST.get("title"))
    chosen = [bounded_int(v, 0, 0, 10**9) for v in request.POST.getlist("fact")]
    if request.method == "POST":
        demand((allowed, reason))
        try:
            return redirect("collection:card", cards.make(title, chosen, request.user).pk)
        except WenmaiError as error:
            fault = str(error)
    text = clean_text(request.GET.get("q"))
    secret = may_see_secret(request.user)[0]
    facts = [f for f in cards.choosable(text) if secret or f.mark != Mark.SECRET]
    shown = [(f, printed(f), period_label(f.period)) for f in facts]
    context = {
        "cards": Card.objects.order_by("-pk")[:100],
        "facts": shown,
        "q": text,
        "may_bind": allowed,
        "why_not": reason,
        "fault": fault,
        "title": title,
        "chosen": chosen,
        "most": cards.MOST_LINES,
    }
    return render(request, "collection/cards.html", context, status=400 if fault else 200)


@require_GET
@requires(permissions.may_look_all)
def card(request: HttpRequest, card_id: int) -> HttpResponse:
    """One card, made to print on a page of A4."""
    found = get_object_or_404(Card, pk=card_id)
    return render(request, "collection/card.html", {"card": found, "lines": cards.lines(found, request.user), "today": timezone.localdate()})


@require_GET
@requires(permissions.may_look_all)
def card_file(request: HttpRequest, card_id: int) -> HttpResponse:
    """The card as a document."""
    found = get_object_or_404(Card, pk=card_id)
    return attachment(cards.document(found, request.user), f"{found.title}.docx", DOCX, rows=len(found.lines))
