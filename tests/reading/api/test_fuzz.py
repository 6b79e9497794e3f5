"""Schemathesis against a live server over the described API, and the example client over the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wenmai.rooms.registry.models import Enterprise
from wenmai.web.api import tokens

ROOT = Path(__file__).parents[3]
EXAMPLES, SECONDS = 100, 90  # schemathesis' own default of examples; a bound of time


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_schemathesis(told: Any, token_of: Any, live_server: Any, tmp_path: Path) -> None:
    """No server error, and every answer is one that the description knows, in the shape it gives."""
    _, token = token_of("admin", per_minute=tokens.MOST_PER_MINUTE)
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{live_server.url}/api/openapi.json", "--url", live_server.url,
        "-H", f"Authorization: Bearer {token}", "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--max-examples", str(EXAMPLES), "--seed", "7", "--max-time", str(SECONDS), "--no-color", "--generation-database", "none",
        "--report-json-path", str(tmp_path / "report.json"), "--warnings", "off", "--continue-on-failure",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS + 120, env={**os.environ, "PYTHONPATH": ""})
    (ROOT / "out").mkdir(exist_ok=True)
    (ROOT / "out" / "schemathesis.txt").write_text(done.stdout[-20_000:], encoding="utf-8")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "10 selected" in done.stdout or "Operations:" in done.stdout, done.stdout[-3000:]


@pytest.mark.django_db(transaction=True)
def test_example_client(told: Any, token_of: Any, live_server: Any) -> None:
    """The example pages through all four enterprises in pages of one, and waits when it is told to."""
    _, token = token_of("editor", ["enterprises"])
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "api_client.py"), live_server.url, "--limit", "1"], capture_output=True, text=True, timeout=60,
        env={**os.environ, "WENMAI_TOKEN": token},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    keys = [json.loads(line)["key"] for line in done.stdout.splitlines()]
    assert keys == list(Enterprise.objects.filter(current=True).order_by("pk").values_list("key", flat=True)) and len(keys) == 4
    wrong = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "api_client.py"), live_server.url], capture_output=True, text=True, timeout=60,
        env={**os.environ, "WENMAI_TOKEN": "wm_wrong"},
    )  # fmt: skip
    assert wrong.returncode == 1 and "没有有效的令牌" in wrong.stderr


def test_client_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """429 with Retry-After 3, a broken connection, 503, then an answer: four requests, waits of 3, 2 and 4 seconds; 403 at once."""
    import importlib.util
    import io
    import urllib.error

    spec = importlib.util.spec_from_file_location("api_client", ROOT / "examples" / "api_client.py")
    assert spec and spec.loader
    client = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(client)
    body = io.BytesIO(b'{"error": {"message": "no"}}')

    def http(code: int, **headers: str) -> urllib.error.HTTPError:
        return urllib.error.HTTPError("u", code, "x", headers, io.BytesIO(body.getvalue()))  # type: ignore[arg-type]

    answers: list[Any] = [http(429, **{"Retry-After": "3"}), urllib.error.URLError("reset"), http(503), io.BytesIO(b'{"items": []}')]
    waits: list[float] = []

    def opened(request: Any, timeout: float) -> Any:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(client.urllib.request, "urlopen", opened)
    monkeypatch.setattr(client.time, "sleep", waits.append)
    assert client.Client("http://h", "t").get("/api/v1/jobs") == {"items": []}
    assert waits == [3, 2, 4] and answers == []
    answers.append(http(403))
    with pytest.raises(client.ApiError, match="no"):
        client.Client("http://h", "t").get("/api/v1/jobs")
    assert len(waits) == 3
