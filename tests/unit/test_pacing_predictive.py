from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dialer.pacing.budget import worth
from dialer.pacing.learned import COUNTS, EARNED, EVIDENCE, Model, caller_rate, observe
from dialer.pacing.predictive import decide
from dialer.pacing.view import (
    Abandoned,
    AgentView,
    Called,
    DayBegan,
    Decision,
    Dialled,
    Doing,
    Ended,
    Event,
    Held,
    Kind,
    Mode,
    PickedUp,
    RingEnded,
    RingView,
    Settings,
    State,
    TalkEnded,
    WrapUpEnded,
)
from dialer.pacing.words import line

NOW = 1000.0
CUTS = Settings(ring_cuts=True)


def agents(*ages: float, doing: Doing = Doing.IDLE) -> list[AgentView]:
    return [AgentView(f"{doing} {place}", doing, NOW - age) for place, age in enumerate(ages)]


def rings(*ages: float) -> list[RingView]:
    return [RingView(place, NOW - age) for place, age in enumerate(ages)]


def state(who: Sequence[AgentView], ringing: Sequence[RingView] = (), **more: object) -> State:
    return State(**{"now": NOW, "agents": who, "rings": ringing, "lines_free": 50, **more})  # type: ignore[arg-type]


def taught(events: int = 400) -> Model:
    """A quarter answered after 10 s, one in eight a machine at 21 s, the rest rings 27 s."""
    model = Model()
    for number in range(events):
        at = 10.0 * number
        if number % 4 == 0:
            model = observe(model, PickedUp(at, 9.0 + number % 3))
            model = observe(model, TalkEnded(at, 1, 200.0, Kind.PERSON, 9.0 + number % 3))
            model = observe(model, WrapUpEnded(at, 1, 100.0 + number % 40, True, 200.0))
        elif number % 8 == 1:
            model = observe(model, PickedUp(at, 21.0))
            model = observe(model, TalkEnded(at, 1, 12.0, Kind.MACHINE, 21.0))
        else:
            model = observe(model, RingEnded(at, 27.0, Ended.NO_ANSWER))
    return model


TAUGHT = taught()


@pytest.mark.parametrize(
    ("given", "chosen", "held"),
    [
        (state(agents(5.0), open=False), CUTS, Held.CLOSED),
        (state(agents(5.0), closes_at=NOW), CUTS, Held.CLOSED),
        (state([]), CUTS, Held.NOBODY),
        (state(agents(5.0)), Settings(mode=Mode.PREVIEW), Held.PREVIEW),
        (state(agents(300.0, doing=Doing.TALKING)), CUTS, Held.AGENTS),
        (state(agents(300.0, doing=Doing.PAUSED)), CUTS, Held.AGENTS),
        (state(agents(5.0, 5.0), lines_free=0), CUTS, Held.LINES),
        (state(agents(5.0, 5.0), starts_allowed=0), CUTS, Held.RATE),
        (state(agents(5.0, 5.0), records=0), CUTS, Held.LIST),
    ],
)
def test_nothing_is_started_and_why(given: State, chosen: Settings, held: Held) -> None:
    decision = decide(given, TAUGHT, chosen)
    assert (decision.start, decision.reasons.held) == (0, held)


def test_a_start_is_strictly_before_the_end() -> None:
    assert decide(state(agents(5.0), closes_at=NOW + 0.01), TAUGHT).start >= 1


@pytest.mark.parametrize(
    ("model", "chosen", "held"),
    [
        (replace(TAUGHT, watched=EVIDENCE - 1.0), CUTS, Held.AGENTS),
        (TAUGHT, Settings(mode=Mode.PROGRESSIVE), Held.AGENTS),
        (replace(TAUGHT, credit=-0.8), CUTS, Held.BUDGET),
        (replace(TAUGHT, credit=3.0, day_answered=50, day_abandoned=2), CUTS, Held.BUDGET),
    ],
)
def test_one_free_agent_one_call(model: Model, chosen: Settings, held: Held) -> None:
    decision = decide(state(agents(5.0, 5.0, 5.0, 5.0), rings(25.0)), model, chosen)
    assert (decision.start, decision.reasons.held, decision.reasons.mode) == (3, held, "progressive")


def test_a_list_that_is_worked_off_anyway_is_not_hurried() -> None:
    short = state(agents(5.0, 5.0), records=30, closes_at=NOW + 2 * 3600.0)
    decision = decide(short, TAUGHT, CUTS)
    assert (decision.start, decision.reasons.held, decision.reasons.mode) == (2, Held.LIST, "progressive")
    enough = decide(replace(short, records=50), TAUGHT, CUTS)
    assert enough.reasons.mode == "predictive"


def test_two_abandoned_of_many_do_not_stop_the_day() -> None:
    model = replace(TAUGHT, credit=3.0, day_answered=400, day_abandoned=2)
    assert decide(state(agents(5.0)), model, CUTS).reasons.mode == "predictive"


def test_overdrawn_with_callers_about_agents_are_kept() -> None:
    model = replace(TAUGHT, credit=-2.0, callers=10.0, callers_at=NOW)
    assert decide(state(agents(5.0, 5.0, 5.0)), model).start == 2
    assert decide(state(agents(*[5.0] * 8)), replace(model, credit=-9.0)).start == 5
    assert decide(state(agents(5.0, 5.0, 5.0)), replace(model, callers=0.0)).start == 3
    assert decide(state(agents(5.0, 5.0)), model).start == 2, "a team of two has none to keep"


def test_a_large_team_dials_beyond_its_free_agents() -> None:
    who = agents(*[5.0] * 4) + agents(*[100.0 + place for place in range(30)], doing=Doing.WRAP_UP)
    decision = decide(state(who, rings(24.0, 25.0, 26.0)), replace(TAUGHT, credit=2.0), CUTS)
    assert decision.reasons.mode == "predictive"
    assert decision.start > 4


def test_a_ring_past_its_answers_lets_the_next_leave() -> None:
    model = replace(TAUGHT, credit=2.0)
    assert decide(state(agents(9.0), rings(25.0)), model).start == 1
    assert decide(state(agents(9.0), rings(8.0)), model).start == 0


def test_an_agent_needs_breath() -> None:
    assert decide(state(agents(2.0)), TAUGHT, Settings(breath=3.0)).start == 0
    assert decide(state(agents(4.0)), TAUGHT, Settings(breath=3.0)).start == 1


def test_who_goes_away_after_this_is_not_counted_on() -> None:
    who = [AgentView(1, Doing.WRAP_UP, NOW - 110.0, True), *agents(9.0)]
    assert decide(state(who), TAUGHT).reasons.releases == 0.0


def test_a_late_pick_up_gives_the_agent_back_soon() -> None:
    late = [AgentView(1, Doing.TALKING, NOW - 8.0, ring=21.0)]
    early = [AgentView(1, Doing.TALKING, NOW - 8.0, ring=9.0)]
    assert decide(state(late), TAUGHT).reasons.releases > 0.7
    assert decide(state(early), TAUGHT).reasons.releases < 0.3


def test_a_ring_that_would_meet_nobody_is_hung_up() -> None:
    given = state(agents(100.0, doing=Doing.TALKING), rings(9.0, 1.0))
    assert decide(given, TAUGHT, CUTS).cancel == (0,)
    assert decide(given, TAUGHT).cancel == (), "only where the user allows it"


@pytest.mark.parametrize("spent", [{"cuts": 30}, {"early_cuts": 12}])
def test_cuts_have_a_budget(spent: dict[str, int]) -> None:
    given = state(agents(100.0, doing=Doing.TALKING), rings(9.0))
    assert decide(given, replace(TAUGHT, **spent), CUTS).cancel == ()  # type: ignore[arg-type]


def test_a_machine_about_to_pick_up_is_spared_the_agent() -> None:
    given = state(agents(50.0), rings(20.0, 4.0))
    assert decide(given, replace(TAUGHT, credit=2.0), CUTS).cancel == (0,)


def test_small_teams_spend_cuts_where_they_gain_most() -> None:
    model = replace(TAUGHT, credit=0.1, dials=5000)
    beside = decide(state(agents(50.0), rings(25.0)), model, CUTS).start
    between = decide(state(agents(50.0), rings(7.0)), model, CUTS).start
    assert beside >= 1
    assert between == 0


def test_cuts_that_callers_may_cost_are_not_spent() -> None:
    quiet = replace(TAUGHT, credit=0.1, dials=150)
    busy = replace(quiet, callers=10.0, callers_at=NOW)
    given = state(agents(50.0), rings(25.0))
    assert decide(given, quiet, CUTS).start > decide(given, busy, CUTS).start


@pytest.mark.parametrize(
    ("more", "bold"),
    [
        ({"records": 10}, False),
        ({"records": 100}, True),
        ({"records": 100, "closes_at": NOW + 8 * 3600.0}, False),
        ({"records": 100, "closes_at": NOW + 3600.0}, True),
    ],
)
def test_a_list_that_runs_out_is_not_spent_on_cuts(more: dict[str, object], bold: bool) -> None:
    model = replace(TAUGHT, credit=0.1, dials=5000)
    free = decide(state(agents(50.0), rings(20.0, 4.0), **more), model, CUTS)
    assert bool(free.cancel) is bold


def test_an_abandonment_lowers_what_is_accepted_and_answers_raise_it() -> None:
    after = observe(TAUGHT, Abandoned(NOW, 9.0))
    assert after.log_theta < TAUGHT.log_theta
    assert after.credit == TAUGHT.credit - 1.0
    assert (after.abandoned, after.day_abandoned) == (TAUGHT.abandoned + 1, TAUGHT.day_abandoned + 1)
    later = observe(after, TalkEnded(NOW, 1, 200.0, Kind.PERSON, 9.0))
    assert later.log_theta > after.log_theta
    assert later.credit == pytest.approx(after.credit + 0.01 * EARNED)


def test_feedback_stands_still_a_little_below_the_target() -> None:
    model = TAUGHT
    for number in range(1080):
        model = observe(model, TalkEnded(NOW, 1, 200.0, Kind.PERSON, 9.0) if number % 108 else Abandoned(NOW))
    assert model.log_theta == pytest.approx(TAUGHT.log_theta, abs=0.05)
    assert 1 / 108 < 0.01


def test_what_the_carrier_refused_says_nothing() -> None:
    heard = replace(TAUGHT, told_at=NOW)
    assert observe(heard, RingEnded(NOW, 1.0, Ended.CARRIER)) == heard
    assert observe(heard, Dialled(NOW)) == heard


def test_the_level_follows_a_jump_within_two_dozen_calls() -> None:
    model = TAUGHT
    for number in range(24):
        event: Event = PickedUp(NOW + 20.0 * number, 10.0) if number % 4 else RingEnded(NOW, 27.0, Ended.NO_ANSWER)
        model = observe(model, event)
    assert model.level > 1.4 * TAUGHT.level


@pytest.mark.parametrize("age", [8.0, 18.0])
def test_cuts_are_counted(age: float) -> None:
    after = observe(TAUGHT, RingEnded(NOW, age, Ended.CUT))
    assert (after.cuts, after.early_cuts) == (1, int(age < 15.0))
    assert after.watched == TAUGHT.watched


def test_callers_are_remembered_for_a_while() -> None:
    model = observe(observe(Model(), Called(0.0)), Called(60.0))
    assert caller_rate(model, 60.0) == pytest.approx(2 / 1200.0, rel=0.05)
    assert caller_rate(model, 60.0 + 3600.0) < 0.06 * caller_rate(model, 60.0)
    assert caller_rate(model, 0.0) == caller_rate(model, 60.0), "a clock that goes back changes nothing"


def test_a_new_day_keeps_what_was_learned() -> None:
    after = observe(replace(TAUGHT, day_abandoned=2, level=2.0), DayBegan(NOW))
    assert (after.day_answered, after.day_abandoned, after.level) == (0, 0, 1.0)
    assert after.rings == TAUGHT.rings
    assert after.credit == TAUGHT.credit


def test_counts_that_the_ledger_restores_are_fields() -> None:
    assert set(COUNTS) <= set(Model.__dataclass_fields__)


@pytest.mark.parametrize("talked", [None, 10.0, 90.0, 400.0, float("nan")])
def test_a_wrap_up_of_any_conversation_is_learned(talked: float | None) -> None:
    after = observe(Model(), WrapUpEnded(NOW, 1, 50.0, False, talked))
    assert sum(sum(spells.ended) for spells in after.wraps) == pytest.approx(
        sum(sum(spells.ended) for spells in Model().wraps) + 1.0
    )
    assert after.left == Model().left + 1.0


def test_the_line_says_what_a_supervisor_needs() -> None:
    decision = decide(state(agents(100.0, doing=Doing.TALKING), rings(9.0)), TAUGHT, CUTS)
    assert line(decision) == (
        f"0 vrij, 1 gaan over, naar verwachting {decision.reasons.answers:.1f}".replace(".", ",")
        + f" keer opgenomen, risico {100 * decision.reasons.risk:.1f}".replace(".", ",")
        + "%: start 0, hang 1 op; bij nog een oproep neemt misschien iemand op voor wie niemand vrij is"
    )
    assert "hang up 1" in line(decision, "en")
    assert line(Decision(), "en").endswith("start 0; it is outside calling hours")
    for held in Held:
        shut = Decision(reasons=decision.reasons._replace(held=held))
        assert line(shut) != line(shut, "en")


def test_in_a_small_team_a_call_that_saves_much_time_may_risk_more() -> None:
    assert worth(2.0, 1) > worth(15.0, 1) > worth(26.0, 1)
    assert worth(None, 1) > 1.0
    assert worth(2.0, 8) == worth(26.0, 8) == worth(2.0, 150) == 1.0, "in a large team a start is one of many"
    accepted = [decide(state(agents(9.0), rings(age)), TAUGHT, CUTS).reasons.allowed for age in (2.0, 12.0, 24.0)]
    assert accepted == sorted(accepted, reverse=True)
    assert accepted[0] > accepted[-1]
