"""Results as files: into a folder, onto a real SFTP server, by a signed POST; each once, also when somebody dies."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncssh
import pytest

from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError
from dialer.domain.exchange import DIED, MOST_DEATHS, ChannelState
from dialer.domain.outlets import OutletKind, file_name
from dialer.domain.result_layout import Column, Layout
from dialer.exchange.carriers import PlaceCarrier, PushCarrier
from dialer.exchange.folder import FolderOpener
from dialer.exchange.guarded import GuardedHttp, check_url
from dialer.exchange.sftp import SftpFolder, SftpOpener, is_host_key, new_key
from dialer.exchange.webhook import verify
from dialer.intake.tables import FileTables
from dialer.services.export import ExportService
from dialer.services.outlets import OutletService, OutletWish
from dialer.services.ports.outlets import Carrier, Outlet
from dialer.services.result_files import ResultFiles
from dialer.storage.exports import PostgresExports
from dialer.storage.outlets import PgOutlets
from tests.support.exchange import DEMO, Exchange, exchange
from tests.support.intake import VAULT
from tests.support.receiver import Receiver, receiver
from tests.support.sftp_server import SftpTown, sftp_town


@dataclass
class Sending:
    """A campaign with results, and all three ways out."""

    x: Exchange
    town: SftpTown
    post: Receiver
    folder: Path
    carriers: Mapping[OutletKind, Carrier]
    store: PgOutlets
    exports: ExportService
    secrets: dict[UUID, str] = field(default_factory=dict)

    def files(self, owner: str = "dialer-1") -> ResultFiles:
        return ResultFiles(
            store=self.store, exports=self.exports, carriers=self.carriers, writer=FileTables(), vault=VAULT,
            clock=self.x.w.clock, ids=self.x.w.world.ids, owner=owner,
        )  # fmt: skip

    @property
    def office(self) -> OutletService:
        return OutletService(
            store=self.store, files=self.files(), carriers=self.carriers, new_key=new_key, is_host_key=is_host_key,
            may_call=lambda url: check_url(url, DEMO), vault=VAULT, audit=self.x.w.audit, clock=self.x.w.clock,
            ids=self.x.w.world.ids,
        )  # fmt: skip

    def wish(self, kind: OutletKind, **more: Any) -> OutletWish:
        where: dict[str, Any] = {"path": "resultaten"}
        if kind is OutletKind.SFTP:
            where = {
                "path": "/resultaten", "host": "127.0.0.1", "port": self.town.port, "user": "dialer",
                "host_key": self.town.host_key,
            }  # fmt: skip
        if kind is OutletKind.PUSH:
            where = {"path": self.post.url}
        return OutletWish(**{"name": f"Naar {kind}", "weekdays": range(7), "at": time(0, 0), **where, **more})

    async def outlet(self, kind: OutletKind, **more: Any) -> Outlet:
        made, secret = await self.office.add(self.x.w.campaign, kind, self.wish(kind, **more), self.x.w.viewer)
        self.town.allowed.append(made.public_key or "none none")
        self.secrets[made.id] = secret
        return made

    def there(self, kind: OutletKind) -> dict[str, bytes]:
        place = self.town.root / "resultaten" if kind is OutletKind.SFTP else self.folder / "resultaten"
        return {path.name: path.read_bytes() for path in sorted(place.iterdir())}

    async def states(self) -> list[tuple[str, str, int]]:
        found = await self.x.w.rows("select state, error, lines from result_dispatch order by number")
        return [(row["state"], row["error"], row["lines"]) for row in found]

    async def confirmed(self) -> list[bool]:
        found = await self.x.w.rows("select confirmed_at from export_run where line_count > 0 order by created_at")
        return [row["confirmed_at"] is not None for row in found]


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
async def s(dsn: str, tmp_path: Path) -> AsyncIterator[Sending]:
    folder, server = tmp_path / "uit", tmp_path / "server"
    for root in (folder, server):
        (root / "resultaten").mkdir(parents=True)
    http = GuardedHttp(DEMO, seconds=5.0)
    try:
        async with exchange(dsn, tmp_path) as x, sftp_town(server) as town, receiver() as post:
            carriers: Mapping[OutletKind, Carrier] = {
                OutletKind.FOLDER: PlaceCarrier(FolderOpener(folder)),
                OutletKind.SFTP: PlaceCarrier(SftpOpener(DEMO)),
                OutletKind.PUSH: PushCarrier(http, lambda: x.w.clock.now().timestamp()),
            }
            exports = ExportService(
                store=PostgresExports(x.w.pool), vault=VAULT, audit=x.w.audit, clock=x.w.clock, ids=x.w.world.ids
            )
            yield Sending(x, town, post, folder, carriers, PgOutlets(x.w.pool), exports)
    finally:
        await http.close()


@pytest.mark.parametrize("kind", [OutletKind.FOLDER, OutletKind.SFTP])
async def test_what_is_new_goes_once_whole_with_its_receipt_and_a_correction_replaces(
    s: Sending, kind: OutletKind
) -> None:
    await s.outlet(kind)
    assert await s.files().tend() == 0  # nothing to tell: no file
    assert s.there(kind) == {}
    await s.x.conversation(note="belt liever 's avonds")
    s.x.later(days=1)
    assert await s.files().tend() == 1
    ((name, content),) = s.there(kind).items()
    told = lines(content)
    assert [line["signaal-id"] for line in told] == ["S-1", "S-2"]
    assert told[0]["notitie"] == "belt liever 's avonds"
    assert {line["levering"] for line in told} == {"nieuw"}
    (receipt,) = await s.office.dispatches(s.x.w.viewer, None, 10)
    assert (receipt.name, receipt.size, receipt.lines) == (name, len(content), 2)
    assert receipt.content_hash == hashlib.sha256(content).digest()
    assert await s.confirmed() == [True]
    assert await s.files().tend() == 0
    await s.x.w.pool.execute("update case_file set result_version = result_version + 1")  # an outcome was corrected
    s.x.later(days=1)
    assert await s.files().tend() == 1
    newest = list(s.there(kind).values())[-1]
    assert "vervanging" in {line["levering"] for line in lines(newest)}
    assert (await s.office.dispatches(s.x.w.viewer, None, 10))[0].replacements == 2


async def test_a_client_has_its_own_columns_and_a_new_version_rules_from_the_next_file(s: Sending) -> None:
    layout = Layout(
        columns=[Column(title="Zaak", field="client_ref"), Column(title="Contact", field="reached")], yes="J"
    )
    await s.office.save_profile(s.x.w.client, "vps", layout, s.x.w.viewer)
    again = await s.office.save_profile(s.x.w.client, "vps", layout, s.x.w.viewer)
    assert again.version == 1
    await s.outlet(OutletKind.FOLDER, profile="vps")
    await s.x.conversation()
    await s.files().tend()
    (content,) = s.there(OutletKind.FOLDER).values()
    assert content.decode("utf-8-sig").splitlines() == ["Zaak;Contact", "Z-1;J", "Z-1;J"]
    other = Layout(columns=[Column(title="Nummer", field="client_ref")])
    saved = await s.office.save_profile(s.x.w.client, "vps", other, s.x.w.viewer)
    assert (saved.version, [one.version for one in await s.office.profiles(s.x.w.client, s.x.w.viewer)]) == (2, [2])
    await s.x.conversation()
    s.x.later(days=1)
    await s.files().tend()
    assert list(s.there(OutletKind.FOLDER).values())[1].decode("utf-8-sig").splitlines()[0] == "Nummer"
    with pytest.raises(InvalidError):
        await s.office.save_profile(s.x.w.client, " ", other, s.x.w.viewer)
    with pytest.raises(InvalidError):
        await s.outlet(OutletKind.PUSH, profile="onbekend")


async def test_a_push_is_signed_and_says_the_same_at_each_try(s: Sending) -> None:
    outlet = await s.outlet(OutletKind.PUSH)
    await s.x.conversation()
    s.post.answers.extend([503, "abort", 204])
    await s.files().tend()
    assert await s.states() == [("retry", "their_fault", 2)]
    s.x.later(minutes=1)
    await s.files().tend()
    s.x.later(minutes=2)
    await s.files().tend()
    assert await s.states() == [("confirmed", "", 2)]
    assert len({body for _, body in s.post.came}) == 1
    assert len(set(s.post.ids)) == 1
    headers, body = s.post.came[-1]
    assert headers["content-type"] == "text/csv"
    assert "resultaten-" in headers["content-disposition"]
    assert verify(s.secrets[outlet.id], headers, body, s.x.w.clock.now().timestamp())
    assert not verify(s.secrets[outlet.id], headers, body + b"x", s.x.w.clock.now().timestamp())
    stored = await s.x.w.rows("select to_jsonb(o)::text as text from result_outlet o")
    assert s.secrets[outlet.id] not in stored[0]["text"]


async def test_refused_it_is_dead_holds_the_lines_and_is_sent_again_by_hand(s: Sending) -> None:
    outlet = await s.outlet(OutletKind.PUSH)
    await s.x.conversation()
    s.post.answers.append(400)
    await s.files().tend()
    assert await s.states() == [("dead", "refused", 2)]
    assert await s.confirmed() == [False]
    s.x.later(days=1)
    await s.files().tend()
    assert await s.states() == [("dead", "refused", 2)]  # the same lines, in the same file
    (dead,) = await s.office.dispatches(s.x.w.viewer, outlet.id, 10)
    await s.office.resend(dead.id, s.x.w.viewer)
    await s.x.conversation()
    await s.files().tend()
    assert (await s.states())[0] == ("confirmed", "", 2)
    with pytest.raises(ConflictError):
        await s.office.resend(dead.id, s.x.w.viewer)
    await s.files().tend()
    assert [lines_ for *_, lines_ in await s.states()] == [2, 1]  # what came meanwhile is in the next one
    assert await s.confirmed() == [True, True]


@pytest.mark.parametrize("step", ["prepare", "due", "made", "carry", "after the upload", "settle"])
async def test_killed_at_any_line_it_goes_once(s: Sending, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    await s.outlet(OutletKind.SFTP)
    await s.x.conversation()

    class Killed(BaseException):
        pass

    async def die(*_: object, **__: object) -> None:
        raise Killed

    if step == "after the upload":
        put = SftpFolder.put

        async def put_and_die(self: SftpFolder, name: str, content: bytes) -> None:
            await put(self, name, content)
            raise Killed

        monkeypatch.setattr(SftpFolder, "put", put_and_die)
    elif step == "carry":
        monkeypatch.setattr(PlaceCarrier, "carry", die)
    else:
        monkeypatch.setattr(PgOutlets, step, die)
    with pytest.raises(Killed):
        await s.files("dialer-1").tend()
    monkeypatch.undo()
    await s.x.w.pool.execute("delete from lease")  # its lease has run out
    s.x.later(days=0)
    await s.files("dialer-2").tend()
    ((_, content),) = s.there(OutletKind.SFTP).items()
    assert len(lines(content)) == 2
    assert await s.states() == [("confirmed", "", 2)]
    assert await s.confirmed() == [True]


async def test_half_an_upload_is_never_seen_under_its_name(s: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    await s.outlet(OutletKind.SFTP)
    await s.x.conversation()
    write = asyncssh.SFTPClientFile.write

    async def half(self: Any, data: bytes, offset: int | None = None) -> int:
        await write(self, data[: len(data) // 2], offset)
        raise asyncssh.ConnectionLost("cut")

    monkeypatch.setattr(asyncssh.SFTPClientFile, "write", half)
    await s.files().tend()
    assert await s.states() == [("retry", "cut_off", 2)]
    assert [name for name in s.there(OutletKind.SFTP) if not name.startswith(".")] == []
    monkeypatch.undo()
    s.x.later(minutes=1)
    await s.files().tend()
    ((_, content),) = s.there(OutletKind.SFTP).items()
    assert len(lines(content)) == 2


@pytest.mark.parametrize("kind", [OutletKind.FOLDER, OutletKind.SFTP])
async def test_a_file_of_somebody_else_under_our_name_stays(s: Sending, kind: OutletKind) -> None:
    await s.outlet(kind)
    await s.x.conversation()
    day, root = s.x.w.clock.now().date(), s.town.root if kind is OutletKind.SFTP else s.folder
    campaign = await s.x.w.one("select name from campaign")
    name = file_name(campaign, day, 1, "csv")
    (root / "resultaten" / name).write_bytes(b"theirs")
    await s.files().tend()
    assert await s.states() == [("dead", "name_taken", 2)]
    assert s.there(kind)[name] == b"theirs"


async def test_another_server_than_the_agreed_one_gets_nothing(s: Sending) -> None:
    key = new_key()[1]
    outlet = await s.outlet(OutletKind.SFTP, host_key=key)
    assert (await s.office.try_out(outlet.id, s.x.w.viewer)).fault == "host_key"
    await s.x.conversation()
    await s.files().tend()
    assert await s.states() == [("retry", "host_key", 2)]
    assert s.town.logins == []
    right = await s.office.change(outlet.id, 1, OutletWish(host_key=s.town.host_key), s.x.w.viewer)
    assert (await s.office.try_out(outlet.id, s.x.w.viewer)).fault == ""
    assert s.there(OutletKind.SFTP) == {}  # a trial leaves nothing
    with pytest.raises(ChangedSinceError):
        await s.office.change(outlet.id, 1, OutletWish(name="x"), s.x.w.viewer)
    with pytest.raises(InvalidError):
        await s.office.change(outlet.id, right.version, OutletWish(host="elders.example"), s.x.w.viewer)


async def test_two_dialers_send_one_file(s: Sending) -> None:
    await s.outlet(OutletKind.FOLDER)
    await s.x.conversation()
    await asyncio.gather(s.files("dialer-1").tend(), s.files("dialer-2").tend())
    assert len(s.there(OutletKind.FOLDER)) == 1


async def test_paused_it_waits_and_one_campaign_has_one_way_out(s: Sending) -> None:
    outlet = await s.outlet(OutletKind.FOLDER)
    with pytest.raises(ConflictError):
        await s.outlet(OutletKind.PUSH)
    paused = await s.office.change(outlet.id, 1, OutletWish(state=ChannelState.PAUSED), s.x.w.viewer)
    await s.x.conversation()
    assert await s.files().tend() == 0
    with pytest.raises(ConflictError):
        await s.office.send_now(outlet.id, s.x.w.viewer)
    off = await s.office.change(outlet.id, paused.version, OutletWish(state=ChannelState.OFF), s.x.w.viewer)
    await s.outlet(OutletKind.PUSH)
    with pytest.raises(ConflictError):
        await s.office.change(outlet.id, off.version, OutletWish(state=ChannelState.ON), s.x.w.viewer)


async def test_at_a_word_it_goes_whatever_the_day(s: Sending) -> None:
    outlet = await s.outlet(OutletKind.FOLDER, weekdays=[])
    await s.x.conversation()
    assert await s.files().tend() == 0
    assert (await s.office.send_now(outlet.id, s.x.w.viewer)).dead == 0
    assert len(s.there(OutletKind.FOLDER)) == 1


async def test_what_was_erased_meanwhile_is_not_in_the_next_try(s: Sending) -> None:
    await s.outlet(OutletKind.PUSH)
    await s.x.conversation(note="vertrouwelijk")
    s.post.answers.append(503)
    await s.files().tend()
    assert b"vertrouwelijk" in s.post.came[-1][1]
    await s.x.w.pool.execute("update delivery set wrapped_key = null, state = 'recalled'")
    s.x.later(minutes=1)
    await s.files().tend()
    assert b"vertrouwelijk" not in s.post.came[-1][1]


async def test_places_that_cannot_be(s: Sending) -> None:
    for kind, wish in (
        (OutletKind.FOLDER, {"path": "../buiten"}),
        (OutletKind.FOLDER, {"path": "/etc"}),
        (OutletKind.PUSH, {"path": "http://example.nl/x"}),
        (OutletKind.PUSH, {"path": "https://10.0.0.1/x"}),
        (OutletKind.SFTP, {"host": ""}),
        (OutletKind.SFTP, {"user": ""}),
        (OutletKind.SFTP, {"host_key": "ssh-ed25519 x"}),
        (OutletKind.FOLDER, {"name": ""}),
        (OutletKind.FOLDER, {"weekdays": [7]}),
    ):
        with pytest.raises(InvalidError):
            await s.outlet(kind, **wish)
    missing = await s.outlet(OutletKind.FOLDER, path="weg")
    assert (await s.office.try_out(missing.id, s.x.w.viewer)).fault == "folder"
    assert date(2026, 3, 2) <= s.x.w.clock.now().date()


async def test_a_file_its_sender_dies_with_is_given_up_and_sent_again_by_hand(
    s: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    async def die(*_: object, **__: object) -> None:
        raise Killed

    outlet = await s.outlet(OutletKind.FOLDER)
    await s.x.conversation()
    monkeypatch.setattr(PlaceCarrier, "carry", die)
    for _ in range(MOST_DEATHS):
        with pytest.raises(Killed):
            await s.files().tend()
    await s.files().tend()
    assert await s.states() == [("dead", DIED, 2)], "it kills nobody any more"
    assert (await s.store.find(outlet.id)).dead == 1
    monkeypatch.undo()
    dispatch = await s.x.w.one("select id from result_dispatch")
    await s.office.resend(dispatch, s.x.w.viewer)
    await s.files().tend()
    assert await s.states() == [("confirmed", "", 2)]
    assert len(s.there(OutletKind.FOLDER)) == 1
