"""Whether the audit is whole, and the anchors that tell it even of who rules the database."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dialer.domain.audit_chain import Anchor, ChainCheck, ChainFault
from dialer.services.ports.audit_chain import ChainStore, SignedAnchor
from dialer.services.ports.clock import Clock

log = logging.getLogger(__name__)

AUDIT_ANCHOR = "audit anchor v1"
"""What the key of the anchors is derived for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainResult:
    """`lines` were read, `anchors` were held against them; `head` is what to write down elsewhere."""

    lines: int
    anchors: int
    head: Anchor | None
    faults: Sequence[ChainFault]


class AuditChain:
    """Use cases. `sign` is a keyed hash whose key is not in the database."""

    def __init__(self, store: ChainStore, sign: Callable[[bytes], bytes], clock: Clock) -> None:
        self._store = store
        self._sign = sign
        self._clock = clock

    async def verify(self, noted: Sequence[Anchor] = ()) -> ChainResult:
        """Read all of it. `noted`: heads that somebody wrote down outside."""
        check, count, lines = ChainCheck(), 0, 0
        async with self._store.look() as view:
            for kept in await view.anchors():
                if hmac.compare_digest(self._sign(kept.anchor.signed), kept.signature):
                    check.expect([kept.anchor])
                else:
                    check.faults.append(ChainFault(kind="anchor", position=kept.anchor.position))
                count += 1
            check.expect(noted)
            async for line in view.lines():
                check.take(line)
                lines += 1
            faults = check.end(await view.unlinked())
        head = Anchor(position=check.position, digest=check.digest) if check.position else None
        return ChainResult(lines=lines, anchors=count + len(noted), head=head, faults=faults)

    async def tend(self) -> int:
        """Sign what the chain has come to, and tell the log, which goes elsewhere. 1 when there was something new."""
        head = await self._store.head()
        if head is None:
            return 0
        signed = SignedAnchor(anchor=head, at=self._clock.now(), signature=self._sign(head.signed))
        if not await self._store.keep_anchor(signed):
            return 0
        log.info("audit anchor position=%d digest=%s", head.position, head.digest.hex())
        return 1
