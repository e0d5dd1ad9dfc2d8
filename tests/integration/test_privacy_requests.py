"""The privacy officer finds a resident, writes down what is asked, and does it: each in the audit, within the month."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.errors import ChangedSinceError, ConflictError, IllegalTransitionError, InvalidError, NotFoundError
from dialer.domain.ids import ClientId, ResidentId, UserId
from dialer.domain.privacy_request import RequestEvent, RequestKind, RequestState
from dialer.domain.texts import BsnError
from dialer.schedule.rotation import Rotation
from dialer.schedule.windows import local_date
from dialer.services.cases import CaseService
from dialer.services.ports.people import Viewer
from dialer.services.ports.privacy_requests import PrivacyRequest
from dialer.services.ports.vault import ErasedError
from dialer.services.privacy_requests import PrivacyRequests
from dialer.services.recordings import Recordings
from dialer.services.residents import ResidentRights
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.privacy_requests import PgPrivacyRequests
from dialer.storage.recordings import PgRecordings
from dialer.storage.residents import PgResidents
from dialer.storage.steering import PostgresCases
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT, row

WHY = "verzoek van de inwoner, via de gemeente"


@dataclass
class Office:
    e: Exchange
    requests: PrivacyRequests
    user: UserId
    viewer: Viewer

    async def resident(self, reference: str = "Z-2") -> ResidentId:
        (found,) = await self.requests.find(self.e.w.client, reference, WHY, self.viewer)
        return found.id

    async def asked(self, kind: RequestKind, reference: str = "Z-2", on: date | None = None) -> PrivacyRequest:
        resident = await self.resident(reference)
        day = on or local_date(self.e.w.clock.now())
        return await self.requests.open(resident, kind, day, WHY, self.user, self.viewer)

    async def do(self, request: PrivacyRequest, correction: dict[str, object] | None = None) -> tuple[int, int]:
        done = await self.requests.carry_out(request.id, request.version, correction, self.user, self.viewer)
        assert (done.request.state, done.request.settled_at) == (RequestState.DONE, self.e.w.clock.now())
        return done.cases, done.rows

    async def audit(self, prefix: str) -> list[tuple[str, str]]:
        rows = await self.e.w.rows(
            "select action, purpose from audit_event where action like $1 order by id", prefix + "%"
        )
        return [(one["action"], one["purpose"]) for one in rows]


@pytest.fixture
async def office(dsn: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with exchange(dsn, tmp_path) as e:
        w = e.w
        user = UserId(w.world.agents[0])
        yield Office(
            e=e,
            user=user,
            viewer=Viewer(actor=f"user:{user}", user=user, role="privacy", client=None),
            requests=PrivacyRequests(
                store=PgPrivacyRequests(w.pool),
                rights=ResidentRights(
                    store=PgResidents(w.pool, w.world.ids),
                    cases=CaseService(PostgresCases(w.pool, w.world.catalogues, Rotation()), w.clock),
                    erasures=ErasureFile(tmp_path / "erasures"),
                    sounds=Recordings(PgRecordings(w.pool), VAULT, w.audit, w.clock),
                    vault=VAULT,
                    audit=w.audit,
                    clock=w.clock,
                    ids=w.world.ids,
                ),
                audit=w.audit,
                clock=w.clock,
                ids=w.world.ids,
            ),
        )


async def test_found_by_the_clients_reference_with_a_purpose(office: Office) -> None:
    (found,) = await office.requests.find(office.e.w.client, " Z-2 ", WHY, office.viewer)
    assert (found.name, found.birth_date, found.address) == ("J. van der Vos", "1970-02-01", "2711AB 12")
    assert (found.open_cases, found.objected) == (1, False)
    assert found.held["numbers"] == found.held["signals"] == 1
    assert await office.audit("resident.") == [("resident.find", WHY)]
    (typed,) = await office.requests.find(office.e.w.client, "z-2", WHY, office.viewer)
    assert typed.id == found.id, "in whatever capitals"
    assert await office.requests.find(office.e.w.client, "Z-99", WHY, office.viewer) == []
    with pytest.raises(InvalidError):
        await office.requests.find(office.e.w.client, "Z-2", " ", office.viewer)
    with pytest.raises(BsnError):
        await office.requests.find(office.e.w.client, "Z-2", "BSN 111222333", office.viewer)
    other = Viewer(actor="user:x", user=None, role="client", client=ClientId(UUID(int=9)))
    with pytest.raises(NotFoundError):
        await office.requests.find(office.e.w.client, "Z-2", WHY, other)


async def test_the_term_is_a_month_and_may_be_put_off_once(office: Office) -> None:
    request = await office.asked(RequestKind.FILE, on=date(2026, 2, 27))
    assert request.due_on == date(2026, 3, 27)
    assert (request.state, request.resident) == (RequestState.OPEN, await office.resident())
    with pytest.raises(InvalidError) as refused:
        await office.asked(RequestKind.FILE, on=local_date(office.e.w.clock.now()) + timedelta(days=1))
    assert refused.value.field == "received_on"
    later = await office.requests.move(
        request.id, request.version, RequestEvent.EXTEND, "veel gegevens", office.user, office.viewer
    )
    assert (later.due_on, later.answer, later.settled_at) == (date(2026, 5, 27), "veel gegevens", None)
    with pytest.raises(ChangedSinceError):
        await office.requests.carry_out(request.id, request.version, None, office.user, office.viewer)
    with pytest.raises(IllegalTransitionError):
        await office.requests.move(later.id, later.version, RequestEvent.EXTEND, "x", office.user, office.viewer)
    refused_one = await office.requests.move(
        later.id, later.version, RequestEvent.REFUSE, "niet te herkennen", office.user, office.viewer
    )
    assert (refused_one.state, refused_one.settled_by) == (RequestState.REFUSED, "agent0")
    with pytest.raises(ConflictError):
        await office.requests.file(request.id, office.viewer)
    # 28 March 2026 is a Saturday: the Monday after.
    assert (await office.asked(RequestKind.FILE, on=date(2026, 2, 28))).due_on == date(2026, 3, 30)


async def test_the_file_is_handed_over_for_its_request_alone(office: Office) -> None:
    request = await office.asked(RequestKind.FILE)
    content = json.loads(await office.requests.file(request.id, office.viewer))
    assert content["persoonsgegevens"][0]["achternaam"] == "van der Vos"
    asked = f"verzoek van {request.received_on}: {WHY}"
    assert ("resident.file", asked) in await office.audit("resident.")
    assert await office.do(request) == (0, 0)
    with pytest.raises(IllegalTransitionError):
        await office.requests.carry_out(request.id, 2, None, office.user, office.viewer)
    erase = await office.asked(RequestKind.ERASE)
    with pytest.raises(ConflictError):
        await office.requests.file(erase.id, office.viewer)


async def test_a_preview_changes_nothing_and_an_erasure_takes_what_it_said(office: Office) -> None:
    w = office.e.w
    request = await office.asked(RequestKind.ERASE)
    seen = await office.requests.preview(request.resident, office.viewer)
    assert (seen["pii.resident"], seen["pii.phone"], seen["case_file"]) == (1, 1, 1)
    assert await w.one("select count(*) from pii.resident") == 2
    assert await w.one("select state from case_file where resident_id = $1", request.resident) == "open"
    _, rows = await office.do(request)
    assert rows == sum(seen.values()) - seen["case_file"]  # its case was withdrawn first
    assert await w.one("select count(*) from pii.resident") == 1
    (after,) = await office.requests.find(w.client, "Z-2", WHY, office.viewer)
    assert (after.name, after.open_cases) == ("", 0)
    assert not any((await office.requests.preview(request.resident, office.viewer)).values())


async def test_restricted_and_objected(office: Office) -> None:
    assert await office.do(await office.asked(RequestKind.RESTRICT)) == (1, 0)
    assert await office.do(await office.asked(RequestKind.OBJECT, "Z-1")) == (1, 0)
    (one,) = await office.requests.find(office.e.w.client, "Z-1", WHY, office.viewer)
    assert one.objected
    assert {action for action, _ in await office.audit("privacy_request.")} == {
        "privacy_request.open",
        "privacy_request.carry_out",
    }


async def test_a_correction_stands_and_later_lists_find_him_by_it(office: Office) -> None:
    w = office.e.w
    await office.do(await office.asked(RequestKind.OBJECT))
    request = await office.asked(RequestKind.CORRECT)
    with pytest.raises(InvalidError) as refused:
        await office.do(request, {"postcode": "12"})
    assert refused.value.field == "postcode"
    with pytest.raises(InvalidError):
        await office.do(request)
    assert (await office.requests.all(None, None, office.viewer, is_open=True, limit=9))[0].state is RequestState.OPEN
    await office.do(request, {"surname": "Vosse", "postcode": "2712 cd", "house_number": 14})
    (found,) = await office.requests.find(w.client, "Z-2", WHY, office.viewer)
    assert (found.name, found.birth_date, found.address) == ("J. Vosse", "1970-02-01", "2712CD 14")
    w.later(days=40)
    await w.load(
        row(
            kenmerk="NEW",
            **{"signaal-id": "S-77", "signaaldatum": w.clock.now().strftime("%d-%m-%Y")},
            tussenvoegsel="", achternaam="Vosse", postcode="2712 CD", huisnummer="14", telefoon_1="0600000002",
        )
    )  # fmt: skip
    case = await office.e.case_of("S-77")
    state = await w.rows("select resident_id, state, state_reason from case_file where id = $1", case)
    assert state == [{"resident_id": request.resident, "state": "held", "state_reason": "opted_out"}]
    assert [action for action, _ in await office.audit("resident.correct")] == ["resident.correct"]


async def test_a_correction_that_is_another_resident_is_refused(office: Office) -> None:
    await office.e.w.load(row(kenmerk="Z-3", **{"signaal-id": "S-50"}, tussenvoegsel="", achternaam="Bos"))
    request = await office.asked(RequestKind.CORRECT)
    with pytest.raises(ConflictError):
        await office.do(request, {"surname": "Bos"})
    (found,) = await office.requests.find(office.e.w.client, "Z-2", WHY, office.viewer)
    assert found.name == "J. van der Vos"
    await office.e.w.pool.execute("update delivery set wrapped_key = null")
    with pytest.raises(ErasedError):
        await office.do(request, {"surname": "Vosse"})


async def test_open_requests_come_first_by_their_term(office: Office) -> None:
    late = await office.asked(RequestKind.FILE, on=date(2026, 3, 2))
    early = await office.asked(RequestKind.OBJECT, "Z-1", on=date(2026, 2, 20))
    done = await office.asked(RequestKind.RESTRICT, on=date(2026, 2, 1))
    await office.do(done)
    listed = await office.requests.all(office.e.w.client, None, office.viewer, is_open=None, limit=9)
    assert [one.id for one in listed] == [early.id, late.id, done.id]
    mine = await office.requests.all(None, late.resident, office.viewer, is_open=False, limit=9)
    assert [one.id for one in mine] == [done.id]
    with pytest.raises(NotFoundError):
        await office.requests.open(
            ResidentId(UUID(int=5)), RequestKind.FILE, date(2026, 3, 1), WHY, office.user, office.viewer
        )
    with pytest.raises(asyncpg.CheckViolationError):
        await office.e.w.pool.execute("update privacy_request set state = 'lost'")
