"""What the command line reads out of the running service's figures."""

from __future__ import annotations

from dialer.cli.running import parse
from dialer.services.ports.campaigns import EngineFacts
from tests.support.every_metric import CAMPAIGN, everything

WORK = 'dialer_agents{state="off"} 2\ndialer_agents{state="talking"} 3\n'
FREE = 'dialer_campaign_agents_free{campaign="c"} 0\n'


def test_the_services_own_figures_have_the_names_that_are_read() -> None:
    assert parse(everything().render().decode()) == {
        str(CAMPAIGN): EngineFacts(reason="outside_window", owned=True, on_duty=0, free_agents=1)
    }


def test_who_is_at_work_what_holds_and_whose_turn_it_is() -> None:
    assert parse(WORK + FREE) == {"c": EngineFacts(reason="", owned=True, on_duty=3)}
    held = 'dialer_campaign_holding{campaign="c",reason="lease_elsewhere"} 1\n'
    assert parse(FREE + held) == {"c": EngineFacts(reason="lease_elsewhere", owned=False, on_duty=0)}
    assert parse("") == {}
