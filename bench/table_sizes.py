"""What the tables hold on disk, with their indexes and what is stored aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import asyncpg

SQL_SIZES = """
select c.oid::regclass::text as name, pg_total_relation_size(c.oid) as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
"""


async def sizes(pool: asyncpg.Pool) -> Mapping[str, int]:
    """Bytes by table."""
    return {row["name"]: row["bytes"] for row in await pool.fetch(SQL_SIZES)}


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> Mapping[str, int]:
    """Bytes that came, by table, the most first; tables that did not grow are left out."""
    more = {name: size - before.get(name, 0) for name, size in after.items()}
    return {name: size for name, size in sorted(more.items(), key=lambda one: -one[1]) if size > 0}


def told(before: Mapping[str, int], after: Mapping[str, int], many: int, what: str, most: int) -> Iterator[str]:
    """Lines to print: bytes for each of `many`."""
    more = grown(before, after)
    named = list(more.items())
    for name, size in named[:most]:
        yield f"{name:<32}{size / 2**20:>9.1f} MiB {size / many:>9.0f} bytes a {what}"
    rest = sum(size for _, size in named[most:])
    if rest:
        yield f"{f'{len(named) - most} others':<32}{rest / 2**20:>9.1f} MiB {rest / many:>9.0f} bytes a {what}"
    yield f"{'together':<32}{sum(more.values()) / 2**20:>9.1f} MiB {sum(more.values()) / many:>9.0f} bytes a {what}"
