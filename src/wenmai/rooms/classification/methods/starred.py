"""The rules of the 18 starred classes (部分计入类): which words of name and scope show the part that counts.

Per class: words that show the counted part, phrases that only look like it (dropped first), and phrases that may or may
not mean it. Each follows the wording of the class in the standard's table (`partial_scope`); the class's own general
words (增值电信, 数字内容, 总部) decide nothing, since every unit with the code has them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from wenmai.base.standards.culture import culture_entries

NAME, HEAD, LATER, OPEN, NOTHING = "名称", "首项", "其他", "可能", "无"
HEAD_ITEMS = 3

# Regular expressions beside the table's keywords.
_MORE: dict[str, tuple[str, ...]] = {
    "6513": ("动画", "漫画", "数字内容", "音视频", "文化软件", "影视"),
    "6319": ("视听", "动漫", "游戏"),
    "6579": ("文化", "动漫", "影视", "音乐", "展览", "出版", "博物馆", "文物", "艺术"),
    "7484": ("室内设计", "装潢设计", "景观设计", "园林设计", "建筑装饰设计", "建筑工程设计", "环境艺术", "休闲娱乐工程", "体育场馆"),
    "6432": ("票务", "音乐", "影视", "游戏", "动漫", "文学"),
    "7212": ("文化创意", "影视项目", "文化(?:产业|旅游|创意)?项目", "国有文化", "文化(?:产业|行业|事业)[^；;。]{0,6}投资"),
    "7211": ("动漫", "艺术", "新闻", "报业", "报刊", "广电", "广播电视", "院线"),
    "7221": ("文化园", "影视园", "文化产业", "动漫产业", "艺术园", "文化创意"),
    "7520": ("软件著作", "作品登记"),
    "8070": ("庆典", "司仪", "喜庆"),
    "5181": ("文具", "玩具", "字画", "首饰", "美术", "影视", "视听", "电视机", "音响"),
    "8399": ("艺术", "歌唱", "钢琴", "古筝", "绘", "国画", "戏曲", "围棋", "播音"),
    "5175": ("舞台", "演出灯光"),
    "2221": ("文化纸", "胶版纸", "书写", "印刷纸", "热敏纸", "复写纸", "感光纸", "双胶纸", "轻涂纸", "复印纸"),
    "9521": ("理论研究会", "作家", "文艺", "诗词", "楹联", "曲艺", "史学", "历史", "考古", "文物", "民俗", "社会科学", "哲学")
             + ("集邮", "收藏家", "书画"),
    "3961": ("虚拟现实", "增强现实", "头戴显示", "音乐"),
    "3963": ("表演",),
}
_NOT: dict[str, str] = {
    # "体育等其他数字内容不算"; other fields' digital content likewise.
    "6579": r"[^；;，,、。]*(?:体育|赛事|医学|医疗|地理|遥感|工业|农业)[^；;，,、。]*数字[^；;，,、。]*",
    "7211": "组织文化艺术交流活动",
}
_PERHAPS: dict[str, str] = {
    "6579": "数字内容",
    "7484": r"(?:^|[；;，,、。：:])(?:建设)?工程设计",
    "9521": "学术|理论研究",
}
_DROPPED = {"6319": ("增值电信",), "6579": ("数字内容",), "7211": ("总部",), "9521": ("理论", "学术")}


@dataclass(frozen=True, slots=True)
class StarredRule:
    """`words` as in the table and here; `shows` their pattern; `looks` is dropped first; `perhaps` leaves it open."""

    words: tuple[str, ...]
    shows: re.Pattern[str]
    looks: re.Pattern[str] | None
    perhaps: re.Pattern[str] | None


@lru_cache(maxsize=1)
def starred_rules() -> dict[str, StarredRule]:
    """The rule of each starred GB/T class."""
    rules = {}
    for entry in culture_entries():
        if entry.partial:
            code = entry.gbt_code
            dropped = _DROPPED.get(code, ())
            words = tuple(dict.fromkeys(k for k in entry.scope_keywords + _MORE.get(code, ()) if k not in dropped))
            looks, perhaps = _NOT.get(code), _PERHAPS.get(code)
            rules[code] = StarredRule(
                words,
                re.compile("|".join(sorted(words, key=len, reverse=True))),
                re.compile(looks) if looks else None,
                re.compile(perhaps) if perhaps else None,
            )
    return rules


def starred_hit(gbt_code: str, name: str, scope: str) -> tuple[str | None, str]:
    """The deciding word of a starred class and where it stands: 名称, 首项 (first three items), 其他 (later), 可能 (a word
    that may or may not mean the counted part) or 无.

    `scope` must be cleaned (brackets and boiler-plate dropped), so that '(不含电子出版物)' is not taken for content.
    """
    rule = starred_rules()[gbt_code]
    if rule.looks:
        scope = rule.looks.sub("", scope)
    found = rule.shows.search(name)
    if found:
        return found.group(), NAME
    head = "；".join(_items(scope)[:HEAD_ITEMS])
    for text, where in ((head, HEAD), (scope, LATER)):
        found = rule.shows.search(text)
        if found:
            return found.group(), where
    found = rule.perhaps.search(scope) if rule.perhaps else None
    return (found.group().strip("；;，,、。：:"), OPEN) if found else (None, NOTHING)


def _items(scope: str) -> list[str]:
    for mark in "；。，,：:、":
        scope = scope.replace(mark, ";")
    return [part for part in scope.split(";") if part]
