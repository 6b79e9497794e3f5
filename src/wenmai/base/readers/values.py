"""Parsers of single values (dates, capital, status, industry): one call per distinct value, never raise."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

#: Cells that say "not known", as seen in the offices' files; compared after trimming.
UNKNOWN = frozenset((
    "", "-", "--", "---", "—", "——", "–", "－", "/", "\\", "\\N", "*", "?", ".", "…", "空", "无", "不详",
    "未知", "未标明", "暂无", "暂缺", "缺失", "无数据", "未填", "未填写", "未填报", "未公示", "未公开",
    "不明", "[移除]", "［移除］", "待定", "N/A", "n/a", "NA", "Na", "na", "N／A", "NULL", "Null", "null",
    "None", "none", "NONE", "nan", "NaN", "NAN", "nil", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!",
    "#NULL!", "#NUM!", "undefined", "(空)", "（空）", "NaT", "<NA>",
))  # fmt: skip

FIRST_DAY = dt.date(1900, 1, 1)
_EPOCH_1900 = dt.date(1899, 12, 30)
_YMD = re.compile(
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT,]*(?:\d{1,2}[:时]\d{1,2}.{0,24})?)?$",
    re.ASCII,
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\d{6}|\.0+|\s+\d{1,2}:.{1,20})?$", re.ASCII)
_SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$", re.ASCII)
_PARTIAL = re.compile(r"^\d{4}\s*(?:年|[-/.年]\s*\d{1,2}\s*月?)?$|^\d{6}$", re.ASCII)


def parse_date(text: str, today: dt.date) -> tuple[dt.date | None, str | None]:
    """A date of any usual writing, and why not when it is unknown.

    2019-08-01, 2019/8/1, 2019.8.1, 20190801, 2019年8月1日, with or without a time; Excel serials of 5 digits
    (1900 system). Impossible, before 1900, after `today`, without a day: (None, reason).
    """
    value = unicodedata.normalize("NFKC", text).strip()
    found = _YMD.match(value) or _COMPACT.match(value)
    if found:
        try:
            day = dt.date(*(int(part) for part in found.groups()[:3]))
        except ValueError:
            return None, "日期不存在"
    elif serial := _SERIAL.match(value):
        day = _EPOCH_1900 + dt.timedelta(days=int(serial.group(1)))
    elif _PARTIAL.match(value):
        return None, "日期不完整，缺月或日"
    else:
        return None, "日期认不出"
    if day < FIRST_DAY:
        return None, "日期早于 1900 年"
    return (None, "日期晚于今天") if day > today else (day, None)


#: Names of currencies -> ISO 4217; longer names first when searched.
CURRENCIES = {
    "人民币": "CNY", "CNY": "CNY", "RMB": "CNY", "¥": "CNY", "¥元": "CNY", "美元": "USD", "美金": "USD",
    "USD": "USD", "$": "USD", "港元": "HKD", "港币": "HKD", "香港元": "HKD", "HKD": "HKD", "日元": "JPY",
    "日圆": "JPY", "日币": "JPY", "JPY": "JPY", "欧元": "EUR", "EUR": "EUR", "€": "EUR", "英镑": "GBP",
    "GBP": "GBP", "£": "GBP", "瑞士法郎": "CHF", "CHF": "CHF", "加元": "CAD", "加拿大元": "CAD",
    "加币": "CAD", "CAD": "CAD", "新加坡元": "SGD", "新加坡币": "SGD", "SGD": "SGD", "澳元": "AUD",
    "澳大利亚元": "AUD", "AUD": "AUD", "韩元": "KRW", "韩国元": "KRW", "韩币": "KRW", "韩圆": "KRW",
    "KRW": "KRW", "新台币": "TWD", "台币": "TWD", "新台湾元": "TWD", "台湾元": "TWD", "TWD": "TWD",
    "澳门元": "MOP", "澳门币": "MOP", "MOP": "MOP", "新西兰元": "NZD", "NZD": "NZD", "卢布": "RUB",
    "RUB": "RUB", "泰铢": "THB", "THB": "THB", "林吉特": "MYR", "马来西亚元": "MYR", "MYR": "MYR",
    "丹麦克朗": "DKK", "瑞典克朗": "SEK", "挪威克朗": "NOK", "德国马克": "DEM", "马克": "DEM",
    "法国法郎": "FRF", "印度卢比": "INR", "菲律宾比索": "PHP", "越南盾": "VND", "印尼盾": "IDR",
}  # fmt: skip
_BY_LENGTH = sorted(CURRENCIES, key=len, reverse=True)
_SCALES = [("万亿", 12), ("千万", 7), ("百万", 6), ("十万", 5), ("亿", 8), ("万", 4), ("千", 3), ("百", 2)]
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:E[-+]?\d{1,3})?", re.ASCII)
_LIMIT = Decimal(10) ** 15
_MONEY_NOISE = re.compile(r"[\s,()\[\]\"'整:、;约合]|注册资[本金]|出资额")


def parse_money_words(words: str) -> tuple[int | None, str | None, bool]:
    """Power of ten, currency, and whether all was understood, of '万元人民币', '(万)', '万美元', '元', ''.

    A plain 元 is the renminbi's unit (Law on the People's Bank of China, article 17); '万' alone names
    no currency.
    """
    rest, power, currency = words, None, None
    for name in _BY_LENGTH:
        if name in rest:
            rest, currency = rest.replace(name, "", 1), CURRENCIES[name]
            power = 0 if name != "人民币" else None
            break
    for name, exponent in _SCALES:
        if name in rest:
            rest, power = rest.replace(name, "", 1), exponent
            break
    if rest in {"元", "圆"}:
        rest, power, currency = "", power or 0, currency or "CNY"
    return power, currency, not rest


def parse_capital(
    text: str, head_unit: str | None = None, currency: str | None = None
) -> tuple[Decimal | None, str | None, str | None]:
    """Amount in whole units of its currency (元, not 万元), currency or None, reason when unreadable.

    `head_unit` is the unit in the column's head, `currency` that of a currency column; words in the cell
    win over both. No currency is assumed where none is written ('300(万)'), none is converted, and a bare
    number without any unit is refused: it may be 元 or 万元.
    """
    value = _MONEY_NOISE.sub("", unicodedata.normalize("NFKC", text).upper())
    numbers = list(_NUMBER.finditer(value))
    if not numbers:
        return None, None, "注册资本认不出"
    if len(numbers) > 1:
        return None, None, "一格内有两个以上金额"
    found = numbers[0]
    power, own, understood = parse_money_words(value[: found.start()] + value[found.end() :])
    if not understood:
        return None, None, "注册资本的币种或单位认不出"
    head_power, head_currency, head_ok = parse_money_words(head_unit) if head_unit else (None, None, False)
    if power is None:
        power = head_power if head_ok else (0 if own else None)
        own = own or currency or (head_currency if head_ok else None)
    if power is None:
        return None, own, "注册资本未注明单位（元或万元）"
    try:
        amount = Decimal(found.group()).scaleb(power)
    except (InvalidOperation, OverflowError):
        return None, None, "注册资本认不出"
    if amount < 0 or amount >= _LIMIT:
        return None, own or currency, "注册资本为负数或过大"
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP), own or currency, None


def parse_currency(text: str) -> str | None:
    """ISO code of a currency column's cell, or None."""
    value = unicodedata.normalize("NFKC", text).upper().strip()
    return next(
        (CURRENCIES[name] for name in _BY_LENGTH if name in value), "CNY" if value in {"元", "万元"} else None
    )


# What has not happened (未注销) says nothing by itself; what is not, or no longer, the case (不在册, 停止营业) is not its word.
_NOT_ENDED = re.compile(r"(?:未|没有)(?:被|曾|办理|依法)?(?:注销|吊销|迁出|停业|歇业|清算|关停)")
_ACTIVE = r"(?:存续|在业|在营|开业|在册|正常|登记成立|营业|经营)"
_STOPPED = re.compile(rf"(?:停止|暂停|终止|中止|结束)[^,，。;；、()]{{0,2}}{_ACTIVE}|停业|歇业|休业|停产|清算|关停")
_NOT_ACTIVE = re.compile(rf"(?:不|非|未|无|没有)[^,，。;；、()]{{0,2}}{_ACTIVE}")


def parse_status(text: str) -> str | None:
    """存续 吊销 注销 迁出 停业 其他; None for a bare number: its meaning is the sender's code table.

    Negated and stopped forms come before the words that they hold: 未营业 and 不在册 are 其他, 停止营业 is 停业."""
    value = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if value.isdecimal() or re.fullmatch(r"\d+\.0", value):
        return None
    if re.search(r"拟注销|注销中|注销公告|注销公示|注销备案|非正常|未开业|撤销|责令关闭", value):
        return "其他"
    happened = _NOT_ENDED.sub("", value)
    if "吊销" in happened:
        return "注销" if re.search(r"吊销后注销|[,(、]已注销|并注销", happened) else "吊销"
    for pattern, status in (
        (r"注销", "注销"),
        (r"迁出|迁往", "迁出"),
        (_STOPPED, "停业"),
        (_NOT_ACTIVE, "其他"),
        (r"存续|在业|在营|开业|在册|正常|迁入|登记成立|营业", "存续"),
    ):
        if re.search(pattern, happened):
            return status
    return "存续" if happened != value else "其他"


_SECTION = re.compile(
    r"^([A-T])(?:\s*[-、.:]?\s*)(?:(\d{2,4})(?:\.0+)?)?\s*[-、.:]?\s*([^\x00-\x7f].*)?$", re.ASCII | re.DOTALL
)
_BARE = re.compile(r"^(\d{1,4})(?:\.0+)?$", re.ASCII)
_GLUED = re.compile(r"^([^\x00-\x7f].*?[^\d\s(,、])\s*[(\[]?([A-T]?\d{2,4})[)\]]?$", re.ASCII | re.DOTALL)
_LEADING = re.compile(r"^(\d{2,4})\s*[-、.:]?\s*([^\x00-\x7f].*)$", re.ASCII | re.DOTALL)


def parse_industry(text: str) -> tuple[str | None, str | None]:
    """Industry wording and GB/T 4754 code (section letter or 1-4 digits) of one cell.

    '非金属矿物制品业30' -> (..., '30'); 'R 文化传播' -> ('文化传播', 'R'); '7513.0' -> (None, '7513').
    """
    value = unicodedata.normalize("NFKC", text).strip()
    parts = [part for part in re.split(r"[\t;|]+", value) if part]
    if len(parts) > 1 and all(re.fullmatch(r"[A-T]?\d{0,4}(?:\.0+)?", part, re.ASCII) for part in parts):
        value = max(parts, key=len)  # two codes in one cell: the finer one
    if bare := _BARE.match(value):
        return None, bare.group(1)
    if section := _SECTION.match(value):
        return section.group(3), section.group(2) or section.group(1)
    if glued := _GLUED.match(value):
        return glued.group(1), glued.group(2).lstrip("ABCDEFGHIJKLMNOPQRST")
    if leading := _LEADING.match(value):
        return leading.group(2), leading.group(1)
    return value or None, None
