"""Text helpers shared by the document writers: legal XML text, display width, what counts as a number."""

from __future__ import annotations

import re
import unicodedata

PLACEHOLDER = re.compile(r"【[^】]*】")
# An opened but never closed 【 is still something nobody has filled in, so the search form takes it too.
OPEN_PLACEHOLDER = re.compile(r"【[^】]*】?")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A leading zero ("0110") marks a code, which stays text; a unit sign after the number is allowed.
_NUMBER = re.compile(r"^[约+\-−]?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?:\.\d+)?(?:%|‰)?$")
_BLANK_CELLS = frozenset({"", "-", "—", "－", "…", "/", "*", "x", "X"})


def legal(text: str) -> str:
    """`text` without the control characters XML forbids (they arrive from old exports)."""
    return _ILLEGAL.sub("", text)


def display_width(text: str) -> float:
    """Width in full-width characters: East Asian wide, full and ambiguous count 1, others 0.5."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def is_number(text: str) -> bool:
    """Whether a cell prints a quantity (1,234 / −3.5 / 12.0% / 约120); codes with a leading zero do not."""
    return bool(_NUMBER.match(text.strip()))


def is_blank_cell(text: str) -> bool:
    """Whether a cell prints nothing or one of the signs tables use for 'no value'."""
    return text.strip() in _BLANK_CELLS
