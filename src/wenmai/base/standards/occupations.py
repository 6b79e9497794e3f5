"""职业分类大典（2022）: the 198 culture-related occupations (the selection is ours)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .tables import is_true, read_rows


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation (细类), selected by its whole minor class (minor) or by itself (keyword).

    `sources_agreeing` is the number of sources with this code and name, or differs where their names differ."""

    code: str
    name: str
    middle_name: str
    minor_code: str
    minor_name: str
    digital: bool
    green: bool
    selected_by: str
    sources_agreeing: str


@lru_cache(maxsize=1)
def occupations() -> tuple[Occupation, ...]:
    """The culture-related occupations; `digital` and `green` are the S and L marks of the 2022 edition."""
    return tuple(
        Occupation(
            code=r["code"],
            name=r["name"],
            middle_name=r["middle_name"],
            minor_code=r["minor_code"],
            minor_name=r["minor_name"],
            digital=is_true(r["digital_mark"]),
            green=is_true(r["green_mark"]),
            selected_by=r["selected_by"],
            sources_agreeing=r["sources_agreeing"],
        )
        for r in read_rows("occupations_culture_2022.csv")
    )


def occupation(code: str) -> Occupation | None:
    """The culture-related occupation with this code (e.g. '2-02-14-01'), or None."""
    return next((o for o in occupations() if o.code == code.strip()), None)
