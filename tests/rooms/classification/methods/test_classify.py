"""The decision per enterprise: what the code, the name and the scope settle, and in which order."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from wenmai.base.standards.culture import culture_entries, starred
from wenmai.base.standards.gbt4754 import industry
from wenmai.rooms.classification.methods.classify import SCHEMA, classify
from wenmai.rooms.classification.methods.coded import read_code
from wenmai.rooms.classification.methods.features import clean_names, clean_scopes, modes
from wenmai.rooms.classification.methods.lexicon import item_lexicon, name_lexicon
from wenmai.rooms.classification.methods.model import load_shipped
from wenmai.rooms.classification.methods.starred import starred_hit, starred_rules


def decide(name: str | None, scope: str | None, code: str | None = None, text: str | None = None) -> dict[str, object]:
    frame = pl.DataFrame(
        {"name": [name], "scope": [scope], "industry_code": [code], "industry_text": [text]},
        schema=dict.fromkeys(("name", "scope", "industry_code", "industry_text"), pl.Utf8),
    )
    return classify(frame, load_shipped()).row(0, named=True)


@pytest.mark.parametrize(
    ("name", "scope", "small"),
    [
        ("某市青禾广告有限公司", "设计、制作、代理、发布国内外广告；会议服务。", "0312"),
        ("某市青禾文化传播有限公司", "承办经批准的文化艺术交流活动；企业管理咨询", "0751"),
        ("某市青禾文化传媒有限公司", "广告设计、制作、发布；文化艺术交流活动策划", "0312"),
        ("某市青禾影视有限公司", "影视节目制作。", "0221"),
        ("某市青禾工艺品有限公司", "工艺品加工、销售", "0269"),
        ("某市青禾工艺品有限公司", "网上销售：工艺品、日用百货", "0471"),
        ("某市青禾印务有限公司", "包装装潢印刷品印刷", "0723"),
        ("某市青禾舞蹈培训有限公司", "舞蹈培训", "0773"),
        ("某市青禾会展服务有限公司", "会议及展览服务", "0740"),
        ("某市青禾网吧", "互联网上网服务", "0613"),
        ("某市青禾玩具厂", "生产、销售：玩具", "0930"),
    ],
)
def test_cultural_names_get_their_small_class(name: str, scope: str, small: str) -> None:
    row = decide(name, scope)
    assert row["forced"] is True
    assert row["small_code"] == small
    assert row["basis"] == "文本"


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("某市青禾国际旅行社有限公司", "国内旅游业务；票务代理；会务服务；文化艺术交流活动"),
        ("某市青禾餐饮文化有限公司", "餐饮服务；文化艺术交流活动策划"),
        ("某市青禾建筑工程有限公司", "建筑工程施工；室内装饰；广告设计"),
        ("某市青禾电子商务有限公司", "网上销售：饰品、工艺品、服装"),
        ("某市青禾商贸有限公司", "五金、交电、日用百货、文化用品、工艺美术品"),
        ("某市青禾体育发展有限公司", "体育赛事活动策划；文化活动策划"),
        ("某市青禾科技有限公司", "计算机软件开发；技术服务；广告设计"),
        ("某市青禾园林绿化工程有限公司", "园林绿化工程设计、施工"),
    ],
)
def test_other_trades_stay_outside_although_culture_words_occur(name: str, scope: str) -> None:
    row = decide(name, scope)
    assert row["forced"] is False
    assert row["outcome"] in ("非文化", "待核定")


def test_every_plain_class_is_decided_by_its_code() -> None:
    entries = [e for e in culture_entries() if not e.partial]
    frame = pl.DataFrame({"industry_code": [e.gbt_code for e in entries], "name": ["某某有限公司"] * len(entries)})
    out = classify(frame, load_shipped())
    assert out["outcome"].unique().to_list() == ["全部计入类"]
    assert out["small_code"].to_list() == [e.small_code for e in entries]
    assert out["basis"].unique().to_list() == ["代码"]


def test_every_starred_class_follows_its_own_rule() -> None:
    for entry in starred():
        word = starred_rules()[entry.gbt_code].words[0]
        inside = decide("某某公司", f"{word}；其他项目", entry.gbt_code)
        assert inside["outcome"] == "部分计入类", entry.gbt_code
        assert inside["small_code"] == entry.small_code
        outside = decide("某某公司", "粮食收购", entry.gbt_code)
        assert outside["outcome"] == "非文化", entry.gbt_code
        assert outside["basis"] == "规则"


def test_words_of_one_starred_class_do_not_open_another() -> None:
    assert starred_hit("6513", "某某科技", "平台软件；健康；酒店")[0] is None
    assert decide("某某科技有限公司", "应用软件开发（不含游戏软件）", "6513")["forced"] is False


def test_code_outside_culture_and_plain_text_agree() -> None:
    row = decide("某市青禾粮油有限公司", "粮油销售", "5121")
    assert (row["outcome"], row["basis"], row["edition"]) == ("非文化", "代码", "GB/T 4754-2017")


def test_contradicting_code_goes_to_review() -> None:
    row = decide("某市青禾建筑劳务有限公司", "建筑劳务分包；土石方工程", "8810")
    assert row["outcome"] == "待核定"
    assert "相左" in str(row["evidence"])


def test_starred_code_beside_another_cultural_trade_goes_to_review() -> None:
    row = decide("某市青禾广告有限公司", "发布字牌、灯箱广告；广告设计；广告代理", "6513")
    assert (row["outcome"], row["small_code"], row["basis"]) == ("待核定", "0312", "文本")


def test_older_edition_is_recognised_by_code_and_name() -> None:
    reading = read_code("8911", "歌舞厅娱乐活动")
    assert (reading.code, reading.edition) == ("9011", "GB/T 4754-2011")
    assert decide("某某娱乐", "歌舞", "8911", "歌舞厅娱乐活动")["small_code"] == "0611"


def test_coarse_code_shifts_but_does_not_decide() -> None:
    alone = decide("某市青禾有限公司", "会务服务；企业管理咨询")
    coarse = decide("某市青禾有限公司", "会务服务；企业管理咨询", "72")
    assert coarse["basis"] == "文本"
    assert float(str(coarse["probability"])) < float(str(alone["probability"]))
    assert decide("某市青禾有限公司", "种植", "01")["outcome"] == "非文化"


def test_nulls_and_empty_frames() -> None:
    row = decide(None, None)
    assert row["outcome"] == "待核定"  # nothing was read, so nothing is said
    assert row["small_code"] is None
    empty = classify(pl.DataFrame(schema={"name": pl.Utf8, "scope": pl.Utf8}), load_shipped())
    assert empty.height == 0
    assert empty.columns == list(SCHEMA)


def test_evidence_is_json_with_known_kinds() -> None:
    evidence = json.loads(str(decide("某市青禾广告有限公司", "发布字牌、灯箱广告", "7259")["evidence"]))
    assert {e["kind"] for e in evidence} <= {"代码", "词条", "名称", "规则", "模型"}
    assert [e["text"] for e in evidence if e["kind"] == "名称"] == ["广告有限"]
    assert all(set(e) == {"kind", "text", "class", "weight"} for e in evidence)


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    names = ["某市青禾广告有限公司", "某市乙建筑有限公司", None, "某市丙\n文化传播有限公司"]
    scopes = ["广告\n设计", None, "舞蹈培训", "文艺创作；；。"]
    whole = classify(pl.DataFrame({"name": names, "scope": scopes}), load_shipped())
    for i, (name, scope) in enumerate(zip(names, scopes, strict=True)):
        single = decide(name, scope)
        assert single == whole.row(i, named=True)


def test_brackets_boilerplate_and_verb_lists_are_dropped() -> None:
    scopes = pl.Series(["设计、制作、发布：字牌广告（不含（电子）出版物）。（依法须经批准的项目，经批准后方可开展）", None])
    assert clean_scopes(scopes).to_list() == ["字牌广告。", ""]
    assert clean_names(pl.Series(["重庆典尔商贸（集团）有限公司"])).to_list() == ["典尔商贸有限公司"]


def test_modes_of_goods() -> None:
    names = pl.Series(["甲", "乙珠宝第三分公司", "丙厂", "丁"])
    scopes = pl.Series(["批发：玩具", "销售珠宝", "玩具", "零售：玩具"])
    assert modes(names, scopes).tolist() == [1, 2, 0, 2]


def test_lexicons_name_only_real_classes_and_lean_with_them() -> None:
    for lexicon, bound in ((name_lexicon(), 5.0), (item_lexicon(), 1.0)):
        assert len(lexicon.words) == len(set(lexicon.words))
        assert float(np.abs(lexicon.weight).max()) <= bound
        assert all(industry(w) is None for w in lexicon.words)
