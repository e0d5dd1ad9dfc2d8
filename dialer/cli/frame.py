"""What commands about one client's data are framed by: the database while they work, the client, a file that is new."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from dialer.config import Settings
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.services.clients import Client
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    """Connections for as long as the command works."""
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        yield pool
    finally:
        await pool.close()


async def client_named(pool: asyncpg.Pool, slug: str) -> Client:
    """By its short name. Raises NotFoundError that says where the names are."""
    found = next((client for client in await PgClientStore(pool).all() if client.slug == slug), None)
    if found is None:
        raise NotFoundError(f"there is no client {slug!r}: dialer client list")
    return found


def write_new(path: Path, content: bytes) -> None:
    """With mode 0600, whole or not at all, over nothing. Raises InvalidError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, path)
    except OSError as error:
        raise InvalidError(f"{path}: {error.strerror}", "FILE") from None
    finally:
        draft.unlink(missing_ok=True)
