"""Value types that every floor of the house may use: errors, and the words for what is unknown."""

from wenmai.base.values.errors import InputError, NotFound, Refused, WenmaiError

__all__ = ["InputError", "NotFound", "Refused", "WenmaiError"]
