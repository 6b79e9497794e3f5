"""The command line: one Chinese line and exit code 2 for a user's mistake; classify needs no database."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wenmai.samples import write_district


def wenmai(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src"}
    env.pop("DATABASE_URL", None)
    return subprocess.run([sys.executable, "-m", "wenmai.cli", *words], env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    "words",
    [("import", "{tmp}/无此文件.csv"), ("import", "{tmp}/a.pdf"), ("import",), ("classify", "{tmp}/a.pdf", "-o", "{tmp}/o.csv"),
     ("trace", "no.such"), ("report", "--kind", "红头文件"), ("undo", "99"), ("train", "{tmp}/无此目录"),
     ("import", "{tmp}/a.pdf", "--as-of", "昨天"),
     ("fill", "nowhere", "文字"), ("review", "import", "{tmp}/a.pdf"), ("user", "a b", "--role", "editor")],
)  # fmt: skip
def test_mistakes_are_one_line_and_exit_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 garbage")
    done = wenmai(tmp_path / "home", *[w.format(tmp=tmp_path) for w in words])
    assert done.returncode == 2, done.stderr
    assert "错误" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_classify_a_file_without_a_database(tmp_path: Path) -> None:
    source = write_district(tmp_path / "sample", 200)[0]
    done = wenmai(tmp_path / "home", "classify", str(source), "-o", str(tmp_path / "o.csv"))
    assert done.returncode == 0, done.stderr
    with (tmp_path / "o.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == ["credit_code", "name", "culture", "small_code", "probability", "evidence"]
    assert len(rows) == len(source.read_bytes().splitlines()) - 1
    assert {r["culture"] for r in rows} <= {"yes", "no", "review"}
    assert all(r["small_code"] for r in rows if r["culture"] == "yes")
    assert json.loads(rows[0]["evidence"])
    assert not (tmp_path / "home" / "wenmai.sqlite3").exists()


@pytest.mark.slow
def test_demo_writes_its_documents_and_doctor_is_content(tmp_path: Path) -> None:
    env = {**os.environ, "WENMAI_HOME": str(tmp_path / "home"), "PYTHONPATH": "src", "WENMAI_DEMO_SERVE": "0"}
    env.pop("DATABASE_URL", None)
    words = ["demo", "--enterprises", "200", "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-m", "wenmai.cli", *words], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"情况汇报.docx", "情况汇报.lineage.json", "情况汇报附表.xlsx"}
    assert wenmai(tmp_path / "home", "doctor").returncode == 0
    (tmp_path / "home" / "site.json").unlink()
    assert wenmai(tmp_path / "home", "doctor").returncode == 1
