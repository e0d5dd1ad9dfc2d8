"""A real Prometheus that reads what a test points it at, with the project's own rules or none."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
import yaml

from dialer.demo.processes import free_port

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules" / "dialer.yml"


def program(name: str) -> str | None:
    """Where the machine has it, or `scripts/setup test` unpacked it."""
    unpacked = ROOT / ".state" / "tools" / name
    return shutil.which(name) or (str(unpacked) if unpacked.exists() else None)


needs_prometheus = pytest.mark.skipif(
    program("prometheus") is None, reason="no prometheus: `scripts/setup test` unpacks Debian's"
)


class Prometheus:
    """Use as an async context. It looks every second."""

    def __init__(self, folder: Path, targets: Mapping[str, Sequence[str]], rules: Mapping[str, Any] | None = None):
        """`targets`: addresses by job; `rules`: a file of rules, as read."""
        self._folder = folder
        self._targets = targets
        self._rules = rules
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        binary = program("prometheus")
        assert binary is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "rules.yml").write_text(yaml.safe_dump(self._rules or {"groups": []}), encoding="utf-8")
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self._folder / "rules.yml")],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": list(targets)}]}
                for job, targets in self._targets.items()
            ],
        }
        (self._folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        await asyncio.to_thread(self._start, binary)
        self._http = aiohttp.ClientSession()
        await self.until(self._ready, 60.0)
        return self

    def _start(self, binary: str) -> None:
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    binary,
                    f"--config.file={self._folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self._port}",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.close()
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, 30)

    async def until(self, condition: Any, seconds: float) -> None:
        """Wait until the coroutine function `condition` says yes."""
        deadline = time.monotonic() + seconds
        while not await condition():
            if time.monotonic() > deadline:
                raise AssertionError((self._folder / "log").read_text(errors="replace")[-3000:])
            await asyncio.sleep(0.2)

    async def _ready(self) -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            return (await self._get("/-/ready"))[0] == 200
        return False

    async def _get(self, path: str, **params: str) -> tuple[int, Any]:
        assert self._http is not None
        async with self._http.get(f"http://127.0.0.1:{self._port}{path}", params=params) as answer:
            body = await answer.json() if "json" in answer.content_type else await answer.text()
            return answer.status, body

    async def ask(self, expression: str) -> list[dict[str, Any]]:
        """What an expression says now. An expression that is none fails the test."""
        status, body = await self._get("/api/v1/query", query=expression)
        assert status == 200, f"{expression}: {body}"
        found: list[dict[str, Any]] = body["data"]["result"]
        return found

    async def ask_range(self, expression: str, seconds: float) -> list[dict[str, Any]]:
        """What it said in the last `seconds`, each second."""
        end = time.time()
        status, body = await self._get(
            "/api/v1/query_range", query=expression, start=str(end - seconds), end=str(end), step="1"
        )
        assert status == 200, f"{expression}: {body}"
        found: list[dict[str, Any]] = body["data"]["result"]
        return found

    async def firing(self) -> set[str]:
        """Names of the alerts that fire now."""
        _, body = await self._get("/api/v1/alerts")
        return {one["labels"]["alertname"] for one in body["data"]["alerts"] if one["state"] == "firing"}
