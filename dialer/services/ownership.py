"""Which campaigns this process runs: a lease with an epoch for each, and the line out that belongs to that epoch."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from dialer.domain.ids import CampaignId
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import Ledger
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.runs import Run
from dialer.services.turn import LEASE_SECONDS

log = logging.getLogger(__name__)

_LEASED_STATES = ("draft", "running", "draining", "paused")
"""A draft is known to the engine only where it can be tried out."""


class Ownership:
    """Leases and lines of the campaigns in `runs`, which the engine keeps."""

    def __init__(
        self, runs: Mapping[CampaignId, Run], ledger: Ledger, telephony: Telephony, clock: Clock, *, owner: str
    ) -> None:
        self._runs = runs
        self._ledger = ledger
        self._telephony = telephony
        self._clock = clock
        self._owner = owner
        self.keeps = True
        """False while the telephone system loses what it is told: its disk is full."""

    def owned(self) -> list[CampaignId]:
        """Campaigns whose lease this process holds."""
        return [campaign for campaign, run in self._runs.items() if run.epoch]

    @property
    def whole(self) -> bool:
        """Every campaign that can be run is ours."""
        return all(run.epoch for run in self._runs.values() if run.campaign.state in _LEASED_STATES)

    async def keep_leases(self) -> list[CampaignId]:
        """Take or renew the lease of every campaign; returns those newly taken. Raises UnavailableError."""
        taken = []
        for campaign, run in list(self._runs.items()):
            if run.campaign.state not in _LEASED_STATES:
                run.epoch = 0
                continue
            name = lease_name(campaign)
            lease = await self._ledger.take_lease(name, self._owner, LEASE_SECONDS)
            if lease is not None and lease.epoch != run.epoch:
                taken.append(campaign)
                run.line, run.doubted = "", False
            run.epoch = 0 if lease is None else lease.epoch
        return taken

    async def open_lines(self) -> None:
        """Open a way out for each campaign that has none yet, and shut its earlier owners'.

        Where that is refused, `look` tries again: the other campaigns, and all else that is put right, go on.
        """
        for campaign, run in list(self._runs.items()):
            if run.epoch and not run.line and not run.doubted:
                line = _line(campaign, run.epoch)
                if await self._open(line, run):
                    run.line = line

    async def look(self) -> None:
        """Called every few seconds: does the telephone system keep what it was told? Raises TelephonyError.

        A line that it took and lost is opened anew each time, and used only once it is found at the next look: until
        then no call is claimed that could not leave.
        """
        keeps = await self._telephony.keeps()
        if keeps != self.keeps:
            log.log(logging.INFO if keeps else logging.ERROR, "asterisk keeps what it is told: %s (disk full?)", keeps)
        self.keeps = keeps
        for campaign, run in list(self._runs.items()):
            if not run.epoch or not (run.line or run.doubted):
                continue  # not ours, or not opened yet
            epoch, line = run.epoch, _line(campaign, run.epoch)
            found = await self._telephony.has_line(line)
            if run.epoch != epoch:
                continue  # taken from us, or anew, while we asked
            if found:
                run.line, run.doubted = line, False
                continue
            if not run.doubted:
                log.error("the way out was not kept campaign=%s", campaign)
            run.line, run.doubted = "", True
            await self._open(line, run)

    async def _open(self, line: str, run: Run) -> bool:
        try:
            await self._telephony.open_line(line, run.campaign.trunk)
        except TelephonyError as error:
            log.warning("no way out campaign=%s reason=%s", run.campaign.campaign, error)
            run.doubted = True
            return False
        return True

    def lines_lost(self) -> None:
        """The telephone system may have lost what it was told."""
        for run in self._runs.values():
            run.line, run.doubted = "", False

    async def drop_leases(self) -> None:
        """Hand the campaigns back at a clean stop."""
        for campaign in self.owned():
            self._runs[campaign].epoch = 0
            await self._ledger.drop_lease(lease_name(campaign), self._owner)


def _line(campaign: CampaignId, epoch: int) -> str:
    return f"{campaign.hex}-{epoch}"


def lease_name(campaign: CampaignId) -> str:
    """Name of a campaign's lease row."""
    return f"campaign:{campaign}"
