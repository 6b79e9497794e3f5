"""Invented credit codes: right in form and check digits, with an area code that no place has (999901)."""

from __future__ import annotations

import random

from wenmai.base.standards.uscc import ALPHABET, ORG_WEIGHTS, check_character


def organisation_code(body: str) -> str:
    """Eight characters plus the GB 11714 check digit (weights 3,7,9,10,5,8,4,2 mod 11, X for 10)."""
    total = sum(int(c, 36) * w for c, w in zip(body, ORG_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return body + ("X" if rest == 10 else "0" if rest == 11 else str(rest))


def credit_code(kind: str, area: str, body: str) -> str:
    """18 characters of GB 32100-2015 from two kind digits, six area digits and eight of the organisation."""
    first = kind + area + organisation_code(body)
    return first + check_character(first)


def registration_number(area: str, serial: int) -> str:
    """An old 15-digit registration number: area, eight digits, GB/T 17710 check (ISO 7064 MOD 11,10)."""
    first = f"{area}{serial % 10**8:08d}"
    rest = 10
    for character in first:
        rest = (rest + int(character)) % 10 or 10
        rest = rest * 2 % 11
    return first + str((11 - rest) % 10)


def random_body(rng: random.Random, modern: bool) -> str:
    """Eight characters: 'MAT…' for units registered from late 2015, digits beginning 00 for older ones."""
    if modern:
        return "MAT" + "".join(rng.choice(ALPHABET) for _ in range(5))
    return f"00{rng.randrange(10**6):06d}"


def with_wrong_check(code: str, rng: random.Random) -> str:
    """The same code with another last character, so that the GB 32100 check fails."""
    return code[:-1] + rng.choice(ALPHABET.replace(code[-1], ""))
