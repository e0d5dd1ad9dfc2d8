"""The built panel: a fixed set of files, listed at the start. A path can only pick one of them.

A file that has a packed copy beside it (`.gz`) goes out packed to a browser that takes it.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

_HASHED = "/assets/"  # Vite puts a content hash into these names

_NOT_BUILT = (
    "<!doctype html><html lang=nl><meta charset=utf-8><title>Dialer</title>"
    "<p>Het paneel is niet gebouwd. De API werkt: <a href=/api/v1/docs>beschrijving</a>.</p></html>"
)


def mount(app: web.Application, dist: Path | None) -> None:
    """Serve the files of `dist`, and its index for every other page of the panel."""
    files = {}
    if dist is not None and dist.is_dir():
        found = (path for path in dist.rglob("*") if path.is_file() and path.suffix != ".gz")
        files = {f"/{path.relative_to(dist).as_posix()}": path for path in found}
    index = files.get("/index.html")

    async def serve(request: web.Request) -> web.StreamResponse:
        path = files.get(request.path)
        if path is None and (request.path.startswith("/api/") or "." in request.path.rsplit("/", 1)[-1]):
            raise web.HTTPNotFound
        target = path or index
        if target is None:
            return web.Response(text=_NOT_BUILT, content_type="text/html", headers={"Cache-Control": "no-cache"})
        keep = target is not index and request.path.startswith(_HASHED)
        cache = "public, max-age=31536000, immutable" if keep else "no-cache"
        return web.FileResponse(target, headers={"Cache-Control": cache})

    app.router.add_get("/{path:.*}", serve, name="panel")
