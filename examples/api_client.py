#!/usr/bin/env python3
"""Read the enterprises of a Wenmai site page by page, one JSON line each. Standard library only.

    WENMAI_TOKEN=wm_… python examples/api_client.py https://wenmai.example.gov.cn --street 东街街道 > enterprises.jsonl

The token is taken from the environment: on a command line other people of the machine could read it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

TRIES, TIMEOUT, LONGEST = 5, 30, 120


class ApiError(Exception):
    """The site refused; the text is its own."""


class Client:
    """A site and a token."""

    def __init__(self, site: str, token: str) -> None:
        self.site, self.token = site.rstrip("/"), token

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """One answer. A limit (429), a fault of the server (5xx) and a broken connection are tried again after a while."""
        asked = urllib.parse.urlencode({k: v for k, v in query.items() if v not in (None, "")})
        address = f"{self.site}{path}?{asked}" if asked else f"{self.site}{path}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"})
        for attempt in range(TRIES):
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                    found: dict[str, Any] = json.load(answer)
                    return found
            except urllib.error.HTTPError as error:
                if (error.code != 429 and error.code < 500) or attempt == TRIES - 1:
                    raise ApiError(f"{error.code} {_message(error)}") from error
                wait = _seconds(error.headers.get("Retry-After"), 2**attempt)
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                if attempt == TRIES - 1:
                    raise ApiError(f"连接不上：{error}") from error
                wait = 2**attempt
            time.sleep(min(wait, LONGEST))
        raise AssertionError("unreachable")

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        after: int | None = 0
        while after is not None:
            page = self.get(path, after=after, **query)
            yield from page["items"]
            after = page["next"]


def _message(error: urllib.error.HTTPError) -> str:
    try:
        told = json.load(error)["error"]
        return "；".join(t for t in (told.get("message", ""), told.get("remedy", "")) if t)
    except (ValueError, KeyError, TypeError):
        return str(error.reason)


def _seconds(text: str | None, otherwise: float) -> float:
    return float(text) if text and text.isdigit() else otherwise


def main() -> int:
    parser = argparse.ArgumentParser(description="逐页读取企业名录，每行一个 JSON")
    parser.add_argument("site", help="站点地址，如 https://wenmai.example.gov.cn")
    parser.add_argument("--street", default="")
    parser.add_argument("--outcome", default="", help="全部计入类、部分计入类、非文化、待核定、文化、未识别")
    parser.add_argument("--limit", type=int, default=500)
    chosen = parser.parse_args()
    token = os.environ.get("WENMAI_TOKEN", "")
    if not token:
        print("请设环境变量 WENMAI_TOKEN", file=sys.stderr)
        return 2
    try:
        for one in Client(chosen.site, token).pages("/api/v1/enterprises", street=chosen.street, outcome=chosen.outcome, limit=chosen.limit):
            print(json.dumps(one, ensure_ascii=False))
    except ApiError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
