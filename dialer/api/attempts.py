"""One call: card, identity check, dossier, hang-up, outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, CaseId, PhoneId
from dialer.services.ports.desk import Filing
from dialer.services.ports.people import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody on the line says of himself."""

    birth_date: date = field(repr=False)
    postcode: str = field(repr=False)
    house_number: str = field(repr=False)


def mine(call: ApiCall) -> tuple[AttemptId, Viewer]:
    """The attempt, when it is this agent's present call or an unfinished wrap-up of his; else there is none."""
    attempt = AttemptId(call.path["attempt"])
    view = call.deps.desk.agent(call.user)
    if attempt != view.attempt and all(attempt != wrap_up.attempt for wrap_up in view.wrap_ups):
        raise NotFoundError("not this agent's call")
    return attempt, call.viewer(attempt)


async def get_card(call: ApiCall) -> web.StreamResponse:
    """Before the identity check."""
    attempt, viewer = mine(call)
    return answer(await call.deps.people.card(attempt, viewer))


async def find_candidates(call: ApiCall) -> web.StreamResponse:
    """After a said name."""
    attempt, viewer = mine(call)
    return answer({"items": await call.deps.people.candidates(attempt, call.body["said_name"], viewer)})


async def verify_identity(call: ApiCall) -> web.StreamResponse:
    """Match or no match."""
    attempt, viewer = mine(call)
    said = Said(
        birth_date=date.fromisoformat(call.body["birth_date"]),
        postcode=call.body["postcode"],
        house_number=call.body["house_number"],
    )
    case = call.uuid("case")
    return answer(await call.deps.people.verify(attempt, said, viewer, case=None if case is None else CaseId(case)))


async def get_dossier(call: ApiCall) -> web.StreamResponse:
    """After a match."""
    attempt, viewer = mine(call)
    return answer(await call.deps.people.dossier(attempt, viewer))


async def hang_up(call: ApiCall) -> web.StreamResponse:
    """Wrap-up begins."""
    view = await call.deps.desk.hang_up(
        call.user,
        AttemptId(call.path["attempt"]),
        call.body.get("flags", ()),
        no_survey=call.body.get("no_survey", False),
    )
    return answer(view)


async def mark_voicemail(call: ApiCall) -> web.StreamResponse:
    """One key."""
    return answer(await call.deps.desk.voicemail(call.user, AttemptId(call.path["attempt"])))


async def file_outcome(call: ApiCall) -> web.StreamResponse:
    """Answered after the commit."""
    at = call.body.get("appointment_at")
    phone, slot = call.uuid("phone_closed"), call.uuid("slot")
    confirmation = call.body.get("confirmation") or {}
    filing = Filing(
        outcome=call.body["outcome"],
        flags=tuple(call.body.get("flags", ())),
        note=call.body.get("note", ""),
        appointment_at=None if at is None else datetime.fromisoformat(at),
        phone_closed=None if phone is None else PhoneId(phone),
        answers=dict(call.body.get("answers", {})),
        confirmed=call.body.get("confirmed", False),
        slot=slot,
        confirm_by=confirmation.get("by", ""),
        confirm_to=confirmation.get("to", ""),
    )
    return answer(await call.deps.desk.file(call.user, AttemptId(call.path["attempt"]), filing))


async def undo_outcome(call: ApiCall) -> web.StreamResponse:
    """The wrap-up is open again."""
    return answer(await call.deps.desk.undo(call.user, AttemptId(call.path["attempt"])))


async def get_draft(call: ApiCall) -> web.StreamResponse:
    """As last kept."""
    attempt, _ = mine(call)
    return answer(await call.deps.wrap_ups.draft(call.user, attempt) or {})


async def save_draft(call: ApiCall) -> web.StreamResponse:
    """Keep it."""
    attempt, _ = mine(call)
    await call.deps.wrap_ups.save_draft(call.user, attempt, call.body)
    return done()


async def recode_outcome(call: ApiCall) -> web.StreamResponse:
    """With the reason."""
    attempt = AttemptId(call.path["attempt"])
    await call.deps.wrap_ups.recode(call.user, attempt, call.body["outcome"], call.body["reason"])
    return done()


HANDLERS: Handlers = {
    "getCard": get_card,
    "findCandidates": find_candidates,
    "verifyIdentity": verify_identity,
    "getDossier": get_dossier,
    "hangUp": hang_up,
    "markVoicemail": mark_voicemail,
    "fileOutcome": file_outcome,
    "undoOutcome": undo_outcome,
    "getDraft": get_draft,
    "saveDraft": save_draft,
    "recodeOutcome": recode_outcome,
}
