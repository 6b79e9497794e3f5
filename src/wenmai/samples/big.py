"""A large register for benchmarks: batches built from numpy draws and Arrow string kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from wenmai.base.standards.uscc import ALPHABET, ORG_WEIGHTS, WEIGHTS
from wenmai.base.values.errors import InputError

from .words import phrases_by_section, trades, words

DEFAULT_SEED = 20260101
BATCH_ROWS = 50_000
# Characters of a scope at 0 %, 5 %, … 100 %: measured on the public register of one old-city district
# (5,009 rows).
SCOPE_LENGTH_QUANTILES = (
    2, 8, 15, 24, 32, 39, 47, 54, 59, 65, 71, 78, 85, 94, 103, 116, 130, 149, 171, 224, 673,
)  # fmt: skip
MAX_ITEMS = 110
BOILERPLATE_SHARE = 0.45
STATUSES = ("存续", "存续（在营、开业、在册）", "在业", "注销", "吊销，未注销", "迁出", "")
STATUS_SHARES = (0.45, 0.25, 0.13, 0.09, 0.04, 0.01, 0.03)

Ints = npt.NDArray[np.int64]


def _credit_codes(serials: Ints) -> pa.Array:
    """Valid, distinct credit codes (kind 91, invented area) for serial numbers below 10**8."""
    area = words()["area"]
    scrambled = serials * 38_710_327 % 10**8  # odd and not a multiple of 5: a bijection modulo 10**8
    body = np.stack([scrambled // 10 ** (7 - i) % 10 for i in range(8)], axis=1)
    rest = 11 - body @ np.array(ORG_WEIGHTS) % 11
    org_check = np.where(rest == 11, 0, rest)  # 10 stands for X, found by its place in the alphabet below
    alphabet = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
    value_of_x = ALPHABET.index("X")
    digits = np.empty((len(serials), 18), dtype=np.int64)
    digits[:, :8] = [ALPHABET.index(c) for c in "91" + area]
    digits[:, 8:16] = body
    digits[:, 16] = np.where(org_check == 10, value_of_x, org_check)
    digits[:, 17] = (31 - digits[:, :17] @ np.array(WEIGHTS) % 31) % 31
    text = alphabet[digits].tobytes()
    offsets = np.arange(len(serials) + 1, dtype=np.int32) * 18
    return pa.StringArray.from_buffers(len(serials), pa.py_buffer(offsets), pa.py_buffer(text))


def _choose(
    rng: np.random.Generator, values: list[str] | tuple[str, ...], rows: int, shares: Any = None
) -> pa.Array:
    return pa.array(list(values)).take(pa.array(rng.choice(len(values), rows, p=shares)))


def _phrase_table() -> tuple[pa.Array, Ints]:
    """All phrases sorted by length (ties by text), and their lengths."""
    found = {p for group in phrases_by_section().values() for p in group} | {
        p for t in trades() for p in t.phrases
    }
    found |= {p[:2] for t in trades() for p in t.phrases}
    ordered = sorted(found, key=lambda p: (len(p), p))
    return pa.array(ordered), np.array([len(p) for p in ordered], dtype=np.int64)


def _scopes(rng: np.random.Generator, rows: int, table: pa.Array, lengths: Ints) -> pa.Array:
    """Scopes with lengths as in `SCOPE_LENGTH_QUANTILES`: phrases are added while the length comes nearer."""
    steps = len(SCOPE_LENGTH_QUANTILES) - 1
    target = np.interp(rng.random(rows) * steps, np.arange(steps + 1), SCOPE_LENGTH_QUANTILES)
    tail = str(words()["boilerplate"][0])
    with_tail = (target > 2 * len(tail)) & (
        rng.random(rows) < BOILERPLATE_SHARE / np.mean(target > 2 * len(tail))
    )
    target = target - with_tail * len(tail)
    # A short scope must begin with a phrase that fits, else the shortest twentieth would come out too long.
    fitting = np.searchsorted(lengths, np.maximum(target, 2), side="right")
    first = (rng.random(rows) * fitting).astype(np.int64)
    order = np.argsort(target, kind="stable")
    pieces: list[pa.Array] = []
    # Rows are built in groups of like length, so that the draw matrix is no wider than its longest row needs.
    for part in np.array_split(order, 16):
        if not len(part):
            continue
        width = int(min(MAX_ITEMS, target[part].max() // 6 + 3))
        drawn = rng.integers(0, len(lengths), size=(len(part), width))
        drawn[:, 0] = first[part]
        size = lengths[drawn] + 1
        keep = np.cumsum(size, axis=1) - 1 - size / 2 <= target[part][:, None]
        keep[:, 0] = True
        offsets = np.concatenate([[0], np.cumsum(keep.sum(axis=1))]).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(offsets), table.take(pa.array(drawn[keep])))
        pieces.append(pc.binary_join(lists, _choose(rng, ("；", "、", ","), len(part), (0.55, 0.35, 0.1))))
    joined = pa.chunked_array(pieces).combine_chunks()
    back = np.empty(rows, dtype=np.int64)
    back[order] = np.arange(rows)
    endings = pa.array(["", tail]).take(pa.array(with_tail.astype(np.int64)))
    return pc.binary_join_element_wise(joined.take(pa.array(back)), endings, "")


def _numbers(rng: np.random.Generator, low: int, high: int, rows: int) -> pa.Array:
    return pc.cast(pa.array(rng.integers(low, high, rows)), pa.string())


def _batch(rng: np.random.Generator, start: int, rows: int, table: pa.Array, lengths: Ints) -> pl.DataFrame:
    facts = words()
    syllables = facts["syllables"]
    trade_list = trades()
    weights = np.array([t.weight * (1.0 if t.major else 2.4) for t in trade_list])
    which = rng.choice(len(trade_list), rows, p=weights / weights.sum())
    trade = pa.array(which)
    city = facts["city"].removesuffix("市")
    name = pc.binary_join_element_wise(
        _choose(rng, (city, facts["city"], f"{city}{facts['district']}"), rows),
        _choose(rng, syllables, rows), _choose(rng, syllables, rows), _choose(rng, syllables, rows),
        pa.array([t.name_words[0] for t in trade_list]).take(trade),
        _choose(rng, ("有限公司", "有限责任公司", "中心", "经营部"), rows, (0.7, 0.1, 0.05, 0.15)), "",
    )  # fmt: skip
    days = (1 - rng.random(rows) ** 1.8) * 14_900
    registered = np.datetime64("1985-01-01") + days.astype(np.int64).astype("timedelta64[D]")
    capital = pc.binary_join_element_wise(
        _choose(rng, ("3", "10", "50", "100", "200", "500", "1,000.0000", "5000"), rows),
        _choose(rng, ("(万)", "(万人民币元)", "万人民币", "(万元人民币)"), rows), "",
    )  # fmt: skip
    industry = pa.array([t.codes[0] for t in trade_list]).take(trade)
    industry = pc.if_else(pa.array(rng.random(rows) < 0.4), pa.scalar(""), industry)
    address = pc.binary_join_element_wise(
        pa.scalar(facts["city"] + facts["district"]), _choose(rng, facts["streets"], rows),
        _choose(rng, facts["roads"], rows), _numbers(rng, 1, 400, rows), pa.scalar("号"),
        _numbers(rng, 1, 30, rows), pa.scalar("-"), _numbers(rng, 1, 30, rows), "",
    )  # fmt: skip
    code = pc.if_else(
        pa.array(rng.random(rows) < 0.04), pa.scalar(""), _credit_codes(np.arange(start, start + rows))
    )
    columns = {
        "企业名称": name,
        "统一社会信用代码": code,
        "注册日期": pa.array(np.datetime_as_string(registered, unit="D").tolist()),
        "登记状态": _choose(rng, STATUSES, rows, STATUS_SHARES),
        "企业类型": _choose(
            rng, ("N/A", "有限责任公司", "个体工商户", "分公司"), rows, (0.5, 0.36, 0.1, 0.04)
        ),
        "注册资金": pc.if_else(pa.array(rng.random(rows) < 0.15), pa.scalar("N/A"), capital),
        "行业代码": industry,
        "经营范围": _scopes(rng, rows, table, lengths),
        "所在省份": pa.array([facts["province"]]).take(pa.array(np.zeros(rows, dtype=np.int64))),
        "地区": pa.array([facts["district"]]).take(pa.array(np.zeros(rows, dtype=np.int64))),
        "注册地址": address,
    }
    frame = pl.from_arrow(pa.table(columns))
    assert isinstance(frame, pl.DataFrame)
    # Nulls, not empty texts: those would be written as "" in quotes.
    return frame.with_columns(pl.col("统一社会信用代码", "登记状态", "行业代码").replace("", None))


def write_big(path: Path, rows: int, seed: int = DEFAULT_SEED) -> Path:
    """Write a UTF-8 CSV register of `rows` rows (columns as in 登记名录.csv) and return `path`.

    Scopes are random phrase lists, not tied to the trade in the name: good for measuring time and memory,
    useless for measuring accuracy. Memory does not grow with `rows`. `InputError` for rows outside 1…10**8
    or an unwritable path.
    """
    if not 1 <= rows <= 10**8:
        raise InputError("行数要在 1 到 1 亿之间", where=f"rows={rows}")
    rng = np.random.default_rng(seed)
    table, lengths = _phrase_table()
    try:
        with path.open("wb") as handle:
            for start in range(0, rows, BATCH_ROWS):
                frame = _batch(rng, start, min(BATCH_ROWS, rows - start), table, lengths)
                frame.write_csv(handle, include_header=start == 0)
    except OSError as error:
        raise InputError("大名录写不进去", where=str(path), remedy="请换一个可写的位置") from error
    return path
