"""A team's day out of how long each agent was in which state."""

from __future__ import annotations

from uuid import UUID

import pytest

from dialer.domain.agent import AgentState
from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import CountsAs
from dialer.domain.team_time import Done, PauseTime, Spell, agent_times, occupancy, own_day

NOOR, ALI = UserId(UUID(int=1)), UserId(UUID(int=2))
_S = AgentState
COUNTS = {"lunch": CountsAs.UNPAID, "meeting": CountsAs.WORK, "break": CountsAs.PAID}
DAY = [
    Spell(NOOR, _S.OFF, "", 500.0),
    Spell(NOOR, _S.AVAILABLE, "", 1000.0),
    Spell(NOOR, _S.RESERVED, "", 100.0),
    Spell(NOOR, _S.TALKING, "", 2900.0),
    Spell(NOOR, _S.WRAP_UP, "", 1000.0),
    Spell(NOOR, _S.PAUSED, "break", 600.0),
    Spell(NOOR, _S.PAUSED, "lunch", 1800.0),
    Spell(NOOR, _S.PAUSED, "meeting", 900.0),
    Spell(NOOR, _S.PAUSED, "gone", 60.0),
    Spell(ALI, _S.AVAILABLE, "", 1000.0),
    Spell(ALI, _S.PAUSED, "break", 0.0),
]


def test_hours_are_worked_paid_or_neither() -> None:
    noor, ali = agent_times(DAY, COUNTS)
    assert (noor.user, noor.in_calls, noor.wrap_up, noor.waiting) == (NOOR, 3000.0, 1000.0, 1000.0)
    assert noor.pauses[0] == PauseTime(reason="lunch", seconds=1800.0)
    assert (noor.paused, noor.on_duty) == (3360.0, 8360.0)
    assert noor.worked == 5000.0 + 900.0, "a meeting is work; a reason that nobody knows any more is a paid pause"
    assert noor.paid == 8360.0 - 1800.0
    assert (ali.pauses, ali.worked) == ([], 1000.0)


def test_occupancy_is_of_the_time_in_which_calls_could_come() -> None:
    assert occupancy(agent_times(DAY, COUNTS)) == pytest.approx(4000 / 6000)
    assert occupancy(agent_times([Spell(NOOR, _S.PAUSED, "lunch", 9.0)], COUNTS)) is None


def test_an_agents_own_day_is_counts_and_times_and_nothing_to_rank_by() -> None:
    done = Done(conversations=9, attempts=31, appointments=1, help_wanted=3)
    day = own_day([spell for spell in DAY if spell.user == NOOR], done)
    assert (day.talking, day.wrap_up, day.paused) == (2900.0, 1000.0, 3360.0)
    assert day.on_duty == 1000.0 + 100.0 + 2900.0 + 1000.0 + 3360.0
    assert day.done == done
    assert own_day([], Done(0, 0, 0, 0)).on_duty == 0.0
