"""Values: dates, money, status, industry, codes, kinds of unit; rows in = rows out + rows rejected."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from wenmai.base.readers import (
    CANONICAL_SCHEMA,
    Normalised,
    load_aliases,
    map_columns,
    normalise,
    read_sheets,
    reconcile,
)
from wenmai.base.readers.columns import street
from wenmai.base.readers.values import parse_capital, parse_date, parse_industry, parse_status
from wenmai.base.standards.uscc import check_character

TODAY = dt.date(2024, 1, 1)
CODE = "91350100M000100Y43"  # the worked example printed in GB 32100-2015


def _run(tmp_path: Path, text: str) -> Normalised:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    (sheet,) = read_sheets(path)
    return normalise(sheet, map_columns(sheet, load_aliases()), TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "2019-08-01",
        "2019/8/1",
        "20190801",
        "2019年8月1日",
        "2019.8.1",
        "43678",
        "2019-08-01 14:46:30",
        "２０１９－８－１",
        "2019-08-01T00:00:00.000Z",
        "2019/8/1 0:00",
        "20190801143000",
        "43678.5",
        " 2019 年 8 月 1 日 ",
    ],
)
def test_dates_of_all_kinds(text: str) -> None:
    assert parse_date(text, TODAY) == (dt.date(2019, 8, 1), None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2019-02-30", "不存在"),
        ("2025-01-01", "晚于今天"),
        ("1899-12-31", "早于"),
        ("2019年8月", "不完整"),
        ("19/8/1", "认不出"),
    ],
)
def test_dates_that_are_refused(text: str, reason: str) -> None:
    day, why = parse_date(text, TODAY)
    assert day is None and why is not None and reason in why


@pytest.mark.parametrize(
    ("text", "unit", "stated", "amount", "currency"),
    [
        ("300(万)", None, None, "3000000", None),
        ("62,753.3125(万元人民币)", None, None, "627533125", "CNY"),
        ("50万人民币", None, None, "500000", "CNY"),
        ("150万元人民币", None, None, "1500000", "CNY"),
        ("30(万人民币元)", None, None, "300000", "CNY"),
        ("100(万美元)", None, None, "1000000", "USD"),
        ("5万日元", None, None, "50000", "JPY"),
        ("10(万香港元)", None, None, "100000", "HKD"),
        ("１００万元", None, None, "1000000", "CNY"),
        ("500000元", None, None, "500000", "CNY"),
        ("1亿元", None, None, "100000000", "CNY"),
        ("50", "万元", None, "500000", "CNY"),
        ("50", "万元", "USD", "500000", "USD"),
        ("50元", "万元", None, "50", "CNY"),
        ("50", "万美元", None, "500000", "USD"),
        ("人民币壹佰", None, None, None, None),
        ("5000000", None, None, None, None),
        ("100万元、20万美元", None, None, None, None),
        ("-5万元", None, None, None, "CNY"),
        ("5万贝壳", None, None, None, None),
    ],
)
def test_capital(
    text: str, unit: str | None, stated: str | None, amount: str | None, currency: str | None
) -> None:
    got, got_currency, reason = parse_capital(text, unit, stated)
    assert (got, got_currency) == (None if amount is None else Decimal(amount), currency)
    assert (reason is None) == (amount is not None)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("存续（在营、开业、在册）", "存续"),
        ("在业", "存续"),
        ("吊销，未注销", "吊销"),
        ("吊销，已注销", "注销"),
        ("注销", "注销"),
        ("迁出", "迁出"),
        ("停业", "停业"),
        ("撤销登记", "其他"),
        ("非正常户", "其他"),
        ("6", None),
    ],
)
def test_status(text: str, status: str | None) -> None:
    assert parse_status(text) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        # Stopped and negated forms hold the word of what is no longer so.
        ("停止营业", "停业"), ("暂停营业", "停业"), ("已停止经营", "停业"), ("暂停正常营业", "停业"), ("停产", "停业"), ("休业", "停业"),
        ("未营业", "其他"), ("不在册", "其他"), ("已不在营", "其他"), ("未正常经营", "其他"), ("非在业", "其他"), ("没有营业", "其他"),
        # What has not happened is not what happened.
        ("未注销", "存续"), ("未吊销", "存续"), ("未吊销，未注销", "存续"), ("在营，未迁出", "存续"), ("未停业", "存续"),
        ("吊销，未注销", "吊销"), ("吊销未注销", "吊销"), ("停业（未注销）", "停业"), ("吊销，已注销", "注销"), ("已注销", "注销"),
        ("存续（在营、开业、在册）", "存续"), ("正常", "存续"), ("恢复营业", "存续"), ("开业", "存续"),
    ],
)  # fmt: skip
def test_negated_and_stopped_status(text: str, status: str) -> None:
    assert parse_status(text) == status


def test_unit_type_as_the_office_gave_it(tmp_path: Path) -> None:
    # 非法人企业: partnerships and sole proprietorships, which count as 企业法人 here (docs/methods/readers.md).
    rows = [
        ("分公司", "甲书店", "分支机构"), ("有限责任公司分公司", "甲书店", "分支机构"), ("非法人企业", "甲书店", "企业法人"),
        ("非法人企业", "云岭甲有限公司重庆分公司", "分支机构"), ("企业非法人", "甲书店", "分支机构"), ("非法人分支机构", "甲书店", "分支机构"),
        ("私营企业", "甲书店", "企业法人"), ("内资企业", "云岭甲有限公司", "企业法人"), ("内资企业", "云岭甲有限公司重庆分公司", "分支机构"),
        ("私营", "云岭甲有限公司", "企业法人"), ("私营", "甲书店", None), ("个体户", "甲书店", "个体工商户"), ("企业法人", "甲书店", "企业法人"),
        ("非公司企业法人", "甲书店", "企业法人"), ("事业单位", "甲书店", "其他"), ("民办非企业单位", "甲学校", "其他"), ("其他", "甲书店", "其他"),
        ("社会团体法人", "甲协会", "其他"), ("农民专业合作社", "甲合作社", "其他"),
    ]  # fmt: skip
    text = "单位类型,企业名称\n" + "".join(f"{given},{name}\n" for given, name, _ in rows)
    found = _run(tmp_path, text).frame["unit_type"].to_list()
    assert dict(zip(rows, found, strict=True)) == {row: row[2] for row in rows}
    # With a code the code tells: 92 is a sole trader whatever 内资企业 says.
    code = "92500103MA5UKT3J0"
    text = f"单位类型,企业名称,统一社会信用代码\n内资企业,甲书店,{code}{check_character(code)}\n"
    assert _run(tmp_path, text).frame["unit_type"].to_list() == ["个体工商户"]


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("非金属矿物制品业30", "非金属矿物制品业", "30"),
        ("R 文化传播", "文化传播", "R"),
        ("7513.0", None, "7513"),
        ("R8810", None, "8810"),
        ("8810 文艺创作与表演", "文艺创作与表演", "8810"),
        ("造纸和纸制品业", "造纸和纸制品业", None),
        ("R\t8810", None, "8810"),
    ],
)
def test_industry(text: str, words: str | None, code: str | None) -> None:
    assert parse_industry(text) == (words, code)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("浙江省绍兴市柯桥区兰亭街道嘉盛锦绣兰庭1幢", "兰亭街道"),
        ("深圳市宝安区西乡街道某路", "西乡街道"),
        ("龙口市北马镇楼子庄村", "北马镇"),
        ("新乡市红旗区平原路1号", None),
        ("镇江市京口区某路", None),
        ("景德镇市珠山区新村街道", "新村街道"),
        ("重庆市渝中区中山一路204号", None),
    ],
)
def test_street(address: str, expected: str | None) -> None:
    assert pl.select(street(pl.lit(address))).item() == expected


def test_codes_are_checked_split_and_never_guessed(tmp_path: Path) -> None:
    bad = CODE[:-1] + "0"
    result = _run(
        tmp_path,
        "企业名称,统一社会信用代码\n"
        f"甲,{CODE.lower()}\n乙,{bad}\n丙,9.14201E+17\n丁,370681018013864\n戊,{bad}、{CODE}\n己,123\n庚,-\n",
    )
    frame = result.frame
    assert frame["credit_code"].to_list() == [CODE, None, None, None, CODE, None, None]
    assert frame["reg_no"].to_list() == [None, None, None, "370681018013864", None, None, None]
    reasons = dict(result.problems.select("row", "reason").rows())
    assert set(reasons) == {3, 4, 6, 7} and "丢失" in reasons[4] and "位数" in reasons[7]
    assert not result.problems["fatal"].any()
    assert bad in result.problems["value"].to_list()


def test_first_known_value_wins_and_unknown_marks_are_null(tmp_path: Path) -> None:
    result = _run(
        tmp_path,
        "提供企业名称,企业名称,经营状态,注册资本,行业,所在地区\n"
        "甲公司,空,-,N/A,不详,4403\t440307\n乙,乙  传媒Ａ（上海）,在业,10万元,无,渝中\n,—,,,,\n",
    )
    assert result.frame["name"].to_list() == ["甲公司", "乙传媒A(上海)"]
    assert result.frame["status"].to_list() == [None, "存续"]
    assert result.frame["industry_text"].null_count() == 2
    assert result.frame["district"].to_list() == ["440307", "渝中"]
    assert result.problems.rows() == [(4, "企业名称、提供企业名称", "—", "缺名称和代码", True)]


def test_scope_keeps_its_chinese_punctuation(tmp_path: Path) -> None:
    scope = "设计、制作，（依法须经批准的项目）；Ａ级演出。"
    result = _run(tmp_path, f"企业名称,经营范围,住所\n甲,{scope},某路３２号，二楼\n")
    assert result.frame["scope"][0] == scope
    assert result.frame["address"][0] == "某路32号，二楼"


def test_kind_of_unit(tmp_path: Path) -> None:
    rows = [
        ("甲公司", "有限责任公司", "企业法人"),
        ("甲公司武汉分公司", "有限责任公司分公司(自然人独资)", "分支机构"),
        ("甲银行某支行", "", "分支机构"),
        ("乙经营部", "个人独资企业", "企业法人"),
        ("丙小店", "个体工商户", "个体工商户"),
        ("丁合作社", "农民专业合作经济组织", "其他"),
        ("戊", "", None),
    ]
    text = "企业名称,企业类型\n" + "".join(f"{name},{kind}\n" for name, kind, _ in rows)
    assert _run(tmp_path, text).frame["unit_type"].to_list() == [expected for _, _, expected in rows]


def test_leading_zeros_of_a_code_column_come_back(tmp_path: Path) -> None:
    text = "企业名称,行业代码\n甲,111.0\n" + "乙,8810.0\n" * 6
    result = _run(tmp_path, text)
    assert result.frame["industry_code"].to_list() == ["0111"] + ["8810"] * 6
    assert "前导零" in result.problems["reason"][0]


def test_rows_in_equal_rows_out_plus_rejected_and_sums_reconcile(tmp_path: Path) -> None:
    text = "企业名称,注册资本（万元）\n甲,10\n乙,5(万美元)\n丙,若干\n,\n,7\n丁,20\n合计,42\n注：登记数据,\n"
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    (sheet,) = read_sheets(path)
    mapping = map_columns(sheet, load_aliases())
    result = normalise(sheet, mapping, TODAY)
    assert result.frame.schema == pl.Schema(CANONICAL_SCHEMA)
    rejected = result.problems.filter("fatal")["row"].n_unique()
    assert sheet.frame.height == result.frame.height + rejected == 7
    (sums,) = reconcile(sheet, mapping, result)
    assert sums["sums"] == {"CNY": Decimal("300000"), "USD": Decimal("50000")}
    assert (sums["with_value"], sums["readable"], sums["unreadable"]) == (4, 3, 1)


def test_money_unit_named_above_the_table(tmp_path: Path) -> None:
    result = _run(tmp_path, "企业名录,\n单位：万元,\n企业名称,注册资本\n甲,10\n")
    assert result.frame["capital_amount"][0] == Decimal("100000")
