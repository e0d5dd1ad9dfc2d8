"""What a transfer asks of the telephone system, carried out in order; and what no process knows of, put right."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial
from typing import Any

from dialer.domain.agent import AgentEvent, AgentState, LegState
from dialer.domain.errors import DialerError
from dialer.domain.ids import CampaignId, ChannelId
from dialer.domain.transfer import LONGEST, Do, Transfer, TransferState
from dialer.services.floor import Floor
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.switching import TargetOrder
from dialer.services.ports.telephony import ChannelFact, ChannelKind, Telephony, TelephonyError
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)


class TransferHands:
    """Orders to the telephone system."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        clock: Clock,
        tasks: Tasks,
        *,
        campaign: Callable[[CampaignId], EngineCampaign | None],
        line: Callable[[CampaignId], str],
        number: Callable[[Transfer], str | None],
        on_refused: Callable[[Transfer], None],
        on_ready: Callable[[Transfer], None],
    ) -> None:
        """`line`: the way out of a campaign that is ours; empty: none. `number`: of the target, E.164.

        `on_refused`: an order failed, or nobody knows; `on_ready`: a colleague, who need not be rung.
        """
        self._floor = floor
        self._telephony = telephony
        self._clock = clock
        self._tasks = tasks
        self._campaign = campaign
        self._line = line
        self._number = number
        self._on_refused = on_refused
        self._on_ready = on_ready
        self._doubted: set[ChannelId] = set()

    def begin(self, transfer: Transfer) -> None:
        """Music for the resident."""
        self._tasks.spawn("transfer", self._ordered(transfer, self._telephony.hold(transfer.resident, transfer.leg)))

    def do(self, transfer: Transfer, todo: tuple[Do, ...]) -> None:
        """One after the other. What a refusal leaves undone is asked for anew; the target is let go in any case."""
        if todo:
            self._tasks.spawn("transfer", self._carry_out(transfer, todo))

    def hang_up(self, channel: ChannelId) -> None:
        """A channel that nobody needs."""
        self._tasks.spawn("transfer", self._guarded(partial(self._telephony.hang_up, channel)))

    async def _ordered(self, transfer: Transfer, order: Coroutine[Any, Any, None]) -> bool:
        try:
            await order
        except TelephonyError as error:
            log.warning("transfer not carried out attempt=%s reason=%s", transfer.attempt, error)
            self._on_refused(transfer)
            return False
        return True

    async def _carry_out(self, transfer: Transfer, todo: tuple[Do, ...]) -> None:
        refused = False
        for one in todo:
            if one is Do.DROP:
                await self._drop(transfer)
            elif one is Do.RING and transfer.colleague is not None:
                self._on_ready(transfer)
            elif not refused:
                refused = not await self._ordered(transfer, self._action(transfer, one))

    async def _action(self, transfer: Transfer, do: Do) -> None:
        phone, resident, leg, target = self._telephony, transfer.resident, transfer.leg, transfer.channel
        match do:
            case Do.RING:
                await self._ring(transfer)
            case Do.MEET:
                await phone.join(target, leg, mark=False)
            case Do.GATHER:
                await phone.gather(resident, leg)
            case Do.LEAVE:
                await phone.send_home(leg)
            case Do.HAND:
                await phone.join(resident, target, mark=True)
            case Do.REJOIN:
                await phone.join(resident, leg, mark=True)
            case Do.RELEASE:
                await phone.release(resident)

    async def _ring(self, transfer: Transfer) -> None:
        live = self._floor.live(transfer.attempt)
        campaign = None if live is None else self._campaign(live.info.campaign)
        number = self._number(transfer)
        line = "" if campaign is None else self._line(campaign.campaign)
        if campaign is None or number is None or not line:
            raise TelephonyError("no way out for this transfer")
        await self._telephony.ring_target(
            TargetOrder(
                target=transfer.channel,
                number=number,
                caller_id=campaign.caller_id,
                ring_seconds=LONGEST[TransferState.RINGING],
                trunk=line,
                near=None if live is None else live.call.channel,
            )
        )

    async def _drop(self, transfer: Transfer) -> None:
        if transfer.colleague is None:
            await self._guarded(partial(self._telephony.hang_up, transfer.channel))
            return
        agent = self._floor.agent(transfer.colleague)
        if agent.attempt != transfer.attempt or agent.state is not AgentState.RESERVED:
            return  # he has the call, or nothing to do with it
        if agent.leg is LegState.IN_CALL:
            await self._guarded(partial(self._telephony.send_home, transfer.channel))
        self._floor.try_act(transfer.colleague, AgentEvent.RELEASE, self._clock.wall())

    async def _guarded(self, order: Callable[[], Awaitable[None]]) -> None:
        try:
            await order()  # called only here: cancelled before its first step, it leaves nothing that nobody awaits
        except (TelephonyError, DialerError) as error:
            log.warning("transfer: an order was refused, the next look at the channels puts it right reason=%s", error)

    def compare(self, facts: Collection[ChannelFact], mine: Collection[ChannelId]) -> None:
        """What a process that knows nothing of a transfer finds is ended in the resident's favour: who hears music goes
        to the rescue and so to his agent; a leg that asks somebody goes home; a target without a resident is hung up.

        `mine`: channels of transfers under way. Acted on at the second look: an event may just be arriving.
        """
        with_resident = {fact.target for fact in facts}
        stray = {
            fact.channel: fact
            for fact in facts
            if (fact.on_hold or fact.consults or fact.kind is ChannelKind.TARGET)
            and fact.channel not in with_resident
            and fact.channel not in mine
        }
        for channel in stray.keys() & self._doubted:
            log.warning("a transfer of nobody is ended kind=%s", stray[channel].kind)
            self._tasks.spawn("transfer", self._guarded(partial(self._ended, stray[channel])))
        self._doubted = set(stray)

    async def _ended(self, fact: ChannelFact) -> None:
        if fact.on_hold:
            await self._telephony.release(fact.channel)
        elif fact.consults:
            await self._telephony.send_home(fact.channel)
        else:
            await self._telephony.hang_up(fact.channel)
