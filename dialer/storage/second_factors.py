"""Authenticator apps, recovery codes and what each role is asked for, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from dialer.domain.ids import UserId
from dialer.services.ports.second_factor import Factor, FactorRule
from dialer.storage.pool import store

SQL_FACTOR = "select sealed, pending, pending_at, confirmed_at, last_step from second_factor where user_id = $1"
SQL_RECOVERY_LEFT = "select count(*) from recovery_code where user_id = $1 and used_at is null"
SQL_START_FACTOR = """
insert into second_factor (user_id, pending, pending_at) values ($1, $2, $3)
on conflict (user_id) do update set pending = excluded.pending, pending_at = excluded.pending_at
"""
SQL_CONFIRM_FACTOR = """
update second_factor
   set sealed = pending, pending = null, pending_at = null, confirmed_at = $4, last_step = $3
 where user_id = $1 and pending = $2
"""
SQL_FORGET_RECOVERY = "delete from recovery_code where user_id = $1"
SQL_ADD_RECOVERY = "insert into recovery_code (user_id, code_hash, made_at) select $1, unnest($2::bytea[]), $3"
# One statement, so that two who send the same code at once do not both get in.
SQL_USE_STEP = "update second_factor set last_step = $3 where user_id = $1 and sealed = $2 and last_step < $3"
SQL_USE_RECOVERY = "update recovery_code set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null"
SQL_REMOVE_FACTOR = "delete from second_factor where user_id = $1"
SQL_RULES = "select role, second_factor from sign_in_rule"
SQL_SET_RULE = """
insert into sign_in_rule (role, second_factor, set_at) values ($1, $2, $3)
on conflict (role) do update set second_factor = excluded.second_factor, set_at = excluded.set_at
"""


@store
class PgSecondFactors:
    """`FactorStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def factor(self, user: UserId) -> Factor | None:
        """None: never set up."""
        row = await self._pool.fetchrow(SQL_FACTOR, user)
        return None if row is None else Factor(**row)

    async def recovery_left(self, user: UserId) -> int:
        """Not used."""
        return int(await self._pool.fetchval(SQL_RECOVERY_LEFT, user))

    async def start(self, user: UserId, pending: bytes, at: datetime) -> None:
        """To be confirmed."""
        await self._pool.execute(SQL_START_FACTOR, user, pending, at)

    async def confirm(self, user: UserId, pending: bytes, step: int, codes: Sequence[bytes], at: datetime) -> bool:
        """It counts."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.execute(SQL_CONFIRM_FACTOR, user, pending, step, at) != "UPDATE 1":
                return False
            await connection.execute(SQL_FORGET_RECOVERY, user)
            await connection.execute(SQL_ADD_RECOVERY, user, list(codes), at)
            return True

    async def use_step(self, user: UserId, sealed: bytes, step: int) -> bool:
        """Each step once."""
        return bool(await self._pool.execute(SQL_USE_STEP, user, sealed, step) == "UPDATE 1")

    async def use_recovery(self, user: UserId, code: bytes, at: datetime) -> bool:
        """Each code once."""
        return bool(await self._pool.execute(SQL_USE_RECOVERY, user, code, at) == "UPDATE 1")

    async def remove(self, user: UserId) -> bool:
        """App and codes."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_FORGET_RECOVERY, user)
            return bool(await connection.execute(SQL_REMOVE_FACTOR, user) == "DELETE 1")

    async def rules(self) -> Mapping[str, FactorRule]:
        """By role."""
        return {row["role"]: FactorRule(row["second_factor"]) for row in await self._pool.fetch(SQL_RULES)}

    async def set_rule(self, role: str, rule: FactorRule, at: datetime) -> None:
        """From the next sign-in on."""
        await self._pool.execute(SQL_SET_RULE, role, rule, at)
