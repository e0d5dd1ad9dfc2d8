"""What stands before every handler: who, may they, of which client, and does the request fit the description."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web
from jsonschema import ValidationError

from dialer.api.call import ApiCall, Handler
from dialer.api.cookies import session_secret
from dialer.api.errors import ApiError, language_of
from dialer.api.keys import WHO, ApiDeps
from dialer.api.spec import Operation, Parameter
from dialer.domain.errors import DialerError, ForbiddenError, NotFoundError
from dialer.services.access import OPERATIONS, WHILE_HALF, WHILE_LOCKED, Open, Principal
from dialer.services.credentials import NotSignedInError
from dialer.services.scope import limited_to

log = logging.getLogger(__name__)

OWNED = frozenset(
    {"client", "campaign", "delivery", "case", "attempt", "export", "callback", "channel", "message", "source"}
    | {"script", "script_version", "knowledge", "slot_source", "booking", "outlet", "dispatch"}
    | {"transfer_target", "report", "report_schedule", "report_delivery", "sample", "bill", "complaint"}
    | {"resident", "privacy_request", "incident", "overflow_line"}
)
"""Path parameters that belong to a client. The others (user, token, phone) are no client's or are checked below."""

_KEY_STALE = timedelta(minutes=2)  # a request that took its key longer ago and never answered died with its process
_BODY_DEPTH = 12


def guarded(operation: Operation, handler: Handler, deps: ApiDeps) -> Any:
    """The aiohttp handler of one operation."""
    needed = OPERATIONS[operation.id]

    async def narrow(call: ApiCall) -> web.StreamResponse:
        """For a client's people and machines the database itself shows nothing else; one's own session is apart."""
        client = call.who.client if call.who is not None and not isinstance(needed, Open) else None
        with limited_to(client):
            return await handler(call)

    async def handle(request: web.Request) -> web.StreamResponse:
        who = await _who(request, deps, operation.id)
        if who is not None:
            request[WHO] = who
        if request.method not in ("GET", "HEAD"):
            _check_origin(request, deps, who)
        if who is not None and not who.may(needed):
            raise ForbiddenError("role or scope does not allow it")
        path = _path(request)
        await _check_client(path, who, deps)
        query = {parameter.name: _query(parameter, request) for parameter in operation.query}
        raw = await _json_bytes(request, deps) if _has_body(operation, request) else b""
        call = ApiCall(
            deps=deps,
            request=request,
            who=who,
            path=path,
            query={name: value for name, value in query.items() if value is not None},
            body=_body(operation, raw),
            version=_version(request) if operation.if_match else None,
            language=who.language if who is not None and who.user is not None else language_of(request),
        )
        key = _key(operation, request)
        if key is None or who is None:
            return await narrow(call)
        return await _once(call, key, operation, raw, narrow)

    return handle


# ---------------------------------------------------------------------------------------------------------
# Who
# ---------------------------------------------------------------------------------------------------------


async def _who(request: web.Request, deps: ApiDeps, operation: str) -> Principal | None:
    if OPERATIONS[operation] is Open.PUBLIC:
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise NotSignedInError("unknown scheme")
        return await deps.accounts.machines.by_secret(token.strip())
    secret = session_secret(request, deps.settings)
    if secret is None:
        raise NotSignedInError("no session")
    return await deps.accounts.by_session(secret, locked=operation in WHILE_LOCKED, half=operation in WHILE_HALF)


def same_origin(request: web.Request, deps: ApiDeps) -> bool:
    """Whether the Origin header, if there is one, is ours."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    if origin in deps.settings.origins:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == request.headers.get("Host", "").lower()


def _check_origin(request: web.Request, deps: ApiDeps, who: Principal | None) -> None:
    """A change by cookie must come from our own page; a token is sent on purpose only."""
    if who is not None and who.user is None:
        return
    if not same_origin(request, deps):
        raise ApiError("wrong-origin")
    if who is not None and not hmac.compare_digest(
        request.headers.get("X-CSRF-Token", "").encode("utf-8", "replace"), who.csrf.encode()
    ):
        raise ApiError("csrf")


async def _check_client(path: Mapping[str, UUID], who: Principal | None, deps: ApiDeps) -> None:
    if who is None or who.client is None:
        return
    for kind, subject in path.items():
        # Another client's object and one that does not exist look the same.
        if kind in OWNED and await deps.ownership.client_of(kind, subject) != who.client:
            raise NotFoundError("not this client's")


# ---------------------------------------------------------------------------------------------------------
# What
# ---------------------------------------------------------------------------------------------------------


def _path(request: web.Request) -> dict[str, UUID]:
    try:
        return {name: UUID(value) for name, value in request.match_info.items()}
    except ValueError:
        raise NotFoundError("no such id") from None


def _query(parameter: Parameter, request: web.Request) -> Any:
    values = request.query.getall(parameter.name, [])
    if not values:
        if parameter.required:
            raise ApiError("invalid", [{"field": parameter.name, "rule": "required"}])
        return parameter.default
    text = values[0]
    value: Any = text
    if parameter.type == "integer":
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 17 else text
    elif parameter.type == "boolean":
        value = {"true": True, "false": False}.get(text, text)
    if len(values) > 1 or not _storable(value):
        raise ApiError("invalid", [{"field": parameter.name, "rule": "type"}])
    error = next(parameter.validator.iter_errors(value), None)
    if error is not None:
        raise ApiError("invalid", [{"field": parameter.name, "rule": str(error.validator)}])
    return value


def _has_body(operation: Operation, request: web.Request) -> bool:
    return operation.body is not None and (operation.body_required or request.can_read_body)


async def _json_bytes(request: web.Request, deps: ApiDeps) -> bytes:
    if request.content_type != "application/json":
        raise ApiError("wrong-media-type")
    if (request.content_length or 0) > deps.settings.body_bytes:
        raise ApiError("too-large")
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > deps.settings.body_bytes:
            raise ApiError("too-large")
    return bytes(raw)


def _refuse(_: str) -> None:
    raise ValueError("not JSON")


def _body(operation: Operation, raw: bytes) -> Mapping[str, Any]:
    if operation.body is None or not (raw or operation.body_required):
        return {}
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ApiError("bad-request") from None
    if not _storable(value):
        raise ApiError("bad-request")
    errors = [_fault(error) for error, _ in zip(operation.body.iter_errors(value), range(20), strict=False)]
    if errors:
        raise ApiError("invalid", errors)
    return dict(value)


def _fault(error: ValidationError) -> dict[str, str]:
    """Where and which rule; never the value, which may be a resident's."""
    parts = [str(part) for part in error.absolute_path]
    # What lacks a field is told as the field that is not there: one error each.
    if error.validator == "required" and isinstance(error.validator_value, list):
        parts += [name for name in error.validator_value if error.message.startswith(f"{name!r} ")]
    where = "/" + "/".join(parts)
    return {"field": where, "rule": str(error.validator)}


def _storable(value: object, depth: int = 0) -> bool:
    """False for what no column could keep: zero characters, half surrogate pairs, endless nesting, endless numbers."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return depth < _BODY_DEPTH and all(
            _storable(key, depth + 1) and _storable(item, depth + 1) for key, item in value.items()
        )
    if isinstance(value, list):
        return depth < _BODY_DEPTH and all(_storable(item, depth + 1) for item in value)
    if isinstance(value, int | float):
        return abs(value) < 1e15
    return True


def _version(request: web.Request) -> int:
    tag = request.headers.get("If-Match")
    if tag is None:
        raise ApiError("if-match-missing")
    text = tag.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ApiError("changed-since")
    return int(text)


# ---------------------------------------------------------------------------------------------------------
# Once
# ---------------------------------------------------------------------------------------------------------


def _key(operation: Operation, request: web.Request) -> str | None:
    if operation.idempotency_key is None:
        return None
    key = request.headers.get("Idempotency-Key")
    if key is not None and next(operation.idempotency_key.validator.iter_errors(key), None) is not None:
        raise ApiError("invalid", [{"field": "Idempotency-Key", "rule": "pattern"}])
    return key


async def _once(call: ApiCall, key: str, operation: Operation, raw: bytes, handler: Handler) -> web.StreamResponse:
    """Serve a request with an idempotency key: the second one gets the first one's answer."""
    keys, actor, now = call.deps.idempotency, call.principal.actor, call.deps.clock.wall_utc()
    digest = hashlib.sha256(f"{operation.id}\n{call.request.path}\n".encode() + raw).digest()
    before = await keys.begin(actor, key, digest, now, now - _KEY_STALE)
    if before is not None:
        if before.request_hash != digest:
            raise ApiError("key-reused")
        if before.status is None:
            raise ApiError("repeat-in-progress")
        again = web.Response(status=before.status, body=before.body or None)
        if before.body:
            again.content_type = "application/json"
        again.headers.update({"Cache-Control": "no-store", "Idempotency-Replayed": "true"})
        return again
    try:
        response = await handler(call)
    except DialerError:  # refused, nothing was done. Any other fault may have done it: the key stays taken for a while
        with contextlib.suppress(DialerError):
            await keys.release(actor, key)
        raise
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    await keys.finish(actor, key, response.status, body)
    return response
