"""Pacing's past decisions, and what it has learned."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import CampaignId
from dialer.pacing.learned import Model
from dialer.pacing.learned_curves import RING_SECONDS, WRAP_SECONDS, learned
from dialer.pacing.past import Past, Step
from dialer.pacing.view import Settings
from dialer.pacing.words import because, held_by
from dialer.services.past_decisions import PastMinutes

_PARTS = ("morning", "afternoon", "evening", "saturday")


async def get_decisions(call: ApiCall) -> web.StreamResponse:
    """Some minutes."""
    minutes, given = call.query["minutes"], call.query.get("since")
    since = call.deps.clock.now() - timedelta(minutes=minutes) if given is None else datetime.fromisoformat(given)
    found = await call.deps.decisions.between(CampaignId(call.path["campaign"]), since, minutes)
    past = Past() if found is None else found.past
    return answer(
        {
            "since": since,
            "kept": found is not None,
            "decisions": past.decisions,
            "started": past.started,
            "hung_up": past.hung_up,
            "held": [
                {"code": held, "text": held_by(held, call.language), "decisions": count}
                for held, count in past.held.items()
            ],
            "settings": [_settings(each) for each in past.settings],
            "items": [] if found is None else [_item(step, found, call.language) for step in past.steps],
            "more": past.more,
        }
    )


def _settings(settings: Settings) -> dict[str, object]:
    return {
        "mode": settings.mode,
        "abandoned_percent": round(100 * settings.target, 3),
        "abandoned_hours": settings.window,
        "person_within_seconds": settings.threshold,
        "ring_cuts": settings.ring_cuts,
        "breath_seconds": settings.breath,
        "long_breath_seconds": settings.long_breath,
        "occupancy_percent": round(100 * settings.occupancy, 1),
    }


def _item(step: Step, found: PastMinutes, language: str) -> dict[str, object]:
    decision, why = step.decision, step.decision.reasons
    return {
        "at": found.moment(step.at),
        "until": found.moment(step.until),
        "decisions": step.decisions,
        "started": decision.start,
        "hung_up": len(decision.cancel),
        "mode": why.mode,
        "held": why.held,
        "surprise": why.surprise,
        "text": because(decision, language),
        "free": why.idle,
        "in_ring": why.rings,
        "inbound_waiting": step.inbound_waiting,
        "appointments_due": step.appointments_due,
        "answers": round(why.answers, 2),
        "agents": round(why.releases, 2),
        "risk_percent": round(100 * why.risk, 2),
        "accepted_percent": round(100 * why.allowed, 2),
        "budget": round(why.budget, 2),
        "settings": step.settings,
    }


async def get_learned(call: ApiCall) -> web.StreamResponse:
    """Curves."""
    kept = await call.deps.pacing_models.of(CampaignId(call.path["campaign"]))
    seen = learned(Model()) if kept is None else kept.learned
    return answer(
        {
            "at": None if kept is None else kept.at,
            "calls": seen.calls,
            "needed": seen.needed,
            "level": round(seen.level, 3),
            "ring_seconds": RING_SECONDS,
            "rings": asdict(seen.rings),
            "rings_before": asdict(seen.rings_before),
            "wrap_seconds": WRAP_SECONDS,
            "wraps": [asdict(wrap) for wrap in seen.wraps],
            "wraps_before": seen.wraps_before,
            "parts": {
                name: None if level is None else round(level, 3) for name, level in zip(_PARTS, seen.parts, strict=True)
            },
        }
    )


HANDLERS: Handlers = {"getDecisions": get_decisions, "getLearned": get_learned}
