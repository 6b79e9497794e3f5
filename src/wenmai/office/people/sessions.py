"""How long a login lasts, in which zone it holds, and whether it is fresh enough for a grave action."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from wenmai.office.people import policy
from wenmai.office.people.permissions import inside, outside

LOGIN_AT, SEEN_AT, PROVED_AT, ZONE, BY_PROVIDER = "login_at", "seen_at", "proved_at", "zone", "by_provider"
WRITE_EVERY = 60  # seconds: the time of the last page is kept that coarsely, so that reading pages writes little
# What a person may ask for while a change of the password is due.
FREE = frozenset({"profile", "logout", "login", "login-code", "reauth"})
Answer = Callable[[HttpRequest], HttpResponseBase]


def started(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """A login begins: note when, and that the password was just given."""
    session = getattr(request, "session", None)
    if session is not None:
        now = int(time.time())
        session[LOGIN_AT] = session[SEEN_AT] = session[PROVED_AT] = now
        session[ZONE] = settings.ZONE


def listen() -> None:
    user_logged_in.connect(started, dispatch_uid="wenmai.people.sessions")


def may_stand(user: Any) -> tuple[bool, str]:
    """Whether this person belongs to the zone that this process serves."""
    return outside(user) if settings.ZONE == "outside" else inside(user)


def _ended(request: HttpRequest, now: int) -> str:
    """Why the login no longer holds, or ""."""
    session = request.session
    if session.get(ZONE, settings.ZONE) != settings.ZONE:
        return "请在本站点重新登录"
    allowed, reason = may_stand(request.user)
    if not allowed:
        return reason
    if now - session.get(LOGIN_AT, now) >= settings.SESSION_LONGEST:
        return "登录已满最长时限，请重新登录"
    if now - session.get(SEEN_AT, now) >= settings.SESSION_IDLE:
        return f"{settings.SESSION_IDLE // 60} 分钟没有操作，已自动退出，请重新登录"
    return ""


def _background(request: HttpRequest) -> bool:
    """A script that asks for progress is not a person at work."""
    return "application/json" in request.headers.get("Accept", "")


def logins_end(get_response: Answer) -> Answer:
    """Middleware: a login ends when idle, when old, and in the other zone; and waits while a new password is due."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        now, session = int(time.time()), request.session
        why = _ended(request, now)
        if why:
            logout(request)
            messages.warning(request, why)
            if _background(request):
                return JsonResponse({"error": why}, status=401)
            return HttpResponseRedirect(_to("login", request))
        session.setdefault(LOGIN_AT, now)
        if not _background(request) and now - session.get(SEEN_AT, 0) >= WRITE_EVERY:
            session[SEEN_AT] = now
        return get_response(request)

    return middleware


class PasswordIsDue:
    """Middleware: who has a one-time or an outdated password changes it first."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or match.view_name in FREE or not request.user.is_authenticated:
            return None
        if request.session.get(BY_PROVIDER):
            return None  # no password was used
        why = policy.must_change(request.user)
        if not why:
            return None
        messages.warning(request, why)
        return HttpResponseRedirect(reverse("profile"))


def _to(name: str, request: HttpRequest) -> str:
    # Back to a page only: an action that was not carried out is asked for again by the person, not by the browser.
    target = request.get_full_path() if request.method == "GET" else ""
    return reverse(name) + ("?" + urlencode({"next": target}) if target else "")


def recent_login(request: HttpRequest, minutes: int = 10) -> bool:
    """Whether this session's person gave the password within the last `minutes`."""
    return int(time.time()) - int(request.session.get(PROVED_AT, 0)) < minutes * 60


def prove(request: HttpRequest) -> None:
    """The password was given again just now."""
    request.session[PROVED_AT] = int(time.time())


def requires_recent_login(minutes: int = 10) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorator for money and access: an older login gives the password again first. A form that was sent meanwhile is
    not kept; the person comes back to the page that it was on."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if recent_login(request, minutes):
                return view(request, *args, **kwargs)
            target = request.get_full_path() if request.method == "GET" else _origin(request)
            if request.method != "GET":
                messages.warning(request, "这项操作须重新验证密码，验证后请再提交一次")
            answer: HttpResponse = HttpResponseRedirect(reverse("reauth") + "?" + urlencode({"next": target}))
            return answer

        return guarded

    return decorate


def _origin(request: HttpRequest) -> str:
    """The path of the page that a form stood on, if it is one of this site."""
    from urllib.parse import urlsplit

    came = urlsplit(request.headers.get("Referer", ""))
    return came.path if came.netloc == request.get_host() and came.path.startswith("/") else "/"
