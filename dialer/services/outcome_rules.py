"""A supervisor changes what follows an outcome: tried first, then kept as a new version, then brought to the cases.

Cases come to it in the background, a few at a time: the event loop has its turn between them, and a restart goes on
where it stopped. A case whose result stands already is not opened again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError
from dialer.domain.ids import CampaignId, CaseId, UserId
from dialer.domain.outcome import Catalogue, StepKind, step_json
from dialer.schedule.outcome_rules import changed, editable, kinds_for, revised, thens_for
from dialer.services import trial
from dialer.services.ports.clock import Clock
from dialer.services.ports.outcome_rules import (
    OutcomeRule,
    OutcomeRules,
    OutcomeRuleStore,
    RulesChanged,
    RulesVersion,
    RulesWrite,
    Unfinished,
)

MANY = 500
"""Cases that only change their version at a time."""

REMEMBERED = 50
"""Versions that a screen shows."""

BREATH = 0.02
"""Seconds between two times, so that calls come first."""


class Catalogues(Protocol):
    """Versions of the outcome catalogue."""

    async def get(self, version: int) -> Catalogue:
        """Raises NotFoundError."""
        ...


class OutcomeRuleService:
    """Reads and changes the rules of a campaign's outcomes."""

    def __init__(self, store: OutcomeRuleStore, catalogues: Catalogues, clock: Clock) -> None:
        self._store = store
        self._catalogues = catalogues
        self._clock = clock

    async def rules(self, campaign: CampaignId, language: str) -> OutcomeRules:
        """As they are. Raises NotFoundError."""
        version, waiting = await self._store.current(campaign)
        catalogue = await self._catalogues.get(version)
        rows = sorted(catalogue.outcomes.values(), key=lambda row: row.position)
        items = [
            OutcomeRule(
                code=row.code,
                label=row.label(language),
                editable=editable(row),
                step=step_json(row.step),
                kinds=[kind.value for kind in StepKind if editable(row) and kind in kinds_for(row)],
                thens=[kind.value for kind in StepKind if editable(row) and kind in thens_for(row)],
            )
            for row in rows
        ]
        return OutcomeRules(version=version, waiting=waiting, items=items)

    async def history(self, campaign: CampaignId) -> Sequence[RulesVersion]:
        """The newest versions that the campaign has and had. Raises NotFoundError."""
        await self._store.current(campaign)
        versions = []
        for kept in await self._store.history(campaign, REMEMBERED):
            catalogue = await self._catalogues.get(kept.version)
            steps = {row.code: step_json(row.step) for row in catalogue.outcomes.values() if editable(row)}
            versions.append(RulesVersion(version=kept.version, at=kept.at, by=kept.by, note=kept.note, steps=steps))
        return versions

    async def revise(
        self,
        campaign: CampaignId,
        base: int,
        steps: Mapping[str, Mapping[str, Any]],
        *,
        note: str,
        actor: str,
        user: UserId | None,
        dry_run: bool,
    ) -> RulesChanged:
        """Try a change of version `base`, and keep it unless `dry_run`; `note` must not name anybody.

        Raises InvalidError, NotFoundError, ChangedSinceError when the campaign has another version by now,
        ConflictError while an earlier change is still being brought to the cases.
        """
        if not dry_run and not note.strip():
            raise InvalidError("geef een reden", "note")
        version, waiting = await self._store.current(campaign)
        if version != base:
            raise ChangedSinceError("iemand anders heeft de regels gewijzigd")
        if waiting and not dry_run:
            raise ConflictError("een eerdere wijziging wordt nog doorgevoerd")
        old = await self._catalogues.get(base)
        new = revised(old, steps, await self._store.next_version())
        tried = await self._try(campaign, new, changed(old, new))
        if dry_run:
            return tried
        write = RulesWrite(
            campaign=campaign, base=base, catalogue=new, note=note.strip(), actor=actor, user=user,
            at=self._clock.now(),
        )  # fmt: skip
        if not await self._store.keep(write):
            raise ChangedSinceError("iemand anders heeft de regels gewijzigd")
        return RulesChanged(
            version=new.version, moved=tried.moved, closed=tried.closed, same=tried.same, estimated=tried.estimated
        )

    async def _try(self, campaign: CampaignId, new: Catalogue, codes: Collection[str]) -> RulesChanged:
        open_cases, had, sample = await self._store.affected(campaign, codes, trial.SAMPLE)
        now = self._clock.now()
        moved, closed = await trial.reckoned(sample, had, lambda few: self._store.effects(few, new, now))
        return RulesChanged(
            version=None, moved=moved, closed=closed, same=open_cases - moved - closed, estimated=had > len(sample)
        )

    async def tend(self) -> int:
        """Job: bring kept changes to the cases; how many changes were finished."""
        done = 0
        for change in await self._store.unfinished():
            done += await self._bring(change)
        return done

    async def _bring(self, change: Unfinished) -> bool:
        old, new = await self._catalogues.get(change.base), await self._catalogues.get(change.version)
        codes = changed(old, new)
        after: CaseId | None = None
        while part := await self._store.slice(change, codes, after, MANY):
            await self._store.adopt(change, codes, [case for case, had in part if not had])
            had_one = [case for case, had in part if had]
            for start in range(0, len(had_one), trial.FEW):
                await self._store.resettle(change, new, had_one[start : start + trial.FEW], self._clock.now())
                await asyncio.sleep(BREATH)
            after = part[-1][0]
        return await self._store.finish(change, self._clock.now())
