"""Every one of the 146 small classes can be reached by its own words: from the standard, not from labels.

A scope opens with the class's own name, the name of its GB/T class, a goods form of it, or a catalogue phrase mapped to it as
wholly counted; the name of the firm says nothing (某市青禾有限公司) or only that it trades (某市青禾商贸有限公司).
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files

import polars as pl
import pytest

from wenmai.base.standards.culture import culture_entries, culture_smalls
from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.methods.model import load_shipped

Cell = tuple[str, str]  # small class, first item
NEUTRAL, TRADE = "某市青禾有限公司", "某市青禾商贸有限公司"
# A bare book or office article does not say whether it is sold wholesale; the small class then is the retailer's.
KNOWN_SMALL = {"批发：图书", "批发：音像制品、电子和数字出版物", "批发：文化用品", "文化用品批发、零售", "零售：文化用品"}


@lru_cache(maxsize=1)
def names() -> list[Cell]:
    """Own name of the small class and, of classes counted whole, of its GB/T classes."""
    cells = [(e.small_code, e.small_name) for e in culture_entries()]
    cells += [(e.small_code, e.gbt_name) for e in culture_entries() if not e.partial]
    return list(dict.fromkeys(cells))


@lru_cache(maxsize=1)
def phrases() -> list[Cell]:
    text = (files("wenmai.rooms.classification") / "data" / "phrase_classes.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return [(r["small_code"], r["phrase"]) for r in rows if r["culture"] == "yes"]


@lru_cache(maxsize=1)
def goods() -> list[Cell]:
    """The names as goods with the verbs of real scopes: 漆器工艺品制造 → 漆器工艺品生产、销售."""
    cells = []
    for code, name in names():
        found = re.fullmatch(r"(?:其他)?(.+?)的?(制造|批发|零售|出租)", name)
        if not found:
            continue
        stem, verb = found.groups()
        forms = {"制造": ("{}生产、销售", "生产、加工：{}", "{}加工"), "批发": ("批发：{}", "{}批发、零售"), "零售": ("零售：{}",), "出租": ("{}租赁",)}
        cells += [(code, form.format(stem)) for form in forms[verb]]
    return cells


def decided(cells: list[Cell], name: str, tail: str = "") -> pl.DataFrame:
    frame = pl.DataFrame({"name": [name] * len(cells), "scope": [item + tail for _, item in cells]})
    out = classify(frame, load_shipped())
    return out.select("outcome", "forced", "small_code").with_columns(wanted=pl.Series([c for c, _ in cells]), item=pl.Series([i for _, i in cells]))


def test_the_matrix_holds_all_146_classes() -> None:
    assert {c for c, _ in names()} == {s.code for s in culture_smalls()}
    assert len({c for c, _ in names()}) == 146
    assert len(names()) >= 158
    assert len(phrases()) == 105
    assert len(goods()) > 130


@pytest.mark.parametrize("name", [NEUTRAL, TRADE])
@pytest.mark.parametrize("cells", [names, phrases])
def test_a_scope_of_the_class_own_words_is_that_class(cells, name: str) -> None:  # type: ignore[no-untyped-def]
    out = decided(cells(), name)
    wrong = out.filter(~pl.col("forced") | (pl.col("small_code") != pl.col("wanted")) | (pl.col("outcome") == "待核定"))
    assert wrong.rows() == []


@pytest.mark.parametrize("name", [NEUTRAL, TRADE])
@pytest.mark.parametrize("cells", [names, phrases])
@pytest.mark.parametrize("tail", ["；信息技术咨询服务；国内贸易", "；技术服务、技术开发", "；货物进出口；企业管理咨询"])
def test_first_listed_before_general_trades_it_is_never_lost(cells, name: str, tail: str) -> None:  # type: ignore[no-untyped-def]
    """Decided, or left to a person with that class proposed."""
    out = decided(cells(), name, tail)
    lost = out.filter(~(pl.col("forced") | (pl.col("outcome") == "待核定")) | (pl.col("small_code") != pl.col("wanted")))
    assert lost.rows() == []


def test_goods_forms_lead_to_culture_and_to_the_class() -> None:
    out = decided(goods(), NEUTRAL)
    assert out.filter(~pl.col("forced")).rows() == []
    other = set(out.filter(pl.col("small_code") != pl.col("wanted"))["item"])
    assert other == KNOWN_SMALL


@pytest.mark.parametrize("scope", ["广播器材维修", "电视机柜、五金销售", "图书馆管理系统软件开发", "档案馆工程施工"])
def test_a_short_class_name_counts_only_as_a_whole_item(scope: str) -> None:
    row = decided([("", scope)], NEUTRAL).row(0, named=True)
    assert row["small_code"] not in ("0131", "0132", "0251", "0252")
