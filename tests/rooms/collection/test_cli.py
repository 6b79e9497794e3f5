"""`wenmai collect …` from the form to the facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from wenmai.base.values import InputError, NotFound
from wenmai.office.figures.models import Fact
from wenmai.rooms.collection.models import Return, Round

from .conftest import FORM


def run(*words: str) -> Any:
    from wenmai.cli import app

    result = CliRunner().invoke(app, ["collect", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_from_form_to_facts(dictionary: None, tmp_path: Path) -> None:
    text = FORM.replace(", 单位: 甲运营", "").replace(", 单位: 乙运营", "")
    (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
    assert "第 1 版已存" in run("forms", "--add", str(tmp_path / "f.yaml")).output
    assert "可布置" in run("forms").output
    assert "3 个填报对象，截止 2026-10-15" in run("issue", "park-q", "2026年三季度").output
    number = str(Round.objects.get().pk)
    assert "3 份模板" in run("template", number, "-o", str(tmp_path / "t")).output
    files = sorted((tmp_path / "t").glob("*.xlsx"))
    assert [f.stem for f in files] == sorted(["甲园", "乙园", "丙园"])
    for path in files[:2]:
        book = openpyxl.load_workbook(path)
        for cell, value in (("E7", 10), ("E8", 9), ("E9", 8)):
            book["填报表"][cell] = value
        book.save(path)
    result = run("upload", *map(str, files))
    assert result.exit_code == 1 and result.output.count("已报") == 2 and "草稿" in result.output  # the empty one is a draft with its faults
    assert "已报 2/3" in run("status", number).output and "2/3" in run("status").output
    assert "已报 2，未报 1（" in run("merge", number, "-o", str(tmp_path / "m.xlsx")).output and (tmp_path / "m.xlsx").exists()
    ids = [str(pk) for pk in Return.objects.filter(state="已报").values_list("pk", flat=True)]
    assert run("accept", *ids).output.count("已受理") == 2
    assert Fact.objects.count() == 6


def test_faults(dictionary: None, tmp_path: Path) -> None:
    for words, error in ((("issue", "nosuch", "2026Q3"), NotFound), (("merge", "9"), NotFound), (("template", "9"), NotFound), (("accept", "9"), NotFound),
                         (("status", "9"), NotFound), (("forms", "--add", str(tmp_path / "no.yaml")), InputError), (("upload", str(tmp_path / "no.xlsx")), InputError)):  # fmt: skip
        with pytest.raises(error):
            run(*words)
