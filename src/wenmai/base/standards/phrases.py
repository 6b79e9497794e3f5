"""经营范围规范表述: 1,550 standard business-scope phrases with the section each is filed under."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .tables import read_rows


@dataclass(frozen=True, slots=True)
class ScopePhrase:
    """One phrase; `code` is the phrase's own number (e.g. A1001), which is not a GB/T 4754 code."""

    code: str
    phrase: str
    section: str
    section_name: str


@lru_cache(maxsize=1)
def scope_phrases() -> tuple[ScopePhrase, ...]:
    """All 1,550 phrases in file order."""
    return tuple(ScopePhrase(r["code"], r["phrase"], r["section_code"], r["section_name"]) for r in read_rows("business_scope_phrases.csv"))


@lru_cache(maxsize=1)
def _by_text() -> dict[str, ScopePhrase]:
    return {p.phrase: p for p in scope_phrases()}


def scope_phrase(text: str) -> ScopePhrase | None:
    """The standard phrase that reads exactly like `text`, or None."""
    return _by_text().get(text.strip())
