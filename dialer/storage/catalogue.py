"""The outcome catalogue in the database: seeded from the file, read by version, never changed in place."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import resources

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.outcome import (
    Catalogue,
    FinalFor,
    OutcomeDef,
    Reached,
    SetBy,
    parse_catalogue,
    parse_step,
    step_json,
)
from dialer.storage.connection import Connection
from dialer.storage.pool import store as translated_store

SQL_VERSION = "insert into outcome_catalogue (version, created_at, note) values ($1, $2, $3) on conflict do nothing"
SQL_ROW = """
insert into outcome_definition (version, code, set_by, label_nl, label_en, reached, final_for, case_state, next_step,
                                needs, second_key, counted, ddas, position)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10, $11, $12, $13, $14)
on conflict do nothing
"""
SQL_READ = """
select code, set_by, label_nl, label_en, reached, final_for, case_state, next_step::text as next_step, needs,
       second_key, counted, ddas, position
  from outcome_definition where version = $1 order by position
"""
SQL_LATEST = "select max(version) from outcome_catalogue where campaign_id is null"


def first_catalogue() -> Catalogue:
    """The catalogue that a new installation starts with."""
    text = (resources.files("dialer.domain") / "catalogue_v1.toml").read_text(encoding="utf-8")
    return parse_catalogue(text)


@translated_store
class CatalogueStore:
    """Reads versions, and keeps them: a version never changes once it is stored."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: dict[int, Catalogue] = {}

    async def seed(self, at: datetime) -> int:
        """Store the first catalogue where it is missing; returns the version that new campaigns begin with."""
        first = first_catalogue()
        async with self._pool.acquire() as connection, connection.transaction():
            await store(connection, first, at, "eerste catalogus")
            return int(await connection.fetchval(SQL_LATEST))

    async def latest(self) -> int:
        """The version that new campaigns begin with. Raises NotFoundError before the first one is seeded."""
        version = await self._pool.fetchval(SQL_LATEST)
        if version is None:
            raise NotFoundError("no outcome catalogue: run migrate")
        return int(version)

    async def get(self, version: int, connection: Connection | None = None) -> Catalogue:
        """One version. Raises NotFoundError. Who holds a connection hands it over: never wait for a second one."""
        if version not in self._known:
            rows = await (connection or self._pool).fetch(SQL_READ, version)
            if not rows:
                raise NotFoundError("no such outcome catalogue")
            self._known[version] = Catalogue(version=version, outcomes={r["code"]: _from_record(r) for r in rows})
        return self._known[version]


async def store(connection: Connection, catalogue: Catalogue, at: datetime, note: str) -> None:
    """Store one version, whole; one that is there already stays as it is."""
    await connection.execute(SQL_VERSION, catalogue.version, at, note)
    await connection.executemany(
        SQL_ROW,
        [
            (
                catalogue.version,
                o.code,
                o.set_by.value,
                o.label_nl,
                o.label_en,
                o.reached.value,
                o.final_for.value,
                o.case_state,
                json.dumps(step_json(o.step)),
                list(o.needs),
                o.second_key,
                o.counted,
                o.ddas,
                o.position,
            )
            for o in catalogue.outcomes.values()
        ],
    )


def _from_record(row: asyncpg.Record) -> OutcomeDef:
    return OutcomeDef(
        code=row["code"],
        set_by=SetBy(row["set_by"]),
        label_nl=row["label_nl"],
        label_en=row["label_en"],
        reached=Reached(row["reached"]),
        final_for=FinalFor(row["final_for"]),
        case_state=row["case_state"],
        step=parse_step(json.loads(row["next_step"])),
        needs=tuple(row["needs"]),
        second_key=row["second_key"],
        counted=row["counted"],
        ddas=row["ddas"],
        position=row["position"],
    )
