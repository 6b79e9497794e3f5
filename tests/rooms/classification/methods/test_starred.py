"""The 18 starred classes against a table reasoned from the standard's own words, written before the rules were looked at.

`starred_cases.tsv`: invented scopes with the code registered. in = the counted part is what the unit does; out = it is
not named, or only what the standard says does not count; unclear = it stands behind other trades, or the words may or may
not mean it: a person has to say. `words`: the standard's wording (partial_scope) that decides. At first sight the
rules got 111 of 135 right (in 58/61, out 51/55, unclear 2/19); after the repair a second round, written before it was run,
39 of 43 (in 21/25, out 18/18); the four were repaired too.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from wenmai.base.standards.culture import starred
from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.methods.model import load_shipped
from wenmai.rooms.classification.methods.starred import HEAD, LATER, NAME, NOTHING, OPEN, starred_hit, starred_rules

CASES = list(csv.DictReader((Path(__file__).parent / "starred_cases.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))
ENTRIES = {e.gbt_code: e for e in starred()}
OUTCOME = {"in": "部分计入类", "out": "非文化", "unclear": "待核定"}


def test_the_table_covers_every_starred_class_and_quotes_the_standard() -> None:
    seen = Counter((c["code"], c["verdict"]) for c in CASES)
    assert {code for code, _ in seen} == set(ENTRIES)
    assert len(ENTRIES) == 18
    for code in ENTRIES:
        assert min(seen[code, "in"], seen[code, "out"]) >= 3, code
        assert seen[code, "unclear"] >= 1, code
    assert all(c["words"] in ENTRIES[c["code"]].partial_scope for c in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['code']}-{c['verdict']}-{c['name']}")
def test_each_starred_class_counts_what_the_standard_counts(case: dict[str, str]) -> None:
    frame = pl.DataFrame({"name": [case["name"]], "scope": [case["scope"]], "industry_code": [case["code"]]})
    row = classify(frame, load_shipped()).row(0, named=True)
    assert row["outcome"] == OUTCOME[case["verdict"]], row["evidence"]
    if case["verdict"] == "in":
        assert row["small_code"] == ENTRIES[case["code"]].small_code
        assert row["basis"] == "规则"


def test_a_rule_needs_more_than_the_class_own_general_words() -> None:
    for code, general in (("6319", "增值电信业务"), ("7211", "企业总部管理"), ("9521", "专业性团体"), ("7221", "园区管理服务"), ("7212", "投资与资产管理")):
        assert starred_hit(code, "某某", general) == (None, NOTHING), code


def test_where_the_word_stands_decides() -> None:
    assert starred_hit("8070", "某某婚庆", "")[1] == NAME
    assert starred_hit("8070", "某某", "会议服务；婚庆服务")[1] == HEAD
    assert starred_hit("8070", "某某", "甲；乙；丙；婚庆服务") == ("婚庆", LATER)
    assert starred_hit("7484", "某某", "建设工程设计") == ("建设工程设计", OPEN)
    assert starred_hit("7484", "某某", "市政工程设计") == (None, NOTHING)


def test_every_keyword_of_the_table_is_in_its_rule_or_named_as_dropped() -> None:
    dropped = {(e.gbt_code, k) for e in starred() for k in e.scope_keywords if k not in starred_rules()[e.gbt_code].words}
    assert dropped == {("6319", "增值电信"), ("6579", "数字内容"), ("7211", "总部"), ("9521", "学术"), ("9521", "理论")}
