"""To whom calls of a client may go: a short list, kept by supervisors. No other number is ever rung for a transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import ClientId
from dialer.domain.numbers import PhoneNumber, parse_number
from dialer.domain.transfer import TargetKind

KINDS = (TargetKind.DESK, TargetKind.TEAM, TargetKind.INTERPRETER, TargetKind.CRISIS)
_LANGUAGES, _NAME, _PROTOCOL = 12, 60, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTarget:
    """One row."""

    id: UUID
    client: ClientId
    kind: TargetKind
    name: str  # as agents see it
    number: str = field(repr=False)  # E.164
    hours: Sequence[Sequence[tuple[str, str]]]  # Monday to Sunday: stretches of hh:mm by the clock of Amsterdam
    languages: Sequence[str] = ()  # of an interpreter: ISO 639-1
    protocol: str = ""  # of a crisis desk: what the agent does first, a step a line; "": the usual one
    position: int = 0
    active: bool = True
    version: int = 1


def check_target(target: TransferTarget, *, demo: bool) -> TransferTarget:
    """The target with its number as E.164. Raises InvalidError that names the field."""
    if target.kind not in KINDS:
        raise InvalidError("dit is geen soort doel", "kind")
    if not target.name.strip() or len(target.name) > _NAME or not target.name.isprintable():
        raise InvalidError(f"1 tot {_NAME} tekens", "name")
    number = parse_number(target.number, demo=demo)
    if not isinstance(number, PhoneNumber):
        raise InvalidError("dit nummer kan niet worden gebeld", "number")
    if len(target.languages) > _LANGUAGES or any(len(code) != 2 or not code.islower() for code in target.languages):
        raise InvalidError("talen als twee kleine letters, zoals ar of tr", "languages")
    if target.languages and target.kind is not TargetKind.INTERPRETER:
        raise InvalidError("alleen een tolk heeft talen", "languages")
    if len(target.protocol) > _PROTOCOL or (target.protocol and target.kind is not TargetKind.CRISIS):
        raise InvalidError(f"alleen bij een crisisdienst, hooguit {_PROTOCOL} tekens", "protocol")
    return TransferTarget(
        id=target.id,
        client=target.client,
        kind=target.kind,
        name=target.name.strip(),
        number=number.e164,
        hours=target.hours,
        languages=tuple(target.languages),
        protocol=target.protocol.strip(),
        position=target.position,
        active=target.active,
        version=target.version,
    )
