"""Login with a throttle, and the page where a person changes the password."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.cache.backends.filebased import FileBasedCache
from django.http import HttpResponse
from django.urls import reverse_lazy

FAILURES = 5
LOCKED_SECONDS = 600


def _store() -> FileBasedCache:
    """Counts of failures, in files under the home so that all workers of the machine see the same ones."""
    folder = Path(settings.WENMAI_HOME) / "cache" / "login"
    return FileBasedCache(str(folder), {"timeout": LOCKED_SECONDS, "max_entries": 20000})


def _key(username: str, address: str) -> str:
    return hashlib.sha256(f"{username.strip().lower()}\n{address}".encode()).hexdigest()


class LoginForm(AuthenticationForm):
    """User name and password, with errors that say what to do."""

    error_messages = {
        "invalid_login": "用户名或密码不对，请核对后重试（区分大小写）",
        "inactive": "账号已停用，请联系系统管理员",
        "locked": "连续 5 次未通过，已锁定 10 分钟；请稍后再试，或请系统管理员重设密码",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label, self.fields["password"].label = "用户名", "密码"
        for field in self.fields.values():
            field.error_messages["required"] = f"请填写{field.label}"

    def clean(self) -> dict[str, Any]:
        """Refuse while locked, without looking at the password; count a failure, forget them on success."""
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        key, store = _key(self.cleaned_data.get("username") or "", address), _store()
        failures = int(store.get(key, 0))
        if failures >= FAILURES:
            raise self.get_invalid_login_error_as("locked")
        complete = bool(self.cleaned_data.get("username") and self.cleaned_data.get("password"))
        try:
            data = super().clean()
        except Exception:
            store.set(key, failures + 1, LOCKED_SECONDS)
            raise
        if complete:
            store.delete(key)
        return data

    def get_invalid_login_error_as(self, code: str) -> Exception:
        """The validation error of this code."""
        from django.core.exceptions import ValidationError

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
        messages.success(self.request, "密码已更改")
        return super().form_valid(form)
