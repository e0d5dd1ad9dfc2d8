"""Text messages over HTTP, in one generic form: what a gateway wants else, a few lines in between make of it."""

from __future__ import annotations

import json

from dialer.domain.exchange import fault_of
from dialer.exchange.webhook import Http
from dialer.services.ports.exchange import Receipt
from dialer.services.ports.notices import Letter


class SmsPost:
    """`Post` over a gateway. `token` goes as a bearer token; the letter's id is the idempotency key."""

    def __init__(self, http: Http, url: str, token: str, sender: str) -> None:
        self._http = http
        self._url = url
        self._token = token
        self._sender = sender

    def renew(self, token: str) -> None:
        """Use another token from now on. A gateway has no way to ask whether it is good: the next message tells."""
        self._token = token

    async def send(self, to: str, letter: Letter) -> Receipt:
        """Any 2xx is a receipt."""
        body = {"to": to, "from": self._sender, "text": letter.text, "reference": str(letter.id)}
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": str(letter.id),
        }
        reply = await self._http("POST", self._url, headers=headers, body=json.dumps(body, ensure_ascii=False).encode())
        return Receipt(fault=reply.fault or fault_of(reply.status), patience=reply.patience)
