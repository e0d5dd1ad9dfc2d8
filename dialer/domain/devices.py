"""Names of agents' SIP accounts. They say nothing about who it is, and whether the phone is in a browser."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from dialer.domain.ids import UserId

OwnPhones = Literal["none", "tls", "udp"]
"""What agents' own phones may speak: nothing, SIP over TLS with encrypted sound, SIP over UDP in the clear."""
_BROWSER, _OWN = "w-", "a-"


def browser_device(user: UserId) -> str:
    """Account of the phone in the agent's panel; beside it stands the one of a phone of his own."""
    return f"{_BROWSER}{user.hex}"


def browser_user(device: str) -> UserId | None:
    """Whose phone in a browser this is; None for one of another kind."""
    try:
        return UserId(UUID(hex=device.removeprefix(_BROWSER))) if in_browser(device) else None
    except ValueError:
        return None


def own_device(user: UserId) -> str:
    """Account of a phone of the agent's own."""
    return f"{_OWN}{user.hex}"


def is_own(device: str) -> bool:
    """Whether this account belongs to an agent's own phone."""
    return device.startswith(_OWN)


def in_browser(device: str) -> bool:
    """Whether this account belongs to a phone in a browser."""
    return device.startswith(_BROWSER)


def kind_of_phone(device: str) -> str:
    """`browser`, `own`, or "" while the agent has chosen none."""
    if not device:
        return ""
    return "browser" if in_browser(device) else "own"
