"""Pages of access: organisations, logins and their roles. Administrators change, auditors look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import InputError, NotFound
from wenmai.office.kit import lists
from wenmai.office.kit.guard import carry_out, requires
from wenmai.office.people import factors, organisations, services
from wenmai.office.people.models import INSIDE, Organisation, OrgKind, Role, User
from wenmai.office.people.permissions import Verdict, allow, roles_of
from wenmai.office.people.rows import row_scope
from wenmai.office.people.sessions import requires_recent_login

RECENT = 30  # minutes: an administrator works on several accounts in a row


def may_look(user: Any) -> Verdict:
    """Who has which access is seen by those who give it and those who check it."""
    if cut := row_scope(user).words:
        return False, f"账号与单位含全区，本单位{cut}"
    return allow(user, frozenset({Role.ADMIN, Role.AUDITOR}), "查看单位和账号")


def day(text: str | None, name: str, default: date | None = None) -> date:
    """A day as the browser's date field sends it."""
    if not text and default is not None:
        return default
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        raise InputError(f"{name}未填或不是日期") from error


def optional_day(text: str | None, name: str) -> date | None:
    return day(text, name) if text else None


def organisation_of_form(request: HttpRequest) -> Organisation | None:
    """The organisation chosen in a form; None for the empty choice."""
    number = lists.bounded_int(request.POST.get("organisation"), 0, 0, 10**9)
    return get_object_or_404(Organisation, pk=number) if number else None


@require_GET
@requires(may_look)
def organisation_list(request: HttpRequest) -> HttpResponse:
    """All organisations, those in use first, with their people."""
    query = Organisation.objects.annotate(logins=Count("people", filter=Q(people__is_active=True))).order_by("-active", "kind", "name")
    kind, text = request.GET.get("kind", ""), lists.clean_text(request.GET.get("q"))
    kind = kind if kind in OrgKind.values else ""
    if kind:
        query = query.filter(kind=kind)
    if text:
        query = query.filter(name__icontains=text)
    pager = lists.pager(query.count(), request.GET, keep={"kind": kind, "q": text})
    context = {
        "lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "kind": kind, "text": text, "kinds": OrgKind.choices,
        "may_manage": organisations.may_manage(request.user)[0], "inside": [k.value for k in INSIDE],
    }  # fmt: skip
    return render(request, "web/organisations.html", context)


@require_POST
@requires(organisations.may_manage)
@requires_recent_login(RECENT)
def organisation_add(request: HttpRequest) -> HttpResponse:
    """A new organisation."""
    said = {n: lists.clean_text(request.POST.get(n)) for n in ("name", "kind", "area")}
    carry_out(request, lambda: organisations.add_organisation(**said, actor=request.user), f"已新增单位“{said['name']}”")
    return redirect("organisations")


@require_POST
@requires(organisations.may_manage)
@requires_recent_login(RECENT)
def organisation_use(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Take an organisation out of use, or back."""
    active = request.POST.get("active") == "1"
    done = "单位已恢复使用" if active else "单位已停用，其人员暂看不到任何记录"
    carry_out(request, lambda: organisations.set_active(organisation_id, active, request.user), done)
    return redirect("organisations")


def _choices() -> dict[str, Any]:
    return {"roles": Role.choices, "organisations": Organisation.objects.filter(active=True).order_by("kind", "name")}


@require_GET
@requires(may_look)
def account_list(request: HttpRequest) -> HttpResponse:
    """All logins, those in use first."""
    query = User.objects.select_related("organisation", "second_factor").order_by("-is_active", "username")
    role, text, state = request.GET.get("role", ""), lists.clean_text(request.GET.get("q")), request.GET.get("state", "")
    role, state = role if role in Role.values else "", state if state in ("on", "off") else ""
    if role:
        query = query.filter(Q(role=role) | Q(assignments__role=role)).distinct()
    if state:
        query = query.filter(is_active=state == "on")
    if text:
        query = query.filter(Q(username__icontains=text) | Q(organisation__name__icontains=text))
    pager = lists.pager(query.count(), request.GET, keep={"role": role, "q": text, "state": state})
    context = {
        "lines": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "role": role, "text": text, "state": state,
        "may_manage": organisations.may_manage(request.user)[0], **_choices(),
    }  # fmt: skip
    return render(request, "web/accounts.html", context)


@never_cache
@require_POST
@requires(organisations.may_manage)
@requires_recent_login(RECENT)
def account_add(request: HttpRequest) -> HttpResponse:
    """A new login under an organisation; the one-time password is shown on this answer only."""
    name, role = lists.clean_text(request.POST.get("name")), request.POST.get("role", "")
    chosen = organisation_of_form(request)
    if chosen is not None and chosen.kind not in INSIDE and role != Role.READER:
        messages.error(request, f"{chosen.get_kind_display()}的账号角色只能是查阅")
        return redirect("accounts")
    made = carry_out(request, lambda: services.create_user(name, role, actor=request.user), f"已新建账号 {name}")
    if made is None:
        return redirect("accounts")
    user, password = made
    if chosen is not None:
        organisations.place(user, chosen, request.user)
    return render(request, "web/password.html", {"account": user, "password": password})


@require_GET
@requires(may_look)
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """One login: where it belongs, which roles it holds and how, whether it is in use."""
    found = get_object_or_404(User.objects.select_related("organisation"), pk=user_id)
    context = {
        "account": found, "held": [(Role(r).label, how) for r, how in roles_of(found).items()], "standing": services.standing_of(found),
        "factor": factors.active(found), "may_manage": organisations.may_manage(request.user)[0] and found.pk != request.user.pk,
        "today": timezone.localdate(), "scope": row_scope(found), "own": found.pk == request.user.pk, **_choices(),
    }  # fmt: skip
    return render(request, "web/account.html", context)


Act = Callable[[HttpRequest, User], tuple[Callable[[], Any], str]]


def _verb(act: Act) -> Callable[..., HttpResponseBase]:
    """A view that does one thing to a login and comes back to its page."""

    @require_POST
    @requires(organisations.may_manage)
    @requires_recent_login(RECENT)
    def view(request: HttpRequest, user_id: int) -> HttpResponse:
        found = get_object_or_404(User.objects.select_related("organisation"), pk=user_id)
        carry_out(request, *act(request, found))
        return redirect("account", user_id)

    view.__doc__ = act.__doc__
    return view


def _place(request: HttpRequest, user: User) -> tuple[Callable[[], Any], str]:
    """Put a login under an organisation."""
    chosen = organisation_of_form(request)
    return lambda: organisations.place(user, chosen, request.user), f"{user.username} 已归入{chosen.name if chosen else '（不属任何单位）'}"


def _role(request: HttpRequest, user: User) -> tuple[Callable[[], Any], str]:
    """Change the own role."""
    return lambda: services.set_role(user, request.POST.get("role", ""), request.user), f"{user.username} 的角色已更改"


def _assign(request: HttpRequest, user: User) -> tuple[Callable[[], Any], str]:
    """Give a further role for a time."""

    def act() -> Any:
        chosen = organisation_of_form(request)
        if chosen is None:
            raise InputError("请选择任职单位")
        since = day(request.POST.get("since"), "起日", timezone.localdate())
        until = optional_day(request.POST.get("until"), "止日")
        return organisations.assign(user, request.POST.get("role", ""), chosen, since, until, request.user)

    return act, f"已给 {user.username} 增加任职"


def _end(request: HttpRequest, user: User) -> tuple[Callable[[], Any], str]:
    """End an assignment on a day; today when none is said."""

    def act() -> Any:
        number = lists.bounded_int(request.POST.get("assignment"), 0, 0, 10**9)
        # The number must be one of this person's: the page's address says whose roles are changed.
        found = user.assignments.filter(pk=number).first()
        if found is None:
            raise NotFound("没有这项任职")
        return organisations.end_assignment(found.pk, day(request.POST.get("until"), "止日", timezone.localdate()), request.user)

    return act, "任职已定止日"


def _use(request: HttpRequest, user: User) -> tuple[Callable[[], Any], str]:
    """Take a login out of use, or back."""
    enabled = request.POST.get("active") == "1"
    return lambda: services.set_enabled(user, enabled, request.user), f"{user.username} 已{'恢复' if enabled else '停用'}"


def _factor(request: HttpRequest, user: User) -> tuple[Callable[[], Any], str]:
    """Take the second factor of somebody who lost the device."""
    return lambda: services.remove_factor(user, request.user), f"{user.username} 的动态口令已停用，请提醒本人重新启用"


place, role, assign, end, use, factor = (_verb(v) for v in (_place, _role, _assign, _end, _use, _factor))


@never_cache
@require_POST
@requires(organisations.may_manage)
@requires_recent_login(RECENT)
def reset(request: HttpRequest, user_id: int) -> HttpResponse:
    """A new one-time password, shown on this answer only."""
    found = get_object_or_404(User, pk=user_id)
    password = carry_out(request, lambda: services.reset_password(found, request.user), f"{found.username} 的密码已重设")
    if password is None:
        return redirect("account", user_id)
    return render(request, "web/password.html", {"account": found, "password": password})
