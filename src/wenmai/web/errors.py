"""Error pages: what happened, why, what to do. The 500 page stands alone, since the frame itself may be at fault."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def _page(request: HttpRequest, code: int, heading: str, reason: str, remedy: str) -> HttpResponse:
    context = {"code": code, "heading": heading, "reason": reason, "remedy": remedy}
    return render(request, "kit/error.html", context, status=code)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: the address or the form cannot be understood."""
    return _page(request, 400, "请求不能识别", "地址或表单内容不完整。", "请返回上一页重新操作。")


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403 with the reason that the permission function gave."""
    reason = str(exception) if exception and str(exception) else "没有办理这件事的权限"
    return _page(request, 403, "没有权限", f"{reason.rstrip('。')}。", "确需办理的，请联系系统管理员调整角色。")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: nothing at this address."""
    return _page(request, 404, "没有这个页面", "地址有误，或对象已不存在。", "请核对地址，或用上方搜索查找企业。")


def fault(request: HttpRequest) -> HttpResponse:
    """500: a fault of the program, already logged."""
    return HttpResponse(render_to_string("web/500.html"), status=500)
