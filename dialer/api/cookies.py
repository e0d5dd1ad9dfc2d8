"""The session cookie."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from dialer.api.keys import ApiSettings

_SECURE = "__Host-dialer"  # browsers take this name only over TLS, for this host and path
_PLAIN = "dialer_session"  # demo on loopback


_TICKET = ("__Host-dialer-sign-on", "dialer_sign_on")


def ticket_of(request: web.Request, settings: ApiSettings) -> str | None:
    """What the browser left for the identity provider with."""
    return request.cookies.get(_TICKET[0] if settings.secure else _TICKET[1]) or None


def set_ticket(response: web.StreamResponse, ticket: str, settings: ApiSettings, seconds: int) -> None:
    """Lax: the way back begins on the provider's own page, and Strict would leave it behind."""
    response.set_cookie(
        _TICKET[0] if settings.secure else _TICKET[1],
        ticket,
        max_age=seconds,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )


def drop_ticket(response: web.StreamResponse, settings: ApiSettings) -> None:
    """It was used."""
    name = _TICKET[0] if settings.secure else _TICKET[1]
    response.del_cookie(name, path="/", secure=settings.secure, httponly=True, samesite="Lax")


def _name(settings: ApiSettings) -> str:
    return _SECURE if settings.secure else _PLAIN


def session_secret(request: web.Request, settings: ApiSettings) -> str | None:
    """What the browser sent, if anything."""
    return request.cookies.get(_name(settings)) or None


def set_session(response: web.StreamResponse, secret: str, settings: ApiSettings, life: timedelta) -> None:
    """Give the browser its secret, out of reach of scripts and of other sites."""
    response.set_cookie(
        _name(settings),
        secret,
        max_age=int(life.total_seconds()),
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="Strict",
    )


def drop_session(response: web.StreamResponse, settings: ApiSettings) -> None:
    """Take it back."""
    response.del_cookie(_name(settings), path="/", secure=settings.secure, httponly=True, samesite="Strict")
