"""Settings of the outside site: the office's database and files, other addresses, other cookies, another process.

It holds no page of the office: what is not in outside_urls.py does not exist there. Its hosts are named apart."""

from __future__ import annotations

import os

from wenmai.web import settings as office
from wenmai.web.settings import *  # noqa: F403

ZONE = "outside"
ROOT_URLCONF = "wenmai.web.outside_urls"
WSGI_APPLICATION = "wenmai.web.outside_wsgi.application"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "wenmai_outside", "wenmai_outside_csrf"
ALLOWED_HOSTS = [h for h in os.environ.get("WENMAI_OUTSIDE_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
LOGIN_REDIRECT_URL = "mine"
# People of firms and banks are not in the office's sign-on.
OIDC = {}
TEMPLATES = [
    {
        **office.TEMPLATES[0],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wenmai.web.outside.frame",
            ]
        },
    }
]
# Attachments of firms are bounded in the room; nothing larger is read at all.
UPLOAD_LIMIT = 25 * 1024 * 1024
