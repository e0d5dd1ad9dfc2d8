"""Practice: the set that ships fits the script that ships, and what makes a score."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.intake import PartnerType
from dialer.domain.outcome import parse_catalogue
from dialer.domain.practice import MUSTS, Point, parse_practice, practice_set, problems, scenario_json
from dialer.domain.script import first_script
from dialer.domain.texts import looks_like_bsn

SET = practice_set()
HELP = SET.scenario("help")


def _text(name: str) -> str:
    return (resources.files("dialer.domain") / name).read_text(encoding="utf-8")


def _set() -> dict[str, Any]:
    return tomllib.loads(_text("practice_v1.toml"))


OUTCOMES = set(parse_catalogue(_text("catalogue_v1.toml")).outcomes)


def test_the_set_that_ships_fits_the_script_that_ships() -> None:
    assert list(problems(SET, first_script(), OUTCOMES)) == []


def test_every_conversation_can_be_judged_and_nobody_in_it_is_real() -> None:
    for scenario in SET.scenarios:
        assert set(scenario.outcomes) <= OUTCOMES
        assert scenario.resident.arrears in {kind.value for kind in PartnerType}
        assert {Point.IDENTITY, Point.OUTCOME, Point.ENDING, Point.NOTE} <= set(scenario.points)
        for text in (scenario.title, scenario.brief, *(line.says for line in scenario.lines)):
            assert text.nl
            assert text.en
    assert len({scenario.resident.name for scenario in SET.scenarios}) == len(SET.scenarios)
    assert looks_like_bsn(HELP.lines[7].says.nl), "somebody says what no note may hold"
    assert any(word in HELP.lines[7].says.nl for word in SET.health_words)


def _break(change: Callable[[list[dict[str, Any]]], None]) -> list[str]:
    data = _set()
    change(data["scenarios"])
    return list(problems(parse_practice(data), first_script(), OUTCOMES))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda all_: all_[0].update(outcomes=["HELPED"]), "help: no outcome HELPED"),
        (lambda all_: all_[0]["lines"][0].update(fits=[9]), "help: step O1 does not have these answers"),
        (lambda all_: all_[0]["lines"][0].update(at="Z9"), "help: step Z9 does not have these answers"),
        (lambda all_: all_[0]["questions"][0].update(at="T1"), "help: a question at T1, where nothing is said"),
        (lambda all_: all_[0]["questions"][0]["replies"][1].update(right=False), "help: not one right reply at O2"),
        (lambda all_: all_[0]["questions"][0]["replies"][0].pop("why"), "help: a wrong reply at O2 without its reason"),
        (lambda all_: all_[0]["lines"].pop(), "help: nobody says anything at K1"),
        (lambda all_: all_[2]["lines"].pop(), "fraud: nobody says anything at W1"),
    ],
)
def test_what_is_wrong_with_a_set_is_found(change: Callable[[list[dict[str, Any]]], None], found: str) -> None:
    assert found in _break(change)


def test_a_path_may_come_together_again() -> None:
    """Two answers that lead to the same step are one thing to listen to."""

    def both(scenarios: list[dict[str, Any]]) -> None:
        scenarios[0]["lines"][4]["fits"] = [1, 2]

    assert _break(both) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("version"),
        lambda data: data.update(scenarios=[]),
        lambda data: data["scenarios"].append(data["scenarios"][0]),
        lambda data: data["scenarios"][0].update(ending="shout"),
        lambda data: data["scenarios"][0]["resident"].pop("name"),
    ],
)
def test_what_is_no_set_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    data = _set()
    change(data)
    with pytest.raises(InvalidError):
        parse_practice(data)


def test_what_counts_differs_by_conversation() -> None:
    assert HELP.points == (
        Point.IDENTITY, Point.ANSWERS, Point.REPLIES, Point.ENDING, Point.OUTCOME, Point.APPOINTMENT, Point.NOTE,
    )  # fmt: skip
    assert SET.scenario("voicemail").points == (Point.IDENTITY, Point.ENDING, Point.OUTCOME, Point.NOTE)
    assert {Point.CRISIS, Point.FLAGS} <= set(SET.scenario("crisis").points)
    assert Point.APPOINTMENT in SET.scenario("call_back").points


def test_a_score_is_the_share_of_points_and_some_may_not_be_missed() -> None:
    met = dict.fromkeys(HELP.points, True)
    assert (SET.judge(HELP, met).score, SET.judge(HELP, met).passed) == (100, True)
    almost = SET.judge(HELP, met | {Point.ANSWERS: False})
    assert (almost.score, almost.passed) == (86, True)
    low = SET.judge(HELP, met | {Point.ANSWERS: False, Point.REPLIES: False})
    assert (low.score, low.passed) == (71, False)
    for point in MUSTS & set(HELP.points):
        assert not SET.judge(HELP, met | {point: False}).passed, point


@pytest.mark.parametrize("points", [{}, {Point.IDENTITY: True}, dict.fromkeys(Point, True)])
def test_other_points_than_those_of_the_conversation_are_refused(points: dict[Point, bool]) -> None:
    with pytest.raises(InvalidError) as refused:
        SET.judge(HELP, points)
    assert refused.value.field == "points"


def test_a_conversation_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        SET.scenario("wedding")
    assert refused.value.field == "scenario"


def test_the_set_is_passed_with_its_last_conversation() -> None:
    codes = [scenario.code for scenario in SET.scenarios]
    assert SET.complete(codes)
    assert not SET.complete(codes[1:])


def test_what_a_browser_plays() -> None:
    shown = scenario_json(SET.scenario("no_phone"))
    assert shown["slot"] == {"from": "00:00", "first_is_taken": True}
    assert shown["wish"] is None
    assert shown["lines"][0]["fits"] == [1]
    assert scenario_json(SET.scenario("call_back"))["wish"] == {"days": 1, "from": "14:30", "until": "17:00"}
