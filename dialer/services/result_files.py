"""Sends results as files: on each outlet's days, one after the other, each until it is there or somebody must look.

What a file has are the lines of a delta that waits to be confirmed (`ExportService`), so nothing is told twice and
nothing is lost: the very statement that notes that a file was received confirms its lines. The file itself is kept
nowhere. It is made anew at each try, the same but for what was erased since, and its SHA-256 stands in the receipt. Who
dies after the other side took it sends it again under the same name, finds it there, and is done.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from dialer.domain.errors import NotNowError
from dialer.domain.exchange import (
    DIED,
    MOST_DEATHS,
    ChannelState,
    Fault,
    MessageEvent,
    MessageState,
    failed,
    next_try,
)
from dialer.domain.outlets import LASTING, OutletKind, due_day
from dialer.domain.result_layout import FileFormat, Layout
from dialer.schedule.windows import local
from dialer.services.export import ExportService
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.outlets import Bundle, Carried, Carrier, Dispatch, LayoutWriter, Outlet, OutletStore
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import SealError, Vault
from dialer.services.result_values import own_layout

log = logging.getLogger(__name__)

OUTLET_SECRET = "result_outlet"  # noqa: S105 - the kind of a box
LEASE_SECONDS = 300.0
TRY_SECONDS = 120.0
"""A try takes no longer, so a lease that was renewed before it outlasts it."""
ROUND = 20
MEDIA: Mapping[FileFormat, str] = {
    FileFormat.CSV: "text/csv",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.JSON: "application/json",
}


class ResultFiles:
    """The sender."""

    def __init__(
        self,
        *,
        store: OutletStore,
        exports: ExportService,
        carriers: Mapping[OutletKind, Carrier],
        writer: LayoutWriter,
        vault: Vault,
        clock: Clock,
        ids: Ids,
        owner: str,
    ) -> None:
        """`owner` names this process in leases: new at each start."""
        self._store = store
        self._exports = exports
        self._carriers = carriers
        self._writer = writer
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._owner = owner

    async def tend(self) -> int:
        """Job: what is due is made and sent; how many files were received."""
        received = 0
        for outlet in await self._store.all(None):
            if outlet.state is ChannelState.ON:
                day = due_day(outlet.plan, local(self._clock.now()), outlet.sent_on)
                received += await self._round(outlet, day)
        return received

    async def send_now(self, outlet: Outlet) -> None:
        """At somebody's word, whatever the day. Raises NotNowError: `outlet-off`, `outlet-busy`."""
        if outlet.state is not ChannelState.ON:
            raise NotNowError("outlet-off")
        if not await self._store.lease(outlet.id, self._owner, LEASE_SECONDS):
            raise NotNowError("outlet-busy")
        await self._round(outlet, local(self._clock.now()).date())

    async def secret(self, outlet: Outlet) -> str | None:
        """What opens the way; None: the box does not open."""
        if outlet.sealed_secret is None:
            return ""
        try:
            sealer = self._vault.client(outlet.client, outlet.client_key)
            boxes = [outlet.sealed_secret]
            if outlet.old_secret is not None and outlet.old_until is not None and outlet.old_until > self._clock.now():
                boxes.append(outlet.old_secret)
            return " ".join(sealer.open(OUTLET_SECRET, outlet.id, box).decode() for box in boxes)
        except SealError:
            return None

    async def _round(self, outlet: Outlet, day: date | None) -> int:
        if not await self._store.lease(outlet.id, self._owner, LEASE_SECONDS):
            return 0
        received = 0
        try:
            if day is not None:
                await self._make(outlet, day)
            for _ in range(ROUND):
                # Renewed before each: who stood still for long finds that somebody else sends now.
                if not await self._store.lease(outlet.id, self._owner, LEASE_SECONDS):
                    break
                dispatch = await self._store.due(outlet.id, self._clock.now())
                if dispatch is None:
                    break
                received += await self._send(outlet, dispatch)
        finally:
            await self._store.unlease(outlet.id, self._owner)
        return received

    async def _make(self, outlet: Outlet, day: date) -> None:
        """What is new is put in a file. A delta that waits from before goes first; the day is dealt with after it."""
        viewer, began = _as(outlet), self._clock.now()
        run = await self._exports.create(outlet.campaign, "delta", viewer)
        if run.lines == 0:
            await self._exports.confirm(run.id, viewer)
        else:
            profile = await self._profile(outlet)
            form = own_layout("nl") if profile is None else (await self._store.profile(profile)).layout
            await self._store.prepare(
                Dispatch(
                    id=self._ids.new(), outlet=outlet.id, client=outlet.client, campaign=outlet.campaign, export=run.id,
                    name=outlet.campaign_name, profile=profile, lines=run.lines, replacements=0,
                    state=MessageState.WAITING, created_at=began, due_at=began, tries=0, died=0, error="",
                    content_hash=None, size=None, done_at=None,
                ),
                day,
                form.format.value,
            )  # fmt: skip
        if run.created_at >= began or run.lines == 0:
            await self._store.dealt(outlet.id, day)

    async def _profile(self, outlet: Outlet) -> UUID | None:
        if not outlet.profile:
            return None
        found = [one.id for one in await self._store.profiles(outlet.client) if one.name == outlet.profile]
        return found[0] if found else None

    async def _send(self, outlet: Outlet, dispatch: Dispatch) -> int:
        if dispatch.died >= MOST_DEATHS:
            log.error("file given up, its sender died each time dispatch=%s died=%d", dispatch.id, dispatch.died)
            await self._store.settle(dispatch, MessageEvent.REFUSED, self._clock.now(), error=DIED)
            return 0
        secret = await self.secret(outlet)
        if secret is None:
            carried = Carried(fault=Fault.SECRET)
        else:
            bundle = await self.bundle(dispatch, _as(outlet))
            await self._store.made(dispatch.id, hashlib.sha256(bundle.content).digest(), len(bundle.content))
            carried = await self._carried(outlet, secret, bundle)
        now = self._clock.now()
        await self._store.went(outlet.id, now, carried.fault)
        if not carried.fault:
            await self._store.settle(dispatch, MessageEvent.RECEIVED, now)
            log.info("file received dispatch=%s outlet=%s tries=%d", dispatch.id, outlet.id, dispatch.tries)
            return 1
        log.warning("file not received dispatch=%s outlet=%s fault=%s", dispatch.id, outlet.id, carried.fault)
        event = MessageEvent.REFUSED if carried.fault in LASTING else failed(dispatch.tries)
        due = next_try(dispatch.tries, now, carried.patience)
        await self._store.settle(dispatch, event, now, due_at=due, error=carried.fault)
        return 0

    async def bundle(self, dispatch: Dispatch, viewer: Viewer) -> Bundle:
        """The file, made anew: in the language of the files that go out, whoever asks; audited as his."""
        layout: Layout = own_layout("nl")
        if dispatch.profile is not None:
            layout = (await self._store.profile(dispatch.profile)).layout
        table = await self._exports.table(dispatch.export, replace(viewer, language="nl"), layout)
        content = await asyncio.to_thread(self._writer.write_layout, table, layout, dispatch.created_at)
        return Bundle(id=dispatch.id, name=dispatch.name, media_type=MEDIA[layout.format], content=content)

    async def _carried(self, outlet: Outlet, secret: str, bundle: Bundle) -> Carried:
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await self._carriers[outlet.kind].carry(outlet.place, secret, bundle)
        except TimeoutError:
            return Carried(fault=Fault.SLOW)


def _as(outlet: Outlet) -> Viewer:
    """The outlet itself, in the audit."""
    return Viewer(actor=f"outlet:{outlet.id}", user=None, role="client", client=outlet.client)
