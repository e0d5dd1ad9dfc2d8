"""Brings regular reports to the client: by mail, or where its result files go; each until it is there or given up.

Who dies after the other side took it sends it again: a mail under the same Message-ID, a file under a name that no
other report has, so that one that is there already is done.

A mailbox has no role, so a mail leaves small counts out and goes for whole months alone. Where the client's result
files go, its own people read, and more of each resident stands there than in any report.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from dialer.domain.errors import ConflictError
from dialer.domain.exchange import DIED, LASTING, MOST_DEATHS, Fault, MessageEvent, MessageState, failed, next_try
from dialer.domain.outlets import LASTING as LASTING_OF_FILES
from dialer.domain.outlets import OutletKind
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.outlets import Bundle, Carrier, OutletStore
from dialer.services.ports.people import Viewer
from dialer.services.ports.report_deliveries import (
    FileLetter,
    FilePost,
    ReportDelivery,
    ReportDeliveryStore,
    ReportWay,
)
from dialer.services.ports.vault import SealError, Vault
from dialer.services.report_files import ReportFiles
from dialer.services.result_files import ResultFiles
from dialer.services.viewing import check_scope, noted

log = logging.getLogger(__name__)

RECIPIENT = "report_recipient"
"""Kind of the box of a schedule's mail address."""
LEASE_SECONDS = 300.0
TRY_SECONDS = 120.0
"""A try takes no longer, so a lease that was renewed before it outlasts it."""
ROUND = 20
_MEDIA = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_NAME_TAKEN = "name_taken"


class ReportDeliveries:
    """The sender, and what people see of it."""

    def __init__(
        self,
        *,
        store: ReportDeliveryStore,
        files: ReportFiles,
        outlets: OutletStore,
        sender: ResultFiles,
        carriers: Mapping[OutletKind, Carrier],
        mail: FilePost | None,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        owner: str,
    ) -> None:
        """`mail` None: no mail server is set; `owner` is new at each start."""
        self._store = store
        self._files = files
        self._outlets = outlets
        self._sender = sender
        self._carriers = carriers
        self._mail = mail
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._owner = owner

    async def tend(self) -> int:
        """Job: one round; how many were received."""
        received = 0
        try:
            for _ in range(ROUND):
                # Renewed before each: who stood still for long finds that somebody else sends now.
                if not await self._store.lease(self._owner, LEASE_SECONDS):
                    return received
                delivery = await self._store.due(self._clock.now())
                if delivery is None:
                    break
                received += await self._one(delivery)
        finally:
            await self._store.unlease(self._owner)
        return received

    async def deliveries(self, viewer: Viewer, limit: int) -> Sequence[ReportDelivery]:
        """The newest first."""
        return await self._store.deliveries(viewer.client, limit)

    async def resend(self, delivery: UUID, viewer: Viewer) -> ReportDelivery:
        """One that was given up goes out again. Raises NotFoundError, ConflictError when it was not given up."""
        found = await self._store.delivery(delivery)
        check_scope(viewer, found.client)
        now = self._clock.now()
        if found.state is not MessageState.DEAD or not await self._store.settle(
            found, MessageEvent.RESENT, now, due_at=now
        ):
            raise ConflictError("this report was not given up")
        await noted(self._audit, viewer, "report_delivery.resend", "report_delivery", delivery, found.client)
        return await self._store.delivery(delivery)

    async def _one(self, delivery: ReportDelivery) -> int:
        if delivery.died >= MOST_DEATHS:  # it would take this process with it, and the calls
            log.error("report given up, its sender died each time delivery=%s died=%d", delivery.id, delivery.died)
            await self._store.settle(delivery, MessageEvent.REFUSED, self._clock.now(), error=DIED)
            return 0
        try:
            async with asyncio.timeout(TRY_SECONDS):
                fault, lasting = await self._sent(delivery)
        except TimeoutError:
            fault, lasting = Fault.SLOW.value, False
        except Exception as error:  # noqa: BLE001 - a bug of ours must not hold up all others without a pause
            log.error("report not made delivery=%s error=%s", delivery.id, type(error).__name__)  # its text may tell
            fault, lasting = Fault.ANSWER.value, False
        now = self._clock.now()
        if not fault:
            await self._store.settle(delivery, MessageEvent.RECEIVED, now)
            log.info("report received delivery=%s way=%s tries=%d", delivery.id, delivery.way, delivery.tries)
            return 1
        log.warning("report not received delivery=%s way=%s fault=%s", delivery.id, delivery.way, fault)
        event = MessageEvent.REFUSED if lasting else failed(delivery.tries)
        await self._store.settle(delivery, event, now, due_at=next_try(delivery.tries, now), error=fault)
        return 0

    async def _sent(self, delivery: ReportDelivery) -> tuple[str, bool]:
        """What was wrong, empty: nothing; and whether trying again does not mend it."""
        viewer = Viewer(
            actor=f"report_schedule:{delivery.schedule}",
            user=None,
            role="client",
            client=delivery.client,
            language="nl",
        )
        whole = delivery.way is ReportWay.OUTLET
        content = await self._files.file(delivery.report, delivery.format, viewer, whole=whole)
        await self._store.made(delivery.id, hashlib.sha256(content).digest(), len(content))
        period = f"{delivery.first_day:%Y-%m-%d}-{delivery.last_day:%Y-%m-%d}"
        name = f"rapport-{period}-{delivery.id.hex[-12:]}.{delivery.format}"
        if whole:
            return await self._carried(delivery, name, content)
        if self._mail is None:
            return Fault.UNREACHABLE.value, False
        assert delivery.sealed_to is not None
        try:
            sealer = self._vault.client(delivery.client, delivery.client_key)
            to = sealer.open(RECIPIENT, delivery.schedule, delivery.sealed_to).decode()
        except SealError:
            return Fault.SECRET.value, False
        letter = FileLetter(
            id=delivery.id,
            sender="Rapporten",
            subject=f"Rapport {delivery.first_day:%d-%m-%Y} tot en met {delivery.last_day:%d-%m-%Y}",
            text=(
                f"Het rapport van {delivery.client_name} over {delivery.first_day:%d-%m-%Y} tot en met "
                f"{delivery.last_day:%d-%m-%Y} staat in de bijlage.\n\nKleine aantallen zijn weggelaten. In het "
                "scherm ziet u ze wel, en opent elk cijfer de zaken erachter."
            ),
            name=name,
            media_type=_MEDIA[delivery.format],
            content=content,
        )
        fault = (await self._mail.send_file(to, letter)).fault
        return ("" if fault is None else fault.value), fault in LASTING

    async def _carried(self, delivery: ReportDelivery, name: str, content: bytes) -> tuple[str, bool]:
        assert delivery.outlet is not None
        outlet = await self._outlets.find(delivery.outlet)
        secret = await self._sender.secret(outlet)
        if secret is None:
            return Fault.SECRET.value, False
        bundle = Bundle(id=delivery.id, name=name, media_type=_MEDIA[delivery.format], content=content)
        carried = await self._carriers[outlet.kind].carry(outlet.place, secret, bundle)
        if carried.fault == _NAME_TAKEN:  # no other report has this name: an earlier try brought it whole
            return "", False
        return carried.fault, carried.fault in LASTING_OF_FILES
