"""Single sign-on by OpenID Connect (authlib): code flow with PKCE, state and nonce, the token's signature checked against
the provider's keys. A provider says who somebody is; whether that person has a login here, and with which roles, is decided
here: no login is made, and a first visit is tied to a login by name only where the site says so."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, user_login_failed
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from wenmai.base.values import Refused
from wenmai.office.people import factors, sessions, signals
from wenmai.office.people.models import ExternalLogin, User

log = logging.getLogger(__name__)
TIMEOUT = 10


@lru_cache(maxsize=4)
def _client(issuer: str, client_id: str, secret: str) -> Any:
    from authlib.integrations.django_client import OAuth

    oauth = OAuth()
    return oauth.register(
        name="sso", client_id=client_id, client_secret=secret, server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": TIMEOUT},
    )  # fmt: skip


def _configured() -> tuple[dict[str, Any], Any]:
    said = settings.OIDC
    if not said:
        raise Http404("本站点未设单点登录")
    return said, _client(said["issuer"], said["client_id"], said["client_secret"])


@login_not_required
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponseBase:
    """Off to the provider."""
    _, client = _configured()
    try:
        answer: HttpResponseBase = client.authorize_redirect(request, request.build_absolute_uri(reverse("sso-back")))
    except Exception:  # authlib, requests and the provider each fail in their own ways
        log.exception("single sign-on: the provider does not answer")
        return _refuse(request, "统一身份认证暂时不可用，请稍后再试或用密码登录")
    return answer


@login_not_required
@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Back from the provider with a code: whoever it is, log them in if they have a login in this zone."""
    said, client = _configured()
    try:
        claims = client.authorize_access_token(request, claims_options={"iss": {"essential": True, "value": said["issuer"]}})["userinfo"]
    except Exception:
        log.exception("single sign-on: no valid token")
        return _refuse(request, "统一身份认证未通过，请重试")
    try:
        user = person(said["issuer"], claims, said.get("link", ""))
    except Refused as error:
        user_login_failed.send(sender=ExternalLogin, credentials={"username": str(claims.get(said.get("link") or "sub", ""))}, request=request)
        return _refuse(request, str(error))
    if factors.active(user) is not None:
        from time import time

        from wenmai.office.people.views import PENDING

        request.session[PENDING] = {"user": user.pk, "at": int(time()), "next": ""}
        return redirect("login-code")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    # The provider may have asked for nothing at all just now: a grave action still asks for the password.
    request.session[sessions.PROVED_AT] = 0
    request.session[sessions.BY_PROVIDER] = True
    return redirect(settings.LOGIN_REDIRECT_URL)


def _refuse(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect("login")


def person(issuer: str, claims: Any, link: str) -> User:
    """The login of who the provider says it is. `link` names the claim by which a first visit is tied to a login here."""
    subject = str(claims.get("sub") or "")
    if not subject:
        raise Refused("统一身份认证没有给出身份标识")
    found = ExternalLogin.objects.filter(issuer=issuer, subject=subject).select_related("user__organisation").first()
    user = found.user if found else None
    if user is None and link and claims.get(link):
        user = User.objects.filter(username=str(claims[link])).select_related("organisation").first()
        if user is not None and ExternalLogin.objects.filter(user=user, issuer=issuer).exists():
            user = None  # that login is another's: a name given to somebody new at the provider opens nothing
    if user is None or not user.is_active:
        raise Refused("统一身份认证中的这个人在本系统没有在用账号", remedy="请联系系统管理员")
    allowed, reason = sessions.may_stand(user)
    if not allowed:
        raise Refused(reason)
    if found is None:
        with transaction.atomic():
            ExternalLogin.objects.create(user=user, issuer=issuer, subject=subject)
            signals.access_changed.send(
                sender=ExternalLogin, verb="people.sso.linked", subject=f"user:{user.username}", payload={"issuer": issuer}, actor=user
            )
    return user
