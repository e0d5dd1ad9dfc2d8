"""The part of the port that lives in Asterisk's own database: phones' accounts, numbers, lines out, what callers left.

It is there still when we are not: what the dialplan and sorcery read from it holds while no dialer runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from dialer.asterisk.config.devices import (
    FAMILY,
    device_objects,
    device_removals,
    endpoint_of,
    line_objects,
    line_removals,
    sound_at,
)
from dialer.asterisk.forms import LINE, NAME, NUMBER, matching
from dialer.asterisk.link import Headers, Link
from dialer.domain.devices import OwnPhones, in_browser, is_own
from dialer.services.ports.telephony import LeftCallback, TelephonyError

_COPIED = ("did", f"{FAMILY}/auth", f"{FAMILY}/aor", f"{FAMILY}/endpoint")
"""What every node has alike; an endpoint comes last: until it is there nobody can register."""


class KeptRows:
    """Rows of a family and a key, read and written over the link."""

    link: Link
    _act: Callable[[str, Mapping[str, str | Sequence[str]]], Awaitable[Headers]]
    _media_address: str
    _trunk_user: str
    _trunk_tls: bool
    _own_phones: OwnPhones
    _mark: int = 0

    # -- accounts and numbers -----------------------------------------------------------------------------

    async def set_device(self, device: str, secret: str, *, browser: bool = False) -> None:
        """Write the SIP account into the database that Asterisk's sorcery reads."""
        tls = self._own_phones == "tls" and not browser
        if not browser:
            await self._erase(f"{FAMILY}/endpoint", endpoint_of(device, tls=not tls))
        for family, key, value in device_objects(
            device, secret, media_address=self._media_address, browser=browser, tls=tls
        ):
            await self._store(family, key, value)

    async def remove_device(self, device: str) -> None:
        """Take the account away; a registered phone loses its next registration."""
        for family, key in device_removals(device):
            await self._erase(family, key)

    def _endpoint(self, device: str) -> str:
        return endpoint_of(matching(NAME, device), tls=self._own_phones == "tls" and not in_browser(device))

    async def _shut_phones(self) -> None:
        """Accounts of own phones that are from before, when these might speak otherwise, are no way in any more."""
        if self._own_phones == "udp":
            return
        for row in await self._tree(f"{FAMILY}/endpoint"):
            name = row.get("Key", "").rpartition("/")[2]
            device = name.partition("@")[0]
            if is_own(device) and (self._own_phones == "none" or name != endpoint_of(device, tls=True)):
                await self._erase(f"{FAMILY}/endpoint", name)

    async def name_client(self, dialed: str, sounds: str) -> None:
        """Remember which messages callers of this number hear."""
        await self._store("did", matching(NUMBER, dialed), matching(NAME, sounds))

    async def name_overflow(self, dialed: str, sounds: str, back: str) -> None:
        """First where its calls go back to: without it, the line would be answered as a client's own number."""
        await self._store("overflow", matching(NUMBER, dialed), matching(NUMBER, back))
        await self.name_client(dialed, sounds)

    async def forget_number(self, dialed: str) -> None:
        """In the other order, for the same reason."""
        await self._erase("did", matching(NUMBER, dialed))
        await self._erase("overflow", dialed)

    async def accounts(self) -> Mapping[tuple[str, str], str]:
        """Agents' accounts and clients' numbers as they stand in this node's database, by family and key; no lines."""
        found: dict[tuple[str, str], str] = {}
        for family in _COPIED:
            for row in await self._tree(family):
                key = row.get("Key", "").rpartition("/")[2]
                if key and LINE.fullmatch(key) is None:
                    found[family, key] = row.get("Val", "")
        return found

    async def take_accounts(self, rows: Mapping[tuple[str, str], str]) -> None:
        """Make this node's accounts and numbers those of another, which it may have missed while it was away."""
        own = await self.accounts()
        for family, key in own.keys() - rows.keys():
            await self._erase(family, key)
        for (family, key), value in sorted(rows.items(), key=lambda row: _COPIED.index(row[0][0])):
            here = sound_at(value, self._media_address) if family.endswith("endpoint") else value
            if own.get((family, key)) != here:
                await self._store(family, key, here)

    async def empty(self) -> None:
        """Take out every account, number and line; an endpoint goes first, so that nobody registers meanwhile."""
        for family in (*reversed(_COPIED), "overflow"):
            for row in await self._tree(family):
                await self._erase(family, row.get("Key", "").rpartition("/")[2])

    # -- lines out ----------------------------------------------------------------------------------------

    async def open_line(self, line: str, trunk: str) -> None:
        """Write the line into the database that Asterisk's sorcery reads; take its predecessors out first."""
        name, _, epoch = matching(LINE, line).rpartition("-")
        for row in await self._tree(f"{FAMILY}/endpoint"):
            known, _, number = row.get("Key", "").rpartition("/")[2].rpartition("-")
            if known == name and number.isdigit() and int(number) < int(epoch):
                for family, key in line_removals(f"{known}-{number}"):
                    await self._erase(family, key)
        for family, key, value in line_objects(
            line,
            matching(NAME, trunk),
            user=self._trunk_user,
            media_address=self._media_address,
            tls=self._trunk_tls,
        ):
            await self._store(family, key, value)

    async def has_line(self, line: str) -> bool:
        """Asterisk says yes to every write; one that found no room is undone within a second."""
        return bool(await self._stored(f"{FAMILY}/endpoint", matching(LINE, line)))

    async def keeps(self) -> bool:
        """A number that goes up, in the database beside what matters."""
        kept = not self._mark or await self._stored("dialer", "mark") == str(self._mark)
        self._mark += 1
        try:
            await self._store("dialer", "mark", str(self._mark))
        except TelephonyError as error:
            if "failed to update" not in str(error).lower():
                raise
            return False  # it says so now and then
        return kept

    # -- what callers left --------------------------------------------------------------------------------

    async def collect_callbacks(self) -> Sequence[LeftCallback]:
        """Read what callers left; nothing is erased."""
        found = []
        for row in await self.link.ask("DBGetTree", {"Family": "callback"}):
            parts = row.get("Key", "").split("/")[-1].split("*")
            value = row.get("Val", "")
            if len(parts) != 3 or not value.isdigit():
                continue
            number, dialed, wish = parts
            found.append(LeftCallback(number=number, dialed=dialed, at=float(value), wish=wish))
        return found

    async def forget_callback(self, request: LeftCallback) -> None:
        """Erase one request."""
        await self._erase("callback", f"{request.number}*{request.dialed}*{request.wish}")

    # -- rows ---------------------------------------------------------------------------------------------

    async def _stored(self, family: str, key: str) -> str:
        """What stands in the database, "" for nothing."""
        try:
            rows = await self.link.ask("DBGet", {"Family": family, "Key": key})
        except TelephonyError as error:
            if "not found" not in str(error).lower():
                raise
            return ""
        return next((row["Val"] for row in rows if row.get("Event") == "DBGetResponse"), "")

    async def _tree(self, family: str) -> Sequence[Headers]:
        """Rows of a family; one that does not exist (yet) has none."""
        try:
            return await self.link.ask("DBGetTree", {"Family": family})
        except TelephonyError as error:
            if "not found" not in str(error).lower():
                raise
            return []

    async def _store(self, family: str, key: str, value: str) -> None:
        await self._act("DBPut", {"Family": family, "Key": key, "Val": value})

    async def _erase(self, family: str, key: str) -> None:
        """Take a row out; one that is not there (any more) is no error, whatever Asterisk calls it."""
        try:
            await self._act("DBDel", {"Family": family, "Key": key})
        except TelephonyError as error:
            gone = "not found" in str(error) or (
                "could not be deleted" in str(error) and not await self._stored(family, key)
            )
            if not gone:
                raise
