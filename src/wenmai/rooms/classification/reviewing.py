"""The review queue: what to look at first, out to Excel, and back in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from django.db.models import Q
from django.utils import timezone
from openpyxl import load_workbook

from wenmai.base.values import InputError, NotFound, Refused, WenmaiError
from wenmai.office.people.rows import row_scope
from wenmai.rooms.classification import services
from wenmai.rooms.classification.methods.interval import calibration_bins
from wenmai.rooms.classification.methods.queue import Ranking, groups, ranking
from wenmai.rooms.classification.models import DecidedBy, Decision, Outcome, Review
from wenmai.rooms.registry.methods.population import GONE
from wenmai.rooms.registry.models import Enterprise
from wenmai.rooms.registry.queries import within

HEADS = ("标识", "名称", "经营范围", "文化概率", "建议小类", "依据", "判定", "小类代码", "理由", "来由", "同类家数")
DOUBT = 0.02
TITLE = "文脉核定表"
LOT = np.uint64(2654435761)  # odd: a fixed shuffle of the identities


def queue(limit: int = 50, offset: int = 0, pending_only: bool = False, user: Any = None) -> list[dict[str, Any]]:
    """Undecided units, the most useful to decide first: expected reduction of the variance of the published count, given
    what the reviews so far have taught. Each tells how many open units were read alike (`settles`, itself included) and
    whether it is there to be decided (待核定) or as a spot check of its kind (抽查).

    The rows are those of the count, so plain ones come up too: when thousands are taken for "no" on the word of the
    model alone, a few looks among them narrow the count more than a look at any single doubtful row. `pending_only`: the
    same order, without the spot checks. `user`: the order is the whole register's, shown are the rows this person may see.
    """
    query = (
        Decision.objects.filter(enterprise__current=True, probability__isnull=False)
        .exclude(enterprise__status__in=GONE)
        .exclude(enterprise__unit_type__in=["分支机构", "个体工商户", "其他"])
        .order_by("enterprise_id")
    )
    rows = np.array(list(query.values_list("enterprise_id", "probability")), dtype=float).reshape(-1, 2)
    if not len(rows):
        return []
    ids, prob = rows[:, 0].astype(np.int64), rows[:, 1]
    by_person = dict(query.filter(decided_by=DecidedBy.PERSON).values_list("enterprise_id", "outcome"))
    decided = np.isin(ids, np.array(list(by_person), dtype=np.int64))
    answered = np.isin(ids, np.array([i for i, o in by_person.items() if o != Outcome.PENDING], dtype=np.int64))
    truth = np.isin(ids, np.array([i for i, o in by_person.items() if o in (Outcome.WHOLE, Outcome.PARTIAL)], dtype=np.int64))
    group = _alike(query, ids)
    model = services.current_model()
    edges, counts = calibration_bins(model.calibration_edges, model.calibration_counts, prob, answered, truth, group)
    # A fixed lot per unit, so that a page shows the same rows until something is decided.
    lot = (ids.astype(np.uint64) * LOT % np.uint64(2**32)).astype(np.int64)
    # A unit that a person set back to 待核定 is still open; it is not shown again as if nobody had looked.
    found = ranking(prob, group, edges, counts, None, decided, lot)
    if pending_only:
        pending = np.array(list(query.filter(outcome=Outcome.PENDING).values_list("enterprise_id", flat=True)), dtype=np.int64)
        kept = np.isin(ids[found.order], pending)
        found = Ranking(found.order[kept], found.gain[kept], found.settles[kept])
    if not row_scope(user).everything:
        mine = np.array(list(within(query, user, "enterprise").values_list("enterprise_id", flat=True)), dtype=np.int64)
        kept = np.isin(ids[found.order], mine)
        found = Ranking(found.order[kept], found.gain[kept], found.settles[kept])
    at = slice(offset, offset + limit)
    shown = ids[found.order[at]].tolist()
    value = {i: (float(g), int(n)) for i, g, n in zip(shown, found.gain[at], found.settles[at], strict=True)}
    by_id = {d.enterprise_id: d for d in Decision.objects.filter(enterprise_id__in=shown).select_related("enterprise")}
    return [
        {
            "key": by_id[i].enterprise.key, "name": by_id[i].enterprise.name, "scope": by_id[i].enterprise.scope,
            "probability": by_id[i].probability, "small_code": by_id[i].small_code, "outcome": by_id[i].outcome,
            "evidence": json.loads(by_id[i].evidence), "gain": value[i][0], "settles": value[i][1], "alike": value[i][1] - 1,
            "why": "待核定" if by_id[i].outcome == Outcome.PENDING else "抽查", "id": i,
        }
        for i in shown
    ]  # fmt: skip


def demand_visible(key: str, user: Any) -> None:
    """Nobody decides on an enterprise whose row they may not see; to them there is none."""
    if not within(Enterprise.objects.filter(key=key), user).exists() and not row_scope(user).everything:
        raise NotFound(f"没有标识为 {key} 的企业", remedy="请核对所属街道（镇）")


def _alike(query: Any, ids: np.ndarray) -> np.ndarray:
    """(n,) equal integers for units that were read alike; looked for only where there is doubt."""
    doubtful = query.filter(Q(outcome=Outcome.PENDING) | Q(probability__gt=DOUBT, probability__lt=1 - DOUBT))
    held = list(doubtful.values_list("enterprise_id", "evidence"))
    where = np.searchsorted(ids, np.array([i for i, _ in held], dtype=np.int64))
    group = np.arange(len(ids), dtype=np.int64)
    group[where] = where[groups([e for _, e in held])]
    return group


def export_queue(path: Path, limit: int = 2000, pending_only: bool = False, user: Any = None) -> int:
    """Write the queue as a workbook with drop-downs for the decision; returns the number of rows."""
    rows = queue(limit, 0, pending_only, user)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    # When the sheet left the house: what was decided since then is not written over by what it says.
    book.set_properties({"title": TITLE, "created": timezone.now().astimezone(UTC).replace(tzinfo=None)})
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
        sheet.write_string(number, 9, row["why"], text)
        sheet.write_number(number, 10, row["settles"])
    if rows:
        sheet.data_validation(1, 6, len(rows), 6, {"validate": "list", "source": ["全部计入类", "部分计入类", "非文化", "待核定"]})
    sheet.freeze_panes(1, 2)
    for column, width in enumerate((22, 28, 60, 9, 10, 40, 12, 10, 24, 8, 9)):
        sheet.set_column(column, column, width)
    book.close()
    return len(rows)


def _stands(key: str, outcome: str, small: str | None, left: datetime | None, by: str) -> bool:
    """Whether the decision is the standing one already. Refused when another person made a different one
    after the sheet was exported; one's own may be corrected."""
    earlier = Review.objects.filter(key=key, withdrawn=False).order_by("-id").first()
    if earlier is None:
        return False
    if (earlier.outcome, earlier.small_code) == (outcome, small):
        return True
    if left is not None and earlier.at > left and earlier.actor_name != by:
        raise Refused(f"导出之后已由 {earlier.actor_name} 核定为“{earlier.outcome}”", remedy="如要改，请在企业页上改")
    return False


def import_reviews(path: Path, actor: Any = None) -> dict[str, Any]:
    """Take decisions back from the workbook: rows in = decided + unchanged + left blank +
    refused (with row and reason)."""
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
    made = book.properties.created if book.properties.title == TITLE else None
    left = made.replace(tzinfo=UTC) + timedelta(seconds=1) if made else None  # the file keeps whole seconds
    result: dict[str, Any] = {"rows": 0, "decided": 0, "unchanged": 0, "blank": 0, "refused": []}
    for number, cells in enumerate(table, start=2):
        values = {h: ("" if i >= len(cells) or cells[i] is None else str(cells[i]).strip()) for h, i in at.items()}
        if not any(values.values()):
            continue
        result["rows"] += 1
        if not values["判定"]:
            result["blank"] += 1
            continue
        small = values["小类代码"].zfill(4) if values["小类代码"] else None
        try:
            demand_visible(values["标识"], actor)
            if _stands(values["标识"], values["判定"], small, left, getattr(actor, "username", "命令行")):
                result["unchanged"] += 1
                continue
            services.decide(
                values["标识"], values["判定"], small,
                values.get("理由", ""), actor, source=f"Excel {path.name}"[:60],
            )  # fmt: skip
        except WenmaiError as error:
            result["refused"].append({"row": number, "key": values["标识"], "reason": str(error)})
            continue
        result["decided"] += 1
    return result
