"""The house stands: foreign keys point down, every file stays readable, nothing names a machine."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]


def _floors() -> dict[str, int]:
    """App label → floor, lowest first, from the layers of the import contract; siblings share one."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    floors = {"contenttypes": -3, "auth": -2, "sessions": -1}
    for number, layer in enumerate(reversed(layers), start=1):
        floors |= {name.strip().rpartition(".")[2]: number for name in layer.split("|")}
    return floors


FLOORS = _floors()


def test_foreign_keys_point_down() -> None:
    checked = 0
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and getattr(field, "concrete", False) and field.related_model is not None:
                ours, theirs = model._meta.app_label, field.related_model._meta.app_label
                if ours in FLOORS and ours != theirs:
                    assert FLOORS[theirs] < FLOORS[ours], f"{model.__name__}.{field.name}"
                    checked += 1
    assert checked >= 5
    assert {m._meta.app_label for m in apps.get_models()} <= set(FLOORS)


def test_files_stay_readable() -> None:
    long = {str(p.relative_to(ROOT)): n for p in ROOT.glob("src/**/*.py") if (n := len(p.read_text().splitlines())) > 420}
    assert not long


def test_lock_has_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "http" not in text and "--hash=sha256:" in text


@pytest.mark.django_db
def test_no_missing_migration() -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    assert (ROOT / "src/wenmai/rooms/registry/migrations/0001_initial.py").exists()


def test_repository_names_no_machine() -> None:
    files = subprocess.run(["git", "grep", "-lIE", r"(index-url|extra-index)[ =]|(^|[^./a-z])/(root|home)/[a-z]"], cwd=ROOT, capture_output=True, text=True)
    assert [f for f in files.stdout.split() if f not in ("tests/structure/test_house.py",)] == []
