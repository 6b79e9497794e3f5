"""Addresses of the API: version 1, its description, and a JSON answer for anything else below /api/."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.urls.resolvers import RoutePattern, URLPattern
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from wenmai.web.api import tokens
from wenmai.web.api.v1 import api, fault


class _Anything(StringConverter):
    """Any text at all, line breaks too, which Django's own `path` does not take."""

    regex = "(?s:.*)"


register_converter(_Anything, "anything")
WORDS = {404: "没有这个地址", 405: "只接受 GET"}


def _plain(view: Callable[..., HttpResponseBase]) -> Any:
    """A token opens it, not a login; whatever error it gives has the one shape."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = view(request, *args, **kwargs)
        if found.status_code >= 400 and not found.headers.get("Content-Type", "").startswith("application/json"):
            allowed = found.headers.get("Allow")
            found = fault(found.status_code, WORDS.get(found.status_code, "不能办理"), remedy="请对照 /api/openapi.json")
            if allowed:
                found.headers["Allow"] = allowed
        return found

    return csrf_exempt(login_not_required(never_cache(answer)))


def openapi(request: HttpRequest) -> HttpResponseBase:
    """The description (OpenAPI 3.1), for whoever holds a token or is logged in."""
    if request.method != "GET":
        return fault(405, WORDS[405])
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    if not request.user.is_authenticated and not (word.lower() == "bearer" and tokens.find(token.strip())):
        return fault(401, "没有有效的令牌", remedy="请在请求头写 Authorization: Bearer 令牌，或先登录")
    return JsonResponse(dict(api.get_openapi_schema(path_prefix="/api/")), json_dumps_params={"ensure_ascii": False})


def nothing(request: HttpRequest, rest: str) -> HttpResponseBase:
    return fault(404, WORDS[404], remedy="请对照 /api/openapi.json")


def _patterns() -> list[URLPattern]:
    found = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and isinstance(pattern.pattern, RoutePattern) and pattern.name != "api-root":
            found.append(path(f"api/{pattern.pattern}", _plain(pattern.callback), name=pattern.name))
    return found


app_name = "api"
urlpatterns = [
    path("api/openapi.json", _plain(openapi), name="openapi"),
    *_patterns(),
    path("api/<anything:rest>", _plain(nothing), name="nothing"),
]
