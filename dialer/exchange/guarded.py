"""HTTP to addresses that clients name: nothing inside our own network is reached by it.

Only https (plain http to loopback where a demo allows it), no redirect is followed, no proxy of the environment is
used. The address is checked after the name was resolved, on the very connection that is made, so that a name that
resolves differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from dialer.domain.exchange import Fault

_SECONDS = 20.0
_CONNECT_SECONDS = 8.0
_ANSWER_BYTES = 256 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where calls may go. `networks`: private ones that the operator allows; `demo`: http to loopback as well."""

    networks: Sequence[Network] = ()
    demo: bool = False

    def allows(self, address: Address) -> bool:
        """Whether this address may be connected to."""
        if isinstance(address, ipaddress.IPv6Address):
            if address.sixtofour is not None or address.teredo is not None or address in _NAT64:
                return False  # an address of the other kind in disguise
            mapped = address.ipv4_mapped
            address = mapped if mapped is not None else address
        if any(address.version == network.version and address in network for network in self.networks):
            return True
        if self.demo and address.is_loopback:
            return True
        return address.is_global and not address.is_multicast and not address.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def parse_networks(text: str) -> Sequence[Network]:
    """Networks separated by blanks. Raises ValueError."""
    return tuple(ipaddress.ip_network(one) for one in text.split())


class ForbiddenAddressError(OSError):
    """A name that leads where no call may go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, or why there is none. The body is never logged."""

    fault: Fault | None = None
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # names in lower case
    oversized: bool = False
    patience: timedelta | None = None


class _CheckedResolver(AbstractResolver):
    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [one for one in found if self._reach.allows(ipaddress.ip_address(one["host"].partition("%")[0]))]
        if not allowed:
            raise ForbiddenAddressError("the name leads where no call may go")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def check_url(url: str, reach: Reach) -> bool:
    """Whether the address as it is written may be called at all. What a name leads to is checked when it is called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if not host or parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        return False
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in " \\"):
        return False
    try:
        literal = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return parts.scheme == "https" or (parts.scheme == "http" and reach.demo and host == "localhost")
    if not reach.allows(literal):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and reach.demo and literal.is_loopback)


class GuardedHttp:
    """One session; open it in a running loop and close it."""

    def __init__(self, reach: Reach, *, seconds: float = _SECONDS, tls: ssl.SSLContext | None = None) -> None:
        self._reach = reach
        connector = aiohttp.TCPConnector(
            resolver=_CheckedResolver(reach), use_dns_cache=False, limit=32, ssl=tls if tls is not None else True
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=seconds, connect=min(seconds, _CONNECT_SECONDS)),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "dialer-exchange/1"},
            auto_decompress=False,  # a small answer cannot become a large one
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._session.close()

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        most: int = _ANSWER_BYTES,
    ) -> Reply:
        """Send; an answer of any status, or the fault that kept it away. Raises nothing of the network's.

        An answer of more than `most` bytes is read no further.
        """
        if not check_url(url, self._reach):
            return Reply(fault=Fault.ADDRESS)
        try:
            async with self._session.request(
                method, url, headers={**headers, "Accept-Encoding": "identity"}, data=body, params=query,
                allow_redirects=False,
            ) as response:  # fmt: skip
                raw = bytearray()
                while len(raw) <= most and (more := await response.content.read(_ANSWER_BYTES)):
                    raw += more
                if len(raw) > most:
                    return Reply(fault=Fault.ANSWER, status=response.status, oversized=True)
                told = {name.lower(): value for name, value in response.headers.items()}
                return Reply(
                    status=response.status, body=bytes(raw), headers=told, patience=_patience(response.headers)
                )
        except (TimeoutError, aiohttp.ServerTimeoutError):
            return Reply(fault=Fault.SLOW)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError):
            return Reply(fault=Fault.TLS)
        except aiohttp.ClientConnectorError as error:
            forbidden = isinstance(error.os_error, ForbiddenAddressError)
            return Reply(fault=Fault.ADDRESS if forbidden else Fault.UNREACHABLE)
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError):
            return Reply(fault=Fault.CUT_OFF)
        except aiohttp.InvalidURL:
            return Reply(fault=Fault.ADDRESS)
        except aiohttp.ClientResponseError:
            return Reply(fault=Fault.ANSWER)
        except (aiohttp.ClientError, OSError):
            return Reply(fault=Fault.UNREACHABLE)


def _patience(headers: Mapping[str, str]) -> timedelta | None:
    """Retry-After in seconds. A date is left alone: their clock is not ours."""
    text = headers.get("Retry-After", "").strip()
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else None
