"""Carriers of files: into a folder, onto an SFTP server, to an address that takes a signed POST."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from uuid import UUID

from dialer.domain.exchange import Fault, fault_of
from dialer.domain.outlets import FAULT_OF_PLACE
from dialer.exchange.webhook import Http, sign
from dialer.services.ports.arrivals import Opener, Place, SourceError
from dialer.services.ports.outlets import Bundle, Carried

_TRIAL = UUID("5f1c4a52-6c0b-4a55-9a0e-0d2f0f7c6c12")


class PlaceCarrier:
    """`Carrier` into what an `Opener` opens."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    async def carry(self, place: Place, secret: str, bundle: Bundle) -> Carried:
        """Under a hidden name first, then renamed: nobody sees half a file."""
        try:
            async with self._opener.open(place, secret) as folder:
                await folder.put(bundle.name, bundle.content)
        except SourceError as error:
            return Carried(fault=FAULT_OF_PLACE[error.fault])
        return Carried()

    async def try_out(self, place: Place, secret: str) -> Carried:
        """Writes a hidden file of nothing, and takes it away again."""
        try:
            async with self._opener.open(place, secret) as folder:
                await folder.probe()
        except SourceError as error:
            return Carried(fault=FAULT_OF_PLACE[error.fault])
        return Carried()


class PushCarrier:
    """`Carrier` by POST, signed as our webhooks are. `wall`: unix seconds."""

    def __init__(self, http: Http, wall: Callable[[], float]) -> None:
        self._http = http
        self._wall = wall

    async def carry(self, place: Place, secret: str, bundle: Bundle) -> Carried:
        """Any 2xx is a receipt. The same id at each try."""
        told = {"Content-Type": bundle.media_type, "Content-Disposition": f'attachment; filename="{bundle.name}"'}
        return await self._post(place, secret, str(bundle.id), bundle.content, told)

    async def try_out(self, place: Place, secret: str) -> Carried:
        """A body of nothing, with `X-Proef: ja`."""
        return await self._post(place, secret, str(_TRIAL), b"", {"Content-Type": "text/csv", "X-Proef": "ja"})

    async def _post(self, place: Place, secret: str, name: str, body: bytes, told: Mapping[str, str]) -> Carried:
        stamp = int(self._wall())
        try:
            signature = sign(secret, name, stamp, body)
        except ValueError:
            return Carried(fault=Fault.SECRET)
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        reply = await self._http(
            "POST",
            place.path,
            headers={
                **told,
                "Content-Digest": f"sha-256=:{digest}:",
                "webhook-id": name,
                "webhook-timestamp": str(stamp),
                "webhook-signature": signature,
            },
            body=body,
        )
        return Carried(fault=reply.fault or fault_of(reply.status) or "", patience=reply.patience)
