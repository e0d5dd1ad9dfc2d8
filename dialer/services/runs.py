"""What the engine remembers of each campaign while it runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from dialer.pacing.model import Decision
from dialer.services.ports.engine import EngineCampaign
from dialer.services.room import Left
from dialer.services.trunk_watch import TrunkWatch

_NOTHING = Left(0, 0)


@dataclass(slots=True)
class Run:
    """One campaign. Moments are `Clock.monotonic()` seconds."""

    campaign: EngineCampaign
    epoch: int = 0
    line: str = ""  # the way out that our epoch opened; calls leave over no other
    doubted: bool = False  # the telephone system took our line and did not keep it
    overdue: int = 0  # claims that have not come back in time
    busy: bool = False  # a claim is under way
    pending: int = 0  # calls for anybody that it will bring
    served: float = 0.0  # when it last started a call
    again: bool = False  # something changed meanwhile
    rest_until: float = 0.0  # nothing was due, or the carrier is ill
    left: Left = _NOTHING  # lines and starts, at the last decision
    waker: asyncio.TimerHandle | None = None
    trunk: TrunkWatch = field(default_factory=TrunkWatch)
    decision: Decision | None = None
    reason: str = ""
