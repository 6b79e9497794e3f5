"""What the registered industry code says: which class and edition it is, and whether it settles the decision.

Plain culture class → 全部计入类; starred class → its own rule on scope and name; other class → 非文化; missing, coarse, older or
contradictory → the text decides. Codes are looked up once per distinct (code, text) pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from wenmai.base.standards.crosswalk import gbt_2011_to_2017
from wenmai.base.standards.culture import culture_of
from wenmai.base.standards.gbt4754 import find_division, industries, industry, name_key, normalise_code

PLAIN, STARRED, OUTSIDE, COARSE, NONE = "全部计入", "部分计入", "范围外", "代码过粗", "无代码"
EDITION_2017 = "GB/T 4754-2017"
EDITION_2011 = "GB/T 4754-2011"

# Classes of the 2011 edition that exist in 2017 under another number (public tables; only those about culture).
_OLD_CODES = {
    "6591": ("数字内容服务", None),
    "8510": ("新闻业", "8610"),
    "8521": ("图书出版", "8621"),
    "8522": ("报纸出版", "8622"),
    "8523": ("期刊出版", "8623"),
    "8524": ("音像制品出版", "8624"),
    "8525": ("电子出版物出版", "8625"),
    "8529": ("其他出版业", "8629"),
    "8610": ("广播", "8710"),
    "8620": ("电视", "8720"),
    "8630": ("电影和影视节目制作", "8730"),
    "8640": ("电影和影视节目发行", "8750"),
    "8650": ("电影放映", "8760"),
    "8660": ("录音制作", "8770"),
    "8710": ("文艺创作与表演", "8810"),
    "8720": ("艺术表演场馆", "8820"),
    "8731": ("图书馆", "8831"),
    "8732": ("档案馆", "8832"),
    "8740": ("文物及非物质文化遗产保护", "8840"),
    "8750": ("博物馆", "8850"),
    "8760": ("烈士陵园、纪念馆", "8860"),
    "8770": ("群众文化活动", "8870"),
    "8790": ("其他文化艺术业", "8890"),
    "8911": ("歌舞厅娱乐活动", "9011"),
    "8912": ("电子游艺厅娱乐活动", "9012"),
    "8913": ("网吧活动", "9013"),
    "8919": ("其他室内娱乐活动", "9019"),
    "8920": ("游乐园", "9020"),
    "8941": ("文化娱乐经纪人", "9053"),
    "8990": ("其他娱乐业", "9090"),
    "7240": ("广告业", None),
    "7491": ("专业化设计服务", "7492"),
    "7492": ("摄影扩印服务", "8060"),
    "7292": ("会议及展览服务", "7289"),
    "6420": ("互联网信息服务", "6429"),
}


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What a registered code means: `state` as above, the 2017 class (4 digits) or prefix, the edition, the share of
    culture classes under a coarse prefix, and in Chinese why.
    """

    state: str
    code: str | None
    edition: str | None
    culture_share: float | None
    reason: str


@lru_cache(maxsize=1)
def _class_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for item in industries("class"):
        for name in (item.name, item.name_before_2019, *item.variant_names):
            if name:
                names.setdefault(name_key(name), item.code)
    return names


def _judge(code: str, edition: str, reason: str) -> CodeReading:
    entry = culture_of(code)
    if entry is None:
        return CodeReading(OUTSIDE, code, edition, 0.0, reason)
    return CodeReading(STARRED if entry.partial else PLAIN, code, edition, None, reason)


def _coarse(prefix: str, reason: str) -> CodeReading:
    under = [i.code for i in industries("class") if i.code.startswith(prefix)]
    inside = [culture_of(c) for c in under]
    if under and not any(inside):
        return CodeReading(OUTSIDE, prefix, EDITION_2017, 0.0, reason)
    share = sum(1.0 if e and not e.partial else 0.3 if e else 0.0 for e in inside) / max(len(under), 1)
    return CodeReading(COARSE, prefix, EDITION_2017, share, reason)


def read_code(code: str | None, text: str | None, edition: str | None = None) -> CodeReading:
    """Read a registered code together with the industry text beside it (either may be null). `edition`: the one that the
    code's file was found to use, which decides where a number means different things and no text is there to tell."""
    return _read(code.strip() if code else "", text.strip() if text else "", edition == EDITION_2011)


def _older(bare: str) -> CodeReading | None:
    """The reading of a 2011 code, as far as the crosswalk knows it; None where both editions may be taken as one."""
    old, cross = _OLD_CODES.get(bare), gbt_2011_to_2017(bare)
    if old and old[1]:
        return _judge(old[1], EDITION_2011, f"{bare} {old[0]} 为2011版代码，对应2017版 {old[1]}")
    if old or (cross is not None and len(cross.new_codes) > 1):
        name = old[0] if old else cross.old_name if cross else ""
        return CodeReading(NONE, None, EDITION_2011, None, f"{bare} {name} 为2011版代码，2017版已拆分")
    if cross is not None and cross.new_codes:
        return _judge(cross.new_codes[0], EDITION_2011, f"{bare} {cross.old_name} 为2011版代码，对应2017版 {cross.new_codes[0]}")
    return None


@lru_cache(maxsize=20000)
def _read(code: str, text: str, older: bool = False) -> CodeReading:
    by_name = _class_by_name().get(name_key(text)) if text else None
    bare = normalise_code(code) if code else None
    if bare is None:
        if by_name:
            return _judge(by_name, EDITION_2017, f"行业名称“{text}”即 {by_name}")
        division = find_division(text) if text else None
        if division is not None:
            return _coarse(division.code, f"只有大类“{division.name}”")
        why = f"行业代码“{code}”无法识别" if code else "无行业代码"
        return CodeReading(NONE, None, None, None, why)
    item = industry(bare)
    old = _OLD_CODES.get(bare)
    if old and (item is None or (text and name_key(text) == name_key(old[0]))):
        if old[1]:
            return _judge(old[1], EDITION_2011, f"{bare} {old[0]} 为2011版代码，对应2017版 {old[1]}")
        return CodeReading(NONE, None, EDITION_2011, None, f"{bare} {old[0]} 为2011版代码，2017版已拆分")
    if older and not text and len(bare) == 4 and (found := _older(bare)) is not None:
        return found
    if by_name and by_name != bare and (item is None or len(bare) == 4):
        edition = EDITION_2011 if item is None else EDITION_2017
        return CodeReading(NONE, by_name, edition, None, f"代码 {bare} 与行业名称“{text}”({by_name}) 不一致")
    if item is None:
        return CodeReading(NONE, None, EDITION_2011, None, f"代码 {bare} 不在2017版中，疑为旧版")
    if item.level == "section":
        return CodeReading(NONE, None, EDITION_2017, None, f"只有门类 {bare}")
    if item.level != "class":
        return _coarse(bare, f"代码 {bare} 只到{'大类' if len(bare) == 2 else '中类'}")
    return _judge(bare, EDITION_2017, f"{bare} {item.name}")
