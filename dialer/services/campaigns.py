"""Campaigns: made, changed, started and stopped; and why one does not dial."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from dialer.domain.campaign import EVENT_OF, CampaignState, PreflightError, advance
from dialer.domain.campaign_settings import check_settings
from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError, UnavailableError
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.schedule import windows
from dialer.schedule.terms import term_policy
from dialer.services import diagnosis, trial
from dialer.services.campaign_terms import CampaignTerms, campaign_terms
from dialer.services.ports.campaigns import (
    CampaignRecord,
    CampaignStore,
    CampaignTrials,
    CampaignTried,
    CampaignWrite,
    CaseWhy,
    EngineFacts,
    Preflight,
    Why,
)
from dialer.services.ports.cases import CaseStore
from dialer.services.ports.clock import Clock, Ids
from dialer.services.preflight import preflight

Facts = Callable[[CampaignId], EngineFacts | None]
"""What the running centre says of a campaign; None where no centre runs."""

Messages = Callable[[str], Sequence[str]]
"""Kinds of message that have no sound in a client's folder (its slug). May read the disk: called in a thread."""

TestCall = Callable[[CampaignId, str], Awaitable[None]]
"""Rings a staff number with the campaign's caller ID."""


class CampaignDraft(Protocol):
    """What a new campaign is made from; None: the usual."""

    @property
    def client(self) -> ClientId:
        """Whose it is."""
        ...

    @property
    def name(self) -> str:
        """Unique for the client."""
        ...

    @property
    def calendar(self) -> Mapping[str, object] | None:
        """As `schedule.windows.parse` reads it."""
        ...

    @property
    def settings(self) -> Mapping[str, object] | None:
        """As `check_settings` takes them."""
        ...

    @property
    def starts_on(self) -> date | None:
        """First day of dialling."""
        ...

    @property
    def ends_on(self) -> date | None:
        """Last day of dialling."""
        ...


class CampaignService:
    """Use cases of campaigns. `actor` goes into the audit."""

    def __init__(
        self,
        store: CampaignStore,
        cases: CaseStore,
        clock: Clock,
        ids: Ids,
        *,
        facts: Facts,
        missing_messages: Messages,
        test_call: TestCall | None = None,
        trials: CampaignTrials | None = None,
    ) -> None:
        self._store = store
        self._cases = cases
        self._clock = clock
        self._ids = ids
        self._facts = facts
        self._missing_messages = missing_messages
        self._test_call = test_call
        self._trials = trials

    async def create(self, new: CampaignDraft, actor: str) -> CampaignId:
        """In state draft. Raises InvalidError, NotFoundError for the client, ConflictError for a name in use."""
        campaign = CampaignId(self._ids.new())
        calendar, settings = dict(new.calendar or {}), dict(new.settings or {})
        write = _checked(campaign, new.name, calendar, settings, new.starts_on, new.ends_on)
        await self._store.create(write, new.client, self._clock.now(), actor)
        return campaign

    async def update(self, campaign: CampaignId, version: int, change: Mapping[str, object], actor: str) -> None:
        """Change what `change` names; calendar and settings are replaced whole.

        Raises ChangedSinceError when it is not at `version` any more, InvalidError, NotFoundError, ConflictError.
        """
        now = self._clock.now()
        record = await self._store.record(campaign, now)
        write = _changed(record, change)
        if record.version != version or not await self._store.update(write, version, now, actor):
            raise ChangedSinceError("iemand anders heeft de belactie gewijzigd")

    async def try_change(self, campaign: CampaignId, change: Mapping[str, object]) -> CampaignTried:
        """What `change` would do to the next attempts of open cases; nothing is kept.

        Raises InvalidError, NotFoundError, UnavailableError where nothing is planned.
        """
        if self._trials is None:
            raise UnavailableError("hier wordt niet gepland")
        now = self._clock.now()
        write = _changed(await self._store.record(campaign, now), change)
        trials = self._trials
        open_cases, sample = await trials.sample(campaign, trial.SAMPLE)
        moved, closed = await trial.reckoned(sample, open_cases, lambda few: trials.effects(few, write, now))
        return CampaignTried(
            moved=moved, closed=closed, same=open_cases - moved - closed, estimated=open_cases > len(sample)
        )

    async def change_settings(self, campaign: CampaignId, settings: Mapping[str, Any], actor: str) -> None:
        """Change these settings, leave the others. Raises InvalidError, NotFoundError, ConflictError."""
        record = await self._store.record(campaign, self._clock.now())
        await self.update(campaign, record.version, {"settings": {**record.settings, **settings}}, actor)

    async def set_state(self, campaign: CampaignId, state: str, actor: str) -> None:
        """Start, pause, drain or stop. The state that it is in already is no error.

        Raises PreflightError, IllegalTransitionError, NotFoundError, ConflictError when somebody was first.
        """
        now = self._clock.now()
        record = await self._store.record(campaign, now)
        wanted = CampaignState(state)
        if record.state == wanted:
            return
        if wanted not in EVENT_OF:
            raise InvalidError("een belactie wordt niet weer concept", "state")
        advance(CampaignState(record.state), EVENT_OF[wanted])
        if wanted is CampaignState.RUNNING:
            check = await self.preflight(campaign, "nl")
            if not check.may_start:
                faults = [c.text for c in check.checks if c.blocking and not c.ok]
                raise PreflightError("; ".join(faults))
        if not await self._store.set_state(campaign, record.state, wanted.value, now, actor):
            raise ConflictError("iemand anders heeft de belactie net gewijzigd")

    async def set_agents(self, campaign: CampaignId, users: Sequence[UserId], actor: str) -> None:
        """Who works for it. Raises NotFoundError."""
        await self._store.set_agents(campaign, users, self._clock.now(), actor)

    async def preflight(self, campaign: CampaignId, language: str) -> Preflight:
        """What would happen if it started now. Raises NotFoundError."""
        now = self._clock.now()
        record = await self._store.record(campaign, now)
        counts = await self._store.counts(campaign, now)
        missing = await asyncio.to_thread(self._missing_messages, record.sounds)
        return preflight(record, counts, missing, self._facts(campaign), now, language)

    async def terms(self, campaign: CampaignId, language: str, *, whole: bool) -> CampaignTerms:
        """Until when it calls. `whole` False: small counts are left out. Raises NotFoundError."""
        now = self._clock.now()
        record = await self._store.record(campaign, now)
        ends = await self._store.ends(campaign)
        return campaign_terms(term_policy(record.client_settings), ends, windows.local_date(now), language, whole=whole)

    async def test_call(self, campaign: CampaignId, number: str, actor: str) -> None:
        """Ring a staff number, to see the caller ID and hear the safe message; not an attempt."""
        del actor  # audited by who asks: the number itself is not written down
        await self._store.record(campaign, self._clock.now())
        if self._test_call is None:
            raise UnavailableError("hier draait geen telefooncentrale")
        await self._test_call(campaign, number)

    async def why(self, campaign: CampaignId, language: str) -> Why:
        """The first rule that holds this campaign's calls back. Raises NotFoundError."""
        now = self._clock.now()
        record = await self._store.record(campaign, now)
        return diagnosis.why_campaign(record, self._facts(campaign), now, language)

    async def why_case(self, case: CaseId, language: str) -> CaseWhy:
        """The first rule that holds this resident back, and the plan explained. Raises NotFoundError."""
        now = self._clock.now()
        outlook = await self._cases.outlook(case, now)
        campaign = await self.why(outlook.campaign, language)
        facts = self._facts(outlook.campaign)
        waited_for = frozenset[str]() if facts is None else facts.waited_for
        return diagnosis.why_case(outlook, campaign, now, language, waited_for)

    async def why_case_then(self, case: CaseId, at: datetime, language: str) -> CaseWhy:
        """The first rule that held this resident back at a past moment, and why the next dial came when it did.

        Raises NotFoundError, InvalidError for a moment that has not been, or that was before the case.
        """
        if at.tzinfo is None:
            raise InvalidError("de tijd heeft geen tijdzone", "at")
        if at > self._clock.now():
            raise InvalidError("dit moment is nog niet geweest", "at")
        outlook = await self._cases.past(case, at)
        if outlook is None:
            raise InvalidError("deze zaak was er toen nog niet", "at")
        return diagnosis.why_case_then(outlook, at, language)

    async def find(self, name: str, client: str = "") -> CampaignId:
        """By name and the client's slug. Raises NotFoundError, ConflictError."""
        return await self._store.exists(name, client)


def _changed(record: CampaignRecord, change: Mapping[str, object]) -> CampaignWrite:
    values: dict[str, Any] = {
        "name": record.name,
        "calendar": record.calendar_json,
        "settings": record.settings,
        "starts_on": record.starts_on,
        "ends_on": record.ends_on,
    }
    if unknown := set(change) - set(values):
        raise InvalidError("dit is niet te wijzigen", min(unknown))
    return _checked(record.campaign, **(values | dict(change)))


def _checked(
    campaign: CampaignId,
    name: str,
    calendar: Mapping[str, Any],
    settings: Mapping[str, Any],
    starts_on: date | None,
    ends_on: date | None,
) -> CampaignWrite:
    title = name.strip()
    if not 1 <= len(title) <= 120 or not title.isprintable():
        raise InvalidError("geef een naam van hoogstens 120 tekens", "name")
    windows.parse(calendar)
    check_settings(settings)
    if starts_on is not None and ends_on is not None and starts_on > ends_on:
        raise InvalidError("de einddatum ligt voor de begindatum", "ends_on")
    return CampaignWrite(
        campaign=campaign, name=title, calendar=calendar, settings=settings, starts_on=starts_on, ends_on=ends_on
    )
