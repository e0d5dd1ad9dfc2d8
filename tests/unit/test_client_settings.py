"""What a client may set, and what it may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialer.domain.client_settings import CLIENT_SETTINGS, check_settings, in_force, setting
from dialer.domain.errors import InvalidError
from dialer.schedule.model import Limits, limits
from dialer.schedule.terms import TermPolicy, term_policy
from dialer.schedule.windows import DEFAULT

ROOT = Path(__file__).parents[2]


def test_what_is_not_set_has_its_usual_value() -> None:
    assert in_force({}) == {key: known.usual for key, known in CLIENT_SETTINGS.items()}
    assert limits({}, DEFAULT) == Limits()
    assert term_policy({}) == TermPolicy()
    assert in_force({"case_cap": 5})["case_cap"] == 5


@pytest.mark.parametrize("key", CLIENT_SETTINGS)
def test_each_takes_its_bounds_and_nothing_beyond(key: str) -> None:
    known = CLIENT_SETTINGS[key]
    assert known.low <= known.usual <= known.high
    assert (setting({key: known.low}, key), setting({key: known.high}, key)) == (known.low, known.high)
    for wrong in (known.low - 1, known.high + 1, str(known.usual), None, True, float(known.usual)):
        with pytest.raises(InvalidError) as caught:
            check_settings({key: wrong})
        assert caught.value.field == key


def test_a_key_that_there_is_not_and_values_that_do_not_fit_together() -> None:
    with pytest.raises(InvalidError) as caught:
        check_settings({"case_kap": 3})
    assert caught.value.field == "case_kap"
    assert "case_cap" in str(caught.value)
    with pytest.raises(InvalidError) as caught:
        check_settings({"term_days": 14, "lead_days": 14})
    assert caught.value.field == "lead_days"
    assert check_settings({"term_days": 14, "lead_days": 13}) == {"term_days": 14, "lead_days": 13}


def test_the_database_falls_back_to_the_same_usual_values() -> None:
    sql = (ROOT / "dialer/storage/migrations/0001_foundation.sql").read_text(encoding="utf-8")
    found = re.findall(r"settings ->> '(\w+)'\)::int, (\d+)\)", sql)
    assert {key for key, _ in found} >= {"case_cap", "daily_cap", "shared_rest_minutes"}
    for key, usual in found:
        assert CLIENT_SETTINGS[key].usual == int(usual), key


def test_the_page_on_lists_names_every_setting() -> None:
    page = (ROOT / "docs/lists.md").read_text(encoding="utf-8")
    assert [key for key in CLIENT_SETTINGS if f"`{key}`" not in page] == []
