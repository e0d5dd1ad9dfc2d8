"""Calls that another team's queue hands to us: taken after our own callers, or with them, else given back.

They wait in the same queue and are joined as every caller is; only what is taken, and for how long, is decided here.
Nothing of whoever calls is kept. Where nobody of ours answers, the dialplan gives the call back by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from dialer.domain import call as calls
from dialer.domain.call import CallState, Direction
from dialer.domain.ids import AttemptId, CampaignId
from dialer.domain.overflow import refusal
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.journal import Journal
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.engine import BorrowedLine
from dialer.services.ports.ledger import CallFact, InboundCall
from dialer.services.ports.telephony import CallerArrived, CallerRoute, GivenBack, Route

log = logging.getLogger(__name__)


class Overflow:
    """The lines of other teams."""

    def __init__(
        self,
        floor: Floor,
        journal: Journal,
        clock: Clock,
        ids: Ids,
        *,
        staffed: Callable[[CampaignId], int],
        tell: Callable[[CallerRoute], None],
    ) -> None:
        """`staffed`: agents on duty for a campaign; `tell`: brings a route to the telephone system."""
        self._floor = floor
        self._journal = journal
        self._clock = clock
        self._ids = ids
        self._staffed = staffed
        self._tell = tell
        self.not_given_back = 0
        """Calls that the other team's telephone system would not have back, for the metrics."""

    def arrived(self, event: CallerArrived, borrowed: BorrowedLine) -> None:
        """A call of another team's queue: taken, or given back once the caller was told so."""
        line, now = borrowed.line, self._clock.now()
        attempt = AttemptId(self._ids.new())
        why = refusal(
            line,
            open_now=borrowed.calendar.is_open(now),
            staffed=self._staffed(line.campaign),
            waiting=sum(
                live.info.borrowed is not None and live.info.borrowed.line.id == line.id
                for live in self._floor.expected()
            ),
        )
        call = calls.inbound(attempt, event.channel, event.at, Direction.OVERFLOW)
        info = CallInfo(
            campaign=line.campaign, client=line.client, case=None, closed=why is not None, borrowed=borrowed
        )
        self._floor.add(LiveCall(call, info))
        self._journal.inbound(
            InboundCall(
                attempt=attempt,
                channel=event.channel,
                client=line.client,
                campaign=line.campaign,
                number=None,
                case=None,
                at=now,
                wall_at=self._clock.wall_utc(),
                overflow=line.id,
            )
        )
        route = Route.QUEUE if why is None else Route.CLOSED
        self._tell(CallerRoute(channel=event.channel, route=route, sounds=borrowed.sounds))

    def keep(self) -> None:
        """Each second: who has waited as long as his line lets him goes back to his team."""
        now = self._clock.wall()
        for live in self._floor.queue():
            borrowed = live.info.borrowed
            if borrowed is None or live.call.state is not CallState.WAITING:
                continue
            if now - live.call.claimed_at >= borrowed.line.most_seconds:
                self._floor.amend(live, info=replace(live.info, closed=True))
                self._tell(CallerRoute(channel=live.call.channel, route=Route.CLOSED, sounds=borrowed.sounds))

    def given_back(self, event: GivenBack) -> None:
        """The other team's telephone system has taken the call, or would not; the caller then heard so."""
        live = self._floor.find(event.channel)
        if not event.taken:
            self.not_given_back += 1
            log.error("overflow call not given back: the other team's telephone system refused the transfer")
        if live is None:
            return
        self._journal.fact(
            CallFact(
                attempt=live.call.attempt,
                kind="given_back",
                at=self._clock.now(),
                wall_at=self._clock.wall_utc(),
                actor="asterisk",
                state=live.call.state.value,
                data={"taken": event.taken},
            )
        )
