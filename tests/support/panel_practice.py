"""Practice and the tour, as the pretended service keeps them: the real set, judged as the real service judges."""

from __future__ import annotations

from typing import Any

from dialer.domain.practice import Point, practice_set, scenario_json
from dialer.domain.script import first_script, to_json
from tests.support.panel_people import ME, at, uid

Json = dict[str, Any]
SET = practice_set()


def mine() -> Json:
    """Nothing practised yet, and the tour seen: it would stand on every desk."""
    return {"version": SET.version, "passed_at": None, "needed_by": [], "tour_seen": True, "results": []}


def passed(*codes: str) -> list[Json]:
    """Results of these conversations."""
    return [{"scenario": code, "score": 100, "passed": True, "tries": 1, "at": at()} for code in codes]


def the_set() -> Json:
    return {
        "version": SET.version,
        "pass_mark": SET.pass_mark,
        "health_words": list(SET.health_words),
        "scenarios": [scenario_json(one) for one in SET.scenarios],
        "script": to_json(first_script()),
    }


def report(kept: Json, body: Json) -> Json:
    scenario = SET.scenario(body["scenario"])
    judged = SET.judge(scenario, {Point(one["point"]): one["met"] for one in body["points"]})
    before = next((one for one in kept["results"] if one["scenario"] == scenario.code), None)
    now = {
        "scenario": scenario.code,
        "score": max(judged.score, before["score"] if before else 0),
        "passed": judged.passed or (before is not None and before["passed"]),
        "tries": 1 + (before["tries"] if before else 0),
        "at": at(),
    }
    kept["results"] = [*(one for one in kept["results"] if one["scenario"] != scenario.code), now]
    if SET.complete({one["scenario"] for one in kept["results"] if one["passed"]}):
        kept["passed_at"] = kept["passed_at"] or at()
        kept["needed_by"] = []
    return {"score": judged.score, "passed": judged.passed, "mine": kept}


def team() -> Json:
    agents = [
        (ME, "Noor Jansen", at(), SET.version, len(SET.scenarios)),
        (uid(21), "Bram de Wit", None, None, 4),
        (uid(22), "Fatima El Amrani", None, None, 0),
    ]
    return {
        "version": SET.version,
        "of": len(SET.scenarios),
        "agents": [
            {"user": user, "name": name, "passed_at": since, "passed_version": version, "done": done}
            for user, name, since, version, done in agents
        ],
    }
