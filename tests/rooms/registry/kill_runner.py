"""Imports files while being killed at random moments; prints how many kills struck. Run by test_kill.py."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "wenmai.web.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from wenmai.rooms.registry import services  # noqa: E402


def attempt(path: Path, seconds: float | None) -> bool:
    """Import in a child that is killed after `seconds`; true when it finished by itself."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            services.import_file(path)
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(3)
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            if os.WIFSIGNALED(status):
                return False
            if os.waitstatus_to_exitcode(status) != 0:
                raise SystemExit("the import failed by itself")
            return True
        if deadline is not None and time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(0.002)


def main(kills_wanted: int, files: list[Path]) -> None:
    """Kill at random until every file is in; the first ones are killed most."""
    call_command("migrate", verbosity=0, interactive=False)
    chance = random.Random(20260101)
    kills = 0
    if kills_wanted == 0:
        for path in files:
            attempt(path, None)
        print(kills)
        return
    started = time.monotonic()
    whole = None
    for number, path in enumerate(files):
        quota = kills_wanted // len(files) + 1
        struck = 0
        while struck < quota:
            span = (whole or 1.5) * 0.95
            if attempt(path, chance.uniform(0.01, span)):
                # It got through: what is left of the quota strikes the next import of the same bytes.
                whole = min(whole or 9.0, 0.8 * span)
                continue
            struck += 1
        kills += struck
        attempt(path, None)
        if time.monotonic() - started > 400 and number + 1 < len(files):
            raise SystemExit("too slow")
    print(kills)


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(p) for p in sys.argv[2:]])
