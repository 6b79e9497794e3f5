"""Made-up consistent tables for `replays.py`, and one planted inconsistency in each. Seeded; every number is printed rounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Lane

CLASSES = (
    "新闻信息服务", "内容创作生产", "创意设计服务", "文化传播渠道", "文化投资运营", "文化娱乐休闲服务",
    "文化辅助生产和中介服务", "文化装备生产", "文化消费终端生产",
)  # fmt: skip
OLD = (
    "新闻出版发行服务", "广播电影电视服务", "文化艺术服务", "文化信息传输服务", "文化创意和设计服务",
    "文化休闲娱乐服务", "工艺美术品的生产", "文化产品生产的辅助生产", "文化用品的生产",
)  # fmt: skip
TYPES = ("文化制造业", "文化批发和零售业", "文化服务业")
STAGE = "初步核算"
ABOVE, WHOLE, MONITOR = "规上简报", "核算资料", "监测报表"
Table = dict[str, list[NewFact]]  # document → facts


def printed(value: F, decimals: int) -> str:
    scaled = int(abs(value) * 10**decimals + F(1, 2))
    digits = f"{scaled:0{decimals + 1}d}"
    return ("-" if value < 0 and scaled else "") + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def clean(rng: Random, key: str) -> Table:
    """One district and year: levels, growth, shares, contribution, counts, value added, all computed before rounding."""
    table: Table = {ABOVE: [], WHOLE: [], MONITOR: []}
    year, d, s = rng.randint(2019, 2024), rng.choice((0, 1, 2)), rng.choice((1, 1, 2))
    size = F(rng.choice((60, 400, 3000, 20000)))

    def put(code: str, value: F, unit: str, digits: int, item: str = "", when: str = "", document: str = ABOVE, **more: str) -> None:
        lane = Lane.MONITOR if document == MONITOR else Lane.BUREAU
        scope = more.pop("scope", "规上" if document != WHOLE else "全口径")
        table[document].append(NewFact("area", key, code, when or str(year), printed(value, digits), unit, lane, scope, item, **more))

    def rough(mean: F, low: float = 0.5, high: float = 1.6) -> F:
        return mean * F(round(rng.uniform(low, high) * 10**6), 10**6)

    before = {c: rough(size / 9, 0.1, 2.5) for c in CLASSES}
    now = {c: rough(v, 0.85, 1.3) for c, v in before.items()}
    watched = {c: rough(v, 0.6, 0.95) for c, v in now.items()}
    total, base = sum(now.values(), F(0)), sum(before.values(), F(0))
    for item, v, b in [("", total, base), *((f"大类={c}", now[c], before[c]) for c in CLASSES)]:
        put("SC06", v, "亿元", d, item)
        put("SC06", b, "亿元", d, item, str(year - 1))
        put("SC08", (v / b - 1) * 100, "%", s, item)
        if item:
            put("ST02R", v / total * 100, "%", s, item)
            put("ST06", (v - b) / base * 100, "个百分点", s, item)
            put("ST05", (v - b) / (total - base) * 100, "%", s, item)
        put("SC06", watched[item[3:]] if item else sum(watched.values(), F(0)), "亿元", d, item, document=MONITOR, scope="本办监测")
    core = sum((now[c] for c in CLASSES[:6]), F(0))
    put("SC06", core, "亿元", d, "领域=文化核心领域")
    put("SC06", total - core, "亿元", d, "领域=文化相关领域")
    q1 = rough(total / 4, 0.7, 1.2)
    q2 = rough(total / 4, 0.7, 1.2)
    put("SC06", q1, "亿元", d, when=f"{year}Q1")
    put("SC06", q1 + q2, "亿元", d, when=f"{year}H1")
    put("SC06", q2, "亿元", d, when=f"{year}Q2")
    profit = rough(total / 12, -0.4, 1.5)
    put("SC15", profit, "亿元", d)
    put("SC16", profit / total * 100, "%", 2)
    fresh = total * F(rng.randint(200, 600), 1000)
    put("ST04", fresh, "亿元", d)
    put("ST04R", fresh / total * 100, "%", s)

    counts = {t: rng.randint(5, 60) for t in TYPES}
    entered, left = rng.randint(3, 12), rng.randint(0, 4)
    units = sum(counts.values())
    for t, n in counts.items():
        put("SC04", F(n), "家", 0, f"类型={t}", f"{year}-12-31")
    put("SC04", F(units), "家", 0, when=f"{year}-12-31")
    put("SC04", F(units - entered + left), "家", 0, when=f"{year - 1}-12-31")
    put("SC05", F(entered), "家", 0)
    put("SC05X", F(left), "家", 0)
    put("SC05N", F(entered - left), "家", 0)
    put("SC20", total * 10000 / units, "万元/家", 0)

    added = {t: rough(size / 8, 0.3, 2) for t in TYPES}
    gdp = sum(added.values(), F(0)) * F(rng.randint(15, 35))
    for back, factor in ((0, F(1)), (1, F(rng.randint(88, 97), 100))):
        when, whole = str(year - back), sum(added.values(), F(0)) * factor
        lower = gdp * F(rng.randint(90, 99), 100) if back else gdp
        for t, v in added.items():
            put("SC09", v * factor, "亿元", 2, f"类型={t}", when, WHOLE, stage=STAGE)
        put("SC09", whole, "亿元", 2, "", when, WHOLE, stage=STAGE)
        put("GDP", lower, "亿元", 2, "", when, WHOLE, stage=STAGE, scope="全社会")
        put("SC10", whole / lower * 100, "%", 2, "", when, WHOLE, stage=STAGE)
        if not back:
            share = whole / lower
        else:
            put("SC12", (share - whole / lower) * 100, "个百分点", 2, "", str(year), WHOLE, stage=STAGE)
            put("SC11", (1 / factor - 1) * 100, "%", 1, "", str(year), WHOLE, stage=STAGE)
    for t, v in added.items():
        put("ST03V", v / sum(added.values(), F(0)) * 100, "%", 1, f"类型={t}", document=WHOLE, stage=STAGE)
    below = rough(total / 3)
    put("REV_BELOW", below, "亿元", d, document=WHOLE, scope="规下")
    put("SC07", total + below, "亿元", d, document=WHOLE)
    return table


# --- planting ---------------------------------------------------------------------------------------------------

Plant = Callable[[Random, Table], tuple[Table, list[tuple[str, int]]]]


def _at(table: Table, document: str, code: str, test: Callable[[NewFact], bool] = lambda f: True) -> list[int]:
    newest = max(f.when[:4] for f in table[document])
    return [i for i, f in enumerate(table[document]) if f.code == code and f.when[:4] == newest and test(f)]


def _swap(table: Table, document: str, index: int, **changes: object) -> tuple[Table, list[tuple[str, int]]]:
    rows = list(table[document])
    rows[index] = replace(rows[index], **changes)  # type: ignore[arg-type]
    return {**table, document: rows}, [(document, index)]


def _step(fact: NewFact) -> F:
    return F(1, 10 ** len(str(fact.value).partition(".")[2]))


def _shift(rng: Random, table: Table, document: str, index: int, allowed: F, up: bool | None = None) -> tuple[Table, list[tuple[str, int]]]:
    """Move a value by one step more than rounding can explain, up to five times as far."""
    fact = table[document][index]
    step = _step(fact)
    far = (int(allowed * F(round(rng.uniform(1, 5) * 1000), 1000) / step) + 1) * step
    value = F(str(fact.value)) + (far if (rng.random() < 0.5 if up is None else up) else -far)
    return _swap(table, document, index, value=printed(value, len(str(fact.value).partition(".")[2])))


def _sum_part(code: str, document: str, axis: str) -> Plant:
    def plant(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
        rows = _at(table, document, code, lambda f: f.item.startswith(axis) and len(f.when) == 4)
        i = rng.choice(rows)
        # n parts and the total, half a unit each
        return _shift(rng, table, document, i, (len(rows) + 1) * _step(table[document][i]) / 2)

    return plant


def _total(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    i = _at(table, ABOVE, "SC06", lambda f: not f.item and len(f.when) == 4)[0]
    return _shift(rng, table, ABOVE, i, 10 * _step(table[ABOVE][i]) / 2)


def _unit(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    document, code = rng.choice(((ABOVE, "SC06"), (WHOLE, "SC09"), (MONITOR, "SC06"), (ABOVE, "SC15")))
    i = rng.choice(_at(table, document, code))
    return _swap(table, document, i, unit=rng.choice(("万元", "千元", "元", "万亿元")))


def _changed(field: str, to: str, document: str, code: str) -> Plant:
    def plant(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
        return _swap(table, document, rng.choice(_at(table, document, code, lambda f: len(f.when) == 4)), **{field: to})

    return plant


def _drop(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    document, code, axis = rng.choice(((ABOVE, "SC06", "大类"), (WHOLE, "SC09", "类型"), (MONITOR, "SC06", "大类"), (ABOVE, "ST02R", "大类")))
    i = rng.choice(_at(table, document, code, lambda f: f.item.startswith(axis)))
    rows = list(table[document])
    gone = rows.pop(i)
    left = [(document, j) for j, f in enumerate(rows) if f.code == code and f.when == gone.when]
    return {**table, document: rows}, left


def _growth(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    i = rng.choice(_at(table, ABOVE, "SC08"))
    fact = table[ABOVE][i]
    levels = [f for f in table[ABOVE] if f.code == "SC06" and f.item == fact.item and len(f.when) == 4]
    ratio = 1 + F(str(fact.value)) / 100
    allowed = sum((_step(f) / 2 / F(str(f.value)) for f in levels if F(str(f.value))), F(0)) * ratio * 100 + _step(fact) / 2
    return _shift(rng, table, ABOVE, i, 2 * allowed)


def _ratio(code: str, document: str, slack: F) -> Plant:
    """A share or difference moved by more than `slack` (what its operands' rounding allows) and its own half unit."""

    def plant(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
        i = rng.choice(_at(table, document, code))
        fact = table[document][i]
        step = max((_step(f) / F(str(f.value)) for f in table[ABOVE] if f.code == "SC06" and not f.item and F(str(f.value))), default=F(0))
        return _shift(rng, table, document, i, slack + _step(fact) + step * 100)

    return plant


def _wide(code: str, far: int) -> Plant:
    def plant(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
        return _shift(rng, table, ABOVE, rng.choice(_at(table, ABOVE, code)), F(far))

    return plant


def _single_as_total(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    half = next(i for i, f in enumerate(table[ABOVE]) if f.code == "SC06" and f.when.endswith("H1"))
    quarter = next(f for f in table[ABOVE] if f.code == "SC06" and f.when.endswith("Q2"))
    return _swap(table, ABOVE, half, value=quarter.value)


def _quarter(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    i = next(i for i, f in enumerate(table[ABOVE]) if f.code == "SC06" and f.when.endswith("Q2"))
    return _shift(rng, table, ABOVE, i, 3 * _step(table[ABOVE][i]) / 2)


def _count(code: str) -> Plant:
    def plant(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
        i = rng.choice(_at(table, ABOVE, code))
        return _swap(table, ABOVE, i, value=str(int(str(table[ABOVE][i].value)) + rng.randint(1, 5)))

    return plant


def _mixed_share(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    """The published error: above-scale numerator over all units."""
    top = F(str(table[ABOVE][_at(table, ABOVE, "ST04")[0]].value))
    whole = F(str(table[WHOLE][_at(table, WHOLE, "SC07")[0]].value))
    i = _at(table, ABOVE, "ST04R")[0]
    return _swap(table, ABOVE, i, value=printed(top / whole * 100, len(str(table[ABOVE][i].value).partition(".")[2])))


def _edition(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    old, newest = dict(zip(CLASSES, OLD, strict=True)), max(f.when[:4] for f in table[ABOVE])
    rows = [replace(f, item="大类=" + old[f.item[3:]]) if f.when < newest and f.item.startswith("大类=") else f for f in table[ABOVE]]
    return {**table, ABOVE: rows}, [(ABOVE, i) for i, f in enumerate(rows) if f.when < newest and f.item]


def _beside(rng: Random, table: Table) -> tuple[Table, list[tuple[str, int]]]:
    """Value added of all units moved into the table that has counts of above-scale units."""
    moved = [i for i, f in enumerate(table[WHOLE]) if f.code == "SC09"]
    rows = [*table[ABOVE], *(table[WHOLE][i] for i in moved)]
    rest = [f for i, f in enumerate(table[WHOLE]) if i not in moved]
    return {**table, ABOVE: rows, WHOLE: rest}, [(ABOVE, i) for i in range(len(table[ABOVE]), len(rows))]


PLANTS: dict[str, Plant] = {
    "分项改动（大类营业收入）": _sum_part("SC06", ABOVE, "大类"), "分项改动（类型增加值）": _sum_part("SC09", WHOLE, "类型"),
    "分项改动（监测）": _sum_part("SC06", MONITOR, "大类"), "总数改动": _total, "单位写错": _unit,
    "口径写错（分项）": _changed("scope", "全口径", ABOVE, "SC06"),
    "来源类写错（分项）": _changed("lane", Lane.MONITOR, ABOVE, "SC06"), "版次写错（增加值）": _changed("stage", "最终核实", WHOLE, "SC09"),
    "版次写错（GDP）": _changed("stage", "最终核实", WHOLE, "GDP"), "口径写错（占比）": _changed("scope", "全口径", ABOVE, "ST04R"), "缺分项": _drop,
    "增速改动": _growth, "构成改动": _ratio("ST02R", ABOVE, F(0)), "增加值占比改动": _ratio("SC10", WHOLE, F(1, 100)),
    "百分点差改动": _ratio("SC12", WHOLE, F(2, 100)), "百分点写成%": _changed("unit", "%", WHOLE, "SC12"), "拉动改动": _wide("ST06", 2),
    "贡献率改动": _wide("ST05", 40), "当季数当累计数": _single_as_total, "当季数改动": _quarter,
    "企业数分项改动": _count("SC04"), "净增改动": _count("SC05N"),
    "入库数改动": _count("SC05"), "混口径占比": _mixed_share, "分类版本不同": _edition, "并列不同口径": _beside,
}  # fmt: skip
