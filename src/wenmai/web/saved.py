"""Saved views: an address of this site under a name, one's own or shared with everybody in the office."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import InputError, Refused, WenmaiError
from wenmai.office.events import services as events
from wenmai.office.kit import lists
from wenmai.office.people.models import Role
from wenmai.office.people.permissions import WRITERS, Verdict, allow
from wenmai.web.models import SavedView
from wenmai.web.rooms import entries

MOST = 100  # of one person
OFFERED = 12
DROPPED = frozenset({"page", "before", "verify"})


def may_share(user: Any) -> Verdict:
    return allow(user, WRITERS, "共享视图")


def seen(user: Any) -> Any:
    """A person's own and the shared ones."""
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner")


def clean_address(text: str) -> tuple[str, str]:
    """(path, query) of a page of this site; InputError for any other address. The page number is left out."""
    parts = urlsplit(text[:4000])
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//") or "\\" in text:
        raise InputError("只能保存本站的页面")
    if not is_list(parts.path):
        raise InputError("这个页面不能存为视图", remedy="请在列表页保存")
    query = urlencode([(lists.clean_text(k), lists.clean_text(v)) for k, v in parse_qsl(parts.query)[:40] if k not in DROPPED and v])
    if len(query) > 2000:
        raise InputError("筛选条件过长")
    return parts.path, query


def is_list(path: str) -> bool:
    """Whether an address is one of the navigation's pages, where filters live in the address."""
    if len(path) > 200:
        return False
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return match.view_name in {e.url_name for e in entries()}


def save(user: Any, name: str, address: str, shared: bool = False) -> SavedView:
    name = lists.clean_text(name)[:60]
    if not name:
        raise InputError("请填写视图名称")
    path, query = clean_address(address)
    if shared and not may_share(user)[0]:
        raise Refused(may_share(user)[1])
    with transaction.atomic():
        if SavedView.objects.filter(owner=user).count() >= MOST:
            raise Refused(f"每人最多 {MOST} 个视图", remedy="请先删去不用的")
        try:
            with transaction.atomic():
                made = SavedView.objects.create(owner=user, name=name, path=path, query=query, shared=shared)
        except IntegrityError as error:
            raise InputError(f"已有名为“{name}”的视图", remedy="请换一个名称，或先删去原来的") from error
        if shared:
            events.record("web.view.shared", f"view:{made.pk}", {"page": path}, user)
    return made


def share(view: SavedView, on: bool, user: Any) -> None:
    """Its owner shares it and takes it back; an administrator may take back any."""
    mine = view.owner_id == user.pk
    if not mine and (on or not allow(user, frozenset({Role.ADMIN}), "收回共享")[0]):
        raise Refused("只能共享自己的视图")
    if on and not may_share(user)[0]:
        raise Refused(may_share(user)[1])
    with transaction.atomic():
        SavedView.objects.filter(pk=view.pk).update(shared=on)
        events.record("web.view.shared" if on else "web.view.unshared", f"view:{view.pk}", {"page": view.path}, user)


def offered(request: HttpRequest) -> dict[str, Any]:
    """Context of every office page: on a list page the views of this page, and the address that would be saved."""
    user = getattr(request, "user", None)
    match = request.resolver_match
    if request.method != "GET" or match is None or not getattr(user, "is_authenticated", False):
        return {}
    if match.view_name not in {e.url_name for e in entries()}:
        return {}
    if match.namespace == "records":  # its ledgers stand at the limit of twelve queries a page already
        return {}
    try:
        reverse("saved-add")
    except NoReverseMatch:  # the outside site has no saved views
        return {}
    views = list(seen(user).filter(path=request.path).order_by("name")[:OFFERED])
    address = request.get_full_path()[:4000]
    return {"saved": {"template": "web/saved_bar.html", "views": views, "address": address, "may_share": may_share(user)[0]}}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All views that this person has, own ones first."""
    query = seen(request.user).order_by("name")
    pager = lists.pager(query.count(), request.GET)
    found = query[pager["offset"] : pager["offset"] + pager["size"]]
    titles = {reverse(e.url_name): e.title for e in entries()}
    context = {
        "lines": [(v, titles.get(v.path, v.path), v.owner_id == request.user.pk) for v in found], "pager": pager,
        "may_share": may_share(request.user)[0],
        "admin": allow(request.user, frozenset({Role.ADMIN}), "收回共享")[0],
    }  # fmt: skip
    return render(request, "web/saved.html", context)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Save the address of the page that sent the form, and go back to it."""
    address = request.POST.get("address", "")
    try:
        made = save(request.user, request.POST.get("name", ""), address, request.POST.get("shared") == "1")
    except WenmaiError as error:
        messages.error(request, str(error))
        return redirect("saved")
    messages.success(request, f"已存为视图“{made.name}”")
    return redirect(made.address)


@require_POST
def change(request: HttpRequest, view_id: int) -> HttpResponse:
    """Share, take back, or delete; another person's private view does not exist for this one."""
    view = get_object_or_404(seen(request.user), pk=view_id)
    act = request.POST.get("act", "")
    try:
        if act in ("share", "unshare"):
            share(view, act == "share", request.user)
        elif act == "delete":
            if view.owner_id != request.user.pk:
                raise Refused("只能删除自己的视图")
            SavedView.objects.filter(pk=view.pk).delete()
        else:
            raise InputError("没有这种操作")
        messages.success(request, "已办理")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("saved")
