"""Entering facts by hand or from a file: try first, then record; both go through facts.record, so they cannot disagree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from wenmai.base.standards import culture_entries
from wenmai.base.values import InputError
from wenmai.office.events import services as events
from wenmai.office.figures import facts
from wenmai.office.figures.facts import CREATED, REJECTED, REVISED, UNCHANGED, NewFact, Outcome
from wenmai.office.figures.methods.layout import Reading, Value
from wenmai.office.figures.models import Definition, DefinitionState, FactStatus, Intake, Mark, Source
from wenmai.office.figures.sources import About, open_source
from wenmai.office.people.models import Subject, SubjectKind

BLANK = "空白"
WORDS = (CREATED, REVISED, UNCHANGED, REJECTED, BLANK)
HERE = "本区"
_KINDS = {label: value for value, label in SubjectKind.choices}
_STATES = {label: value for value, label in FactStatus.choices}


def indicator_names() -> dict[str, str]:
    """Name → code by the newest approved definitions; of two codes with one name neither (it would be a guess)."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for code, name in Definition.objects.filter(state=DefinitionState.APPROVED).order_by("number").values_list("entry_id", "name"):
        if found.get(name, code) != code:
            twice.add(name)
        found[name] = code
    return {name: code for name, code in found.items() if name not in twice}


def units_of() -> dict[str, str]:
    """Code → unit of the newest approved definition."""
    return dict(Definition.objects.filter(state=DefinitionState.APPROVED).order_by("number").values_list("entry_id", "unit"))


def item_names() -> dict[str, dict[str, str]]:
    """Names that stand for an item, by dimension: the nine classes of the 2018 standard."""
    return {"大类": {e.major_name: e.major_code for e in culture_entries()}}


def new_fact(said: dict[str, str], text: str, units: dict[str, str], keys: dict[tuple[str, str], str]) -> NewFact:
    """What somebody wrote as a NewFact. A missing unit is that of the indicator; an enterprise without a key is looked up
    by its exact name (`keys`), any other subject is known by its name."""
    kind = said.get("kind", "")
    kind = _KINDS.get(kind, kind) or SubjectKind.AREA.value
    key, name = said.get("key", ""), said.get("name", "")
    if not key and name:
        key = keys.get((kind, name), "") if kind in (SubjectKind.ENTERPRISE, SubjectKind.PERSON) else name
    if not key and not name and kind == SubjectKind.AREA:
        key = HERE
    state = said.get("status", "")
    value: str | None = text
    if text in _STATES and _STATES[text] in facts.EMPTY:
        value, state = None, text
    version = said.get("version", "")
    return NewFact(
        kind=kind, key=key[:100], code=said.get("code", ""), when=said.get("period", ""), value=value or None,
        unit=said.get("unit") or units.get(said.get("code", ""), ""), lane=said.get("lane", ""), scope=said.get("scope", ""),
        item=said.get("item", "")[:40], stage=said.get("stage", ""), status=_STATES.get(state, state) or FactStatus.REPORTED.value,
        mark=said.get("mark") or Mark.INTERNAL.value, name=name[:300], version=int(version) if version.isascii() and version.isdigit() else None,
    )  # fmt: skip


def keys_by_name(names: Sequence[str]) -> dict[tuple[str, str], str]:
    """(kind, name) → key of the subjects with these names; "" for a name that two of a kind have: it says nothing."""
    wanted = sorted(set(names) - {""})
    keys: dict[tuple[str, str], str] = {}
    for start in range(0, len(wanted), 500):
        for kind, name, key in Subject.objects.filter(name__in=wanted[start : start + 500]).values_list("kind", "name", "key"):
            keys[kind, name] = "" if (kind, name) in keys else key
    return keys


def facts_of(values: Sequence[Value]) -> list[NewFact]:
    """The facts of values that are not blank."""
    said = [v for v in values if not v.blank]
    keys = keys_by_name([v.qualifiers.get("name", "") for v in said])
    units = units_of()
    return [new_fact(v.qualifiers, v.text, units, keys) for v in said]


def rehearse(rows: Sequence[NewFact], about: About, actor: Any = None) -> Outcome:
    """What recording would do, without doing it: recorded and rolled back, so that every rule is asked."""
    with transaction.atomic():
        outcome = facts.record(rows, open_source(about, actor), actor)
        transaction.set_rollback(True)
    return outcome


def commit(rows: Sequence[NewFact], about: About, actor: Any = None) -> tuple[Source, Outcome]:
    """Open the source and record from it, in one transaction. Nothing is written when no row can be or need be."""
    with transaction.atomic():
        source = open_source(about, actor)
        outcome = facts.record(rows, source, actor)
        if not (outcome.counts[CREATED] + outcome.counts[REVISED]):  # the source goes back with the transaction
            if not outcome.counts[UNCHANGED]:
                raise InputError("没有一行可以保存", remedy="请按各行所列原因改正")
            raise InputError("各值与已有的相同，没有新值可以保存")
    return source, outcome


def lines_of(values: Sequence[Value], outcome: Outcome) -> list[list[Any]]:
    """Every value with what became of it, blanks in their place: rows in = sum of outcomes."""
    told = iter(outcome.rows)
    lines: list[list[Any]] = []
    for value in values:
        word, reason = (BLANK, "") if value.blank else next(told)
        said = value.qualifiers
        subject = said.get("name") or said.get("key", "")
        lines.append([value.row, value.column, word, reason, said.get("code", ""), subject, said.get("period", ""), value.text, said.get("item", "")])
    return lines


def counts_of(lines: Sequence[Sequence[Any]]) -> dict[str, int]:
    words = [line[2] for line in lines]
    return {word: words.count(word) for word in WORDS}


def take_in(
    values: Sequence[Value], about: About, heads: Sequence[str], reading: Reading, file_name: str, sheet: str = "", actor: Any = None
) -> Intake:  # fmt: skip
    """Record a file's values and keep how it was read and what became of every value."""
    with transaction.atomic():
        source, outcome = commit(facts_of(values), about, actor)
        lines = lines_of(values, outcome)
        intake = Intake.objects.create(
            source=source, file_name=file_name[:255], sheet=sheet[:120], heads=list(heads), reading=reading.as_dict(), counts=counts_of(lines),
            rows=lines, actor_name=source.actor_name,
        )  # fmt: skip
        events.record("figures.intake.finished", f"intake:{intake.pk}", {"source": source.pk, "counts": intake.counts}, actor)
    return intake
