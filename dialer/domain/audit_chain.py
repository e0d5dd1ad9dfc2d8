"""The chain of the audit: each line's digest covers the line before, so that none is changed, removed or added unseen.

The database makes the links (`link_audit` in the schema); here they are reckoned again, with no code in common. Who can
write in the database could make a whole new chain: its anchors, signed with a key that the database never sees, would
not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DIGEST_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """A link and the line that it stands for, as stored. `text`: what is covered, None when the line is not there."""

    position: int
    event: int
    digest: bytes
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What the chain had come to at a moment."""

    position: int
    digest: bytes

    @property
    def signed(self) -> bytes:
        """What its signature is over."""
        return self.position.to_bytes(8, "big") + self.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    """`kind`: changed, removed, inserted, cut-off, anchor. `event`: the line's id, if known."""

    kind: str
    position: int
    event: int | None = None


@dataclass(slots=True)
class ChainCheck:
    """Goes along the chain from its beginning. After a fault it goes on from what is stored, to find the next."""

    position: int = 0
    digest: bytes = b""
    faults: list[ChainFault] = field(default_factory=list)
    _anchors: dict[int, bytes] = field(default_factory=dict)

    def expect(self, anchors: Sequence[Anchor]) -> None:
        """Anchors that the chain must pass."""
        self._anchors.update({one.position: one.digest for one in anchors})

    def take(self, line: AuditLine) -> None:
        """The next link, in order of position."""
        if line.position != self.position + 1:
            self.faults.append(ChainFault(kind="removed", position=self.position + 1))
        elif line.text is None:
            self.faults.append(ChainFault(kind="removed", position=line.position, event=line.event))
        elif link(self.digest, line.text) != line.digest:
            self.faults.append(ChainFault(kind="changed", position=line.position, event=line.event))
        self.position, self.digest = line.position, line.digest
        anchored = self._anchors.pop(line.position, None)
        if anchored is not None and anchored != line.digest:
            self.faults.append(ChainFault(kind="anchor", position=line.position, event=line.event))

    def end(self, unlinked: Sequence[int]) -> Sequence[ChainFault]:
        """All faults. `unlinked`: ids of lines without a link."""
        self.faults.extend(ChainFault(kind="inserted", position=0, event=one) for one in unlinked)
        self.faults.extend(ChainFault(kind="cut-off", position=one) for one in sorted(self._anchors))
        return self.faults


def link(before: bytes, text: str) -> bytes:
    """The digest of a line. `before`: of the line before it, empty for the first."""
    return hashlib.sha256(before + text.encode()).digest()


def covered(
    *, event: int, at: datetime, actor: str, action: str, subject_kind: str, subject: str, client: str, purpose: str,
    detail: str,
) -> str:  # fmt: skip
    """What of a line is covered: everything. `detail`: JSON as the database writes it."""
    moment = (at - _EPOCH) // timedelta(microseconds=1)
    fields = (str(event), str(moment), actor, action, subject_kind, subject, client, purpose, detail)
    return "".join(f"{len(one)}:{one}" for one in fields)
