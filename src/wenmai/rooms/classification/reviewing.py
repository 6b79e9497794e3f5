"""The review queue: what to look at first, out to Excel, and back in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from openpyxl import load_workbook

from wenmai.base.values import InputError, WenmaiError
from wenmai.rooms.classification import services
from wenmai.rooms.classification.counting import calibration
from wenmai.rooms.classification.methods.queue import order, variance_reduction
from wenmai.rooms.classification.models import DecidedBy, Decision
from wenmai.rooms.registry.methods.population import GONE

HEADS = ("标识", "名称", "经营范围", "文化概率", "建议小类", "依据", "判定", "小类代码", "理由")


def queue(limit: int = 50, offset: int = 0) -> list[dict[str, Any]]:
    """Undecided units, the most useful to decide first: expected reduction of the variance of the published count."""
    query = (
        Decision.objects.filter(enterprise__current=True, decided_by=DecidedBy.SYSTEM, probability__isnull=False)
        .filter(probability__gt=0.02, probability__lt=0.98)
        # What a plain registered code settled is not in doubt; the queue is for what text had to tell.
        .exclude(basis="代码", outcome__in=["全部计入类", "非文化"])
        .exclude(enterprise__status__in=GONE)
        .exclude(enterprise__unit_type__in=["分支机构", "个体工商户", "其他"])
        .order_by("enterprise_id")
    )
    rows = list(query.values_list("enterprise_id", "probability"))
    if not rows:
        return []
    probability = np.array([p for _, p in rows], dtype=float)
    edges, counts = calibration(services.current_model(), probability)
    ranking = order(probability, None, edges, counts)
    gain = variance_reduction(probability, np.arange(len(probability)), edges, counts)
    ids = [rows[i][0] for i in ranking[offset : offset + limit]]
    gains = {rows[i][0]: float(gain[i]) for i in ranking[offset : offset + limit]}
    found = Decision.objects.filter(enterprise_id__in=ids).select_related("enterprise")
    by_id = {d.enterprise_id: d for d in found}
    return [
        {
            "key": by_id[i].enterprise.key, "name": by_id[i].enterprise.name, "scope": by_id[i].enterprise.scope,
            "probability": by_id[i].probability, "small_code": by_id[i].small_code, "outcome": by_id[i].outcome,
            "evidence": json.loads(by_id[i].evidence), "gain": gains[i], "id": i,
        }
        for i in ids
    ]  # fmt: skip


def export_queue(path: Path, limit: int = 2000) -> int:
    """Write the queue as a workbook with drop-downs for the decision; returns the number of rows."""
    rows = queue(limit)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("待核定")
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@", "valign": "top"})
    for column, title in enumerate(HEADS):
        sheet.write_string(0, column, title, head)
    for number, row in enumerate(rows, start=1):
        evidence = "；".join(f"{e.get('kind', '')}：{e.get('text', '')}" for e in row["evidence"][:4])
        for column, value in enumerate((row["key"], row["name"] or "", (row["scope"] or "")[:1000])):
            sheet.write_string(number, column, value, wrap if column else text)
        sheet.write_number(number, 3, round(row["probability"], 3))
        sheet.write_string(number, 4, row["small_code"] or "", text)
        sheet.write_string(number, 5, evidence, wrap)
        for column in (6, 7, 8):
            sheet.write_blank(number, column, None, text)
    if rows:
        sheet.data_validation(1, 6, len(rows), 6, {"validate": "list", "source": ["全部计入类", "部分计入类", "非文化", "待核定"]})
    sheet.freeze_panes(1, 2)
    for column, width in enumerate((22, 28, 60, 9, 10, 40, 12, 10, 24)):
        sheet.set_column(column, column, width)
    book.close()
    return len(rows)


def import_reviews(path: Path, actor: Any = None) -> dict[str, Any]:
    """Take decisions back from the workbook: rows in = decided + left blank + refused (with row and reason)."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises many kinds for a broken file
        raise InputError("核定表打不开", where=path.name, remedy="请用“导出核定表”得到的 .xlsx 填写后再导入") from error
    sheet = book.worksheets[0]
    table = sheet.iter_rows(values_only=True)
    heads = [str(h or "").strip() for h in next(table, ())]
    missing = [h for h in ("标识", "判定", "小类代码") if h not in heads]
    if missing:
        raise InputError(f"核定表缺少列：{'、'.join(missing)}", where=path.name, remedy="请使用“导出核定表”的表头")
    at = {h: heads.index(h) for h in heads if h}
    result: dict[str, Any] = {"rows": 0, "decided": 0, "blank": 0, "refused": []}
    for number, cells in enumerate(table, start=2):
        values = {h: ("" if i >= len(cells) or cells[i] is None else str(cells[i]).strip()) for h, i in at.items()}
        if not any(values.values()):
            continue
        result["rows"] += 1
        if not values["判定"]:
            result["blank"] += 1
            continue
        try:
            services.decide(
                values["标识"], values["判定"], values["小类代码"].zfill(4) if values["小类代码"] else None,
                values.get("理由", ""), actor, source=f"Excel {path.name}"[:60],
            )  # fmt: skip
        except WenmaiError as error:
            result["refused"].append({"row": number, "key": values["标识"], "reason": str(error)})
            continue
        result["decided"] += 1
    return result
