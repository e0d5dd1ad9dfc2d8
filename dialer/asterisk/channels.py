"""Asterisk's list of channels as facts: whose each is, and with whom it stands in a bridge. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dialer.asterisk.link import Headers
from dialer.asterisk.translate import AWAY, kind_of
from dialer.domain.ids import ChannelId
from dialer.services.ports.telephony import ChannelFact, ChannelKind

FINAL_CONTEXTS = frozenset({"final", "closed", "sorry", "keys", "noted"})
"""Where the dialplan says its last words: nobody is joined to a channel that is there."""
_HOLD, _CONSULT = "hold", "consult"
_UP = "6"  # ChannelState


def facts_of(rows: Iterable[Headers]) -> Sequence[ChannelFact]:
    """Every channel of ours among the rows of CoreShowChannels."""
    ours: list[tuple[ChannelId, ChannelKind, Headers]] = []
    bridges: dict[str, list[tuple[ChannelId, ChannelKind, Headers]]] = {}
    for row in rows:
        channel = ChannelId(row.get("Uniqueid", ""))
        kind = kind_of(channel, row.get("AccountCode", ""))
        if kind is None:
            continue
        ours.append((channel, kind, row))
        if bridge := row.get("BridgeId", ""):
            bridges.setdefault(bridge, []).append(ours[-1])
    return [_fact(channel, kind, row, bridges.get(row.get("BridgeId", ""), ())) for channel, kind, row in ours]


def _fact(
    channel: ChannelId, kind: ChannelKind, row: Headers, members: Sequence[tuple[ChannelId, ChannelKind, Headers]]
) -> ChannelFact:
    bridge, context = row.get("BridgeId", ""), row.get("Context", "")
    legs = sorted(name for name, whose, _ in members if whose is ChannelKind.AGENT)
    targets = sorted(name for name, whose, _ in members if whose in AWAY)
    residents = [name for name, whose, _ in members if whose in (ChannelKind.RESIDENT, ChannelKind.CALLER)]
    is_agent = kind is ChannelKind.AGENT
    mates = residents if is_agent else legs
    # The holding bridge is shared by all idle legs. One that asks somebody came there from a place of its own.
    asks = any(whose is ChannelKind.AGENT and place.get("Context", "") == _CONSULT for _, whose, place in members)
    alone_with = is_agent and bool(bridge) and not residents and (bool(targets) or asks)
    is_resident = kind in (ChannelKind.RESIDENT, ChannelKind.CALLER)
    return ChannelFact(
        channel=channel,
        kind=kind,
        up=row.get("ChannelState", "") == _UP,
        bridge=bridge,
        talking_to=mates[0] if len(mates) == 1 or (is_resident and mates) else None,
        message_started=context in FINAL_CONTEXTS,
        holding=is_agent and bool(bridge) and not residents and not alone_with,
        on_hold=is_resident and not bridge and context == _HOLD,
        consults=alone_with or (is_agent and not bridge and context == _CONSULT),
        target=targets[0] if is_resident and targets else None,
    )
