"""Login with a throttle and a second factor, the password again before grave actions, and a person's own page."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, user_login_failed
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.people import factors, sessions, signals, throttle
from wenmai.office.people.client import client_address
from wenmai.office.people.models import Role, User
from wenmai.office.people.permissions import roles_of
from wenmai.office.people.rows import row_scope
from wenmai.office.people.services import standing_of


class LoginForm(AuthenticationForm):
    """User name and password, with errors that say what to do."""

    error_messages = {
        "invalid_login": "用户名或密码不对，请核对后重试（区分大小写）",
        "inactive": "账号已停用，请联系系统管理员",
        "locked": "多次未通过，已锁定 10 分钟；请稍后再试，或请系统管理员重设密码",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label, self.fields["password"].label = "用户名", "密码"
        for field in self.fields.values():
            field.error_messages["required"] = f"请填写{field.label}"

    def clean(self) -> dict[str, Any]:
        """Refuse while locked, without looking at the password; count the attempt first, forget it on success."""
        name, address = self.cleaned_data.get("username") or "", client_address(self.request) if self.request else ""
        if not (name and self.cleaned_data.get("password")):
            return super().clean()
        if throttle.locked(name, address) or throttle.attempt(name, address):
            raise self.get_invalid_login_error_as("locked")
        try:
            data = super().clean()
        except ValidationError:
            if limit := throttle.locked(name, address):
                signals.login_locked.send(sender=LoginForm, name=name, request=self.request, limit=limit)
            raise
        throttle.forget(name, address)
        return data

    def confirm_login_allowed(self, user: Any) -> None:
        """Banks, firms, colleges and the like have logins, but not for the office site; and the office none for theirs."""
        super().confirm_login_allowed(user)
        allowed, reason = sessions.may_stand(user)
        if not allowed:
            user_login_failed.send(sender=LoginForm, credentials={"username": user.username}, request=self.request)
            raise ValidationError(reason, code="outside")

    def get_invalid_login_error_as(self, code: str) -> ValidationError:
        """The validation error of this code."""
        return ValidationError(self.error_messages[code], code=code)


PENDING = "pending_login"
PENDING_SECONDS = 300


def safe_next(request: HttpRequest, target: str | None) -> str:
    """`target` when it is an address of this site, else "" ."""
    hosts = {request.get_host()}
    return target if target and url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure()) else ""


class Login(LoginView):
    """The door."""

    template_name = "people/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        path = Path(settings.WENMAI_HOME) / "site.json"
        site = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        said = {"demo": bool(site.get("demo")), "district": site.get("district", ""), "zone": settings.ZONE, "sso": bool(settings.OIDC)}
        return super().get_context_data(**said, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """The password is right: in, or on to the second factor."""
        user = form.get_user()
        if factors.active(user) is None:
            return super().form_valid(form)
        self.request.session[PENDING] = {"user": user.pk, "at": int(time.time()), "next": self.get_redirect_url()}
        return redirect("login-code")


class CodeForm(forms.Form):
    """A code of the second factor."""

    code = forms.CharField(
        label="动态口令", max_length=32, help_text="验证器上的 6 位数字；设备不在身边时填一个恢复码",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
        error_messages={"required": "请填写动态口令"},
    )  # fmt: skip


def _passes(request: HttpRequest, user: User, form: forms.Form) -> bool:
    """Count the attempt, then look at the code. Codes are counted apart from passwords: a right password, which starts
    that count anew, must not start this one anew."""
    name, address = f"{user.username}\ncode", client_address(request)
    if throttle.locked(name, address) or throttle.attempt(name, address):
        signals.login_locked.send(sender=CodeForm, name=user.username, request=request, limit="code")
        form.add_error("code", LoginForm.error_messages["locked"])
        return False
    if not factors.passes(user, form.cleaned_data["code"]):
        user_login_failed.send(sender=CodeForm, credentials={"username": user.username}, request=request)
        form.add_error("code", "动态口令不对或已用过，请等下一个数字")
        return False
    throttle.forget(name, address)
    return True


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The second step of a login; the first holds for five minutes."""
    waiting = request.session.get(PENDING) or {}
    fresh = int(time.time()) - int(waiting.get("at", 0)) < PENDING_SECONDS
    user = User.objects.filter(pk=waiting.get("user") or 0, is_active=True).first() if fresh else None
    if user is None or not sessions.may_stand(user)[0]:
        request.session.pop(PENDING, None)
        return redirect("login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _passes(request, user, form):
        request.session.pop(PENDING, None)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect(safe_next(request, waiting.get("next")) or settings.LOGIN_REDIRECT_URL)
    return render(request, "people/code.html", {"form": form})


class ReauthForm(forms.Form):
    """The password again, and the code where there is a second factor."""

    password = forms.CharField(
        label="密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "请填写密码"},
    )  # fmt: skip
    code = forms.CharField(label="动态口令", max_length=32, required=False)


@never_cache
@require_http_methods(["GET", "POST"])
def reauth(request: HttpRequest) -> HttpResponse:
    """Give the password again before a grave action."""
    user = request.user
    target = safe_next(request, request.POST.get("next") or request.GET.get("next")) or "/"
    form = ReauthForm(request.POST or None)
    second = factors.active(user) is not None
    if not second:
        del form.fields["code"]
    if request.method == "POST" and form.is_valid():
        name, address = user.get_username(), client_address(request)
        if throttle.locked(name, address) or throttle.attempt(name, address):
            signals.login_locked.send(sender=ReauthForm, name=name, request=request, limit="reauth")
            form.add_error("password", LoginForm.error_messages["locked"])
        elif not user.check_password(form.cleaned_data["password"]):
            user_login_failed.send(sender=ReauthForm, credentials={"username": name}, request=request)
            form.add_error("password", "密码不对")
        else:
            throttle.forget(name, address)
            if not second or _passes(request, cast(User, user), form):
                sessions.prove(request)
                return redirect(target)
    return render(request, "people/reauth.html", {"form": form, "next": target})


@never_cache
@require_http_methods(["GET", "POST"])
@sessions.requires_recent_login(10)
def factor(request: HttpRequest) -> HttpResponse:
    """Set the second factor up: picture, first code, recovery codes shown once; or say that it is in force."""
    user = cast(User, request.user)
    if factors.active(user) is not None:
        left = user.recovery_codes.filter(used_at=None).count()
        return render(request, "people/factor.html", {"on": True, "left": left})
    found = factors.begin(user)
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = "扫码后验证器显示的 6 位数字"
    if request.method == "POST" and form.is_valid():
        try:
            return render(request, "people/factor.html", {"codes": factors.confirm(user, form.cleaned_data["code"])})
        except WenmaiError as error:
            form.add_error("code", str(error))
    return render(request, "people/factor.html", {"form": form, "picture": factors.picture(found), "secret": factors.plain(found)})


@require_POST
@sessions.requires_recent_login(10)
def factor_off(request: HttpRequest) -> HttpResponse:
    """Take one's own second factor away."""
    factors.remove(cast(User, request.user), request.user)
    messages.success(request, "动态口令已停用")
    return redirect("profile")


class ChangeForm(PasswordChangeForm):
    """Old and new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"old_password": "现在的密码", "new_password1": "新密码", "new_password2": "再输一次新密码"}
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = f"请填写{label}"
        self.fields["new_password1"].help_text = "至少 10 位，不能全是数字，不能是常见密码，不能含账号名，不能与最近 5 次用过的相同"


class Profile(PasswordChangeView):
    """Who I am here, by what I hold my roles, my second factor and my password."""

    template_name = "people/profile.html"
    form_class = ChangeForm
    success_url = reverse_lazy("profile")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        held = [(Role(role).label, how) for role, how in roles_of(user).items()]
        last = user.password_set_at
        said = {"held": held, "scope": row_scope(user), "factor": factors.active(user), "standing": standing_of(user), "last": last}
        return super().get_context_data(**said, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            form.user.must_change = False
            answer = super().form_valid(form)
            signals.password_changed.send(sender=Profile, user=self.request.user)
        messages.success(self.request, "密码已更改，其他设备上的登录已失效")
        return answer
