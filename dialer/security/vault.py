"""Envelope encryption (AES-256-GCM) and keyed indexes (HMAC-SHA256) behind the Vault port.

A box is `version (1 byte) | nonce (12) | ciphertext and tag`. Nonces are random: 2^32 boxes under one key are far more
than one delivery holds. The associated data of a box names kind, client, delivery and row.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dialer.domain.ids import ClientId, DeliveryId
from dialer.domain.names import plain_name
from dialer.services.ports.vault import ErasedError, Sealer, SealError

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE = 12
_TAG = 16
_CACHED_KEYS = 512


class AesSealer:
    """A data key bound to its scope (client, or client and delivery)."""

    __slots__ = ("_aead", "_heads", "_scope")

    def __init__(self, key: bytes, scope: bytes) -> None:
        self._aead = AESGCM(key)
        self._scope = scope
        self._heads: dict[str, bytes] = {}  # associated data up to the row's id, by kind

    def seal(self, kind: str, subject: UUID, plain: bytes) -> bytes:
        """Encrypt `plain` for one row."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, self._bound(kind, subject))

    def open(self, kind: str, subject: UUID, box: bytes) -> bytes:
        """Decrypt. Raises SealError."""
        if len(box) < 1 + _NONCE + _TAG or box[:1] != _VERSION:
            raise SealError("not a sealed value")
        try:
            return self._aead.decrypt(box[1 : 1 + _NONCE], box[1 + _NONCE :], self._bound(kind, subject))
        except InvalidTag:
            raise SealError(f"a sealed {kind} does not open with this key for this row") from None

    def _bound(self, kind: str, subject: UUID) -> bytes:
        head = self._heads.get(kind)
        if head is None:
            head = self._heads[kind] = b"%b|%b|" % (kind.encode(), self._scope)
        return head + subject.bytes


class MasterVault:
    """The Vault of one master key (32 bytes)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key must be {KEY_BYTES} bytes")
        self._wrap = AesSealer(_derive(master, b"dialer wrap v1"), b"master")
        index = _derive(master, b"dialer index v1")
        self._number_index = hmac.digest(index, b"number", "sha256")
        self._match_index = hmac.digest(index, b"match", "sha256")
        # Keyed by the wrapped form: a destroyed key is never asked for again, so it falls out by itself.
        self._opened: OrderedDict[tuple[bytes, bytes], AesSealer] = OrderedDict()

    def new_client_key(self, client: ClientId) -> bytes:
        """A fresh client key, wrapped by the master key."""
        return self._wrap.seal("client-key", client, os.urandom(KEY_BYTES))

    def client(self, client: ClientId, wrapped: bytes) -> Sealer:
        """The client's own key. Raises SealError."""
        return self._unwrap(self._wrap, "client-key", client, wrapped, client.bytes)

    def new_delivery_key(self, client: ClientId, client_wrapped: bytes, delivery: DeliveryId) -> bytes:
        """A fresh delivery key, wrapped by the client's key."""
        return self.client(client, client_wrapped).seal("delivery-key", delivery, os.urandom(KEY_BYTES))

    def delivery(
        self, client: ClientId, client_wrapped: bytes, delivery: DeliveryId, delivery_wrapped: bytes | None
    ) -> Sealer:
        """A delivery's key. Raises ErasedError or SealError."""
        if delivery_wrapped is None:
            raise ErasedError("the delivery's key was destroyed")
        outer = self.client(client, client_wrapped)
        return self._unwrap(outer, "delivery-key", delivery, delivery_wrapped, client.bytes + delivery.bytes)

    def new_recording_key(self, outer: Sealer, recording: UUID) -> bytes:
        """A fresh key of one recording, wrapped by `outer`."""
        return outer.seal("recording-key", recording, os.urandom(KEY_BYTES))

    def recording(self, outer: Sealer, recording: UUID, wrapped: bytes) -> Sealer:
        """A recording's key. Not kept: of one that was deleted nothing stays in memory. Raises SealError."""
        return AesSealer(outer.open("recording-key", recording, wrapped), b"recording|" + recording.bytes)

    def number_key(self, e164: str) -> bytes:
        """Keyed hash of a number, the same for every client."""
        return hmac.digest(self._number_index, e164.encode(), "sha256")

    def match_key(self, surname: str, birth_date: date, postcode: str) -> bytes:
        """Keyed hash that finds a resident again."""
        text = f"{plain_name(surname)}|{birth_date.isoformat()}|{postcode.replace(' ', '').upper()}"
        return hmac.digest(self._match_index, text.encode(), "sha256")

    def split_key(self, match_key: bytes, client_ref: str) -> bytes:
        """Match key of a resident who was told apart from a namesake."""
        return hmac.digest(self._match_index, b"split|" + match_key + client_ref.encode(), "sha256")

    def _unwrap(self, outer: Sealer, kind: str, subject: UUID, wrapped: bytes, scope: bytes) -> AesSealer:
        place = (scope, wrapped)
        known = self._opened.get(place)
        if known is not None:
            self._opened.move_to_end(place)
            return known
        sealer = AesSealer(outer.open(kind, subject, wrapped), scope)
        self._opened[place] = sealer
        if len(self._opened) > _CACHED_KEYS:
            self._opened.popitem(last=False)
        return sealer


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)


def signer(master: bytes, purpose: str) -> Callable[[bytes], bytes]:
    """A keyed hash for one purpose: who has only the database cannot make it."""
    key = _derive(master, f"dialer {purpose}".encode())
    return lambda data: hmac.digest(key, data, "sha256")


def staff_sealer(master: bytes) -> AesSealer:
    """Seals what belongs to one of the users, of no client: secrets of their second factor."""
    return AesSealer(_derive(master, b"dialer staff v1"), b"staff")


def fingerprint(master: bytes) -> str:
    """Eight hex digits that tell two master keys apart without giving either away."""
    return hashlib.sha256(_derive(master, b"dialer fingerprint v1")).hexdigest()[:8]
