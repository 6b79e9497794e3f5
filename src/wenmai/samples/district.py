"""Writing the sample district: register (CSV), park ledger, supplement of the market regulator."""

from __future__ import annotations

import csv
from pathlib import Path

from wenmai.base.values.errors import InputError

from . import dirt
from .units import District, Unit
from .words import words
from .workbooks import write_park_ledger, write_supplement

DEFAULT_SEED = 20260101
REGISTER_FILE = "登记名录.csv"
LEDGER_FILE = "园区入驻台账.xlsx"
SUPPLEMENT_FILE = "市场监管补充.xlsx"
REGISTER_HEAD = (
    "企业名称", "统一社会信用代码", "注册日期", "登记状态", "企业类型", "注册资金", "行业代码", "经营范围",
    "所在省份", "地区", "注册地址",
)  # fmt: skip
REPEATED_SHARE = 0.015
OTHER_NAME_SHARE = 0.015
# Rows of the neighbouring district that do not belong here, and rows with the district's name cut short.
OUTSIDE_SHARE = 0.01
SHORT_SHARE = 0.05


def register_rows(district: District, units: list[Unit]) -> list[list[str]]:
    """Rows in shuffled order: one per unit, plus repeats (1.5 %) and same code with another name (1.5 %)."""
    rng, facts = district.rng, words()
    rows = []
    for unit in units:
        row = [
            unit.name, dirt.code_text(rng, unit),
            dirt.date_text(rng, unit.registered_on), dirt.status_text(rng),
            dirt.type_text(rng, unit), dirt.capital_text(rng, unit.capital), dirt.industry_text(rng, unit),
            dirt.scope_as_written(rng, unit), facts["province"], facts["district"],
            dirt.address_text(rng, unit),
        ]  # fmt: skip
        where = rng.random()
        if where < OUTSIDE_SHARE:
            row[9] = facts["neighbour"]
            row[10] = row[10].replace(facts["district"], facts["neighbour"])
        elif where < OUTSIDE_SHARE + SHORT_SHARE:
            row[9] = facts["district"].removesuffix("区")
        rows.append(row)
        draw = rng.random()
        if draw < REPEATED_SHARE:
            rows.append([*row[:3], dirt.status_text(rng), *row[4:]])
        elif draw < REPEATED_SHARE + OTHER_NAME_SHARE:
            row[1] = unit.code
            other = (
                dirt.misspelt(rng, unit.name)
                if rng.random() < 0.5
                else dirt.renamed(rng, unit, district.brand())
            )
            rows.append([other, *row[1:]])
    rng.shuffle(rows)
    return rows


def write_district(directory: Path, enterprises: int = 3000, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write 登记名录.csv (GB18030, CRLF), 园区入驻台账.xlsx, 市场监管补充.xlsx; return the three paths.

    `enterprises` is the number of distinct units; the register has about 3 % more rows (repeats). The same
    seed gives the same bytes. `InputError` when `enterprises` < 20 or the directory cannot be written.
    """
    if enterprises < 20:
        raise InputError("单位数太少，至少 20", where=f"enterprises={enterprises}")
    district = District(seed)
    units = [district.draw() for _ in range(enterprises)]
    paths = [directory / name for name in (REGISTER_FILE, LEDGER_FILE, SUPPLEMENT_FILE)]
    rows = register_rows(district, units)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with paths[0].open("w", encoding="gb18030", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\r\n")
            writer.writerow(REGISTER_HEAD)
            writer.writerows(rows)
        write_park_ledger(paths[1], district, units)
        write_supplement(paths[2], district, units)
    except OSError as error:
        raise InputError("样例文件写不进去", where=str(directory), remedy="请换一个可写的目录") from error
    return paths
