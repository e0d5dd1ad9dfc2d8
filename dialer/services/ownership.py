"""Which campaigns this process runs: a lease with an epoch for each, and the line out that belongs to that epoch."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.domain.ids import CampaignId
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import Ledger
from dialer.services.ports.telephony import Telephony
from dialer.services.runs import Run
from dialer.services.turn import LEASE_SECONDS

_LEASED_STATES = ("running", "draining", "paused")


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

    def owned(self) -> list[CampaignId]:
        """Campaigns whose lease this process holds."""
        return [campaign for campaign, run in self._runs.items() if run.epoch]

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
                run.line = ""
            run.epoch = 0 if lease is None else lease.epoch
        return taken

    async def open_lines(self) -> None:
        """Open a way out for each campaign that has none yet, and shut its earlier owners'. Raises TelephonyError."""
        for campaign, run in list(self._runs.items()):
            if run.epoch and not run.line:
                line = f"{campaign.hex}-{run.epoch}"
                await self._telephony.open_line(line, run.campaign.trunk)
                run.line = line

    def lines_lost(self) -> None:
        """The telephone system may have lost what it was told."""
        for run in self._runs.values():
            run.line = ""

    async def drop_leases(self) -> None:
        """Hand the campaigns back at a clean stop."""
        for campaign in self.owned():
            self._runs[campaign].epoch = 0
            await self._ledger.drop_lease(lease_name(campaign), self._owner)


def lease_name(campaign: CampaignId) -> str:
    """Name of a campaign's lease row."""
    return f"campaign:{campaign}"
