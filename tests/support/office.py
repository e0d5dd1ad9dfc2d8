"""A supervisor's session over HTTP, for tests on a running service."""

from __future__ import annotations

from typing import Any

import aiohttp


class RefusedError(Exception):
    """The service said no."""


class Office:
    """A supervisor's session."""

    def __init__(self, base: str, login: str, password: str) -> None:
        self._base = base
        self._login = (login, password)

    async def sign_in(self) -> None:
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=30)
        )
        self._csrf = ""
        try:
            login, password = self._login
            self._csrf = (await self("POST", "/session", {"login": login, "password": password}))["csrf_token"]
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        await self._http.close()

    async def __call__(
        self, method: str, path: str, body: object = None, *, base: str = "", raw: bool = False, match: int = 0
    ) -> Any:
        """One request; a session is good at every service on the same database. `raw`: the bytes of the answer;
        `match`: the version that is changed."""
        base = base or self._base
        kwargs: dict[str, Any] = {"data": body} if isinstance(body, aiohttp.FormData) else {}
        if body is not None and not kwargs:
            kwargs = {"json": body}
        headers = {"Origin": base, "X-CSRF-Token": self._csrf} | ({"If-Match": f'"{match}"'} if match else {})
        async with self._http.request(method, f"{base}/api/v1{path}", headers=headers, **kwargs) as answer:
            if raw and answer.status < 400:
                return await answer.read()
            data = await answer.json(content_type=None)
            if answer.status >= 400:
                raise RefusedError(answer.status, data)
            return data
