"""The outside site in the test's process, as `wenmai serve --zone outside` runs it in its own."""

from __future__ import annotations

from typing import Any

import pytest

NAMES = (
    "ZONE", "ROOT_URLCONF", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LOGIN_REDIRECT_URL", "OIDC", "TEMPLATES", "UPLOAD_LIMIT",
)  # fmt: skip


@pytest.fixture
def outside_site(settings: Any) -> None:
    from wenmai.web import outside_settings

    for name in NAMES:
        setattr(settings, name, getattr(outside_settings, name))
