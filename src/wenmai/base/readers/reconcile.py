"""Sums of the numeric columns, for checking against the sender's own totals."""

from __future__ import annotations

from typing import Any

import polars as pl

from .columns import first_known
from .model import Mapping, Normalised, Sheet


def reconcile(sheet: Sheet, mapping: Mapping, normalised: Normalised) -> list[dict[str, Any]]:
    """For the capital columns: rows, rows with a value, readable, unreadable, sum per currency.

    Sums are Decimal in whole units of the currency, never added across currencies; the key "未注明" holds
    amounts without a stated currency. They check the transfer; registered capital is not a figure to report.
    """
    positions = mapping.fields.get("capital", [])
    if not positions:
        return []
    rows = sheet.frame.select("row").with_columns(first_known(sheet.frame, positions).alias("text"))
    joined = normalised.frame.select("row", "capital_amount", "capital_currency").join(
        rows, on="row", how="left"
    )
    with_value = joined.filter(pl.col("text").is_not_null())
    readable = with_value.filter(pl.col("capital_amount").is_not_null())
    sums = (
        readable.group_by(pl.col("capital_currency").fill_null("未注明").alias("currency"))
        .agg(pl.col("capital_amount").sum().alias("amount"), pl.len().alias("rows"))
        .sort("currency")
    )
    return [
        {
            "field": "capital",
            "columns": [sheet.columns[at].title for at in positions],
            "rows": normalised.frame.height,
            "with_value": with_value.height,
            "readable": readable.height,
            "unreadable": with_value.height - readable.height,
            "sums": dict(zip(sums["currency"], sums["amount"], strict=True)),
            "rows_by_currency": dict(zip(sums["currency"], sums["rows"], strict=True)),
        }
    ]
