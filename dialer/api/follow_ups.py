"""The client's own people: their start page, their three lists, and what they say of each case."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, page
from dialer.api.files import download
from dialer.api.paging import moment_of, split
from dialer.domain.errors import ForbiddenError
from dialer.domain.follow_up import FollowUpList, Mark
from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.services.follow_up import FollowUpShown, order_of
from dialer.services.ports.follow_up import FollowUpFilter

_CAMPAIGNS = 20
"""On the start page: the newest."""


def _client(call: ApiCall) -> ClientId:
    if call.client is None:
        raise ForbiddenError("the client's own people")
    return call.client


def _case(call: ApiCall) -> CaseId:
    return CaseId(call.path["case"])


async def get_client_home(call: ApiCall) -> web.StreamResponse:
    """Reach against promise, and how much waits: counts, of nobody."""
    client, deps = _client(call), call.deps
    campaigns = [one for one in await deps.office.campaigns(client, None, _CAMPAIGNS) if one.state != "draft"]
    reach = []
    for one in campaigns:
        report = await deps.reach.report(one.id, call.language, whole=True)
        reach.append(
            {
                "campaign": one.id,
                "name": one.name,
                "state": one.state,
                "at": report.at,
                "callable": report.callable,
                "reached": report.reached,
                "share": report.share,
                "promised": report.promised,
                "expected": report.expected[-1] if report.expected else None,
            }
        )
    scripts = [one for one in await deps.scripts.lines(client) if one.client == client and one.waiting is not None]
    cards = [one for one in await deps.knowledge.cards(client) if one.state == "waiting"]
    return answer(
        {
            "at": deps.clock.now(),
            "campaigns": reach,
            "lists": await deps.follow_ups.counts(client),
            "questions": await deps.questions.counts(call.viewer()),
            "scripts_waiting": len(scripts),
            "knowledge_waiting": len(cards),
        }
    )


def _which(call: ApiCall) -> FollowUpFilter:
    campaign, done = call.uuid("campaign"), call.query["done"]
    return FollowUpFilter(
        client=_client(call),
        list=FollowUpList(call.query["list"]),
        done=done,
        campaign=None if campaign is None else CampaignId(campaign),
        crisis=call.query.get("crisis"),
        reason=call.query.get("reason", ""),
        reference=call.query.get("reference", ""),
        due_before=call.deps.clock.now() if call.query["overdue"] else None,
        order=order_of(call.query["order"], done=done),
    )


async def list_follow_ups(call: ApiCall) -> web.StreamResponse:
    """One page of one list; audited."""
    which, limit = _which(call), call.query["limit"]
    rows = await call.deps.follow_ups.page(which, moment_of(call.query.get("cursor")), limit + 1, call.viewer())
    items, following = split(rows, limit, lambda row: f"{row.stands_at(which.order).isoformat()} {row.case}")
    return page(items, following)


async def download_follow_ups(call: ApiCall) -> web.StreamResponse:
    """The whole list as a file; audited."""
    which = _which(call)
    table = await call.deps.follow_ups.table(which, call.viewer())
    return await download(call, table, call.query["format"], f"{_FILES[which.list]}-{call.deps.clock.now():%Y-%m-%d}")


_FILES = {
    FollowUpList.TO_VISIT: "te-bezoeken",
    FollowUpList.APPOINTMENT: "afspraken",
    FollowUpList.DECISION: "te-beslissen",
}


async def get_follow_up(call: ApiCall) -> web.StreamResponse:
    """Where the case stands on the lists, and what was said of it."""
    return _shown(await call.deps.follow_ups.of_case(_case(call), call.viewer()))


async def mark_follow_up(call: ApiCall) -> web.StreamResponse:
    """About the result that was read."""
    shown = await call.deps.follow_ups.mark(
        _case(call), Mark(call.body["mark"]), call.body.get("reason", ""), call.required_version, call.viewer()
    )
    return _shown(shown)


async def undo_follow_up(call: ApiCall) -> web.StreamResponse:
    """The latest mark does not stand any more."""
    return _shown(await call.deps.follow_ups.undo(_case(call), call.viewer()))


def _shown(shown: FollowUpShown) -> web.Response:
    return answer(shown, version=None if shown.line is None else shown.line.version)


HANDLERS: Handlers = {
    "getClientHome": get_client_home,
    "listFollowUps": list_follow_ups,
    "downloadFollowUps": download_follow_ups,
    "getFollowUp": get_follow_up,
    "markFollowUp": mark_follow_up,
    "undoFollowUp": undo_follow_up,
}
