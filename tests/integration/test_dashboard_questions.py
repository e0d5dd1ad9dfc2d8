"""Every question of every dashboard, asked of a real Prometheus: over all metrics that there are, and over the demo."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from dialer.demo.processes import free_port
from tests.support.dashboards import drawn
from tests.support.every_metric import count, everything
from tests.support.prometheus import Prometheus, needs_prometheus

ROOT = Path(__file__).parents[2]

pytestmark = [needs_prometheus, pytest.mark.timeout(420)]

NOT_IN_A_GOOD_DAY = {
    "dialer_results_late", "dialer_messages_dead", "dialer_result_files_dead", "dialer_files_missing",
    "dialer_calendars_silent", "dialer_report_differences", "dialer_report_readings_total",
    "dialer_pacing_ring_cuts_total", "dialer_notices_dead", "dialer_complaints_overdue",
    "dialer_certificate_ends_timestamp_seconds",
}  # fmt: skip
"""Labelled by what went wrong, or by what a demo has not: no sample in the demo."""


def questions() -> Iterator[tuple[str, str]]:
    """(board and title, expression), with a dashboard's variables filled in as Grafana does."""
    for name, board in drawn().items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "20s").replace("$campaign", ".*")
                yield f"{name}: {panel['title']}", expression


def has_data(answer: list[dict[str, Any]]) -> bool:
    values = [pair[1] for series in answer for pair in series.get("values", [series.get("value", (0, "NaN"))])]
    return any(not math.isnan(float(value)) for value in values)


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """All metrics that there are, the counters going up at each look."""
    metrics = everything()

    async def show(_request: web.Request) -> web.Response:
        count(metrics)
        return web.Response(body=metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4"})

    app = web.Application()
    app.router.add_get("/metrics", show)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"127.0.0.1:{port}"
    await runner.cleanup()


async def test_every_question_has_an_answer(address: str, tmp_path: Path) -> None:
    async with Prometheus(tmp_path / "prometheus", {"dialer": [address]}) as prometheus:

        async def looked() -> bool:
            return len(await prometheus.ask_range('up{job="dialer"}', 60)) == 1 and has_data(
                await prometheus.ask("rate(dialer_calls_answered_total[20s])")
            )

        await prometheus.until(looked, 90)
        asked = list(questions())
        assert len(asked) > 60
        for title, expression in asked:
            assert has_data(await prometheus.ask_range(expression, 60)), f"{title}: {expression}"


@pytest.mark.nightly  # four minutes: the forecast of reach is reckoned after two
@pytest.mark.system
async def test_the_demo_answers_every_question(tmp_path: Path) -> None:
    data = tmp_path / "data"
    demo = await asyncio.to_thread(_start_demo, data, tmp_path / "demo.log")
    try:
        target = await _metrics_of(tmp_path / "demo.log", demo)
        async with Prometheus(tmp_path / "prometheus", {"dialer": [target]}) as prometheus:
            waiting = dict(questions_of_the_demo())

            async def all_answered() -> bool:
                assert demo.poll() is None, (tmp_path / "demo.log").read_text(errors="replace")
                for title, expressions in list(waiting.items()):
                    left = [one for one in expressions if not has_data(await prometheus.ask_range(one, 400))]
                    waiting[title] = left
                    if not left:
                        del waiting[title]
                return not waiting

            try:
                await prometheus.until(all_answered, 330)
            except AssertionError:
                raise AssertionError(f"no data: {json.dumps(waiting, indent=1)}") from None
    finally:
        demo.send_signal(signal.SIGINT)
        await asyncio.to_thread(demo.wait, 60)


def _start_demo(data: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [
                sys.executable, "-m", "dialer", "demo", "--data-dir", str(data), "--residents", "600", "--agents", "8",
                "--speed", "120", "--port", str(free_port()), "--seed", "5", "--mode", "predictive",
            ],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=dict(os.environ),
        )  # fmt: skip


def questions_of_the_demo() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for title, expression in questions():
        if not any(name in expression for name in NOT_IN_A_GOOD_DAY):
            found.setdefault(title, []).append(expression)
    return found


async def _metrics_of(log: Path, demo: subprocess.Popen[bytes]) -> str:
    """Where the demo says that its metrics are."""
    for _ in range(1200):
        text = await asyncio.to_thread(log.read_text, errors="replace")
        assert demo.poll() is None, text
        if found := re.search(r"metrics +http://localhost:(\d+)/metrics", text):
            return f"127.0.0.1:{found.group(1)}"
        await asyncio.sleep(0.1)
    raise AssertionError("the demo did not come up")
