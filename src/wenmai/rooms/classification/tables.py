"""The snapshot's tables: units with their decisions, and the rows of every standing batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from django.conf import settings

from wenmai.base import standards
from wenmai.rooms.registry import storage
from wenmai.rooms.registry.choices import BatchKind, BatchState, Outcome
from wenmai.rooms.registry.methods.coverage import gate
from wenmai.rooms.registry.methods.population import exclusion
from wenmai.rooms.registry.models import Batch, Enterprise, Register

_FIELDS = {
    "key": pl.Utf8, "credit_code": pl.Utf8, "name": pl.Utf8, "unit_type": pl.Utf8, "status": pl.Utf8,
    "registered_on": pl.Date, "industry_code": pl.Utf8, "industry_text": pl.Utf8, "district": pl.Utf8, "street": pl.Utf8, "park": pl.Utf8,
    "batch_id": pl.Int64, "sheet": pl.Int64, "row": pl.Int64, "decision__outcome": pl.Utf8,
    "decision__decided_by": pl.Utf8, "decision__forced": pl.Boolean, "decision__small_code": pl.Utf8,
    "decision__gbt_code": pl.Utf8, "decision__probability": pl.Float64, "decision__basis": pl.Utf8,
}  # fmt: skip
CHUNK = 50000


def site() -> dict[str, Any]:
    """The site's settings (WENMAI_HOME/site.json): district, office, demo."""
    path = Path(settings.WENMAI_HOME) / "site.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _classes() -> pl.DataFrame:
    entries: dict[str, tuple[str, str, bool, bool, str]] = {}
    for entry in standards.culture_entries():
        entries.setdefault(entry.small_code, (entry.major_code, entry.major_name, entry.core, entry.new_form, entry.small_name))
    return pl.DataFrame(
        [(k, *v) for k, v in entries.items()],
        schema=["small_code", "major_code", "major_name", "core", "new_form", "small_name"], orient="row",
    )  # fmt: skip


def units() -> Iterator[pa.Table]:
    """One row per enterprise that stands in the register."""
    classes = _classes()
    home = site().get("district")
    query = Enterprise.objects.filter(current=True).order_by("id").values_list(*_FIELDS)
    rows: list[tuple[Any, ...]] = []
    sent = False
    for row in query.iterator(chunk_size=20000):
        rows.append(row)
        if len(rows) == CHUNK:
            yield _finish(rows, classes, home)
            sent, rows = True, []
    if rows or not sent:
        yield _finish(rows, classes, home)


def _finish(rows: list[tuple[Any, ...]], classes: pl.DataFrame, home: str | None) -> pa.Table:
    frame = pl.DataFrame(rows, schema=_FIELDS, orient="row")
    frame = frame.rename({c: c.removeprefix("decision__") for c in frame.columns})
    frame = frame.join(classes, on="small_code", how="left", maintain_order="left").with_columns(
        exclusion(home).alias("excluded"), pl.col("registered_on").dt.year().alias("year")
    )
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def rows() -> Iterator[pa.Table]:
    """One row per row of every standing import batch: where it went and whether it is the first of its enterprise."""
    frames = []
    batches = Batch.objects.filter(kind=BatchKind.IMPORT, state=BatchState.PUBLISHED).order_by("id")
    for batch in batches:
        frames.append(
            storage.scan(batch.pk, "outcomes").select(
                (pl.lit(batch.pk) * 1_000_000_000 + pl.col("seq")).alias("id"),
                pl.lit(batch.pk).cast(pl.Int64).alias("batch_id"),
                "sheet",
                "row",
                "outcome",
                pl.col("into").alias("key"),
                "reason",
                "column",
            )
        )
    schema = {
        "id": pl.Int64, "batch_id": pl.Int64, "sheet": pl.Int64, "row": pl.Int64, "outcome": pl.Utf8, "key": pl.Utf8,
        "reason": pl.Utf8, "column": pl.Utf8,
    }  # fmt: skip
    frame = pl.concat(frames, how="vertical_relaxed").collect() if frames else pl.DataFrame(schema=schema)
    repeat = pl.col("key").is_not_null() & ~pl.col("key").is_first_distinct()
    frame = frame.with_columns(repeat.alias("repeat"), (pl.col("outcome") == Outcome.REJECTED.value).alias("rejected"))
    yield frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def snapshot_facts(paths: dict[str, Path]) -> dict[str, Any]:
    """Provider, period, vintage and the coverage gate, as they were when the snapshot was taken."""
    analysed = pl.scan_parquet(paths["units"]).filter(pl.col("excluded").is_null()).collect()
    batches = Batch.objects.filter(kind=BatchKind.IMPORT, state=BatchState.PUBLISHED).order_by("id")
    providers = list(dict.fromkeys(b.provider for b in batches if b.provider))
    as_of = [b.as_of for b in batches if b.as_of]
    dates = analysed["registered_on"].drop_nulls()
    period = f"登记日期 {dates.min()!s} 至 {dates.max()!s}" if len(dates) else "名录未载登记日期"
    return {
        "provider": "、".join(providers) or "未载明提供单位",
        "vintage": f"数据截至 {max(as_of)}" if as_of else "数据截至日期未载",
        "as_of": str(max(as_of)) if as_of else None,
        "period": period,
        "files": [b.file_name for b in batches],
        "gate": [c.as_dict() for c in gate(analysed)],
        "register_version": Register.objects.filter(pk=1).values_list("version", flat=True).first() or 0,
        "district": site().get("district"),
    }
