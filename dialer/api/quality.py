"""Quality: the daily sample, reviews of both sides, coaching, trends."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, page
from dialer.api.errors import ApiError
from dialer.api.paging import split, text_of
from dialer.domain.ids import ClientId
from dialer.domain.scorecard import Criterion
from dialer.services.ports.quality import SamplePlace, Scorecard
from dialer.services.reviews import Verdict


def _client(call: ApiCall) -> ClientId:
    return ClientId(call.path["client"])


def _card(card: Scorecard) -> web.Response:
    return answer(card, version=card.version)


def _place(cursor: str | None) -> SamplePlace | None:
    text = text_of(cursor)
    if text is None:
        return None
    try:
        day, priority, identity = text.split(" ")
        return SamplePlace(date.fromisoformat(day), int(priority), UUID(identity))
    except ValueError:
        raise ApiError("invalid", [{"field": "cursor", "rule": "format"}]) from None


async def list_samples(call: ApiCall) -> web.StreamResponse:
    """The newest day first, within it the most urgent."""
    limit, done = call.query["limit"], call.query.get("done")
    rows = await call.deps.reviews.lines(done, _place(call.query.get("cursor")), limit + 1, call.viewer())
    items, following = split(rows, limit, lambda row: f"{row.day.isoformat()} {row.priority} {row.id}")
    return page(items, following)


async def get_sample(call: ApiCall) -> web.StreamResponse:
    """One record; audited."""
    return answer(await call.deps.reviews.sample(call.path["sample"], call.viewer()))


async def review_sample(call: ApiCall) -> web.StreamResponse:
    """By a person, once for each side."""
    verdict = Verdict(
        points=call.body["points"],
        wanted=call.body.get("wanted"),
        reason=call.body.get("reason", ""),
        coaching=call.body.get("coaching", ""),
    )
    return answer(await call.deps.reviews.review(call.path["sample"], verdict, call.user, call.viewer()), 201)


async def get_scorecard(call: ApiCall) -> web.StreamResponse:
    """What the next record is scored by."""
    return _card(await call.deps.scorecards.card(_client(call), call.viewer()))


async def save_scorecard(call: ApiCall) -> web.StreamResponse:
    """A new version."""
    criteria = [Criterion(**one) for one in call.body["criteria"]]
    card = await call.deps.scorecards.save(_client(call), call.required_version, criteria, call.user, call.viewer())
    return _card(card)


async def get_quality_trends(call: ApiCall) -> web.StreamResponse:
    """Of agents and the team, by week."""
    client = call.uuid("client")
    return answer({"items": await call.deps.quality_trends.trends(None if client is None else ClientId(client))})


async def get_calibration(call: ApiCall) -> web.StreamResponse:
    """Where both sides judged the same record."""
    shown = await call.deps.quality_trends.calibration(_client(call), call.viewer())
    pairs = [
        {"sample": one.sample, "office": one.office, "client": one.client, "apart": one.apart} for one in shown.pairs
    ]
    return answer({"since": shown.since, "summary": shown.summary, "pairs": pairs})


async def list_my_reviews(call: ApiCall) -> web.StreamResponse:
    """Of the agent's own calls."""
    return answer({"items": await call.deps.reviews.mine(call.user)})


async def answer_coaching(call: ApiCall) -> web.StreamResponse:
    """By the agent it is about."""
    item = await call.deps.reviews.answer(call.path["coaching"], call.body["text"], call.user, call.principal.actor)
    return answer(item)


async def close_coaching(call: ApiCall) -> web.StreamResponse:
    """By its coach."""
    return answer(await call.deps.reviews.close(call.path["coaching"], call.user, call.principal.actor))


HANDLERS: Handlers = {
    "listSamples": list_samples,
    "getSample": get_sample,
    "reviewSample": review_sample,
    "getScorecard": get_scorecard,
    "saveScorecard": save_scorecard,
    "getQualityTrends": get_quality_trends,
    "getCalibration": get_calibration,
    "listMyReviews": list_my_reviews,
    "answerCoaching": answer_coaching,
    "closeCoaching": close_coaching,
}
