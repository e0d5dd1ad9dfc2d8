"""A supervisor's ear and voice in a call, as the API needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.domain.listening import Listener, ListenMode, ListenPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """Who asks. `name` is what the agent sees."""

    user: UserId
    name: str
    client: ClientId | None  # set: only this client's calls


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerView:
    """Who listens to a call, as the screens show it."""

    user: UserId
    name: str
    mode: str  # ListenMode
    purpose: str  # ListenPurpose
    hears: bool  # False: not yet, or not in this mode yet
    since: float  # unix seconds


class Ears(Protocol):
    """Errors are DialerErrors; a refusal's `code` is one of `services.listening.LISTEN_CODES`."""

    async def start(self, who: Supervisor, attempt: AttemptId, purpose: ListenPurpose) -> Listener:
        """Listen in: the supervisor's phone in the panel is rung, the resident told, and then it hears."""
        ...

    async def turn(self, who: Supervisor, attempt: AttemptId, mode: ListenMode) -> Listener:
        """Listen, whisper or join in: in the same call, without another ring."""
        ...

    async def stop(self, who: Supervisor, attempt: AttemptId) -> None:
        """Enough."""
        ...


def listener_view(listener: Listener) -> ListenerView:
    """As the screens show it."""
    return ListenerView(
        user=listener.user,
        name=listener.name,
        mode=listener.mode.value,
        purpose=listener.purpose.value,
        hears=listener.state.value == "hearing",
        since=listener.since,
    )
