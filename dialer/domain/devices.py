"""Names of agents' SIP accounts. They say nothing about who it is, and whether the phone is in a browser."""

from __future__ import annotations

from dialer.domain.ids import UserId

_BROWSER = "w-"


def browser_device(user: UserId) -> str:
    """Account of the phone in the agent's panel; beside it stands the one of a phone of his own."""
    return f"{_BROWSER}{user.hex}"


def in_browser(device: str) -> bool:
    """Whether this account belongs to a phone in a browser."""
    return device.startswith(_BROWSER)


def kind_of_phone(device: str) -> str:
    """`browser`, `own`, or "" while the agent has chosen none."""
    if not device:
        return ""
    return "browser" if in_browser(device) else "own"
