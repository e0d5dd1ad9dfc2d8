"""Phones in agents' browsers: an account for as long as its page and session last, and a ring as soon as it is there.

The account is the usual row in Asterisk's database. Its secret is drawn for each page that asks and lives in that
page's memory; a page that asks later takes the phone over. Signing out erases it, and so does a line that stays away.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from dialer.domain.agent import AgentState
from dialer.domain.devices import browser_device
from dialer.domain.errors import ConflictError, UnavailableError
from dialer.domain.ids import UserId
from dialer.services.floor import Floor
from dialer.services.legs import Legs
from dialer.services.ports.clock import Clock
from dialer.services.ports.duty import DutyStore
from dialer.services.ports.phones import BrowserGrant, RelayGrant
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

FORGET_AFTER = 120.0
"""Seconds after which the account of a page without a line is erased; a page that comes back asks for another."""


class OwnPhoneError(ConflictError):
    """The agent has chosen a phone of his own."""

    code = "own-phone"


class BrowserPhones:
    """The port `Phones`."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        legs: Legs,
        duty: DutyStore,
        clock: Clock,
        tasks: Tasks,
        *,
        sip_domain: str,
        serves: Callable[[], bool],
        relay: Callable[[str], RelayGrant | None] = lambda _device: None,
        on_gone: Callable[[UserId], None] = lambda _: None,
        forget_after: float = FORGET_AFTER,
    ) -> None:
        """`serves`: this process runs the calls; else agents are refused with `unavailable`. `relay`: by account.

        `on_gone`: told when a phone has no line any more.
        """
        self._on_gone = on_gone
        self._relay = relay
        self._floor = floor
        self._telephony = telephony
        self._legs = legs
        self._duty = duty
        self._clock = clock
        self._tasks = tasks
        self._sip_domain = sip_domain
        self._serves = serves
        self._forget_after = forget_after
        self._holders: dict[UserId, UUID] = {}  # whose account it is; a process that took over learns it by the line
        self._lines: Counter[UserId] = Counter()
        self._waits: dict[UserId, asyncio.Task[None]] = {}

    def line_of(self, user: UserId) -> str | None:
        """The account of a phone that has a line now; None where there is none."""
        return browser_device(user) if user in self._lines else None

    async def grant_listener(self, user: UserId, session: UUID) -> BrowserGrant:
        """See the port. Raises UnavailableError."""
        self._check()
        return await self._granted(user, session)

    async def grant(self, user: UserId, session: UUID, *, choose: bool) -> BrowserGrant:
        """See the port. Raises UnavailableError, OwnPhoneError, NotFoundError for who takes no calls."""
        self._check()
        device = browser_device(user)
        if not choose:
            chosen = self._floor.agent(user).device or (await self._duty.find(user)).device
            if chosen not in ("", device):
                raise OwnPhoneError("a phone of one's own was chosen")
        granted = await self._granted(user, session)
        self._floor.set_device(user, device, self._clock.wall())
        self._legs.let_go(user)  # it led to another page, or to another phone
        return granted

    async def _granted(self, user: UserId, session: UUID) -> BrowserGrant:
        device, secret = browser_device(user), secrets.token_hex(16)
        try:
            await self._telephony.set_device(device, secret, browser=True)
        except TelephonyError as error:
            raise UnavailableError("the telephone system does not answer") from error
        self._holders[user] = session
        self._wait(user)
        return BrowserGrant(username=device, secret=secret, domain=self._sip_domain, relay=self._relay(device))

    def open(self, user: UserId, session: UUID) -> None:
        """See the port."""
        self._check()
        self._holders.setdefault(user, session)
        self._lines[user] += 1
        self._legs.doubt(user, False)
        waiting = self._waits.pop(user, None)
        if waiting is not None:
            waiting.cancel()

    def registered(self, user: UserId) -> None:
        """See the port."""
        if self._floor.agent(user).device == browser_device(user):
            self._legs.ring(user)

    def closed(self, user: UserId) -> None:
        """See the port."""
        self._lines[user] -= 1
        if self._lines[user] <= 0:
            del self._lines[user]
            self._on_gone(user)
            self._legs.doubt(user, True)
            self._wait(user)

    def ended(self, user: UserId, session: UUID) -> None:
        """See the port."""
        if self._holders.get(user) != session:
            return
        del self._holders[user]
        if self._floor.agent(user).device == browser_device(user):
            self._legs.let_go(user)
        self._tasks.spawn("erase-phone", self._erase(user))

    def _check(self) -> None:
        if not self._serves():
            raise UnavailableError("this process does not run the calls, or does not know them yet")

    def _wait(self, user: UserId) -> None:
        if user in self._lines:
            return
        before = self._waits.pop(user, None)
        if before is not None:
            before.cancel()
        self._waits[user] = self._tasks.spawn("forget-phone", self._forget(user))

    async def _forget(self, user: UserId) -> None:
        """Erase the account unless the line comes back; a conversation goes on without it, so it is waited for."""
        while True:
            await asyncio.sleep(self._forget_after)
            if self._floor.agent(user).state not in (AgentState.RESERVED, AgentState.TALKING):
                break
        self._waits.pop(user, None)
        self._holders.pop(user, None)
        log.info("phone forgotten user=%s", user)
        await self._erase(user)

    async def _erase(self, user: UserId) -> None:
        try:
            await self._telephony.remove_device(browser_device(user))
        except TelephonyError as error:
            # Nobody knows its secret any more, and the next grant writes another.
            log.warning("phone not erased user=%s reason=%s", user, error)
