"""Pages of the dictionary: the list of indicators, one indicator with its versions, proposing and deciding."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import InputError, WenmaiError
from wenmai.base.values.period import period
from wenmai.office.figures import definitions, permissions
from wenmai.office.figures.fact_lists import newest_definitions
from wenmai.office.figures.forms import DefinitionForm
from wenmai.office.figures.methods.dictionary import GROUPS
from wenmai.office.figures.methods.formula import parse
from wenmai.office.figures.models import Definition, DefinitionState, Entry, Fact, Lane
from wenmai.office.kit import lists
from wenmai.office.kit.guard import requires

TIERS = {"core60": "核心指标", "extended": "扩展指标", "base": "基础量"}
ROWS = (
    ("名称", "name"), ("定义", "text"), ("单位", "unit"), ("时间性质", "kind"), ("公式", "formula"), ("默认口径", "scope"), ("可用来源类", "lanes"),
    ("版次", "stages"), ("分项", "items"), ("说明", "note"),
)  # fmt: skip


def _in_lane(query: Any, value: str) -> Any:
    """Lanes are a JSON list, which SQLite cannot search; the dictionary is short."""
    return query.filter(pk__in=[pk for pk, lanes in query.values_list("pk", "lanes") if not lanes or value in lanes])


def _computed(query: Any, value: str) -> Any:
    return query.exclude(formula="") if value == "公式计算" else query.filter(formula="")


def _text(query: Any, value: str) -> Any:
    return query.filter(Q(entry__code__istartswith=value) | Q(name__icontains=value) | Q(text__icontains=value))


FILTERS = (
    lists.Filter("q", "搜索", _text, placeholder="代码、名称或定义"),
    lists.Filter("group", "类别", lambda q, v: q.filter(entry__group=v), options=lambda: [(g, g) for g in GROUPS]),
    lists.Filter("tier", "层次", lambda q, v: q.filter(entry__tier=v), options=lambda: list(TIERS.items())),
    lists.Filter("lane", "来源类", _in_lane, options=lambda: Lane.choices),
    lists.Filter("how", "取得方式", _computed, options=lambda: [(w, w) for w in ("公式计算", "录入")]),
    lists.Filter(
        "waiting", "待批修改", lambda q, v: q.filter(entry__definitions__state=DefinitionState.PROPOSED), options=lambda: [("有", "有")]
    ),
)  # fmt: skip
COLUMNS = (
    lists.Column("代码", lambda d: d.entry_id, sort="entry__code", link=lambda d: reverse("facts:indicator", args=[d.entry_id])),
    lists.Column("名称", lambda d: d.name, sort="name", wraps=True),
    lists.Column("单位", lambda d: d.unit or "—"),
    lists.Column("性质", lambda d: d.kind, sort="kind"),
    lists.Column("类别", lambda d: d.entry.group, sort="entry__group"),
    lists.Column("层次", lambda d: TIERS.get(d.entry.tier, d.entry.tier), sort="place"),
    lists.Column("来源类", lambda d: "、".join(d.lanes) or "不限", wraps=True),
    lists.Column("公式", lambda d: d.formula, wide=True),
    lists.Column("数据来源单位", lambda d: d.entry.owner, wraps=True),
    lists.Column("频率", lambda d: d.entry.frequency, wraps=True),
    lists.Column("版本", lambda d: d.number, numeric=True),
)


@require_GET
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator with its newest approved definition."""
    rank = Case(*[When(entry__tier=tier, then=Value(str(i))) for i, tier in enumerate(TIERS)], default=Value("9"))
    query = newest_definitions().annotate(place=Concat(rank, "entry__code"))  # the core indicators first
    get = request.GET.copy()
    get.setdefault("sort", "place")
    page = lists.build(get, query, FILTERS, COLUMNS, query.count)
    context = {
        "page": page, "waiting": Definition.objects.filter(state=DefinitionState.PROPOSED).select_related("entry").order_by("pk")[:20],
        "may_install": permissions.may_approve(request.user)[0],
    }  # fmt: skip
    return render(request, "figures/indicators.html", context)


@require_POST
@requires(permissions.may_approve)
def install(request: HttpRequest) -> HttpResponse:
    """Put the packaged dictionary in; what is there stays."""
    count = definitions.install_shipped(request.user)
    messages.success(request, f"已装入 {count} 个指标" if count else "随附词典的指标都已在内，没有变动")
    return redirect("facts:indicators")


def _versions(code: str) -> tuple[Entry, list[Definition]]:
    entry = Entry.objects.filter(code=code).first()
    if entry is None:
        raise Http404("没有这个指标")
    return entry, list(entry.definitions.order_by("number"))


def _text_of(definition: Definition, name: str) -> str:
    value = getattr(definition, name)
    return "、".join(value) if isinstance(value, list) else str(value)


def _uses(definition: Definition) -> list[str]:
    try:
        return list(dict.fromkeys(r.code for r in parse(definition.formula).references())) if definition.formula else []
    except InputError:
        return []


def _label(code: str) -> str:
    return period(code).label if code else "一直"


def _page(request: HttpRequest, code: str, form: DefinitionForm | None = None, status: int = 200) -> HttpResponse:
    entry, versions = _versions(code)
    approved = [v for v in versions if v.state == DefinitionState.APPROVED]
    current = approved[-1] if approved else versions[-1]
    pending = next((v for v in versions if v.state == DefinitionState.PROPOSED), None)
    rows = []
    for label, name in ROWS:
        cells = [_text_of(v, name) for v in versions]
        rows.append((label, [(text, i > 0 and text != cells[i - 1]) for i, text in enumerate(cells)]))
    proposing, deciding = permissions.may_propose(request.user), permissions.may_approve(request.user)
    own = pending is not None and pending.proposed_by == request.user.get_username()
    context = {
        "entry": entry, "versions": versions, "current": current, "pending": pending, "rows": rows, "tier": TIERS.get(entry.tier, entry.tier),
        "labels": [_label(v.in_force) for v in versions], "uses": _uses(current), "form": form or DefinitionForm(initial=DefinitionForm.of(current)),
        "may_propose": proposing[0] and pending is None, "why_not": proposing[1] if not proposing[0] else "",
        "may_decide": deciding[0] and pending is not None and not own, "own": own, "decide_why_not": deciding[1], "may_approve": deciding[0],
        "used_by": sorted({d.entry_id for d in newest_definitions().filter(formula__contains=code) if code in _uses(d)}),
        "facts": Fact.objects.filter(definition__entry=entry, recorded_to=None).count(), "open": form is not None,
    }  # fmt: skip
    return render(request, "figures/indicator.html", context, status=status)


@require_GET
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """All versions of one indicator side by side."""
    return _page(request, code)


@require_POST
@requires(permissions.may_propose)
def propose(request: HttpRequest, code: str) -> HttpResponse:
    """Propose the next version; on a fault the form comes back as it was filled in."""
    _, versions = _versions(code)
    form = DefinitionForm(request.POST)
    if form.is_valid():
        before = DefinitionForm.of(next((v for v in reversed(versions) if v.state != DefinitionState.REJECTED), versions[-1]))
        changes = {k: v for k, v in form.changes().items() if (("、".join(v)) if k in ("stages", "items") else v) != before[k]}
        try:
            made = definitions.propose(code, changes, form.cleaned_data["reason"], form.cleaned_data["in_force"], request.user)
            messages.success(request, f"已提出第 {made.number} 版，待另一人审批；批准前仍按现行定义填报")
            return redirect("facts:indicator", code)
        except WenmaiError as error:
            form.add_error(None, str(error))
    return _page(request, code, form, 400)


@require_POST
@requires(permissions.may_approve)
def decide(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Approve or reject a proposed version; services refuse the proposer."""
    _versions(code)
    word = request.POST.get("decision", "")
    try:
        if word not in ("approve", "reject"):
            raise InputError("没有选批准或驳回")
        note, recast = lists.clean_text(request.POST.get("note")), request.POST.get("back_cast") == "1"
        found = definitions.decide(code, number, word == "approve", note, recast, request.user)
        messages.success(request, f"第 {found.number} 版：{found.get_state_display()}")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("facts:indicator", code)


