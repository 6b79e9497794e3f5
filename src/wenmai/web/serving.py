"""Run one of the two sites: gunicorn for pages, and for the office one worker process for jobs, stopped together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

APPLICATIONS = {"office": "wenmai.web.wsgi", "outside": "wenmai.web.outside_wsgi"}


def serve(host: str, port: int, zone: str = "office") -> None:
    """Serve until interrupted. Jobs are the office's: the outside site starts none and runs none."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wenmai.web.outside_settings" if zone == "outside" else "wenmai.web.settings"}
    worker = subprocess.Popen([sys.executable, "-m", "wenmai.web.worker"], env=environment) if zone == "office" else None
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    (Path(settings.WENMAI_HOME) / "static").mkdir(parents=True, exist_ok=True)  # the file server warns where it is absent
    print(f"{'对外服务站点' if zone == 'outside' else '工作台'} http://{address}/　按 Ctrl+C 停止", flush=True)
    try:
        subprocess.run(
            [sys.executable, "-m", "gunicorn", APPLICATIONS[zone], "-b", address, "-w", "2", "-k", "gthread",
             "--threads", "4", "--timeout", "120", "--log-level", "warning"],
            check=False, env=environment,
        )  # fmt: skip
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(timeout=10)
