"""The ten questions, who answers them, and the answers put together for one person."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from wenmai.base.values import WenmaiError
from wenmai.office.kit.answers import Answer, Asked, Gap, Provider
from wenmai.web.leader import from_facts, from_records, from_register
from wenmai.web.rooms import rooms

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    number: int
    title: str
    short: str


QUESTIONS = (
    Question(1, "到底多少家，为何与统计局、去年不一样", "多少家"),
    Question(2, "规上几家，谁入库退库，谁还差多少", "规上"),
    Question(3, "增加值、占比、位次，初步还是核定", "增加值"),
    Question(4, "前二十家是谁，民企国企，谁要迁出或异常", "前二十家"),
    Question(5, "九大类强弱，与全市、周边比", "九大类"),
    Question(6, "园区入驻率、文化企业占比、何时复核", "园区"),
    Question(7, "资金安排、下达、支出、欠兑、效果", "资金"),
    Question(8, "重点项目卡在哪、谁牵头", "项目"),
    Question(9, "企业反映最多的三件事，谁在办、超期几天", "诉求"),
    Question(10, "规划指标完成几成，下一期报多少有依据", "规划"),
)
# What the house can answer from facts, register and ledgers. A room that names its own answer in room.py is put after it.
HOUSE: dict[int, tuple[Provider, ...]] = {
    1: (from_register.how_many, from_facts.counted_by_bureau),
    2: (from_facts.above_scale, from_records.near_threshold),
    3: (from_facts.value_added,),
    4: (from_records.top_firms,),
    5: (from_facts.classes, from_register.classes),
    6: (from_records.parks,),
    7: (from_facts.money,),
    8: (from_records.projects,),
    9: (from_records.demands,),
    10: (from_facts.plan,),
}


@dataclass(frozen=True)
class Card:
    """A question with what is known of it."""

    question: Question
    answer: Answer

    @property
    def known(self) -> bool:
        return any(v.text and not v.text.startswith("—") for v in self.answer.values) or any(g.rows for g in self.answer.grids)


def providers(number: int) -> list[Provider]:
    return [*HOUSE[number], *(r.answers[number] for r in rooms() if number in r.answers)]


def card(number: int, asked: Asked) -> Card:
    """One question. A provider that refuses says why in the card; it never takes the page down with it."""
    question = QUESTIONS[number - 1]
    together = Answer()
    for provider in providers(number):
        try:
            together.add(provider(asked))
        except WenmaiError as error:
            together.gaps.append(Gap(str(error), "请按提示处理后重试"))
    if not together.values and not together.grids and not together.gaps:
        together.gaps.append(Gap("未采集", "请联系数据提供单位"))
    return Card(question, together)


def cards(asked: Asked) -> list[Card]:
    return [card(q.number, asked) for q in QUESTIONS]
