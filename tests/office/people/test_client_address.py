"""The client's address behind a proxy: X-Forwarded-For is believed from named proxies only, and read from the right."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from wenmai.office.people.client import client_address, networks

# Addresses of RFC 5737 (documentation) and RFC 1918 (private).
PROXIES = "10.0.0.5, 10.1.0.0/16, fd00::/8"


def ask(remote: str, forwarded: str | None = None) -> str:
    more = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **more))


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # a stranger may say what he likes
        ("10.0.0.5", None, "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # what stands left was sent by the client itself
        ("10.0.0.5", "198.51.100.1, 10.1.7.7", "198.51.100.1"),  # two proxies in a row
        ("10.0.0.5", "10.1.7.7", "10.1.7.7"),
        ("10.0.0.5", "198.51.100.1, rubbish", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("::ffff:10.0.0.5", "198.51.100.1:5512", "198.51.100.1"),
        ("fd00::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("", "198.51.100.1", ""),  # a Unix socket names no address, so nothing vouches for the header
    ],
)
def test_address(settings: Any, remote: str, forwarded: str | None, expected: str) -> None:
    settings.TRUSTED_PROXIES = networks(PROXIES)
    assert ask(remote, forwarded) == expected


def test_nobody_is_trusted_by_default(settings: Any) -> None:
    settings.TRUSTED_PROXIES = networks("")
    assert ask("127.0.0.1", "198.51.100.1") == "127.0.0.1"


@given(forged=st.lists(st.one_of(st.ip_addresses().map(str), st.text(alphabet="0123456789.:,[] x", max_size=20)), max_size=5))
def test_no_header_hides_the_last_stranger(forged: list[str]) -> None:
    """Whatever a client writes before, the address its proxy saw is what counts."""
    from django.test import override_settings

    with override_settings(TRUSTED_PROXIES=networks(PROXIES)):
        assert ask("10.0.0.5", ", ".join([*forged, "198.51.100.1"])) == "198.51.100.1"


def test_a_wrong_setting_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"proxy\.local"):
        networks("10.0.0.5,proxy.local")
