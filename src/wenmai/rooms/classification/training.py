"""`wenmai train DIR`: a site model from this site's reviewed decisions and the labelled files of a directory.

A labelled file is any importable table that has, beside name or code and scope, a column 文化/culture (yes/no or
是/否), an industry name or code (所属行业, industryco …). Files without either are passed over and listed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from wenmai.base import readers
from wenmai.base.values import InputError, WenmaiError
from wenmai.rooms.classification import services
from wenmai.rooms.classification.methods.model import load_shipped
from wenmai.rooms.classification.methods.train import train
from wenmai.rooms.classification.models import Outcome
from wenmai.rooms.registry.models import Enterprise

Progress = Callable[[str, int, int | None], None]
SCHEMA = {"name": pl.Utf8, "scope": pl.Utf8, "culture": pl.Utf8, "gbt_division": pl.Utf8}
_CULTURE_HEADS = ("culture", "文化", "是否文化企业", "是否文化")
_NAME_HEADS = ("name", "企业名称", "名称")
_SCOPE_HEADS = ("scope", "经营范围", "opscope")
_CODE_HEADS = ("industryco", "gbt_code", "行业代码")
_YES_NO = {"yes": "yes", "是": "yes", "1": "yes", "no": "no", "否": "no", "0": "no"}
_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
MAX_ROWS = 200_000


def train_site(directory: Path, progress: Progress) -> list[str]:
    """Train, save under WENMAI_HOME/model, and tell what was used; the next classification run uses the model."""
    if not directory.is_dir():
        raise InputError("找不到目录", where=str(directory), remedy="请给出放有标注文件的目录")
    summary: list[str] = []
    frames = [_reviewed()]
    if frames[0].height:
        summary.append(f"人工核定 {frames[0].height} 家")
    files = sorted(p for p in directory.rglob("*") if p.suffix.lower() in _ENDINGS)
    for number, path in enumerate(files):
        progress("读取标注", number, len(files))
        try:
            frame = labelled(path)
        except WenmaiError as error:
            summary.append(f"未用 {path.name}：{error}")
            continue
        if frame.height:
            frames.append(frame)
            known = {c: frame[c].drop_nulls().len() for c in ("culture", "gbt_division")}
            summary.append(f"使用 {path.name}：文化标注 {known['culture']} 行，行业大类 {known['gbt_division']} 行")
        else:
            summary.append(f"未用 {path.name}：没有文化或行业标注列")
    progress("读取标注", len(files), len(files))
    rows = pl.concat(frames)
    progress("训练", 0, 1)
    model = train(rows, load_shipped())
    model.save(services.site_model_path())
    progress("训练", 1, 1)
    return [*summary, f"本地模型 {model.version} 已保存；运行 wenmai classify 后生效"]


def _reviewed() -> pl.DataFrame:
    rows: list[tuple[Any, ...]] = []
    standing = services.reviews()
    for start in range(0, len(keys := list(standing)), 500):
        for e in Enterprise.objects.filter(key__in=keys[start : start + 500]):
            outcome = standing[e.key].outcome
            if outcome != Outcome.PENDING:
                rows.append((e.name, e.scope, "no" if outcome == Outcome.NO else "yes", None))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def labelled(path: Path) -> pl.DataFrame:
    """The labelled rows of a file (empty when it has no label column); each row keeps only what is needed."""
    parts = [_from_sheet(sheet) for sheet in readers.read_sheets(path)]
    frame = pl.concat([p for p in parts if p is not None] or [pl.DataFrame(schema=SCHEMA)])
    return frame.unique(maintain_order=True).head(MAX_ROWS)


def _from_sheet(sheet: readers.Sheet) -> pl.DataFrame | None:
    heads = {c.clean.lower(): f"c{c.position}" for c in sheet.columns}
    name = [heads[h] for h in _NAME_HEADS if h in heads]
    scope = [heads[h] for h in _SCOPE_HEADS if h in heads]
    culture = [heads[h] for h in _CULTURE_HEADS if h in heads]
    code = [heads[h] for h in _CODE_HEADS if h in heads]
    named = [heads[h] for h in ("所属行业",) if h in heads]
    if not scope or not (culture or code or named):
        return None
    null = pl.lit(None, pl.Utf8)
    division = pl.col(code[0]).str.slice(0, 2) if code else pl.col(named[0]) if named else null
    truth = pl.col(culture[0]).str.to_lowercase().replace_strict(_YES_NO, default=None, return_dtype=pl.Utf8) if culture else null
    frame = sheet.frame.select(
        pl.col(name[0]).alias("name") if name else null.alias("name"),
        pl.col(scope[0]).alias("scope"),
        truth.alias("culture"),
        # A gold row's gbt_code for a "no" is only plausible (see its README), so codes beside a culture column are not used.
        (null if culture else division).alias("gbt_division"),
    )
    return frame.filter((pl.col("culture").is_not_null() | pl.col("gbt_division").is_not_null()) & pl.col("scope").is_not_null())
