"""The recognition rules that come with the house, as examples to be checked against the site's own document."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files
from typing import Any

from wenmai.rooms.records import services
from wenmai.rooms.records.kinds import kinds
from wenmai.rooms.records.models import RecognitionRule


def shipped() -> list[dict[str, Any]]:
    """One mapping per rule: the columns of a row, conditions gathered over its rows."""
    text = (files(__package__) / "data" / "recognition_rules.csv").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = {}
    for row in csv.DictReader(text.splitlines()):
        rule = found.setdefault(row["code"], {
            **{n: row[n] for n in ("code", "name", "level", "body", "document", "source", "note")},
            **{n: date.fromisoformat(row[n]) if row[n] else None for n in ("valid_from", "valid_to", "review_on")}, "conditions": [],
        })  # fmt: skip
        rule["conditions"].append({"measure": row["measure"], "at_least": int(row["at_least"]), "words": row["words"]})
    return list(found.values())


def install(actor: Any = None) -> int:
    """Put in what is not there by its code; what a site has changed stays."""
    kind, fresh = kinds()["rules"], 0
    for rule in shipped():
        if not RecognitionRule.objects.filter(code=rule["code"]).exists():
            services.create(kind, rule, actor, "随附示例")
            fresh += 1
    return fresh
