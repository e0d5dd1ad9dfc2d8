"""Which secrets may change while the service runs, and how each is tried: built for the composition root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import asyncpg

from dialer.asterisk.link import LinkSettings, try_login
from dialer.asterisk.nodes import AsteriskNodes
from dialer.config import Settings
from dialer.exchange.mail import MailPost
from dialer.exchange.sms import SmsPost
from dialer.node_parts import Telephones, draining_of, nodes_of
from dialer.rotation import NotTakenError, Rotating
from dialer.security.master_key import parse_master_key
from dialer.security.relay import Relay
from dialer.security.vault import fingerprint
from dialer.services.ports.telephony import TelephonyError
from dialer.storage.connecting import only_standbys
from dialer.storage.pool import move_pool
from dialer.wiring import kicker_link_of, link_of


@dataclass(slots=True, kw_only=True)
class SecretUsers:
    """Whoever holds a secret in memory, and how a new one comes there; DialerError for one that is no good."""

    start: Settings  # whatever else changed in the settings waits for the restart
    dsn: str  # of the database, as it is used now
    pool: asyncpg.Pool
    standby: asyncpg.Pool | None  # of `database.reports_dsn`
    reports_dsn: str
    telephones: Telephones
    mail: MailPost | None
    sms: SmsPost | None
    relay: Relay | None

    def rotating(self) -> Sequence[Rotating]:
        """All that are in use here."""
        found = [
            Rotating(name="database.dsn", take=self._database),
            Rotating(name="asterisk.secret", take=self._asterisk),
            Rotating(name="keys.master", take=self._master),
        ]
        if self.standby is not None:
            found.append(Rotating(name="database.reports_dsn", take=self._reports))
        if len(self.telephones.nodes) > 1:
            found.append(Rotating(name="asterisk.draining", take=self._draining))
        if self.telephones.kickers:
            found.append(Rotating(name="asterisk.kick_secret", take=self._kick))
        if self.mail is not None:
            found.append(Rotating(name="mail.password", take=self._mail))
        if self.sms is not None:
            found.append(Rotating(name="sms.token", take=self._sms))
        if self.relay is not None:
            found.append(Rotating(name="relay.secret", take=self._relay))
        return found

    async def _database(self, now: Settings) -> None:
        await move_pool(self.pool, self.dsn, now.database.dsn)
        self.dsn = now.database.dsn

    async def _reports(self, now: Settings) -> None:
        assert self.standby is not None
        asked = only_standbys(now.database.reports_dsn)
        await move_pool(self.standby, only_standbys(self.reports_dsn), asked, reads_only=True)
        self.reports_dsn = now.database.reports_dsn

    async def _asterisk(self, now: Settings) -> None:
        renewed = {
            name: replace(link_of(one), secret=now.asterisk.secret) for name, one in nodes_of(self.start).items()
        }
        for link in renewed.values():
            await _let_in(link)
        for name, link in renewed.items():
            self.telephones.nodes[name].link.renew(link)

    async def _kick(self, now: Settings) -> None:
        renewed = {
            name: replace(kicker_link_of(one), secret=now.asterisk.kick_secret)
            for name, one in nodes_of(self.start).items()
        }
        for link in renewed.values():
            await _let_in(link)
        for name, link in renewed.items():
            self.telephones.kickers[name].renew(link)

    async def _draining(self, now: Settings) -> None:
        assert isinstance(self.telephones.whole, AsteriskNodes)
        try:
            self.telephones.whole.drain(draining_of(now))
        except TelephonyError as error:
            raise NotTakenError(f"asterisk.draining: {error}") from error

    async def _master(self, now: Settings) -> None:
        if fingerprint(parse_master_key(now.keys.master)) != fingerprint(parse_master_key(self.start.keys.master)):
            raise NotTakenError("another master key does not open what this one has sealed")

    async def _mail(self, now: Settings) -> None:
        assert self.mail is not None
        fault = await self.mail.renew(now.mail.password)
        if fault is not None:
            raise NotTakenError(f"the mail server: {fault.value}")

    async def _relay(self, now: Settings) -> None:
        assert self.relay is not None
        self.relay.renew(now.relay.secret)

    async def _sms(self, now: Settings) -> None:
        assert self.sms is not None
        self.sms.renew(now.sms.token)


async def _let_in(settings: LinkSettings) -> None:
    try:
        await try_login(settings)
    except TelephonyError as error:
        raise NotTakenError(f"asterisk: {error}") from error
