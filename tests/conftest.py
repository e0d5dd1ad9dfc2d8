"""Fixtures that every kind of test shares: a real PostgreSQL, cloned from a migrated template for each test."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import hypothesis
import pytest
import pytest_timeout

from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.storage.migrate import migrate
from tests.support.city import TelephoneCity
from tests.support.memory import memory_or
from tests.support.plant import Plant

_numbers = itertools.count(1)

# In CI the same code gives the same answer each time; at a desk every run looks at other cases.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Time anew for taking down: after a failure pytest-timeout runs no clock, and what hangs hangs for ever."""
    settings = pytest_timeout._get_item_settings(item)
    if settings.timeout:
        item.config.hook.pytest_timeout_cancel_timer(item=item)
        item.config.hook.pytest_timeout_set_timer(item=item, settings=settings)


class FailuresAtOnce:
    """Says what failed when it fails, whichever process ran it: a run that is cut off later has no summary."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if report.failed and reporter is not None:
            reporter.write_line(f"\n{report.nodeid} ({report.when})\n{report.longreprtext[-2000:]}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(FailuresAtOnce(config))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One server for the session; the database `template` holds the migrated schema and no rows."""
    with memory_or(tmp_path_factory.mktemp("postgres"), needs=1 << 30) as data:
        server = EmbeddedPostgres(data, Processes(data), fast=True, more={"max_wal_size": "128MB"})
        server.start()
        try:
            asyncio.run(_make_template(server))
            yield server
        finally:
            server.stop()


async def _make_template(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn())
    await connection.execute("create database template_dialer")
    await connection.close()
    await migrate(server.dsn("template_dialer"))


@pytest.fixture
async def dsn(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A fresh, migrated database for one test."""
    name = f"test_{next(_numbers)}"
    connection = await asyncpg.connect(postgres.dsn())
    try:
        # Copied as files: a third of what it costs page by page through the log.
        await connection.execute(f"create database {name} template template_dialer strategy file_copy")
        yield postgres.dsn(name)
        await connection.execute(f"drop database {name} with (force)")
    finally:
        await connection.close()


@pytest.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A database with nothing in it, for a back-up that comes back."""
    name = f"empty_{next(_numbers)}"
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(f"create database {name}")
        yield postgres.dsn(name)
        await connection.execute(f"drop database {name} with (force)")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def telephone_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelephoneCity]:
    """Both Asterisks up. Tests share it: use numbers, devices and channel ids of your own."""
    state = Path(os.environ.get("DIALER_STATE", Path(__file__).parents[1] / ".state"))
    city = TelephoneCity(tmp_path_factory.mktemp("city"), state)
    try:
        city.start()
        yield city
    finally:
        city.stop()


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """PostgreSQL and both Asterisks, to be broken; each test opens a `Day` on it and leaves everything running."""
    plant = Plant(tmp_path_factory.mktemp("plant"))
    try:
        plant.start()
        yield plant
    finally:
        plant.stop()
