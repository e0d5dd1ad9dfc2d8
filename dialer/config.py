"""Settings: a TOML file, overridden by the environment, checked before anything starts.

`[asterisk] port = 5038` in the file and `DIALER_ASTERISK_PORT=5038` in the environment are the same key. A secret may
come from a file: `DIALER_ASTERISK_SECRET_FILE=/run/secrets/ami`. Errors name the key and never the value.
"""

from __future__ import annotations

import ipaddress
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from dialer.domain.devices import OwnPhones
from dialer.domain.errors import DialerError
from dialer.domain.sites import MAIN, check_site
from dialer.pacing.view import FOR_PEOPLE

PREFIX = "DIALER_"
LEAST_SECRET = 20
FROM_NONE = {"bounds": (0, 1e6)}


class SettingsError(DialerError):
    """A setting is missing, unknown or not acceptable; the text names the key."""

    code = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """PostgreSQL 15 or newer."""

    dsn: str = field(repr=False)
    pool: int = 16
    reports_dsn: str = field(default="", repr=False)  # of the standbys that count reports; the primary when empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Asterisk:
    """The manager interface, and where softphones register."""

    host: str = "127.0.0.1"
    port: int = 5038
    username: str = "dialer"
    secret: str = field(repr=False)
    tls: bool = False  # over TLS; needed when Asterisk runs on another machine
    tls_ca: str = ""  # PEM file of whoever signed Asterisk's certificate; "": those that this machine believes
    kick_username: str = ""  # a user who may give commands and nothing else: ends the last owner's session
    kick_secret: str = field(default="", repr=False)
    sip_domain: str = "127.0.0.1"
    sip_port: int = 5060
    sip_tls_port: int = 5061
    # What agents' own SIP phones speak: none of them may; tls: sound encrypted too; udp: in the clear. "": udp where
    # they register on this very machine, else none.
    phones_transport: str = field(default="", metadata={"choices": ("", "none", "tls", "udp")})
    http_port: int = 8088  # loopback of Asterisk's machine: SIP over a WebSocket, for phones in the browser
    sounds: str = ""  # folder of the messages, one folder per client below it; "" when not on this machine
    recordings: str = ""  # folder in memory that conversations are recorded into; nobody is recorded without
    trunk: str = "trunk"
    # How the carrier is reached: UDP, known by address; UDP, with a registration; TLS with encrypted sound.
    trunk_kind: str = field(default="address", metadata={"choices": ("address", "registration", "tls")})
    # What the carrier takes on a trunk, calls either way at a time and new calls a second; 0: no bound.
    trunk_lines: int = field(default=0, metadata=FROM_NONE)
    trunk_calls_per_second: float = field(default=0.0, metadata=FROM_NONE)
    # The last wall (asterisk/tolls.py): where calls may go, and how many leave in a day; 0: no bound.
    prefixes: str = "+31"
    calls_per_day: int = field(default=0, metadata=FROM_NONE)
    calls_per_number: int = field(default=20, metadata=FROM_NONE)
    trunk_user: str = ""  # where the carrier asks for a password: the user name that stands in pjsip.conf
    media_address: str = ""  # address of its sound for agents' phones; sip_domain when empty
    node: str = "node1"  # its name, as `dialer asterisk write --name` has it; needed beside others
    # The other nodes, separated by blanks: name=host:manager port:WebSocket port, then @ and the address of its sound
    # for agents' phones where that is not the host. User, secret and TLS are those of this one.
    more_nodes: str = ""
    draining: str = ""  # names of nodes that get no new calls and phones; may change while the service runs

    @property
    def sound_at(self) -> str:
        """IP address that agents' phones send sound to."""
        return self.media_address or self.sip_domain

    @property
    def own_phones(self) -> OwnPhones:
        """What agents' own SIP phones may speak."""
        match self.phones_transport:
            case "none" | "tls" | "udp" as chosen:
                return chosen
            case _:
                return "udp" if is_here(self.sip_domain) else "none"

    @property
    def phones_port(self) -> int:
        """Where they register, on `sip_domain`."""
        return self.sip_tls_port if self.own_phones == "tls" else self.sip_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The API and the panel."""

    host: str = "127.0.0.1"
    port: int = 8080
    origins: str = ""  # further origins of the panel, separated by spaces
    proxies: str = ""  # addresses of the TLS proxy, separated by spaces: its X-Forwarded-For is believed
    secure_cookies: bool = True
    panel: str = ""  # folder of the built panel
    spool: str = ""  # folder for uploads while they are read, emptied at the start; a temporary one when empty
    metrics_host: str = "127.0.0.1"  # apart from the panel, so that a proxy shows the one without the other
    metrics_port: int = 9464
    certificates: str = ""  # PEM files of the TLS proxy, separated by spaces: told before they end
    lock_minutes: float = field(default=10.0, metadata={"bounds": (0, 120)})  # 0: panels do not lock themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The master key that wraps all other keys."""

    master: str = field(repr=False)  # base64 of 32 bytes; as a rule from a file: DIALER_KEYS_MASTER_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What agents are given between calls of ours: seconds after each conversation, and after a crisis or aggression.

    `occupancy`: the share of an hour in conversation or wrap-up from which agents rest; 1: no ceiling.
    """

    breath: float = field(default=FOR_PEOPLE["breath"], metadata={"bounds": (0, 60)})
    long_breath: float = field(default=FOR_PEOPLE["long_breath"], metadata={"bounds": (0, 3600)})
    occupancy: float = field(default=FOR_PEOPLE["occupancy"], metadata={"bounds": (0.1, 1)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """This process."""

    name: str = ""  # begins the lease owner's name; the host name when empty
    site: str = MAIN  # whose clients this process calls for: domain.sites
    demo: bool = False  # accepts numbers that are for invented people only
    log_level: str = "info"
    log_format: str = field(default="text", metadata={"choices": ("text", "json")})
    journal: str = ""  # folder of pacing's decision journals; none are kept when empty
    erasures: str = ""  # file that keeps who was erased, away from the database; nobody is erased without
    calendar_start: str = ""  # demo: the calendar begins here (RFC 3339) instead of now
    calendar_speed: float = 1.0  # demo: calendar seconds in a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Data exchange with clients' own systems."""

    folder: str = ""  # watched folders of clients stand below it; none when empty
    networks: str = ""  # private networks that may be called, such as 10.1.2.0/24, separated by blanks; none when empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Mail to residents who asked for a confirmation of their appointment; none goes out without a host."""

    host: str = ""
    port: int = 587
    mode: str = "starttls"  # starttls, tls (from the start, as on port 465), none (a relay on this machine)
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""  # address from which it goes; its domain must allow that


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """Text messages to them, over a gateway; none go out without a url."""

    url: str = ""
    token: str = field(default="", repr=False)
    sender: str = ""  # what telephones show: 11 letters at most, or a number


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnSettings:
    """The house's own identity provider (OpenID Connect); none without an issuer."""

    issuer: str = ""  # its address, as its own discovery document writes it
    client_id: str = ""
    client_secret: str = field(default="", repr=False)  # none: a public client, by PKCE alone
    name: str = ""  # as people call it: stands on the button
    url: str = ""  # of the panel, as browsers see it; the provider sends them back below it


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The relay (TURN) for phones in browsers that do not reach Asterisk's sound; none without urls."""

    urls: str = ""  # turn: and turns: addresses, separated by blanks, the best first
    secret: str = field(default="", repr=False)  # shared with the relay: its static-auth-secret
    hours: float = field(default=12.0, metadata={"bounds": (1, 24)})  # for which a page may begin to use it


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything `dialer serve` needs."""

    database: Database
    asterisk: Asterisk
    http: Http
    keys: Keys
    service: Service
    rest: Rest = field(default_factory=Rest)
    exchange: Exchange = field(default_factory=Exchange)
    mail: Mail = field(default_factory=Mail)
    sms: Sms = field(default_factory=Sms)
    sign_on: SignOnSettings = field(default_factory=SignOnSettings)
    relay: Relay = field(default_factory=Relay)


SECTIONS: Mapping[str, type] = {
    "database": Database,
    "asterisk": Asterisk,
    "http": Http,
    "keys": Keys,
    "service": Service,
    "rest": Rest,
    "exchange": Exchange,
    "mail": Mail,
    "sms": Sms,
    "sign_on": SignOnSettings,
    "relay": Relay,
}


def load(environ: Mapping[str, str], toml: str = "", *, read: Callable[[str], str] | None = None) -> Settings:
    """Settings from TOML text and the environment; the environment wins.

    `read` reads a file named by a `..._FILE` variable. Raises SettingsError that names the key.
    """
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the settings file is not TOML: {error}") from None
    unknown = sorted(set(data) - set(SECTIONS))
    if unknown:
        raise SettingsError(f"unknown section [{unknown[0]}]; there are: {', '.join(SECTIONS)}")
    built = {name: _section(name, kind, data.get(name, {}), environ, read or _read) for name, kind in SECTIONS.items()}
    _check_environ(environ)
    _check_address(built["asterisk"])
    _check_line(built["asterisk"], demo=built["service"].demo)
    _check_site(built["service"])
    _check_sign_on(built["sign_on"])
    _check_relay(built["relay"])
    return Settings(**built)


def load_asterisk(environ: Mapping[str, str], path: str | None) -> Asterisk:
    """The section [asterisk] alone, for a machine that runs an Asterisk and no dialer. Raises SettingsError."""
    try:
        table = {} if path is None else tomllib.loads(Path(path).read_text(encoding="utf-8")).get("asterisk", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file cannot be read: {type(error).__name__}") from None
    built: Asterisk = _section("asterisk", Asterisk, table, environ, _read)
    return built


def load_file(environ: Mapping[str, str], path: str | None) -> Settings:
    """As `load`, with the TOML read from `path` (None: environment only)."""
    if path is None:
        return load(environ)
    try:
        return load(environ, Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"the settings file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError("the settings file is not text") from None


def variable(section: str, key: str) -> str:
    """Name of the environment variable of a key."""
    return f"{PREFIX}{section}_{key}".upper()


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").strip()


def _section(name: str, kind: type, table: Any, environ: Mapping[str, str], read: Callable[[str], str]) -> Any:
    if not isinstance(table, dict):
        raise SettingsError(f"[{name}] must be a table")
    known = {entry.name: entry for entry in fields(kind)}
    for key in table:
        if key not in known:
            raise SettingsError(f"unknown key {name}.{key}; there are: {', '.join(known)}")
    values: dict[str, Any] = {}
    for key, entry in known.items():
        value = _value(name, key, table, environ, read)
        if value is None:
            if entry.default is MISSING and entry.default_factory is MISSING:
                raise SettingsError(f"{name}.{key} is missing: set it in the file or as {variable(name, key)}")
            continue
        values[key] = _typed(f"{name}.{key}", entry, value)
    return kind(**values)


def _value(
    name: str, key: str, table: Mapping[str, Any], environ: Mapping[str, str], read: Callable[[str], str]
) -> Any:
    direct = variable(name, key)
    if direct in environ:
        return environ[direct]
    if (path := environ.get(direct + "_FILE")) is not None:
        try:
            return read(path)
        except OSError as error:
            raise SettingsError(f"{direct}_FILE cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{direct}_FILE is not text") from None
    return table.get(key)


def _typed(where: str, entry: Field[Any], value: Any) -> Any:
    kind = entry.type
    if kind == "bool":
        return _boolean(where, value)
    if kind == "float":
        try:
            number_ = float(value)
        except (TypeError, ValueError):
            raise SettingsError(f"{where} must be a number") from None
        least, most = entry.metadata.get("bounds", (1e-6, 1e6))
        if not least <= number_ <= most:
            raise SettingsError(f"{where} is out of range")
        return number_
    if kind == "int":
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise SettingsError(f"{where} must be a whole number") from None
        least, most = entry.metadata.get("bounds", (1, math.inf))
        if isinstance(value, bool) or not least <= number <= most or (where.endswith("port") and number > 65535):
            raise SettingsError(f"{where} is out of range")
        return number
    if not isinstance(value, str):
        raise SettingsError(f"{where} must be text")
    choices = entry.metadata.get("choices")
    if choices is not None and value not in choices:
        raise SettingsError(f"{where} must be one of: {', '.join(choices)}")
    return value


def _boolean(where: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    try:
        return words[str(value).lower()]
    except KeyError:
        raise SettingsError(f"{where} must be true or false") from None


def _check_address(asterisk: Asterisk) -> None:
    try:
        ipaddress.ip_address(asterisk.sound_at)
    except ValueError:
        raise SettingsError(
            "asterisk.media_address must be the IP address of Asterisk's sound"
            + ("" if asterisk.media_address else ": asterisk.sip_domain is a name")
        ) from None


def _check_line(asterisk: Asterisk, *, demo: bool) -> None:
    """Telephone numbers and a secret that commands Asterisk cross no network in the clear."""
    if not (asterisk.tls or demo or is_here(asterisk.host)):
        raise SettingsError("asterisk.tls must be true: asterisk.host is another machine")


def _check_site(service: Service) -> None:
    try:
        check_site(service.site)
    except DialerError as error:
        raise SettingsError(f"service.site: {error}") from None


def _check_sign_on(sign_on: SignOnSettings) -> None:
    if sign_on.issuer and not all((sign_on.client_id, sign_on.url, sign_on.name)):
        raise SettingsError("sign_on.client_id, sign_on.url and sign_on.name are needed beside sign_on.issuer")


def _check_relay(relay: Relay) -> None:
    if not all(re.fullmatch(r"turns?:[^\s?]+(\?transport=(udp|tcp))?", one) for one in relay.urls.split()):
        raise SettingsError("relay.urls must be addresses like turns:relay.example.nl:443?transport=tcp")
    if relay.urls and len(relay.secret) < LEAST_SECRET:
        raise SettingsError(f"relay.secret must have {LEAST_SECRET} characters or more: whoever guesses it may relay")


def is_here(host: str) -> bool:
    """Whether a host is this machine itself; no name but `localhost` is looked up. "": a socket in the file system."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "")


def _check_environ(environ: Mapping[str, str]) -> None:
    """A misspelt variable would be ignored in silence: refuse it."""
    known = {variable(name, entry.name) for name, kind in SECTIONS.items() for entry in fields(kind)}
    known |= {f"{name}_FILE" for name in known} | {f"{PREFIX}CONFIG", f"{PREFIX}TEST_ROOT"}
    for name in environ:
        section = name.removeprefix(PREFIX).split("_")[0].lower()
        if name.startswith(PREFIX) and section in SECTIONS and name not in known:
            raise SettingsError(f"unknown variable {name}")
