"""Secrets that change under a service that dials, with the real PostgreSQL and the real Asterisk."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from dialer.asterisk.config import AmiUser, AsteriskSettings, Trunk, dialer_files
from dialer.demo.town_plan import special
from tests.support.day import Day, Dialer, Resident
from tests.support.plant import AMI_KICKER, AMI_USER, AMI_USER_BESIDE, Plant
from tests.support.raw_ami import RawAmi
from tests.support.runbook import follow

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

NEW_AMI = "another-secret-0123456789"
AMI, DATABASE = 'dialer_secret_refused{secret="asterisk.secret"}', 'dialer_secret_refused{secret="database.dsn"}'
TAKEN = 'dialer_secret_taken_timestamp_seconds{secret="asterisk.secret"}'


def put(file: Path, text: str) -> None:
    """As docs/run.md says: a new file renamed over the old one."""
    beside = file.with_suffix(".new")
    beside.write_text(text + "\n")
    beside.replace(file)


async def reload_manager(plant: Plant, secret: str) -> None:
    """What an operator does on Asterisk's machine: write the user's new secret, `manager reload`."""
    users = (AmiUser(name=AMI_USER, secret=secret), *plant.instance.ami_users[1:])
    instance = replace(plant.instance, ami_users=users)
    text = dialer_files(AsteriskSettings(instance=instance, trunks=(Trunk(name="trunk", host="127.0.0.1"),)))
    put(Path(plant.instance.folders.etc) / "manager.conf", text["manager.conf"])
    async with RawAmi(plant.instance.ami_port, AMI_KICKER, plant.ami_secret) as ami:
        await ami.action("Command", Command="manager reload")


async def test_secrets_change_while_it_dials(plant: Plant, tmp_path: Path) -> None:
    ami_file, dsn_file = tmp_path / "ami.secret", tmp_path / "database.dsn"
    residents = [Resident(special("201", place)) for place in range(100)]
    async with Day(plant, residents, agents=2) as day:
        await day.pool.execute("drop role if exists rotating")
        await day.pool.execute("create role rotating superuser login password 'password-one'")

        def address(dialer: Dialer, password: str) -> str:
            database = urlsplit(day.dsn()).path
            return f"postgresql://rotating:{password}@127.0.0.1:{dialer.database.port}{database}"

        # The proxy's port is known when the service has been made: it starts on the usual user first.
        put(ami_file, plant.ami_secret)
        first = await day.serve(wait=True)
        put(dsn_file, address(first, "password-one"))
        await asyncio.to_thread(plant.processes.stop, "service")
        first.env = {"DIALER_ASTERISK_SECRET_FILE": str(ami_file), "DIALER_DATABASE_DSN_FILE": str(dsn_file)}
        try:
            dialer = await day.open()
            await day.run()
            await day.until_count("state = 'joined'", 1, 40)

            async def shows(name: str, value: float) -> None:
                async def so() -> bool:
                    return (await day.figures()).get(name) == value

                await day.until(so)

            def told() -> None:
                os.kill(plant.processes.pid_of("service"), signal.SIGHUP)

            async def goes_on() -> None:
                await day.until_count("true", await day.count() + 2, 40)
                assert await day.ready()

            # Asterisk: the file first, so the new one is refused and the old one stays.
            began = (await day.figures())[TAKEN]
            put(ami_file, NEW_AMI)
            told()
            await shows(AMI, 1.0)
            env = {
                "DIALER_DATABASE_DSN": day.dsn(),
                "DIALER_ASTERISK_PORT": str(plant.instance.ami_port),
                "DIALER_ASTERISK_USERNAME": AMI_USER_BESIDE,
                "DIALER_ASTERISK_SECRET": plant.ami_secret,
                "DIALER_HTTP_METRICS_PORT": str(dialer.metrics_port),
                "DIALER_KEYS_MASTER": plant.master_key,
            }
            await follow("secret-refused", "Look", env, metrics_port=dialer.metrics_port)
            await goes_on()
            await reload_manager(plant, NEW_AMI)
            told()
            await shows(AMI, 0.0)
            assert (await day.figures())[TAKEN] > began
            before = dialer.ami.accepted
            dialer.ami.cut()  # the old secret lets nobody in any more

            async def up_again() -> bool:
                return dialer.ami.accepted > before and await day.ready()

            await day.until(up_again)
            await goes_on()

            # PostgreSQL: the other side first, and whoever is connected stays so.
            await day.pool.execute("alter role rotating password 'password-two'")
            await goes_on()
            put(dsn_file, address(dialer, "password-wrong"))
            told()
            await shows(DATABASE, 1.0)
            await goes_on()
            put(dsn_file, address(dialer, "password-two"))
            told()
            await shows(DATABASE, 0.0)
            cut = await day.pool.fetchval(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'rotating'"
            )
            assert cut >= 2
            await day.until(day.ready)
            await goes_on()
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(address(dialer, "password-one"))

            # Another database is no new password.
            put(dsn_file, address(dialer, "password-two").rpartition("/")[0] + "/postgres")
            told()
            await shows(DATABASE, 1.0)
            await goes_on()
            put(dsn_file, address(dialer, "password-two"))
            told()
            await shows(DATABASE, 0.0)
            log = plant.processes.log_of("service").read_text()
            for secret in (NEW_AMI, "password-one", "password-two", "password-wrong"):
                assert secret not in log
            assert await day.doubled() == []
        finally:
            await reload_manager(plant, plant.ami_secret)
