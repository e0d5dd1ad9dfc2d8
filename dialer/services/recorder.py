"""An agent's hands on the recording of his call: the port `RecordingDesk`.

In this order, always: the agent says that it is recorded, the resident says who he is and that it is all right, that
stands in the database, and only then anything is recorded. It pauses by itself as soon as others might be heard, and
goes on by the agent's hand alone. A refusal deletes before it asks anybody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from dialer.domain.call import CallEvent, CallState, Direction
from dialer.domain.errors import (
    ForbiddenError,
    IllegalTransitionError,
    NotNowError,
    UnavailableError,
)
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.domain.recording import LEAST_ROOM, Recording, RecordingEvent, RecordingState, advance
from dialer.services.floor import Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.recordings import RecordingSpool, RecordingStore
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

_ARRIVES_WITHIN = 3.0
"""Seconds from the order to the first sound in the spool; later it counts as failed, and the agent sees it."""
_LOOK_EVERY = 0.05

RECORDING_CODES = frozenset(
    {
        "recording-off", "recording-not-verified", "recording-crisis", "recording-refused", "recording-no-conversation",
        "recording-not-alone", "recording-no-room", "recording-no-place", "recording-not-running",
    }
)  # fmt: skip
"""Every code of a refusal that an agent can read."""


class RecordingRefusedError(NotNowError):
    """It cannot be done now; `code` says why."""


class Recorder:
    """The recordings of the live calls of this process. Without a spool nothing is recorded."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        store: RecordingStore | None,
        spool: RecordingSpool | None,
        clock: Clock,
        tasks: Tasks,
        *,
        campaign: Callable[[CampaignId], EngineCampaign | None],
        alone: Callable[[AttemptId], bool],
        serves: Callable[[], bool],
    ) -> None:
        """`alone`: agent and resident are, and no transfer is under way."""
        self._floor = floor
        self._telephony = telephony
        self._store = store
        self._spool = spool
        self._clock = clock
        self._tasks = tasks
        self._campaign = campaign
        self._alone = alone
        self._serves = serves
        self._locks: dict[AttemptId, asyncio.Lock] = {}
        self._owed_stops: set[AttemptId] = set()  # still recorded, as far as is known, and must not be
        self._owed_refusals: dict[AttemptId, UserId] = {}  # deleted; the database does not know it yet
        self.failed = 0
        """Recordings that brought no sound, for the metrics."""
        floor.listen(calls=self._call_changed)

    # -- what agents ask ----------------------------------------------------------------------------------

    async def agreed(self, user: UserId, attempt: AttemptId) -> Recording:
        """The resident was told and agrees. Raises NotFoundError, ForbiddenError, RecordingRefusedError,
        UnavailableError."""
        store, spool = self._ready()
        async with self._lock(attempt):
            live = self._conversation(user, attempt)
            known = live.info.recording
            if known is not None:
                if known.state is RecordingState.REFUSED:
                    raise RecordingRefusedError("recording-refused")
                return known
            self._check_place(spool, live)
            refused = await store.agreed(attempt, user, self._clock.now())
            if refused:
                raise RecordingRefusedError(refused)
            live = self._conversation(user, attempt)  # it may have ended, or gone to somebody else, meanwhile
            recording = Recording(attempt=attempt, part=spool.last_part(attempt) + 1, since=self._clock.wall())
            return await self._begin(live, recording, spool)

    async def resume(self, user: UserId, attempt: AttemptId) -> Recording:
        """Go on, in a new part. Raises as `agreed`."""
        _, spool = self._ready()
        async with self._lock(attempt):
            live = self._conversation(user, attempt)
            known = self._known(live)
            if known.state in (RecordingState.STARTING, RecordingState.RUNNING):
                return known
            self._check_place(spool, live)
            return await self._begin(live, self._after(known, RecordingEvent.RESUME), spool)

    async def pause(self, user: UserId, attempt: AttemptId) -> Recording:
        """Nothing is recorded when this returns. Raises as `agreed`."""
        self._ready()
        async with self._lock(attempt):
            live = self._own(user, attempt)
            known = self._known(live)
            try:
                await self._telephony.end_recording(live.call.channel)
            except TelephonyError as error:
                raise UnavailableError("the telephone system does not answer: it may still be recorded") from error
            self._owed_stops.discard(attempt)
            return self._put(self._after(known, RecordingEvent.PAUSE))

    async def refuse(self, user: UserId, attempt: AttemptId) -> None:
        """Stop and delete. What lies in memory goes first, whatever answers.

        Raises ForbiddenError, UnavailableError.
        """
        store, spool = self._ready()
        async with self._lock(attempt):
            live = self._floor.live(attempt)
            if live is None:
                await self._refuse_afterwards(store, spool, user, attempt)
                return
            if live.call.agent != user:
                raise ForbiddenError("this is somebody else's call")
            known = live.info.recording or Recording(attempt=attempt, since=self._clock.wall())
            self._put(self._after(known, RecordingEvent.REFUSE))
            spool.delete(attempt)
            await self._stop(attempt)
            spool.delete(attempt)  # a file that was opened in between
            self._owed_refusals[attempt] = user
            await self._tell_refusals()

    async def _refuse_afterwards(
        self, store: RecordingStore, spool: RecordingSpool, user: UserId, attempt: AttemptId
    ) -> None:
        """In the wrap-up: the database decides, for it knows whose call it was and whether it is filed."""
        if not await store.refuse(attempt, user, self._clock.now()):
            raise ForbiddenError("this call is not in your hands")
        spool.delete(attempt)

    def _ready(self) -> tuple[RecordingStore, RecordingSpool]:
        if not self._serves():
            raise UnavailableError("this process does not run the calls, or does not know them yet")
        if self._store is None or self._spool is None:
            raise RecordingRefusedError("recording-no-place")
        return self._store, self._spool

    def _check_place(self, spool: RecordingSpool, live: LiveCall) -> None:
        campaign = self._campaign(live.info.campaign)
        if campaign is None or campaign.recording != "on":
            raise RecordingRefusedError("recording-off")
        trouble = spool.trouble()
        if trouble:
            log.error("nothing is recorded: the folder for recordings %s", trouble)
            self.failed += 1
            raise RecordingRefusedError("recording-no-place")
        if spool.room() < LEAST_ROOM:
            self.failed += 1
            raise RecordingRefusedError("recording-no-room")

    def _own(self, user: UserId, attempt: AttemptId) -> LiveCall:
        live = self._floor.call(attempt)
        if live.call.agent != user:
            raise ForbiddenError("this is somebody else's call")
        return live

    def _conversation(self, user: UserId, attempt: AttemptId) -> LiveCall:
        live = self._own(user, attempt)
        if live.call.state is not CallState.JOINED or live.call.direction not in (Direction.IN, Direction.OUT):
            raise RecordingRefusedError("recording-no-conversation")
        if live.info.target is not None or not self._alone(attempt):
            raise RecordingRefusedError("recording-not-alone")
        return live

    def _known(self, live: LiveCall) -> Recording:
        if live.info.recording is None:
            raise RecordingRefusedError("recording-not-running")
        return live.info.recording

    def _lock(self, attempt: AttemptId) -> asyncio.Lock:
        return self._locks.setdefault(attempt, asyncio.Lock())

    # -- orders -------------------------------------------------------------------------------------------

    async def _begin(self, live: LiveCall, recording: Recording, spool: RecordingSpool) -> Recording:
        self._put(recording)
        attempt = recording.attempt
        try:
            await self._telephony.begin_recording(live.call.channel, *spool.places(attempt, recording.part))
        except TelephonyError as error:
            log.warning("not recorded attempt=%s reason=%s", attempt, error)
            self._owed_stops.add(attempt)  # it may have been heard all the same
            return self._fail(recording)
        now = self._of(attempt)
        if now is None or now.state is not RecordingState.STARTING:  # others may be heard since
            await self._stop(attempt)
        self._tasks.spawn("recording-runs", self._watch(attempt, recording.part, spool))
        return recording

    async def _watch(self, attempt: AttemptId, part: int, spool: RecordingSpool) -> None:
        """A file has no event. What does not come is told to the agent, and asked for no longer."""
        until = self._clock.monotonic() + _ARRIVES_WITHIN
        while True:
            recording = self._of(attempt)
            if recording is None or recording.part != part or recording.state is not RecordingState.STARTING:
                return
            if spool.arrived(attempt, part):
                self._put(self._after(recording, RecordingEvent.RUNS))
                return
            if self._clock.monotonic() > until:
                self._fail(recording)
                await self._stop(attempt)
                return
            await asyncio.sleep(_LOOK_EVERY)

    def _fail(self, recording: Recording) -> Recording:
        self.failed += 1
        return self._put(self._after(recording, RecordingEvent.FAIL))

    async def _stop(self, attempt: AttemptId) -> None:
        """Whoever does not answer is asked again each second, until the call is over."""
        self._owed_stops.add(attempt)
        live = self._floor.live(attempt)
        if live is not None:
            try:
                await self._telephony.end_recording(live.call.channel)
            except TelephonyError as error:
                log.warning("recording not stopped yet attempt=%s reason=%s", attempt, error)
                return
        self._owed_stops.discard(attempt)

    async def _tell_refusals(self) -> None:
        store, _ = self._ready()
        for attempt, user in list(self._owed_refusals.items()):
            try:
                await store.refuse(attempt, user, self._clock.now())
            except UnavailableError:
                log.warning("a refusal is not written yet attempt=%s", attempt)
                return
            self._owed_refusals.pop(attempt, None)

    # -- what happens -------------------------------------------------------------------------------------

    def _call_changed(self, live: LiveCall, _event: CallEvent, _at: float) -> None:
        """Others than these two may be heard now, or nobody."""
        attempt = live.call.attempt
        if not live.call.live:
            self._locks.pop(attempt, None)
            self._owed_stops.discard(attempt)
            return
        recording = self._of(attempt)
        if recording is None:
            return
        if live.call.state is CallState.JOINED or recording.state is RecordingState.REFUSED:
            return
        if recording.state in (RecordingState.STARTING, RecordingState.RUNNING):
            self._put(self._after(recording, RecordingEvent.PAUSE))
            self._order("stop-recording", self._stop(attempt))

    def keep(self) -> None:
        """Once a second: what was not done is done."""
        for attempt in list(self._owed_stops):
            self._order("stop-recording", self._stop(attempt))
        if self._owed_refusals:
            self._order("refusals", self._tell_refusals())

    async def adopt(self) -> None:
        """After a moment in which events may have been missed, or when this process begins.

        What an earlier process had recorded is stopped: nobody could pause it in between. The agent lets it go on.
        Raises UnavailableError, TelephonyError.
        """
        if self._store is None or self._spool is None:
            return
        unknown = [one for one in self._floor.calls() if one.info.recording is None]
        standing = await self._store.standing([live.call.attempt for live in unknown])
        for live in unknown:
            attempt = live.call.attempt
            row = standing.get(attempt)
            if row is None or self._of(attempt) is not None:
                continue
            await self._telephony.end_recording(live.call.channel)
            state = RecordingState.PAUSED if row.state == "open" else RecordingState.REFUSED
            part = max(1, self._spool.last_part(attempt))
            self._put(Recording(attempt=attempt, state=state, part=part, since=self._clock.wall()))

    # -- keeping ------------------------------------------------------------------------------------------

    def _of(self, attempt: AttemptId) -> Recording | None:
        live = self._floor.live(attempt)
        return None if live is None else live.info.recording

    def _after(self, recording: Recording, event: RecordingEvent) -> Recording:
        try:
            return advance(recording, event, self._clock.wall())
        except IllegalTransitionError:
            raise RecordingRefusedError("recording-refused") from None

    def _put(self, recording: Recording) -> Recording:
        self._floor.set_recording(recording.attempt, recording)
        return recording

    def _order(self, name: str, job: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(name, job)
