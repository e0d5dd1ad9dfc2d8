"""What an Asterisk of ours is told, validated so that no value can become a second line, a section or an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from dialer.domain.errors import InvalidError

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}\Z")
_MATCH = re.compile(
    r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]{1,5})?"
    r"|\[[0-9A-Fa-f:]{2,39}\]:[0-9]{1,5}"
    r"|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,38})"
    r"(?:/[0-9]{1,3})?\Z"
)
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z")
_PATH = re.compile(r"/[A-Za-z0-9._/+@-]{0,400}\Z")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,120}\Z")


def _check(pattern: re.Pattern[str], value: str, name: str) -> None:
    if not pattern.match(value):
        raise InvalidError(f"{name}: not an acceptable value for Asterisk's configuration", name)


def check_word(value: str, name: str) -> str:
    """`value` when it is a plain word (letters, digits, `_`, `-`); else InvalidError naming `name`, not the value."""
    _check(_WORD, value, name)
    return value


def check_secret(value: str, name: str) -> str:
    """`value` when it is 16 to 120 letters, digits, `_`, `-`; else InvalidError."""
    _check(_SECRET, value, name)
    return value


def check_port(value: int, name: str) -> int:
    """`value` when it is a port number; else InvalidError."""
    if not 1 <= value <= 65535:
        raise InvalidError(f"{name}: not a port", name)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Absolute folders as Asterisk sees them. `modules` and `data` come with the program, the others are ours."""

    etc: str
    run: str
    db: str
    spool: str
    log: str
    cel: str
    sounds: str
    modules: str
    data: str
    music: str

    def __post_init__(self) -> None:
        for name in self.__slots__:
            path = getattr(self, name)
            _check(_PATH, path, name)
            if ".." in PurePosixPath(path).parts:
                raise InvalidError(f"{name}: must not climb", name)

    @classmethod
    def below(cls, base: str, *, sounds: str, modules: str, data: str, music: str) -> Folders:
        """The usual layout under one instance's folder."""
        own = {name: str(PurePosixPath(base) / name) for name in ("etc", "run", "db", "spool", "log", "cel")}
        return cls(sounds=sounds, modules=modules, data=data, music=music, **own)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiUser:
    """Who may command Asterisk. `kick` gives the command class and nothing else: to end another dialer's session."""

    name: str
    secret: str = field(repr=False)
    kick: bool = False

    def __post_init__(self) -> None:
        check_word(self.name, "ami user")
        check_secret(self.secret, "ami secret")
        if self.name == "general":
            raise InvalidError("ami user: this name is taken", "ami user")


TRUNK_KINDS = ("address", "registration", "tls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A carrier's line. Who calls in is known by address (`match`: addresses, networks, or address:port).

    `kind`: `address` over UDP, each side known by its address; `registration` over UDP, we tell the carrier with a
    password where we are; `tls`: signalling over TLS, its certificate checked against its name, sound encrypted (SRTP)
    or no call.
    """

    name: str
    host: str
    port: int = 5060
    kind: str = "address"
    match: tuple[str, ...] = ()
    username: str = ""
    secret: str = field(default="", repr=False)
    qualify_seconds: int = 0  # the far end is asked (OPTIONS) whether it is there so often; 0: never

    def __post_init__(self) -> None:
        check_word(self.name, "trunk")
        if self.kind not in TRUNK_KINDS:
            raise InvalidError(f"trunk kind: one of {', '.join(TRUNK_KINDS)}", "trunk kind")
        if self.kind == "registration" and not self.username:
            raise InvalidError("trunk: a registration needs the user name that the carrier gave", "trunk username")
        if not 0 <= self.qualify_seconds <= 3600:
            raise InvalidError("trunk: ask every 0 to 3600 seconds whether it is there", "trunk qualify")
        _check(_HOST, self.host, "trunk host")
        check_port(self.port, "trunk port")
        for address in self.match:
            _check(_MATCH, address, "trunk match")
        if self.username:
            _check(_WORD, self.username, "trunk username")
            check_secret(self.secret, "trunk secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """An Asterisk that others reach over TLS: absolute paths of PEM files as Asterisk sees them, ports on `bind`.

    `permit`: addresses or networks of the dialers on other machines. `authority`: whoever signs the carrier's
    certificate, where its line is over TLS.
    """

    certificate: str
    key: str
    ami_port: int = 0  # 0: the manager on loopback only
    https_port: int = 0  # SIP over a WebSocket for phones in browsers, brought there by those dialers; 0: loopback only
    sip_port: int = 0  # SIP over TLS; 0: none
    permit: tuple[str, ...] = ()
    authority: str = ""

    def __post_init__(self) -> None:
        for name in ("certificate", "key", "authority"):
            path = getattr(self, name)
            if path:
                _check(_PATH, path, f"tls {name}")
        for name in ("ami_port", "https_port", "sip_port"):
            if getattr(self, name):
                check_port(getattr(self, name), f"tls {name}")
        if self.ami_port and not self.permit:
            raise InvalidError("tls: name the dialers' addresses; nobody else may reach the manager", "tls permit")
        if not (self.certificate and self.key) and (self.ami_port or self.https_port):
            raise InvalidError("tls: the manager needs a certificate and its key", "tls certificate")
        for address in self.permit:
            _check(_MATCH, address, "tls permit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What any Asterisk of ours needs, the demo's town included."""

    name: str
    folders: Folders
    bind: str = "127.0.0.1"
    sip_port: int
    ami_port: int
    rtp_ports: tuple[int, int]
    ami_users: tuple[AmiUser, ...]
    http_port: int = 0  # loopback only: SIP over a WebSocket, for phones in the browser; 0: none
    tls: Tls | None = None

    def __post_init__(self) -> None:
        check_word(self.name, "name")
        _check(_HOST, self.bind, "bind")
        check_port(self.sip_port, "sip port")
        check_port(self.ami_port, "ami port")
        if self.http_port:
            check_port(self.http_port, "http port")
        low, high = self.rtp_ports
        check_port(low, "rtp ports")
        check_port(high, "rtp ports")
        if high - low < 9:
            raise InvalidError("rtp ports: give a range of at least ten", "rtp ports")
        if len({user.name for user in self.ami_users}) != len(self.ami_users):
            raise InvalidError("ami users: two have the same name", "ami users")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another node of the same dialer, known by its address: it may reach standing legs of this one, nothing else."""

    name: str
    host: str
    port: int = 5060

    def __post_init__(self) -> None:
        check_word(self.name, "neighbour")
        _check(_ADDRESS, self.host, "neighbour host")
        check_port(self.port, "neighbour port")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """The dialer's Asterisk. Times in seconds."""

    instance: Instance
    trunks: tuple[Trunk, ...]
    neighbours: tuple[Neighbour, ...] = ()
    leg_silence_ends_after: int = 30  # no RTP from an agent's softphone for so long: the leg is dead
    warnings: bool = False  # Asterisk's warnings hold numbers: only while looking for a fault
    phones_tls: bool = False  # agents' own SIP phones come over TLS
    records: bool = False  # loads what conversations are recorded with: without it nobody can

    def __post_init__(self) -> None:
        names = [trunk.name for trunk in self.trunks]
        if not names or len(set(names)) != len(names):
            raise InvalidError("trunks: name at least one, each once", "trunks")
        across = [one.name for one in self.neighbours]
        if self.instance.name in across or len(set(across)) != len(across):
            raise InvalidError("neighbours: the other nodes, each once", "neighbours")
        tls = self.instance.tls
        if any(trunk.kind == "tls" for trunk in self.trunks) and not (tls and tls.sip_port):
            raise InvalidError("a trunk over TLS needs a port of ours for SIP over TLS", "tls sip_port")
        if self.phones_tls and not (tls and tls.sip_port and tls.certificate and tls.key):
            raise InvalidError("phones over TLS need a port for it, and a certificate with its key", "tls certificate")
        if not 5 <= self.leg_silence_ends_after <= 600:
            raise InvalidError("leg silence: from 5 to 600 seconds", "leg_silence_ends_after")
