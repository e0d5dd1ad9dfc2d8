"""The numbers that the telephone system answers: clients' own and lines of other teams' queues, of this site alone.

What it was told is remembered, so that each look tells it what is new only; after an outage it is told all of it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dialer.services.ports.engine import BorrowedLine, EngineCampaign, EngineStore
from dialer.services.ports.telephony import Telephony


class AnsweredNumbers:
    """Keeps the telephone system's numbers as they should be."""

    def __init__(
        self,
        telephony: Telephony,
        store: EngineStore,
        campaigns: Callable[[], Sequence[EngineCampaign]],
        borrowed: Callable[[], Sequence[BorrowedLine]],
    ) -> None:
        self._telephony = telephony
        self._store = store
        self._campaigns = campaigns
        self._borrowed = borrowed
        self._named: set[tuple[str, str]] = set()  # numbers and their sounds
        self._lent: set[tuple[str, str, str]] = set()  # other teams' lines: number, sounds, where calls go back to
        self._foreign: frozenset[str] = frozenset()  # other sites' numbers, taken out

    def forget(self) -> None:
        """Whatever it was told may be gone: it is told all of it at the next look."""
        self._named.clear()
        self._lent.clear()
        self._foreign = frozenset()

    async def tend(self) -> None:
        """Tell what is new. Raises TelephonyError, UnavailableError; what was told until then is not told again."""
        await self._name_clients()
        await self._name_overflow()
        await self._forget_moved()

    async def _name_clients(self) -> None:
        """Whoever rings a client's number is taken once the telephone system knows it: new clients too."""
        for campaign in [one for one in self._campaigns() if one.state != "draft"]:
            name = (campaign.caller_id, campaign.sounds)
            if name not in self._named:
                await self._telephony.name_client(*name)
                self._named.add(name)

    async def _name_overflow(self) -> None:
        for borrowed in self._borrowed():
            line = borrowed.line
            told = (line.number, borrowed.sounds, line.back_number if line.active else "")
            if told in self._lent:
                continue
            if line.active:
                await self._telephony.name_overflow(line.number, borrowed.sounds, line.back_number)
            else:
                await self._telephony.forget_number(line.number)
            self._lent = {other for other in self._lent if other[0] != line.number} | {told}

    async def _forget_moved(self) -> None:
        """A number that is another site's is not answered here any more, whoever rings it."""
        elsewhere = await self._store.numbers_elsewhere()
        for number in elsewhere - self._foreign:
            await self._telephony.forget_number(number)
            self._foreign |= {number}
            self._named = {known for known in self._named if known[0] != number}
            self._lent = {known for known in self._lent if known[0] != number}
        self._foreign &= elsewhere
