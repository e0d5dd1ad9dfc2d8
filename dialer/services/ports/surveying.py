"""A survey after a conversation, in telephone words: it runs by itself, and keeps what is pressed until it is fetched.

Part of the port `Telephony`: `asterisk/` implements it, the fake of the tests does too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dialer.domain.ids import AttemptId, ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyBegun:
    """The resident hears the questions, alone; the agent's leg has left. `at`: wall time, unix seconds."""

    at: float
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyOrder:
    """Ask this resident or caller, who is in conversation now."""

    channel: ChannelId
    attempt: AttemptId
    sounds: str  # folder of the client's messages


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftSurvey:
    """What was pressed so far; the survey may be under way. `kept`: see `domain.survey.read_answers`."""

    attempt: AttemptId
    kept: str


class Surveying(Protocol):
    """Every action has a deadline and raises TelephonyError."""

    async def begin_survey(self, order: SurveyOrder) -> None:
        """Out of the conversation, to the questions. SurveyBegun follows, LegIdle of the agent's leg, then Ended."""
        ...

    async def end_survey(self, channel: ChannelId) -> None:
        """Thanks at once, and the end; one that is over already is no error."""
        ...

    async def collect_surveys(self) -> Sequence[LeftSurvey]:
        """All that is kept. It stays until `forget_survey`, so a crash loses none."""
        ...

    async def forget_survey(self, left: LeftSurvey) -> None:
        """The answers are committed with us."""
        ...
