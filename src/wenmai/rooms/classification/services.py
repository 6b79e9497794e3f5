"""The verbs of classification: run, decide, withdraw a decision, carry the review queue to Excel and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import connection, models, transaction

from wenmai.base import standards
from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.rooms.classification import permissions
from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.methods.model import Model, load_shipped
from wenmai.rooms.classification.models import DecidedBy, Decision, Outcome, Review
from wenmai.rooms.registry.models import Enterprise

Progress = Callable[[str, int, int | None], None]
CHUNK = 20000
_INPUT = ("id", "key", "name", "scope", "industry_code", "industry_text", "credit_code", "changed_batch_id", "batch_id")
_SCHEMA = {c: pl.Int64 if c in ("id", "changed_batch_id", "batch_id") else pl.Utf8 for c in _INPUT}
_COLUMNS = (
    "enterprise_id", "outcome", "decided_by", "forced", "small_code", "gbt_code", "probability", "basis", "edition",
    "evidence", "model_version", "input_batch_id",
)  # fmt: skip


def _silent(step: str, done: int, total: int | None = None) -> None:
    return None


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def site_model_path() -> Path:
    return Path(settings.WENMAI_HOME) / "model"


def current_model() -> Model:
    """The site's own model when it has been trained, else the shipped one."""
    path = site_model_path()
    return Model.load(path) if (path / "model.json").exists() else load_shipped()


def reviews() -> dict[str, Review]:
    """The standing review of each key: the latest that was not withdrawn."""
    return {r.key: r for r in Review.objects.filter(withdrawn=False).order_by("id")}


def run(progress: Progress = _silent, actor: Any = None, everything: bool = False) -> dict[str, int]:
    """Classify what is new, changed or was decided by another model; each chunk is committed on its own, so an
    interrupted run goes on where it stopped. Reviews always stand above the model."""
    _require(permissions.may_classify(actor))
    model = current_model()
    todo = Enterprise.objects.filter(current=True)
    if not everything:
        fresh = models.Q(decision=None) | ~models.Q(decision__input_batch_id=models.F("changed_batch_id"))
        todo = todo.filter(fresh | ~models.Q(decision__model_version=model.version))
    total = todo.count()
    editions: dict[int, str | None] = {}
    done, last = 0, 0
    while True:
        rows = list(todo.filter(id__gt=last).order_by("id").values_list(*_INPUT)[:CHUNK])
        if not rows:
            break
        last = rows[-1][0]
        frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
        _store(frame, classify(with_edition(frame, editions), model), model.version)
        done += len(rows)
        progress("识别行业", done, total)
    if total:
        with transaction.atomic():
            events.record("classification.run.finished", "classification", {"units": total, "model": model.version}, actor)
    return {"classified": total, **counts()}


def with_edition(frame: pl.DataFrame, known: dict[int, str | None]) -> pl.DataFrame:
    """Add the edition that each row's file uses for its industry codes; `known` remembers it per batch."""
    for batch in frame["batch_id"].unique().to_list():
        if batch not in known:
            codes = Enterprise.objects.filter(current=True, batch_id=batch, industry_code__isnull=False)
            pairs = list(codes.values_list("industry_code", "industry_text").distinct()[:20000])
            found = standards.detect_edition([c for c, _ in pairs], [t for _, t in pairs]) if pairs else None
            known[batch] = found.name if found else None
    return frame.with_columns(pl.col("batch_id").replace_strict(known, return_dtype=pl.Utf8).alias("edition"))


def _one_at_a_time() -> None:
    """A decision and a run's chunk must not interleave: whoever is second sees the first. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7302027)")


def _store(frame: pl.DataFrame, result: pl.DataFrame, version: str) -> None:
    """Write the decisions of a chunk. Reviews are read here, inside the transaction: one made while the model was at work
    stands above it like any other."""
    with transaction.atomic():
        _one_at_a_time()
        _write(frame, result, version, reviews())


def _write(frame: pl.DataFrame, result: pl.DataFrame, version: str, standing: dict[str, Review]) -> None:
    rows = []
    wanted = result.select("outcome", "forced", "small_code", "gbt_code", "probability", "basis", "edition", "evidence")
    for (id_, key, batch), values in zip(frame.select("id", "key", "changed_batch_id").iter_rows(), wanted.iter_rows(), strict=True):
        outcome, forced, small, gbt, probability, basis, edition, evidence = values
        by = DecidedBy.SYSTEM.value
        review = standing.get(key)
        if review is not None:
            outcome, by = review.outcome, DecidedBy.PERSON.value
            small = review.small_code if review.outcome != Outcome.NO else None
        elif outcome == Outcome.NO.value:
            small = None
        elif outcome != Outcome.PENDING.value and small is None:
            outcome = Outcome.PENDING.value  # cultural, but no class can be named: a person has to say
        rows.append((id_, outcome, by, forced, small, gbt, probability, basis, edition, evidence, version, batch))
    table = Decision._meta.db_table
    marks = ", ".join(["%s"] * len(_COLUMNS))
    sets = ", ".join(f"{c}=excluded.{c}" for c in _COLUMNS[1:])
    sql = f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES ({marks}) ON CONFLICT (enterprise_id) DO UPDATE SET {sets}"
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def counts() -> dict[str, int]:
    """Standing decisions by outcome (all units, before exclusions)."""
    found = dict(
        Decision.objects.filter(enterprise__current=True).values_list("outcome").annotate(n=models.Count("pk")).order_by()
    )
    return {o.value: int(found.get(o.value, 0)) for o in Outcome}


def check_class(outcome: str, small_code: str | None) -> tuple[str, str | None]:
    """The outcome as it must be for this small class: 全部/部分计入 follows from the class, never from the clicker."""
    if outcome not in Outcome.values:
        raise InputError(f"判定“{outcome}”不在可选项内", remedy="请填 全部计入类、部分计入类、非文化 或 待核定")
    if outcome in (Outcome.NO, Outcome.PENDING):
        return outcome, None
    if not small_code:
        raise InputError(f"判定为“{outcome}”须填小类代码", remedy="请填四位小类代码，如 0711")
    entry = standards.culture_small(small_code)
    if entry is None:
        raise InputError(f"小类代码“{small_code}”不在《文化及相关产业分类（2018）》内", remedy="请填四位小类代码，如 0711")
    starred = any(e.partial for e in entry.entries)
    return (Outcome.PARTIAL.value if starred else Outcome.WHOLE.value), entry.code


def decide(
    key: str, outcome: str, small_code: str | None = None, reason: str = "", actor: Any = None, source: str = "界面"
) -> Review:
    """A person's decision on one enterprise: it stands above the model until withdrawn or decided anew."""
    _require(permissions.may_review(actor))
    enterprise = Enterprise.objects.filter(key=key).first()
    if enterprise is None:
        raise NotFound(f"名录中没有标识为 {key} 的企业")
    outcome, small_code = check_class(outcome, small_code)
    with transaction.atomic():
        _one_at_a_time()
        review = Review.objects.create(
            key=key, outcome=outcome, small_code=small_code, reason=reason.strip()[:300], actor=actor,
            actor_name=getattr(actor, "username", "命令行"), source=source[:60],
        )  # fmt: skip
        Decision.objects.update_or_create(
            enterprise=enterprise,
            defaults={"outcome": outcome, "small_code": small_code, "decided_by": DecidedBy.PERSON},
            create_defaults={
                "outcome": outcome, "small_code": small_code, "decided_by": DecidedBy.PERSON, "model_version": "人工",
                "input_batch_id": enterprise.changed_batch_id,
            },
        )  # fmt: skip
        events.record("classification.enterprise.decided", f"enterprise:{key}", {"outcome": outcome, "small": small_code, "review": review.pk}, actor)
    return review


def withdraw(review_id: int, actor: Any = None) -> None:
    """Take a review back; the one before it stands again, or the model's answer."""
    _require(permissions.may_review(actor))
    review = Review.objects.filter(pk=review_id, withdrawn=False).first()
    if review is None:
        raise NotFound("没有这条核定记录，或已撤回")
    enterprise = Enterprise.objects.get(key=review.key)
    with transaction.atomic():
        _one_at_a_time()
        review.withdrawn = True
        review.save(update_fields=["withdrawn"])
        events.record("classification.enterprise.withdrawn", f"enterprise:{review.key}", {"review": review.pk}, actor)
        model = current_model()
        frame = pl.DataFrame(
            [[getattr(enterprise, c) for c in _INPUT]],
            schema=_SCHEMA, orient="row",
        )  # fmt: skip
        _store(frame, classify(with_edition(frame, {}), model), model.version)
