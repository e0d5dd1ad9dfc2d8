"""A new secret is used once it is proved, and the one before until then."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from dialer.config import Settings, load
from dialer.domain.errors import DialerError
from dialer.rotation import AGAIN_SECONDS, LOOK_SECONDS, NotTakenError, Rotating, Rotation, RotationGauges, refused_in
from tests.support.city import until

MASTER = base64.b64encode(bytes(32)).decode()


@dataclass
class Town:
    """A secret's file, and the other side that knows one secret only."""

    folder: Path
    known: str = "first"
    tried: list[str] = field(default_factory=list)
    now: float = 0.0
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @property
    def file(self) -> Path:
        return self.folder / "ami.secret"

    def read(self) -> Settings:
        environ = {
            "DIALER_DATABASE_DSN": "postgresql://d@db/d", "DIALER_KEYS_MASTER": MASTER,
            "DIALER_ASTERISK_SECRET_FILE": str(self.file),
        }  # fmt: skip
        return load(environ)

    async def take(self, settings: Settings) -> None:
        self.tried.append(settings.asterisk.secret)
        if settings.asterisk.secret != self.known:
            raise NotTakenError("it is not known there")

    def rotation(self) -> Rotation:
        self.file.write_text("first\n")
        rotating = [Rotating(name="asterisk.secret", take=self.take)]
        return Rotation(
            self.read(), self.read, rotating, RotationGauges(self.registry), lambda: 1000.0 + self.now, lambda: self.now
        )

    def refused(self) -> dict[str, bool]:
        return dict(refused_in(generate_latest(self.registry).decode()))

    def since(self) -> float | None:
        return self.registry.get_sample_value("dialer_secret_taken_timestamp_seconds", {"secret": "asterisk.secret"})


async def test_what_is_refused_is_not_used_and_tried_again_later(tmp_path: Path) -> None:
    town = Town(tmp_path)
    rotation = town.rotation()
    assert await rotation.look() == []
    assert town.tried == []
    town.file.write_text("second")
    for _ in range(2):  # the second time nobody is asked
        assert await rotation.look() == []
        assert town.refused() == {"settings": False, "asterisk.secret": True}
    assert (town.tried, town.since()) == (["second"], 1000.0)
    town.known, town.now = "second", AGAIN_SECONDS  # the other side was told later
    assert await rotation.look() == ["asterisk.secret"]
    assert town.refused() == {"settings": False, "asterisk.secret": False}
    assert town.since() == 1000.0 + AGAIN_SECONDS
    assert await rotation.look() == []
    assert town.tried == ["second", "second"]


async def test_the_old_one_put_back_is_no_change(tmp_path: Path) -> None:
    town = Town(tmp_path)
    rotation = town.rotation()
    town.file.write_text("wrong")
    await rotation.look()
    town.file.write_text("first")
    await rotation.look()
    assert not any(town.refused().values())
    town.file.write_text("wrong")
    await rotation.look()
    assert town.tried == ["wrong", "wrong"], "what was refused before the way back is tried anew"


async def test_a_file_that_is_gone_or_no_text_leaves_all_as_it_is(tmp_path: Path) -> None:
    town = Town(tmp_path)
    rotation = town.rotation()
    town.file.unlink()
    assert await rotation.look() == []
    assert town.refused()["settings"]
    town.file.write_bytes(b"\xff\xfe\x00")
    assert await rotation.look() == []
    assert town.refused()["settings"]
    town.file.write_text("first")
    await rotation.look()
    assert not any(town.refused().values())
    assert town.tried == []


async def test_whoever_asks_is_heard_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    town = Town(tmp_path)
    rotation = town.rotation()
    task = asyncio.create_task(rotation.run())
    try:
        town.file.write_text("second")
        loop = asyncio.get_running_loop()
        began = loop.time()
        with caplog.at_level("INFO"):
            rotation.ask()
            await until(lambda: town.tried == ["second"], LOOK_SECONDS)
            town.known = "second"
            rotation.ask()  # does not wait for its half-minute
            await until(lambda: town.tried == ["second", "second"], LOOK_SECONDS)
            await until(lambda: not town.refused()["asterisk.secret"], LOOK_SECONDS)
        assert loop.time() - began < LOOK_SECONDS
        assert "new secret in use secret=asterisk.secret" in caplog.text
        assert "second" not in caplog.text.replace("seconds", "")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_look_that_breaks_is_not_the_last(tmp_path: Path) -> None:
    town = Town(tmp_path)
    rotation = town.rotation()
    broken = [True]

    async def take(settings: Settings) -> None:
        if broken.pop() if broken else False:
            raise RuntimeError("unforeseen")
        await Town.take(town, settings)

    rotation._rotating = [Rotating(name="asterisk.secret", take=take)]
    task = asyncio.create_task(rotation.run())
    try:
        town.known = "second"
        town.file.write_text("second")
        rotation.ask()
        await until(lambda: not broken, LOOK_SECONDS)
        rotation.ask()
        await until(lambda: town.tried == ["second"], LOOK_SECONDS)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_every_rotating_name_is_a_setting_and_its_error_says_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.file.write_text("first")
    assert Rotating(name="asterisk.secret", take=town.take).of(town.read()) == "first"
    assert issubclass(NotTakenError, DialerError)
