"""A conversation is recorded for real: a resident and an agent who each say a tone, one Asterisk, one folder in memory.

What counts is the sound that is kept, on each side, and that nothing is left anywhere else.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dialer.asterisk.link import Link, LinkSettings
from dialer.demo.town_plan import special
from dialer.doctor import _recorder
from dialer.domain.agent import AgentState
from dialer.domain.errors import ForbiddenError
from dialer.domain.ids import AttemptId, UserId
from dialer.domain.recording import PlayPurpose, RecordingState
from dialer.security.vault import MasterVault
from dialer.services.ports.people import Viewer
from dialer.services.recorder import RecordingRefusedError
from dialer.services.recordings import RecordingKeeper, Recordings
from dialer.spool import FolderSpool
from dialer.storage.audit import PostgresAudit
from dialer.storage.pool import open_pool
from dialer.storage.recordings import PgRecordings
from tests.support.browser_phone import longest_silence, share_of
from tests.support.city import TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.memory import MEMORY
from tests.support.sound import from_wav
from tests.support.world import MONDAY

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

AGENT_HZ = 440
"""What a softphone of the tests says."""
PURE = 0.8
QUALITY = Viewer(actor="user:quality", user=None, role="quality", client=None)


class Recorded:
    """A centre that records, its spool, and what reads a recording back."""

    def __init__(self, live: LiveCentre, folder: Path) -> None:
        self.live = live
        self.folder = folder
        self.vault = MasterVault(os.urandom(32))
        self.spool = FolderSpool(folder)
        self.store = PgRecordings(live.pool)
        live.spool = self.spool

    async def start(self) -> UserId:
        await self.live.start()
        world, pool = self.live.world, self.live.pool
        client_key = self.vault.new_client_key(world.client)
        await pool.execute("update client set wrapped_key = $2 where id = $1", world.client, client_key)
        delivery_key = self.vault.new_delivery_key(world.client, client_key, world.delivery)
        await pool.execute("update delivery set wrapped_key = $2 where id = $1", world.delivery, delivery_key)
        await pool.execute('update campaign set settings = \'{"recording": "on"}\'')
        await self.live.centre.engine.refresh()
        return world.agents[0]

    async def talk(self, user: UserId, number: str, *, verified: bool = True) -> AttemptId:
        await self.live.world.add_case(number)
        self.live.centre.somebody_free()
        await self.live.until(lambda: self.live.state(user) is AgentState.TALKING, 30)
        attempt = self.live.centre.floor.agent(user).attempt
        assert attempt is not None
        await self.live.centre.journal.settled()
        await self.live.pool.execute("update attempt set verified = $2 where id = $1", attempt, verified)
        return attempt

    def state(self, attempt: AttemptId) -> RecordingState | None:
        live = self.live.centre.floor.live(attempt)
        return None if live is None or live.info.recording is None else live.info.recording.state

    async def runs(self, user: UserId, attempt: AttemptId) -> None:
        await self.live.centre.recorder.agreed(user, attempt)
        await self.live.until(lambda: self.state(attempt) is RecordingState.RUNNING)

    async def written(self, seconds: float, part: int = 1) -> None:
        """Asterisk writes four seconds at a time: so much of sound has come."""
        await self.live.until(
            lambda: any(
                f".{part:03d}.in." in one.name and one.stat().st_size >= seconds * 8000 for one in self.files()
            ),
            30,
        )

    def files(self) -> Sequence[Path]:
        return sorted(self.folder.iterdir())

    async def hang_up(self, user: UserId, attempt: AttemptId) -> None:
        await self.live.centre.desk.hang_up(user, attempt)
        await self.live.centre.journal.settled()

    def keeper(self) -> RecordingKeeper:
        return RecordingKeeper(self.store, self.spool, self.vault, self.live.clock)

    async def emptied(self) -> None:
        keeper = self.keeper()
        async with asyncio.timeout(60):
            while self.files():
                await keeper.tend()
                await asyncio.sleep(0.1)

    async def sound(self, attempt: AttemptId) -> tuple[list[float], list[float]]:
        """What is kept: the resident, the agent."""
        recordings = Recordings(
            self.store, self.vault, PostgresAudit(self.live.pool, self.live.clock.now), self.live.clock
        )
        played = await recordings.play(attempt, PlayPurpose.QUALITY, QUALITY)
        content = b"".join([piece async for piece in played.sound])
        assert len(content) == played.size
        return from_wav(content)

    async def row(self, attempt: AttemptId) -> str | None:
        found: str | None = await self.live.pool.fetchval("select state from recording where attempt_id = $1", attempt)
        return found

    async def pieces(self) -> int:
        return int(await self.live.pool.fetchval("select count(*) from pii.recording_piece"))


@pytest.fixture
async def recorded(telephone_city: TelephoneCity, dsn: str) -> AsyncIterator[Recorded]:
    folder = MEMORY / f"dialer-test-{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    pool = await open_pool(dsn)
    live = LiveCentre(telephone_city, pool, MONDAY)
    yield Recorded(live, folder)
    await live.stop()
    await pool.close()
    shutil.rmtree(folder)
    assert live.centre.floor.illegal == 0
    assert live.centre.journal.rejected == 0
    assert live.centre.tasks.failed == 0


async def test_each_side_on_its_channel_and_nothing_is_left_in_memory(recorded: Recorded) -> None:
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 71))
    assert recorded.files() == [], "nothing is recorded before the resident agrees"
    await recorded.runs(user, attempt)
    assert (await recorded.live.centre.recorder.agreed(user, attempt)).part == 1, "pressed twice is once"
    await recorded.written(4)
    assert all(one.stat().st_mode & 0o007 == 4 for one in recorded.files())
    await recorded.hang_up(user, attempt)
    await recorded.emptied()

    resident, agent = await recorded.sound(attempt)
    assert len(resident) == len(agent) >= 4 * 8000
    middle = slice(8000, 4 * 8000)
    assert share_of(agent[middle], AGENT_HZ) > PURE, "the agent is on the right"
    assert share_of(resident[middle], AGENT_HZ) < 0.05, "and not on the left"
    assert sum(abs(one) for one in resident[middle]) / 24_000 > 0.005, "the resident is on the left"
    sealed = await recorded.live.pool.fetchval("select sealed from pii.recording_piece")
    assert len(set(sealed)) == 256
    assert b"\xd5" * 16 not in sealed
    heard = await recorded.live.pool.fetch(
        "select action, purpose from audit_event where action like 'recording%' and subject_id = $1 order by id",
        str(attempt),
    )
    assert [tuple(one) for one in heard] == [
        ("recording.agreed", ""), ("recording.keep", ""), ("recording.play", "quality"),
    ]  # fmt: skip


async def test_a_refusal_leaves_nothing_anywhere(recorded: Recorded) -> None:
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 72))
    await recorded.runs(user, attempt)
    await recorded.written(4)
    await recorded.live.centre.recorder.refuse(user, attempt)
    assert recorded.files() == []
    assert await recorded.row(attempt) == "refused"
    assert recorded.state(attempt) is RecordingState.REFUSED
    with pytest.raises(RecordingRefusedError) as refused:
        await recorded.live.centre.recorder.agreed(user, attempt)
    assert refused.value.code == "recording-refused"
    await recorded.hang_up(user, attempt)
    await recorded.keeper().tend()
    assert (recorded.files(), await recorded.pieces()) == ([], 0)
    assert await recorded.row(attempt) == "refused"


@pytest.mark.nightly
async def test_refused_in_the_wrap_up_what_was_kept_goes(recorded: Recorded) -> None:
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 73))
    await recorded.runs(user, attempt)
    await recorded.written(4)
    await recorded.hang_up(user, attempt)
    await recorded.emptied()
    assert (await recorded.row(attempt), await recorded.pieces()) == ("kept", 1)
    with pytest.raises(ForbiddenError):
        await recorded.live.centre.recorder.refuse(UserId(uuid.uuid4()), attempt)
    await recorded.live.centre.recorder.refuse(user, attempt)
    assert (await recorded.row(attempt), await recorded.pieces()) == ("refused", 0)


async def test_what_is_said_in_a_pause_is_nowhere(recorded: Recorded) -> None:
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 74))
    recorder = recorded.live.centre.recorder
    await recorded.runs(user, attempt)
    await recorded.written(4)
    await recorder.pause(user, attempt)
    before = {one.name: one.stat().st_size for one in recorded.files()}
    assert recorded.state(attempt) is RecordingState.PAUSED
    await asyncio.sleep(2.0)  # what is said in this time is what is asked
    after = {one.name: one.stat().st_size for one in recorded.files()}
    assert sum(after.values()) - sum(before.values()) < 2 * 2 * 8000, "two seconds went by, and they are not there"
    settled = dict(after)
    await recorder.resume(user, attempt)
    await recorded.live.until(lambda: recorded.state(attempt) is RecordingState.RUNNING)
    await recorded.written(4, part=2)
    assert {
        name: size for name, size in ((one.name, one.stat().st_size) for one in recorded.files()) if ".001." in name
    } == settled
    await recorded.hang_up(user, attempt)
    await recorded.emptied()
    resident, agent = await recorded.sound(attempt)
    assert 0.85 < longest_silence(agent) < 1.3, "a second of silence says that it was paused"
    assert share_of(agent[-3 * 8000 : -8000], AGENT_HZ) > PURE
    assert len(resident) == len(agent)


async def test_nobody_is_recorded_who_did_not_say_who_he_is(recorded: Recorded) -> None:
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 75), verified=False)
    recorder = recorded.live.centre.recorder
    for change, code in (
        ("update case_file set crisis = false", "recording-not-verified"),
        ("update attempt set verified = true", ""),
        ("update case_file set crisis = true", "recording-crisis"),
        ("update case_file set crisis = false", ""),
        ("update campaign set settings = '{}'", "recording-off"),
    ):
        await recorded.live.pool.execute(change)
        if code:
            with pytest.raises(RecordingRefusedError) as refused:
                await recorder.agreed(user, attempt)
            assert refused.value.code == code
    with pytest.raises(ForbiddenError):
        await recorder.agreed(UserId(uuid.uuid4()), attempt)
    assert recorded.files() == []
    assert await recorded.row(attempt) is None


async def test_the_process_is_killed_while_it_records(recorded: Recorded) -> None:
    """The next one stops it, for nobody could pause it meanwhile; what is there is sealed when the call ends."""
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 76))
    await recorded.runs(user, attempt)
    await recorded.written(4)
    await recorded.live.kill()
    assert recorded.files() != []
    await recorded.keeper().tend()
    assert len(recorded.files()) == 2, "the call goes on: nothing is sealed yet"
    await recorded.live.resume(owner="next")
    await recorded.live.until(lambda: recorded.state(attempt) is RecordingState.PAUSED)
    await recorded.live.centre.recorder.resume(user, attempt)
    await recorded.live.until(lambda: recorded.state(attempt) is RecordingState.RUNNING)
    await recorded.live.until(lambda: len(recorded.files()) == 4)
    await recorded.written(4, part=2)
    await recorded.hang_up(user, attempt)
    await recorded.emptied()
    _, agent = await recorded.sound(attempt)
    assert len(agent) > 8 * 8000
    assert share_of(agent[8000 : 3 * 8000], AGENT_HZ) > PURE
    assert share_of(agent[-3 * 8000 : -8000], AGENT_HZ) > PURE


async def test_killed_at_each_line_of_the_sealing(recorded: Recorded) -> None:
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 77))
    await recorded.runs(user, attempt)
    await recorded.written(4)
    await recorded.hang_up(user, attempt)
    content = {one: one.read_bytes() for one in recorded.files()}

    class DiesError(RuntimeError):
        """The process ends here."""

    class Broken(PgRecordings):
        at = ""

        async def keep(self, *given: Any) -> bool:
            if self.at == "before":
                raise DiesError
            done = await super().keep(*given)
            if self.at == "after":
                raise DiesError
            return done

    broken = Broken(recorded.live.pool)
    keeper = RecordingKeeper(broken, recorded.spool, recorded.vault, recorded.live.clock)
    for at, row, pieces in (("before", "open", 0), ("after", "kept", 1)):
        broken.at = at
        async with asyncio.timeout(60):
            while True:
                try:
                    await keeper.tend()
                except DiesError:
                    break
                await asyncio.sleep(0.1)
        assert (await recorded.row(attempt), await recorded.pieces()) == (row, pieces)
        assert recorded.files() != []
    await recorded.keeper().tend()
    assert recorded.files() == [], "what is kept is not kept twice"
    assert (await recorded.row(attempt), await recorded.pieces()) == ("kept", 1)
    resident, _ = await recorded.sound(attempt)
    assert len(resident) >= max(map(len, content.values()))


async def test_the_doctor_sees_whether_asterisk_can_record(
    telephone_city: TelephoneCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, secret = telephone_city.ami_user
    settings = LinkSettings(port=telephone_city.instance.ami_port, username=name, secret=secret)
    link = Link(settings, lambda _event: None, lambda _up: None)
    link.start()
    try:
        assert await link.came_up(30)
        found = await _recorder(link)
        assert (found.ok, found.detail) == (True, "loaded")
        monkeypatch.setattr("dialer.doctor.RECORDING_MODULES", ("app_nobody",))
        found = await _recorder(link)
        assert (found.ok, found.detail) == (False, "not loaded: app_nobody")
        assert "dialer asterisk write" in found.mend
    finally:
        await link.stop()


async def test_a_folder_on_a_disk_takes_nothing(recorded: Recorded, tmp_path: Path) -> None:
    disk = tmp_path / "spool"
    disk.mkdir(mode=0o700)
    if not FolderSpool(disk).trouble():
        pytest.skip("this machine keeps its temporary files in memory")
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 78))
    recorder = recorded.live.centre.recorder
    recorder._spool = FolderSpool(disk)
    with pytest.raises(RecordingRefusedError) as refused:
        await recorder.agreed(user, attempt)
    assert refused.value.code == "recording-no-place"
    assert list(disk.iterdir()) == []
    assert await recorded.row(attempt) is None
    assert recorder.failed == 1


async def test_a_destroyed_key_above_it_makes_it_noise(recorded: Recorded) -> None:
    user = await recorded.start()
    attempt = await recorded.talk(user, special("200", 79))
    await recorded.runs(user, attempt)
    await recorded.written(4)
    await recorded.hang_up(user, attempt)
    await recorded.live.pool.execute("update delivery set wrapped_key = null")
    await recorded.emptied()
    assert (await recorded.row(attempt), await recorded.pieces()) == ("lost", 0)
