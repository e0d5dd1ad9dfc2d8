"""What a browser carries to the identity provider and back, sealed under a key of its own kind."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from dialer.security.vault import staff_sealer
from dialer.services.ports.vault import SealError

_KIND = "sign_on_ticket"
_NOBODY = UUID(int=0)


class SealedTickets:
    """The port `Tickets`."""

    def __init__(self, master: bytes) -> None:
        self._sealer = staff_sealer(master)

    def seal(self, content: bytes) -> str:
        """URL-safe."""
        return base64.urlsafe_b64encode(self._sealer.seal(_KIND, _NOBODY, content)).decode()

    def open(self, ticket: str) -> bytes:
        """Raises SealError."""
        try:
            box = base64.urlsafe_b64decode(ticket.encode("ascii"))
        except (ValueError, binascii.Error):
            raise SealError("not a ticket") from None
        return self._sealer.open(_KIND, _NOBODY, box)
