"""The part of the port that asks residents two questions: a place of the dialplan, and rows of Asterisk's database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from dialer.asterisk.forms import NAME, matching
from dialer.asterisk.link import Headers
from dialer.domain.ids import AttemptId, ChannelId
from dialer.services.ports.surveying import LeftSurvey, SurveyOrder
from dialer.services.ports.telephony import TelephonyError

_FAMILY = "survey"


class SurveyActions:
    """AMI actions; what happened is told by events."""

    _act: Callable[[str, Mapping[str, str | Sequence[str]]], Awaitable[Headers]]
    _tree: Callable[[str], Awaitable[Sequence[Headers]]]
    _erase: Callable[[str, str], Awaitable[None]]

    async def begin_survey(self, order: SurveyOrder) -> None:
        """The agent's leg is left alone in the bridge, and goes on by itself."""
        for name, value in (("DIALER_SURVEY", str(order.attempt)), ("DIALER_SOUNDS", matching(NAME, order.sounds))):
            await self._act("Setvar", {"Channel": order.channel, "Variable": name, "Value": value})
        await self._act("Redirect", {"Channel": order.channel, "Context": "survey", "Exten": "s", "Priority": "1"})

    async def end_survey(self, channel: ChannelId) -> None:
        """The last words of the same place."""
        try:
            await self._act("Redirect", {"Channel": channel, "Context": "survey", "Exten": "over", "Priority": "1"})
        except TelephonyError as error:
            if "does not exist" not in str(error).lower() and "no such channel" not in str(error).lower():
                raise

    async def collect_surveys(self) -> Sequence[LeftSurvey]:
        """Read what was pressed; nothing is erased."""
        found = []
        for row in await self._tree(_FAMILY):
            try:
                attempt = AttemptId(UUID(row.get("Key", "").split("/")[-1]))
            except ValueError:
                continue
            found.append(LeftSurvey(attempt=attempt, kept=row.get("Val", "")))
        return found

    async def forget_survey(self, left: LeftSurvey) -> None:
        """Erase one row; one that stays is fetched again."""
        await self._erase(_FAMILY, str(left.attempt))
