"""Version 1 of the API: read only. Every row passes the same row scope and marks as the pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import NinjaAPI, Path, Query
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from wenmai.base.values import InputError, WenmaiError
from wenmai.base.values.period import period as read_period
from wenmai.office.figures.fact_lists import visible
from wenmai.office.figures.fact_queries import standing
from wenmai.office.figures.models import Fact, Lane, Snapshot
from wenmai.office.jobs.models import Job
from wenmai.office.kit import lists
from wenmai.office.people.models import SubjectKind
from wenmai.office.people.rows import row_scope
from wenmai.rooms.classification import queries as classification
from wenmai.rooms.registry import queries as registry
from wenmai.rooms.registry.models import Enterprise
from wenmai.web import queries, views
from wenmai.web.api import shapes, tokens
from wenmai.web.api.rows import rows_for

log = logging.getLogger(__name__)
MOST = 500
BIG = 2**62
EARLIEST, LATEST = 2000, 2100
ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 422, 429, 500), shapes.Error)
Limit = Annotated[int, Query(ge=1, le=MOST, description="一页的行数")]
After = Annotated[int, Query(ge=0, le=BIG, description="上一页的 next；0 为从头")]
Word = Annotated[str, Query(max_length=100)]
Key = Annotated[str, Path(max_length=80)]
FigureId = Annotated[str, Path(max_length=200)]
Number = Annotated[int, Path(ge=1, le=BIG)]
Prefix = Annotated[str, Query(max_length=100, description="编号的开头，如 culture.major")]
Item = Annotated[str | None, Query(max_length=40, description="分项，空为合计")]


class Limited(HttpError):
    """Over the rate limit; `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(429, f"超过每分钟次数，请 {wait} 秒后再试")
        self.wait = wait


class Token(HttpBearer):
    """`Authorization: Bearer wm_…`; the token must hold the scope."""

    openapi_name = "Token"

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = tokens.find(token)
        if found is None:
            return None
        if wait := tokens.over_limit(found):
            raise Limited(wait)
        if self.scope not in found.scopes:
            raise HttpError(403, f"令牌“{found.name}”不可读{tokens.SCOPES[self.scope]}")
        request.reader = tokens.reader(found)  # type: ignore[attr-defined]
        return found


api = NinjaAPI(
    title="文脉数据接口", version="1", description="只读。权限和数据范围与页面相同；三类来源的数不可相加；未知为 null，不是 0。",
    openapi_url=None, docs_url=None, urls_namespace="api",
)  # fmt: skip
CODES = {400: "bad_request", 401: "no_token", 403: "forbidden", 404: "not_found", 405: "method", 422: "invalid", 429: "too_many", 500: "fault"}


def fault(status: int, message: str, where: str = "", remedy: str = "") -> HttpResponse:
    """Every error in one shape."""
    body = {"error": {"code": CODES.get(status, "error"), "message": message, "where": where, "remedy": remedy}}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    if error.status_code == 401:
        answer = fault(401, "没有有效的令牌", remedy="请在请求头写 Authorization: Bearer 令牌；过期的请向系统管理员更换")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    answer = fault(error.status_code, error.message)
    if isinstance(error, Limited):
        answer["Retry-After"] = str(error.wait)
    return answer


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    where = ".".join(str(p) for p in first.get("loc", ())[1:])
    return fault(422, f"参数不对：{first.get('msg', '')}", where, "请对照 /api/openapi.json")


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("api %s", request.path, exc_info=error)
    return fault(500, "系统故障，已记录", remedy="请稍后再试；仍不行请联系系统管理员")


api.add_exception_handler(HttpError, _http)
api.add_exception_handler(ValidationError, _invalid)
api.add_exception_handler(Http404, lambda r, e: fault(404, str(e) if isinstance(e, Http404) and e.args else "没有这个对象"))
api.add_exception_handler(PermissionDenied, lambda r, e: fault(403, str(e)))
api.add_exception_handler(InputError, lambda r, e: fault(422, str(e)))
api.add_exception_handler(WenmaiError, lambda r, e: fault(404, str(e)))
api.add_exception_handler(Exception, _unexpected)


def _user(request: HttpRequest) -> Any:
    return request.reader  # type: ignore[attr-defined]


def _told(request: HttpRequest, page: str, rows: int, **asked: Any) -> None:
    """Free text is not written down, only that there was some."""
    kept = {k: ("有" if k == "q" else str(v)[:60]) for k, v in asked.items() if v not in ("", None, 0)}
    tokens.taken(request.auth, page, kept, rows)  # type: ignore[attr-defined]


def _cut(found: list[Any], limit: int) -> tuple[list[Any], int | None]:
    """(at most `limit`, the id to go on after): one more than asked was read."""
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def _enterprise(e: Enterprise, fields: Mapping[str, Any]) -> dict[str, Any]:
    decision = getattr(e, "decision", None)
    judged = {name: getattr(decision, name, None) for name in ("outcome", "decided_by", "small_code")}
    return {name: getattr(e, name) for name in fields if name not in judged} | judged


@api.get("/v1/enterprises", response={200: shapes.EnterprisePage, **ERRORS}, auth=Token("enterprises"), url_name="enterprises", summary="企业名录")
def enterprises(
    request: HttpRequest, q: Word = "", street: Word = "", park: Word = "",
    major: Annotated[str, Query(max_length=2, description="大类代码，如 01")] = "",
    outcome: Annotated[str, Query(max_length=8, description="判定，或“文化”“未识别”")] = "", after: After = 0, limit: Limit = 100,
) -> Any:  # fmt: skip
    """In the order of ids, page by page; the filters are those of the list page."""
    query = registry.enterprises(_user(request)).filter(pk__gt=after)
    given = {"q": q, "street": street, "park": park, "major": major, "outcome": outcome}
    clean = {name: lists.clean_text(value) for name, value in given.items()}
    for filter_ in (*registry.filters(), *classification.extension.filters):
        value = clean.pop(filter_.name, "")
        if value:
            known = {o[0] for o in filter_.options()} if filter_.options else None
            if known is not None and value not in known:
                query = query.none()
            else:
                query = filter_.apply(query, value)
    found, following = _cut(list(query.order_by("pk")[: limit + 1]), limit)
    _told(request, "enterprises", len(found), **given)
    items = [_enterprise(e, shapes.EnterpriseOut.model_fields) for e in found]
    return {"items": items, "next": following, "row_scope": row_scope(_user(request)).words}


@api.get("/v1/enterprises/{path:key}", response={200: shapes.EnterpriseMore, **ERRORS}, auth=Token("enterprises"), url_name="enterprise",
         summary="一家企业")  # fmt: skip
def enterprise(request: HttpRequest, key: Key) -> Any:
    """By its key (标识)."""
    found = registry.enterprises(_user(request)).filter(key=lists.clean_text(key)).first()
    if found is None:
        raise Http404("没有这家企业，或不在令牌的数据范围内")
    _told(request, "enterprise", 1, key=key)
    return _enterprise(found, shapes.EnterpriseMore.model_fields)


def _snapshot(number: int) -> Snapshot:
    found = Snapshot.objects.filter(complete=True)
    chosen = found.filter(pk=number).first() if number else found.order_by("-pk").first()
    if chosen is None:
        raise Http404(f"没有快照 {number}" if number else "还没有快照")
    return chosen


SnapshotId = Annotated[int, Query(ge=0, le=BIG, description="快照编号；0 为最新")]


def _figures(request: HttpRequest, number: int) -> tuple[Snapshot, dict[str, Any]]:
    snapshot = _snapshot(number)
    found, why = queries.figures_for(_user(request), snapshot)
    if why:
        raise Http404(why)
    return snapshot, found


@api.get("/v1/figures", response={200: shapes.FigurePage, **ERRORS}, auth=Token("figures"), url_name="figures", summary="快照的数字")
def figures(request: HttpRequest, snapshot: SnapshotId = 0, prefix: Prefix = "") -> Any:
    chosen, found = _figures(request, snapshot)
    items = [f for key, f in found.items() if key.startswith(prefix)]
    _told(request, "figures", 0)
    return {"snapshot": chosen.pk, "items": items}


@api.get("/v1/figures/{path:figure_id}", response={200: shapes.FigureOut, **ERRORS}, auth=Token("figures"), url_name="figure", summary="一个数字")
def figure(request: HttpRequest, figure_id: FigureId, snapshot: SnapshotId = 0) -> Any:
    chosen, found = _figures(request, snapshot)
    if figure_id not in found:
        raise Http404(f"快照 {chosen.pk} 没有编号为 {figure_id} 的数字")
    _told(request, "figure", 0)
    return found[figure_id]


@api.get("/v1/figure-rows/{path:figure_id}", response={200: shapes.RowPage, **ERRORS}, auth=Token("figures"), url_name="figure-rows",
         summary="一个数字的明细行")  # fmt: skip
def figure_rows(request: HttpRequest, figure_id: FigureId, snapshot: SnapshotId = 0, after: After = 0, limit: Limit = 100) -> Any:
    """The rows a count consists of, as far as the token sees them; `after` is how many were read. Needs `enterprises` too,
    since the rows are enterprises."""
    if "enterprises" not in request.auth.scopes:  # type: ignore[attr-defined]
        raise HttpError(403, "明细行是企业，令牌还须可读企业名录")
    chosen, found = _figures(request, snapshot)
    one = found.get(figure_id)
    if one is None:
        raise Http404(f"快照 {chosen.pk} 没有编号为 {figure_id} 的数字")
    user = _user(request)
    total, held = rows_for(one, chosen, user, limit, after)
    rows = [{k: v.isoformat() if isinstance(v, (date, datetime)) else v for k, v in line.items()} for line in held]
    _told(request, "figure-rows", len(rows), figure=figure_id, snapshot=chosen.pk)
    following = after + len(rows) if rows and after + len(rows) < total else None
    return {"figure": figure_id, "snapshot": chosen.pk, "total": total, "items": rows, "next": following, "row_scope": row_scope(user).words}


def _fact(f: Fact) -> dict[str, Any]:
    return {
        "id": f.pk, "code": f.definition.entry_id, "name": f.definition.name, "subject_kind": f.subject.kind, "subject_key": f.subject.key,
        "subject_name": f.subject.name, "item": f.item, "period": f.period, "lane": f.lane, "scope": f.scope.name, "stage": f.stage,
        "value": None if f.value is None else f"{f.value:.{f.decimals}f}", "unit": f.unit, "status": f.status, "mark": f.mark,
        "provider": f.source.provider, "definition_version": f.definition.number, "recorded_from": f.recorded_from, "recorded_to": f.recorded_to,
    }  # fmt: skip


def _moment(text: str) -> datetime | None:
    """A day (its end) or a moment; without a zone it is local time."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError("as_of 不是日期或时间", remedy="如 2026-01-31 或 2026-01-31T12:00:00+08:00") from error
    if not EARLIEST <= found.year < LATEST:
        raise InputError(f"as_of 须在 {EARLIEST}—{LATEST} 年之间")
    if len(text) == 10:
        found += timedelta(days=1)
    return timezone.make_aware(found) if timezone.is_naive(found) else found


@api.get("/v1/facts", response={200: shapes.FactPage, **ERRORS}, auth=Token("facts"), url_name="facts", summary="填报数据")
def facts(
    request: HttpRequest, code: Annotated[str, Query(max_length=30, description="指标代码，如 SC06")] = "",
    period: Annotated[str, Query(max_length=20, description="如 2024、2024年三季度")] = "", lane: Annotated[str, Query(max_length=8)] = "",
    scope: Annotated[str, Query(max_length=80)] = "", kind: Annotated[str, Query(max_length=12, description="area、enterprise、park…")] = "",
    key: Annotated[str, Query(max_length=100, description="对象标识")] = "", item: Item = None,
    as_of: Annotated[str, Query(max_length=35, description="当时所知：日期或时间")] = "", after: After = 0, limit: Limit = 100,
) -> Any:  # fmt: skip
    """Values that stand, or stood at a moment, in the order of ids."""
    moment = _moment(as_of)
    query = visible(standing(moment), _user(request)).filter(pk__gt=after)
    if lane and lane not in Lane.values:
        raise InputError("lane 不在可选项内", remedy="可选：" + "、".join(Lane.values))
    if kind and kind not in SubjectKind.values:
        raise InputError("kind 不在可选项内", remedy="可选：" + "、".join(SubjectKind.values))
    wanted = {
        "definition__entry_id": lists.clean_text(code).upper(), "period": read_period(lists.clean_text(period)).code if period else "", "lane": lane,
        "scope__name": lists.clean_text(scope), "subject__kind": kind, "subject__key": lists.clean_text(key),
    }  # fmt: skip
    query = query.filter(**{k: v for k, v in wanted.items() if v})
    if item is not None:
        query = query.filter(item=lists.clean_text(item))
    rows = list(query.select_related("definition", "subject", "scope", "source").order_by("pk")[: limit + 1])
    found, following = _cut(rows, limit)
    _told(request, "facts", len(found), code=code, period=period, lane=lane, kind=kind, as_of=as_of)
    return {"items": [_fact(f) for f in found], "next": following, "as_of": moment, "row_scope": row_scope(_user(request), "数据").words}


def _about(s: Snapshot) -> dict[str, Any]:
    told = {name: str(s.facts.get(name, "")) for name in ("period", "vintage", "provider")}
    return {"id": s.pk, "created_at": s.created_at, "digest": s.digest, "register_version": s.register_version, "tables": s.tables, **told}


@api.get("/v1/snapshots", response={200: shapes.SnapshotPage, **ERRORS}, auth=Token("snapshots"), url_name="snapshots", summary="快照")
def snapshots(request: HttpRequest, after: After = 0, limit: Limit = 100) -> Any:
    found, following = _cut(list(Snapshot.objects.filter(complete=True, pk__gt=after).order_by("pk")[: limit + 1]), limit)
    _told(request, "snapshots", 0)
    return {"items": [_about(s) for s in found], "next": following}


@api.get("/v1/snapshots/{int:snapshot_id}", response={200: shapes.SnapshotOut, **ERRORS}, auth=Token("snapshots"), url_name="snapshot",
         summary="一份快照")  # fmt: skip
def snapshot(request: HttpRequest, snapshot_id: Number) -> Any:
    _told(request, "snapshot", 0)
    return _about(_snapshot(snapshot_id))


def _jobs(user: Any) -> Any:
    query = Job.objects.all()
    return query if views.sees_all_jobs(user) else query.filter(actor_id=user.pk)


def _job(j: Job) -> dict[str, Any]:
    names = ("kind", "state", "step", "done", "total", "created_at")
    return {"id": j.pk, "title": views.job_titles().get(j.kind, j.kind), **{n: getattr(j, n) for n in names}}


@api.get("/v1/jobs", response={200: shapes.JobPage, **ERRORS}, auth=Token("jobs"), url_name="jobs", summary="后台任务")
def jobs(request: HttpRequest, after: After = 0, limit: Limit = 100) -> Any:
    """Jobs of the token's owner; all of them for an administrator's or auditor's token."""
    found, following = _cut(list(_jobs(_user(request)).filter(pk__gt=after).order_by("pk")[: limit + 1]), limit)
    _told(request, "jobs", 0)
    return {"items": [_job(j) for j in found], "next": following}


@api.get("/v1/jobs/{int:job_id}", response={200: shapes.JobOut, **ERRORS}, auth=Token("jobs"), url_name="job", summary="一个任务的状态")
def job(request: HttpRequest, job_id: Number) -> Any:
    found = _jobs(_user(request)).filter(pk=job_id).first()
    if found is None:
        raise Http404("没有这个任务，或不是本令牌责任人的")
    _told(request, "job", 0)
    return _job(found)
