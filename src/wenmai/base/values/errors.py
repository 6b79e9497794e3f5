"""The error tree. A user's mistake is told in one Chinese line: what, where, what to do; never a traceback."""

from __future__ import annotations


class WenmaiError(Exception):
    """Base of all errors meant for a person; `where` names file/sheet/row/column, `remedy` what to do."""

    exit_code = 2

    def __init__(self, message: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.message, self.where, self.remedy = message, where, remedy
        super().__init__(message)

    def __str__(self) -> str:
        text = self.message
        if self.where:
            text += f"（{self.where}）"
        if self.remedy:
            text = f"{text.rstrip('。')}。{self.remedy}"
        return text


class InputError(WenmaiError):
    """What came in (a file, a value, an option) cannot be used as it is."""


class NotFound(WenmaiError):
    """What was asked for does not exist."""


class Refused(WenmaiError):
    """The office's rules do not allow it; the message says which rule."""
