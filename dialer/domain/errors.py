"""The exception tree. Every error has a stable `code` for the API; no text ever holds personal data."""

from __future__ import annotations


class DialerError(Exception):
    """Root of all errors this service raises on purpose."""

    code = "error"


class IllegalTransitionError(DialerError):
    """An event that a state machine does not know in its present state; nothing was changed."""

    code = "illegal-transition"

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: {event} is not possible in state {state}")
        self.machine = machine
        self.state = state
        self.event = event


class NotFoundError(DialerError):
    """The object does not exist, or not for this client."""

    code = "not-found"


class ConflictError(DialerError):
    """The request contradicts the present state (somebody was first, or a rule forbids it)."""

    code = "conflict"


class ChangedSinceError(ConflictError):
    """Somebody changed it since it was read."""

    code = "changed-since"


class NotNowError(ConflictError):
    """What was asked is not possible now; `code` says why, in a word that the panel knows."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class InvalidError(DialerError):
    """The request is understood but not acceptable; `field` names where."""

    code = "invalid"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ForbiddenError(DialerError):
    """Signed in, but not allowed."""

    code = "forbidden"


class UnavailableError(DialerError):
    """A part we need (database, Asterisk, key) is not there now; trying later may work."""

    code = "unavailable"


class DiskFullError(UnavailableError):
    """There is no room where something must be kept; all goes on by itself once there is."""

    code = "disk-full"
