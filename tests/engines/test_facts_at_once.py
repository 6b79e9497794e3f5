"""Facts recorded by two at once, and a snapshot taken while somebody writes, on both engines with real connections.

Each scene runs in a process of its own: the test database of this one is in memory or inside a transaction.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow]
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
START = """
import json, threading, time, uuid
import django
django.setup()
from django.core.management import call_command
from django.db import connection, connections, transaction
call_command("migrate", verbosity=0)
"""
AT_ONCE = """
from wenmai.office.figures import facts
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Definition, DefinitionState, Entry, Fact, FactScope, Source
from wenmai.office.people.models import Subject

name = "T" + uuid.uuid4().hex[:12].upper()
Entry.objects.create(code=name, group="试", tier="site")
Definition.objects.create(entry_id=name, number=1, name="试", text="试", unit="万元", kind="时期", state=DefinitionState.APPROVED)
source = Source.objects.create(provider="本办")
# Already there, as in life: two that insert the same new subject would wait for each other there already.
Subject.objects.create(kind="area", key=name)
FactScope.objects.get_or_create(name="规上")
said, first = {}, threading.Event()

def put(who, value):
    try:
        said[who] = facts.record([NewFact("area", name, name, "2024", value, "万元", "本办监测口径", "规上")], source).rows[0][0]
    except Exception as error:
        said[who] = type(error).__name__
        raise

def one():
    with transaction.atomic():
        put("one", "1")
        first.set()
        time.sleep(1.5)  # the other comes while this is not committed yet
    connections.close_all()

def two():
    first.wait(20)
    put("two", "2")
    connections.close_all()

threads = [threading.Thread(target=t) for t in (one, two)]
[t.start() for t in threads]
[t.join() for t in threads]
standing = [int(v) for v in Fact.objects.filter(definition__entry=name, recorded_to=None).values_list("value", flat=True)]
print(json.dumps({"said": said, "standing": standing, "all": Fact.objects.filter(definition__entry=name).count()}))
"""
ONE_MOMENT = """
import pyarrow as pa
import pyarrow.parquet as pq
from wenmai.office.figures import snapshots
from wenmai.office.figures.models import FactScope
from wenmai.office.jobs.models import Job

name = uuid.uuid4().hex
job = Job.objects.create(kind="试")

def apart(function):
    def run():
        function()
        connections.close_all()
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

def count():
    return pa.table({"n": [FactScope.objects.filter(name__startswith=name).count()]})

def first():
    yield count()
    apart(lambda: FactScope.objects.create(name=name + "1"))  # somebody publishes between two tables

def second():
    yield count()

def progress(step, done, total):
    Job.objects.filter(pk=job.pk).update(done=done)

snapshots._builders.clear(); snapshots._derived.clear(); snapshots._facts.clear()
snapshots.table("first", first)
snapshots.table("second", second)
snapshots.facts(lambda paths: {"n": FactScope.objects.filter(name__startswith=name).count()})
made = snapshots.publish(progress=progress)
read = [pq.read_table(snapshots.folder(made.pk) / f"{t}.parquet")["n"][0].as_py() for t in ("first", "second")]
after = FactScope.objects.filter(name__startswith=name).count()
job.refresh_from_db()
with transaction.atomic():
    FactScope.objects.create(name=name + "2")  # the connection writes again
print(json.dumps({"read": read, "facts": made.facts["n"], "after": after, "told": job.done, "complete": made.complete}))
"""


def run(engine: str, script: str, home: Path) -> Any:
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src", "DJANGO_SETTINGS_MODULE": "wenmai.web.settings"}
    env.pop("DATABASE_URL", None)
    if engine == "postgresql":
        database = os.environ.get("WENMAI_TEST_PG")
        assert database, "WENMAI_TEST_PG is not set: run the tests by `make test`, which starts PostgreSQL"
        env["DATABASE_URL"] = database
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(START + script)], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("engine", ENGINES)
def test_two_record_one_place_at_once(engine: str, tmp_path: Path) -> None:
    """The second revises what the first left; neither fails, and one value stands."""
    assert run(engine, AT_ONCE, tmp_path) == {"said": {"one": "新增", "two": "更正"}, "standing": [2], "all": 2}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_snapshot_is_of_one_moment(engine: str, tmp_path: Path) -> None:
    """What is written between two tables is in neither, and not in the facts; progress is written meanwhile."""
    assert run(engine, ONE_MOMENT, tmp_path) == {"read": [0, 0], "facts": 0, "after": 1, "told": 1, "complete": True}
