"""Every test runs over its own WENMAI_HOME; nothing is read from or written to the repository's var/."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["WENMAI_HOME"] = tempfile.mkdtemp(prefix="wenmai-test-")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's sync API runs an event loop in the test's thread

import pytest


@pytest.fixture
def home(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    """An empty WENMAI_HOME for one test."""
    settings.WENMAI_HOME = tmp_path / "home"
    settings.WENMAI_HOME.mkdir()
    return Path(settings.WENMAI_HOME)
