"""A day that a real Prometheus watches by our own rules."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.support.day import Day
from tests.support.prometheus import RULES, Prometheus


def hurried() -> dict[str, Any]:
    """The rules, with minutes made seconds: 5m is 5s, and a quarter of an hour a quarter of a minute. What is counted
    over hours is counted over ten seconds for each."""
    rules: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule["expr"] = re.sub(r"\[(\d+)m\]", r"[\1s]", rule["expr"])
            rule["expr"] = re.sub(r"\[(\d+)h\]", r"[\g<1>0s]", rule["expr"])
            if "for" in rule:
                rule["for"] = rule["for"].replace("m", "s")
    return rules


@asynccontextmanager
async def watched(day: Day, folder: Path) -> AsyncIterator[Prometheus]:
    target = f"127.0.0.1:{day.dialers['service'].metrics_port}"
    async with Prometheus(folder / "prometheus", {"dialer": [target]}, hurried()) as prometheus:
        yield prometheus


async def fires(prometheus: Prometheus, alert: str, seconds: float = 90.0) -> None:
    async def firing() -> bool:
        return alert in await prometheus.firing()

    await prometheus.until(firing, seconds)


async def ends(prometheus: Prometheus, alert: str, seconds: float = 90.0) -> None:
    async def quiet() -> bool:
        return alert not in await prometheus.firing()

    await prometheus.until(quiet, seconds)


def settings_of(day: Day, **more: str) -> Mapping[str, str]:
    """What an operator's shell has."""
    plant = day.plant
    return {
        "DIALER_DATABASE_DSN": day.dsn(),
        "DIALER_ASTERISK_PORT": str(plant.instance.ami_port),
        "DIALER_ASTERISK_USERNAME": "dialer-beside",
        "DIALER_ASTERISK_SECRET": plant.ami_secret,
        "DIALER_ASTERISK_HTTP_PORT": str(plant.instance.http_port),
        "DIALER_ASTERISK_SOUNDS": plant.instance.folders.sounds,
        "DIALER_KEYS_MASTER": plant.master_key,
        **more,
    }
