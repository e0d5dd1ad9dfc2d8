"""Overflow: lines on which another team's queue hands us the calls that it cannot take.

Such a call is about none of our cases. Nothing of whoever calls is kept: no number, no name, no note. What we cannot
take either goes back to the other team.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.numbers import PhoneNumber, parse_number

_TEAM, _OPENING = 60, 300
MOST_WAITING, MOST_SECONDS = 50, 900
"""As many callers of a line, and so long (seconds), at most wait with us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverflowLine:
    """One line of one other team."""

    id: UUID
    client: ClientId
    campaign: CampaignId  # whose agents take its calls
    number: str  # E.164: where the other queue sends its calls; no number of a client's own
    team: str  # as callers and agents hear it: neutral, it never tells the trade
    opening: str  # what an agent says first
    back_number: str = field(repr=False)  # E.164: where a call goes that we cannot take
    hours: Sequence[Sequence[tuple[str, str]]]  # Monday to Sunday: stretches of hh:mm by the clock of Amsterdam
    after_own: bool = True  # served after our own callers; else in the order in which all of them came
    most_waiting: int = 3  # callers of this line who wait with us at a time
    most_seconds: int = 120  # so long one of them waits with us
    active: bool = True
    version: int = 1


class GivenBackWhy(StrEnum):
    """Why a call is not taken."""

    CLOSED = "closed"
    NOBODY = "nobody"  # no agent of the campaign is on duty
    FULL = "full"


def refusal(line: OverflowLine, *, open_now: bool, staffed: int, waiting: int) -> GivenBackWhy | None:
    """Why a call that comes in now goes back at once; None: we take it. `waiting`: callers of this line."""
    if not line.active or not open_now:
        return GivenBackWhy.CLOSED
    if staffed == 0:
        return GivenBackWhy.NOBODY
    return GivenBackWhy.FULL if waiting >= line.most_waiting else None


def sounds_folder(slug: str, number: str) -> str:
    """The folder of a line's messages: beside its client's, one for each number."""
    return f"{slug}-{number.removeprefix('+')}"


def check_line(line: OverflowLine, *, demo: bool) -> OverflowLine:
    """The line with its numbers as E.164. Raises InvalidError that names the field."""
    for name, text, most in (("team", line.team, _TEAM), ("opening", line.opening, _OPENING)):
        if not text.strip() or len(text) > most or not text.isprintable():
            raise InvalidError(f"1 tot {most} tekens", name)
    number, back = (_e164(line.number, "number", demo), _e164(line.back_number, "back_number", demo))
    if number == back:
        raise InvalidError("een gesprek zou zo steeds bij ons terugkomen", "back_number")
    if not 1 <= line.most_waiting <= MOST_WAITING:
        raise InvalidError(f"1 tot en met {MOST_WAITING}", "most_waiting")
    if not 10 <= line.most_seconds <= MOST_SECONDS:
        raise InvalidError(f"10 tot en met {MOST_SECONDS}", "most_seconds")
    return replace(line, team=line.team.strip(), opening=line.opening.strip(), number=number, back_number=back)


def _e164(written: str, name: str, demo: bool) -> str:
    number = parse_number(written, demo=demo)
    if not isinstance(number, PhoneNumber):
        raise InvalidError("dit is geen gewoon telefoonnummer", name)
    return number.e164
