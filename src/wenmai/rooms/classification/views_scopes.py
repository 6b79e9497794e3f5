"""Pages of 区自定口径: the list of versions with their figures, a preview before adding, one version, retire and restore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from wenmai.base import standards
from wenmai.base.standards.scopes import MAX_BYTES
from wenmai.base.values import NotFound, WenmaiError
from wenmai.office.files import store
from wenmai.office.kit.guard import attachment, requires
from wenmai.rooms.classification import permissions, scope_queries, scoping
from wenmai.rooms.classification.models import ScopeVersion
from wenmai.rooms.registry.queries import sees_all

CSV = "text/csv; charset=utf-8"
_SALT = "classification.scope"
_ADD_WITHIN = 24 * 3600  # seconds that a preview can be confirmed


class ScopeForm(forms.Form):
    """The file of a list."""

    file = forms.FileField(
        label="口径文件（CSV，UTF-8）",
        error_messages={"required": "请选择口径文件", "empty": "文件是空的"},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv"}),
    )


@require_GET
def scopes(request: HttpRequest) -> HttpResponse:
    """Every version, its state, its figures in the newest snapshot."""
    return _page(request, ScopeForm())


def _page(request: HttpRequest, form: ScopeForm, status: int = 200) -> HttpResponse:
    allowed, reason = permissions.may_keep_scopes(request.user)
    lines = scope_queries.lines()
    context = {
        "lines": lines, "form": form, "may_keep": allowed, "why_not": reason, "snapshot": scope_queries.newest(),
        "waiting": scope_queries.waiting(), "standing": [x for x in lines if x["standing"].state == scoping.STANDING],
        "due": [x for x in lines if x["standing"].review_due],
    }  # fmt: skip
    return render(request, "classification/scopes.html", context, status=status)


@require_POST
@requires(permissions.may_keep_scopes)
@requires(sees_all)
def preview(request: HttpRequest) -> HttpResponse:
    """What the uploaded list would count, before it is added; a bad file is told with its row."""
    form = ScopeForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, 400)
    file = form.cleaned_data["file"]
    name = Path(file.name.replace("\\", "/")).name
    try:
        scope, digest = scoping.keep(file.read(MAX_BYTES + 1), name)
        known = scoping.check_new(scope)
        effect = scope_queries.effect(scope)
    except WenmaiError as error:
        form.add_error("file", str(error))
        return _page(request, form, 400)
    context = {
        "scope": scope, "effect": effect, "known": known, "rules": scope_queries.rule_lines(scope),
        "ticket": signing.dumps({"digest": digest, "name": name}, salt=_SALT), "answers": scope_queries.ANSWERS,
    }  # fmt: skip
    return render(request, "classification/scope_preview.html", context)


@require_POST
@requires(permissions.may_keep_scopes)
def add(request: HttpRequest) -> HttpResponse:
    """Add the list that was previewed; the ticket says which stored file it was."""
    try:
        ticket = signing.loads(request.POST.get("ticket", ""), salt=_SALT, max_age=_ADD_WITHIN)
        path = store.path_of(ticket["digest"])
        if not path.is_file():
            raise NotFound("预览的文件不在本机", remedy="请重新上传")
        version = scoping.add(path.read_bytes(), ticket["name"], request.user)
    except signing.BadSignature:
        messages.error(request, "预览已过期；请重新上传口径文件")
        return redirect("classification:scopes")
    except WenmaiError as error:
        messages.error(request, str(error))
        return redirect("classification:scopes")
    messages.success(request, f"已添加{standards.scope_label(version.name, version.version)}；下一次快照起用，已发布的快照不变")
    return redirect("classification:scope", version.pk)


@require_GET
def scope(request: HttpRequest, scope_id: int) -> HttpResponse:
    """One version: validity, rules with their notes, figures and the bridge to the national scope."""
    version = get_object_or_404(ScopeVersion, pk=scope_id)
    standing = scoping.standing_of(version)
    allowed, reason = permissions.may_keep_scopes(request.user)
    context: dict[str, Any] = {
        "version": version, "standing": standing, "validity": scope_queries.validity(standing), "may_keep": allowed,
        "why_not": reason, "if_retired": scoping.if_retired(version) if version.active else "",
        "snapshot": scope_queries.newest(), "figures": scope_queries.newest_figures(version),
        "bridge": scope_queries.bridge(version), "divisions": scope_queries.split(version, "division"),
        "majors": scope_queries.split(version, "major"), "cross": scope_queries.split(version, "cross"),
    }  # fmt: skip
    try:
        context["rules"] = scope_queries.rule_lines(scoping.load(version))
    except WenmaiError as error:
        context["fault"] = str(error)
    return render(request, "classification/scope.html", context)


@require_GET
def download(request: HttpRequest, scope_id: int) -> HttpResponse:
    """The file as it was added."""
    version = get_object_or_404(ScopeVersion, pk=scope_id)
    try:
        return attachment(scoping.raw_file(version), version.file_name, CSV)
    except WenmaiError as error:
        raise Http404(str(error)) from error


@require_GET
def example(request: HttpRequest) -> HttpResponse:
    """The shipped example, to start from."""
    return attachment(standards.example_scope_bytes(), standards.EXAMPLE_NAME, CSV)


@require_POST
@requires(permissions.may_keep_scopes)
def retire(request: HttpRequest, scope_id: int) -> HttpResponse:
    """Take a version out of use for later snapshots."""
    return _switch(request, scope_id, scoping.retire)


@require_POST
@requires(permissions.may_keep_scopes)
def restore(request: HttpRequest, scope_id: int) -> HttpResponse:
    """Take a retired version into use again."""
    return _switch(request, scope_id, scoping.restore)


def _switch(request: HttpRequest, scope_id: int, verb: Any) -> HttpResponse:
    version = get_object_or_404(ScopeVersion, pk=scope_id)
    try:
        state = scoping.standing_of(verb(version.pk, request.user))
        messages.success(request, f"{state.label}：{state.state}；下一次快照起变，已发布的快照不变")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("classification:scope", version.pk)
