"""Asterisk's list of channels as facts: whose each is, and with whom it stands in a bridge. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dialer.asterisk.link import Headers
from dialer.asterisk.translate import AWAY, kind_of
from dialer.domain.ids import ChannelId
from dialer.services.ports.telephony import ChannelFact, ChannelKind

FINAL_CONTEXTS = frozenset({"final", "closed", "sorry", "keys", "noted"})
"""Where the dialplan says its last words: nobody is joined to a channel that is there."""
_HOLD, _CONSULT, _SURVEY = "hold", "consult", "survey"
_UP = "6"  # ChannelState


@dataclass(slots=True)
class _Bridge:
    """Who stands in one bridge, put together once: all idle legs share one, a thousand of them."""

    legs: list[ChannelId] = field(default_factory=list)
    residents: list[ChannelId] = field(default_factory=list)
    targets: list[ChannelId] = field(default_factory=list)
    asks: bool = False
    """Somebody in it asks a target: the holding bridge has only legs that came there from no such place."""

    def add(self, channel: ChannelId, kind: ChannelKind, context: str) -> None:
        if kind is ChannelKind.AGENT:
            self.legs.append(channel)
            self.asks = self.asks or context == _CONSULT
        elif kind in AWAY:
            self.targets.append(channel)
        elif kind in (ChannelKind.RESIDENT, ChannelKind.CALLER):
            self.residents.append(channel)


_NOWHERE = _Bridge()


def facts_of(rows: Iterable[Headers]) -> Iterator[ChannelFact]:
    """Every channel of ours among the rows of CoreShowChannels, once all rows have been seen."""
    ours: list[tuple[ChannelId, ChannelKind, Headers]] = []
    bridges: defaultdict[str, _Bridge] = defaultdict(_Bridge)
    for row in rows:
        channel = ChannelId(row.get("Uniqueid", ""))
        kind = kind_of(channel, row.get("AccountCode", ""))
        if kind is None:
            continue
        ours.append((channel, kind, row))
        if bridge := row.get("BridgeId", ""):
            bridges[bridge].add(channel, kind, row.get("Context", ""))
    for members in bridges.values():
        members.legs.sort()
        members.targets.sort()
    for channel, kind, row in ours:
        yield _fact(channel, kind, row, bridges.get(row.get("BridgeId", ""), _NOWHERE))


def _fact(channel: ChannelId, kind: ChannelKind, row: Headers, members: _Bridge) -> ChannelFact:
    bridge, context = row.get("BridgeId", ""), row.get("Context", "")
    is_agent = kind is ChannelKind.AGENT
    mates = members.residents if is_agent else members.legs
    alone_with = is_agent and bool(bridge) and not members.residents and (bool(members.targets) or members.asks)
    is_resident = kind in (ChannelKind.RESIDENT, ChannelKind.CALLER)
    return ChannelFact(
        channel=channel,
        kind=kind,
        up=row.get("ChannelState", "") == _UP,
        bridge=bridge,
        talking_to=mates[0] if len(mates) == 1 or (is_resident and mates) else None,
        message_started=context in FINAL_CONTEXTS,
        holding=is_agent and bool(bridge) and not members.residents and not alone_with,
        on_hold=is_resident and not bridge and context == _HOLD,
        consults=alone_with or (is_agent and not bridge and context == _CONSULT),
        target=members.targets[0] if is_resident and members.targets else None,
        surveyed=is_resident and context == _SURVEY,
    )
