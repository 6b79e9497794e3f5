"""Login with a throttle, and the page where a person changes the password."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import user_login_failed
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy

from wenmai.office.people import signals, throttle
from wenmai.office.people.client import client_address
from wenmai.office.people.permissions import inside


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
        """Banks, firms, colleges and the like have logins, but not for the office site."""
        super().confirm_login_allowed(user)
        allowed, reason = inside(user)
        if not allowed:
            user_login_failed.send(sender=LoginForm, credentials={"username": user.username}, request=self.request)
            raise ValidationError(reason, code="outside")

    def get_invalid_login_error_as(self, code: str) -> ValidationError:
        """The validation error of this code."""
        return ValidationError(self.error_messages[code], code=code)


class Login(LoginView):
    """The door."""

    template_name = "people/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        path = Path(settings.WENMAI_HOME) / "site.json"
        site = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return super().get_context_data(demo=bool(site.get("demo")), district=site.get("district", ""), **kwargs)


class ChangeForm(PasswordChangeForm):
    """Old and new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"old_password": "现在的密码", "new_password1": "新密码", "new_password2": "再输一次新密码"}
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = f"请填写{label}"
        self.fields["new_password1"].help_text = "至少 10 位，不能全是数字，不能是常见密码"


class Profile(PasswordChangeView):
    """Who I am here, and my password."""

    template_name = "people/profile.html"
    form_class = ChangeForm
    success_url = reverse_lazy("profile")

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            signals.password_changed.send(sender=Profile, user=self.request.user)
        messages.success(self.request, "密码已更改，其他设备上的登录已失效")
        return answer
