"""Who serves what is asked, who waits for which language, and what may be kept of it."""

import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.campaign_settings import asked_of, check_settings
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, UserId
from dialer.domain.skills import (
    FOREIGN,
    MOST,
    NONE,
    Abilities,
    Skill,
    check_asked,
    check_skill,
    serves,
    speaks,
    waited_for,
)
from dialer.services.serving import Known, Serving
from tests.support.floor import CAMPAIGN, ENGINE_CAMPAIGN

AYSE = Abilities(languages=frozenset({"tr", "de"}), skills=frozenset({"crisis"}))
ONE, TWO, THREE = (UserId(UUID(int=number)) for number in (1, 2, 3))
OTHER = CampaignId(UUID(int=200))


def test_all_that_is_asked_is_needed_and_nothing_is_fine_for_all() -> None:
    assert serves(NONE, NONE)
    assert serves(AYSE, Abilities(languages=frozenset({"tr"}), skills=frozenset({"crisis"})))
    assert not serves(AYSE, Abilities(languages=frozenset({"tr", "ar"})))
    assert not serves(AYSE, Abilities(skills=frozenset({"crisis", "youth"})))
    assert not serves(NONE, Abilities(languages=frozenset({"tr"})))


@pytest.mark.parametrize(("language", "understood"), [("", True), ("nl", True), ("tr", True), ("ar", False)])
def test_everybody_speaks_dutch(language: str, understood: bool) -> None:
    assert speaks(AYSE, language) is understood
    assert speaks(NONE, "nl")


def test_who_is_spoken_to_by_nobody_free_waits_and_who_is_spoken_to_by_nobody_at_all_does_not() -> None:
    assert waited_for({"tr", "ar"}, []) == {"tr", "ar"}
    assert waited_for({"tr", "ar"}, [frozenset({"tr"}), frozenset()]) == {"ar"}
    assert waited_for(set(), [frozenset({"tr"})]) == frozenset()


def test_what_was_sent_is_checked() -> None:
    assert check_asked(["tr", "nl"], ["crisis"]) == Abilities(languages=frozenset({"tr"}), skills=frozenset({"crisis"}))
    assert "nl" not in FOREIGN
    assert {"tr", "pap"} < FOREIGN
    for languages, skills, field in (
        (["xx"], [], "languages"),
        ([1], [], "languages"),
        ("tr", [], "languages"),
        ([], ["Crisis"], "skills"),
        ([], [f"s{number}" for number in range(MOST + 1)], "skills"),
    ):
        with pytest.raises(InvalidError) as refused:
            check_asked(languages, skills)
        assert refused.value.field == field


def test_a_campaign_asks_in_its_settings() -> None:
    settings = {"languages": ["tr"], "skills": ["crisis"], "language_wait_days": 2}
    check_settings(settings)
    assert asked_of(settings) == Abilities(languages=frozenset({"tr"}), skills=frozenset({"crisis"}))
    assert asked_of({}) == NONE
    for wrong, field in (({"skills": "crisis"}, "settings.skills"), ({"languages": [{}]}, "settings.languages")):
        with pytest.raises(InvalidError) as refused:
            check_settings(wrong)
        assert refused.value.field == field


def test_a_skill_has_words() -> None:
    skill = Skill(id=UUID(int=1), code="crisis", dutch=" Crisis ", english="Crisis")
    assert check_skill(skill).dutch == "Crisis"
    for field in ("dutch", "english"):
        words = {"dutch": "Ja", "english": "Yes", field: " "}
        with pytest.raises(InvalidError) as refused:
            check_skill(Skill(id=UUID(int=1), code="c", dutch=words["dutch"], english=words["english"]))
        assert refused.value.field == field


def test_serving_knows_who_is_assigned_who_has_what_is_asked_and_who_speaks_what() -> None:
    serving = Serving()
    assert serving.may_serve(ONE, CAMPAIGN), "nothing is known yet, and nothing was asked"
    assert serving.spoken(CAMPAIGN) == frozenset()
    asks = Abilities(languages=frozenset({"tr"}))
    campaigns = [replace(ENGINE_CAMPAIGN, asks=asks), replace(ENGINE_CAMPAIGN, campaign=OTHER)]
    arabic = Abilities(languages=frozenset({"ar"}))
    serving.read(Known(assigned={THREE: frozenset({OTHER})}, abilities={ONE: AYSE, THREE: arabic}), campaigns)
    assert [serving.may_serve(user, CAMPAIGN) for user in (ONE, TWO, THREE)] == [True, False, False]
    assert [serving.may_serve(user, OTHER) for user in (ONE, TWO, THREE)] == [True, True, True]
    assert serving.spoken(CAMPAIGN) == {"tr", "de"}
    assert serving.spoken(OTHER) == {"tr", "de", "ar"}
    assert serving.languages([ONE, TWO]) == {ONE: AYSE.languages}
    assert (serving.speaks(ONE, "tr"), serving.speaks(TWO, "tr"), serving.of(TWO)) == (True, False, NONE)


def test_who_must_still_practise_lacks_nothing_else() -> None:
    serving = Serving()
    turkish = Abilities(languages=frozenset({"tr"}))
    campaigns = [
        replace(ENGINE_CAMPAIGN, asks=turkish, requires_practice=True),
        replace(ENGINE_CAMPAIGN, campaign=OTHER),
    ]
    serving.read(Known(abilities={ONE: AYSE, TWO: AYSE}, practised=frozenset({TWO, THREE})), campaigns)
    assert [serving.may_serve(user, CAMPAIGN) for user in (ONE, TWO, THREE)] == [False, True, False]
    assert [serving.must_practise(user, CAMPAIGN) for user in (ONE, TWO, THREE)] == [True, False, False]
    assert not serving.must_practise(ONE, OTHER)


def test_the_panel_offers_the_languages_that_the_service_knows() -> None:
    source = (Path(__file__).parents[2] / "web/src/domain/skills.ts").read_text(encoding="utf-8")
    (listed,) = re.findall(r"FOREIGN: readonly string\[\] = \[([^\]]*)\]", source)
    assert set(re.findall(r'"(\w+)"', listed)) == FOREIGN
