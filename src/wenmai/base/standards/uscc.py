"""GB 32100-2015 法人和其他组织统一社会信用代码 (USCC): checking a code and reading its parts. Nothing is
repaired.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt
from stdnum.cn import uscc as stdnum_uscc

from .tables import read_rows

EDITION = "GB 32100-2015"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# Letters outside the alphabet and what a typist may have meant: for a suggestion, never for a repair.
_CONFUSABLE = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "UY"}
_VALUE = {character: index for index, character in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class UsccResult:
    """What a code says of itself.

    `ok`: length, alphabet and check character are right. `org_code_ok`: the check digit inside the
    organisation code (positions 9-17) is right too, which `ok` does not include. `reason` is '' when ok,
    else one Chinese line.
    `authority` and `kind` name positions 1 and 2, `area` is positions 3-8, `unit_hint` what kind of unit
    such a code is given to. `suggestion` is a code that would pass both checks after width, case, blanks or
    look-alike letters are changed: a proposal for a person, or None. A valid code may still belong to
    another unit.
    """

    code: str
    ok: bool
    reason: str
    authority_digit: str
    authority: str
    kind_digit: str
    kind: str
    area: str
    org_code: str
    org_code_ok: bool
    unit_hint: str
    is_enterprise: bool | None
    suggestion: str | None


@lru_cache(maxsize=1)
def _kinds() -> dict[str, dict[str, str]]:
    return {r["authority_code"] + r["kind_code"]: r for r in read_rows("uscc_kinds.csv")}


@lru_cache(maxsize=1)
def _authorities() -> dict[str, str]:
    return {r["authority_code"]: r["authority"] for r in read_rows("uscc_kinds.csv")}


def check_character(first_seventeen: str) -> str:
    """The 18th character for 17 characters of the alphabet; KeyError for others."""
    total = sum(_VALUE[c] * w for c, w in zip(first_seventeen, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def org_code_is_valid(org_code: str) -> bool:
    """GB 11714 check of a 9-character organisation code without hyphen: weights 3,7,9,10,5,8,4,2 mod 11, X
    for 10.
    """
    if re.fullmatch(r"[0-9A-Z]{8}[0-9X]", org_code) is None:
        return False
    total = sum(int(c, 36) * w for c, w in zip(org_code[:8], ORG_WEIGHTS, strict=True))
    return org_code[8] == "0123456789X0"[11 - total % 11]


def _fault(code: str) -> str:
    """Why a code fails, in Chinese; '' when it passes."""
    if not code:
        return "统一社会信用代码为空"
    strange = sorted({c for c in code if c not in _VALUE})
    if len(code) != 18:
        text = f"应为18位，实为{len(code)}位"
        return f"{text}，且含不允许的字符“{''.join(strange)}”" if strange else text
    if strange:
        places = "、".join(str(i + 1) for i, c in enumerate(code) if c not in _VALUE)
        return f"第{places}位含代码字符集以外的字符“{''.join(strange)}”（不用 I、O、S、V、Z，字母须半角大写）"
    # python-stdnum refuses letters among the first eight places, which A, N and Y codes have: checked here
    # instead.
    right = check_character(code[:17])
    if stdnum_uscc.is_valid(code) if code[:8].isdigit() else right == code[17]:
        return ""
    if _looks_like_identity_number(code):
        return "校验位不符；形似居民身份证号，请核对并勿留存"
    return f"校验位不符（第18位应为{right}）"


def _looks_like_identity_number(code: str) -> bool:
    """GB 11643 form and check (ISO 7064 MOD 11-2): such a value in a register is a mistake that exposes a
    person.
    """
    if re.fullmatch(r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX]", code) is None:
        return False
    total = sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(code[:17]))
    return "10X98765432"[total % 11] == code[17]


def _suggestion(code: str) -> str | None:
    """The one code that passes both checks after folding width, case and blanks and swapping look-alike
    letters.
    """
    folded = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).upper()
    if len(folded) != 18 or sum(c in _CONFUSABLE for c in folded) > 4:
        return None
    choices = ["".join(parts) for parts in product(*(_CONFUSABLE.get(c, c) for c in folded))]
    passing = [c for c in choices if not _fault(c) and org_code_is_valid(c[8:17])]
    return passing[0] if len(passing) == 1 and passing[0] != code else None


def check(code: str | None) -> UsccResult:
    """Check one code exactly as written and read its parts. Blanks, small letters and full-width forms fail.

    Source: GB 32100-2015 (character set, weights, check character) and GB 11714 (embedded organisation
    code); the names of authorities and kinds are recalled (data/uscc_kinds.csv, 待确认).
    """
    text = code or ""
    fault = _fault(text)
    readable = len(text) == 18
    authority_digit, kind_digit = (text[0], text[1]) if readable else ("", "")
    known = _kinds().get(authority_digit + kind_digit, {})
    org_code = text[8:17] if readable else ""
    result = UsccResult(
        code=text,
        ok=not fault,
        reason=fault,
        authority_digit=authority_digit,
        authority=_authorities().get(authority_digit, "未知登记管理部门" if readable else ""),
        kind_digit=kind_digit,
        kind=known.get("kind", "未知机构类别" if readable else ""),
        area=text[2:8] if readable else "",
        org_code=org_code,
        org_code_ok=org_code_is_valid(org_code),
        unit_hint=known.get("unit_hint", "其他" if readable else ""),
        is_enterprise={"true": True, "false": False}.get(known.get("is_enterprise", "")),
        suggestion=None,
    )
    return replace(result, suggestion=_suggestion(text)) if fault else result


_LOOKUP = np.full(128, -1, dtype=np.int16)
for _character, _index in _VALUE.items():
    _LOOKUP[ord(_character)] = _index


def valid_mask(
    codes: npt.NDArray[np.str_] | npt.NDArray[np.object_] | Sequence[str | None],
) -> npt.NDArray[np.bool_]:
    """`check(code).ok` for many codes at once: a 1-D boolean array of the same length, False for None."""
    items: Sequence[str | None] = codes.tolist() if isinstance(codes, np.ndarray) else codes
    lengths = np.fromiter((len(c) if isinstance(c, str) else 0 for c in items), dtype=np.int64, count=len(items))
    where = np.flatnonzero(lengths == 18)
    result = np.zeros(len(items), dtype=np.bool_)
    if where.size == 0:
        return result
    joined = "".join(c for c in items if isinstance(c, str) and len(c) == 18)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).reshape(-1, 18)
    values = np.where(points < 128, _LOOKUP[np.minimum(points, 127)], np.int16(-1))
    in_alphabet = (values >= 0).all(axis=1)
    totals = values[:, :17].astype(np.int32) @ np.array(WEIGHTS, dtype=np.int32)
    result[where] = in_alphabet & ((31 - totals % 31) % 31 == values[:, 17])
    return result
