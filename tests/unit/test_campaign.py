from __future__ import annotations

import pytest

from dialer.domain.campaign import EVENT_OF, TRANSITIONS, CampaignEvent, CampaignState, PreflightError, advance
from dialer.domain.errors import IllegalTransitionError


@pytest.mark.parametrize("state", CampaignState)
@pytest.mark.parametrize("event", CampaignEvent)
def test_every_state_and_event(state: CampaignState, event: CampaignEvent) -> None:
    if event in TRANSITIONS[state]:
        assert advance(state, event) is TRANSITIONS[state][event]
    else:
        with pytest.raises(IllegalTransitionError):
            advance(state, event)


def test_every_state_but_the_draft_can_be_asked_for() -> None:
    assert set(EVENT_OF) == set(CampaignState) - {CampaignState.DRAFT}
    assert all(advance(state, CampaignEvent.STOP) for state in CampaignState if state is not CampaignState.STOPPED)
    assert PreflightError.code == "preflight"
