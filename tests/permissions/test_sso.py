"""Single sign-on against a small provider on the loopback address, with a key of its own: discovery, code, token, keys."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from wenmai.office.events.models import Event
from wenmai.office.people import factors, sso
from wenmai.office.people.models import ExternalLogin, Organisation, OrgKind, User

pytestmark = pytest.mark.django_db


class Provider:
    """What the provider knows, and what a test makes it say wrongly."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.signs_with = self.key
        self.claims: dict[str, Any] = {"sub": "s-1", "preferred_username": "worker"}
        self.spoil: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.token_calls: list[dict[str, list[str]]] = []
        self.url = ""

    def token(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.url, "aud": "wenmai", "iat": now, "exp": now + 300, "nonce": self.asked["nonce"], **self.claims, **self.spoil}
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signs_with)
        return {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def page(self, path: str, body: str) -> dict[str, Any]:
        if path.endswith("openid-configuration"):
            return {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys", "id_token_signing_alg_values_supported": ["RS256"], "response_types_supported": ["code"],
            }  # fmt: skip
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        self.token_calls.append(parse_qs(body))
        return self.token()


@pytest.fixture
def provider(home: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            data = json.dumps(made.page(urlsplit(self.path).path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The library refuses a provider without TLS; on the loopback of a test there is none.
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    settings.OIDC = {"issuer": made.url, "client_id": "wenmai", "client_secret": "secret", "link": "preferred_username"}
    cache.clear()
    sso._client.cache_clear()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("worker", role="reader")


def go(provider: Provider, browser: Client | None = None, **change: str) -> tuple[Client, Any]:
    """Off to the provider and back with its code."""
    browser = browser or Client()
    away = browser.get("/sso/")
    assert away.status_code == 302 and away.headers["Location"].startswith(f"{provider.url}/authorize?"), away.headers
    provider.asked = {k: v[0] for k, v in parse_qs(urlsplit(away.headers["Location"]).query).items()}
    return browser, browser.get("/sso/back", {"code": "c", "state": provider.asked["state"], **change})


def inside(browser: Client) -> bool:
    return browser.get("/jobs/").status_code == 200


def test_somebody_known_comes_in(provider: Provider, person: User) -> None:
    browser, answer = go(provider)
    assert answer.headers["Location"] == "/" and inside(browser)
    assert ExternalLogin.objects.get().subject == "s-1"
    assert provider.asked["code_challenge_method"] == "S256"
    verifier = provider.token_calls[0]["code_verifier"][0]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert challenge == provider.asked["code_challenge"]
    assert Event.objects.filter(verb="people.login.passed", actor="worker").count() == 1
    # A grave action still asks for the password: the provider may have asked for nothing just now.
    assert browser.get("/me/factor").headers["Location"].startswith("/me/confirm")


def test_the_same_person_under_another_name_at_the_provider(provider: Provider, person: User) -> None:
    go(provider)
    provider.claims["preferred_username"] = "renamed"
    assert inside(go(provider)[0])


def test_a_name_given_to_somebody_new_opens_nothing(provider: Provider, person: User) -> None:
    go(provider)
    provider.claims = {"sub": "s-2", "preferred_username": "worker"}
    browser, _ = go(provider)
    assert not inside(browser) and ExternalLogin.objects.count() == 1


@pytest.mark.parametrize("spoil", [{"nonce": "x"}, {"aud": "other"}, {"iss": "http://127.0.0.1:1"}, {"exp": 1}])
def test_a_token_that_is_not_for_this_login_is_refused(provider: Provider, person: User, spoil: dict[str, Any]) -> None:
    provider.spoil = spoil
    browser, answer = go(provider)
    assert answer.headers["Location"] == "/login" and not inside(browser)


def test_a_token_signed_by_another_key_is_refused(provider: Provider, person: User) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "k1"})
    assert not inside(go(provider)[0])


def test_an_answer_to_another_browser_is_refused(provider: Provider, person: User) -> None:
    assert not inside(go(provider, state="forged")[0])


def test_a_stranger_gets_no_login(provider: Provider, db: None) -> None:
    browser, _ = go(provider)
    assert not inside(browser) and not User.objects.exists()
    assert "没有在用账号" in browser.get("/login").content.decode()


def test_who_is_out_of_use_or_of_the_other_zone_stays_out(provider: Provider, person: User) -> None:
    person.organisation = Organisation.objects.create(name="某银行", kind=OrgKind.FINANCE)
    person.save()
    assert not inside(go(provider)[0])
    person.organisation, person.is_active = None, False
    person.save()
    assert not inside(go(provider)[0]) and ExternalLogin.objects.count() == 0


def test_linking_by_name_is_off_unless_the_site_says_so(provider: Provider, person: User, settings: Any) -> None:
    settings.OIDC = {**settings.OIDC, "link": ""}
    assert not inside(go(provider)[0])
    ExternalLogin.objects.create(user=person, issuer=provider.url, subject="s-1")
    assert inside(go(provider)[0])


def test_the_second_factor_is_asked_for_here_too(provider: Provider, person: User) -> None:
    import pyotp

    secret = factors.plain(factors.begin(person)).replace(" ", "")
    past = time.time() - 60
    factors.confirm(person, pyotp.TOTP(secret).at(past), past)
    browser, answer = go(provider)
    assert answer.headers["Location"] == "/login/code" and not inside(browser)
    browser, _ = go(provider)
    browser.post("/login/code", {"code": pyotp.TOTP(secret).now()})
    assert inside(browser)


def test_a_provider_that_does_not_answer(provider: Provider, person: User, settings: Any) -> None:
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    browser = Client()
    assert browser.get("/sso/").headers["Location"] == "/login"
    assert "暂时不可用" in browser.get("/login").content.decode()
