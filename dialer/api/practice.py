"""Practice and the first-day tour: what to train with, how it went, who may take which campaigns' calls."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.domain.practice import Point, scenario_json
from dialer.domain.script import first_script, to_json
from dialer.services.practice import MyPractice


async def get_practice(call: ApiCall) -> web.StreamResponse:
    """The set, and the script that it goes with."""
    practice = call.deps.practice.practice
    return answer(
        {
            "version": practice.version,
            "pass_mark": practice.pass_mark,
            "health_words": list(practice.health_words),
            "scenarios": [scenario_json(one) for one in practice.scenarios],
            "script": to_json(first_script()),
        }
    )


async def get_my_practice(call: ApiCall) -> web.StreamResponse:
    """How far I am."""
    return answer(_mine(await call.deps.practice.mine(call.user)))


async def report_practice(call: ApiCall) -> web.StreamResponse:
    """A conversation is over: its points in, score out."""
    met = {Point(one["point"]): one["met"] for one in call.body["points"]}
    judgement, mine = await call.deps.practice.report(
        call.user, call.body["version"], call.body["scenario"], met, call.principal.actor
    )
    return answer({"score": judgement.score, "passed": judgement.passed, "mine": _mine(mine)})


async def see_tour(call: ApiCall) -> web.StreamResponse:
    """Seen or skipped: it does not come by itself again."""
    await call.deps.practice.see_tour(call.user)
    return done()


async def get_team_practice(call: ApiCall) -> web.StreamResponse:
    """Who has passed."""
    practice = call.deps.practice.practice
    return answer(
        {
            "version": practice.version,
            "of": len(practice.scenarios),
            "agents": [
                {
                    "user": one.user,
                    "name": one.name,
                    "passed_at": one.passed_at,
                    "passed_version": one.passed_version,
                    "done": one.done,
                }
                for one in await call.deps.practice.team()
            ],
        }
    )


def _mine(mine: MyPractice) -> dict[str, object]:
    return {
        "version": mine.version,
        "passed_at": mine.passed_at,
        "needed_by": list(mine.needed_by),
        "tour_seen": mine.tour_seen,
        "results": [
            {"scenario": one.scenario, "score": one.score, "passed": one.passed, "tries": one.tries, "at": one.at}
            for one in mine.results
        ],
    }


HANDLERS: Handlers = {
    "getPractice": get_practice,
    "getMyPractice": get_my_practice,
    "reportPractice": report_practice,
    "seeTour": see_tour,
    "getTeamPractice": get_team_practice,
}
