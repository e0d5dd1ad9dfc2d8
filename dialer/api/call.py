"""One request after all checks, and what handlers answer with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from aiohttp import web

from dialer.api.keys import ApiDeps
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.services.access import Principal
from dialer.services.plain import encode
from dialer.services.ports.audit import AuditEntry
from dialer.services.ports.people import Viewer

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """A request that may be served: signed in, permitted, of the right client, fitting the description."""

    deps: ApiDeps
    request: web.Request
    who: Principal | None  # None only for public operations
    path: Mapping[str, UUID]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    version: int | None  # of If-Match
    language: str

    @property
    def principal(self) -> Principal:
        """Who asks."""
        if self.who is None:
            raise RuntimeError("a public operation asked who calls")
        return self.who

    @property
    def user(self) -> UserId:
        """The person who asks. Raises InvalidError for a machine: some things take hands."""
        if self.principal.user is None:
            raise InvalidError("only for people")
        return self.principal.user

    @property
    def client(self) -> ClientId | None:
        """The only client whose objects may be seen; None: all."""
        return self.principal.client

    def viewer(self, attempt: AttemptId | None = None) -> Viewer:
        """Who asks, as the services of personal data want to know it."""
        return Viewer(
            actor=self.principal.actor,
            user=self.principal.user,
            role=self.principal.role,
            client=self.client,
            language=self.language,
            attempt=attempt,
        )

    def text(self, english: str, dutch: str) -> str:
        """In the reader's language."""
        return english if self.language == "en" else dutch

    def uuid(self, name: str) -> UUID | None:
        """An id out of the query or the body."""
        value = self.query.get(name) or self.body.get(name)
        return None if value is None else UUID(value)

    def required_uuid(self, name: str) -> UUID:
        """The same where the description says that it is always there."""
        return UUID(self.body[name])

    def uuids(self, name: str) -> list[UUID]:
        """A list of ids in the body."""
        return [UUID(value) for value in self.body[name]]

    @property
    def required_version(self) -> int:
        """Of If-Match, where the description asks for it."""
        if self.version is None:
            raise RuntimeError("this operation asks for no If-Match")
        return self.version

    async def audit(
        self, action: str, kind: str, subject: object, client: ClientId | None = None, **detail: object
    ) -> None:
        """Write down that this caller did or read this."""
        entry = AuditEntry(
            actor=self.principal.actor,
            action=action,
            subject_kind=kind,
            subject=str(subject),
            client=client or self.client,
            detail=detail,
        )
        await self.deps.audit.record(entry)


Handler = Callable[[ApiCall], Awaitable[web.StreamResponse]]
Handlers = Mapping[str, Handler]
"""operationId -> handler; each resource's module has one."""


def answer(value: object, status: int = 200, *, version: int | None = None) -> web.Response:
    """JSON that nobody may keep."""
    response = web.Response(status=status, body=encode(value).encode(), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def done() -> web.Response:
    """204."""
    return web.Response(status=204, headers={"Cache-Control": "no-store"})


def found(value: T | None) -> T:
    """`value`, or NotFoundError."""
    if value is None:
        raise NotFoundError("not found")
    return value


def page(items: Sequence[object], following: str | None) -> web.Response:
    """One page of a list."""
    return answer({"items": items, "next": following})
