"""The Klantinteracties API (VNG): a conversation becomes a `klantcontact`, a follow-up an `internetaak`.

The API knows no idempotency keys. So a case's klantcontact has a reference of its own, made of the case, and is looked
for before it is made: a second try finds the first one's, and a correction changes it in place. A klantcontact is
written whole in one call with its person and first signal (`maak-klantcontact`); what else belongs to it is looked for
and made one by one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from dialer.domain.errors import DialerError
from dialer.domain.exchange import Fault, MessageKind, fault_of
from dialer.exchange.webhook import Http
from dialer.services.ports.exchange import Address, Parcel, Receipt

FIELDS: Mapping[str, str] = {
    "kanaal": "telefoon",
    "taal": "nld",
    "onderwerp": "Telefonisch contact",
    "nummerveld": "referentienummer",  # `nummer` for servers that are older
    "objecttype": "signaal",
    "register": "aanmelding",
    "soort_object_id": "signaal-id",
    "handeling_hulp": "Contact opnemen: inwoner wil hulp",
    "handeling_crisis": "Vandaag contact opnemen: crisis",
    "actor": "",  # uuid of who gets the tasks
}
"""Settings of such a channel and their usual values: how our fields are called over there."""

_TASKS = {MessageKind.HELP.value: "handeling_hulp", MessageKind.CRISIS.value: "handeling_crisis"}
_INHOUD, _TOELICHTING, _HANDELING, _ONDERWERP = 1000, 1000, 200, 200


class _AnswerError(DialerError):
    """The conversation with the register ends here."""

    code = "register"

    def __init__(self, fault: Fault, patience: timedelta | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.patience = patience


class KlantinteractiesCourier:
    """`Courier` of contact registers."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def deliver(self, address: Address, parcel: Parcel) -> Receipt:
        """All of it, or a fault; what was made already is found again at the next try."""
        register = _Register(self._http, address)
        try:
            contact = await register.contact(parcel)
            await register.subjects(contact, parcel)
            await register.task(contact, parcel)
        except _AnswerError as ended:
            return Receipt(fault=ended.fault, patience=ended.patience)
        return Receipt(remote=contact)

    async def try_out(self, address: Address) -> Receipt:
        """Looks for a reference that there is not: signs in, and reads of nobody."""
        register = _Register(self._http, address)
        try:
            await register.find("klantcontacten", "-")
        except _AnswerError as ended:
            return Receipt(fault=ended.fault, patience=ended.patience)
        return Receipt()


def reference(channel: UUID, case: UUID) -> str:
    """Ten characters that name the case in this register; 50 bits."""
    digest = hashlib.sha256(channel.bytes + case.bytes).digest()
    return base64.b32encode(digest).decode()[:10]


class _Register:
    def __init__(self, http: Http, address: Address) -> None:
        self._http = http
        self._address = address
        self._fields = {key: address.settings.get(key) or usual for key, usual in FIELDS.items()}
        self._number = "nummer" if self._fields["nummerveld"] == "nummer" else "referentienummer"

    async def contact(self, parcel: Parcel) -> str:
        """Make the case's klantcontact, or bring it up to date; its uuid."""
        own = reference(self._address.channel, parcel.case)
        fields = self._contact_fields(parcel)
        found = await self.find("klantcontacten", own)
        if found is not None:
            await self._call("PATCH", f"klantcontacten/{found}", fields)
            return found
        first = next(iter(_signals(parcel)), None)
        made = await self._call(
            "POST",
            "maak-klantcontact",
            {
                "klantcontact": {self._number: own, **fields},
                "betrokkene": {"rol": "klant", "initiator": False},
                **({} if first is None else {"onderwerpobject": {"onderwerpobjectidentificator": self._object(first)}}),
            },
        )
        return _uuid(made.get("klantcontact"))

    async def subjects(self, contact: str, parcel: Parcel) -> None:
        """One onderwerpobject for each signal."""
        for signal in _signals(parcel):
            identificator = self._object(signal)
            query = {
                "klantcontact__uuid": contact,
                "onderwerpobjectidentificatorObjectId": identificator["objectId"],
                "pageSize": "1",
            }
            if not _results(await self._call("GET", "onderwerpobjecten", query=query)):
                body = {"klantcontact": {"uuid": contact}, "onderwerpobjectidentificator": identificator}
                await self._call("POST", "onderwerpobjecten", body)

    async def task(self, contact: str, parcel: Parcel) -> None:
        """The internetaak of a call for help; one that is not wanted any more is closed."""
        own = reference(self._address.channel, parcel.case)
        found = await self.find("internetaken", own)
        action = _TASKS.get(parcel.kind)
        if action is None:
            if found is not None:
                done = {"status": "verwerkt", "toelichting": "Vervallen: het resultaat is gewijzigd."}
                await self._call("PATCH", f"internetaken/{found}", done)
            return
        fields: dict[str, object] = {
            "gevraagdeHandeling": self._fields[action][:_HANDELING],
            "toelichting": _told(parcel)[:_TOELICHTING],
            "status": "te_verwerken",
        }
        if self._fields["actor"]:
            fields["toegewezenAanActoren"] = [{"uuid": self._fields["actor"]}]
        if found is not None:
            # Whether it was dealt with over there is theirs to say.
            fields.pop("status")
            await self._call("PATCH", f"internetaken/{found}", fields)
            return
        fields |= {self._number: own, "aanleidinggevendKlantcontact": {"uuid": contact}}
        await self._call("POST", "internetaken", fields)

    async def find(self, kind: str, own: str) -> str | None:
        """Uuid of our object; None: there is none. A register that does not know the filter is not believed."""
        answer = await self._call("GET", kind, query={self._number: own, "pageSize": "2"})
        return next((_uuid(one) for one in _results(answer) if one.get(self._number) == own), None)

    def _contact_fields(self, parcel: Parcel) -> dict[str, object]:
        body = parcel.body
        moment = _moment(body.get("gesprek")) or _moment(next(iter(reversed(_attempts(parcel))), None))
        return {
            "kanaal": self._fields["kanaal"],
            "onderwerp": self._fields["onderwerp"][:_ONDERWERP],
            "inhoud": _told(parcel)[:_INHOUD],
            "indicatieContactGelukt": bool(body.get("bereikt")),
            "taal": self._fields["taal"],
            "vertrouwelijk": True,
            **({} if moment is None else {"plaatsgevondenOp": moment}),
        }

    def _object(self, signal: Mapping[str, Any]) -> dict[str, str]:
        return {
            "objectId": str(signal["signaalId"]),
            "codeObjecttype": self._fields["objecttype"],
            "codeRegister": self._fields["register"],
            "codeSoortObjectId": self._fields["soort_object_id"],
        }

    async def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, query: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        reply = await self._http(
            method,
            f"{self._address.url.rstrip('/')}/{path}",
            headers={
                "Authorization": f"Token {self._address.secret}",
                "Accept": "application/json",
                **({} if body is None else {"Content-Type": "application/json"}),
            },
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            query=query,
        )
        fault = reply.fault or fault_of(reply.status)
        if fault is not None:
            raise _AnswerError(fault, reply.patience)
        try:
            answer = json.loads(reply.body)
        except ValueError:
            raise _AnswerError(Fault.ANSWER) from None
        if not isinstance(answer, dict):
            raise _AnswerError(Fault.ANSWER)
        return answer


def _uuid(value: object) -> str:
    """The uuid of an object in an answer."""
    try:
        return str(UUID(value["uuid"]))  # type: ignore[index]  # whatever it is: what does not fit raises
    except (TypeError, KeyError, ValueError, AttributeError):
        raise _AnswerError(Fault.ANSWER) from None


def _results(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    results = answer.get("results")
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise _AnswerError(Fault.ANSWER)
    return results


def _signals(parcel: Parcel) -> Sequence[Mapping[str, Any]]:
    signals: Sequence[Mapping[str, Any]] = parcel.body["signalen"]  # type: ignore[assignment]  # made by result_message
    return signals


def _attempts(parcel: Parcel) -> Sequence[Mapping[str, Any]]:
    attempts: Sequence[Mapping[str, Any]] = parcel.body["belpogingen"]  # type: ignore[assignment]  # as above
    return attempts


def _moment(when: Any) -> str | None:
    return None if when is None else str(when["moment"])


def _told(parcel: Parcel) -> str:
    """The result in a few lines."""
    body: Mapping[str, Any] = parcel.body
    result = body["resultaat"]
    lines = ["Het eerdere resultaat is teruggenomen." if result is None else f"Resultaat: {result['omschrijving']}."]
    if body["afspraak"] is not None:
        lines.append(f"Afspraak: {body['afspraak']}.")
    refs = sorted({str(signal["kenmerk"]) for signal in body["signalen"]})
    lines.append(f"Kenmerk: {', '.join(refs)}.")
    tries = [f"{one['datum']} {one['dagdeel'].lower()}" for one in body["belpogingen"] if one["richting"] == "uit"]
    if tries:
        lines.append(f"Gebeld: {'; '.join(tries)}.")
    if body["notitie"]:
        lines.append(f"Notitie: {body['notitie']}")
    return "\n".join(lines)
