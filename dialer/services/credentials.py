"""What sessions and tokens have in common: a secret that somebody shows, and an end that open connections hear of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from dialer.domain.errors import DialerError, InvalidError
from dialer.domain.ids import ClientId
from dialer.services.access import Role

_SECRET_LENGTH = 200


class NotSignedInError(DialerError):
    """No session or token, or one that is over."""

    code = "not-signed-in"


class EndWatchers:
    """Who wants to hear in this process that a session or token has ended."""

    def __init__(self) -> None:
        self._watchers: dict[UUID, dict[int, Callable[[], None]]] = {}
        self._count = 0

    def watch(self, credential: UUID, on_end: Callable[[], None]) -> Callable[[], None]:
        """Have `on_end` called when this session or token is ended; returns how to stop that."""
        self._count += 1
        number = self._count
        self._watchers.setdefault(credential, {})[number] = on_end

        def unwatch() -> None:
            watchers = self._watchers.get(credential, {})
            watchers.pop(number, None)
            if not watchers:
                self._watchers.pop(credential, None)

        return unwatch

    def ended(self, credentials: Sequence[UUID]) -> None:
        """Tell whoever watches one of these."""
        for credential in credentials:
            for on_end in list(self._watchers.get(credential, {}).values()):
                on_end()


def plausible(secret: str) -> bool:
    """Whether it can be one of ours at all; what cannot is not worth a hash."""
    return 0 < len(secret) <= _SECRET_LENGTH and secret.isascii()


def check_client(role: Role, client: ClientId | None) -> None:
    """Raises InvalidError."""
    if (role is Role.CLIENT) != (client is not None):
        raise InvalidError("role client, and only that role, needs a client", "client")
