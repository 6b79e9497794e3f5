"""The guide is the test: the room of docs/adding-a-room.md is built from the page's own words in a copy, and works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "adding-a-room.md").read_text(encoding="utf-8")
PARTS = ("src", "tests/conftest.py", "tests/web/conftest.py", "tests/web/test_access.py", "tests/structure/test_house.py", "pyproject.toml",
         "requirements.lock")  # fmt: skip


def files() -> dict[str, str]:
    """Path → content of every block that follows a paragraph beginning with a path."""
    found = re.findall(r"^`([\w/.]+)`(?:(?!```).)*?\n```(?:python|html)\n(.*?)```$", GUIDE, re.MULTILINE | re.DOTALL)
    return dict(found)


def insertions() -> list[tuple[str, str, str]]:
    return re.findall(r"^\| `([\w/.]+)` \| `(.+?)` \| `(.+?)` \|$", GUIDE, re.MULTILINE)


def commands() -> list[str]:
    block = re.search(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    return [line for line in block[1].splitlines() if line.startswith(".venv/bin/")] if block else []


@pytest.mark.slow
def test_the_room_of_the_guide_works(tmp_path: Path) -> None:
    copy = tmp_path / "house"
    for part in PARTS:
        source, target = ROOT / part, copy / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    written = files()
    assert len(written) == 12 and len(insertions()) == 3 and len(commands()) == 4
    for path, text in written.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        assert not (copy / path).exists(), f"{path} 已经有了"
        (copy / path).write_text(text, encoding="utf-8")
    for path, after, line in insertions():
        text = (copy / path).read_text(encoding="utf-8")
        assert text.count(f"{after}\n") == 1, f"{path}: 指南所说的那一行应当只有一处：{after}"
        (copy / path).write_text(text.replace(f"{after}\n", f"{after}\n{line}\n"), encoding="utf-8")
    # pytest of the copy must not take up the plugins' state of this run.
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "WENMAI", "DATABASE_URL"))}
    more = {"WENMAI_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "wenmai.web.settings", "PYTHONPATH": "src"}
    for command in commands():
        done = subprocess.run(command, shell=True, cwd=copy, env=keep | more, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
        if "makemigrations" in command:
            assert (copy / "src/wenmai/rooms/notice/migrations/0001_initial.py").exists()
        if "pytest" in command:
            assert "test_status" not in done.stdout and re.search(r"\d+ passed|100%", done.stdout), done.stdout[-500:]
