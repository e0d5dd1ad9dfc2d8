"""How many calls may leave now: bounds of the campaign, of its client and of the trunk. The narrowest holds.

Lines are counted from the floor, either way; calls that were decided on and are not on the floor yet count too. Starts
a second come out of buckets that hold a quarter of a second's worth, so that calls leave evenly and not in bursts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from dialer.domain.ids import CampaignId
from dialer.services.floor import Floor
from dialer.services.ports.engine import EngineCampaign

_BURST_SECONDS = 0.25  # as long as a claim takes on a busy day: what is not claimed in time would be lost


class Scope(StrEnum):
    """Whose bound it is."""

    CAMPAIGN = "campaign"
    CLIENT = "client"
    TRUNK = "trunk"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkBounds:
    """What the carrier takes on each trunk; 0: no bound of its own."""

    lines: int = 0
    calls_per_second: float = 0.0


class Left(NamedTuple):
    """What may leave now, and whose bound it is."""

    lines: int
    starts: int
    lines_of: Scope = Scope.CAMPAIGN
    starts_of: Scope = Scope.CAMPAIGN

    @property
    def calls(self) -> int:
        """That may leave."""
        return min(self.lines, self.starts)


@dataclass(slots=True)
class _Bucket:
    """Starts that may leave. Moments are `Clock.monotonic()` seconds."""

    tokens: float = 1.0
    refilled: float = 0.0

    def refill(self, now: float, rate: float) -> float:
        most = max(1.0, rate * _BURST_SECONDS)
        self.tokens = min(most, self.tokens + max(0.0, now - self.refilled) * rate)
        self.refilled = now
        return self.tokens


class Room:
    """Asked before each decision, told of what leaves."""

    def __init__(
        self, floor: Floor, campaigns: Callable[[], Iterable[EngineCampaign]], trunk: TrunkBounds | None = None
    ) -> None:
        """`campaigns`: all that this process knows."""
        self._floor = floor
        self._campaigns = campaigns
        self._trunk = trunk or TrunkBounds()
        self._buckets: dict[tuple[Scope, UUID | str], _Bucket] = {}
        self._coming: dict[CampaignId, int] = {}  # decided on, not on the floor yet

    def left(self, campaign: EngineCampaign, now: float) -> Left:
        """What is left for this campaign; never below zero."""
        lines = [(campaign.lines - self._lines(campaign.campaign), Scope.CAMPAIGN)]
        if campaign.client_lines:
            taken = sum(self._lines(one.campaign) for one in self._campaigns() if one.client == campaign.client)
            lines.append((campaign.client_lines - taken, Scope.CLIENT))
        if self._trunk.lines:
            taken = sum(self._lines(one.campaign) for one in self._campaigns() if one.trunk == campaign.trunk)
            lines.append((self._trunk.lines - taken, Scope.TRUNK))
        starts = [(bucket.refill(now, rate), scope) for scope, rate, bucket in self._rates(campaign)]
        fewest, lines_of = min(lines, key=lambda bound: bound[0])
        slowest, starts_of = min(starts, key=lambda bound: int(bound[0]))
        return Left(max(0, fewest), max(0, int(slowest)), lines_of, starts_of)

    def take(self, campaign: EngineCampaign, calls: int) -> None:
        """So many leave now; more than was left is paid back before the next."""
        for _, _, bucket in self._rates(campaign):
            bucket.tokens -= calls

    def coming(self, campaign: CampaignId, calls: int) -> None:
        """So many more (or fewer, below zero) are on their way to the floor."""
        self._coming[campaign] = self._coming.get(campaign, 0) + calls
        if not self._coming[campaign]:
            del self._coming[campaign]

    def wait(self, campaign: EngineCampaign) -> float:
        """Seconds until the next may leave."""
        return max((1.0 - min(bucket.tokens, 0.99)) / rate for _, rate, bucket in self._rates(campaign))

    def _lines(self, campaign: CampaignId) -> int:
        return self._floor.lines_of(campaign) + self._coming.get(campaign, 0)

    def _rates(self, campaign: EngineCampaign) -> list[tuple[Scope, float, _Bucket]]:
        rates: list[tuple[Scope, float, UUID | str]] = [
            (Scope.CAMPAIGN, campaign.calls_per_second, campaign.campaign),
            (Scope.CLIENT, campaign.client_calls_per_second, campaign.client),
            (Scope.TRUNK, self._trunk.calls_per_second, campaign.trunk),
        ]
        return [
            (scope, rate, self._buckets.setdefault((scope, whose), _Bucket())) for scope, rate, whose in rates if rate
        ]
