"""Run the workbench: gunicorn for pages and one worker process for jobs, stopped together."""

from __future__ import annotations

import os
import subprocess
import sys


def serve(host: str, port: int) -> None:
    """Serve until interrupted."""
    worker = subprocess.Popen([sys.executable, "-m", "wenmai.web.worker"], env=os.environ.copy())
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        subprocess.run(
            [sys.executable, "-m", "gunicorn", "wenmai.web.wsgi", "-b", address, "-w", "2", "-k", "gthread",
             "--threads", "4", "--timeout", "120", "--log-level", "warning"],
            check=False,
        )  # fmt: skip
    finally:
        worker.terminate()
        worker.wait(timeout=10)
