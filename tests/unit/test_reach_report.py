"""What a report of reach says, and what it keeps to itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from dialer.services.ports.reach import KeptReport
from dialer.services.reach_report import ReachReport, report_of

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
EXPECTED = {
    "day_14": {"reach": 0.47, "low": 0.43, "high": 0.51},
    "day_28": {"reach": 0.55, "low": 0.5, "high": 0.6},
    "end": {"reach": 0.56, "low": 0.51, "high": 0.61},
}
HELD = {
    "share": 0.1, "planned": 300, "planned_reached": 150, "held_out": 34, "held_out_reached": 15, "difference": 0.06,
    "low": -0.04, "high": 0.16,
}  # fmt: skip
REPORT: Mapping[str, Any] = {
    "callable": 480, "reached": 212, "helped": 80, "refused": 20, "open": 200, "room": None, "expected": EXPECTED,
    "by_day": [0.2, 0.3], "hold_out": None, "earlier": [],
}  # fmt: skip


def report(promised: float | None = None, language: str = "nl", *, whole: bool = True, **change: Any) -> ReachReport:
    return report_of(KeptReport(at=AT, report={**REPORT, **change}), promised, language, whole=whole)


def test_in_plain_words() -> None:
    found = report()
    assert (found.at, found.callable, found.reached, found.share) == (AT, 480, 212, 212 / 480)
    assert found.text == [
        "Van de 480 belbare inwoners zijn er 212 bereikt: 44%.",
        "Verwacht 14 dagen na de levering: 47%, tussen 43% en 51%.",
        "Verwacht 28 dagen na de levering: 55%, tussen 50% en 60%.",
        "Verwacht aan het eind van de beltermijn: 56%, tussen 51% en 61%.",
    ]
    assert report(language="en").text[1] == "Expected 14 days after the delivery: 47%, between 43% and 51%."


def test_what_has_happened_is_not_expected_and_nothing_is_said_twice() -> None:
    past = {**EXPECTED, "day_14": {"reach": 0.4, "low": 0.4, "high": 0.4}, "day_28": EXPECTED["end"]}
    assert len(report(expected=past).text) == 2


@pytest.mark.parametrize(
    ("promised", "word"), [(0.5, "Dat halen we."), (0.55, "nog onzeker"), (0.62, "waarschijnlijk niet")]
)
def test_the_promise(promised: float, word: str) -> None:
    assert word in report(promised).text[-1]


def test_the_hold_out_is_told_honestly() -> None:
    assert report(hold_out=HELD).text[-1] == (
        "Gepland bellen tegenover gewone rotatie: +6 punten, tussen -4 en +16. Er is nog geen verschil aangetoond."
    )
    assert "Het verschil is aangetoond" in report(hold_out=HELD | {"low": 0.01}).text[-1]
    assert "The difference is shown" in report(language="en", hold_out=HELD | {"high": -0.01}).text[-1]
    few = HELD | {"difference": None, "low": None, "high": None}
    assert "te weinig afgeronde zaken" in report(hold_out=few).text[-1]


def test_capacity_and_earlier_forecasts() -> None:
    one = {"at": AT.isoformat(), "until": "end", "reach": 0.5, "low": 0.4, "high": 0.6, "came_out": 0.55}
    found = report(room=40.4, earlier=[one, one | {"came_out": 0.7}])
    assert found.text[-2:] == [
        "Er wachten inwoners op hun beurt. De verwachting gaat uit van 40 pogingen per uur.",
        "Eerdere verwachtingen: 1 van de 2 kwamen uit.",
    ]
    assert found.earlier[0].at == AT
    assert "van 0,7 pogingen per uur" in report(room=0.72).text[-1]
    assert "assumes 0.7 attempts" in report(room=0.72, language="en").text[-1]


def test_the_nearest_comes_first_however_it_was_kept() -> None:
    found = report(expected=dict(sorted(EXPECTED.items(), reverse=True)))
    assert [one.until for one in found.expected] == ["day_14", "day_28", "end"]


def test_before_the_first_reckoning_and_without_residents() -> None:
    found = report_of(None, 0.5, "nl", whole=True)
    assert (found.at, found.callable, found.promised) == (None, None, 0.5)
    assert found.text == ["De cijfers zijn er binnen een uur."]
    nobody = report(callable=0, reached=0, expected={})
    assert (nobody.share, nobody.text) == (None, ["Er zijn nog geen belbare inwoners."])


@pytest.mark.parametrize("change", [{"reached": 4}, {"callable": 4, "reached": 0}, {"reached": 478}])
def test_small_counts_are_for_those_who_may_see_cases(change: dict[str, Any]) -> None:
    found, whole = report(whole=False, **change), report(**change)
    assert (found.reached, found.share, found.expected, found.by_day, found.helped) == (None, None, [], [], None)
    assert found.text[0] == "Het zijn te weinig inwoners om te laten zien."
    assert whole.reached == change["reached"]


def test_large_counts_are_for_everybody_and_small_ones_beside_them_are_not() -> None:
    found = report(whole=False, refused=3, open=2, hold_out=HELD | {"held_out_reached": 32})
    assert (found.reached, found.helped, found.refused, found.open) == (212, 80, None, None)
    assert found.hold_out is not None
    assert (found.hold_out.held_out_reached, found.hold_out.difference) == (None, None)
    assert report(whole=False, hold_out=HELD).hold_out == report(hold_out=HELD).hold_out


def test_what_was_learned_of_the_width_is_said() -> None:
    assert "geleerd van 1 maand." in report(doubt={"share": 0.2, "months": 1}).text[-1]
    assert "learned from 7 months." in report(language="en", doubt={"share": 0.2, "months": 7}).text[-1]
    assert not any("geleerd van" in line for line in report(doubt={"share": 0.12, "months": 0}).text)
