"""A place of files as somebody fills it in: a folder of this machine, or a folder on an SFTP server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dialer.domain.errors import InvalidError
from dialer.services.ports.arrivals import Place

_TEXT, _KEY = 200, 2000


class PlaceWish(Protocol):
    """What is filled in; None: as it was."""

    @property
    def path(self) -> str | None:
        """The folder."""

    @property
    def host(self) -> str | None:
        """The server's name."""

    @property
    def port(self) -> int | None:
        """Its port."""

    @property
    def user(self) -> str | None:
        """Who we are there."""

    @property
    def host_key(self) -> str | None:
        """The server's own key, an OpenSSH line."""


def checked_place(old: Place, wish: PlaceWish, *, folder: bool, is_host_key: Callable[[str], bool]) -> Place:
    """The place as it is to be. `folder`: on this machine, below the operator's folder.

    Raises InvalidError with the field. Another server needs its own key: the old one would vouch for a stranger.
    """
    path = old.path if wish.path is None else wish.path.strip()
    if not path or len(path) > _TEXT or not path.isprintable() or ".." in path.split("/"):
        raise InvalidError("de map, zonder ..", "path")
    if folder:
        if path.startswith("/"):
            raise InvalidError("een map binnen de map van de beheerder, zonder / vooraan", "path")
        return Place(path=path)
    host = old.host if wish.host is None else wish.host.strip()
    user = old.user if wish.user is None else wish.user.strip()
    if not host or set(host) & set("/@ ") or not user:
        raise InvalidError("de naam van de server, en wie wij daar zijn", "user" if host else "host")
    key = old.host_key if wish.host_key is None else " ".join(wish.host_key.split())
    if host != old.host and wish.host_key is None:
        raise InvalidError("de sleutel van deze server", "host_key")
    if len(key) > _KEY or not is_host_key(key):
        raise InvalidError("een regel als ssh-ed25519 AAAA...", "host_key")
    return Place(path=path, host=host, port=wish.port or old.port, user=user, host_key=key)
