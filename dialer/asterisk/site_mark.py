"""Whose Asterisk it is: the site's name, written in Asterisk's own database by whoever has that site's turn.

Two sites that command one Asterisk would each put right what the other does. So each connection begins with a look at
the mark, before anything else is heard or said; another site's Asterisk counts as one that does not answer. The mark
outlives a restart of Asterisk and any state of our own database. An Asterisk without one (new, or emptied) becomes that
of the first who works with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from dialer.asterisk.link import Ask, Link
from dialer.services.ports.telephony import TelephonyError

log = logging.getLogger(__name__)

SITE_ROW = ("dialer", "site")
"""Family and key of the mark in Asterisk's database."""
_SETTLED = 0.25
"""Seconds after which a mark is read back: of two who mark a new Asterisk in the same moment, the later one has it."""


class OtherSiteError(TelephonyError):
    """This Asterisk is another site's."""

    def __init__(self, holder: str, site: str) -> None:
        super().__init__(
            f"this Asterisk is that of site {holder}, and we call for site {site}: mend DIALER_ASTERISK_HOST, _PORT or "
            "DIALER_SERVICE_SITE, or bring it over with `dialer site take`"
        )


async def holder_of(ask: Ask) -> str:
    """The site whose Asterisk this is, "" for nobody's. Raises TelephonyError."""
    try:
        rows = await ask("DBGet", dict(zip(("Family", "Key"), SITE_ROW, strict=True)))
    except TelephonyError as error:
        if "not found" not in str(error).lower():
            raise
        return ""
    return next((row["Val"] for row in rows if row.get("Event") == "DBGetResponse"), "")


class SiteMark:
    """The mark of one node. Without a site nothing is looked at or written."""

    link: Link
    _site: str
    _store: Callable[[str, str, str], Awaitable[None]]

    async def _admit(self, ask: Ask) -> None:
        """A connection begins. Raises OtherSiteError."""
        if self._site:
            self._check(await holder_of(ask))

    async def _hold(self, *, settled: float = 0.0) -> None:
        """Mark an Asterisk that is nobody's; who stands by does not get here. Raises OtherSiteError, and hangs up then.

        One whose disk is full keeps no mark, and is used all the same: the next look marks it.
        """
        if not self._site:
            return
        holder = await holder_of(self.link.ask)
        if not holder:
            log.info("asterisk is now that of site=%s", self._site)
            try:
                await self._store(*SITE_ROW, self._site)
            except TelephonyError as error:
                if "failed to update" not in str(error).lower():
                    raise
            await asyncio.sleep(settled)
            holder = await holder_of(self.link.ask)
        try:
            self._check(holder)
        except OtherSiteError:
            self.link.hang_up()
            raise

    async def _hold_new(self) -> None:
        """As `_hold`, before any order is given: another site may mark it in this very moment."""
        await self._hold(settled=_SETTLED)

    def _check(self, holder: str) -> None:
        if holder not in ("", self._site):
            raise OtherSiteError(holder, self._site)
