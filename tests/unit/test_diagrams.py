from __future__ import annotations

import re

from dialer.domain import agent, call, case
from tests.support.diagrams import PAGE, machines, page


def test_the_page_shows_the_tables_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run `python -m tests.support.diagrams`"


def test_every_machine_is_drawn() -> None:
    assert {module for _, module in machines()} >= {agent, call, case}


def test_every_change_of_state_is_an_arrow() -> None:
    text = page()
    for _, module in machines():
        for state, events in module.TRANSITIONS.items():
            for event, after in events.items():
                if after is not state:
                    arrow = rf"^ +{state} --> {after}: (.+, )?{event}(,.*)?$"
                    assert re.search(arrow, text, re.MULTILINE), (state, event, after)
