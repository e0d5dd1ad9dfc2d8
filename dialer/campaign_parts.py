"""Builds what campaigns and their cases are steered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg

from dialer.asterisk.sounds import missing
from dialer.config import Settings
from dialer.domain.errors import ConflictError, InvalidError, UnavailableError
from dialer.domain.ids import CampaignId
from dialer.domain.numbers import PhoneNumber, parse_number
from dialer.schedule.planner.product import LearnedPlanner
from dialer.services.campaigns import CampaignService
from dialer.services.cases import CaseService
from dialer.services.engine import Engine
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.storage.campaign_trials import PgCampaignTrials
from dialer.storage.campaigns import PostgresCampaigns
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.engine import PgEngineStore
from dialer.storage.steering import PostgresCases


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignParts:
    """The services, and where a change is tried."""

    cases: CaseService
    campaigns: CampaignService
    trials: PgCampaignTrials


def campaign_parts(
    pool: asyncpg.Pool,
    settings: Settings,
    *,
    engine: Engine,
    voices: PgEngineStore,
    telephony: Telephony,
    catalogues: CatalogueStore,
    planner: LearnedPlanner,
    clock: Clock,
    ids: Ids,
) -> CampaignParts:
    """All of it, over one pool. `voices`: whose number and messages a test call has."""
    store = PostgresCases(pool, catalogues, planner)
    trials = PgCampaignTrials(pool, catalogues, planner)
    campaigns = CampaignService(
        PostgresCampaigns(pool),
        store,
        clock,
        ids,
        facts=engine.facts,
        missing_messages=partial(_missing_messages, settings),
        test_call=partial(_test_call, settings, voices, telephony, engine),
        trials=trials,
    )
    return CampaignParts(cases=CaseService(store, clock), campaigns=campaigns, trials=trials)


def _missing_messages(settings: Settings, slug: str) -> Sequence[str]:
    """Kinds of messages a client lacks; none where the sounds stand on another machine."""
    return missing(Path(settings.asterisk.sounds), slug) if settings.asterisk.sounds else []


async def _test_call(
    settings: Settings,
    store: PgEngineStore,
    telephony: Telephony,
    engine: Engine,
    campaign: CampaignId,
    to: str,
) -> None:
    """Ring a staff number; it must be one that may be dialled at all."""
    if engine.stopped:
        raise ConflictError("er geldt een noodstop")
    number = parse_number(to, demo=settings.service.demo)
    if not isinstance(number, PhoneNumber):
        raise InvalidError("dit nummer kan niet worden gebeld", "number")
    caller_id, sounds = await store.voice_of(campaign)
    try:
        await telephony.test_call(number.e164, caller_id, settings.asterisk.trunk, sounds)
    except TelephonyError as error:
        raise UnavailableError("de telefooncentrale antwoordt niet") from error
