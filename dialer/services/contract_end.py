"""The end of a client's contract: what is left to do, the end report, and the keys destroyed with a certificate.

Nothing is destroyed before everything is handed over. A run that is cut short is finished by the next: keys that are
gone stay gone, and the certificate is made when the last one is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from dialer.domain.contract_end import ITEMS, EndFigures, after_care_until, open_items, signed_text
from dialer.domain.errors import ConflictError, InvalidError
from dialer.domain.ids import ClientId
from dialer.domain.reports.operations import Unit
from dialer.schedule.windows import local_date
from dialer.services.bill_papers import euros
from dialer.services.ports.clock import Clock
from dialer.services.ports.contract_end import ContractEndStore, KeyedDelivery
from dialer.services.ports.people import Viewer
from dialer.services.ports.report_files import Cell, LogoStore, Paper, PaperTable, ReportWriter
from dialer.services.ports.residents import Erasure, ErasureList
from dialer.services.ports.retention import RetentionStore
from dialer.services.ports.vault import ErasedError, Vault

CERTIFICATE = "contract end v1"
"""Purpose of the key that signs certificates."""

_STATEMENT = (
    "De sleutels van alle leveringen van deze opdrachtgever zijn vernietigd. Namen, adressen, telefoonnummers, "
    "bedragen, verslagen en opnames die ermee waren versleuteld, zijn niet meer te lezen. Oudere back-ups zijn "
    "leesbaar tot ze verlopen; wordt er een teruggezet, dan worden de sleutels opnieuw vernietigd."
)


class ContractEnd:
    """Use cases. `sign`: a keyed hash that only this service can make."""

    def __init__(
        self,
        *,
        store: ContractEndStore,
        retention: RetentionStore,
        erasures: ErasureList | None,
        vault: Vault,
        logos: LogoStore,
        writer: ReportWriter,
        sign: Callable[[bytes], bytes],
        clock: Clock,
    ) -> None:
        self._store = store
        self._retention = retention
        self._erasures = erasures
        self._vault = vault
        self._logos = logos
        self._writer = writer
        self._sign = sign
        self._clock = clock

    async def left(self, client: ClientId) -> Mapping[str, int]:
        """What must be done first, with how many of each; empty: the data may go."""
        counts = await self._store.left(client, self._clock.now())
        return {item: counts[item] for item in open_items(counts)}

    async def days(self, client: ClientId) -> tuple[str, str] | None:
        """(The last day, that of after-care); None: the contract is not ended."""
        done = await self._store.ended(client)
        return None if done is None else (str(done["ended_on"]), str(done["after_care_until"]))

    async def report(self, client: ClientId, name: str, format_: str, language: str) -> bytes:
        """The end report as a file: counts of campaigns, nobody's name. Raises InvalidError."""
        if format_ not in ("pdf", "xlsx"):
            raise InvalidError("pdf of xlsx", "format")
        figures = await self._store.figures(client)
        paper = end_paper(name, figures, self._clock.now(), await self._logos.logo(client), language)
        return await asyncio.to_thread(self._writer.write, paper, format_)

    async def end(self, client: ClientId, name: str, viewer: Viewer) -> Mapping[str, object]:
        """Destroy every delivery's key, prove it, and make the certificate; the same again when it was done before.

        Raises ConflictError while something is left to do.
        """
        done = await self._store.ended(client)
        if done is not None:
            return done
        left = await self.left(client)
        if left:
            words = ", ".join(f"{count} {ITEMS[item][0]}" for item, count in left.items())
            raise ConflictError(f"nog niet klaar: {words}")
        at = self._clock.now()
        destroyed = [await self._destroy(client, one, at, viewer) for one in await self._store.keyed(client)]
        await self._retention.loose(client, at, dry=False)
        await self._retention.recordings(client, at, dry=False)
        for delivery in await self._retention.expired_unfinished():
            await self._retention.clear(delivery, at, viewer.actor)
        boxes = await self._store.boxes(client)
        if boxes:
            raise ConflictError(f"er staan nog {boxes} versleutelde gegevens: probeer het opnieuw")
        return await self._certify(client, name, destroyed, at, viewer)

    def verify(self, certificate: Mapping[str, object]) -> bool:
        """Whether this service signed it, as it stands."""
        return self._sign(signed_text(certificate)).hex() == certificate.get("signature")

    async def _certify(
        self, client: ClientId, name: str, destroyed: Sequence[Mapping[str, object]], at: datetime, viewer: Viewer
    ) -> Mapping[str, object]:
        ended_on = local_date(at)
        until = after_care_until(ended_on)
        certificate: dict[str, object] = {
            "client": str(client),
            "name": name,
            "ended_on": ended_on.isoformat(),
            "after_care_until": until.isoformat(),
            "made_at": at.isoformat(),
            "deliveries": list(destroyed),
            "sealed_boxes_left": 0,
            "statement": _STATEMENT,
        }
        certificate["signature"] = self._sign(signed_text(certificate)).hex()
        await self._store.end(client, ended_on, until, certificate, at, viewer.actor)
        return certificate

    async def _destroy(
        self, client: ClientId, one: KeyedDelivery, at: datetime, viewer: Viewer
    ) -> Mapping[str, object]:
        """The key opens a box before, and there is none after: what the certificate says of this delivery."""
        opened = self._opens(client, one, one.wrapped_key)
        await self._retention.expire(one.delivery, None, at, viewer.actor)
        if self._erasures is not None:
            self._erasures.add(Erasure(at=at, kind="expiry", client=client, subject=one.delivery))
        cleared = await self._retention.clear(one.delivery, at, viewer.actor)
        return {
            "delivery": str(one.delivery),
            "key_sha256": hashlib.sha256(one.wrapped_key).hexdigest(),
            "opened_before": opened,
            "opens_after": self._opens(client, one, None),
            "boxes_deleted": sum(cleared.values()),
        }

    def _opens(self, client: ClientId, one: KeyedDelivery, wrapped: bytes | None) -> bool:
        if one.box is None:
            return False
        try:
            sealer = self._vault.delivery(client, one.client_key, one.delivery, wrapped)
            sealer.open(one.kind, one.box.owner, one.box.sealed)
        except ErasedError:
            return False
        return True


def end_paper(name: str, figures: Sequence[EndFigures], at: datetime, logo: bytes | None, language: str) -> Paper:
    """Reach against promise, help wanted, appointments kept, cost of a resident reached."""
    english = int(language == "en")

    def word(dutch: str, other: str) -> str:
        return (dutch, other)[english]

    def row(one: EndFigures) -> list[Cell]:
        cost = one.cost_per_reached
        return [
            one.name, one.callable, one.reached, one.reach if one.reach is not None else "",
            "" if one.promised_percent is None else one.promised_percent / 100, one.help_wanted, one.appointments,
            one.kept, one.no_show, "" if cost is None else euros(cost, english),
        ]  # fmt: skip

    *campaigns, total = figures
    return Paper(
        title=word("Eindrapport", "End report"),
        about=name,
        lines=[word("Over de hele looptijd, zonder persoonsgegevens.", "The whole contract, without personal data.")],
        at=at,
        tables=[
            PaperTable(
                title=word("Belacties", "Campaigns"),
                note=word(
                    "Kosten per bereikte: gefactureerd bedrag zonder btw, gedeeld door bereikte inwoners.",
                    "Cost of a resident reached: amount billed without VAT, by residents reached.",
                ),
                head=[
                    "", word("Belbaar", "Callable"), word("Bereikt", "Reached"), word("Bereik", "Reach"),
                    word("Beloofd", "Promised"), word("Hulpvraag", "Help wanted"), word("Afspraken", "Appointments"),
                    word("Gekomen", "Kept"), word("Niet gekomen", "No-show"), word("Kosten", "Cost"),
                ],
                units=[
                    None, Unit.COUNT, Unit.COUNT, Unit.SHARE, Unit.SHARE, Unit.COUNT, Unit.COUNT, Unit.COUNT,
                    Unit.COUNT, None,
                ],
                rows=[row(one) for one in campaigns],
                total=row(total),
            )
        ],
        words=[],
        words_title="",
        language=language,
        empty=word("Er zijn geen belacties.", "There are no campaigns."),
        logo=logo,
    )  # fmt: skip
