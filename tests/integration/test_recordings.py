"""What becomes of a recording that is kept: its term, its resident's rights, the end of a contract, a back-up."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from dialer.cli.backup import write_backup
from dialer.cli.restore import read_backup
from dialer.config import Settings, load
from dialer.demo.postgres import EmbeddedPostgres, binaries
from dialer.domain.errors import ForbiddenError, NotFoundError
from dialer.domain.ids import AttemptId, ClientId, DeliveryId, ResidentId
from dialer.domain.recording import PIECE, DeleteReason, PlayPurpose
from dialer.schedule.rotation import Rotation
from dialer.services.cases import CaseService
from dialer.services.ports.people import CLI, Viewer
from dialer.services.recordings import RecordingKeeper, Recordings
from dialer.services.residents import ResidentRights
from dialer.services.retention import Retention
from dialer.spool import FolderSpool
from dialer.storage.contract_end import PgContractEnd
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.pool import open_pool
from dialer.storage.recordings import PgRecordings
from dialer.storage.residents import PgResidents
from dialer.storage.retention import PgRetention
from dialer.storage.steering import PostgresCases
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT
from tests.support.sound import from_wav, tone

BOSS = Viewer(actor="user:boss", user=None, role="supervisor", client=None)
OFFICER = Viewer(actor="user:officer", user=None, role="privacy", client=None)
STRANGER = Viewer(actor="user:stranger", user=None, role="supervisor", client=ClientId(UUID(int=404)))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Desk:
    e: Exchange
    folder: Path
    store: PgRecordings
    keeper: RecordingKeeper
    recordings: Recordings
    rights: ResidentRights
    retention: Retention

    async def conversation(self, outcome: str = "HELP_WANTED", *, flags: Sequence[str] = ()) -> AttemptId:
        """Filed; to be recorded yet."""
        await self.e.conversation(outcome)
        attempt = AttemptId(await self.e.w.one("select id from attempt order by claimed_at desc, id desc limit 1"))
        await self.e.w.pool.execute("update attempt set flags = $2 where id = $1", attempt, list(flags))
        return attempt

    async def recorded(self, attempt: AttemptId, *, seconds: float = 1.0) -> None:
        """As if the resident had agreed and both had spoken."""
        await self.e.w.pool.execute(
            "insert into recording (attempt_id, client_id, campaign_id, delivery_id, state, agreed_at)"
            " select a.id, a.client_id, a.campaign_id, f.delivery_id, 'open', $2"
            "   from attempt a join case_file f on f.id = a.case_id where a.id = $1",
            attempt, self.e.w.clock.now(),
        )  # fmt: skip
        spool = FolderSpool(self.folder)
        write(spool.places(attempt, 1), [tone(hertz, 0.5) * round(seconds * 2) for hertz in (600, 440)])
        assert await self.keeper.tend() == 1
        assert list(self.folder.iterdir()) == []

    async def heard(self, attempt: AttemptId, viewer: Viewer = BOSS) -> bytes:
        played = await self.recordings.play(attempt, PlayPurpose.COMPLAINT, viewer)
        return b"".join([piece async for piece in played.sound])

    async def rows(self) -> tuple[int, int]:
        one = self.e.w.one
        return int(await one("select count(*) from recording")), int(
            await one("select count(*) from pii.recording_piece")
        )

    async def resident(self, attempt: AttemptId) -> ResidentId:
        return ResidentId(
            await self.e.w.one(
                "select f.resident_id from attempt a join case_file f on f.id = a.case_id where a.id = $1", attempt
            )
        )


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with exchange(dsn, tmp_path) as e:
        w = e.w
        folder = tmp_path / "memory"
        folder.mkdir()
        store = PgRecordings(w.pool)
        recordings = Recordings(store, VAULT, w.audit, w.clock)
        yield Desk(
            e=e,
            folder=folder,
            store=store,
            keeper=RecordingKeeper(store, FolderSpool(folder), VAULT, w.clock),
            recordings=recordings,
            rights=ResidentRights(
                store=PgResidents(w.pool, w.world.ids),
                cases=CaseService(PostgresCases(w.pool, w.world.catalogues, Rotation()), w.clock),
                erasures=ErasureFile(tmp_path / "erasures"),
                sounds=recordings,
                vault=VAULT,
                audit=w.audit,
                clock=w.clock,
                ids=w.world.ids,
            ),
            retention=Retention(store=PgRetention(w.pool), audit=w.audit, clock=w.clock),
        )


async def test_a_long_one_in_pieces_none_of_which_can_be_exchanged(desk: Desk) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt, seconds=2.5 * PIECE / 16_000)
    assert await desk.rows() == (1, 3)
    left, right = from_wav(await desk.heard(attempt))
    assert len(left) == len(right) > 2.4 * PIECE / 2
    heard = await desk.e.w.rows("select actor, purpose from audit_event where action = 'recording.play'")
    assert [dict(one) for one in heard] == [{"actor": "user:boss", "purpose": "complaint"}]
    await desk.e.w.pool.execute(
        "update pii.recording_piece set sealed = (select sealed from pii.recording_piece where piece = 0)"
        " where piece = 1"
    )
    with pytest.raises(Exception, match="does not open"):
        await desk.heard(attempt)


async def test_who_hears_it(desk: Desk) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt)
    with pytest.raises(NotFoundError):
        await desk.heard(attempt, STRANGER)
    with pytest.raises(ForbiddenError):
        await desk.heard(attempt, OFFICER)
    await desk.recordings.play(attempt, PlayPurpose.RESIDENT, OFFICER)
    with pytest.raises(NotFoundError):
        await desk.heard(AttemptId(desk.e.w.world.ids.new()))


async def test_deleted_by_hand_it_is_gone_and_the_audit_says_why(desk: Desk) -> None:
    attempt, other = await desk.conversation(), await desk.conversation()
    with pytest.raises(NotFoundError):
        await desk.recordings.delete(attempt, DeleteReason.SECRET, BOSS)
    for one in (attempt, other):
        await desk.recorded(one, seconds=2.5 * PIECE / 16_000)
    with pytest.raises(NotFoundError):
        await desk.recordings.delete(attempt, DeleteReason.SECRET, STRANGER)
    assert await desk.rows() == (2, 6)
    played = await desk.recordings.play(attempt, PlayPurpose.COMPLAINT, BOSS)
    assert await anext(aiter(played.sound))
    await desk.recordings.delete(attempt, DeleteReason.SECRET, BOSS)
    assert await desk.rows() == (1, 3), "the other one stays"
    with pytest.raises(NotFoundError):
        async for _ in played.sound:
            pass
    with pytest.raises(NotFoundError):
        await desk.heard(attempt)
    with pytest.raises(NotFoundError):
        await desk.recordings.delete(attempt, DeleteReason.SECRET, BOSS)
    assert await desk.recordings.whole(attempt) is None, "nor is it in the resident's file"
    told = await desk.e.w.rows(
        "select actor, subject_id, detail::text from audit_event where action = 'recording.delete'"
    )
    assert [tuple(one.values()) for one in told] == [("user:boss", str(attempt), '{"why": "secret"}')]
    await desk.heard(other)


async def test_it_goes_after_thirty_days_with_a_receipt(desk: Desk) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt)
    desk.e.later(days=29)
    await desk.retention.apply(None, CLI)
    assert await desk.rows() == (1, 1)
    desk.e.later(days=2)
    (dry,) = await desk.retention.apply(None, CLI, dry=True)
    assert dry.loose["recording"] == 1
    assert await desk.rows() == (1, 1)
    await desk.retention.apply(None, CLI)
    assert await desk.rows() == (0, 0)
    receipt = await desk.e.w.one("select detail::text from audit_event where action = 'retention.applied'")
    assert json.loads(receipt)["recording"] == 1
    with pytest.raises(NotFoundError):
        await desk.heard(attempt)


async def test_the_client_s_own_term(desk: Desk) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt)
    await desk.e.w.pool.execute("update client set settings = settings || '{\"recording_days\": 3}'")
    desk.e.later(days=3, hours=1)
    await desk.retention.apply(None, CLI)
    assert await desk.rows() == (0, 0)


async def test_the_resident_s_file_has_it_and_an_erasure_takes_it(desk: Desk) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt)
    resident = await desk.resident(attempt)
    file = json.loads(await desk.rights.file(resident, "verzoek", CLI))
    (one,) = file["opnames_van_gesprekken"]
    assert (one["kenmerk_gesprek"], one["stand"], one["duur_seconden"]) == (str(attempt), "bewaard", 1)
    head, _, sound = one["geluid"].partition(",")
    assert head == "data:audio/wav;base64"
    assert base64.b64decode(sound) == await desk.heard(attempt)
    gone = await desk.rights.erase(resident, "verzoek", CLI)
    assert gone["recording"] == 1
    assert await desk.rows() == (0, 0)


async def test_it_goes_with_its_delivery(desk: Desk) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt)
    delivery = DeliveryId(await desk.e.w.one("select delivery_id from recording"))
    store = DeliveryStore(desk.e.w.pool)
    await store.mark_recalled(delivery, desk.e.w.clock.now(), None)
    with pytest.raises(Exception, match="destroyed"):
        await desk.heard(attempt)  # between the two steps it is noise already
    await store.finish_recall(delivery, desk.e.w.clock.now())
    assert await desk.rows() == (0, 0)


async def test_no_contract_ends_with_a_recording_left(desk: Desk) -> None:
    attempt = await desk.conversation()
    before = await PgContractEnd(desk.e.w.pool).boxes(desk.e.w.client)
    await desk.recorded(attempt)
    assert await PgContractEnd(desk.e.w.pool).boxes(desk.e.w.client) == before + 1
    assert await PgRetention(desk.e.w.pool).recordings(desk.e.w.client, desk.e.w.clock.now(), dry=False) == 1
    assert await PgContractEnd(desk.e.w.pool).boxes(desk.e.w.client) == before


async def test_what_the_filing_says_decides_whether_it_stays(desk: Desk) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt)
    assert await desk.keeper.look_after() == 0
    await desk.e.w.pool.execute("update attempt set flags = '{CRISIS}' where id = $1", attempt)
    assert await desk.keeper.look_after() == 1
    assert await desk.rows() == (0, 0)
    await desk.recorded(attempt)
    await desk.e.w.pool.execute("update attempt set flags = '{}', outcome = 'THIRD_PARTY' where id = $1", attempt)
    assert await desk.keeper.look_after() == 1
    assert await desk.rows() == (0, 0)
    assert await desk.e.w.one("select count(*) from audit_event where action = 'recording.delete'") == 2


async def test_files_of_which_nobody_agreed_go_and_what_never_came_is_said(desk: Desk) -> None:
    attempt = await desk.conversation()
    spool = FolderSpool(desk.folder)
    write(spool.places(attempt, 1)[:1], [b"\x55" * 800])
    assert await desk.keeper.tend() == 0
    assert list(desk.folder.iterdir()) == []
    await desk.e.w.pool.execute(
        "insert into recording (attempt_id, client_id, campaign_id, delivery_id, state, agreed_at)"
        " select a.id, a.client_id, a.campaign_id, f.delivery_id, 'open', $2"
        "   from attempt a join case_file f on f.id = a.case_id where a.id = $1",
        attempt, desk.e.w.clock.now(),
    )  # fmt: skip
    assert await desk.keeper.late() == 0
    desk.e.later(minutes=11)
    assert await desk.keeper.late() == 1
    desk.e.later(days=1)
    await desk.keeper.look_after()
    assert (await desk.keeper.late(), await desk.e.w.one("select state from recording")) == (0, "lost")


async def test_no_back_up_has_the_sound(desk: Desk, dsn: str, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    attempt = await desk.conversation()
    await desk.recorded(attempt)
    file, erasures = tmp_path / "copy.sealed", tmp_path / "erasures"
    erasures.touch(0o600)
    assert await write_backup(settings(dsn, erasures), file, binaries()) == 0
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute("create database without_sound")
        again = postgres.dsn("without_sound")
        assert await read_backup(settings(again, erasures), file, binaries()) == 0
        pool = await open_pool(again)
        try:
            assert await pool.fetchval("select count(*) from recording") == 1
            assert await pool.fetchval("select count(*) from pii.recording_piece") == 0
            with pytest.raises(NotFoundError):
                await PgRecordings(pool).kept(attempt)
            assert await PgRetention(pool).recordings(desk.e.w.client, LONG_AGO, dry=False) == 1, "of no use any more"
        finally:
            await pool.close()
        await admin.execute("drop database without_sound with (force)")
    finally:
        await admin.close()


def settings(dsn: str, erasures: Path) -> Settings:
    return load(
        {
            "DIALER_DATABASE_DSN": dsn,
            "DIALER_KEYS_MASTER": bytes(range(32)).hex(),
            "DIALER_ASTERISK_SECRET": "x",
            "DIALER_SERVICE_ERASURES": str(erasures),
        }
    )


def write(paths: Sequence[str], sounds: Sequence[bytes]) -> None:
    """As Asterisk did, long ago."""
    for path, sound in zip(paths, sounds, strict=True):
        Path(path).write_bytes(sound)
        os.utime(path, (1, 1))
