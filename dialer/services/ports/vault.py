"""Sealing of personal data, keyed indexes over it, and secrets of people and machines. `security/` implements it.

Levels of keys: the master key wraps each client's key, a client's key wraps the key of each of its deliveries, that the
key of each recording about its cases.
Whoever destroys a wrapped key erases everything below it, back-ups included. Ids are bound into each box, so that a
sealed value cannot be moved to another row, delivery or client.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

from dialer.domain.errors import DialerError
from dialer.domain.ids import ClientId, DeliveryId


class ErasedError(DialerError):
    """The key was destroyed on purpose: this data is gone for good."""

    code = "erased"


class SealError(DialerError):
    """A box does not open: another key, another row, or damage."""

    code = "seal-broken"


class Sealer(Protocol):
    """One key, ready for use. `kind` is the sort of row (a table's name), `subject` the row's id."""

    def seal(self, kind: str, subject: UUID, plain: bytes) -> bytes:
        """Encrypt `plain` for one row."""
        ...

    def open(self, kind: str, subject: UUID, box: bytes) -> bytes:
        """Decrypt. Raises SealError."""
        ...


class Vault(Protocol):
    """Keys and keyed indexes."""

    def new_client_key(self, client: ClientId) -> bytes:
        """A fresh client key, wrapped by the master key: the value of `client.wrapped_key`."""
        ...

    def client(self, client: ClientId, wrapped: bytes) -> Sealer:
        """The client's own key, for what outlives a delivery (call-back numbers). Raises SealError."""
        ...

    def new_delivery_key(self, client: ClientId, client_wrapped: bytes, delivery: DeliveryId) -> bytes:
        """A fresh delivery key, wrapped by the client's key: the value of `delivery.wrapped_key`."""
        ...

    def delivery(
        self, client: ClientId, client_wrapped: bytes, delivery: DeliveryId, delivery_wrapped: bytes | None
    ) -> Sealer:
        """A delivery's key. Raises ErasedError when it was destroyed, SealError when it does not open."""
        ...

    def new_recording_key(self, outer: Sealer, recording: UUID) -> bytes:
        """A fresh key of one recording, wrapped by `outer`: the value of `recording.wrapped_key`."""
        ...

    def recording(self, outer: Sealer, recording: UUID, wrapped: bytes) -> Sealer:
        """A recording's key, opened anew each time and not kept. Raises SealError."""
        ...

    def number_key(self, e164: str) -> bytes:
        """Keyed hash of a number, the same for every client, so that one line is never dialled twice at once."""
        ...

    def match_key(self, surname: str, birth_date: date, postcode: str) -> bytes:
        """Keyed hash that finds a resident again: name with prefix, birth date, postcode; spelling evened out."""
        ...

    def split_key(self, match_key: bytes, client_ref: str) -> bytes:
        """Match key of a resident who was told apart from a namesake, by the client's own reference."""
        ...


class Passwords(Protocol):
    """Slow hashes of people's passwords. Both take tens of milliseconds of a core: run them in a thread."""

    def hash(self, password: str) -> str:
        """An encoded hash with salt and parameters."""
        ...

    def verify(self, encoded: str, password: str) -> bool:
        """Whether the password fits; False for a damaged hash too."""
        ...

    def needs_rehash(self, encoded: str) -> bool:
        """Whether it was made with other parameters than today's."""
        ...


class Tokens(Protocol):
    """Random secrets of machines and sessions. Only the hash is stored: 256 bits of entropy need no slow hash."""

    def new(self) -> tuple[str, bytes]:
        """(the secret to hand out once, its hash to store)."""
        ...

    def hash(self, token: str) -> bytes:
        """SHA-256 of a presented secret, for the look-up."""
        ...
