"""What the engine tells the screens."""

from __future__ import annotations

from typing import Protocol

from dialer.domain.ids import UserId

FLOOR = "floor"
"""Topic of those who watch the whole centre."""


def user_topic(user: UserId) -> str:
    """Topic of one agent's own screen."""
    return f"user:{user}"


class Publisher(Protocol):
    """Cheap and synchronous: called in the middle of a call."""

    def publish(self, topic: str, kind: str, data: object) -> None:
        """Tell everybody who follows `topic`.

        `kind` and `data` are those of a `LiveMessage` in the API's description: agent (AgentView), call (CallView),
        card (Card; only to a user's topic), campaign (CampaignView), floor (FloorView). Never raises for a reader.
        """
        ...
