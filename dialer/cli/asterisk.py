"""`dialer asterisk`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dialer.asterisk.config import AmiUser, AsteriskSettings, Folders, Instance, Neighbour, Tls, Trunk, dialer_files
from dialer.asterisk.config.settings import TRUNK_KINDS
from dialer.asterisk.logs import erase
from dialer.clock import SystemClock
from dialer.config import Asterisk, SettingsError, load_asterisk

_EXAMPLES = """\
The manager's user, secret and port, the SIP and the HTTP port, the sounds folder and the trunk's name come from the
section [asterisk] of the settings (--config, DIALER_ASTERISK_...), so that both ends agree. Run it as the user that
Asterisk runs as: the files hold secrets and are readable by their owner only.

examples:
  DIALER_ASTERISK_SECRET_FILE=/etc/dialer/ami.secret dialer asterisk write /var/lib/dialer/asterisk \\
      --bind 192.0.2.20 --carrier 192.0.2.10
  dialer --config /etc/dialer/dialer.toml asterisk write /var/lib/dialer/asterisk --bind 192.0.2.20 \\
      --carrier sip.example.net:5060 --carrier-match 192.0.2.0/28 --carrier-user u123 \\
      --carrier-secret-file /etc/dialer/carrier.secret

carriers, by asterisk.trunk_kind of the settings (or --carrier-kind; the dialer must have the same):
  address       UDP; each side is known by its address
  registration  UDP; we register with a name and a password (--carrier-user, --carrier-secret-file)
  tls           TLS, its certificate checked against --carrier-ca and the carrier's name; encrypted sound (SRTP)
agents' own SIP phones over TLS (asterisk.phones_transport = "tls"); the certificate names asterisk.sip_domain
  dialer asterisk write /var/lib/dialer/asterisk --bind 192.0.2.20 --carrier 192.0.2.10 \\
      --tls-certificate /etc/dialer/node.pem --tls-key /etc/dialer/node.key
several nodes, each told of the others; tell the dialer with asterisk.more_nodes
  dialer asterisk write /var/lib/dialer/asterisk --name node2 --bind 192.0.2.21 --carrier 192.0.2.10 \\
      --node node1=192.0.2.20
a dialer on another machine (asterisk.tls): its port and http_port are those for TLS here
  dialer asterisk write /var/lib/dialer/asterisk --bind 192.0.2.20 --carrier 192.0.2.10 --dialer 192.0.2.5 \\
      --tls-certificate /etc/dialer/node.pem --tls-key /etc/dialer/node.key
"""

_MODULES = ("/usr/lib/*/asterisk/modules", "/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules")
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_FOLDERS = ("etc", "run", "db", "spool", "log", "log/cel-custom", "cel")  # the event writers do not make their own


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "asterisk",
        help="the configuration of an Asterisk of your own",
        epilog="example:\n  dialer asterisk write /var/lib/dialer/asterisk --bind 192.0.2.20 --carrier 192.0.2.10\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    write = actions.add_parser(
        "write",
        help="write every configuration file of a node",
        description="Writes FOLDER/etc and the folders beside it; `dialer doctor` compares a running node with it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    write.add_argument("folder", type=Path, metavar="FOLDER", help="the node's own folder, absolute")
    write.add_argument("--name", help="the node's name (default: asterisk.node of the settings)")
    write.add_argument("--bind", required=True, help="address for SIP and media; the manager listens on loopback only")
    write.add_argument(
        "--node",
        action="append",
        metavar="NAME=ADDRESS[:PORT]",
        help="another node of the same dialer and where its SIP is, an IPv4 address; may be repeated",
    )
    write.add_argument("--rtp", default="20000-20399", metavar="LOW-HIGH", help="UDP ports (default: %(default)s)")
    write.add_argument("--carrier", required=True, metavar="HOST[:PORT]", help="where calls leave to")
    write.add_argument(
        "--carrier-kind", choices=TRUNK_KINDS, help="how it is reached (default: asterisk.trunk_kind of the settings)"
    )
    write.add_argument(
        "--carrier-ca",
        type=Path,
        metavar="FILE",
        help="whoever signs the certificate of the carrier, and of the proxy by way of which phones register over TLS"
        " (default: those that this machine believes)",
    )
    write.add_argument(
        "--carrier-match",
        action="append",
        metavar="ADDRESS",
        help="address or network from which the carrier calls in; may be repeated (default: the carrier's host)",
    )
    write.add_argument(
        "--carrier-user", help="where the carrier asks for a password (default: asterisk.trunk_user of the settings)"
    )
    write.add_argument("--carrier-secret-file", type=Path, metavar="FILE")
    write.add_argument(
        "--carrier-qualify",
        type=int,
        default=30,
        metavar="SECONDS",
        help="how often the carrier is asked whether it is there; 0: never (default: %(default)s)",
    )
    write.add_argument("--tls-certificate", type=Path, metavar="FILE", help="of this node, PEM with its chain")
    write.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    write.add_argument(
        "--dialer",
        action="append",
        metavar="ADDRESS",
        help="address or network of a dialer on another machine, over TLS; may be repeated",
    )
    write.add_argument(
        "--local-port", type=int, default=5037, help="with TLS: the manager on loopback (default: %(default)s)"
    )
    write.add_argument(
        "--local-http-port", type=int, default=8087, help="with TLS: the WebSocket on loopback (default: %(default)s)"
    )
    write.add_argument("--sip-tls-port", type=int, help="SIP over TLS (default: asterisk.sip_tls_port of the settings)")
    write.add_argument("--modules", help="Asterisk's modules (default: where the system has them)")
    write.add_argument("--data", default="/usr/share/asterisk", help="Asterisk's own data (default: %(default)s)")
    write.add_argument("--music", help="music while waiting (default: DATA/moh)")
    write.set_defaults(run=_write)
    erase_ = actions.add_parser(
        "erase",
        help="erase a node's logs and events by term",
        description="Sets today's log and events aside and erases older ones. Run it daily; Asterisk goes on.",
        epilog="example:\n  dialer asterisk erase /var/lib/dialer/asterisk --days 30\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    erase_.add_argument("folder", type=Path, metavar="FOLDER", help="the node's own folder")
    erase_.add_argument("--days", type=int, default=30, help="how long they are kept (default: %(default)s)")
    erase_.set_defaults(run=_erase)


def _write(arguments: argparse.Namespace) -> int:
    asterisk = load_asterisk(os.environ, arguments.config or os.environ.get("DIALER_CONFIG"))
    folder: Path = arguments.folder
    if not folder.is_absolute():
        raise SettingsError("FOLDER must be an absolute path: Asterisk keeps it")
    user = arguments.carrier_user
    if user is not None and asterisk.trunk_user not in ("", user):
        raise SettingsError("--carrier-user: asterisk.trunk_user names another; both ends must agree")
    files = dialer_files(_settings(asterisk, arguments, folder))
    for name in _FOLDERS:
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(folder / "etc", files)
    print(f"{len(files)} files in {folder / 'etc'}")
    print(f"start it:   asterisk -f -C {folder / 'etc' / 'asterisk.conf'}")
    print("compare it: dialer doctor")
    if user and not asterisk.trunk_user:
        print(f"tell the dialer: DIALER_ASTERISK_TRUNK_USER={user}")
    if arguments.carrier_kind not in (None, asterisk.trunk_kind):
        print(f"tell the dialer: DIALER_ASTERISK_TRUNK_KIND={arguments.carrier_kind}")
    return 0


def _erase(arguments: argparse.Namespace) -> int:
    if arguments.days < 1:
        raise SettingsError("--days: at least 1")
    if not (arguments.folder / "etc" / "asterisk.conf").exists():
        raise SettingsError("FOLDER: no node was written there")
    print(f"{erase(arguments.folder, SystemClock().wall(), arguments.days)} files erased")
    return 0


def _settings(asterisk: Asterisk, arguments: argparse.Namespace, folder: Path) -> AsteriskSettings:
    """Raises InvalidError, SettingsError."""
    host, port = _host_port(arguments.carrier)
    folders = Folders.below(
        str(folder),
        sounds=asterisk.sounds or str(folder / "sounds"),
        modules=arguments.modules or _modules(),
        data=arguments.data,
        music=arguments.music or f"{arguments.data}/moh",
    )
    kind = arguments.carrier_kind or asterisk.trunk_kind
    instance = Instance(
        name=arguments.name or asterisk.node,
        folders=folders,
        bind=arguments.bind,
        sip_port=asterisk.sip_port,
        ami_port=arguments.local_port if asterisk.tls else asterisk.port,
        http_port=arguments.local_http_port if asterisk.tls else asterisk.http_port,
        tls=_tls(asterisk, arguments, kind),
        rtp_ports=_range(arguments.rtp),
        ami_users=(AmiUser(name=asterisk.username, secret=asterisk.secret),),
    )
    trunk = Trunk(
        name=asterisk.trunk,
        host=host,
        port=port or (5061 if kind == "tls" else 5060),
        kind=kind,
        match=tuple(arguments.carrier_match or (host,)),
        username=asterisk.trunk_user if arguments.carrier_user is None else arguments.carrier_user,
        secret=_secret(arguments.carrier_secret_file),
        qualify_seconds=arguments.carrier_qualify,
    )
    return AsteriskSettings(
        instance=instance,
        trunks=(trunk,),
        neighbours=_neighbours(arguments.node or ()),
        phones_tls=asterisk.own_phones == "tls",
        records=bool(asterisk.recordings),
    )


def _tls(asterisk: Asterisk, arguments: argparse.Namespace, kind: str) -> Tls | None:
    phones = asterisk.own_phones == "tls"
    if not asterisk.tls and kind != "tls" and not phones:
        return None
    if asterisk.tls and not (arguments.tls_certificate and arguments.tls_key and arguments.dialer):
        raise SettingsError("asterisk.tls is set: give --tls-certificate, --tls-key and --dialer")
    if phones and not (arguments.tls_certificate and arguments.tls_key):
        raise SettingsError("asterisk.phones_transport is tls: give --tls-certificate and --tls-key")
    if bool(arguments.tls_certificate) is not bool(arguments.tls_key):
        raise SettingsError("--tls-certificate and --tls-key belong together")
    authority = arguments.carrier_ca or _AUTHORITIES
    for name, file in (("certificate", arguments.tls_certificate), ("key", arguments.tls_key), ("ca", authority)):
        if file is not None and not file.is_absolute():
            raise SettingsError(f"the {name}'s FILE must be an absolute path: Asterisk keeps it")
    return Tls(
        certificate=str(arguments.tls_certificate or ""),
        key=str(arguments.tls_key or ""),
        ami_port=asterisk.port if asterisk.tls else 0,
        https_port=asterisk.http_port if asterisk.tls else 0,
        sip_port=(arguments.sip_tls_port or asterisk.sip_tls_port) if kind == "tls" or phones else 0,
        permit=tuple(arguments.dialer or ()),
        authority=str(authority) if kind == "tls" or phones else "",
    )


def _put(etc: Path, files: Mapping[str, str]) -> None:
    """Each file whole or not at all, and never readable by others, not even for a moment."""
    for name, text in files.items():
        beside = etc / f".{name}.new"
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(etc / name)


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    if port and not port.isdecimal():
        raise SettingsError("--carrier: HOST or HOST:PORT")
    return host, int(port or 0)


def _neighbours(texts: Sequence[str]) -> tuple[Neighbour, ...]:
    found = []
    for text in texts:
        name, equals, place = text.partition("=")
        host, _, port = place.partition(":")
        if not (name and equals and host) or (port and not port.isdecimal()):
            raise SettingsError("--node: NAME=ADDRESS or NAME=ADDRESS:PORT")
        found.append(Neighbour(name=name, host=host, port=int(port or 5060)))
    return tuple(found)


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    if not (low.isdecimal() and high.isdecimal()):
        raise SettingsError("--rtp: LOW-HIGH, as 20000-20399")
    return int(low), int(high)


def _secret(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"--carrier-secret-file cannot be read: {error.strerror}") from None


def _modules() -> str:
    found = [path for pattern in _MODULES for path in Path("/").glob(pattern[1:])]
    if not found:
        raise SettingsError("no Asterisk modules found on this machine: name their folder with --modules")
    return str(found[0])
