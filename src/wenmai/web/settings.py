"""Django settings. All state lives under WENMAI_HOME; the database is SQLite there unless DATABASE_URL is set."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import dj_database_url

from wenmai.office.people.client import networks

WENMAI_HOME = Path(os.environ.get("WENMAI_HOME", "var")).resolve()


def _secret() -> str:
    """One secret per home, made at first use and readable by its owner only."""
    path = WENMAI_HOME / "secret.key"
    if not path.exists():
        WENMAI_HOME.mkdir(parents=True, exist_ok=True)
        try:
            fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(fd, "w") as handle:
            handle.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = os.environ.get("WENMAI_SECRET_KEY") or _secret()
DEBUG = False
ALLOWED_HOSTS = [h for h in os.environ.get("WENMAI_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
# Proxies whose X-Forwarded-For is believed: addresses or ranges, "10.0.0.5,10.1.0.0/16". None by default.
TRUSTED_PROXIES = networks(os.environ.get("WENMAI_TRUSTED_PROXIES", ""))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "wenmai.office.people",
    "wenmai.office.events",
    "wenmai.office.jobs",
    "wenmai.office.kit",
    "wenmai.office.figures",
    "wenmai.rooms.registry",
    "wenmai.rooms.classification",
    "wenmai.rooms.records",
    "wenmai.rooms.collection",
    "wenmai.rooms.briefing",
    "wenmai.rooms.portal",
    "wenmai.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "wenmai.office.people.sessions.logins_end",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "wenmai.office.people.sessions.PasswordIsDue",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wenmai.web.middleware.downloads_leave_a_trace",
    "wenmai.web.middleware.own_content_only",
]
ROOT_URLCONF = "wenmai.web.urls"
WSGI_APPLICATION = "wenmai.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wenmai.web.shell.navigation",
                "wenmai.web.saved.offered",
            ]
        },
    }
]
if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": dj_database_url.config(conn_max_age=60)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(WENMAI_HOME / "wenmai.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
            },
        }
    }
AUTH_USER_MODEL = "people.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "wenmai.office.people.policy.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "wenmai.office.people.policy.NotTheName"},
    {"NAME": "wenmai.office.people.policy.NotReused"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
# Which of the two sites this process is; outside_settings.py is the other.
ZONE = "office"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "wenmai_office", "wenmai_office_csrf"
# A login ends after this many seconds without a page, and after the longest in any case.
SESSION_IDLE = 60 * int(os.environ.get("WENMAI_IDLE_MINUTES", "30"))
SESSION_LONGEST = 3600 * int(os.environ.get("WENMAI_LOGIN_HOURS", "12"))
SESSION_COOKIE_AGE = SESSION_LONGEST
# A password must be changed after so many days; 0 is never.
PASSWORD_MAX_DAYS = int(os.environ.get("WENMAI_PASSWORD_DAYS", "0"))
# Single sign-on, when the site has a provider. `link` is the claim that names a login here, for a first visit; without it
# an administrator ties logins beforehand.
OIDC = (
    {
        "issuer": os.environ["WENMAI_OIDC_ISSUER"], "client_id": os.environ.get("WENMAI_OIDC_CLIENT", ""),
        "client_secret": os.environ.get("WENMAI_OIDC_SECRET", ""), "link": os.environ.get("WENMAI_OIDC_LINK", ""),
    }
    if os.environ.get("WENMAI_OIDC_ISSUER")
    else {}
)  # fmt: skip
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if os.environ.get("WENMAI_TLS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The language is the office's, never the browser's (no LocaleMiddleware on purpose).
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATIC_ROOT = WENMAI_HOME / "static"
WHITENOISE_USE_FINDERS = True
UPLOAD_LIMIT = int(os.environ.get("WENMAI_UPLOAD_LIMIT", 200 * 1024 * 1024))
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
