"""Questions about single cases, between the client's people and our supervisors."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done, page
from dialer.api.paging import moment_of, split
from dialer.domain.ids import CaseId
from dialer.domain.question import QuestionState


def _case(call: ApiCall) -> CaseId:
    return CaseId(call.path["case"])


async def list_questions(call: ApiCall) -> web.StreamResponse:
    """The latest changed first, without their words."""
    limit, state = call.query["limit"], call.query.get("state")
    rows = await call.deps.questions.lines(
        None if state is None else QuestionState(state),
        moment_of(call.query.get("cursor")),
        limit + 1,
        call.viewer(),
    )
    items, following = split(rows, limit, lambda row: f"{row.changed_at.isoformat()} {row.case}")
    return page(items, following)


async def get_question(call: ApiCall) -> web.StreamResponse:
    """The whole thread; audited."""
    return answer(await call.deps.questions.of_case(_case(call), call.viewer()))


async def write_question(call: ApiCall) -> web.StreamResponse:
    """By a person."""
    return answer(await call.deps.questions.write(_case(call), call.body["text"], call.user, call.viewer()), 201)


async def read_question(call: ApiCall) -> web.StreamResponse:
    """Read up to here."""
    await call.deps.questions.read(_case(call), call.body["number"], call.viewer())
    return done()


async def close_question(call: ApiCall) -> web.StreamResponse:
    """Done with."""
    return answer(await call.deps.questions.close(_case(call), call.viewer()))


HANDLERS: Handlers = {
    "listQuestions": list_questions,
    "getQuestion": get_question,
    "writeQuestion": write_question,
    "readQuestion": read_question,
    "closeQuestion": close_question,
}
