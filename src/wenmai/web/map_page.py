"""The map by street from the outlines that the site supplies (WENMAI_HOME/map.geojson); without the file the table alone."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.events import services as events
from wenmai.office.kit import lists
from wenmai.office.kit.guard import demand, requires
from wenmai.office.people.permissions import WRITERS, Verdict, allow
from wenmai.office.people.rows import row_scope
from wenmai.web import map_shapes, shell
from wenmai.web.leader import comparing

UNKNOWN = "未载"


def path() -> Path:
    return Path(settings.WENMAI_HOME) / "map.geojson"


def may_upload(user: Any) -> Verdict:
    if cut := row_scope(user).words:
        return False, f"地图供全区使用，本单位{cut}"
    return allow(user, WRITERS, "上传街道边界")


def shapes() -> tuple[list[map_shapes.Shape], str]:
    """(shapes, why there are none). The file may be put there by hand, so it is read as strictly as an upload."""
    file = path()
    try:
        about = file.stat()
    except OSError:
        return [], "还没有街道边界文件"
    try:
        return _read(str(file), about.st_mtime_ns, about.st_size), ""
    except (WenmaiError, OSError) as error:
        return [], f"街道边界文件不能用：{error}"


@lru_cache(maxsize=2)
def _read(file: str, changed: int, size: int) -> list[map_shapes.Shape]:
    with Path(file).open("rb") as handle:
        return map_shapes.read(handle.read(map_shapes.LIMIT + 1))


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Choropleth and table of one measure by street."""
    what = request.GET.get("what", "")
    what = what if what in (comparing.REGISTER, comparing.FACTS) else comparing.REGISTER
    code, when = lists.clean_text(request.GET.get("code")) or "SC06", lists.clean_text(request.GET.get("period"))
    if what == comparing.REGISTER:
        found = comparing.register(request.user, shell.chosen(request), "street", "")
    else:
        found = comparing.facts(request.user, str(shell.site().get("district", "")), comparing.Wanted(code, "street", when))
    known, why = shapes()
    lines = {line.label: line for line in found.lines}
    pairs, strangers, missing = map_shapes.match(known, [n for n in lines if n != UNKNOWN])
    values = {s: (lines[t].value, f"{lines[t].text} {found.unit}", lines[t].href) for s, t in pairs.items()}
    bounds = map_shapes.quantiles([v for v, _, _ in values.values() if v is not None])
    context = {
        "found": found, "what": what, "code": code, "period": when, "why": why, "strangers": strangers, "missing": missing if known else [],
        # Names and addresses are escaped where the map is drawn.
        "svg": mark_safe(map_shapes.draw(known, values, found.title)) if known else "",
        "legend": map_shapes.legend(bounds), "none": map_shapes.NONE, "may_upload": may_upload(request.user)[0], "unknown": UNKNOWN,
        "limit": map_shapes.LIMIT // 1024 // 1024,
    }  # fmt: skip
    return render(request, "leader/map.html", context)


@require_POST
@requires(may_upload)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a new file in place of the old one, when it is fit."""
    demand(may_upload(request.user))
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > map_shapes.LIMIT:
        messages.error(request, "没有选文件" if file is None else f"文件超过上限 {map_shapes.LIMIT // 1024 // 1024} MB")
        return redirect("map")
    data = file.read(map_shapes.LIMIT + 1)
    try:
        found = map_shapes.read(data)
    except WenmaiError as error:
        messages.error(request, str(error))
        return redirect("map")
    part = path().with_suffix(f".{os.getpid()}.part")
    with transaction.atomic():
        events.record("web.map.replaced", "map", {"shapes": len(found), "bytes": len(data)}, request.user)
        try:
            part.write_bytes(data)
            os.replace(part, path())
        finally:
            part.unlink(missing_ok=True)
    messages.success(request, f"已采用街道边界 {len(found)} 个")
    return redirect(reverse("map"))
