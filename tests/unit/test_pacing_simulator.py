"""The simulated call centre against closed forms."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dialer.cli import main
from dialer.cli.simulate import _side_by_side
from dialer.domain.errors import InvalidError
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.figures import Day, interval, summary, total
from dialer.pacing.simulator.ours import Ours
from dialer.pacing.simulator.page import page
from dialer.pacing.simulator.policies import Baseline, Progressive, bounded, erlang_loss, load_at
from dialer.pacing.simulator.scenario import Course, Scenario, scenario_from
from dialer.pacing.simulator.situations import SITUATIONS, situation
from dialer.pacing.simulator.trial import POLICIES, compare, in_turn, play, rows, text_table, week
from dialer.pacing.view import DayBegan, Decision, State

STILL = Scenario(
    agents=1,
    hours=8.0,
    answer=Course.flat(0.3),
    day_spread=0.0,
    machine=0.0,
    busy=0.0,
    carrier=Course.flat(0.0),
    inbound=Course.flat(0.0),
    agent_spread=0.0,
    pause_chance=0.0,
    idle_pauses=0.0,
    absences=(),
)


class Nobody(Baseline):
    def decide(self, state: State) -> Decision:
        return Decision()


class Reckless(Baseline):
    def decide(self, state: State) -> Decision:
        return Decision(start=state.lines_free + 1, cancel=("nobody",))


def test_lost_callers_are_erlangs() -> None:
    scenario = replace(
        STILL, agents=3, inbound=Course.flat(10.0), patience=1e-6, inbound_talk=180.0, wrap_up=60.0, hours=200.0
    )
    day = Centre(scenario, Nobody(), 1, 0).run()
    load = 3 * 10.0 * 240.0 / 3600.0
    assert day.callers == pytest.approx(6000, rel=0.05)
    assert 1.0 - day.callers_in_time / day.callers == pytest.approx(erlang_loss(3, load), abs=0.02)


@pytest.mark.nightly
def test_moments_and_callers_say_the_same_of_the_service() -> None:
    scenario = replace(
        STILL, agents=3, inbound=Course.flat(5.0), patience=1e9, inbound_talk=180.0, wrap_up=60.0, hours=400.0
    )
    day = Centre(scenario, Nobody(), 4, 0).run()
    assert day.callers > 5000
    assert 0.9 < day.soon_free / day.open < 0.97
    assert day.soon_free / day.open == pytest.approx(day.callers_in_time / day.callers, abs=0.01)
    assert summary([day]).soon_free == pytest.approx(100.0 * day.soon_free / day.open)


def test_nobody_busy_is_all_moments_and_nobody_there_none() -> None:
    idle = Centre(replace(STILL, hours=0.5), Nobody(), 1, 0).run()
    assert idle.soon_free == pytest.approx(idle.open)
    nobody = Centre(replace(STILL, hours=0.5, agents=0, lines=2), Nobody(), 1, 0).run()
    assert nobody.soon_free == 0.0


@pytest.mark.nightly
def test_one_progressive_agent_idles_by_the_formula() -> None:
    days = [Centre(STILL, Progressive(), 2, number).run() for number in range(12)]
    whole = total(days)
    share = whole.answered / whole.dials
    ring = 4.5 + 6.0 * 2.718281828 ** (0.45**2 / 2.0)  # mean of the drawn ring, its clipped ends aside
    assert whole.idle / whole.joined == pytest.approx((1.0 - share) / share * STILL.ring_limit + ring, rel=0.03)
    assert whole.abandoned == 0


def test_load_at_is_the_inverse_of_the_loss() -> None:
    assert erlang_loss(8, load_at(8, 0.01)) == pytest.approx(0.01, abs=1e-6)
    assert load_at(8, 0.01) / 8 == pytest.approx(0.39, abs=0.01)


def test_the_same_seed_is_the_same_day() -> None:
    scenario = situation("ordinary", 3, 1, hours=1.0)
    first, again = (play(scenario, "ours", 7)[0] for _ in range(2))
    assert first == again
    assert play(scenario, "ours", 8)[0].dials != first.dials


def test_illegal_answers_are_counted_and_not_followed() -> None:
    day = Centre(replace(STILL, hours=0.05), Reckless(), 1, 0).run()
    assert day.illegal > 0
    assert day.dials <= 12 * 20


BY_DAY = ("ordinary", "answers double", "carrier fails", "clock steps", "inbound peak")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in BY_DAY else pytest.mark.nightly) for name in sorted(SITUATIONS)]
)
def test_no_situation_leads_to_an_illegal_answer(name: str) -> None:
    days = play(situation(name, 2, 1, hours=1.5), "ours", 3)
    assert summary(days).illegal == 0
    assert days[0].dials > 0


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_keeps_to_lines_and_hours(policy: str) -> None:
    days = play(situation("ordinary", 4, 1, hours=1.0), policy, 1)
    assert summary(days).illegal == 0
    assert days[0].joined > 5


def test_a_restart_loses_the_morning_but_not_the_days_counts() -> None:
    ours = Ours()
    ours.observe(DayBegan(0.0))
    before = ours.model
    ours.model = replace(ours.model, watched=900.0, abandoned=2, day_abandoned=2, credit=-1.0)
    ours.restart()
    assert ours.model.watched == before.watched
    assert (ours.model.day_abandoned, ours.model.credit) == (2, -1.0)


def test_bounded_starts_nothing_when_closed() -> None:
    assert bounded(State(now=0.0, open=False, lines_free=9), 5).start == 0


def test_tables_and_page_show_every_policy() -> None:
    results = compare(situation("ordinary", 2, 1, hours=0.5), ["progressive", "ratio 2", "clairvoyant"], [1, 2])
    table = text_table(rows(results))
    assert table.count("\n") == 4
    shown = page("two < three", results)
    assert "two &lt; three" in shown
    assert shown.count("<rect") == 3


def test_days_side_by_side_are_those_of_one_after_the_other() -> None:
    jobs = [partial(week, situation("ordinary", 2, 1, hours=0.2), "progressive", seed) for seed in range(3)]
    assert repr(_side_by_side(jobs)) == repr(in_turn(jobs)), "by text: what is no number is not even itself"
    assert repr(_side_by_side(jobs[:1])) == repr(in_turn(jobs[:1]))


def test_figures() -> None:
    day = Day(answered=60, abandoned=3, dials=200, busy=50.0, staffed=100.0)
    assert day.excess
    assert summary([day]).occupancy == 50.0
    assert not Day(answered=60, abandoned=2).excess
    mean, half = interval([1.0, 3.0])
    assert mean == 2.0
    assert half == pytest.approx(12.7, rel=0.01)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"agent": 3}, "agent"),
        ({"agents": 2.5}, "agents"),
        ({"agents": -1}, "agents"),
        ({"talk": "long"}, "talk"),
        ({"answer": []}, "answer"),
        ({"answer": [[0, 0.1], [0, 0.2]]}, "answer"),
        ({"absences": [{"from": 3}]}, "absences"),
    ],
)
def test_a_scenario_says_what_is_wrong_with_it(values: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidError) as raised:
        scenario_from(values)
    assert raised.value.field == field


def test_simulate_plays_a_scenario_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "centre.toml"
    file.write_text(
        'name = "evening"\nagents = 2\ndays = 1\nhours = 0.5\nanswer = [[0, 0.2], [900, 0.3]]\ninbound = 1.0\n'
        "clock_steps = [[600, 30]]\nrestarts = [900]\nabsences = [{begins = 300, ends = 600, share = 0.5}]\n"
    )
    shown = tmp_path / "out.html"
    assert main(["simulate", str(file), "--seeds", "1", "--html", str(shown)]) == 0
    assert "| clairvoyant" in capsys.readouterr().out
    assert "evening: 2 agents" in shown.read_text()


@pytest.mark.parametrize(
    "words", [["nowhere.toml"], ["--policies", "magic"], ["--agents", "0"], ["--days", "0"], ["--seeds", "0"]]
)
def test_simulate_refuses(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *words]) == 1
    assert capsys.readouterr().err.startswith("dialer: ")
