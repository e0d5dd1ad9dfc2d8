"""Whose data a request may see, down to the database.

Whoever serves a client's people or machines says so here; the storage then works under a role of PostgreSQL that sees
the rows of that client alone (row-level security), whatever a statement forgets to ask. Without a scope nothing is
narrowed: that is the service's own work, and that of our people.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager

from dialer.domain.ids import ClientId

_scope: contextvars.ContextVar[ClientId | None] = contextvars.ContextVar("client_scope", default=None)


def scope() -> ClientId | None:
    """The client to whose rows the present work is limited."""
    return _scope.get()


@contextmanager
def limited_to(client: ClientId | None) -> Iterator[None]:
    """Work on this client's rows only; None: on all."""
    token = _scope.set(client)
    try:
        yield
    finally:
        _scope.reset(token)


def unlimited() -> contextvars.Context:
    """A context for work that somebody's request sets going but that is the service's own."""
    context = contextvars.copy_context()
    context.run(_scope.set, None)
    return context
