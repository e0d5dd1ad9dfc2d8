"""Signed webhooks, after the Standard Webhooks convention: libraries that check them exist in most languages.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The id stays
the same at each try of a message; the stamp is of the try. A receiver refuses stamps more than five minutes off and
ids that it has had.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID, uuid5

from dialer.domain.exchange import Fault, fault_of
from dialer.exchange.guarded import Reply
from dialer.services.ports.exchange import Address, Parcel, Receipt

PREFIX = "whsec_"
REPLAY_SECONDS = 300
_TRIAL = UUID("5f1c4a52-6c0b-4a55-9a0e-0d2f0f7c6c11")


class Http(Protocol):
    """What couriers need of HTTP: `GuardedHttp`."""

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """An answer, or its fault."""
        ...


def sign(secret: str, message: str, stamp: int, body: bytes) -> str:
    """The signature header's value: one signature for each secret (a blank between them), any of which is enough.

    Raises ValueError for a secret of another form.
    """
    signed = f"{message}.{stamp}.".encode() + body
    digests = [hmac.digest(_key(one), signed, hashlib.sha256) for one in secret.split(" ")]
    return " ".join("v1," + base64.b64encode(digest).decode() for digest in digests)


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """What a receiver does, but for remembering ids. Used by tests and as an example."""
    stamp = headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > REPLAY_SECONDS:
        return False
    expected = sign(secret, headers.get("webhook-id", ""), int(stamp), body)
    return any(hmac.compare_digest(expected, one) for one in headers.get("webhook-signature", "").split(" "))


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the secret is not base64") from None


class WebhookCourier:
    """`Courier` of webhooks. `wall`: unix seconds."""

    def __init__(self, http: Http, wall: Callable[[], float]) -> None:
        self._http = http
        self._wall = wall

    async def deliver(self, address: Address, parcel: Parcel) -> Receipt:
        """Any 2xx is a receipt."""
        return await self._post(address, str(parcel.id), parcel.body)

    async def try_out(self, address: Address) -> Receipt:
        """A message of kind `proef`, about nobody."""
        trial = str(uuid5(_TRIAL, str(address.channel)))
        return await self._post(address, trial, {"formaat": 1, "bericht": trial, "soort": "proef"})

    async def _post(self, address: Address, message: str, content: Mapping[str, object]) -> Receipt:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        stamp = int(self._wall())
        try:
            signature = sign(address.secret, message, stamp, body)
        except ValueError:
            return Receipt(fault=Fault.SECRET)
        reply = await self._http(
            "POST",
            address.url,
            headers={
                "Content-Type": "application/json",
                "webhook-id": message,
                "webhook-timestamp": str(stamp),
                "webhook-signature": signature,
            },
            body=body,
        )
        return Receipt(fault=reply.fault or fault_of(reply.status), patience=reply.patience)
