"""The checker against 500 seeded mutations of random clean reports, and its false alarms on clean ones."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from wenmai.office.figures.methods.checker import (
    CheckedFigure,
    CheckedReport,
    Relation,
    Sentence,
    check,
)

Figures = dict[str, CheckedFigure]
PARTS = 5
REGISTER = {
    "lane": "行政记录",
    "scope": "登记名录",
    "period": "2024年末",
    "vintage": "快照12",
    "unit_type": "企业法人",
}
BUREAU = {"lane": "统计部门", "scope": "规上", "vintage": "年报", "unit_type": "法人单位"}


def rounded(value: float, decimals: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def count(name: str, value: int, **more: object) -> CheckedFigure:
    return CheckedFigure(
        **{"id": name, "value": value, "unit": "家", "decimals": 0, "kind": "count", **REGISTER, **more}
    )


def amount(name: str, value: float, period: str) -> CheckedFigure:
    return CheckedFigure(name, rounded(value, 2), "亿元", period=period, decimals=2, kind="amount", **BUREAU)


def ratio(name: str, value: float, kind: str, unit: str = "%", **more: object) -> CheckedFigure:
    values = {**BUREAU, "decimals": 1, "unit": unit, "kind": kind, **more}
    return CheckedFigure(**{"id": name, "value": rounded(value, values["decimals"]), **values})


def clean_figures(rng: random.Random) -> Figures:
    """Counts with parts and shares, revenue of two years with parts, growth, shares and their difference.

    Derived figures are computed from the unrounded values, as an office that holds them would.
    """
    made: list[CheckedFigure] = []
    counts = [rng.randint(20, 4000) for _ in range(PARTS)]
    total = sum(counts)
    made += [count(f"n{i}", value) for i, value in enumerate(counts)]
    made.append(count("n", total, lower=total - rng.randint(0, 90), upper=total + rng.randint(0, 90)))
    for i in (0, 1):
        share = {**REGISTER, "numerator_id": f"n{i}", "denominator_id": "n"}
        made.append(ratio(f"s{i}", counts[i] / total * 100, "share", **share))
    new, star = rng.randint(5, counts[2]), rng.randint(5, counts[2])
    made += [count("new", new), count("star", star), count("either", max(new, star) + min(new, star) // 2)]
    before = [rng.uniform(5, 90) for _ in range(PARTS)]
    after = [value * rng.uniform(0.8, 1.3) for value in before]
    for period, values, tag in (("2023年", before, "a"), ("2024年", after, "b")):
        made += [amount(f"{tag}{i}", value, period) for i, value in enumerate(values)]
        made.append(amount(tag, sum(values), period))
        part = {"period": period, "numerator_id": f"{tag}0", "denominator_id": tag}
        made.append(ratio(f"{tag}s", values[0] / sum(values) * 100, "share", **part))
    moves = {"period": "2024年", "current_id": "b", "base_id": "a"}
    made.append(ratio("g", (sum(after) / sum(before) - 1) * 100, "growth", **moves))
    difference = (after[0] / sum(after) - before[0] / sum(before)) * 100
    ends = {"period": "2024年", "current_id": "bs", "base_id": "as"}
    made.append(ratio("d", difference, "point_difference", "个百分点", **ends))
    return {figure.id: figure for figure in made}


def relations() -> list[Relation]:
    return [
        Relation("n", [f"n{i}" for i in range(PARTS)], True, "大类企业数"),
        Relation("a", [f"a{i}" for i in range(PARTS)], True, "上年营业收入"),
        Relation("b", [f"b{i}" for i in range(PARTS)], True, "营业收入"),
        Relation("either", ["new", "star"], False, "新业态与部分计入类"),
    ]


def sentences(figures: Figures) -> list[Sentence]:
    def show(name: str) -> str:
        figure = figures[name]
        return f"{abs(figure.value):,.{figure.decimals}f}" if figure.kind != "share" else str(figure.value)

    def sentence(template: str, *names: str) -> Sentence:
        printed = {name: show(name) for name in names}
        units = {f"u{name}": figures[name].unit for name in names}
        return Sentence(template.format(**{f"v{k}": v for k, v in printed.items()}, **units), names, printed)

    up = "增长" if figures["g"].value >= 0 else "下降"
    rise = "提高" if figures["d"].value >= 0 else "下降"
    return [
        sentence(
            "纳入分析企业{vn}{un}，其中第一类{vn0}{un0}，占{vs0}{us0}；第二类占{vs1}{us1}。",
            "n",
            "n0",
            "s0",
            "s1",
        ),
        sentence("营业收入{vb}{ub}，同比" + up + "{vg}{ug}；", "b", "g"),
        sentence("第一类占{vbs}{ubs}，比上年" + rise + "{vd}{ud}。", "bs", "d"),
    ]


def report(figures: Figures, links: list[Relation] | None = None) -> CheckedReport:
    return CheckedReport(list(figures.values()), relations() if links is None else links, sentences(figures))


# Every mutation rewrites the sentences from the changed figures, so that arithmetic alone can find it;
# only the last two change what is printed.


def shift(figures: Figures, name: str, steps: int) -> CheckedReport:
    figure = figures[name]
    step = Decimal(1).scaleb(-figure.decimals)
    return report(
        {**figures, name: replace(figure, value=figure.value + steps * step, lower=None, upper=None)}
    )


def change(figures: Figures, name: str, **values: object) -> CheckedReport:
    return report({**figures, name: replace(figures[name], **values)})


def sign(rng: random.Random) -> int:
    return rng.choice((-1, 1))


def broken_total(figures: Figures, rng: random.Random) -> CheckedReport:
    return shift(figures, "n", sign(rng) * rng.randint(1, 30))


def broken_part(figures: Figures, rng: random.Random) -> CheckedReport:
    return shift(figures, f"n{rng.randrange(PARTS)}", sign(rng) * rng.randint(1, 9))


def broken_amount_total(figures: Figures, rng: random.Random) -> CheckedReport:
    """One step beyond what rounding of the parts allows."""
    gap = (sum(figures[f"b{i}"].value for i in range(PARTS)) - figures["b"].value) * 100
    beyond = int(PARTS * 0.5) + 1
    return shift(figures, "b", int(gap) + sign(rng) * beyond)


def wrong_share(figures: Figures, rng: random.Random) -> CheckedReport:
    return shift(figures, rng.choice(("s0", "s1", "as", "bs")), sign(rng) * rng.randint(1, 9))


def wrong_growth(figures: Figures, rng: random.Random) -> CheckedReport:
    return shift(figures, "g", sign(rng) * rng.randint(1, 9))


def wrong_difference(figures: Figures, rng: random.Random) -> CheckedReport:
    return shift(figures, "d", sign(rng) * rng.randint(3, 12))


def operand(rng: random.Random) -> str:
    return rng.choice(("n", "n0", "n3", "b", "b0", "b4", "a", "a1"))


def other_scope(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, operand(rng), scope="全口径")


def other_lane(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, operand(rng), lane="本办监测")


def other_vintage(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, operand(rng), vintage="快报")


def other_unit_type(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, operand(rng), unit_type="个体工商户")


def other_period(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, operand(rng), period="2022年")


def other_unit(figures: Figures, rng: random.Random) -> CheckedReport:
    name, unit = rng.choice(
        (("s0", "个百分点"), ("g", "个百分点"), ("d", "%"), ("b", "万元"), ("n1", "万家"))
    )
    return change(figures, name, unit=unit)


def zero_base(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, rng.choice(("a", "n")), value=0, lower=None, upper=None)


def share_above_100(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, rng.choice(("s0", "bs")), value=Decimal("100.0") + rng.randint(1, 50))


def negative_count(figures: Figures, rng: random.Random) -> CheckedReport:
    name = rng.choice(("new", "star", "either"))
    return change(figures, name, value=-figures[name].value)


def value_outside_interval(figures: Figures, rng: random.Random) -> CheckedReport:
    value = figures["n"].value
    return change(figures, "n", lower=value + rng.randint(1, 20), upper=value + 40)


def part_above_total(figures: Figures, rng: random.Random) -> CheckedReport:
    name = rng.choice(("new", "star"))
    return change(figures, name, value=figures["either"].value + rng.randint(1, 50))


def overlap_summed(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, "either", value=figures["new"].value + figures["star"].value)


def part_named_twice(figures: Figures, rng: random.Random) -> CheckedReport:
    first, *rest = relations()
    return report(
        figures, [replace(first, part_ids=[*first.part_ids, rng.choice(list(first.part_ids))]), *rest]
    )


def swapped_operands(figures: Figures, rng: random.Random) -> CheckedReport:
    name = rng.choice(("s0", "s1"))
    return change(figures, name, numerator_id="n", denominator_id=figures[name].numerator_id)


def other_numerator(figures: Figures, rng: random.Random) -> CheckedReport:
    return change(figures, "s0", numerator_id=rng.choice(("n1", "n2", "n3", "n4")))


def misprinted(figures: Figures, rng: random.Random) -> CheckedReport:
    """One digit of one printed number is another."""
    made = report(figures)
    lines = list(made.sentences)
    index = rng.randrange(len(lines))
    name = rng.choice(list(lines[index].printed))
    old = lines[index].printed[name]
    place = rng.choice([i for i, char in enumerate(old) if char.isdigit()])
    digit = rng.choice([each for each in "123456789" if each != old[place]])
    new = old[:place] + digit + old[place + 1 :]
    text = lines[index].text.replace(old, new, 1)
    lines[index] = replace(lines[index], text=text, printed={**lines[index].printed, name: new})
    return replace(made, sentences=lines)


def misprinted_unit(figures: Figures, rng: random.Random) -> CheckedReport:
    made = report(figures)
    lines = list(made.sentences)
    index, old, new = rng.choice(
        ((2, "个百分点", "%"), (1, "%；", "个百分点；"), (1, "亿元", "万元"), (0, "家", "亿元"))
    )
    lines[index] = replace(lines[index], text=lines[index].text.replace(old, new, 1))
    return replace(made, sentences=lines)


# What each mutation must be called: an alarm for another reason does not count as caught.
MUTATIONS: dict[Callable[[Figures, random.Random], CheckedReport], set[str]] = {
    broken_total: {"parts_total"},
    broken_part: {"parts_total"},
    broken_amount_total: {"parts_total"},
    wrong_share: {"share_arithmetic"},
    wrong_growth: {"growth_arithmetic"},
    wrong_difference: {"difference_arithmetic"},
    other_scope: {"mixed_scope"},
    other_lane: {"mixed_lane"},
    other_vintage: {"mixed_vintage"},
    other_unit_type: {"mixed_unit_type"},
    other_period: {"mixed_period"},
    other_unit: {"percent_point", "parts_total", "part_exceeds_total"},
    zero_base: {"zero_base"},
    share_above_100: {"share_range"},
    negative_count: {"negative_count"},
    value_outside_interval: {"interval"},
    part_above_total: {"part_exceeds_total"},
    overlap_summed: {"overlap_added"},
    part_named_twice: {"overlap_added"},
    swapped_operands: {"share_arithmetic"},
    other_numerator: {"share_arithmetic"},
    misprinted: {"printed_text"},
    misprinted_unit: {"percent_point", "unit_mismatch", "printed_text"},
}


def test_mutations_are_caught() -> None:
    rng = random.Random(20240931)
    tried, missed = 0, Counter[str]()
    while tried < 500:
        figures = clean_figures(rng)
        if check(report(figures)):
            continue  # a mutation proves nothing on a report that already has a finding
        mutate = list(MUTATIONS)[tried % len(MUTATIONS)]
        tried += 1
        findings = check(mutate(figures, rng))
        if not any(each.severity == "error" and each.rule in MUTATIONS[mutate] for each in findings):
            missed[mutate.__name__] += 1
    caught = 1 - missed.total() / tried
    print(f"caught {caught:.1%}, missed {dict(missed)}")
    assert caught >= 0.95, missed


def test_clean_reports_raise_few_alarms() -> None:
    rng = random.Random(7)
    alarms = Counter[str]()
    wrong = 0
    for _ in range(500):
        findings = check(report(clean_figures(rng)))
        wrong += bool(findings)
        alarms.update(finding.rule for finding in findings)
    print(f"false alarms {wrong / 500:.1%}, {dict(alarms)}")
    assert wrong / 500 <= 0.02, alarms
