"""OpenID Connect: the authorisation code flow with PKCE, against one provider that the operator names.

The provider's addresses come from its discovery document, whose `issuer` must be the one that was asked. An ID token is
believed when its signature fits one of the provider's own keys by an algorithm of `ALGORITHMS` (never `none`, never one
that a shared secret makes), and `iss`, `aud`, `azp`, `exp`, `iat` and `nonce` are right. The library that checks is
loaded with this module alone: `sign_in_parts` imports it where a provider is set.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from dialer.exchange.guarded import GuardedHttp
from dialer.services.ports.sign_on import SignOnAwayError, SignOnRefusedError

ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY_SECONDS = 60
"""How far the provider's clock may be off ours."""
REMEMBER_SECONDS = 3600.0
"""Until the discovery document is read again."""
_OLDEST_TOKEN_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """Who the provider is, and who we are to it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False, default="")  # "": a public client, known by PKCE alone
    redirect: str


class OidcProvider:
    """The port `Provider`."""

    def __init__(
        self, http: GuardedHttp, settings: OidcSettings, *, monotonic: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        """`wall`: unix seconds."""
        self._http = http
        self._settings = settings
        self._monotonic = monotonic
        self._wall = wall
        self._known: tuple[float, Mapping[str, str]] | None = None
        self._keys: KeySet | None = None

    @property
    def issuer(self) -> str:
        """As the settings name it."""
        return self._settings.issuer

    async def begin(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes. Raises SignOnAwayError."""
        endpoint = (await self._metadata())["authorization_endpoint"]
        digest = hashlib.sha256(verifier.encode()).digest()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._settings.client_id,
                "redirect_uri": self._settings.redirect,
                "scope": "openid",
                "state": state,
                "nonce": nonce,
                "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def finish(self, code: str, nonce: str, verifier: str) -> str:
        """The subject that has signed in there. Raises SignOnAwayError, SignOnRefusedError."""
        metadata = await self._metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self._settings.client_secret:
            pair = f"{quote(self._settings.client_id, safe='')}:{quote(self._settings.client_secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = self._settings.client_id
        reply = await self._http("POST", metadata["token_endpoint"], headers=headers, body=urlencode(form).encode())
        if reply.fault is not None or reply.status >= 500:
            raise SignOnAwayError("the provider does not answer")
        token = _object(reply.body).get("id_token") if reply.status == 200 else None
        if not isinstance(token, str):
            raise SignOnRefusedError("the provider takes this code for nothing")
        return await self._subject(token, nonce, metadata["jwks_uri"])

    async def _subject(self, token: str, nonce: str, jwks_uri: str) -> str:
        try:
            claims: dict[str, Any] = dict((await self._decoded(token, jwks_uri)).claims)
            now = int(self._wall())
            jwt.JWTClaimsRegistry(
                now=now,
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self._settings.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignOnRefusedError(f"id token: {type(error).__name__}") from None
        audience = claims["aud"]
        others = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if others else self._settings.client_id) != self._settings.client_id:
            raise SignOnRefusedError("id token: meant for another")
        if claims["iat"] < now - _OLDEST_TOKEN_SECONDS or not isinstance(claims["sub"], str):
            raise SignOnRefusedError("id token: old, or of nobody")
        return claims["sub"]

    async def _decoded(self, token: str, jwks_uri: str) -> jwt.Token:
        """Read with the keys that we know, and with new ones if the provider has changed them."""
        if self._keys is not None:
            try:
                return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
            except (InvalidKeyIdError, ValueError):
                pass
        reply = await self._http("GET", jwks_uri, headers={"Accept": "application/json"})
        if reply.fault is not None or reply.status != 200:
            raise SignOnAwayError("the provider's keys cannot be read")
        self._keys = KeySet.import_key_set(cast(Any, _object(reply.body)))  # what is no key set raises
        return jwt.decode(token, self._keys, algorithms=ALGORITHMS)

    async def _metadata(self) -> Mapping[str, str]:
        now = self._monotonic()
        if self._known is not None and now < self._known[0]:
            return self._known[1]
        url = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        reply = await self._http("GET", url, headers={"Accept": "application/json"})
        if reply.fault is not None or reply.status != 200:
            raise SignOnAwayError("the provider does not answer")
        found = _object(reply.body)
        wanted = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        metadata = {name: str(found.get(name, "")) for name in wanted}
        if metadata["issuer"] != self._settings.issuer or not all(metadata.values()):
            raise SignOnAwayError("the provider says that it is another")
        self._known = (now + REMEMBER_SECONDS, metadata)
        return metadata


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
