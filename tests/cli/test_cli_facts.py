"""`wenmai facts …` from an empty home to growth; a user's mistake is one Chinese line and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ABOUT = ("--provider", "区文旅局", "--basis", "协议", "--purpose", "监测")


def wenmai(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src"}
    env.pop("DATABASE_URL", None)
    return subprocess.run([sys.executable, "-m", "wenmai.cli", "facts", *words], env=env, capture_output=True, text=True)


def said(home: Path, *words: str) -> str:
    done = wenmai(home, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_from_dictionary_to_growth(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert "新装入 0 个" not in said(home, "install")
    assert "新装入 0 个" in said(home, "install")
    assert "营业收入" in said(home, "list", "SC06")
    firms = tmp_path / "监测.csv"
    firms.write_text("统一社会信用代码,企业名称,2023年1—9月（万元）,2024年1—9月（万元）\nK1,甲,1000,1100\nK2,乙,—,500\nK3,丙,200,abc\n", encoding="utf-8")
    options = ("--code", "SC06", "--kind", "enterprise", "--lane", "本办监测口径", "--scope", "规上", *ABOUT)
    tried = said(home, "record", str(firms), *options, "--trial")
    assert "新增 4，更正 0，未变 0，退回 1，空白 1；合计 6，读入 6；试算，未入库" in tried and "“abc”不是数" in tried
    assert "没有数值" in said(home, "list", "--values")
    assert "来源 1" in said(home, "record", str(firms), *options)
    shown = said(home, "show", "SC06", "2024年1—9月", "--kind", "enterprise", "--key", "K1", "--lane", "本办监测口径")
    assert "1,100 万元" in shown and "区文旅局" in shown
    assert "现值" in said(home, "vintages", "SC06", "2024年1—9月", "--kind", "enterprise", "--key", "K1", "--lane", "本办监测口径")
    for key, day in (("K1", "2022-01-01"), ("K2", "2024-03-01"), ("K3", "2022-01-01")):
        said(home, "frame", "enter", key, day, *ABOUT)
    assert "2024-06-30 在库 3 家" in said(home, "frame", "list", "--on", "2024年6月")
    grown = said(home, "growth", "SC06", "2024年1—9月")
    assert "10.00%" in grown and "新进 1 家" in grown and "未能配对 1 家：丙" in grown
    said(home, "frame", "leave", "K3", "2024-12-01", "--reason", "降规")
    assert "退库 1 家" in said(home, "frame", "list", "--from", "2024-01-01", "--to", "2024-12-31")


@pytest.mark.slow
def test_bureau_figures_and_derived_values(tmp_path: Path) -> None:
    """N24: 12,909 / 141,510 = 9.12 % (benchmarks.csv)."""
    home, table, slip = tmp_path / "home", tmp_path / "a.csv", tmp_path / "slip.pdf"
    said(home, "install")
    table.write_text("指标,时期,数值,单位\nSC15,2024年,12909,亿元\nSC06,2024年,141510,亿元\n", encoding="utf-8")
    slip.write_bytes(b"%PDF-1.4")
    options = ("--lane", "统计部门数据", "--scope", "规上", *ABOUT)
    assert wenmai(home, "record", str(table), *options).returncode == 2  # without the slip nothing can be taken in
    assert "新增 2" in said(home, "record", str(table), *options, "--slip", str(slip))
    shown = said(home, "show", "SC16", "2024年")
    assert "9.12 %" in shown and "SC15" in shown and "141,510 亿元" in shown and "按公式推算" in shown


@pytest.mark.parametrize(
    "words",
    [("record", "{tmp}/none.csv"), ("record", "{tmp}/a.pdf", *ABOUT), ("show", "SC06", "去年"), ("show", "XX", "2024"), ("growth", "SC06", "2024"),
     ("bridge", "1", "2"), ("frame", "leave", "K", "2024-01-01"), ("frame", "enter", "K", "昨天", *ABOUT), ("frame", "enter", "K", "2024-01-01")],
)  # fmt: skip
def test_mistakes_are_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 garbage")
    done = wenmai(tmp_path / "home", *[w.format(tmp=tmp_path) for w in words])
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.strip().startswith("错误") and "Traceback" not in done.stderr
