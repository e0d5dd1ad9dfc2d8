"""Lists in: dry run, load, and the column mappings kept per client.

Every use case takes a `Viewer` (who asks, for which client) and leaves an audit line. Times come from the clock port.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path

from dialer.domain.client_settings import setting
from dialer.domain.errors import ConflictError, InvalidError, NotFoundError, NotNowError
from dialer.domain.ids import CampaignId, ClientId, DeliveryId
from dialer.domain.intake import FIELDS, NUMBERS_FIELDS, SignalRow
from dialer.domain.texts import are_bsns, is_bsn_title
from dialer.domain.visits import VISIT_FIELDS
from dialer.schedule.terms import TermPolicy, term_of, term_policy
from dialer.schedule.windows import local_date
from dialer.services import sealed
from dialer.services.intake_plan import BatchPlanner, Prepared, TermOf
from dialer.services.intake_preview import Preview, PreviewBuilder
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.intake import (
    ColumnMapping,
    DeliveryInfo,
    FileRefusedError,
    IntakeStore,
    ListReader,
    ListStream,
    LoadSession,
    NewDelivery,
    ReadOrder,
    ReadRow,
    SourceInfo,
)
from dialer.services.ports.intake_rows import CampaignInfo, Changes, Known, SealedRefusal
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import Sealer, Vault
from dialer.services.viewing import check_scope, noted
from dialer.services.visit_files import KIND as VISITS
from dialer.services.visit_files import VisitFiles

log = logging.getLogger(__name__)

MAPPING_NAME = 60
"""Characters of a column mapping's name."""
FIELDS_OF: Mapping[str, Sequence[str]] = {"list": FIELDS, "numbers": NUMBERS_FIELDS, VISITS: VISIT_FIELDS}
"""What a file of each kind may hold."""
LANES = 2
"""Batches written at once. The database has a process for each; more than two gain nothing on two cores."""

Policy = Callable[[Mapping[str, object]], TermPolicy]
"""A client's settings -> its terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of a file. `repeated`: it had been loaded before, nothing was changed."""

    delivery: DeliveryInfo
    repeated: bool
    columns: Mapping[str, str]


class IntakeService:
    """Lists in."""

    def __init__(
        self,
        *,
        store: IntakeStore,
        reader: ListReader,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
        demo: bool,
        policy: Policy = term_policy,
        visits: VisitFiles | None = None,
    ) -> None:
        """`demo` lets fictional numbers through. `visits` None: no files of appointments are taken."""
        self._store = store
        self._reader = reader
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._demo = demo
        self._policy = policy
        self._visits = visits
        # One load at a time in a process: each holds connections while it asks for more.
        self._loading = asyncio.Semaphore(1)

    # --- reading a file ---------------------------------------------------------------------------------------

    async def preview(
        self,
        campaign: CampaignId,
        path: Path,
        viewer: Viewer,
        *,
        kind: str = "list",
        columns: Mapping[str, str] | None = None,
    ) -> Preview:
        """Dry run: what a load would do, and the first rows as this viewer may see them. Changes nothing.

        Raises FileRefusedError.
        """
        info = await self._campaign(campaign, viewer)
        async with self._reader.open(self._order(path, kind, columns)) as stream:
            _check_bsn_titles(info, stream.info)
            existing = await self._store.existing(campaign, _content(stream.info, kind))
            planner = self._planner(info, DeliveryId(self._ids.new()), self._clock.now(), None)
            builder = PreviewBuilder(stream.info, repeated=existing is not None, viewer=viewer)
            if kind == VISITS:
                await self._of_visits.preview(info, stream, builder)
            else:
                await self._dry_run(info, stream, planner, builder)
        await noted(self._audit, viewer, "delivery.preview", "campaign", campaign, info.client, builder.counts)
        return builder.result()

    async def _dry_run(
        self, info: CampaignInfo, stream: ListStream, planner: BatchPlanner, builder: PreviewBuilder
    ) -> None:
        async for batch in stream.batches():
            _check_bsn_references(info, batch)
            [prepared] = await asyncio.to_thread(planner.prepare, batch)
            known = builder.overlaid(await self._store.known(info.client, info.campaign, prepared.keys()))
            builder.add(batch, known, await asyncio.to_thread(planner.plan, prepared, known))

    async def load(
        self,
        campaign: CampaignId,
        path: Path,
        viewer: Viewer,
        *,
        kind: str = "list",
        columns: Mapping[str, str] | None = None,
    ) -> Loaded:
        """Load a list, or a file of numbers or appointments (`kind` "numbers", "visits"). The same file again changes
        nothing; one that was cut off by a crash goes on where it stopped.

        Raises FileRefusedError, ConflictError while another process loads this file.
        """
        info = await self._campaign(campaign, viewer)
        async with self._loading, self._reader.open(self._order(path, kind, columns)) as stream:
            _check_bsn_titles(info, stream.info)
            delivery, _ = await self._begin(info, stream.info, kind, viewer)
            if delivery.state == "loaded":
                return Loaded(delivery=delivery, repeated=True, columns=stream.info.columns)
            try:
                async with self._store.session(delivery.delivery, info.client, campaign, LANES) as session:
                    current = await self._store.delivery(delivery.delivery)
                    if current.state == "loaded":  # by the process that held the lock before us
                        return Loaded(delivery=current, repeated=True, columns=stream.info.columns)
                    if current.state == "recalled":
                        raise ConflictError("the delivery was recalled meanwhile")
                    if kind == VISITS:
                        sealer = self._sealer(info, current)
                        said = await self._of_visits.load(info, stream, current, session, viewer, sealer)
                        counts = await session.finish(said, of_cases=False)
                    else:
                        counts = await session.finish(await self._pump(stream, info, current, session))
            except FileRefusedError:
                # A workbook may break in its last row, when the others are stored already: take them back.
                await self._store.mark_recalled(delivery.delivery, self._clock.now(), viewer.user)
                await self._store.finish_recall(delivery.delivery, self._clock.now())
                raise
        await noted(self._audit, viewer, "delivery.load", "delivery", delivery.delivery, info.client, counts)
        log.info("delivery loaded delivery=%s kind=%s rows=%s", delivery.delivery, kind, counts.get("rows", 0))
        done = await self._store.delivery(delivery.delivery)
        return Loaded(delivery=done, repeated=False, columns=stream.info.columns)

    async def _begin(
        self, info: CampaignInfo, source: SourceInfo, kind: str, viewer: Viewer
    ) -> tuple[DeliveryInfo, bool]:
        content = _content(source, kind)
        found = await self._store.existing(info.campaign, content)
        if found is not None:
            return found, False
        identity = DeliveryId(self._ids.new())
        return await self._store.begin(
            NewDelivery(
                delivery=identity,
                client=info.client,
                campaign=info.campaign,
                kind=kind,
                content_hash=content,
                format=source.format,
                mapping=None,
                received_at=self._clock.now(),
                received_by=viewer.user,
                wrapped_key=self._vault.new_delivery_key(info.client, info.client_key, identity),
            )
        )

    async def _pump(
        self, stream: ListStream, info: CampaignInfo, delivery: DeliveryInfo, session: LoadSession
    ) -> dict[str, int]:
        """All batches. Reading and preparing go on while others are written, in lanes that share no resident."""
        sealer = self._sealer(info, delivery)
        planner = self._planner(info, delivery.delivery, delivery.received_at, sealer)
        counts: Counter[str] = Counter(rows=0, taken=0, refused=0, skipped=0, remarks=0)
        header = SealedRefusal(delivery.delivery, 0, _sealed_header(sealer, stream.info.header))
        lanes: list[asyncio.Queue[Prepared | None]] = [asyncio.Queue(2) for _ in range(LANES)]

        async def read() -> None:
            async for batch in stream.batches():
                _check_bsn_references(info, batch)
                parts = await asyncio.to_thread(planner.prepare, batch, LANES)
                for lane, part in zip(lanes, parts, strict=True):
                    await lane.put(part)
            for lane in lanes:
                await lane.put(None)

        async def write(number: int) -> None:
            while (part := await lanes[number].get()) is not None:
                changes = await session.apply(part.keys(), partial(_plan, planner, part, header), number)
                counts.update(changes.counts)

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(read(), name="intake-read")
                for number in range(LANES):
                    group.create_task(write(number), name=f"intake-write-{number}")
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # the first; the others were cancelled because of it
        return dict(counts)

    @property
    def _of_visits(self) -> VisitFiles:
        if self._visits is None:
            raise InvalidError("no files of appointments are taken here", "kind")
        return self._visits

    def _sealer(self, info: CampaignInfo, delivery: DeliveryInfo) -> Sealer:
        return self._vault.delivery(info.client, info.client_key, delivery.delivery, delivery.wrapped_key)

    def _planner(self, info: CampaignInfo, delivery: DeliveryId, at: datetime, sealer: Sealer | None) -> BatchPlanner:
        return BatchPlanner(
            campaign=info,
            delivery=delivery,
            at=at,
            sealer=sealer,
            vault=self._vault,
            ids=self._ids,
            term_of=_cached_terms(at, self._policy(info.client_settings)),
        )

    def _order(self, path: Path, kind: str, columns: Mapping[str, str] | None) -> ReadOrder:
        return ReadOrder(path=path, kind=kind, columns=columns, today=local_date(self._clock.now()), demo=self._demo)

    # --- column mappings ----------------------------------------------------------------------------------------

    async def learn_mapping(
        self,
        client: ClientId,
        name: str,
        example: Path,
        viewer: Viewer,
        *,
        kind: str = "list",
        columns: Mapping[str, str] | None = None,
    ) -> tuple[ColumnMapping, Sequence[str]]:
        """Keep what an example file's headings are guessed to mean (or `columns`, when it has them).

        Also returns the headings left unused.
        """
        async with self._reader.open(self._order(example, kind, columns)) as stream:
            info = stream.info
        saved = await self.save_mapping(client, name, info.columns, viewer, kind=kind)
        return saved, [title for title in info.header if title not in info.columns.values()]

    async def headings(self, example: Path) -> Sequence[str]:
        """A file's headings, whatever it is of. Raises FileRefusedError."""
        try:
            async with self._reader.open(self._order(example, "numbers", None)) as stream:
                return stream.info.header
        except FileRefusedError as refused:
            if not refused.headings:
                raise
            return refused.headings

    async def save_mapping(
        self, client: ClientId, name: str, columns: Mapping[str, str], viewer: Viewer, *, kind: str = "list"
    ) -> ColumnMapping:
        """Keep a mapping as the next version of `name`.

        Raises InvalidError: a name that is empty, too long or unprintable, or a field that there is not.
        """
        check_scope(viewer, client)
        _check_name(name, "name")
        strange = sorted(set(columns) - set(FIELDS_OF[kind]))
        if strange:
            raise InvalidError(f"unknown fields: {', '.join(strange)}", "columns")
        mapping = ColumnMapping(
            id=self._ids.new(), client=client, name=name, version=0, kind=kind, columns=dict(columns)
        )
        saved = await self._store.save_mapping(mapping, self._clock.now(), viewer.user)
        await noted(self._audit, viewer, "mapping.save", "column_mapping", saved.id, client, {"version": saved.version})
        return saved

    async def mappings(self, client: ClientId, viewer: Viewer) -> Sequence[ColumnMapping]:
        """The latest version of each, by name."""
        check_scope(viewer, client)
        return await self._store.mappings(client)

    async def mapping(self, client: ClientId, name: str, viewer: Viewer) -> ColumnMapping:
        """The latest version. Raises NotFoundError."""
        check_scope(viewer, client)
        found = await self._store.mapping(client, name)
        if found is None:
            raise NotFoundError("no such column mapping")
        return found

    async def rename_mapping(self, client: ClientId, name: str, new_name: str, viewer: Viewer) -> ColumnMapping:
        """The sources that read with it go on with the new name. Raises InvalidError, NotFoundError, ConflictError."""
        check_scope(viewer, client)
        new_name = new_name.strip()
        _check_name(new_name, "new_name")
        before = await self.mapping(client, name, viewer)
        if new_name != name:
            if not await self._store.rename_mapping(client, name, new_name):
                raise NotFoundError("no such column mapping")
            await noted(self._audit, viewer, "mapping.rename", "column_mapping", before.id, client, {"name": new_name})
        return await self.mapping(client, new_name, viewer)

    async def remove_mapping(self, client: ClientId, name: str, viewer: Viewer) -> None:
        """What was read with it stays as it is. Raises NotFoundError, NotNowError."""
        before = await self.mapping(client, name, viewer)
        readers = await self._store.remove_mapping(client, name, self._clock.now())
        if readers:
            raise NotNowError("mapping-in-use")
        await noted(self._audit, viewer, "mapping.remove", "column_mapping", before.id, client, {"name": name})

    async def find_campaign(self, name: str, client: str = "") -> CampaignId:
        """By name (or id) and the client's slug, where that is needed to tell two apart. Raises NotFoundError."""
        return await self._store.find_campaign(client, name)

    async def client_of(self, campaign: CampaignId, viewer: Viewer) -> ClientId:
        """Whose campaign it is. Raises NotFoundError."""
        return (await self._campaign(campaign, viewer)).client

    async def _campaign(self, campaign: CampaignId, viewer: Viewer) -> CampaignInfo:
        info = await self._store.campaign(campaign)
        check_scope(viewer, info.client)
        return info


def _check_bsn_titles(info: CampaignInfo, source: SourceInfo) -> None:
    """Unless the contract says so. A column that nobody reads counts too: refused rows are kept as they stand."""
    if not setting(info.client_settings, "bsn_allowed") and any(is_bsn_title(title) for title in source.header):
        raise FileRefusedError("bsn", "a column holds citizen service numbers", headings=source.header)


def _check_bsn_references(info: CampaignInfo, batch: Sequence[ReadRow]) -> None:
    if setting(info.client_settings, "bsn_allowed"):
        return
    if are_bsns([one.row.client_ref for one in batch if isinstance(one.row, SignalRow)]):
        raise FileRefusedError("bsn", "the references are citizen service numbers")


def _content(source: SourceInfo, kind: str) -> bytes:
    """What makes two deliveries the same: the file's bytes and how its columns were read.

    The mapping belongs to it, so that a file whose columns were misread can be offered again with the right ones.
    """
    how = json.dumps([kind, source.content_hash.hex(), sorted(source.columns.items())])
    return hashlib.sha256(how.encode()).digest()


def _sealed_header(sealer: Sealer, header: Sequence[str]) -> bytes:
    return sealer.seal(sealed.REFUSED, sealed.row_id(0), sealed.cells_box(header))


def _cached_terms(at: datetime, policy: TermPolicy) -> TermOf:
    """Signals of one list have few dates; working days are counted once for each."""

    @cache
    def terms(signal_on: date, crisis: bool) -> tuple[datetime, datetime]:
        return term_of(signal_on, crisis, at, policy)

    return terms


def _plan(planner: BatchPlanner, prepared: Prepared, header: SealedRefusal, known: Known) -> Changes:
    changes = planner.plan(prepared, known)
    if changes.sealed_refusals:
        changes.sealed_refusals.append(header)
    return changes


def _check_name(name: str, field: str) -> None:
    if not name.strip() or len(name) > MAPPING_NAME or not name.isprintable():
        raise InvalidError(f"must be 1 to {MAPPING_NAME} printable characters", field)
