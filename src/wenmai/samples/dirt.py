"""What files from offices do to values: each function writes a true value the way some real file would."""

from __future__ import annotations

import random
from datetime import date

from . import codes
from .units import Unit, pick
from .words import words

# Longest first, so that the whole place is kept.
PLACE_PREFIXES = ("云岭市文澜区", "云岭市", "云岭文澜", "示例省文澜", "文澜区", "云岭", "文澜")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def missing(rng: random.Random) -> str:
    """One of the ways to write that nothing is known: empty, '-', '空', '不详'."""
    return str(rng.choice(words()["missing"]))


def misspelt(rng: random.Random, name: str) -> str:
    """The name with a look- or sound-alike character, or half-width brackets, or one character lost."""
    fitting = [(a, b) for a, b in words()["typos"] if a in name]
    if fitting and rng.random() < 0.8:
        old, new = rng.choice(fitting)
        return name.replace(old, new, 1)
    if "（" in name:
        return name.replace("（", "(").replace("）", ")")
    place = rng.randrange(2, len(name) - 4)
    return name[:place] + name[place + 1 :]


def renamed(rng: random.Random, unit: Unit, brand: str) -> str:
    """A later name of the same unit: place kept, another 字号, the word of the trade kept."""
    place = next((p for p in PLACE_PREFIXES if unit.name.startswith(p)), "")
    rest = unit.name[len(place) :]
    start = next((rest.index(w) for w in unit.trade.name_words if w in rest), 2)
    return f"{place}{brand}{rest[start:]}"


def code_text(rng: random.Random, unit: Unit) -> str:
    """About 86 % as it is; else missing, wrong check, old 15-digit number, leading blank or small letters."""
    draw = rng.random()
    if draw < 0.86:
        return unit.code
    if draw < 0.91:
        return missing(rng)
    if draw < 0.95:
        return codes.with_wrong_check(unit.code, rng)
    if draw < 0.99:
        return unit.reg_no
    return f" {unit.code}" if rng.random() < 0.5 else unit.code.lower()


def date_text(rng: random.Random, value: date) -> str:
    """Mostly ISO; a few in other forms or missing."""
    draw = rng.random()
    if draw < 0.94:
        return value.isoformat()
    if draw < 0.96:
        return f"{value.year}/{value.month}/{value.day}"
    if draw < 0.975:
        return value.strftime("%Y%m%d")
    if draw < 0.985:
        return f"{value.year}年{value.month}月{value.day}日"
    return missing(rng)


def status_text(rng: random.Random) -> str:
    """The verbatim status; about 3 % missing."""
    return pick(
        rng,
        (("存续", 40), ("存续（在营、开业、在册）", 24), ("在业", 10), ("开业", 6), ("注销", 8), ("吊销", 3),
         ("吊销，未注销", 2), ("迁出", 1), ("停业", 1), ("歇业", 1), ("", 2), ("-", 1)),
    )  # fmt: skip


def capital_text(rng: random.Random, capital: float | None) -> str:
    """Capital in 万元 in the many spellings of registers; N/A for none and for about 10 % of the rest."""
    if capital is None or rng.random() < 0.1:
        return "N/A" if rng.random() < 0.8 else missing(rng)
    plain = f"{capital:g}" if capital == int(capital) else f"{capital:.4f}"
    draw = rng.random()
    if draw < 0.02:
        return f"{plain}{rng.choice(('万美元', '(万美元)', '万港元', '(万日元)'))}"
    if capital != int(capital):
        return f"{capital:,.4f}{rng.choice(('(万人民币元)', '(万元人民币)', '万人民币'))}"
    if draw < 0.04:
        return f"{int(capital * 10000)}元"
    return plain + rng.choice(
        ("(万)", "(万)", "(万人民币元)", "万人民币", "万元人民币", "万元", "（万元）", "")
    )


def type_text(rng: random.Random, unit: Unit) -> str:
    """Registered type; 30 % N/A."""
    return "N/A" if rng.random() < 0.3 else unit.type_text


def industry_text(rng: random.Random, unit: Unit) -> str:
    """Class code: 40 % missing, 8 % only the division, 3 % 2011 edition, 4 % as a float, else four digits."""
    draw = rng.random()
    if draw < 0.40:
        return missing(rng)
    if draw < 0.48:
        return unit.class_code[:2]
    if draw < 0.51 and unit.trade.codes_2011:
        return unit.trade.codes_2011[0]
    if draw < 0.55:
        return f"{unit.class_code}.0"
    return unit.class_code


def address_text(rng: random.Random, unit: Unit) -> str:
    """The address; some with full-width digits, blanks inside, or missing."""
    draw = rng.random()
    if draw < 0.04:
        return unit.address.translate(_WIDE)
    if draw < 0.05:
        return unit.address.replace("路", "路 ", 1)
    if draw < 0.06:
        return missing(rng)
    return unit.address


def scope_as_written(rng: random.Random, unit: Unit) -> str:
    """The scope; about 1 % missing, about 1 % cut to a word that says little."""
    draw = rng.random()
    if draw < 0.01:
        return missing(rng)
    return unit.trade.phrases[0][:4] if draw < 0.02 else unit.scope
