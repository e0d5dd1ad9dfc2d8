"""Figures of the work: made of counts, rounded for some, of a team never of a person, against what was agreed."""

from __future__ import annotations

from datetime import date

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.ids import uuid7
from dialer.domain.reports.kpis import (
    Measured,
    Period,
    Standing,
    check_agreement,
    earlier,
    measured,
    standing,
    whole_months,
)
from dialer.domain.reports.operations import (
    OPERATIONS_NEWEST,
    TIMED,
    Agreement,
    Line,
    Plot,
    Rows,
    Section,
    Timing,
    Unit,
    of_a_team,
    of_many_answers,
    operations,
    value,
)
from dialer.domain.reports.rounding import coarse, rounded
from dialer.services.operation_words import kpis_shown, record_shown, sections_shown
from dialer.services.ports.export import OutcomeLabel
from dialer.services.ports.operations import RecordKind, WorkRecord
from tests.support.world import MONDAY

KNOWN = operations(OPERATIONS_NEWEST)
KPIS = {kpi.key: kpi for kpi in KNOWN.kpis}
LABELS = {"NO_HELP": OutcomeLabel(nl="wil geen hulp", en="wants no help", ddas="")}


def section(key: str) -> Section:
    return next(one for one in KNOWN.sections if one.key == key)


def test_every_version_is_whole() -> None:
    for version in range(1, OPERATIONS_NEWEST + 1):
        known = operations(version)
        assert known.version == version
        for one in known.sections:
            figures = {figure.key: figure for figure in one.figures}
            assert len(figures) == len(one.figures)
            assert (one.plot is Plot.NONE) == (one.plotted == "")
            assert one.plotted == "" or figures[one.plotted].unit is Unit.SHARE
            for figure in one.figures:
                assert (figure.unit is Unit.SHARE) == (figure.of != ("", "")), figure.key
                assert all(figure.label)
                assert all(figure.means)
        for kpi in known.kpis:
            assert (kpi.unit in TIMED) == bool(kpi.timing)
            assert (kpi.unit is Unit.SHARE) == (kpi.of != ("", ""))
            check_agreement(kpi, kpi.usual)
    with pytest.raises(FileNotFoundError):
        operations(OPERATIONS_NEWEST + 1)


def test_a_later_version_keeps_what_it_does_not_change_and_the_earlier_one_stays() -> None:
    first, second = operations(1), operations(2)
    assert [one.key for one in second.sections] == [one.key for one in first.sections]
    assert [one.key for one in second.kpis] == [one.key for one in first.kpis]
    changed = [one.key for one, other in zip(first.sections, second.sections, strict=True) if one != other]
    assert changed == ["first_time", "quality"]
    (right, checked) = (next(one for one in known.kpis if one.key == "first_time") for known in (first, second))
    assert (right.section, right.of) == ("first_time", ("right", "spoken"))
    assert (checked.section, checked.of) == ("quality", ("right", "reviewed")), "not corrected of those checked"


def test_a_figure_is_a_count_a_quotient_or_a_timing() -> None:
    figures = {one.key: one for one in section("inbound").figures}
    line = Line(
        counts={"in_time": 3, "judged": 4, "lost": 0}, timings={"wait_p50": Timing(value=4.5, base=4)}
    )  # fmt: skip
    assert value(figures["in_time"], line, line) == 3
    assert value(figures["closed"], line, line) == 0
    assert value(figures["service_level"], line, line) == 0.75
    assert value(figures["lost_share"], line, line) is None, "nobody called"
    assert value(figures["wait_p50"], line, line) == 4.5
    assert value(figures["wait_p90"], line, line) is None
    (_, part) = section("results").figures
    assert value(part, Line(counts={"cases": 2}), Line(counts={"cases": 8})) == 0.25


def test_of_a_small_team_there_is_nothing() -> None:
    talk = {"talk": Timing(value=300.0, base=9)}
    found = of_a_team(
        {
            "team": {
                "": Line(counts={"talks": 9, "agents": 3, "staff": 3, "busy": 50, "able": 100}, timings=talk),
                "2026-W10": Line(counts={"talks": 5, "agents": 2, "staff": 3, "busy": 5, "able": 10}, timings=talk),
                "2026-W11": Line(counts={"talks": 4, "agents": 1, "staff": 2, "busy": 5, "able": 10}, timings=talk),
            }
        }
    )["team"]
    assert found[""].timings == talk
    assert found["2026-W10"].timings == {}
    assert found["2026-W10"].counts["busy"] == 5
    assert "busy" not in found["2026-W11"].counts
    assert found["2026-W11"].counts["talks"] == 4
    assert of_a_team({}) == {"team": {}}


def test_no_score_tells_what_one_resident_pressed() -> None:
    def of(**bases: int) -> dict[str, dict[str, Line]]:
        return {
            "survey": {
                "" if key == "all" else f"2026-{key}": Line(
                    counts={"asked": base + 2, "answered": base},
                    timings={"kto": Timing(value=4.0, base=base), "nps": Timing(value=10.0, base=9)},
                )
                for key, base in bases.items()
            }
        }

    def shown(**bases: int) -> set[str]:
        lines = of_many_answers(of(**bases))["survey"]
        assert all("nps" in line.timings and line.counts for line in lines.values()), "each score by its own answers"
        return {key or "all" for key, line in lines.items() if "kto" in line.timings}

    assert shown(all=30, W10=20, W11=10) == {"all", "2026-W10", "2026-W11"}
    assert shown(all=4, W10=4) == set()
    assert shown(all=24, W10=20, W11=4) == {"all"}, "the total less the other row would tell it"
    assert shown(all=36, W10=20, W11=4, W12=12) == {"all", "2026-W10"}
    assert shown(all=28, W10=20, W11=4, W12=4) == {"all", "2026-W10"}, "together they are many"
    assert shown(all=20, W10=20, W11=0) == {"all", "2026-W10"}
    assert shown(all=0) == set()
    assert of_many_answers({}) == {}


def test_rounded_counts_are_multiples_of_five_at_most_two_off() -> None:
    for count in range(60):
        assert rounded(count) % 5 == 0
        assert abs(rounded(count) - count) <= 2
    line = Line(counts={"calls": 4}, timings={"a": Timing(value=1.0, base=4), "b": Timing(value=1.0, base=5)})
    assert coarse({"x": {"": line}}) == {"x": {"": Line(counts={"calls": 5}, timings={"b": line.timings["b"]})}}


def test_a_kpi_is_held_against_what_was_agreed() -> None:
    level, lost, wait = KPIS["service_level"], KPIS["lost"], KPIS["wait_p90"]

    def out(share: float | None) -> Measured:
        return Measured(value=share, low=share, high=share)

    agreed = Agreement(target=0.8, band=0.05)
    for share, stands in ((0.9, "met"), (0.8, "met"), (0.75, "within"), (0.7499, "missed"), (None, "unknown")):
        assert standing(level, agreed, out(share)) == stands, share
    for share, stands in ((0.01, "met"), (0.05, "met"), (0.07, "within"), (0.08, "missed")):
        assert standing(lost, Agreement(target=0.05, band=0.02), out(share)) == stands, share
    counts = {"inbound": {"": Line(counts={"in_time": 80, "judged": 100, "lost": 5, "offered": 100})}}
    assert measured(level, counts, whole=True) == out(0.8)
    assert measured(level, {}, whole=True) == out(None)
    assert measured(level, {}, whole=False) == out(None)
    assert measured(wait, {}, whole=True) == out(None)
    timed = {"outbound": {"": Line(timings={"wait_p90": Timing(value=1.4, base=10)})}}
    assert measured(wait, timed, whole=False) == out(1.4)
    asked = {"survey": {"": Line(timings={"kto": Timing(value=4.2, base=10)})}}
    assert standing(KPIS["kto"], KPIS["kto"].usual, measured(KPIS["kto"], asked, whole=False)) is Standing.MET
    # Rounded, 80 of 100 may be 78 of 102, which is within the band only: nobody can say.
    near = measured(level, counts, whole=False)
    assert near.value == 0.8
    assert [near.low, near.high] == pytest.approx([78 / 102, 82 / 98])
    assert standing(level, agreed, near) is Standing.UNKNOWN
    assert standing(level, Agreement(target=0.5, band=0.0), near) is Standing.MET
    none = measured(lost, {"inbound": {"": Line(counts={"lost": 0, "offered": 5})}}, whole=False)
    assert none.low == 0.0


def test_what_cannot_be_agreed_is_refused() -> None:
    for agreed, field in (
        (Agreement(target=1.1, band=0.0), "lost.target"),
        (Agreement(target=-0.1, band=0.0), "lost.target"),
        (Agreement(target=0.5, band=2.0), "lost.band"),
    ):
        with pytest.raises(InvalidError) as refused:
            check_agreement(KPIS["lost"], agreed)
        assert refused.value.field == field
    check_agreement(KPIS["wait_p90"], Agreement(target=20.0, band=5.0))


def test_earlier_periods_are_months_of_months_and_days_of_days() -> None:
    march = Period(first=date(2026, 3, 1), last=date(2026, 3, 31))
    assert whole_months(march)
    assert earlier(march, 3) == [
        Period(first=date(2025, 12, 1), last=date(2025, 12, 31)),
        Period(first=date(2026, 1, 1), last=date(2026, 1, 31)),
        Period(first=date(2026, 2, 1), last=date(2026, 2, 28)),
    ]
    quarter = Period(first=date(2026, 1, 1), last=date(2026, 3, 31))
    assert earlier(quarter, 1) == [Period(first=date(2025, 10, 1), last=date(2025, 12, 31))]
    week = Period(first=date(2026, 3, 2), last=date(2026, 3, 8))
    assert not whole_months(week)
    assert earlier(week, 2) == [
        Period(first=date(2026, 2, 16), last=date(2026, 2, 22)),
        Period(first=date(2026, 2, 23), last=date(2026, 3, 1)),
    ]
    assert not whole_months(Period(first=date(2026, 3, 1), last=date(2026, 3, 30)))


def test_rows_are_in_order_and_in_words() -> None:
    found = {
        "results": {
            "": Line(counts={"cases": 9}), "NO_HELP": Line(counts={"cases": 2}), "XYZ": Line(counts={"cases": 2}),
            "state:open": Line(counts={"cases": 5}),
        },
        "tries": {key: Line(counts={"tried": 1}) for key in ("8", "1", "0", "")},
        "hours": {"3-09": Line(), "1-20": Line()},
        "outbound": {"2026-W10": Line(), "2025-W52": Line()},
        "need": {"company": Line(counts={"cases": 1}), "zelf": Line(counts={"cases": 1}), "": Line()},
        "attempts": {"none": Line(counts={"calls": 1})},
        "team": {"": Line(counts={"busy": 1, "able": 2})},
    }  # fmt: skip
    shown = {one.key: one for one in sections_shown(KNOWN, found, LABELS, "nl", ours=True)}
    assert [row.label for row in shown["results"].rows] == ["wordt nog gebeld", "XYZ", "wil geen hulp"]
    assert shown["results"].total.values == {"cases": 9, "part": 1.0}
    assert [row.label for row in shown["tries"].rows] == ["0", "1", "8 of meer"]
    assert [row.label for row in shown["hours"].rows] == ["maandag 20 uur", "woensdag 9 uur"]
    assert [row.label for row in shown["outbound"].rows] == ["52, 2025", "10, 2026"]
    assert [row.label for row in shown["need"].rows] == ["contact met het bedrijf", "zelf"]
    assert [row.label for row in shown["attempts"].rows] == ["niet vastgelegd"]
    assert shown["team"].total.values["occupancy"] == 0.5
    assert shown["first_time"].rows == []
    theirs = {one.key: one for one in sections_shown(KNOWN, found, LABELS, "en", ours=False)}
    assert [one.key for one in theirs["team"].figures] == ["talks", "talk", "wrap_up"]
    assert theirs["team"].plotted == ""
    assert theirs["hours"].rows[0].label == "Monday 20:00"
    assert all(Rows(one.rows) for one in KNOWN.sections)


def test_kpis_stand_beside_earlier_periods_and_say_what_is_usual() -> None:
    def of(in_time: int) -> dict[str, dict[str, Line]]:
        return {"inbound": {"": Line(counts={"in_time": in_time, "judged": 100})}}

    agreed = {"service_level": Agreement(target=0.9, band=0.0)}
    shown = kpis_shown(KNOWN, of(85), [of(70), {}], agreed, "en", whole=True)
    (level,) = [one for one in shown if one.key == "service_level"]
    assert (level.value, level.earlier, level.usual, level.standing) == (0.85, [0.7, None], False, "missed")
    assert all(one.usual for one in shown if one.key != "service_level")


def test_a_record_says_what_came_of_it() -> None:
    def words(result: str, language: str = "nl") -> str:
        made = uuid7(1, bytes(10))
        one = WorkRecord(id=made, kind=RecordKind.CALL, case=None, at=MONDAY, direction="in", result=result)
        return record_shown(one, LABELS, language).result

    assert words("NO_HELP", "en") == "wants no help"
    assert words("state:no_show") == "niet gekomen"
    assert words("") == "niet vastgelegd"
