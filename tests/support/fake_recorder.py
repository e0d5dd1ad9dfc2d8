"""`RecordingDesk` in memory, for tests of what is around it."""

from __future__ import annotations

from dialer.domain.ids import AttemptId, UserId
from dialer.domain.recording import Recording, RecordingState
from dialer.services.recorder import RecordingRefusedError


class FakeRecorder:
    """Remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, UserId, AttemptId]] = []
        self.refusal = ""

    async def agreed(self, user: UserId, attempt: AttemptId) -> Recording:
        return self._did("agreed", user, attempt, RecordingState.STARTING)

    async def pause(self, user: UserId, attempt: AttemptId) -> Recording:
        return self._did("pause", user, attempt, RecordingState.PAUSED)

    async def resume(self, user: UserId, attempt: AttemptId) -> Recording:
        return self._did("resume", user, attempt, RecordingState.STARTING)

    async def refuse(self, user: UserId, attempt: AttemptId) -> None:
        self._did("refuse", user, attempt, RecordingState.REFUSED)

    def _did(self, what: str, user: UserId, attempt: AttemptId, state: RecordingState) -> Recording:
        self.asked.append((what, user, attempt))
        if self.refusal:
            raise RecordingRefusedError(self.refusal)
        return Recording(attempt=attempt, state=state, since=1000.0)
