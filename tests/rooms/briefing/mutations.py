"""Errors as people make them in a drafted report: mistyped numbers, wrong units and names, dropped parts.

Works on what is printed (the parts of lines and the cells of tables) and on single figures before the report is
printed from them. It knows the report's words and nothing of the checker: it was written before the checker's rules
on lines and tables, and imports none of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wenmai.rooms.briefing.methods.blocks import Authored, Block, Num, Quote, Report, Slot

Figures = dict[str, Any]
_DIGITS = "零一二三四五六七八九"


class Draft:
    """A printed report with the figures it was printed from. `place` addresses a part: (block, row, column, part)."""

    def __init__(self, report: Report, figures: Figures) -> None:
        self.report, self.figures = report, figures

    def parts(self) -> list[tuple[tuple[int, int | None, int | None, int], Any]]:
        found: list[tuple[tuple[int, int | None, int | None, int], Any]] = []
        for b, block in enumerate(self.report.blocks):
            found += [((b, None, None, p), part) for p, part in enumerate(block.parts)]
            for r, row in enumerate(block.rows):
                for c, cell in enumerate(row):
                    found += [((b, r, c, p), part) for p, part in enumerate(cell)]
        return found

    def put(self, *changes: tuple[tuple[int, int | None, int | None, int], Any]) -> Draft:
        blocks = list(self.report.blocks)
        for (b, r, c, p), part in changes:
            block = blocks[b]
            if r is None:
                parts = list(block.parts)
                parts[p] = part
                blocks[b] = replace(block, parts=tuple(parts))
            else:
                rows = [list(row) for row in block.rows]
                cell = list(rows[r][c])
                cell[p] = part
                rows[r][c] = tuple(cell)
                blocks[b] = replace(block, rows=tuple(tuple(row) for row in rows))
        return Draft(Report(self.report.title, blocks), self.figures)

    def block(self, at: int, block: Block) -> Draft:
        blocks = list(self.report.blocks)
        blocks[at] = block
        return Draft(Report(self.report.title, blocks), self.figures)


def _numbers(draft: Draft, where: str = "") -> list[tuple[Any, Num]]:
    found = [(place, part) for place, part in draft.parts() if isinstance(part, Num) and re.search(r"\d", part.printed)]
    return [(p, n) for p, n in found if not where or (p[1] is None) == (where == "line")]


def _texts(draft: Draft, pattern: str) -> list[tuple[Any, str, re.Match[str]]]:
    """Every match of `pattern` in the wording of lines."""
    found = [(place, part) for place, part in draft.parts() if isinstance(part, str) and place[1] is None]
    return [(place, part, match) for place, part in found for match in re.finditer(pattern, part)]


def _reword(draft: Draft, rng: random.Random, pattern: str, others: list[str]) -> Draft | None:
    sites = _texts(draft, pattern)
    if not sites:
        return None
    place, part, match = rng.choice(sites)
    other = rng.choice([o for o in others if o != match.group()])
    return draft.put((place, part[: match.start()] + other + part[match.end() :]))


# ------------------------------------------------------------------ printed numbers


def _retype(draft: Draft, rng: random.Random, change: Callable[[str], str | None]) -> Draft | None:
    sites = _numbers(draft)
    rng.shuffle(sites)
    for place, part in sites:
        printed = change(part.printed)
        if printed is not None and printed != part.printed:
            return draft.put((place, replace(part, printed=printed)))
    return None


def wrong_digit(draft: Draft, rng: random.Random) -> Draft | None:
    def change(text: str) -> str:
        at = rng.choice([i for i, c in enumerate(text) if c.isdigit()])
        return text[:at] + rng.choice([d for d in "123456789" if d != text[at]]) + text[at + 1 :]

    return _retype(draft, rng, change)


def transposed_digits(draft: Draft, rng: random.Random) -> Draft | None:
    def change(text: str) -> str | None:
        pairs = [i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1] and (i or text[1] != "0")]
        if not pairs:
            return None
        at = rng.choice(pairs)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]

    return _retype(draft, rng, change)


def off_by_one(draft: Draft, rng: random.Random) -> Draft | None:
    def change(text: str) -> str | None:
        match = re.fullmatch(r"(\d+)(?:\.(\d+))?", text)
        if match is None:
            return None
        decimals = len(match[2] or "")
        value = int(match[1] + (match[2] or "")) + rng.choice((-1, 1))
        return None if value < 0 else f"{value / 10**decimals:.{decimals}f}"

    return _retype(draft, rng, change)


def lost_or_doubled_digit(draft: Draft, rng: random.Random) -> Draft | None:
    def change(text: str) -> str | None:
        if not text.isdigit() or len(text) < 2:
            return None
        at = rng.randrange(len(text))
        return text[:at] + text[at + 1 :] if rng.random() < 0.5 else text[:at] + text[at] + text[at:]

    return _retype(draft, rng, change)


def moved_point(draft: Draft, rng: random.Random) -> Draft | None:
    def change(text: str) -> str | None:
        match = re.fullmatch(r"(\d+)\.(\d)", text)
        if match is None:
            return None
        return match[1] + match[2] if rng.random() < 0.5 else f"{float(text) / 10:.2f}"

    return _retype(draft, rng, change)


def rounded_too_far(draft: Draft, rng: random.Random) -> Draft | None:
    """约 with a number that is not the rounded value."""
    sites = [(p, n) for p, n in _numbers(draft, "line") if n.printed.isdigit() and int(n.printed) >= 30]
    if not sites:
        return None
    place, part = rng.choice(sites)
    value = int(part.printed)
    step = 10 ** (len(part.printed) - 1)
    wrong = (value // step + rng.choice((-1, 2))) * step
    if wrong <= 0 or abs(wrong - value) <= step / 2:
        wrong = (value // step + 2) * step
    return draft.put((place, replace(part, printed=f"约{wrong}")))


def wrong_numeral(draft: Draft, rng: random.Random) -> Draft | None:
    """Written out in Chinese, one digit wrong."""
    sites = [(p, n) for p, n in _numbers(draft, "line") if n.printed.isdigit() and 10 <= int(n.printed) < 10000]
    if not sites:
        return None
    place, part = rng.choice(sites)
    value = int(part.printed)
    at = 10 ** rng.randrange(len(part.printed))
    other = value + at if (value // at) % 10 < 9 else value - at
    return draft.put((place, replace(part, printed=numeral(other))))


def numeral(value: int) -> str:
    """1..9999 in Chinese."""
    out, zero = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            out += ("零" if zero and out else "") + ("" if unit == 10 and digit == 1 and not out else _DIGITS[digit]) + sign
            zero = False
        else:
            zero = True
    return out


def swapped_numbers(draft: Draft, rng: random.Random) -> Draft | None:
    """Two different numbers of one line, or of one column, in each other's place."""
    sites = _numbers(draft)
    rng.shuffle(sites)
    for place, part in sites:
        mates = [(q, n) for q, n in sites if q[0] == place[0] and (q[1] is None) == (place[1] is None) and q[2] == place[2] and n.printed != part.printed]
        if mates:
            q, other = rng.choice(mates)
            return draft.put((place, replace(part, printed=other.printed)), (q, replace(other, printed=part.printed)))
    return None


# ------------------------------------------------------------------ units and words


def wrong_unit(draft: Draft, rng: random.Random) -> Draft | None:
    """The unit printed behind a number in a line is another."""
    sites = []
    for place, part in draft.parts():
        if isinstance(part, str) and place[1] is None and place[3]:
            before = draft.report.blocks[place[0]].parts[place[3] - 1]
            match = re.match(r"家|条|%", part)
            if isinstance(before, Num) and match:
                sites.append((place, part, match.group()))
    if not sites:
        return None
    place, part, unit = rng.choice(sites)
    others = {"家": ["亿元", "万元", "户", "万家", "人", "%"], "条": ["家", "万条", "亿元"], "%": ["个百分点", "‰", "家", "亿元"]}
    return draft.put((place, rng.choice(others[unit]) + part[len(unit) :]))


def percent_for_points(draft: Draft, rng: random.Random) -> Draft | None:
    sites = [s for s in _texts(draft, r"^%") if s[0][3]]
    if not sites:
        return None
    place, part, _ = rng.choice(sites)
    return draft.put((place, "个百分点" + part[1:]))


def wrong_column_unit(draft: Draft, rng: random.Random) -> Draft | None:
    sites = [b for b, block in enumerate(draft.report.blocks) if any("（家）" in c or "（%）" in c for c in block.columns)]
    if not sites:
        return None
    at = rng.choice(sites)
    block = draft.report.blocks[at]
    c = rng.choice([i for i, name in enumerate(block.columns) if "（家）" in name or "（%）" in name])
    swap = {"（家）": rng.choice(["（万家）", "（亿元）", "（%）"]), "（%）": rng.choice(["（个百分点）", "（‰）", "（家）"])}
    old = "（家）" if "（家）" in block.columns[c] else "（%）"
    columns = list(block.columns)
    columns[c] = columns[c].replace(old, swap[old])
    return draft.block(at, replace(block, columns=tuple(columns)))


def wrong_scope_word(draft: Draft, rng: random.Random) -> Draft | None:
    return _reword(draft, rng, "登记口径", ["统计口径", "规模以上口径", "监测口径", "经营地口径"])


def wrong_lane_word(draft: Draft, rng: random.Random) -> Draft | None:
    return _reword(draft, rng, "登记名录", ["统计年报", "统计名录库", "经济普查名录", "企业监测表"])


def wrong_unit_type(draft: Draft, rng: random.Random) -> Draft | None:
    sites = [s for s in _texts(draft, "文化企业|^企业约|纳入分析企业|企业$|^企业") if "不可相加" not in s[1]]
    if not sites:
        return None
    place, part, match = rng.choice(sites)
    other = match.group().replace("企业", rng.choice(["个体工商户", "产业活动单位", "法人单位", "规模以上企业"]))
    return draft.put((place, part[: match.start()] + other + part[match.end() :]))


def wrong_vintage(draft: Draft, rng: random.Random) -> Draft | None:
    """A digit of a date in a line is another."""
    sites = [(p, q) for p, q in draft.parts() if isinstance(q, Quote) and p[1] is None and re.search(r"\d{4}-\d\d-\d\d", q.printed)]
    if not sites:
        return None
    place, part = rng.choice(sites)
    at = rng.choice([i for i, c in enumerate(part.printed) if c.isdigit()])
    digit = rng.choice([d for d in "0123456789" if d != part.printed[at]])
    return draft.put((place, replace(part, printed=part.printed[:at] + digit + part.printed[at + 1 :])))


def wrong_qualifier_cell(draft: Draft, rng: random.Random) -> Draft | None:
    """Lane or scope of one line of the list of figures is another."""
    sites = [(p, q) for p, q in draft.parts() if isinstance(q, Quote) and p[1] is not None and re.search("行政记录|登记", q.printed)]
    if not sites:
        return None
    place, part = rng.choice(sites)
    text = part.printed.replace("行政记录", "统计部门数据").replace("登记口径", "规模以上口径").replace("登记", "统计")
    return draft.put((place, replace(part, printed=text)))


def wrong_measure_cell(draft: Draft, rng: random.Random) -> Draft | None:
    """A measured share of the coverage table is another."""
    sites = [(p, q) for p, q in draft.parts() if isinstance(q, Quote) and p[1] is not None and re.search(r"\d", q.printed)]
    if not sites:
        return None
    place, part = rng.choice(sites)
    at = rng.choice([i for i, c in enumerate(part.printed) if c.isdigit()])
    digit = rng.choice([d for d in "123456789" if d != part.printed[at]])
    return draft.put((place, replace(part, printed=part.printed[:at] + digit + part.printed[at + 1 :])))


def swapped_names(draft: Draft, rng: random.Random) -> Draft | None:
    """Two names change places: 核心领域 and 相关领域, or two labels of a table."""
    if rng.random() < 0.5:
        sites = _texts(draft, "核心领域|相关领域|人工核定|系统初判|重复|分支机构|注销吊销")
        names = sorted({m.group() for _, _, m in sites})
        pairs = [(a, b) for a, b in (("核心领域", "相关领域"), ("人工核定", "系统初判"), ("分支机构", "注销吊销")) if {a, b} <= set(names)]
        if pairs:
            a, b = rng.choice(pairs)
            changes = []
            for place, part in draft.parts():
                if isinstance(part, str) and place[1] is None and (a in part or b in part):
                    changes.append((place, part.replace(a, "\0").replace(b, a).replace("\0", b)))
            return draft.put(*changes)
    tables = [b for b, block in enumerate(draft.report.blocks) if block.kind == "table" and any(isinstance(p, Num) for p in block.all_parts())]
    at = rng.choice(tables)
    rows = [list(row) for row in draft.report.blocks[at].rows]
    if len(rows) < 2:
        return None
    i, j = rng.sample(range(len(rows)), 2)
    c = next(k for k in (1, 0) if draft.report.blocks[at].columns[0] == "序号" or k == 0)
    rows[i][c], rows[j][c] = rows[j][c], rows[i][c]
    if rows[i][c] == rows[j][c]:
        return None
    return draft.block(at, replace(draft.report.blocks[at], rows=tuple(tuple(r) for r in rows)))


def growth_made_up(draft: Draft, rng: random.Random) -> Draft | None:
    sites = [s for s in _texts(draft, r"^(?:家|条|%)") if s[0][3] and isinstance(draft.report.blocks[s[0][0]].parts[s[0][3] - 1], Num)]
    place, part, match = rng.choice(sites)
    grown = rng.choice(["，同比增长{}%", "，比上年提高{}个百分点", "，同比下降{}%", "，较去年翻一番"]).format(round(rng.uniform(1, 30), 1))
    return draft.put((place, part[: match.end()] + grown + part[match.end() :]))


def number_made_up(draft: Draft, rng: random.Random) -> Draft | None:
    """A figure that nobody computed is put at the end of a paragraph."""
    sites = [b for b, block in enumerate(draft.report.blocks) if block.kind == "paragraph" and any(isinstance(p, Num) for p in block.parts)]
    at = rng.choice(sites)
    said = rng.choice(["另有规模以上企业{}家。", "带动就业{}万人。", "营业收入{}亿元。", "约占全市{}%。"]).format(rng.randint(3, 400))
    return draft.block(at, replace(draft.report.blocks[at], parts=(*draft.report.blocks[at].parts, said)))


def authored_conflict(draft: Draft, rng: random.Random) -> Draft | None:
    """The author repeats a figure of the report, wrongly, in words of the report."""
    sites = [(b, p) for b, block in enumerate(draft.report.blocks) for p, part in enumerate(block.parts) if isinstance(part, Slot)]
    if not sites:
        return None
    names = {"culture.identified": "文化企业", "culture.core": "核心领域企业", "culture.pending": "待核定企业", "culture.new_form": "新业态企业"}
    figure = rng.choice([f for f in names if f in draft.figures])
    wrong = int(draft.figures[figure].value) + rng.choice((-1, 1)) * rng.randint(2, 60)
    b, p = rng.choice(sites)
    text = rng.choice(["全区{n}{v}家。", "目前{n}达{v}家。", "{n}约{v}家，", "我区现有{n}{v}家。"]).format(n=names[figure], v=abs(wrong) + 3)
    if abs(wrong) + 3 == draft.figures[figure].value:
        return None
    parts = list(draft.report.blocks[b].parts)
    slot = parts[p]
    parts[p] = Authored(slot.id, text)
    return draft.block(b, replace(draft.report.blocks[b], parts=tuple(parts)))


# ------------------------------------------------------------------ parts left out or said twice


def dropped_clause(draft: Draft, rng: random.Random) -> Draft | None:
    """One number with its name and unit is left out of an enumeration."""
    sites = []
    for b, block in enumerate(draft.report.blocks):
        numbers = [i for i, p in enumerate(block.parts) if isinstance(p, Num)]
        for i in numbers:
            if block.kind == "paragraph" and len(numbers) >= 3 and re.search("剔除|其中人工|系统初判|核心|相关", _before(block, i)):
                sites.append((b, i))
    if not sites:
        return None
    b, i = rng.choice(sites)
    block = draft.report.blocks[b]
    start = i
    while start > 0 and isinstance(block.parts[start - 1], str) and not re.search("[，。；、]", str(block.parts[start - 1])):
        start -= 1
    parts = list(block.parts)
    head = re.split("(?<=[，。；、])(?=[^，。；、]*$)", str(parts[start - 1]))[0] if start else ""
    tail = str(parts[i + 1]) if i + 1 < len(parts) and isinstance(parts[i + 1], str) else ""
    tail = re.sub("^(?:家|条|%)[、，]?", "", tail)
    kept = [*parts[: max(start - 1, 0)], head + tail, *parts[i + 2 :]]
    return draft.block(b, replace(block, parts=tuple(kept)))


def _before(block: Block, at: int) -> str:
    before: list[str] = []
    for part in reversed(block.parts[:at]):
        if isinstance(part, Num):
            break
        before.append(part if isinstance(part, str) else "")
    return "".join(reversed(before))


def _rowed(draft: Draft, rng: random.Random) -> int | None:
    """A table with at least three rows of figures."""
    found = [b for b, block in enumerate(draft.report.blocks) if len(block.rows) >= 3 and any(isinstance(p, Num) for p in block.all_parts())]
    return rng.choice(found) if found else None


def dropped_row(draft: Draft, rng: random.Random) -> Draft | None:
    at = _rowed(draft, rng)
    if at is None:
        return None
    block = draft.report.blocks[at]
    rows = list(block.rows)
    rows.pop(rng.randrange(len(rows) - 1))
    return draft.block(at, replace(block, rows=tuple(rows)))


def repeated_row(draft: Draft, rng: random.Random) -> Draft | None:
    at = _rowed(draft, rng)
    if at is None:
        return None
    block = draft.report.blocks[at]
    rows = list(block.rows)
    i = rng.randrange(len(rows) - 1)
    rows.insert(i, rows[i])
    return draft.block(at, replace(block, rows=tuple(rows)))


PRINTED: list[Callable[[Draft, random.Random], Draft | None]] = [
    wrong_digit, transposed_digits, off_by_one, lost_or_doubled_digit, moved_point, rounded_too_far, wrong_numeral,
    swapped_numbers, wrong_unit, percent_for_points, wrong_column_unit, wrong_scope_word, wrong_lane_word, wrong_unit_type,
    wrong_vintage, wrong_qualifier_cell, wrong_measure_cell, swapped_names, growth_made_up, number_made_up, authored_conflict,
    dropped_clause, dropped_row, repeated_row,
]  # fmt: skip


# ------------------------------------------------------------------ wrong figures, printed faithfully


def _family(figures: Figures, kind: str) -> list[str]:
    """Figures that others depend on: totals and parts (by the dictionary's own part-of), or shares."""
    if kind == "share":
        return [i for i, f in figures.items() if f.kind == "share" and f.value]
    totals = {f.parts_of for f in figures.values() if f.parts_of}
    return [i for i, f in figures.items() if f.kind == "count" and f.value and (i in totals or f.parts_of in totals)]


def wrong_count(figures: Figures, printed: set[str], rng: random.Random) -> Figures:
    pick = rng.choice([i for i in _family(figures, "count") if i in printed])
    return {**figures, pick: replace(figures[pick], value=figures[pick].value + rng.choice((-1, 1)) * rng.choice((1, 1, 2, 9, 10)))}


def wrong_share(figures: Figures, printed: set[str], rng: random.Random) -> Figures:
    pick = rng.choice([i for i in _family(figures, "share") if i in printed])
    return {**figures, pick: replace(figures[pick], value=round(figures[pick].value + rng.choice((-1, 1)) * rng.choice((0.1, 0.2, 1, 5)), 1))}


def other_frame(figures: Figures, printed: set[str], rng: random.Random) -> Figures:
    pick = rng.choice([i for i in _family(figures, "count") if i in printed and figures[i].parts_of == "culture.identified"])
    change = rng.choice(({"scope": "规模以上"}, {"lane": "统计部门数据"}, {"vintage": "数据截至 2024-12-31"}, {"period": "2024年"}, {"unit_type": "个体工商户"}))
    return {**figures, pick: replace(figures[pick], **change)}


FIGURES: list[Callable[[Figures, set[str], random.Random], Figures]] = [wrong_count, wrong_share, other_frame]


# ------------------------------------------------------------------ changes that are right


def respelled(draft: Draft, rng: random.Random) -> Draft:
    """Some numbers of the lines written otherwise and correctly: thousands separator, Chinese numerals, 约 and rounded."""
    changes = []
    for place, part in _numbers(draft, "line"):
        if not part.printed.isdigit() or rng.random() < 0.5:
            continue
        value = int(part.printed)
        before = draft.report.blocks[place[0]].parts[place[3] - 1] if place[3] else ""
        forms = [f"{value:,}", part.printed.translate(str.maketrans("0123456789", "０１２３４５６７８９"))]
        if 1 <= value < 10000:
            forms.append(numeral(value))
        if value >= 20 and part.part == "value" and not str(before).endswith("约"):
            forms.append(f"约{round(value, -1)}")
        changes.append((place, replace(part, printed=rng.choice(forms))))
    return draft.put(*changes)


# ------------------------------------------------------------------ measuring


def measure(
    drafts: list[tuple[Figures, Callable[[Figures], Report]]],
    findings: Callable[[Report, Figures], list[Any]],
    times: int = 500,
    seed: int = 20260101,
) -> dict[str, Any]:
    """Mutate clean drafts `times` times, each kind in turn, and count what `findings` calls an error.

    drafts: figures and a function that prints a report from (changed) figures. Also respells 200 drafts correctly
    and counts errors there as false alarms. An error that the clean draft has already does not count as a catch.
    """
    rng = random.Random(seed)
    kinds = [*PRINTED, *FIGURES]
    tried: dict[str, int] = {}
    caught: dict[str, int] = {}
    missed: list[tuple[str, str]] = []
    clean = [Draft(make(figures), figures) for figures, make in drafts]
    base = [len(_errors(findings, d)) for d in clean]
    done = turn = 0
    while done < times:
        which, kind = rng.randrange(len(drafts)), kinds[turn % len(kinds)]
        turn += 1
        if turn > times * 20:
            raise RuntimeError("mutations do not apply to these drafts")
        draft = clean[which]
        if kind in PRINTED:
            mutated = kind(draft, rng)  # type: ignore[operator, call-arg]
        else:
            figures, make = drafts[which]
            changed = kind(figures, set(draft.report.figure_ids()), rng)  # type: ignore[call-arg, arg-type]
            mutated = Draft(make(changed), changed)
        if mutated is None or _same(draft, mutated):
            continue
        done += 1
        name = kind.__name__
        tried[name] = tried.get(name, 0) + 1
        if len(_errors(findings, mutated)) > base[which]:
            caught[name] = caught.get(name, 0) + 1
        else:
            missed.append((name, _difference(draft, mutated)))
    alarms = [e for d in clean for e in _errors(findings, d)]
    spelled = [respelled(rng.choice(clean), rng) for _ in range(200)]
    alarmed = [found for d in spelled if (found := _errors(findings, d))]
    return {
        "tried": tried, "caught": caught, "missed": missed, "share": sum(caught.values()) / done,
        "alarms": (sum(1 for b in base if b) + len(alarmed)) / (len(clean) + len(spelled)), "alarm_examples": [*alarms, *alarmed][:5],
        "clean": len(clean) + len(spelled),
    }  # fmt: skip


def _errors(findings: Callable[[Report, Figures], list[Any]], draft: Draft) -> list[Any]:
    return [f for f in findings(draft.report, draft.figures) if f.severity == "error"]


def _same(first: Draft, second: Draft) -> bool:
    return first.report.blocks == second.report.blocks and first.figures == second.figures


def _difference(first: Draft, second: Draft) -> str:
    for a, b in zip(first.report.blocks, second.report.blocks, strict=False):
        if a != b:
            old, new = "".join(map(str, a.texts() or a.parts)), "".join(map(str, b.texts() or b.parts))
            at = next((i for i, (x, y) in enumerate(zip(old, new, strict=False)) if x != y), 0)
            return f"{old[max(0, at - 60) : at + 60]} → {new[max(0, at - 60) : at + 60]}"
    return str([i for i in first.figures if first.figures[i] != second.figures.get(i)])
