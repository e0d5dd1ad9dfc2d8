"""The town's telephone book and its seeded people."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from dialer.asterisk.config import AmiUser, Folders, Instance
from dialer.demo.town import TownSettings, residents
from dialer.demo.town_plan import CAUSES, SPECIALS, Mood, Turn, Week, special, town_dialplan, town_files
from dialer.domain.errors import InvalidError

NUMBERS = [f"+31600{n:06d}" for n in range(800)]


def test_the_same_seed_gives_the_same_people_whoever_else_lives_there() -> None:
    settings = TownSettings(seed=7)
    everybody = dict(residents(NUMBERS, settings))
    assert dict(residents(NUMBERS[:5], settings)) == {number: everybody[number] for number in NUMBERS[:5]}
    assert dict(residents(NUMBERS, TownSettings(seed=8))) != everybody


def test_shares_are_about_what_was_asked() -> None:
    settings = TownSettings(seed=3)
    people = residents(NUMBERS, settings)
    dead = [turns for _, turns in people if turns[0].mood in (Mood.NOT_IN_USE, Mood.UNREACHABLE, Mood.UNKNOWN)]
    assert 0.06 < len(dead) / len(people) < 0.12
    living = [turn for _, turns in people if len(turns) > 1 for turn in turns]
    counted = Counter(turn.mood for turn in living)
    assert abs(counted[Mood.BUSY] / len(living) - settings.busy) < 0.01
    assert abs(counted[Mood.NO_ANSWER] / len(living) - settings.no_answer) < 0.02
    assert 0.35 < counted[Mood.ANSWER] / len(living) < 0.45
    assert all(3 <= turn.lasts <= settings.talk_most for turn in living if turn.mood is Mood.ANSWER)


def test_special_numbers_say_what_they_do() -> None:
    assert special("486", 7) == "+31609948607"
    assert special("486", 7, after_ringing=True) == "+31609848607"
    with pytest.raises(KeyError):
        special("999")
    with pytest.raises(ValueError, match="n must"):
        special("486", 100)


def test_every_special_number_has_its_context() -> None:
    text = town_dialplan("/speech", [])
    contexts = set(re.findall(r"^\[special-(\w+)\]$", text, re.MULTILINE))
    assert contexts == set(SPECIALS)
    assert set(CAUSES) < contexts
    gone_to = set(re.findall(r"Goto\((mood-\w+),s,1\)", text))
    assert gone_to <= set(re.findall(r"^\[([\w-]+)\]$", text, re.MULTILINE))


def test_a_resident_is_one_line_with_all_turns() -> None:
    turns = [Turn(mood=Mood.NO_ANSWER), Turn(mood=Mood.ANSWER, after=2, lasts=9)]
    text = town_dialplan("/speech", [("+31600000001", turns)])
    assert "exten => +31600000001,1,Gosub(resident,s,1(31600000001,no_answer:0:0-answer:2:9))\n" in text
    for mood in Mood:
        assert f"[mood-{mood.replace('-', '_')}]" in text


def test_a_week_is_written_with_two_digits_a_half_hour_and_a_call() -> None:
    week = Week(home=[5, 99], luck=[50, 7], away=[Turn(mood=Mood.BUSY), Turn(mood=Mood.REJECT, after=2)])
    turns = [Turn(mood=Mood.ANSWER, after=1, lasts=9)] * 2
    text = town_dialplan("/speech", [("+31600000001", turns)], {"+31600000001": week})
    assert "(31600000001,answer:1:9-answer:1:9,0599,5007,busy:0:0-reject:2:0))\n" in text


@pytest.mark.parametrize(
    "week",
    [
        Week(home=[5], luck=[50], away=[Turn(mood=Mood.BUSY)] * 2),
        Week(home=[5], luck=[50, 50], away=[Turn(mood=Mood.BUSY)]),
        Week(home=[100], luck=[50, 50], away=[Turn(mood=Mood.BUSY)] * 2),
        Week(home=[5], luck=[50, -1], away=[Turn(mood=Mood.BUSY)] * 2),
    ],
)
def test_impossible_weeks_are_refused(week: Week) -> None:
    with pytest.raises(InvalidError):
        town_dialplan("/speech", [("+31600000001", [Turn(mood=Mood.ANSWER)] * 2)], {"+31600000001": week})


@pytest.mark.parametrize(
    ("number", "turns"),
    [
        ("+31600000001\nexten => x", [Turn(mood=Mood.BUSY)]),
        ("0600000001", [Turn(mood=Mood.BUSY)]),
        (special("486"), [Turn(mood=Mood.BUSY)]),
        ("+31600000001", []),
    ],
)
def test_impossible_residents_are_refused(number: str, turns: list[Turn]) -> None:
    with pytest.raises(InvalidError):
        town_dialplan("/speech", [(number, turns)])


def test_the_town_knows_the_dialer_by_address_and_port() -> None:
    folders = Folders.below("/d/town", sounds="/d/sounds", modules="/m", data="/d", music="/moh")
    instance = Instance(
        name="town",
        folders=folders,
        sip_port=25061,
        ami_port=25039,
        rtp_ports=(21000, 21399),
        ami_users=(AmiUser(name="town", secret="t" * 20),),
    )
    files = town_files(instance, dialer_host="127.0.0.1", dialer_port=25060)
    assert "match=127.0.0.1:25060\n" in files["pjsip.conf"]
    assert "bind=127.0.0.1:25061\n" in files["pjsip.conf"]
    assert "num,dnid" in files["cel_custom.conf"]  # the town's own word on who rang whom
