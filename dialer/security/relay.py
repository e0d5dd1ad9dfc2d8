"""Credentials of the relay (TURN) for agents at home: a name that says until when, and its HMAC under a shared secret.

After "A REST API for Access to TURN Services" (draft-uberti-behave-turn-rest-00): the relay reckons the same and keeps
no accounts. Who has one may send to Asterisk's sound and nowhere else; that is the relay's own rule.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

from dialer.services.ports.phones import RelayGrant


class Relay:
    """`wall`: unix seconds; `seconds`: for how long a credential begins relaying. What it began goes on after that."""

    def __init__(self, urls: Sequence[str], secret: str, *, wall: Callable[[], float], seconds: float) -> None:
        self._urls = tuple(urls)
        self._secret = secret
        self._wall = wall
        self._seconds = seconds

    def grant(self, device: str) -> RelayGrant:
        """For one account of a phone."""
        name = f"{int(self._wall() + self._seconds)}:{device}"
        return RelayGrant(urls=self._urls, username=name, credential=credential(self._secret, name))

    def renew(self, secret: str) -> None:
        """From now on under this one; what was given stays good at the relay for as long as it knows the old one."""
        self._secret = secret


def credential(secret: str, name: str) -> str:
    """Base64 of HMAC-SHA1, as the draft has it."""
    return base64.b64encode(hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()).decode()
