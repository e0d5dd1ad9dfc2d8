"""A recorded day becomes a scenario, and what would have been otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.cli import main
from dialer.domain.errors import InvalidError
from dialer.pacing.journal import Asked, Began, Recorder, read
from dialer.pacing.learned import Model
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.figures import Day, summary
from dialer.pacing.simulator.fit import Fitted, fit
from dialer.pacing.simulator.ours import Journalled
from dialer.pacing.simulator.scenario import HOUR, Absence, Course, Scenario
from dialer.pacing.simulator.what_if import AGAIN, RECORDED, Variant, what_if
from dialer.pacing.view import (
    Abandoned,
    AgentView,
    Decision,
    Doing,
    Ended,
    Event,
    Mode,
    PickedUp,
    RingEnded,
    Settings,
    State,
)

TRUTH = Scenario(
    agents=6, days=1, hours=2.0, answer=Course(points=((0.0, 0.15), (1.0 * HOUR, 0.30), (2 * HOUR, 0.30))),
    day_spread=0.0, machine=0.3, busy=0.1, carrier=Course.flat(0.05), third_party=0.0, talk=200.0, talk_sigma=0.6,
    wrap_up=80.0, agent_spread=0.0, inbound=Course.flat(2.0), pause_chance=0.0, idle_pauses=0.0,
    absences=(Absence(begins=HOUR / 2, ends=1.5 * HOUR, share=0.34),),
)  # fmt: skip
MODEL = replace(Model(), watched=300.0)
SETTINGS = Settings(ring_cuts=True, target=0.02)


@pytest.fixture(scope="module")
def recorded() -> tuple[Day, list[str]]:
    lines: list[str] = []
    day = Centre(TRUTH, Journalled(lines.append, "an older release", SETTINGS), 4, 0).run()
    return day, lines


@pytest.fixture(scope="module")
def fitted(recorded: tuple[Day, list[str]]) -> Fitted:
    return fit(recorded[1])


def test_a_journal_says_what_came_of_the_day(recorded: tuple[Day, list[str]], fitted: Fitted) -> None:
    day, _ = recorded
    told = fitted.day
    assert (told.dials, told.cuts, told.early_cuts) == (day.dials, day.cuts, day.early_cuts)
    assert told.abandoned == day.abandoned
    assert told.joined == pytest.approx(day.joined, abs=8)
    assert told.staffed == pytest.approx(day.staffed, rel=0.01)
    assert summary([told]).occupancy == pytest.approx(summary([day]).occupancy, abs=1.0)
    assert fitted.settings == SETTINGS
    assert fitted.model == Model()


def test_the_scenario_is_like_the_day(fitted: Fitted) -> None:
    found = fitted.scenario
    assert (found.agents, found.days) == (6, 1)
    assert found.hours == pytest.approx(2.0, abs=0.01)
    assert found.answer.at(0.5 * HOUR) == pytest.approx(0.21, abs=0.05)
    assert found.answer.at(1.5 * HOUR) == pytest.approx(0.29, abs=0.05)
    assert found.machine == pytest.approx(0.27, abs=0.06)
    assert found.busy == pytest.approx(0.1, abs=0.04)
    assert found.carrier.at(HOUR) == pytest.approx(0.05, abs=0.03)
    assert found.ring_scale == pytest.approx(1.0, abs=0.1)
    assert found.ring_limit == pytest.approx(27.0, abs=0.6)
    assert found.talk == pytest.approx(200.0, rel=0.15)
    assert found.talk_sigma == pytest.approx(0.6, abs=0.1)
    assert found.wrap_up == pytest.approx(80.0, rel=0.15)
    assert found.inbound.at(HOUR) == pytest.approx(2.0, abs=0.8)
    away = sum(each.share * (each.ends - each.begins) for each in found.absences) * found.agents
    assert away == pytest.approx(2 * HOUR, rel=0.25), "two were away for an hour"
    assert min(each.begins for each in found.absences) >= 0.25 * HOUR


def test_simulated_again_it_is_much_the_same(recorded: tuple[Day, list[str]], fitted: Fitted) -> None:
    that, again, more, bold = what_if(
        fitted,
        [Variant(name="+2", more_agents=2), Variant(name="calm", settings=replace(SETTINGS, mode=Mode.PROGRESSIVE))],
        range(2),
    )
    assert (that.policy, again.policy) == (RECORDED, AGAIN)
    assert again.figure("conversations")[0] == pytest.approx(that.figure("conversations")[0], rel=0.15)
    assert again.figure("occupancy")[0] == pytest.approx(that.figure("occupancy")[0], abs=5.0)
    assert bold.figure("occupancy")[0] < again.figure("occupancy")[0], "one call for each free agent is less"
    assert fitted.with_agents(2).agents == 8
    assert more.figure("conversations")[0] == pytest.approx(again.figure("conversations")[0], rel=0.2)


def test_more_agents_have_the_same_callers_and_as_many_are_away(fitted: Fitted) -> None:
    more = fitted.with_agents(2)
    assert more.inbound.at(HOUR) * 8 == pytest.approx(fitted.scenario.inbound.at(HOUR) * 6)
    assert [int(8 * each.share + 0.5) for each in more.absences] == [1] * len(more.absences)
    with pytest.raises(InvalidError) as raised:
        fitted.with_agents(-6)
    assert raised.value.field == "more-agents"


def test_who_is_kept_for_a_call_is_there_and_who_is_away_is_not() -> None:
    recorder = Recorder("1")
    lines = recorder.begin(Model(), Settings())
    for second in range(0, 1800, 2):
        agents = [AgentView("kept", Doing.PAUSED, second - 20.0), AgentView("away", Doing.PAUSED, -500.0)]
        lines.append(recorder.decision(State(now=float(second), agents=agents), Decision()))
    lines += [recorder.event(event) for event in _answers(40)]
    assert fit(lines).day.staffed == pytest.approx(1798.0)
    assert fit(lines).scenario.agents == 1


def test_a_gap_is_nobodys_time() -> None:
    recorder = Recorder("1")
    lines = recorder.begin(Model(), Settings())
    for second in (0.0, 1.0, 3000.0, 3001.0):
        state = State(now=second, agents=[AgentView("ann", Doing.IDLE, second)])
        lines.append(recorder.decision(state, Decision()))
    lines += [recorder.event(event) for event in _answers(40)]
    assert fit(lines).day.idle == pytest.approx(7.0)


def _answers(many: int) -> Sequence[Event]:
    return [event for at in range(many) for event in (PickedUp(float(at), 9.0), Abandoned(float(at), 9.0))]


@pytest.mark.parametrize("lines", [[], Recorder("1").begin(Model(), Settings())])
def test_a_day_without_answers_says_nothing(lines: list[str]) -> None:
    with pytest.raises(InvalidError, match="30 are needed") as raised:
        fit(lines)
    assert raised.value.field == "day"


def test_a_journal_is_read_in_order() -> None:
    recorder = Recorder("1")
    lines = [*recorder.begin(Model(), SETTINGS), recorder.event(RingEnded(1.0, 9.0, Ended.BUSY))]
    lines.append(recorder.decision(State(now=2.0), Decision()))
    began, event, asked = read(lines)
    assert began == Began(Model(), SETTINGS)
    assert event == RingEnded(1.0, 9.0, Ended.BUSY)
    assert isinstance(asked, Asked)
    assert (asked.line, asked.state.now) == (4, 2.0)
    with pytest.raises(InvalidError):
        list(read(lines, "2"))


def test_a_model_of_another_version_is_an_empty_one() -> None:
    lines = [line.replace('"version":', '"version":9') for line in Recorder("1").begin(MODEL, SETTINGS)]
    assert list(read(lines)) == [Began(Model(), SETTINGS)]
    with pytest.raises(InvalidError):
        list(read(lines, "1"))


def test_dialer_simulate_from_a_day(
    recorded: tuple[Day, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pacing-2026-11-24.jsonl").write_text("\n".join(recorded[1]), encoding="utf-8")
    words = ["simulate", "--from-day", "2026-11-24", "--folder", str(tmp_path), "--seeds", "1"]
    html = tmp_path / "day.html"
    assert main([*words, "--more-agents", "2", "--mode", "predictive", "--percent", "1.5", "--html", str(html)]) == 0
    told = capsys.readouterr().out
    names = [line.split("|")[1].strip() for line in told.splitlines()[2:]]
    assert names == [RECORDED, AGAIN, "+2 agents", "predictive at 1.5%", "+2 agents, predictive at 1.5%"]
    assert "+2 agents" in html.read_text(encoding="utf-8")
    assert main(["simulate", "--from-day", "2026-11-23", "--folder", str(tmp_path)]) == 1
    with pytest.raises(SystemExit):
        main([*words, "--percent", "5"])
