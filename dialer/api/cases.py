"""Cases: lists, one, why not called, and the client's decisions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, found, page
from dialer.api.paging import moment_of, split
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, PhoneId, SignalId
from dialer.schedule.windows import at_local
from dialer.services.ports.office import APPOINTMENT_GRACE, CaseFilter


def _case(call: ApiCall) -> CaseId:
    return CaseId(call.path["case"])


def _midnight(call: ApiCall, name: str, after: int) -> datetime | None:
    """When the day in the query begins in Amsterdam, `after` days later; None: it names none.

    Raises InvalidError for a day that the calendar does not have.
    """
    if name not in call.query:
        return None
    try:
        return at_local(date.fromisoformat(call.query[name]) + timedelta(days=after), time())
    except (ValueError, OverflowError):
        raise InvalidError("dit is geen dag", name) from None


async def list_cases(call: ApiCall) -> web.StreamResponse:
    """Pseudonymous, but a list of cases all the same: audited."""
    limit = call.query["limit"]
    client, campaign, delivery = call.uuid("client"), call.uuid("campaign"), call.uuid("delivery")
    which = CaseFilter(
        client=call.client or (None if client is None else ClientId(client)),
        campaign=None if campaign is None else CampaignId(campaign),
        delivery=None if delivery is None else DeliveryId(delivery),
        state=call.query.get("state", ""),
        outcome=call.query.get("outcome", ""),
        crisis=call.query.get("crisis"),
        reference=call.query.get("reference", ""),
        opened_from=_midnight(call, "opened_from", 0),
        opened_before=_midnight(call, "opened_until", 1),
        missed_before=call.deps.clock.now() - APPOINTMENT_GRACE if call.query["missed_appointment"] else None,
    )
    cursor = call.query.get("cursor")
    if call.query["order"] == "time_left":
        rows = await call.deps.office.worklist(which, moment_of(cursor), limit + 1)
        items, following = split(rows, limit, lambda row: f"{row.plan_ends_at.isoformat()} {row.id}")
    else:
        rows = await call.deps.office.cases(which, moment_of(cursor), limit + 1)
        items, following = split(rows, limit, lambda row: f"{row.opened_at.isoformat()} {row.id}")
    await call.audit("case.list", "campaign", campaign or "", rows=len(items))
    return page(items, following)


async def get_case(call: ApiCall) -> web.StreamResponse:
    """With its time line."""
    detail = found(await call.deps.office.case_detail(_case(call)))
    await call.audit("case.read", "case", detail.case.id, detail.case.client)
    return answer(detail)


async def why_case(call: ApiCall) -> web.StreamResponse:
    """Why this resident is not called, or was not at a past moment."""
    given = call.query.get("at")
    if given is None:
        return answer(await call.deps.campaigns.why_case(_case(call), call.language))
    at = datetime.fromisoformat(given)
    return answer(await call.deps.campaigns.why_case_then(_case(call), at, call.language))


async def _steered(call: ApiCall, step: Awaitable[None]) -> web.StreamResponse:
    """Committed, then told to the engine (a ring may have to be cut), then answered."""
    await step
    await call.deps.engine.case_changed(_case(call))
    return answer(found(await call.deps.office.case(_case(call))))


def _steer(name: str) -> Callable[[ApiCall], Awaitable[web.StreamResponse]]:
    async def handler(call: ApiCall) -> web.StreamResponse:
        act = getattr(call.deps.cases, name)
        return await _steered(call, act(_case(call), call.body["reason"], call.principal.actor))

    return handler


async def unblock_phone(call: ApiCall) -> web.StreamResponse:
    """Of this case only: another case's number is not there."""
    detail = found(await call.deps.office.case_detail(_case(call)))
    phone = PhoneId(call.path["phone"])
    if phone not in {line.id for line in detail.phones}:
        raise NotFoundError("not a number of this case")
    return await _steered(call, call.deps.cases.unblock(_case(call), phone, call.body["reason"], call.principal.actor))


async def undo_merge(call: ApiCall) -> web.StreamResponse:
    """Of this case only."""
    detail = found(await call.deps.office.case_detail(_case(call)))
    signal = SignalId(call.required_uuid("signal"))
    if signal not in {line.id for line in detail.signals}:
        raise NotFoundError("not a signal of this case")
    made = await call.deps.deliveries.undo_merge(signal, call.viewer())
    await call.deps.engine.case_changed(_case(call))
    return answer(found(await call.deps.office.case(made)))


async def merge_cases(call: ApiCall) -> web.StreamResponse:
    """The other's ring could have been held by an agent who looks at it: both are told."""
    other = CaseId(call.required_uuid("other"))
    await call.deps.cases.merge(_case(call), other, call.body["reason"], call.principal.actor)
    await call.deps.engine.case_changed(other)
    await call.deps.engine.case_changed(_case(call))
    return answer(found(await call.deps.office.case(_case(call))))


async def unmerge_case(call: ApiCall) -> web.StreamResponse:
    """The case that stands alone again."""
    kept = await call.deps.cases.unmerge(_case(call), call.body["reason"], call.principal.actor)
    await call.deps.engine.case_changed(kept)
    await call.deps.engine.case_changed(_case(call))
    return answer(found(await call.deps.office.case(_case(call))))


HANDLERS: Handlers = {
    "listCases": list_cases,
    "getCase": get_case,
    "whyCase": why_case,
    "withdrawCase": _steer("withdraw"),
    "releaseCase": _steer("release"),
    "liftOptOut": _steer("lift_opt_out"),
    "unblockPhone": unblock_phone,
    "undoMerge": undo_merge,
    "mergeCases": merge_cases,
    "unmergeCase": unmerge_case,
}
