"""Error pages of the outside site: what happened and what to do, with nothing of the office's own pages in them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _page(request: HttpRequest, code: int, heading: str, reason: str) -> HttpResponse:
    return render(request, "portal/error.html", {"code": code, "heading": heading, "reason": reason}, status=code)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: the address or the form cannot be understood."""
    return _page(request, 400, "请求不能识别", "地址或表单内容不完整，请返回上一页重新操作。")


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403 with the reason that the permission function gave."""
    reason = str(exception) if exception and str(exception) else "没有办理这件事的权限"
    return _page(request, 403, "没有权限", f"{reason.rstrip('。')}。")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: nothing here for this visitor."""
    return _page(request, 404, "没有这个页面", "地址有误，或内容已撤下。")
