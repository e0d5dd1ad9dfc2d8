"""Call-back requests: taken from callers, claimed and closed by agents. The number is shown to the one who took it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dialer.domain.errors import ForbiddenError
from dialer.domain.ids import ClientId, UserId
from dialer.domain.numbers import PhoneNumber, parse_number
from dialer.schedule.history import CLAIM_LASTS
from dialer.services.ports.callbacks import CallbackStore, NewCallback, SealedCallback
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.engine import AskedCallback, CallbackRequest
from dialer.services.ports.vault import Vault
from dialer.services.sealed import CALLBACK


class CallbackService:
    """Also the port `CallbackTasks` of the engine."""

    def __init__(self, store: CallbackStore, vault: Vault, clock: Clock, ids: Ids, *, demo: bool = False) -> None:
        """`demo`: fictional numbers are dialled too."""
        self._store = store
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._demo = demo

    async def open(self, request: CallbackRequest) -> None:
        """One open task per client and number: asking again changes nothing."""
        task = self._ids.new()
        sealer = self._vault.client(request.client, await self._store.client_key(request.client))
        await self._store.open(
            NewCallback(
                id=task,
                client=request.client,
                campaign=request.campaign,
                number_key=self._vault.number_key(request.number),
                sealed_number=sealer.seal(CALLBACK, task, request.number.encode()),
                attempt=request.attempt,
                origin=request.origin,
                at=request.at,
            )
        )

    async def block_number(self, client: ClientId, number: str, at: datetime, reason: str) -> None:
        """This number is not dialled any more for this client; nobody had to say who they are."""
        kind = "mobile" if number.startswith("+316") else "fixed"
        key = self._vault.number_key(number)
        await self._store.block_number(client, key, kind, at, reason, self._ids.new())

    async def caller_language(self, client: ClientId, number: str) -> str:
        """The language of whoever has this number on the client's lists; "" where nobody has, or they differ."""
        return await self._store.language_of(client, self._vault.number_key(number))

    async def claim(self, callback: UUID, user: UserId) -> None:
        """Raises ConflictError when somebody else has it."""
        now = self._clock.now()
        await self._store.claim(callback, user, now, now - CLAIM_LASTS)

    async def close(self, callback: UUID, user: UserId, *, done: bool) -> None:
        """Done or cancelled."""
        await self._store.close(callback, user, "done" if done else "cancelled", self._clock.now())

    async def number(self, callback: UUID, user: UserId) -> str:
        """For the one who claimed it. Raises ForbiddenError for others."""
        sealed = await self._store.sealed(callback)
        if sealed.claimed_by != user:
            raise ForbiddenError("dit verzoek is niet van u")
        return self._open(callback, sealed)

    async def asked(self, callback: UUID) -> AskedCallback:
        """The request as the engine wants to know it. Raises NotFoundError."""
        sealed = await self._store.sealed(callback)
        number = self._open(callback, sealed)
        return AskedCallback(
            callback=callback,
            client=sealed.client,
            campaign=sealed.campaign,
            case=sealed.case,
            number=number,
            callable=isinstance(parse_number(number, demo=self._demo), PhoneNumber),
            state=sealed.state,
            claimed_by=sealed.claimed_by,
        )

    def _open(self, callback: UUID, sealed: SealedCallback) -> str:
        sealer = self._vault.client(sealed.client, sealed.client_key)
        return sealer.open(CALLBACK, callback, sealed.sealed_number).decode()
