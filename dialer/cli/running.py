"""What the service that runs says of a campaign, out of its own figures: the command line is another process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from dialer.config import Settings
from dialer.services.ports.campaigns import EngineFacts

_SECONDS = 3.0


async def facts_of(settings: Settings) -> Mapping[str, EngineFacts] | None:
    """By campaign's id; None when nobody answers at the figures' address (another machine's, or it does not run)."""
    address = f"http://{settings.http.metrics_host}:{settings.http.metrics_port}/metrics"
    try:
        async with asyncio.timeout(_SECONDS), aiohttp.ClientSession() as http, http.get(address) as answer:
            if answer.status != 200:
                return None
            return parse(await answer.text())
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None


def parse(text: str) -> Mapping[str, EngineFacts]:
    """Out of the text that Prometheus reads. Raises ValueError for another."""
    at_work = sum(count for labels, count in _samples(text, "dialer_agents") if labels["state"] != "off")
    held = {labels["campaign"]: labels["reason"] for labels, _ in _samples(text, "dialer_campaign_holding")}
    facts = {}
    for labels, free in _samples(text, "dialer_campaign_agents_free"):
        reason = held.get(labels["campaign"], "")
        facts[labels["campaign"]] = EngineFacts(
            reason=reason,
            owned=reason != "lease_elsewhere",
            on_duty=int(at_work),  # of all campaigns: nobody at all is told, nobody of this one as nobody free
            free_agents=int(free),
        )
    return facts


def _samples(text: str, name: str) -> Iterator[tuple[Mapping[str, str], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name:
                yield sample.labels, sample.value
