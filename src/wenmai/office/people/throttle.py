"""Counting failed logins. One file per counter under the home, one byte per attempt: appending is atomic, so parallel
attempts through several processes cannot slip under the limit."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

LOCKED_SECONDS = 600
# (what is counted, attempts that may fail). One account from one address; one account from anywhere, since a guesser
# may change addresses; one address for any account, since a guesser may change accounts (an office behind one
# address stays below it).
LIMITS = (("account+address", 5), ("account", 20), ("address", 100))


def _folder() -> Path:
    return Path(settings.WENMAI_HOME) / "cache" / "login"


def _counters(username: str, address: str) -> Iterator[tuple[str, Path, int]]:
    name = username.strip().lower()
    for kind, limit in LIMITS:
        who = {"account+address": f"{name}\n{address}", "account": name, "address": address}[kind]
        yield kind, _folder() / hashlib.sha256(f"{kind}\n{who}".encode()).hexdigest(), limit


def _count(path: Path) -> int:
    """Attempts that count now: none when the last one is LOCKED_SECONDS old."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return 0
    return about.st_size if time.time() - about.st_mtime < LOCKED_SECONDS else 0


def _old(path: Path) -> bool:
    """Whether a counter is past its time. One that was made this moment and holds no byte yet is not: another process
    is about to write into it."""
    try:
        return time.time() - path.stat().st_mtime >= LOCKED_SECONDS
    except FileNotFoundError:
        return False


def locked(username: str, address: str) -> str:
    """Which counter stands at its limit, or ""."""
    return next((kind for kind, path, limit in _counters(username, address) if _count(path) >= limit), "")


def attempt(username: str, address: str) -> str:
    """Count one attempt before its password is looked at; returns which limit it goes over, or ""."""
    _folder().mkdir(parents=True, exist_ok=True)
    over = ""
    for kind, path, limit in _counters(username, address):
        if _old(path):
            path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, b".")
            # Where this byte ended, not how long the file is by now: of attempts at once each gets its own number.
            size = os.lseek(handle, 0, os.SEEK_CUR)
        finally:
            os.close(handle)
        if size > limit:
            over = over or kind
    return over


def forget(username: str, address: str) -> None:
    """After a success: this account starts anew; the address keeps the failures of other accounts, less this one."""
    for kind, path, _ in _counters(username, address):
        if kind == "address":
            size = _count(path)
            if size > 1:
                os.truncate(path, size - 1)
                continue
        path.unlink(missing_ok=True)
    for old in _folder().glob("*"):
        if _old(old):
            old.unlink(missing_ok=True)
