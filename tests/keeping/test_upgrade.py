"""Every earlier version's data come up to the present: by opening the home, and by restoring a backup of it.

tests/keeping/fixtures/NAME.* are made by tools/make-upgrade-fixture with that version's own code; the expected counts and
figures come from that version. A release adds one; none is ever taken away or made anew."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from wenmai.web.keeping import archive

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(p.name.removesuffix(".sql.gz") for p in FIXTURES.glob("*.sql.gz"))
# Filled by the program itself or written to while upgrading.
GROWS = {"django_migrations", "django_content_type", "auth_permission", "events_event", "events_outgoing", "jobs_job"}
# Figures of an old snapshot that later versions answer otherwise, on purpose.
CHANGED = {"a37fa21": {"culture.interval"}}  # the interval is now computed with the snapshot, which this one does not hold

# Every page without an argument, as an editor.
PAGES = """
import django; django.setup()
from django.test import Client
from django.urls import get_resolver, reverse
from wenmai.office.people.models import User
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.filter(is_active=True, role="editor").first() or User.objects.first())
def walk(resolver, prefix=""):
    for name in sorted(k for k in resolver.reverse_dict if isinstance(k, str)):
        if not resolver.reverse_dict.getlist(name)[0][0][0][1] and name not in ("logout", "login"):
            print(client.get(reverse(prefix + name)).status_code, prefix + name)
    for space, (_, below) in resolver.namespace_dict.items():
        if space != "api":  # answers to a token, not to a login; tests/reading/api
            walk(below, prefix + space + ":")
walk(get_resolver())
"""


@pytest.fixture(params=NAMES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path, dict[str, Any]]:
    """A home exactly as that version left it."""
    home = tmp_path / "home"
    home.mkdir()
    database = sqlite3.connect(home / "wenmai.sqlite3")
    with gzip.open(FIXTURES / f"{request.param}.sql.gz", "rt", encoding="utf-8") as text:
        database.executescript(text.read())
    database.close()
    with tarfile.open(FIXTURES / f"{request.param}.tar.gz") as tar:
        tar.extractall(home, filter="data")
    return request.param, home, json.loads((FIXTURES / f"{request.param}.json").read_text(encoding="utf-8"))


def counts(home: Path) -> dict[str, int]:
    database = sqlite3.connect(f"file:{home / 'wenmai.sqlite3'}?mode=ro", uri=True)
    names = [r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    found = {n: database.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0] for n in names}
    database.close()
    return found


def same_rows(expected: dict[str, int], found: dict[str, int]) -> None:
    for table, rows in expected.items():
        assert found.get(table, -1) >= rows if table in GROWS else found.get(table) == rows, table


def test_there_is_something_to_upgrade_from() -> None:
    assert "a37fa21" in NAMES
    for name in NAMES:
        assert sum(p.stat().st_size for p in FIXTURES.glob(f"{name}.*")) <= 220_000
        kept = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
        assert kept["counts"]["registry_enterprise"] >= 50 and kept["counts"]["classification_review"] >= 1 and kept["counts"]["briefing_passage"] >= 1


def test_the_home_of_an_earlier_version(keep: Any, old: tuple[str, Path, dict[str, Any]], tmp_path: Path) -> None:
    name, home, kept = old
    # The first command of the new program brings the database up to date.
    figures = {f["id"]: f["value"] for f in json.loads(keep.run(home, "figures", "--json").stdout)}
    assert counts(home)["django_migrations"] > kept["counts"]["django_migrations"]
    same_rows(kept["counts"], counts(home))
    # The old snapshot still gives the figures that were reported from it.
    compared = kept["figures"].keys() - CHANGED.get(name, set())
    assert {k: figures.get(k) for k in compared} == {k: kept["figures"][k] for k in compared} and len(compared) > 20
    keep.run(home, "classify")
    keep.run(home, "report", "-o", str(tmp_path / "r.docx"))
    assert keep.run(home, "doctor").returncode == 0
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src", "DJANGO_SETTINGS_MODULE": "wenmai.web.settings"}
    env.pop("DATABASE_URL", None)
    pages = subprocess.run([sys.executable, "-c", PAGES], env=env, capture_output=True, text=True)
    assert pages.returncode == 0, pages.stderr[-2000:]
    answers = [line.split(" ", 1) for line in pages.stdout.splitlines()]
    assert sum(code == "200" for code, _ in answers) >= 8
    assert [a for a in answers if a[0] not in ("200", "302", "400", "403", "404", "405")] == []


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_backup_of_an_earlier_version(keep: Any, old: tuple[str, Path, dict[str, Any]], tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> None:
    """The backup that is made before an upgrade: taken without migrating, restored at its own state, then migrated."""
    _, home, kept = old
    database = request.getfixturevalue("postgres") if engine == "postgres" else None
    path, new = tmp_path / "old.tar.gz", tmp_path / "new"
    keep.run(home, "backup", str(path))
    assert counts(home)["django_migrations"] == kept["counts"]["django_migrations"]
    before = archive.read(path)
    done = keep.run(new, "restore", str(path), database=database)
    assert "已补做" in done.stdout
    keep.run(new, "backup", str(tmp_path / "new.tar.gz"), database=database)
    after = archive.read(tmp_path / "new.tar.gz")
    same_rows({t: m.rows for t, m in before.manifest.tables.items()}, {t: m.rows for t, m in after.manifest.tables.items()})
    assert len(after.about.migrations) > len(before.about.migrations)
    assert keep.run(new, "doctor", database=database).returncode == 0
