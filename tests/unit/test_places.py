"""Which node each channel stands on."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.asterisk.places import Places
from dialer.domain.ids import ChannelId

LEG, CALL = ChannelId("leg.a.1"), ChannelId("01a22d6c-fce5-7708-b8ae-03261745c6a3")


def test_a_guest_meets_others_where_it_is_asked_for_and_belongs_at_home() -> None:
    places = Places()
    assert (places.home(LEG), places.place(LEG)) == (None, None)
    places.settle(LEG, "b", 1.0)
    places.settle(LEG, "a", 2.0)  # whoever tells of it second does not move it
    places.idle(LEG)
    assert (places.home(LEG), places.place(LEG), places.guest_at(LEG)) == ("b", "b", None)
    assert places.waiting("b") == [LEG]
    places.visit(LEG, "a")
    assert (places.home(LEG), places.place(LEG), places.guest_at(LEG)) == ("b", "a", "a")
    assert (places.foreign(LEG, "a"), places.foreign(LEG, "b")) == (True, False)
    assert not places.foreign(CALL, "a"), "of whom nothing is known, whoever tells of it is the home"
    assert (places.guests("a"), places.waiting("b"), places.is_idle(LEG)) == ([LEG], [], False)
    places.leave(LEG, "b")
    assert places.guest_at(LEG) == "a", "it is not there to leave"
    places.leave(LEG, "a")
    assert places.place(LEG) == "b"
    places.forget(LEG)
    assert places.home(LEG) is None


def test_a_call_leaves_where_most_legs_wait_for_fewest_calls() -> None:
    places = Places()
    for number, node in enumerate("aabbb"):
        leg = ChannelId(f"leg.{number}.1")
        places.settle(leg, node, 1.0)
        places.idle(leg)
    assert places.roomiest(["a", "b"]) == "b"
    for number in range(2):
        call = ChannelId(f"call-{number}")
        places.settle(call, "b", 1.0)
        places.out(call)
    assert places.roomiest(["a", "b"]) == "a", "two of the three are spoken for"
    places.joined(ChannelId("call-0"), ChannelId("leg.2.1"))
    assert places.roomiest(["a", "b"]) == "a"
    assert places.roomiest(["b"]) == "b"
    assert places.roomiest([]) is None


def test_a_list_brings_what_was_missed_and_takes_what_is_gone_but_not_what_is_too_young() -> None:
    places = Places()
    old, young, guest = ChannelId("leg.old.1"), ChannelId("leg.young.1"), ChannelId("leg.guest.1")
    places.settle(old, "a", 0.0)
    places.settle(young, "a", 95.0)
    places.settle(guest, "b", 0.0)
    places.visit(guest, "a")
    places.listed("a", [LEG, guest], [guest], 100.0)
    assert [places.home(one) for one in (LEG, old, young, guest)] == ["a", None, "a", "b"]
    assert places.guest_at(guest) == "a"
    places.listed("a", [LEG], [], 101.0)
    assert (places.guest_at(guest), places.home(guest)) == (None, "b")


_CHANNELS = st.sampled_from([ChannelId(f"leg.{number}.1") for number in range(4)])
_NODES = st.sampled_from("abc")


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["settle", "idle", "visit", "leave", "joined", "out", "forget"]), _CHANNELS, _NODES)
    )
)
def test_whatever_happens_nothing_waits_that_is_not_at_home(steps: list[tuple[str, ChannelId, str]]) -> None:
    places = Places()
    for step, channel, node in steps:
        known = places.home(channel) is not None
        match step:
            case "settle":
                places.settle(channel, node, 0.0)
            case "idle" if known:
                places.idle(channel)
            case "out" if known:
                places.out(channel)
            case "visit" if known:
                places.visit(channel, node)
            case "leave":
                places.leave(channel, node)
            case "joined":
                places.joined(channel, channel)
            case "forget":
                places.forget(channel)
        for name in "abc":
            for leg in places.waiting(name):
                assert places.home(leg) == name
                assert places.guest_at(leg) is None
            assert all(places.place(guest) == name for guest in places.guests(name))
