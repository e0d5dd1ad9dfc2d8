"""Complaints of residents, and proposals to improve the work."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, page
from dialer.api.paging import moment_of, split
from dialer.domain.complaint import ComplaintEvent
from dialer.domain.ids import CaseId, UserId
from dialer.domain.improvement import ImprovementEvent
from dialer.services.complaints import ComplaintShown, Step
from dialer.services.ports.improvements import Improvement, ImprovementMove


def _owner(call: ApiCall) -> UserId | None:
    owner = call.uuid("owner")
    return None if owner is None else UserId(owner)


def _complaint(shown: ComplaintShown, status: int = 200) -> web.Response:
    return answer(shown, status, version=shown.line.version)


def _improvement(one: Improvement, status: int = 200) -> web.Response:
    return answer(one, status, version=one.version)


async def list_complaints(call: ApiCall) -> web.StreamResponse:
    """The latest received first, without words."""
    limit = call.query["limit"]
    rows = await call.deps.complaints.lines(
        is_open=call.query.get("open"),
        after=moment_of(call.query.get("cursor")),
        limit=limit + 1,
        viewer=call.viewer(),
    )
    items, following = split(rows, limit, lambda row: f"{row.received_at.isoformat()} {row.id}")
    return page(items, following)


async def list_case_complaints(call: ApiCall) -> web.StreamResponse:
    """Of one case."""
    return answer({"items": await call.deps.complaints.of_case(CaseId(call.path["case"]), call.viewer())})


async def get_complaint(call: ApiCall) -> web.StreamResponse:
    """With its words; audited."""
    return _complaint(await call.deps.complaints.complaint(call.path["complaint"], call.viewer()))


async def write_complaint(call: ApiCall) -> web.StreamResponse:
    """By a supervisor; an agent's comes with his filing."""
    case = CaseId(call.path["case"])
    return _complaint(await call.deps.complaints.write(case, call.body["text"], call.user, call.viewer()), 201)


async def move_complaint(call: ApiCall) -> web.StreamResponse:
    """One step."""
    step = Step(event=ComplaintEvent(call.body["step"]), owner=_owner(call), text=call.body.get("text", ""))
    return _complaint(
        await call.deps.complaints.move(call.path["complaint"], call.required_version, step, call.user, call.viewer())
    )


async def list_improvements(call: ApiCall) -> web.StreamResponse:
    """Open ones, or closed ones with their answers."""
    return answer({"items": await call.deps.improvements.all(is_open=call.query["open"])})


async def propose_improvement(call: ApiCall) -> web.StreamResponse:
    """By anybody of ours."""
    return _improvement(await call.deps.improvements.propose(call.body["text"], call.user, call.principal.actor), 201)


async def move_improvement(call: ApiCall) -> web.StreamResponse:
    """One step, or another owner or day."""
    step, due = call.body.get("step"), call.body.get("due_on")
    move = ImprovementMove(
        event=None if step is None else ImprovementEvent(step),
        owner=_owner(call),
        due_on=None if due is None else date.fromisoformat(due),
        answer=call.body.get("answer", ""),
    )
    return _improvement(
        await call.deps.improvements.move(
            call.path["improvement"], call.required_version, move, call.user, call.principal.actor
        )
    )


HANDLERS: Handlers = {
    "listComplaints": list_complaints,
    "listCaseComplaints": list_case_complaints,
    "getComplaint": get_complaint,
    "writeComplaint": write_complaint,
    "moveComplaint": move_complaint,
    "listImprovements": list_improvements,
    "proposeImprovement": propose_improvement,
    "moveImprovement": move_improvement,
}
