"""Asterisk's list of channels as facts."""

from __future__ import annotations

from dialer.asterisk.channels import facts_of

WORK = 0


class Row(dict[str, str]):
    """A row that counts how often it is looked at."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]  # rows hold texts only
        global WORK
        WORK += 1
        return super().get(key, default)


def legs(many: int) -> list[Row]:
    return [
        Row(Uniqueid=f"leg.{place:032x}.1", ChannelState="6", BridgeId="holding", Context="agents")
        for place in range(many)
    ]


def looks(many: int) -> float:
    global WORK
    WORK = 0
    facts = list(facts_of(legs(many)))
    assert len(facts) == many
    assert all(fact.holding and fact.talking_to is None for fact in facts)
    return WORK / many


def test_a_thousand_idle_legs_in_one_bridge_cost_a_hundred_times_what_ten_cost() -> None:
    assert looks(1000) == looks(10)
