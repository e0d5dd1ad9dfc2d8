"""Decisions written down, and made again."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from dialer import __version__
from dialer.cli import main
from dialer.domain.errors import InvalidError
from dialer.pacing.journal import Recorder
from dialer.pacing.journal import replay as again
from dialer.pacing.learned import Model, observe
from dialer.pacing.predictive import decide
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.ours import Journalled
from dialer.pacing.simulator.situations import situation
from dialer.pacing.view import (
    AgentView,
    Called,
    Decision,
    Doing,
    Ended,
    Event,
    Kind,
    RingEnded,
    RingView,
    Settings,
    State,
    TalkEnded,
)

SETTINGS = Settings(ring_cuts=True)
MODEL = replace(Model(), watched=300.0, dials=800)
AGENTS = [AgentView("ann", Doing.IDLE, 5.0), AgentView("bob", Doing.WRAP_UP, 2.0, talked=60.0)]
RINGS = [RingView("x", 1.0), RingView("y", 3.0)]
STATES = [
    State(now=10.0, agents=AGENTS, rings=RINGS, lines_free=9, records=50),
    State(now=11.0, agents=AGENTS, rings=RINGS, lines_free=9, records=50),
    State(now=12.0, agents=AGENTS[:1], rings=[*RINGS, RingView("z", 11.5)], lines_free=8, closes_at=90.0),
    State(now=13.0, agents=[AGENTS[0]._replace(doing=Doing.TALKING, since=12.5, ring=9.0)], rings=RINGS[1:]),
    State(now=14.0, agents=AGENTS[:1], rings=[RINGS[1], RINGS[0]], inbound_waiting=1),
    State(now=15.0, agents=AGENTS[:1], rings=[RINGS[0], RINGS[1]._replace(since=4.0)], lag=math.nan),
    State(now=math.nan, agents=(), rings=(), open=False, starts_allowed=0),
]
EVENTS: list[Event] = [
    RingEnded(10.5, 8.0, Ended.CUT),
    TalkEnded(12.5, "ann", 90.5, Kind.MACHINE, 19.25),
    Called(13.5),
]


def journal(settings: Settings = SETTINGS) -> list[str]:
    recorder, model = Recorder("1"), MODEL
    lines = recorder.begin(model, settings)
    for place, state in enumerate(STATES):
        lines.append(recorder.decision(state, decide(state, model, settings)))
        if place < len(EVENTS):
            lines.append(recorder.event(EVENTS[place]))
            model = observe(model, EVENTS[place], settings.target)
    return lines


@pytest.mark.parametrize("settings", [SETTINGS, Settings(target=0.02, breath=3.0)])
def test_the_same_moments_give_the_same_decisions(settings: Settings) -> None:
    outcomes = list(again(journal(settings), "1"))
    assert all(outcome.same for outcome in outcomes)
    for outcome, state in zip(outcomes, STATES, strict=True):
        assert [each[1:] for each in outcome.state.agents] == [each[1:] for each in state.agents]
        assert [ring.since for ring in outcome.state.rings] == [ring.since for ring in state.rings]
        assert outcome.state.records == state.records
        assert str(outcome.state.now) == str(state.now)


def test_what_did_not_change_is_not_written() -> None:
    lines = [json.loads(line) for line in journal()]
    second = [line for line in lines if line[0] == "d"][1]
    assert second[1] == {"now": 11.0}


def test_nobody_can_be_known_from_a_journal() -> None:
    written = "".join(journal())
    assert "ann" not in written
    assert '"x"' not in written


def test_a_changed_line_is_seen() -> None:
    lines = journal()
    place = next(number for number, line in enumerate(lines) if line.startswith('["d"'))
    lines[place] = lines[place].replace('"now":10.0', '"now":10.000000000000002')
    changed = json.loads(lines[place])
    changed[2][0] += 1
    lines[place] = json.dumps(changed)
    outcomes = list(again(lines, "1"))
    assert [outcome.same for outcome in outcomes].count(False) == 1
    assert outcomes[0].line == place + 1


def test_another_release_is_refused() -> None:
    with pytest.raises(InvalidError, match="written by release 1") as raised:
        list(again(journal(), "2"))
    assert raised.value.field == "release"


@pytest.mark.parametrize("line", ["what", "[]", '["e","Nothing",1]', '["e","Called"]', '["d",{},[]]', '["m",{},{}]'])
def test_what_is_no_journal_is_refused(line: str) -> None:
    with pytest.raises(InvalidError):
        list(again([line], "1"))


def test_a_whole_day_with_restarts_is_replayed() -> None:
    lines: list[str] = []
    scenario = replace(situation("ordinary", 3, 1, hours=0.5), restarts=(600.0,), clock_steps=((900.0, -30.0),))
    Centre(scenario, Journalled(lines.append, "1"), 5, 0).run()
    outcomes = list(again(lines, "1"))
    assert len(outcomes) > 1500
    assert all(outcome.same for outcome in outcomes)
    assert sum(outcome.now[0] for outcome in outcomes) > 10


def test_rings_that_were_hung_up_are_hung_up_again() -> None:
    lines: list[str] = []
    scenario = situation("slow rings", 15, 1, hours=0.5)
    Centre(scenario, Journalled(lines.append, "1", Settings(ring_cuts=True)), 5, 0).run()
    outcomes = list(again(lines, "1"))
    assert all(outcome.same for outcome in outcomes)
    assert sum(len(outcome.now[1]) for outcome in outcomes) >= 5


# -- the command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_dialer_replay_of_a_day(tmp_path: Path, packed: bool, capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(journal()).replace('["h","1"', f'["h","{__version__}"')
    if packed:
        (tmp_path / "pacing-2026-11-25.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (tmp_path / "pacing-2026-11-25.jsonl").write_text(text + "\n\n", encoding="utf-8")
    assert main(["replay", "2026-11-25", "--folder", str(tmp_path), "--why", "12"]) == 0
    told = capsys.readouterr().out
    assert f"{len(STATES)} decisions" in told
    assert "0 differ" in told
    assert "12.0 s: predictive, 1 free, 3 in ring" in told
    assert "11.0 s" not in told
    assert "(lag)" in told


def test_dialer_replay_says_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.replace('["h","1"', f'["h","{__version__}"') for line in journal()]
    place = next(number for number, line in enumerate(lines) if line.startswith('["d"'))
    changed = json.loads(lines[place])
    changed[2][2] = 0.5
    for _ in range(12):
        lines.append(json.dumps(changed))
    file = tmp_path / "day.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert main(["replay", str(file)]) == 1
    told = capsys.readouterr().out
    assert told.count("was [") == 10
    assert "12 differ" in told


@pytest.mark.parametrize("day", ["2026-11-25", "yesterday"])
def test_dialer_replay_without_a_journal(tmp_path: Path, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", day, "--folder", str(tmp_path)]) == 1
    assert "day" in capsys.readouterr().err


def test_dialer_simulate_writes_a_journal_that_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "small.toml"
    scenario.write_text("agents = 2\ndays = 1\nhours = 0.2\n", encoding="utf-8")
    file = tmp_path / "day.jsonl"
    words = ["simulate", str(scenario), "--seeds", "1", "--policies", "progressive", "--journal", str(file)]
    assert main(words) == 0
    assert main(["replay", str(file)]) == 0
    assert "0 differ" in capsys.readouterr().out


def test_an_unknown_decision_is_plain_data() -> None:
    assert json.loads(Recorder("1").decision(State(now=1.0), Decision()))[2][0] == 0
