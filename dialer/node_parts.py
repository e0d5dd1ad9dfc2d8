"""One Asterisk or several, as the settings have it: the telephone system, its links, where browsers' phones are led."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dialer.asterisk.kick import Kicker
from dialer.asterisk.nodes import AsteriskNodes
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.config import Settings, SettingsError
from dialer.domain.ids import UserId
from dialer.wiring import kicker_of, link_of, tolls_of, websocket_of

NODE_STATES = ("up", "draining", "in doubt", "down")
"""`in doubt`: its link is down, and its calls may go on."""
_NODE = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9_-]{0,39})=(?P<host>[A-Za-z0-9][A-Za-z0-9.-]{0,252})"
    r":(?P<port>[0-9]{1,5}):(?P<http>[0-9]{1,5})(?:@(?P<sound>[0-9]{1,3}(?:\.[0-9]{1,3}){3}))?"
)


def nodes_of(settings: Settings) -> Mapping[str, Settings]:
    """The settings as each node alone would have them, by its name; the first is the one of the section itself.

    Raises SettingsError.
    """
    own = settings.asterisk
    found = {own.node: settings}
    for text in own.more_nodes.split():
        match = _NODE.fullmatch(text)
        if match is None or match["name"] in found:
            raise SettingsError("asterisk.more_nodes must be like node2=192.0.2.7:5038:8088, each name once")
        asterisk = replace(
            own,
            host=match["host"],
            port=int(match["port"]),
            http_port=int(match["http"]),
            media_address=match["sound"] or match["host"],
            node=match["name"],
            more_nodes="",
        )
        found[match["name"]] = replace(settings, asterisk=asterisk)
    if draining_of(settings) - found.keys() or (len(found) > 1 and not found.keys() - draining_of(settings)):
        raise SettingsError("asterisk.draining must be names of nodes, and not of all")
    return found


def draining_of(settings: Settings) -> frozenset[str]:
    """Names of the nodes that are drained."""
    return frozenset(settings.asterisk.draining.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephones:
    """The telephone system, whole and by node."""

    whole: AsteriskTelephony | AsteriskNodes
    nodes: Mapping[str, AsteriskTelephony]
    kickers: Mapping[str, Kicker]
    _gateways: Mapping[str, str]

    def gateway(self, user: UserId) -> str:
        """Address of the WebSocket for this agent's phone in a browser; "" while no node takes phones."""
        name = next(iter(self.nodes)) if isinstance(self.whole, AsteriskTelephony) else self.whole.node_for(user.hex)
        return "" if name is None else self._gateways[name]

    def lag(self) -> float:
        """Round trip of the last ping in seconds, of the slowest node that answers."""
        return max((node.link.lag for node in self.nodes.values() if node.link.up), default=0.0)

    def barred(self) -> float:
        """Calls that were not let out, since the start."""
        return float(next(iter(self.nodes.values())).barred)  # all ask the same wall

    def unknown_events(self) -> float:
        """AMI events that meant nothing to us so far."""
        return float(sum(node.unknown_events for node in self.nodes.values()))

    def states(self) -> Sequence[tuple[str, str, int]]:
        """Name, state and number of channels of each node."""
        if isinstance(self.whole, AsteriskNodes):
            return self.whole.report()
        ((name, node),) = self.nodes.items()
        return [(name, "up" if node.link.up else "down", 0)]


def telephones_of(settings: Settings, clock: SystemClock, permitted: Callable[[], bool]) -> Telephones:
    """Built, and not connected yet. `permitted`: whether this process may act. Raises SettingsError."""
    tolls = tolls_of(settings, clock)
    by_name = nodes_of(settings)
    kickers = {name: kicker for name, one in by_name.items() if (kicker := kicker_of(one)) is not None}
    nodes = {
        name: AsteriskTelephony(
            link_of(one),
            clock,
            media_address=one.asterisk.sound_at,
            trunk_user=one.asterisk.trunk_user,
            trunk_tls=one.asterisk.trunk_kind == "tls",
            own_phones=one.asterisk.own_phones,
            permitted=permitted,
            kicker=kickers.get(name),
            tolls=tolls,
            site=settings.service.site,
        )
        for name, one in by_name.items()
    }
    whole: AsteriskTelephony | AsteriskNodes = next(iter(nodes.values()))
    if len(nodes) > 1:
        here = frozenset(name for name, one in by_name.items() if one.asterisk.host == settings.asterisk.host)
        whole = AsteriskNodes(nodes, clock, draining=draining_of(settings), recording=here)
    return Telephones(
        whole=whole,
        nodes=nodes,
        kickers=kickers,
        _gateways={name: websocket_of(one) for name, one in by_name.items()},
    )
