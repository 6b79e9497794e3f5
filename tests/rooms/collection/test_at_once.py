"""Eight people hand in one return at the same moment, on a database file with real locks: one stands, the others are kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from .conftest import FORM

SCRIPT = '''
import json, sys, threading
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.db import connections
from wenmai.office.events.services import verify_chain
from wenmai.office.figures import definitions
from wenmai.office.people.models import Organisation
from wenmai.rooms.collection import filing, forming
from wenmai.rooms.collection.models import Return, Submission
definitions.install_shipped()
for name in ("甲运营", "乙运营"):
    Organisation.objects.get_or_create(name=name, defaults={"kind": "operator"})
form, _ = forming.take_in(sys.stdin.read())
report = forming.issue(form.slug, "2026Q3").returns.get(key="p1")
gate, told, faults = threading.Barrier(8), [], []
def hand(n):
    try:
        gate.wait()
        cells = {"A01": {"value": "1000"}, "A02": {"value": "900"}, "C01": {"value": str(n)}}
        told.append(filing.submit(report.pk, cells, {}, 1).state)
    except Exception as error:
        faults.append(repr(error))
    finally:
        connections.close_all()
threads = [threading.Thread(target=hand, args=(n,)) for n in range(1, 9)]
[t.start() for t in threads]
[t.join() for t in threads]
rows = list(Submission.objects.filter(report=report).order_by("number").values_list("number", "unused", "cells"))
print(json.dumps({"told": sorted(told), "faults": faults, "numbers": [r[0] for r in rows], "used": sum(not r[1] for r in rows),
    "values": sorted(r[2]["C01"]["value"] for r in rows), "state": Return.objects.get(pk=report.pk).state, "chain": verify_chain()}))
'''


def eight(home: Path, database: str | None) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
        "WENMAI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "wenmai.web.settings", "PYTHONPATH": str(Path(__file__).parents[3] / "src"), "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    if database:
        environment["DATABASE_URL"] = database
    text = FORM.replace("park-q", f"park-{uuid.uuid4().hex[:8]}")
    done = subprocess.run([sys.executable, "-c", SCRIPT], input=text, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


# One is taken, seven are kept as not used, none is lost, and the log's chain holds.
KEPT = {
    "faults": [], "told": ["已报"] + ["未采用"] * 7, "numbers": list(range(1, 9)), "used": 1, "values": [str(n) for n in range(1, 9)],
    "state": "已报", "chain": None,
}  # fmt: skip


def test_eight_at_once(tmp_path: Path) -> None:
    assert eight(tmp_path, None) == KEPT


@pytest.mark.postgres
@pytest.mark.slow
def test_eight_at_once_on_postgresql(tmp_path: Path) -> None:
    database = os.environ.get("WENMAI_TEST_PG")
    assert database, "WENMAI_TEST_PG is not set: run the tests by `make test`, which starts PostgreSQL"
    assert eight(tmp_path, database) == KEPT
