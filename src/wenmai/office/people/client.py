"""Where a request came from. Behind a proxy REMOTE_ADDR is the proxy; what it says of the client is believed only from
addresses the site named in WENMAI_TRUSTED_PROXIES."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:  # the settings read this module; it must not pull the web framework in
    from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def networks(text: str) -> tuple[Network, ...]:
    """The addresses and CIDR ranges of a comma list; a word that is neither stops the start with a clear message."""
    found: list[Network] = []
    for word in (w.strip() for w in text.split(",")):
        if not word:
            continue
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError as error:
            raise ImproperlyConfigured(f"WENMAI_TRUSTED_PROXIES 中的“{word}”不是地址或网段，请写成 10.0.0.5 或 10.0.0.0/24") from error
    return tuple(found)


def _parse(text: str) -> Address | None:
    """An address, with or without a port, brackets or the IPv4-in-IPv6 form; None for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _trusted(address: Address, proxies: Sequence[Network]) -> bool:
    return any(address.version == n.version and address in n for n in proxies)


def client_address(request: HttpRequest) -> str:
    """The client's address: REMOTE_ADDR, or, when that is a trusted proxy, the last address in X-Forwarded-For that is
    not one. The list is read from the right: what stands left of the first stranger is that stranger's own claim."""
    remote = request.META.get("REMOTE_ADDR", "")
    proxies: Sequence[Network] = settings.TRUSTED_PROXIES
    here = _parse(remote)
    if here is None or not _trusted(here, proxies):
        return str(here) if here else remote[:45]
    for word in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _parse(word)
        if address is None:
            break
        here = address
        if not _trusted(address, proxies):
            break
    return str(here)
