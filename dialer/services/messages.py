"""Short words of a supervisor to one agent, shown until the agent says that they were read.

They are in memory only and never stored: somebody may write a resident's name in them. The audit says who wrote to
whom and when it was read, not what. What is unread when this process ends is gone, and the floor's count with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from dialer.domain.agent import Agent, AgentState
from dialer.domain.errors import NotNowError, UnavailableError
from dialer.domain.ids import UserId
from dialer.services.floor import Floor
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.desk import MessageView

MOST_UNREAD = 3
"""An agent in a conversation reads no more than that."""
MESSAGE_CODES = frozenset({"message-off-duty", "message-unread"})
"""Codes of a refusal."""


class MessageRefusedError(NotNowError):
    """The message was not shown; `code` says why."""


class Messages:
    """Unread messages of this process's agents."""

    def __init__(
        self,
        floor: Floor,
        audit: AuditLog,
        clock: Clock,
        *,
        new_id: Callable[[], UUID],
        serves: Callable[[], bool],
    ) -> None:
        self._floor = floor
        self._audit = audit
        self._clock = clock
        self._new_id = new_id
        self._serves = serves
        self._unread: dict[UserId, list[MessageView]] = {}
        self.on_change: Callable[[UserId], None] = lambda _: None
        """Told whose messages have changed."""
        floor.listen(agents=self._agent_changed)

    async def send(self, user: UserId, text: str, *, sender: str, actor: str) -> None:
        """Show `text` to the agent. Raises MessageRefusedError, UnavailableError."""
        self._check(user)
        await self._audit.record(AuditEntry(actor=actor, action="message.send", subject_kind="user", subject=str(user)))
        self._check(user)  # he may have gone meanwhile
        message = MessageView(id=self._new_id(), text=text, sender=sender, at=self._clock.wall())
        self._unread.setdefault(user, []).append(message)
        self.on_change(user)

    async def read(self, user: UserId, message: UUID) -> None:
        """The agent has read it; twice is no error."""
        before = self._unread.get(user, [])
        after = [one for one in before if one.id != message]
        if len(after) == len(before):
            return
        entry = AuditEntry(actor=f"user:{user}", action="message.read", subject_kind="user", subject=str(user))
        await self._audit.record(entry)
        self._unread[user] = [one for one in self._unread.get(user, []) if one.id != message]
        self.on_change(user)

    def of(self, user: UserId) -> Sequence[MessageView]:
        """Unread ones, the oldest first."""
        return tuple(self._unread.get(user, ()))

    def _check(self, user: UserId) -> None:
        if not self._serves():
            raise UnavailableError("this process does not run the calls, or does not know them yet")
        if self._floor.agent(user).state is AgentState.OFF:
            raise MessageRefusedError("message-off-duty")
        if len(self._unread.get(user, ())) >= MOST_UNREAD:
            raise MessageRefusedError("message-unread")

    def _agent_changed(self, _before: Agent, after: Agent, _at: float) -> None:
        if after.state is AgentState.OFF:
            self._unread.pop(after.user, None)  # nobody finds yesterday's words in the morning
