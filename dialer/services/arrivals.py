"""Fetches clients' files from where they put them, each once by its content, with a receipt or a reason.

A crash at any line loses none and loads none twice: a list that was loaded is known by its content (`IntakeService`), a
receipt is written before the file is moved away, and one that is still there is moved at the next look.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from dialer.domain.arrivals import (
    MOST_REFUSED,
    QUARANTINE_FOLDER,
    TAKEN_FOLDER,
    ArrivalState,
    SourceFault,
    SourceKind,
    is_list,
)
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import DeliveryId
from dialer.services.intake import IntakeService
from dialer.services.ports.arrivals import Arrival, Folder, FoundFile, Opener, Source, SourceError, SourceStore
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.intake import FileRefusedError
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import SealError, Vault

log = logging.getLogger(__name__)

SOURCE_KEY = "arrival_source"
"""Kind of the box of our private key."""
LEASE_SECONDS = 900.0
LOOK_SECONDS = 600.0
MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 1 << 20


class Arrivals:
    """The looks."""

    def __init__(
        self,
        store: SourceStore,
        openers: Mapping[SourceKind, Opener],
        intake: IntakeService,
        vault: Vault,
        clock: Clock,
        ids: Ids,
        *,
        owner: str,
        spool: Path,
    ) -> None:
        """`spool`: a folder of this process for files while they are read; `owner` is new at each start."""
        self._store = store
        self._openers = openers
        self._intake = intake
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._owner = owner
        self._spool = spool
        self._seen: dict[UUID, frozenset[str]] = {}  # marks of the last look: what still grows is left alone

    async def tend(self) -> int:
        """One look everywhere; how many files were taken."""
        taken = 0
        for source in await self._store.all(None):
            if source.on:
                taken += await self.look(source)
        return taken

    async def look(self, source: Source) -> int:
        """One look at one place; how many files were taken. Faults are kept with the source."""
        if not await self._store.lease(source.id, self._owner, LEASE_SECONDS):
            return 0
        fault, taken = "", 0
        try:
            async with (
                asyncio.timeout(LOOK_SECONDS),
                self._openers[source.kind].open(source.place, self._key(source)) as folder,
            ):
                taken = await self._take_all(source, folder)
        except SourceError as error:
            fault = error.fault.value
        except TimeoutError:
            fault = SourceFault.CUT_OFF.value
        finally:
            await self._store.unlease(source.id, self._owner)
        if fault:
            log.warning("look did not succeed source=%s fault=%s", source.id, fault)
        await self._store.looked(source.id, self._clock.now(), fault)
        return taken

    def _key(self, source: Source) -> str:
        if source.sealed_key is None:
            return ""
        try:
            sealer = self._vault.client(source.client, source.client_key)
            return sealer.open(SOURCE_KEY, source.id, source.sealed_key).decode()
        except SealError:
            raise SourceError(SourceFault.SECRET) from None

    async def _take_all(self, source: Source, folder: Folder) -> int:
        found = [one for one in await folder.files() if is_list(one.name)]
        before = self._seen.get(source.id, frozenset())
        self._seen[source.id] = frozenset(one.mark for one in found)
        taken, stuck = 0, False
        for one in found:
            if one.mark not in before:  # written to since the last look, or never seen: it may be half there
                continue
            arrival = await self._store.receipt_of(source.id, one.mark)
            if arrival is None:
                arrival = await self._take(source, folder, one)
                taken += arrival.state is ArrivalState.TAKEN
            try:  # one that was dealt with and is still there is moved now
                aside = QUARANTINE_FOLDER if arrival.state is ArrivalState.QUARANTINED else TAKEN_FOLDER
                await folder.put_away(one.name, aside, _note(arrival))
                await self._store.gone(arrival.id)
            except SourceError as error:
                if error.fault is not SourceFault.PUT_AWAY:
                    raise
                stuck = True
        if stuck:
            raise SourceError(SourceFault.PUT_AWAY)
        return taken

    async def _take(self, source: Source, folder: Folder, found: FoundFile) -> Arrival:
        with TemporaryDirectory(dir=self._spool, prefix="arrival-") as place:
            path = Path(place) / "list"
            if await folder.fetch(found.name, path, MOST_BYTES):
                digest = await asyncio.to_thread(_digest, path)
                earlier = await self._store.receipt(source.id, digest)
                if earlier is not None:
                    state, reason, delivery = ArrivalState.REPEATED, "", earlier.delivery
                else:
                    state, reason, delivery = await self._loaded(source, path)
            else:
                digest = hashlib.sha256(found.mark.encode()).digest()  # of its name: nobody has read it whole
                state, reason, delivery = ArrivalState.QUARANTINED, "too-large", None
        arrival = Arrival(
            id=self._ids.new(),
            source=source.id,
            client=source.client,
            name=found.name,
            mark=found.mark,
            size=found.size,
            content_hash=digest,
            state=state,
            reason=reason,
            delivery=delivery,
            at=self._clock.now(),
        )
        await self._store.keep(arrival)
        log.info("file dealt with source=%s arrival=%s state=%s reason=%s", source.id, arrival.id, state, reason)
        return arrival

    async def _loaded(self, source: Source, path: Path) -> tuple[ArrivalState, str, DeliveryId | None]:
        """Tried first: a file that is mostly refused is the wrong one, and nothing of it is loaded."""
        viewer = Viewer(actor=f"source:{source.id}", user=None, role="client", client=source.client)
        kind = source.holds.value
        try:
            columns = None
            if source.mapping_name:
                columns = (await self._intake.mapping(source.client, source.mapping_name, viewer)).columns
            preview = await self._intake.preview(source.campaign, path, viewer, kind=kind, columns=columns)
            rows, refused = preview.counts["rows"], preview.counts["refused"]
            if not preview.repeated and (rows == 0 or refused > rows * MOST_REFUSED):
                return ArrivalState.QUARANTINED, "mostly-refused" if rows else "empty", None
            loaded = await self._intake.load(source.campaign, path, viewer, kind=kind, columns=columns)
        except FileRefusedError as refusal:
            return ArrivalState.QUARANTINED, refusal.reason, None
        except NotFoundError:
            return ArrivalState.QUARANTINED, "no-mapping", None
        return ArrivalState.TAKEN, "", loaded.delivery.delivery


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()


def _note(arrival: Arrival) -> bytes:
    """What stands beside a file that was put away: of nobody."""
    note = {
        "bestand": arrival.name,
        "sha256": arrival.content_hash.hex(),
        "bytes": arrival.size,
        "ontvangen": arrival.at.isoformat(timespec="seconds"),
        "ontvangstnummer": str(arrival.id),
        "status": {"taken": "verwerkt", "repeated": "al eerder ontvangen", "quarantined": "niet verwerkt"}[
            arrival.state
        ],
        "reden": arrival.reason,
        "levering": None if arrival.delivery is None else str(arrival.delivery),
    }
    return (json.dumps(note, ensure_ascii=False, indent=2) + "\n").encode()
