"""From names and scopes to numbers: what each enterprise's words say about its main activity.

The labels decide the main activity by the industry word of the name first, then the first-listed items, then the rest;
the features follow that order. All is computed for a whole chunk at once: the cleaned texts are joined into one string,
matched once by Aho-Corasick (leftmost-longest) and aggregated with numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from .lexicon import FloatArray, IntArray, Lexicon, code_table, item_lexicon, name_lexicon

FEATURES = (
    "name_last",
    "name_rest",
    "name_generic",
    "name_silent",
    "first_item",
    "first_three",
    "all_items",
    "culture_share",
    "scope_empty",
)
SPECIFIC = 2.5  # |weight| of a name word from which it names an industry; weaker words (科技, 贸易) only lean
UNKNOWN_ITEM = -0.35  # an item no lexicon knows is more likely not culture
OWN_FIRST = 0.7  # least value of a first item that is the standard's own wording of a culture class
ITEM_DECAY = 0.75
MAX_ITEMS = 24
FIRST_VOTE, VOTE_DECAY = 3.0, 0.6  # the first item outvotes a list of fragments of one later activity

_PAREN = r"[（(\[『【《][^（）()\[\]『』【】《》]*[）)\]』】》]"
_BOILER = (
    r"(?:依法须经批准的项目|法律、?行?政?法规|涉及许可|凡涉及|国家有专项|以上经营范围|以上范围|以上项目|未经金融等|"
    r"须经审批|取得相关|按许可证|凭许可证|有效期)[^；;。]*"
)
_PARENT = r"[^；;。]*(?:总公司|总部委托|隶属企业|隶属公司|企业法人资质|母公司)[^；;。]*"  # a branch's empty scope
_REGION = (
    r"^(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|"
    r"甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)(?:省|市|自治区|特别行政区)?"
)
_PLACE = r"(?:文化|艺术|黄金|体育|音乐|会展|影视)(?:广场|走廊|路|街|大道|村|里|大厦)"
_VERB = (
    r"(?:网上销售|实物现场批发|实物现场销售|利用互联网销售|利用互联网经营|批发兼零售|批发零售|销售|批发|零售|生产|加工|制造|"
    r"设计|制作|代理|发布|开发|研发|组织|策划|承办|复制|发行|经营|服务|安装|维修|租赁|施工|技术开发|咨询|收购|网上零售|网上批发|"
    r"网上经营|研究|整理|从事|开展|提供|一般项目|许可项目|一般经营项目|许可经营项目|推广|自产自销|联络|营销|转让)"
)
_SEP = "；;。，,：:、.*!！"
_LEAD = rf"(^|[{_SEP}])\s*(?:(?:及|和|与|兼)?{_VERB}+[、，,：:]+)+"
_TAIL = rf"[、，,](?:及|和|与)?{_VERB}+([{_SEP}]|$)"
_CODES = np.array([ord(c) for c in _SEP + "\n"], dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Features:
    """Per row: `dense` (n, len(FEATURES)); the best culture and the best other class (index into the code table, -1 =
    none) with their votes; for the evidence the word index of the deciding name word and of the first items; the
    cleaned texts.
    """

    dense: FloatArray
    culture_code: IntArray
    culture_vote: FloatArray
    other_code: IntArray
    other_vote: FloatArray
    name_word: IntArray
    item_words: IntArray
    culture_items: IntArray
    mode: IntArray
    names: pl.Series
    scopes: pl.Series


def clean_scopes(scopes: pl.Series) -> pl.Series:
    """Scopes without brackets, boiler-plate and leading verb lists ('设计、制作、发布：'); null becomes ''."""
    text = scopes.fill_null("").str.replace_all(r"[\n\r\s]+", " ")
    text = text.str.replace_all(_PAREN, "").str.replace_all(_PAREN, "").str.replace_all(_BOILER, "")
    text = text.str.replace_all(_PARENT, "")
    return text.str.replace_all(_LEAD, "$1").str.replace_all(_TAIL, "$1")


def clean_names(names: pl.Series) -> pl.Series:
    """Names without bracketed parts, leading province and place words that only look like trades; null becomes ''."""
    text = names.fill_null("").str.replace_all(r"\s+", "").str.replace_all(_PAREN, "")
    return text.str.replace(_REGION, "").str.replace_all(_PLACE, "")


def modes(names: pl.Series, scopes: pl.Series) -> IntArray:
    """0 manufacture, 1 wholesale, 2 retail, from verbs at the head of the scope and words of the name."""
    head = scopes.fill_null("").str.slice(0, 40)
    name = names.fill_null("")
    make = head.str.contains(r"生产|制造|加工") & ~head.str.contains(r"^[^；;。]{0,30}(?:销售|批发|零售)[：:；;。]")
    make = make | head.str.contains(r"^.{0,6}(?:生产|制造|加工)") | name.str.contains(r"厂$|制造有限|加工")
    shop = (head.str.contains("零售") & ~head.str.contains("批发|生产|加工")) | name.str.contains(r"店$|门市部$")
    shop = shop | (name.str.contains("珠宝|黄金|金店") & name.str.contains("店$|分公司"))
    code = np.where(make.to_numpy(), 0, np.where(shop.to_numpy(), 2, 1))
    return code.astype(np.int64)


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _last_index(rows: IntArray, n: int, chosen: npt.NDArray[np.bool_]) -> IntArray:
    """For each of n rows the position of its last chosen match, -1 when there is none."""
    last = np.full(n, -1, dtype=np.int64)
    where = np.flatnonzero(chosen)
    last[rows[where]] = where  # later assignments win: matches are in text order
    return last


def _best_code(n: int, rows: IntArray, codes: IntArray, votes: FloatArray, chosen: npt.NDArray[np.bool_]) -> tuple[IntArray, FloatArray]:
    """Per row the code with the largest sum of votes among the chosen ones (-1 and 0.0 when none)."""
    width = len(code_table().codes)
    keys = rows[chosen] * width + codes[chosen]
    unique, inverse = np.unique(keys, return_inverse=True)
    sums = np.bincount(inverse, weights=votes[chosen], minlength=len(unique))
    order = np.argsort(sums, kind="stable")
    code, vote = np.full(n, -1, dtype=np.int64), np.zeros(n)
    row = unique[order] // width
    code[row] = unique[order] % width
    vote[row] = sums[order]
    return code, vote


def _first_words(n: int, rows: IntArray, words: IntArray, chosen: npt.NDArray[np.bool_], count: int) -> IntArray:
    """(n, count) word indices of the first chosen matches of each row, -1 where there are fewer."""
    out = np.full((n, count), -1, dtype=np.int64)
    r, w = rows[chosen], words[chosen]
    if len(r):
        starts = np.r_[True, r[1:] != r[:-1]]
        rank = np.arange(len(r)) - np.maximum.accumulate(np.where(starts, np.arange(len(r)), 0))
        keep = rank < count
        out[r[keep], rank[keep]] = w[keep]
    return out


@dataclass(frozen=True, slots=True)
class _NamePart:
    dense: FloatArray  # (n, 4): last, rest, generic, silent
    rows: IntArray
    words: IntArray
    votes: FloatArray
    last_word: IntArray


def _name_part(names: pl.Series, lexicon: Lexicon) -> _NamePart:
    n = len(names)
    text = "\n".join(names.to_list()) + "\n"
    line = np.cumsum(_points(text) == 10)
    words, start, _ = lexicon.find(text)
    rows = line[start].astype(np.int64) if len(start) else np.zeros(0, dtype=np.int64)
    weight = lexicon.weight[words]
    specific = np.abs(weight) >= SPECIFIC
    last = _last_index(rows, n, specific)
    has = last >= 0
    dense = np.zeros((n, 4))
    dense[has, 0] = weight[last[has]]
    total = np.bincount(rows[specific], weights=weight[specific], minlength=n)
    dense[:, 1] = np.clip(total - dense[:, 0], -4.5, 4.5)
    dense[:, 2] = np.clip(np.bincount(rows[~specific], weights=weight[~specific], minlength=n), -3, 3)
    dense[:, 3] = np.bincount(rows, minlength=n) == 0
    is_last = np.zeros(len(rows), dtype=bool)
    is_last[last[has]] = True
    votes = lexicon.vote[words] * np.where(is_last, 1.0, 0.6)
    any_last = np.where(has, last, _last_index(rows, n, np.ones(len(rows), dtype=bool)))
    last_word = np.where(any_last >= 0, words[any_last] if len(words) else -1, -1)
    return _NamePart(dense, rows, words, votes, last_word)


@dataclass(frozen=True, slots=True)
class _ItemPart:
    dense: FloatArray  # (n, 5): first, first three, all, culture share, empty
    rows: IntArray
    words: IntArray
    votes: FloatArray
    value: FloatArray


def _close(marks: npt.NDArray[np.bool_], start: IntArray, end: IntArray, spans: npt.NDArray[np.bool_]) -> None:
    """Take away, in place, the separators inside a match that spans them: it is one item."""
    for first, last in zip(start[spans].tolist(), end[spans].tolist(), strict=True):
        marks[first:last] = False


def _item_part(scopes: pl.Series, lexicon: Lexicon) -> _ItemPart:
    n = len(scopes)
    text = "\n".join(scopes.to_list()) + "\n"
    points = _points(text)
    newline = points == 10
    words, start, end = lexicon.find(text)
    marks = np.isin(points, _CODES)
    _close(marks, start, end, lexicon.spans[words])
    ends = np.flatnonzero(marks)
    begins = np.r_[0, ends[:-1] + 1]
    real = ends - begins >= 1  # segments between separators that hold at least one character
    segment_row = (np.cumsum(newline) - newline)[ends]
    running = np.cumsum(real)
    before_row = np.searchsorted(segment_row, np.arange(n))
    ordinal = running - 1 - (running - real)[before_row][segment_row]
    value = np.where(real, UNKNOWN_ITEM, 0.0)
    segment = np.searchsorted(ends, start, side="right") if len(start) else np.zeros(0, dtype=np.int64)
    entire = (begins[segment] == start) & (ends[segment] == end)
    kept = entire | ~lexicon.whole[words]
    words, segment, entire = words[kept], segment[kept], entire[kept]
    weight = lexicon.weight[words]
    if len(segment):
        first = np.flatnonzero(np.r_[True, segment[1:] != segment[:-1]])
        high = np.maximum.reduceat(weight, first)
        low = np.minimum.reduceat(weight, first)
        opens = (weight[first] >= 0.5) | (high >= -low)  # '木雕工艺品及其他木制品制造' is what it begins with
        value[segment[first]] = np.where(opens, high, low)
        # A weak phrase is one that many list late; as the whole first item it is not boiler-plate.
        leads = segment[entire & lexicon.own[words] & (ordinal[segment] == 0)]
        value[leads] = np.maximum(value[leads], OWN_FIRST)
    used = real & (ordinal < MAX_ITEMS)
    decay = np.where(used, ITEM_DECAY ** np.clip(ordinal, 0, MAX_ITEMS), 0.0)
    total = np.bincount(segment_row, weights=decay, minlength=n)
    dense = np.zeros((n, 5))
    head = real & (ordinal == 0)
    dense[segment_row[head], 0] = value[head]
    three = real & (ordinal < 3)
    count = np.bincount(segment_row[three], minlength=n)
    dense[:, 1] = np.bincount(segment_row[three], weights=value[three], minlength=n) / np.maximum(count, 1)
    dense[:, 2] = np.bincount(segment_row, weights=decay * value, minlength=n) / np.maximum(total, 1e-9)
    positive = used & (value > 0.3)
    items = np.bincount(segment_row[used], minlength=n)
    dense[:, 3] = np.bincount(segment_row[positive], minlength=n) / np.maximum(items, 1)
    dense[:, 4] = items == 0
    place = ordinal[segment] if len(segment) else segment
    votes = lexicon.vote[words] * np.where(place == 0, FIRST_VOTE, 2.0) * VOTE_DECAY ** np.clip(place, 0, 30)
    return _ItemPart(dense, segment_row[segment], words, votes, weight)


def extract(names: pl.Series, scopes: pl.Series) -> Features:
    """Features of n enterprises; nulls are allowed in both series."""
    n = len(names)
    name_lex, item_lex = name_lexicon(), item_lexicon()
    mode = modes(names, scopes)
    clean_name, clean_scope = clean_names(names), clean_scopes(scopes)
    name = _name_part(clean_name, name_lex)
    item = _item_part(clean_scope, item_lex)
    rows = np.r_[name.rows, item.rows]
    codes = np.r_[name_lex.codes[name.words, mode[name.rows]], item_lex.codes[item.words, mode[item.rows]]]
    votes = np.r_[name.votes, item.votes]
    lean = np.r_[name_lex.weight[name.words], item.value]
    culture = code_table().culture[codes] & (lean > 0)
    culture_code, culture_vote = _best_code(n, rows, codes, votes, culture)
    other_code, other_vote = _best_code(n, rows, codes, votes, lean < 0)
    return Features(
        dense=np.hstack([name.dense, item.dense]),
        culture_code=culture_code,
        culture_vote=culture_vote,
        other_code=other_code,
        other_vote=other_vote,
        name_word=name.last_word,
        item_words=_first_words(n, item.rows, item.words, np.ones(len(item.rows), dtype=bool), 2),
        culture_items=_first_words(n, item.rows, item.words, item.value > 0.3, 2),
        mode=mode,
        names=clean_name,
        scopes=clean_scope,
    )
