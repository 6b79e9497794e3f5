"""The rules of consistency on published numbers (the source stands beside each) and on rounded exact tables."""

from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.base.values.period import period
from wenmai.office.figures.methods import consistency as rules
from wenmai.office.figures.methods.consistency_table import check_table
from wenmai.office.figures.methods.consistency_types import Finding, Links, Meaning, Observation, number

MEANINGS = {
    "SC04": Meaning("规模以上文化企业数", "家", "时点"),
    "SC05": Meaning("新增入库文化企业数", "家", "时期"),
    "SC05X": Meaning("退库文化企业数", "家", "时期"),
    "SC05N": Meaning("规上文化企业净增数", "家", "时期", "SC05 - SC05X", True),
    "SC06": Meaning("营业收入", "亿元", "时期"),
    "SC06_BASE": Meaning("上年可比基数", "亿元", "时期", "SC06[*] / (1 + SC08[*])"),
    "SC07": Meaning("全口径营业收入", "亿元", "时期"),
    "SC08": Meaning("增速（可比口径）", "%", "比率"),
    "SC09": Meaning("增加值", "亿元", "时期"),
    "GDP": Meaning("地区生产总值", "亿元", "时期"),
    "SC10": Meaning("占GDP比重", "%", "比率", "SC09 / GDP{全社会}"),
    "SC12": Meaning("占比变动", "个百分点", "比率", "SC10 - SC10@上年同期"),
    "SC15": Meaning("利润总额", "亿元", "时期", "", True),
    "ST02R": Meaning("大类构成", "%", "结构", "SC06[*] / SC06"),
    "ST04": Meaning("新业态营业收入", "亿元", "时期"),
    "ST04R": Meaning("新业态占比", "%", "比率", "ST04 / SC06"),
    "ST05": Meaning("增长贡献率", "%", "比率", "(SC06[*] - SC06_BASE[*]) / (SC06 - SC06_BASE)"),
    "ST06": Meaning("拉动增长", "个百分点", "比率", "SC06[*] / SC06_BASE - SC06_BASE[*] / SC06_BASE"),
}  # fmt: skip
TYPES = ("文化制造业", "文化批发和零售业", "文化服务业")
LINKS = Links(complete={"类型": {"三类": frozenset(TYPES)}})


def see(code: str, when: str, value: str, unit: str = "亿元", item: str = "", scope: str = "规上", **more: Any) -> Observation:
    places = len(value.partition(".")[2])
    half = F(0) if unit in ("家", "人", "位") else F(1, 2 * 10**places)
    mark = "/".join((code, when, item, scope, more.get("stage", ""), more.get("subject", "本区"), more.get("vintage", ""), more.get("lane", "")))
    plain = {"subject": "本区", "lane": "统计部门数据", "name": MEANINGS[code].name if code in MEANINGS else code, "id": mark}
    return Observation(code=code, value=F(value), unit=unit, half=half, decimals=places, scope=scope, period=period(when), item=item, **{**plain, **more})


def rows(*given: tuple[Any, ...]) -> list[Observation]:
    return [see(*g[:3], **dict(zip(("unit", "item", "scope"), g[3:], strict=False))) for g in given]


def names(found: Any) -> list[str]:
    return [f.rule for f in found]


def only(found: Any, rule: str) -> Finding:
    hits = [f for f in found if f.rule == rule]
    assert len(hits) == 1, [(f.rule, f.sentence) for f in found]
    return hits[0]


# --- published cases --------------------------------------------------------------------------------------------


def test_sectors_that_overlap() -> None:
    """DCMS, GVA 2015 (dcms_GVA_by_sector_2016.csv): seven sectors against all_dcms."""
    parts = [see("GVA", "2015", v, "百万元", f"sector={s}") for s, v in (("creative", "87350"), ("culture", "26981"), ("digital", "118388"), ("gambling", "10300"), ("sport", "10133"), ("telecoms", "30246"), ("tourism", "62406.84"))]
    found = only(rules.parts_total(see("GVA", "2015", "220928.2252", "百万元"), parts), "parts_exceed")
    assert found.severity == "error"
    assert "分项交叉，不能相加" in found.sentence and "345804.84" in found.sentence
    assert len(found.observations) == 8


def test_a_total_that_has_more_than_its_parts() -> None:
    """Göttingen 2017 (reat_Goettingen.csv): 69,403 against 67,283."""
    parts = [see("EMP", "2017-12-31", v, "人", f"s={i}") for i, v in enumerate(("45", "466", "7874", "1334", "7051", "2481", "2251", "2032", "1739", "7915", "4875", "3936", "7488", "16896", "900"))]
    found = only(rules.parts_total(see("EMP", "2017-12-31", "69403", "人"), parts), "parts_short")
    assert "少2120人" in found.sentence and found.severity == "note"
    assert only(rules.parts_total(see("EMP", "2017-12-31", "69403", "人"), parts, {p.part for p in parts}), "parts_short").severity == "error"


def test_rounding_is_no_finding() -> None:
    """N24H1: nine classes add to 64,960, the total is 64,961."""
    values = ("8768", "14628", "10958", "7818", "319", "819", "7589", "3007", "11054")
    table = rows(("SC06", "2024H1", "64961"), *(("SC06", "2024H1", v, "亿元", f"大类={i}") for i, v in enumerate(values)))
    assert sum(int(v) for v in values) == 64960
    assert check_table(table, MEANINGS) == []
    assert names(check_table([see("SC06", "2024H1", "64967"), *table[1:]], MEANINGS)) == ["parts_short"]


def test_comparable_base_and_levels() -> None:
    """nbs_culture_above_scale_revenue.csv: 2019 86,624 (+7.0 %) after 89,257."""
    found = only(check_table(rows(("SC06", "2019", "86624"), ("SC06", "2018", "89257"), ("SC08", "2019", "7.0", "%")), MEANINGS), "comparable_base")
    assert found.severity == "note"
    assert "80957亿元（80919亿元至80995亿元）" in found.sentence and "不能相除" in found.sentence  # 86624/1.07 and the ends of the rounding


def test_the_release_own_increase_implies_the_base() -> None:
    """N24: 141,510 and an increase of 8,046 imply 133,464; 2023 was published as 129,515."""
    table = rows(("SC06", "2024", "141510"), ("SC08", "2024", "6.0", "%"), ("UP", "2024", "8046"), ("SC06", "2023", "129515"))
    found = only(check_table(table, MEANINGS, Links(increase={"UP": "SC06"})), "comparable_base")
    assert "133464" in found.sentence
    off = [*table[:2], see("UP", "2024", "9046"), table[3]]
    assert "growth" in names(check_table(off, MEANINGS, Links(increase={"UP": "SC06"})))


def test_a_plain_growth_has_to_be_the_ratio() -> None:
    now, before, rate = rows(("SC09", "2023", "110.0"), ("SC09", "2022", "100.0"), ("SC11", "2023", "12.0", "%"))
    assert only(rules.growth(rate, now, before, comparable=False), "growth").severity == "error"
    assert list(rules.growth(see("SC11", "2023", "10.0", "%"), now, before, comparable=False)) == []


@pytest.mark.parametrize("scope", ["全口径", "规上"])
def test_numerator_and_denominator_of_unlike_scope(scope: str) -> None:
    """domain.md 2.3: 59,082 (规上) over 191,423 (all units) printed as 31 %; 41.8 % on one scope."""
    table = rows(("ST04", "2024", "59082"), ("SC06", "2024", "141510"), ("SC07", "2024", "191423", "亿元", "", "全口径"), ("ST04R", "2024", "31", "%", "", scope))
    found = only(check_table(table, MEANINGS), "unlike_scope")
    assert found.severity == "error" and "59082" in found.sentence and "191423" in found.sentence
    assert check_table([*table[:3], see("ST04R", "2024", "41.8", "%")], MEANINGS) == []
    assert names(check_table([*table[:3], see("ST04R", "2024", "45.0", "%")], MEANINGS)) == ["ratio"]


def test_counts_of_above_scale_units_beside_value_added_of_all() -> None:
    """GD22, table 1: 69 四上 units (11, 13, 45) beside 58.93 (10.06, 27.46, 21.41) of the whole industry."""
    counts = [see("SC04", "2022-12-31", v, "家", i and f"类型={i}", "四上", table="表1") for i, v in (("", "69"), *zip(TYPES, ("11", "13", "45"), strict=True))]
    added = [see("SC09", "2022", v, "亿元", i and f"类型={i}", "全口径", table="表1") for i, v in (("", "58.93"), *zip(TYPES, ("10.06", "27.46", "21.41"), strict=True))]
    found = check_table([*counts, *added], MEANINGS, LINKS)
    assert names(found) == ["side_by_side"] and "69家" in found[0].sentence and "58.93亿元" in found[0].sentence
    apart = [Observation(**{**o.__dict__, "table": "表2"}) for o in added]
    assert check_table([*counts, *apart], MEANINGS, LINKS) == []


def test_a_share_is_revised_and_the_difference_keeps_its_vintage() -> None:
    """N23: 2022 was 4.46 %, then 4.42 %; 2023 is 4.59 %, "0.17 up"."""
    first = see("SC10", "2022", "4.46", "%", vintage="2025-01-01前")
    table = [first, see("SC10", "2022", "4.42", "%"), see("SC10", "2023", "4.59", "%"), see("SC12", "2023", "0.17", "个百分点")]
    assert names(check_table(table, MEANINGS)) == ["revised"]
    mixed = [*table[:3], see("SC12", "2023", "0.13", "个百分点")]
    assert only(check_table(mixed, MEANINGS), "unlike_vintage").severity == "error"
    wrong = [*table[1:3], see("SC12", "2023", "0.31", "个百分点")]
    assert "0.17个百分点" in only(check_table(wrong, MEANINGS), "point_difference").sentence


def test_a_difference_of_shares_is_no_percentage() -> None:
    now, before = rows(("SC10", "2023", "4.59", "%"), ("SC10", "2022", "4.42", "%"))
    assert names(rules.point_difference(see("D", "2023", "0.17", "%"), now, before)) == ["percent_point"]
    assert names(rules.point_difference(see("D", "2023", "0.17", "个百分点"), now, before)) == []
    assert names(rules.growth(see("G", "2023", "0.17", "%"), now, before, comparable=False)) == ["percent_point"]


def test_staff_printed_twice_under_one_name() -> None:
    """Staff 2018 (C4, C4B): 20.558 million and 27.893 million."""
    found = check_table([see("STAFF", "2018-12-31", "2055.8", "万人", vintage="前"), see("STAFF", "2018-12-31", "2789.3", "万人")], MEANINGS)
    assert names(found) == ["two_values"] and "口径不同" in found[0].sentence


def test_a_forecast_against_its_own_end_points() -> None:
    """CSJ: +47.6 to 104.75 by 2030 is said to be 7.57 % a year; over ten years it is 6.2 %."""
    links = Links(rates={"RATE": ("TALENT", "UP", 10)})
    table = rows(("TALENT", "2030-12-31", "104.75", "万人"), ("UP", "2030-12-31", "47.6", "万人"), ("RATE", "2030-12-31", "7.57", "%"))
    assert "6.25%" in only(check_table(table, MEANINGS, links), "forecast_rate").sentence
    assert check_table([*table[:2], see("RATE", "2030-12-31", "6.25", "%")], MEANINGS, links) == []


def test_classes_of_another_edition() -> None:
    """2016 has ten sectors of the 2012 classification, 2019 nine of 2018 (README of the data); one renamed is enough."""
    old = rows(*(("SC06", "2016", v, "亿元", f"大类={i}") for i, v in (("新闻出版发行服务", "3061"), ("文化艺术服务", "312"))))
    new = rows(*(("SC06", "2019", v, "亿元", f"大类={i}") for i, v in (("新闻信息服务", "6800"), ("创意设计服务", "12276"))))
    assert "分类版本不同，不可比" in only(check_table([*old, *new], MEANINGS), "classification_changed").sentence
    partial = rows(("SC06", "2018", "8099", "亿元", "大类=新闻信息服务"), ("SC06", "2018", "11069", "亿元", "大类=创意设计服务"), ("SC06", "2018", "412", "亿元", "大类=文化投资运营"))
    assert check_table([*new, *partial], MEANINGS) == []  # fewer classes printed, the same edition
    versions = [Observation(**{**o.__dict__, "edition": f"第{n}版"}) for n, group in ((1, partial), (2, new)) for o in group]
    assert "第2版" in only(check_table(versions, MEANINGS), "classification_changed").sentence


WUZHOU = (  # WZ23, first half of 2023
    ("SC06", "2023H1", "65.18"), ("SC08", "2023H1", "186.1", "%"), ("SC06", "2023Q1", "29.18"), ("SC06", "2023Q2", "36"),
    ("SC06", "2023H1", "61.61", "亿元", "领域=文化核心领域"), ("SC08", "2023H1", "232.3", "%", "领域=文化核心领域"),
    ("ST06", "2023H1", "189.1", "个百分点", "领域=文化核心领域"), ("ST05", "2023H1", "101.6", "%", "领域=文化核心领域"),
    ("SC06", "2023H1", "58.55", "亿元", "类型=文化服务业"), ("SC08", "2023H1", "273", "%", "类型=文化服务业"),
    ("ST06", "2023H1", "188.1", "个百分点", "类型=文化服务业"), ("SC06", "2023H1", "4.53", "亿元", "类型=文化制造业"),
    ("SC08", "2023H1", "-11.5", "%", "类型=文化制造业"), ("SC06", "2023H1", "2.09", "亿元", "类型=文化批发和零售业"),
    ("SC08", "2023H1", "6.7", "%", "类型=文化批发和零售业"), ("ST04", "2023H1", "57.48"), ("ST04R", "2023H1", "88.2", "%"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "value", "rule"),
    [(None, "", ""), (3, "37", "single_period"), (6, "199.1", "pull"), (7, "91.6", "contribution"), (1, "168.1", "growth_parts"), (16, "82.2", "ratio"), (2, "79.18", "cumulative_falls"), (11, "5.43", "parts_exceed")],
)
def test_a_quarter_note_with_pull_and_contribution(at: int | None, value: str, rule: str) -> None:
    """The real note is consistent; one figure changed is found under the rule that it breaks."""
    table = [list(r) for r in WUZHOU]
    if at is not None:
        table[at][2] = value
    found = check_table(rows(*map(tuple, table)), MEANINGS, LINKS)
    assert (rule in names(found)) if rule else found == [], found


# --- small typed numbers ----------------------------------------------------------------------------------------


def test_parts_of_unlike_kind_are_not_added() -> None:
    total, a, b = rows(("SC06", "2024", "10"), ("SC06", "2024", "6", "亿元", "类型=a"), ("SC06", "2024", "4", "亿元", "类型=b", "全口径"))
    assert names(rules.parts_total(total, [a, b])) == ["unlike_scope"]
    assert names(rules.parts_total(total, [a, see("SC06", "2024", "4", "家")])) == ["unlike_unit"]
    assert names(rules.parts_total(total, [see("SC06", "2024", "12", "亿元", "类型=a")])) == ["part_exceeds_total"]
    assert names(rules.unlike([a, see("SC06", "2024", "4", lane="本办监测口径", stage="初步核算")], "合计")) == ["unlike_lane"]


@pytest.mark.parametrize(("what", "rule"), [({"scope": "全口径"}, "unlike_scope"), ({"lane": "行政记录"}, "unlike_lane"), ({"stage": "最终核实"}, "unlike_stage")])
def test_a_part_that_lies_apart_from_its_table(what: dict[str, str], rule: str) -> None:
    stage = {"stage": "初步核算"}
    table = [see("SC09", "2022", v, "亿元", i and f"类型={i}", **stage) for i, v in (("", "58.93"), *zip(TYPES, ("10.06", "27.46", "21.41"), strict=True))]
    assert check_table(table, MEANINGS, LINKS) == []
    apart = see("SC09", "2022", "21.41", "亿元", f"类型={TYPES[2]}", **{**stage, **what})
    assert rule in names(check_table([*table[:3], apart], MEANINGS, LINKS))
    two = [see("SC09", "2022", v, "亿元", i, **stage) for i, v in (("", "58.93"), ("领域=核心", "31.47"))]
    assert rule in names(check_table([*two, see("SC09", "2022", "27.46", "亿元", "领域=相关", **{**stage, **what})], MEANINGS))
    total = see("SC09", "2022", "58.93", "亿元", **{**stage, **what})
    assert rule in names(check_table([*table[1:], total], MEANINGS, LINKS))


def test_share_of_gdp_of_another_stage() -> None:
    """58.93 over a GDP whose stage is another (the value of GDP is made up to give the printed 4.0)."""
    table = [see("SC09", "2022", "58.93", scope="全口径", stage="初步核算"), see("GDP", "2022", "1473", scope="全社会", stage="最终核实"), see("SC10", "2022", "4.0", "%", scope="全口径", stage="初步核算")]
    assert only(check_table(table, MEANINGS), "unlike_stage").severity == "error"
    one = [table[0], see("GDP", "2022", "1473", scope="全社会", stage="初步核算"), table[2]]
    assert check_table(one, MEANINGS) == []


def test_entries_exits_and_stocks() -> None:
    table = rows(("SC04", "2023-12-31", "60", "家"), ("SC04", "2024-12-31", "69", "家"), ("SC05", "2024", "12", "家"), ("SC05X", "2024", "3", "家"), ("SC05N", "2024", "9", "家"))
    assert check_table(table, MEANINGS) == []
    assert names(check_table([*table[:4], see("SC05N", "2024", "12", "家")], MEANINGS)) == ["net"]
    assert "net_change" in names(check_table([table[0], see("SC04", "2024-12-31", "72", "家"), *table[2:]], MEANINGS))


def test_shares_that_do_not_fill_the_whole() -> None:
    """GD22: 17.1, 46.6, 36.3."""
    table = rows(*(("ST03V", "2022", v, "%", f"类型={i}") for i, v in zip(TYPES, ("17.1", "46.6", "36.3"), strict=True)))
    assert list(rules.shares_sum(table, set(TYPES))) == []
    assert names(rules.shares_sum([*table[:2], see("ST03V", "2022", "36.6", "%", "类型=文化服务业")], set(TYPES))) == ["shares_sum"]
    assert names(rules.shares_sum(table[:2], set(TYPES))) == ["items_missing"]
    assert list(rules.shares_sum(table[:2])) == []


def test_profit_may_fall_within_a_year() -> None:
    falling = [(c, w, v) for c in ("SC06", "SC15") for w, v in (("2024Q1", "5.0"), ("2024H1", "4.0"))]
    found = check_table(rows(*falling), MEANINGS)
    assert names(found) == ["cumulative_falls"] and "SC06" in found[0].observations[0]


def test_rank_claims() -> None:
    links = Links(ranks={"RANK": "SC06"})
    peers = [see("SC06", "2024", v, subject=s) for s, v in (("本区", "50.0"), ("甲", "80.0"), ("乙", "50.0"), ("丙", "20.0"))]
    claim = {str(k): see("RANK", "2024", str(k), "位") for k in (1, 2, 3, 4)}
    assert "第2或更后" in only(check_table([*peers, claim["1"]], MEANINGS, links), "rank").sentence
    assert check_table([*peers, claim["3"]], MEANINGS, links) == []  # 50.0 and 50.0 may stand either way
    assert check_table([*peers, claim["4"]], MEANINGS, links) == []  # not all peers are known
    assert names(check_table([*peers, claim["4"]], MEANINGS, Links(ranks={"RANK": "SC06"}, all_peers=True))) == ["rank"]


def test_known_overlap_is_said_once() -> None:
    table = rows(("SC06", "2024", "10"), ("SC06", "2024", "8", "亿元", "链=a"), ("SC06", "2024", "7", "亿元", "链=b"))
    assert names(check_table(table, MEANINGS)) == ["parts_exceed"]
    assert check_table(table, MEANINGS, Links(overlapping=frozenset(("链",)))) == []


# --- properties -------------------------------------------------------------------------------------------------

EXACT = st.integers(1, 10**7).map(lambda n: F(n, 1000))


@st.composite
def consistent(draw: st.DrawFn) -> list[Observation]:
    """Exact parts of two years, everything else computed from them, all printed rounded."""
    n, d, s = draw(st.integers(2, 9)), draw(st.integers(0, 2)), draw(st.integers(1, 2))
    now, before = draw(st.lists(EXACT, min_size=n, max_size=n)), draw(st.lists(EXACT, min_size=n, max_size=n))
    total, base = sum(now), sum(before)
    lines = [("", total, base), *((f"大类={i}", a, b) for i, (a, b) in enumerate(zip(now, before, strict=True)))]
    table = []
    for item, a, b in lines:
        table += [see("SC06", "2024", number(a, d), "亿元", item), see("SC06", "2023", number(b, d), "亿元", item)]
        table.append(see("SC08", "2024", number((a / b - 1) * 100, s), "%", item))
        if item:
            table.append(see("ST02R", "2024", number(a / total * 100, s), "%", item))
            table.append(see("ST06", "2024", number((a - b) / base * 100, s), "个百分点", item))
            if total != base:
                table.append(see("ST05", "2024", number((a - b) / (total - base) * 100, s), "%", item))
    first = draw(st.integers(0, 1000)) * total / 1000
    table += [see("SC06", "2024H1", number(first, d)), see("SC06", "2024H2", number(total - first, d))]
    return table


def links_of(table: list[Observation]) -> Links:
    return Links(complete={"大类": {"": frozenset(o.part for o in table if o.item)}})


@given(consistent())
def test_a_table_within_rounding_never_alarms(table: list[Observation]) -> None:
    assert check_table(table, MEANINGS, links_of(table)) == []


@given(consistent(), st.integers(0, 10**6), st.integers(-50, 50), st.sampled_from([("万元", F(10**4)), ("元", F(10**8)), ("万亿元", F(1, 10**4))]))
def test_the_unit_of_money_changes_no_verdict(table: list[Observation], pick: int, shift: int, to: tuple[str, F]) -> None:
    i = pick % len(table)
    table[i] = Observation(**{**table[i].__dict__, "value": table[i].value + shift})
    scaled = [Observation(**{**o.__dict__, "value": o.value * to[1], "half": o.half * to[1], "unit": to[0]}) if o.unit == "亿元" else o for o in table]
    one, two = (check_table(t, MEANINGS, links_of(table)) for t in (table, scaled))
    assert [(f.rule, f.severity, f.observations) for f in one] == [(f.rule, f.severity, f.observations) for f in two]


@given(consistent(), st.integers(0, 10**6), st.integers(2, 40), st.booleans())
def test_a_part_moved_beyond_all_rounding_is_found(table: list[Observation], pick: int, far: int, up: bool) -> None:
    """Twice n + 1 half units is more than the parts and the total can hide, whichever way they were rounded."""
    parts = [i for i, o in enumerate(table) if o.code == "SC06" and o.item and o.period.code == "2024"]
    i = parts[pick % len(parts)]
    move = (2 * (len(parts) + 1) + far) * table[i].half
    moved = Observation(**{**table[i].__dict__, "value": table[i].value + (move if up else -move)})
    found = check_table([*table[:i], moved, *table[i + 1 :]], MEANINGS, links_of(table))
    assert any(moved.id in f.observations and f.rule in ("parts_exceed", "parts_short", "part_exceeds_total") for f in found)
