"""kill -9 at 50 or more random moments of an import loses nothing and doubles nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from wenmai.rooms.registry.choices import VALUE_FIELDS
from wenmai.samples import write_district

RUNNER = Path(__file__).with_name("kill_runner.py")


def run(home: Path, kills: int, files: list[Path]) -> int:
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src"}
    env.pop("DATABASE_URL", None)
    done = subprocess.run([sys.executable, str(RUNNER), str(kills), *map(str, files)], env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1])


def register(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "wenmai.sqlite3") as connection:
        columns = ", ".join(("key", "current", *VALUE_FIELDS))
        return connection.execute(f"SELECT {columns} FROM registry_enterprise ORDER BY key").fetchall()


@pytest.mark.slow
def test_fifty_kills(tmp_path: Path) -> None:
    files = write_district(tmp_path / "sample", 1500)
    assert run(tmp_path / "killed", 50, files) >= 50
    assert run(tmp_path / "calm", 0, files) == 0
    killed, calm = register(tmp_path / "killed"), register(tmp_path / "calm")
    assert killed == calm and len(calm) > 1400
    with sqlite3.connect(tmp_path / "killed" / "wenmai.sqlite3") as connection:
        states = {s for (s,) in connection.execute("SELECT DISTINCT state FROM registry_batch")}
        events = connection.execute("SELECT count(*) FROM events_event WHERE verb='registry.batch.published'").fetchone()[0]
        batches = connection.execute("SELECT count(*) FROM registry_batch").fetchone()[0]
    assert states == {"published"} and events == batches
