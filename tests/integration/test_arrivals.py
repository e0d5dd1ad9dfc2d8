"""Files from a watched folder and from a real SFTP server: each once, with a receipt or a reason."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncssh
import pytest

from dialer.domain.arrivals import NOTE, ArrivalState, SourceFault, SourceKind
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.exchange.folder import FolderOpener, LocalFolder
from dialer.exchange.guarded import Reach
from dialer.exchange.sftp import SftpOpener, is_host_key, new_key
from dialer.services.arrivals import Arrivals
from dialer.services.ports.arrivals import Opener
from dialer.services.ports.people import Viewer
from dialer.services.sources import Sources, SourceWish
from dialer.storage.arrivals import PgArrivals
from tests.support.intake import VAULT, IntakeWorld, csv_bytes, intake_world, row
from tests.support.sftp_server import SftpTown, sftp_town

LIST = csv_bytes([row(), row(kenmerk="Z-2", **{"signaal-id": "S-2"}, achternaam="Vos")])


@dataclass
class Incoming:
    """Everything over a database, and two kinds of folders."""

    w: IntakeWorld
    sources: Sources
    arrivals: Arrivals
    store: PgArrivals
    root: Path
    town: SftpTown
    again: Callable[[], Arrivals]

    async def folder(self, **wish: Any) -> tuple[UUID, Path]:
        folder = self.root / "stad"
        folder.mkdir()
        fields = {"name": "Map", "path": "stad", **wish}
        made = await self.sources.add(self.w.campaign, SourceKind.FOLDER, SourceWish(**fields), self.w.viewer)
        return made.id, folder

    async def server(self, **wish: Any) -> tuple[UUID, Path]:
        folder = self.town.root / "uit"
        folder.mkdir()
        fields = {
            "name": "Server", "path": "/uit", "host": "localhost", "port": self.town.port, "user": "dialer",
            "host_key": self.town.host_key, **wish,
        }  # fmt: skip
        made = await self.sources.add(self.w.campaign, SourceKind.SFTP, SourceWish(**fields), self.w.viewer)
        self.town.allowed.append(made.public_key)
        return made.id, folder

    async def place(self, kind: SourceKind) -> tuple[UUID, Path]:
        return await (self.folder() if kind is SourceKind.FOLDER else self.server())

    async def looks(self, count: int = 2) -> None:
        for _ in range(count):
            await self.arrivals.tend()

    async def error(self, source: UUID) -> str:
        return (await self.store.find(source)).last_error

    async def kept(self) -> list[tuple[ArrivalState, str]]:
        return [(one.state, one.reason) for one in reversed(await self.sources.receipts(self.w.viewer, None, 50))]


@pytest.fixture
async def i(dsn: str, tmp_path: Path) -> AsyncIterator[Incoming]:
    async with AsyncExitStack() as stack:
        w = await stack.enter_async_context(intake_world(dsn, tmp_path))
        root, there, spool = (tmp_path / name for name in ("root", "there", "spool"))
        for one in (root, there, spool):
            one.mkdir()
        town = await stack.enter_async_context(sftp_town(there))
        store = PgArrivals(w.pool)
        openers: Mapping[SourceKind, Opener] = {
            SourceKind.FOLDER: FolderOpener(root),
            SourceKind.SFTP: SftpOpener(Reach(demo=True)),
        }

        def again() -> Arrivals:
            return Arrivals(
                store,
                openers,
                w.intake,
                VAULT,
                w.clock,
                w.world.ids,
                owner=str(w.world.ids.new()),
                spool=spool,
            )

        arrivals = again()
        sources = Sources(
            store=store, arrivals=arrivals, new_key=new_key, is_host_key=is_host_key, vault=VAULT, audit=w.audit,
            clock=w.clock, ids=w.world.ids,
        )  # fmt: skip
        yield Incoming(w, sources, arrivals, store, root, town, again)
        assert list(spool.iterdir()) == []


KINDS = pytest.mark.parametrize("kind", SourceKind)


@KINDS
async def test_a_list_is_taken_at_the_second_look_and_put_away_with_its_receipt(i: Incoming, kind: SourceKind) -> None:
    source, folder = await i.place(kind)
    (folder / "maart.csv").write_bytes(LIST)
    (folder / ".half.csv").write_bytes(LIST)
    (folder / "lees-mij.pdf").write_bytes(b"x")
    await i.looks(1)
    assert await i.kept() == []
    await i.looks(1)
    assert (await i.error(source), await i.kept()) == ("", [(ArrivalState.TAKEN, "")])
    assert await i.w.one("select count(*) from case_file") == 2
    assert not (folder / "maart.csv").exists()
    assert (folder / "verwerkt" / "maart.csv").read_bytes() == LIST
    note = json.loads((folder / "verwerkt" / f"maart.csv{NOTE}").read_text())
    assert (note["status"], note["bestand"]) == ("verwerkt", "maart.csv")
    assert note["levering"] == str(await i.w.one("select id from delivery"))
    assert "Berg" not in json.dumps(note)
    assert sorted(one.name for one in folder.iterdir()) == [".half.csv", "lees-mij.pdf", "verwerkt"]


@KINDS
async def test_the_same_content_under_any_name_is_loaded_once(i: Incoming, kind: SourceKind) -> None:
    _, folder = await i.place(kind)
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes(LIST)
    await i.looks()
    (folder / "a.csv").write_bytes(LIST)
    await i.looks()
    assert await i.kept() == [(ArrivalState.TAKEN, ""), (ArrivalState.REPEATED, ""), (ArrivalState.REPEATED, "")]
    assert await i.w.one("select count(*) from delivery") == 1
    assert (folder / "verwerkt" / "2-a.csv").exists()


@KINDS
async def test_a_wrong_file_goes_into_quarantine_with_its_reason(i: Incoming, kind: SourceKind) -> None:
    _, folder = await i.place(kind)
    (folder / "kapot.xlsx").write_bytes(b"PK\x03\x04 en verder niets")
    (folder / "vreemd.csv").write_bytes(csv_bytes([row(geboortedatum="morgen"), row(kenmerk="Z-9", postcode="x")]))
    await i.looks()
    assert [state for state, _ in await i.kept()] == [ArrivalState.QUARANTINED] * 2
    assert {reason for _, reason in await i.kept()} >= {"mostly-refused"}
    assert await i.w.one("select count(*) from case_file") == 0
    assert (folder / "quarantaine" / "vreemd.csv").exists()
    # Mended and offered again: it is read again.
    (folder / "vreemd.csv").write_bytes(LIST)
    await i.looks()
    assert (await i.kept())[-1] == (ArrivalState.TAKEN, "")


async def test_a_file_that_still_grows_is_left_alone(i: Incoming) -> None:
    _, folder = await i.folder()
    (folder / "maart.csv").write_bytes(LIST[:40])
    await i.looks(1)
    (folder / "maart.csv").write_bytes(LIST)
    await i.looks(1)
    assert await i.kept() == []
    await i.looks(1)
    assert await i.kept() == [(ArrivalState.TAKEN, "")]


@pytest.mark.parametrize("line", ["keep", "put_away", "gone"])
async def test_a_crash_at_any_line_loads_once_and_puts_away(
    i: Incoming, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the load, after the receipt, after the move: the next process makes it whole."""
    _, folder = await i.folder()
    (folder / "maart.csv").write_bytes(LIST)

    async def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    owner = PgArrivals if line != "put_away" else LocalFolder
    with monkeypatch.context() as patch:
        patch.setattr(owner, line, crash)
        with pytest.raises(KeyboardInterrupt):
            await i.looks()
    await i.w.pool.execute("update lease set expires_at = '-infinity'")
    after = i.again()
    for _ in range(2):
        await after.tend()
    assert await i.w.one("select count(*) from delivery") == 1
    assert await i.w.one("select count(*) from case_file") == 2
    assert not (folder / "maart.csv").exists()
    assert (folder / "verwerkt" / "maart.csv").exists()
    assert {state for state, _ in await i.kept()} == {ArrivalState.TAKEN}


async def test_another_server_than_the_agreed_one_gets_nothing(i: Incoming) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    source, folder = await i.server(host_key=stranger)
    (folder / "maart.csv").write_bytes(LIST)
    await i.looks()
    assert await i.error(source) == SourceFault.HOST_KEY
    assert i.town.logins == []


async def test_without_our_key_on_the_server_it_is_said(i: Incoming) -> None:
    source, _ = await i.server()
    i.town.allowed.clear()
    await i.looks(1)
    assert await i.error(source) == SourceFault.SIGN_IN
    i.town.allowed.append((await i.store.find(source)).public_key)
    await i.looks(1)
    assert await i.error(source) == ""


async def test_inside_our_own_network_is_not_looked(i: Incoming) -> None:
    source, _ = await i.server()
    found = await i.store.find(source)
    with pytest.raises(Exception, match=SourceFault.ADDRESS):
        async with SftpOpener(Reach()).open(found.place, ""):
            pass


async def test_no_link_and_no_way_out_of_the_operators_folder(i: Incoming, tmp_path: Path) -> None:
    source, folder = await i.folder()
    (tmp_path / "geheim.csv").write_bytes(LIST)
    os.symlink(tmp_path / "geheim.csv", folder / "maart.csv")
    await i.looks()
    assert await i.kept() == []
    for path in ("../there", "/etc", "a/../../x"):
        with pytest.raises(InvalidError):
            await i.sources.change(source, 1, SourceWish(path=path), i.w.viewer)
    os.symlink(tmp_path, i.root / "buiten")
    await i.sources.change(source, 1, SourceWish(path="buiten"), i.w.viewer)
    await i.looks(1)
    assert await i.error(source) == SourceFault.FOLDER


async def test_a_file_that_may_not_be_moved_is_taken_once_and_said(i: Incoming) -> None:
    source, folder = await i.folder()
    (folder / "maart.csv").write_bytes(LIST)
    (folder / "verwerkt").write_text("een bestand staat in de weg")
    await i.looks(3)
    assert await i.error(source) == SourceFault.PUT_AWAY
    assert await i.kept() == [(ArrivalState.TAKEN, "")]
    (folder / "verwerkt").unlink()
    await i.looks(1)
    assert (await i.error(source), (folder / "verwerkt" / "maart.csv").exists()) == ("", True)


async def test_our_private_key_is_sealed_and_another_client_sees_nothing(i: Incoming) -> None:
    source, _ = await i.server()
    box = await i.w.one("select sealed_key from arrival_source")
    assert b"PRIVATE" not in box
    stranger = Viewer(actor="x", user=None, role="client", client=ClientId(UUID(int=9)))
    assert await i.sources.sources(stranger) == []
    with pytest.raises(NotFoundError):
        await i.sources.look(source, stranger)


async def test_a_file_that_did_not_come_is_missed_until_it_comes(i: Incoming) -> None:
    _, folder = await i.folder(weekdays=[i.w.clock.now().weekday()], by=time(11))
    assert await i.sources.missing(None) == []
    i.w.later(hours=3)
    [missing] = await i.sources.missing(i.w.client)
    assert missing.name == "Map"
    (folder / "maart.csv").write_bytes(LIST)
    await i.looks()
    assert await i.sources.missing(None) == []
    i.w.later(days=7)
    assert len(await i.sources.missing(None)) == 1
