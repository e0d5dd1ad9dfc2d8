"""Identifiers. UUID version 7 (RFC 9562): time-ordered, so that indexes on them grow at one end."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

ClientId = NewType("ClientId", UUID)
UserId = NewType("UserId", UUID)
CampaignId = NewType("CampaignId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
ResidentId = NewType("ResidentId", UUID)
CaseId = NewType("CaseId", UUID)
SignalId = NewType("SignalId", UUID)
PhoneId = NewType("PhoneId", UUID)
AttemptId = NewType("AttemptId", UUID)

ChannelId = NewType("ChannelId", str)
"""Asterisk's unique id of a channel. For a dial it is `str(attempt_id)`, for an agent's standing leg `leg.<user>.<n>`,
for an inbound caller Asterisk's own."""


def uuid7(unix_ms: int, entropy: bytes) -> UUID:
    """A version 7 UUID of `unix_ms` (milliseconds since 1970) and 10 random bytes.

    Raises ValueError when `entropy` is not 10 bytes long or the time does not fit in 48 bits.
    """
    if len(entropy) != 10:
        raise ValueError("entropy must be 10 bytes")
    if not 0 <= unix_ms < 1 << 48:
        raise ValueError("time out of range")
    value = int.from_bytes(unix_ms.to_bytes(6, "big") + entropy, "big")
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return UUID(int=value)
