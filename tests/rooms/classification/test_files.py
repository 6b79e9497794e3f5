"""`wenmai classify FILE -o OUT`: one line per row of the file; with --full every row has its industry division."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from wenmai.base.standards.gbt4754 import industry
from wenmai.base.values import InputError
from wenmai.rooms.classification.files import COLUMNS, FULL, classify_file

ROWS = (
    "企业名称,统一社会信用代码,经营范围,行业代码\n"
    "某市青禾广告有限公司,,广告设计、制作,\n"
    "某市青禾粮油有限公司,,粮油销售,5121\n"
    "某市青禾银行股份有限公司,,货币银行服务,\n"
    ",,没有名称也没有代码,\n"
)


def written(home: Path, full: bool) -> tuple[dict[str, int], list[dict[str, str]]]:
    source, target = home / "名录.csv", home / "out" / "结果.csv"
    source.write_text(ROWS, encoding="utf-8")
    counts = classify_file(source, target, lambda step, done, total: None, full)
    return counts, list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))


def test_the_plain_file_has_the_agreed_columns_only(home: Path) -> None:
    counts, rows = written(home, full=False)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 4 == sum(counts.values())
    assert [r["culture"] for r in rows] == ["yes", "no", "no", "review"]


def test_the_full_file_names_the_division_of_every_row(home: Path) -> None:
    counts, rows = written(home, full=True)
    assert tuple(rows[0]) == (*COLUMNS, "row", "outcome", "forced", *FULL)
    assert [r["gbt_division"] for r in rows[:3]] == ["72", "51", "66"]
    assert [r["gbt_division_basis"] for r in rows[:3]] == ["小类", "登记", "预测"]
    assert (rows[0]["gbt_code"], rows[0]["gbt_name"]) == ("7259", "其他广告服务")
    for row in rows:
        found = industry(row["gbt_division"])
        assert found is not None
        assert found.level == "division"
        assert row["gbt_division_name"] == found.name
    plain_counts, plain = written(home, full=False)
    assert plain_counts == counts
    assert [{c: r[c] for c in COLUMNS} for r in rows] == plain


def test_a_missing_file_says_which(home: Path) -> None:
    with pytest.raises(InputError, match="找不到文件"):
        classify_file(home / "无.csv", home / "o.csv", lambda step, done, total: None)
