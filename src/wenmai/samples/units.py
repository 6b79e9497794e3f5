"""The invented units of the district: who they are, before any dirt is put on them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from . import codes
from .words import Park, Trade, parks, phrases_by_section, trades, words

T = TypeVar("T")

CULTURE_SHARE = 0.18
# Drawn only for branches (its weight in trades.csv is 0).
BANK = "村镇银行"
BANK_BRANCH_SHARE = 0.2
LAST_DAY = date(2025, 12, 31)
CREDIT_CODES_SINCE = date(2015, 10, 1)
# (kind, weight, first two characters of the credit code)
KINDS = (
    ("company", 70, "91"),
    ("branch", 8, "91"),
    ("sole_trader", 19, "92"),
    ("cooperative", 1, "93"),
    ("union", 1, "81"),
    ("other", 1, "52"),
)
COMPANY_TYPES = (
    ("有限责任公司(自然人投资或控股)", 40),
    ("有限责任公司", 16),
    ("有限责任公司(自然人独资)", 20),
    ("有限责任公司(法人独资)", 6),
    ("有限责任公司（自然人投资或控股）", 6),
    ("股份有限公司(非上市)", 3),
    ("个人独资企业", 5),
    ("全民所有制", 1),
    ("集体所有制", 1),
    ("有限责任公司(港澳台投资、非独资)", 1),
    ("有限责任公司(外商投资、非独资)", 1),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit as it truly is: valid code, clean name; `capital` in 万元 or None; `park` None = none."""

    code: str
    reg_no: str
    name: str
    kind: str
    type_text: str
    registered_on: date
    trade: Trade
    class_code: str
    capital: float | None
    scope: str
    street: str
    address: str
    park: Park | None


def pick(rng: random.Random, weighted: tuple[tuple[T, int], ...]) -> T:
    """One value of (value, weight) pairs."""
    return rng.choices([v for v, _ in weighted], [w for _, w in weighted])[0]


def scope_text(rng: random.Random, trade: Trade, modern: bool) -> str:
    """A scope of 3 to 15 items: the trade's own wording first, then phrases of its section and of others.

    One non-culture scope in five carries culture-like wording, as real ones do; it is not the unit's trade.
    """
    wanted = min(15, max(3, round(rng.lognormvariate(1.9, 0.45))))
    items = rng.sample(trade.phrases, min(len(trade.phrases), max(2, wanted // 2)))
    sections = phrases_by_section()
    if not trade.major and rng.random() < 0.2:
        items += rng.sample(words()["culture_like"], rng.randint(1, 3))
    while len(items) < wanted:
        section = trade.section if rng.random() < 0.55 else rng.choice("FFLMIC")
        phrase = rng.choice(sections[section])
        if phrase not in items:
            items.append(phrase)
    form = rng.random()
    tail = rng.choice(words()["boilerplate"]) if rng.random() < 0.6 else ""
    if modern and form < 0.35 and len(items) > 3:
        return f"一般项目：{'；'.join(items[:-1])}。许可项目：{items[-1]}{tail}"
    if form < 0.45:
        verb = "销售：" if trade.section == "F" else "从事"
        return f"{verb}{'、'.join(items)}{tail or '。'}"
    separator = "；" if form < 0.75 else "、" if form < 0.9 else ","
    return separator.join(items) + (tail or ("。" if form < 0.7 else ""))


def capital_of(rng: random.Random, kind: str) -> float | None:
    """Registered capital in 万元 with the clustering of real registers; None for units that have none."""
    if kind in {"branch", "union", "other"}:
        return None
    if kind == "sole_trader":
        return float(rng.choice((1, 2, 3, 5, 5, 10, 10, 20)))
    if rng.random() < 0.04:
        return round(rng.uniform(1000, 80000), 4)
    return float(
        rng.choice((3, 10, 10, 30, 50, 50, 50, 100, 100, 100, 200, 200, 300, 500, 500, 1000, 2000, 5000))
    )


class District:
    """Draws units one by one from a seeded generator; names and codes never repeat."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._names: set[str] = set()
        self._codes: set[str] = set()
        self._culture = tuple((t, t.weight) for t in trades() if t.major)
        self._others = tuple((t, t.weight) for t in trades() if not t.major)

    def brand(self) -> str:
        """Two or three neutral syllables."""
        return "".join(self.rng.sample(words()["syllables"], 2 if self.rng.random() < 0.7 else 3))

    def _name(self, kind: str, trade: Trade, street: str) -> tuple[str, str]:
        rng, facts = self.rng, words()
        word, brand = rng.choice(trade.name_words), self.brand()
        city, district = facts["city"].removesuffix("市"), facts["district"].removesuffix("区")
        if kind == "sole_trader":
            ending = rng.choice(("店", "经营部", "工作室", "商行"))
            return f"{rng.choice((facts['district'], district))}{brand}{word}{ending}", "个体工商户"
        if kind == "cooperative":
            return f"{facts['city']}{facts['district']}{brand}{word}专业合作社", "农民专业合作社"
        if kind == "union":
            return f"{city}{brand}{word}有限公司工会委员会", "工会法人"
        if kind == "other":
            return f"{facts['city']}{facts['district']}{brand}{word}服务中心", "民办非企业单位"
        prefix = rng.choice((city, f"{facts['city']}", f"{city}{district}", f"{facts['province']}{district}"))
        if kind == "branch":
            if trade.key == BANK:
                return f"{city}{brand}{word}股份有限公司{street[:2]}支行", "股份有限公司分公司(非上市)"
            site = rng.choice((district, street[:2], f"{district}第{rng.choice('一二三四')}"))
            return f"{prefix}{brand}{word}有限公司{site}分公司", "有限责任公司分公司"
        type_text = pick(rng, COMPANY_TYPES)
        if type_text == "个人独资企业":
            return f"{prefix}{brand}{word}中心（个人独资）", type_text
        if type_text in {"全民所有制", "集体所有制"}:
            return f"{prefix}{brand}{word}{rng.choice(('厂', '公司', '总公司'))}", type_text
        shape = (
            "股份有限公司"
            if type_text.startswith("股份")
            else rng.choice(("有限公司", "有限公司", "有限责任公司"))
        )
        return f"{prefix}{brand}{word}{shape}", type_text

    def _address(self, street: str, park: Park | None) -> str:
        rng, facts = self.rng, words()
        place = facts["province"] * (rng.random() < 0.5) + facts["city"] + facts["district"]
        number = rng.randint(1, 388)
        road = f"{rng.choice(facts['roads'])}{number}号"
        room = rng.choice(
            (
                f"{rng.randint(1, 12)}幢{rng.randint(1, 28)}{rng.randint(1, 20):02d}室",
                f"{rng.randint(1, 6)}楼",
                f"{rng.randint(1, 9)}-{rng.randint(1, 30)}",
                "附1号",
                "",
            )
        )
        if park is not None:
            return f"{place}{street}{road}{rng.choice((park.name, park.short))}{room}"
        return f"{place}{street if rng.random() < 0.88 else ''}{road}{room}"

    def draw(self) -> Unit:
        """The next unit; redraws until both name and code are new."""
        rng = self.rng
        while True:
            kind = pick(rng, tuple((k, w) for k, w, _ in KINDS))
            trade = pick(rng, self._culture if rng.random() < CULTURE_SHARE else self._others)
            if kind == "branch" and rng.random() < BANK_BRANCH_SHARE:
                trade = next(t for t in trades() if t.key == BANK)
            days = int((1 - rng.random() ** 1.8) * (LAST_DAY - date(1985, 1, 1)).days)
            registered = date(1985, 1, 1) + timedelta(days=days)
            park_odds = 0.46 if trade.major else 0.11
            park = rng.choice(parks()) if kind == "company" and rng.random() < park_odds else None
            street = park.street if park else rng.choice(words()["streets"])
            name, type_text = self._name(kind, trade, street)
            modern = registered >= CREDIT_CODES_SINCE
            prefix = next(p for k, _, p in KINDS if k == kind)
            area = words()["area"]
            code = codes.credit_code(prefix, area, codes.random_body(rng, modern))
            if name in self._names or code in self._codes:
                continue
            self._names.add(name)
            self._codes.add(code)
            return Unit(
                code=code, reg_no=codes.registration_number(area, rng.randrange(10**8)), name=name, kind=kind,
                type_text=type_text, registered_on=registered, trade=trade,
                class_code=rng.choice(trade.codes),
                capital=capital_of(rng, kind), scope=scope_text(rng, trade, modern), street=street,
                address=self._address(street, park), park=park,
            )  # fmt: skip
