"""The auditor is fed forged evidence: each kind of violation must be caught, and honest evidence let through."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import holidays as reference
import pytest

from dialer.schedule.windows import DEFAULT
from tests.auditor import checks
from tests.auditor.checks import audit
from tests.auditor.evidence import (
    Attempt,
    Block,
    Evidence,
    Line,
    OwnCall,
    Request,
    Staff,
    TownCall,
    exported_signals,
    numbers_of,
    own_calls,
    town_calls,
)

ONE = "00000000-0000-7000-8000-000000000001"
TWO = "00000000-0000-7000-8000-000000000002"
NUMBER = "+31600000001"
OTHER = "+31600000002"
MONDAY = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def attempt(name: str = ONE, **changes: Any) -> Attempt:
    made = Attempt(
        id=name, direction="out", campaign="c", case="case-1", resident="r1", number=NUMBER, number_key="k1",
        channel=name, live=False, counted=True, exempt=False, claimed=MONDAY, claimed_wall=100.0, dialed=True,
        joined=True, abandoned=False, outcome="PAID", outcome_at=MONDAY + timedelta(minutes=2), final_for_case=True,
        wrap_up_open=False, plan_ends=MONDAY + timedelta(days=20),
    )  # fmt: skip
    return replace(made, **changes)


def own(name: str = ONE, **changes: Any) -> OwnCall:
    made = OwnCall(name, name, 100.0, answered=104.0, joins=[104.003], ended=130.0)
    return replace(made, **changes)


def town(number: str = NUMBER, began: float = 100.01, **changes: Any) -> TownCall:
    made = TownCall(number, f"t-{number}-{began}", began, answered=104.0, ended=130.0)
    return replace(made, **changes)


CALLER = "in-dialer-7"


def honest(**changes: Any) -> Evidence:
    """One conversation, one caller who spoke to somebody."""
    made = Evidence(
        own=[own(), OwnCall(CALLER, "dialer-7", 200.0, answered=200.1, joins=[206.0], ended=220.0)],
        town=[town(), TownCall(OTHER, "t-out", 199.9, outward=True, answered=200.1, ended=220.0)],
        attempts=[
            attempt(),
            attempt(TWO, direction="in", channel="dialer-7", counted=False, case=None, number=None, number_key="k2",
                    resident=None, outcome=None, outcome_at=None, final_for_case=False, plan_ends=None),
        ],
        lines=[Line(signal="S-1", case="case-1", outcomes=["PAID"])],
        table=["S-1"],
        signals=["S-1"],
        acknowledged={ONE: "PAID"},
        requests=[],
        blocks=[],
        keys={NUMBER: "k1", OTHER: "k2"},
    )  # fmt: skip
    return replace(made, **changes)


def test_honest_evidence_is_let_through() -> None:
    report = audit(honest())
    assert report.violations == []
    assert report.counts["served in 2.0 s"] == 1.0
    assert report.counts["answered"] == 1


THREE, FOUR = ONE[:-1] + "3", ONE[:-1] + "4"
ASKED = Request(id="q", number_key="k2", requested=MONDAY, done=MONDAY + timedelta(minutes=9))


def rung_back(name: str = THREE, **changes: Any) -> Attempt:
    """A call to the stranger of `honest`, who is on no list, because he asked."""
    made = attempt(
        name, case=None, resident=None, number=None, number_key="k2", counted=False, outcome="THIRD_PARTY",
        outcome_at=None, final_for_case=False, plan_ends=None, callback="q", claimed=MONDAY + timedelta(minutes=5),
        claimed_wall=300.0,
    )  # fmt: skip
    return replace(made, **changes)


def rehearsed(**changes: Any) -> Evidence:
    """`honest`, and a proof call to a colleague whose number is on no list of residents."""
    base = honest()
    call = attempt(
        THREE, direction="proof", case=None, resident=None, number=None, number_key="s1", counted=False,
        outcome="PAID", outcome_at=None, final_for_case=False, plan_ends=None, claimed_wall=300.0,
    )  # fmt: skip
    return replace(
        base,
        attempts=[*base.attempts, replace(call, **changes)],
        own=[*base.own, own(THREE, began=300.0, answered=304.0, joins=[304.0], ended=330.0)],
        town=[*base.town, town("+31790000180", 300.01, answered=304.0, ended=330.0)],
        staff=[Staff(number_key="s1", begins=MONDAY - timedelta(days=1), ends=None)],
    )


def asked(*calls: Attempt, rung: int = 1, **changes: Any) -> Evidence:
    """`honest`, then the stranger is rung back: `calls` in the ledger, and `rung` calls at the town."""
    base = honest()
    calls = calls or (rung_back(),)
    made = replace(
        base,
        keys={NUMBER: "k1"},
        own=[*base.own, *(own(c.id, began=300.0, answered=304.0, joins=[304.0], ended=330.0) for c in calls)],
        town=[*base.town, *(town(OTHER, 300.01 + n, answered=304.0, ended=330.0) for n in range(rung))],
        attempts=[*base.attempts, *calls],
        requests=[ASKED],
    )
    return replace(made, **changes)


def test_a_call_back_that_was_asked_for_is_let_through() -> None:
    report = audit(asked())
    assert report.violations == []
    assert report.counts["call-backs at an agent's word"] == 1
    tied = rung_back(case="case-1", resident="r1", plan_ends=MONDAY, outcome="PAID")
    closed = list(checks.none_after_the_last_word(asked(tied)))
    assert closed == list(checks.none_outside_the_windows(asked(tied))) == [], "who he is was known only then"


SUNDAY = datetime(2026, 6, 7, 9, 0, tzinfo=UTC)
PROOF_CALLS = checks.proof_calls_ring_our_own_people_and_count_nowhere
FORGED: dict[str, tuple[Callable[..., object], Evidence]] = {
    "a call without an attempt": (checks.every_call_belongs_to_one_attempt, honest(attempts=[attempt(TWO)])),
    "two channels for an attempt": (
        checks.every_call_belongs_to_one_attempt,
        honest(own=[own(), own(channel="again")]),
    ),
    "the town was rung, nobody knows why": (
        checks.every_call_belongs_to_one_attempt,
        honest(town=[town(), town(began=300.0, ended=301.0)]),
    ),
    "the wrong number was rung": (checks.every_call_belongs_to_one_attempt, honest(town=[town(OTHER)])),
    "two calls at once": (
        checks.nobody_rings_twice_at_once,
        honest(town=[town(), town(began=110.0)]),
    ),
    "a call after one that never ended": (
        checks.nobody_rings_twice_at_once,
        honest(town=[town(ended=None), town(began=500.0)]),
    ),
    "on a Sunday": (checks.none_outside_the_windows, honest(attempts=[attempt(claimed=SUNDAY)])),
    "on a holiday": (
        checks.none_outside_the_windows,
        honest(attempts=[attempt(claimed=datetime(2026, 5, 25, 9, 0, tzinfo=UTC))]),
    ),
    "at nine in the evening": (
        checks.none_outside_the_windows,
        honest(attempts=[attempt(claimed=datetime(2026, 6, 1, 19, 0, tzinfo=UTC))]),
    ),
    "after the term": (checks.none_outside_the_windows, honest(attempts=[attempt(plan_ends=MONDAY)])),
    "eight on a number": (
        checks.none_more_often_than_allowed,
        honest(attempts=[attempt(str(n), claimed=MONDAY + timedelta(days=n)) for n in range(8)]),
    ),
    "thirteen for a case": (
        checks.none_more_often_than_allowed,
        honest(attempts=[attempt(str(n), number_key=str(n % 3), exempt=True) for n in range(13)]),
    ),
    "three on a day, over two cases": (
        checks.none_more_often_than_allowed,
        honest(attempts=[attempt(str(n), number_key=str(n), case=f"case-{n % 2}") for n in range(3)]),
    ),
    "after the last word": (
        checks.none_after_the_last_word,
        honest(attempts=[attempt(), attempt(TWO, claimed=MONDAY + timedelta(hours=3), outcome="BUSY",
                                            final_for_case=False)]),
    ),
    "rung back without having asked": (checks.call_backs_are_those_asked_for, asked(requests=[])),
    "another number than the one that asked": (
        checks.call_backs_are_those_asked_for,
        asked(rung_back(number_key="k9")),
    ),
    "rung back before it was asked": (
        checks.call_backs_are_those_asked_for,
        asked(rung_back(claimed=MONDAY - timedelta(minutes=1))),
    ),
    "rung back after all was said": (
        checks.call_backs_are_those_asked_for,
        asked(rung_back(claimed=MONDAY + timedelta(minutes=10))),
    ),
    "a request that is one of the seven": (checks.call_backs_are_those_asked_for, asked(rung_back(counted=True))),
    "eight tries of a request": (
        checks.call_backs_are_those_asked_for,
        asked(*(rung_back(f"{ONE[:-2]}2{n}") for n in range(8))),
    ),
    "a call for nobody": (checks.call_backs_are_those_asked_for, asked(rung_back(callback=None))),
    "one try, two calls at the carrier": (checks.every_call_belongs_to_one_attempt, asked(rung=2)),
    "a call-back that nobody wrote down": (
        checks.every_call_belongs_to_one_attempt,
        asked(attempts=honest().attempts, own=honest().own),
    ),
    "two tries of a request at once": (
        checks.nobody_rings_twice_at_once,
        asked(rung_back(), rung_back(FOUR), rung=2),
    ),
    "a call-back on a Sunday": (checks.none_outside_the_windows, asked(rung_back(claimed=SUNDAY))),
    "a call-back to a blocked number": (
        checks.none_to_a_blocked_number,
        asked(blocks=[Block(number_key="k2", begins=MONDAY, ends=None)]),
    ),
    "a resident's number that was blocked for a while": (
        checks.none_to_a_blocked_number,
        honest(blocks=[Block(number_key="k1", begins=MONDAY - timedelta(days=1), ends=MONDAY + timedelta(days=1))]),
    ),
    "silence, then a hang-up": (
        checks.everybody_who_answers_hears_somebody,
        honest(own=[own(joins=[], ended=107.0)]),
    ),
    "the message too late": (
        checks.everybody_who_answers_hears_somebody,
        honest(own=[own(joins=[], messages=[(106.2, "safe")])]),
    ),
    "an agent too late": (checks.everybody_who_answers_hears_somebody, honest(own=[own(joins=[106.1])])),
    "an agent and the safe message": (
        checks.message_or_agent_never_both,
        honest(own=[own(messages=[(105.8, "safe")])]),
    ),
    "joined after the message": (
        checks.message_or_agent_never_both,
        honest(own=[own(joins=[104.0, 140.0], messages=[(130.0, "rescue")])]),
    ),
    "an outcome lost": (
        checks.every_acknowledged_outcome_stands,
        honest(attempts=[attempt(outcome=None, outcome_at=None)]),
    ),
    "an attempt lost": (checks.every_acknowledged_outcome_stands, honest(attempts=[])),
    "a signal not exported": (checks.every_outcome_is_exported_once, honest(lines=[])),
    "a signal twice in the file": (checks.every_outcome_is_exported_once, honest(table=["S-1", "S-1"])),
    "a stranger in the file": (checks.every_outcome_is_exported_once, honest(table=["S-1", "S-9"])),
    "an outcome told twice": (
        checks.every_outcome_is_exported_once,
        honest(lines=[Line(signal="S-1", case="case-1", outcomes=["PAID", "PAID"])]),
    ),
    "an outcome not told": (
        checks.every_outcome_is_exported_once,
        honest(lines=[Line(signal="S-1", case="case-1", outcomes=[])]),
    ),
    "a caller left alone": (
        checks.every_caller_is_served,
        honest(own=[own(), OwnCall(CALLER, "dialer-7", 200.0, answered=200.1, ended=220.0)]),
    ),
    "a caller whom nobody noticed": (
        checks.every_caller_is_served,
        honest(own=[OwnCall("in-x", "x", 200.0, answered=200.1, ended=220.0)], attempts=[], acknowledged={}),
    ),
    "a call that never ends": (checks.nothing_is_left_open, honest(attempts=[attempt(live=True)])),
    "a wrap-up that nobody closes": (checks.nothing_is_left_open, honest(attempts=[attempt(wrap_up_open=True)])),
    "a conversation that nobody knows": (checks.conversations_are_known, honest(attempts=[attempt(joined=False)])),
    "a conversation that never was": (checks.conversations_are_known, honest(own=[own(joins=[])])),
    "a proof call to a resident": (PROOF_CALLS, rehearsed(number_key="k1")),
    "a proof call to a stranger": (PROOF_CALLS, rehearsed(number_key="s2")),
    "a proof call to somebody not yet on the list": (PROOF_CALLS, rehearsed(claimed=MONDAY - timedelta(days=2))),
    "a proof call that is counted": (PROOF_CALLS, rehearsed(counted=True)),
    "a proof call that is reach": (PROOF_CALLS, rehearsed(reached=True)),
    "a proof call of a case": (PROOF_CALLS, rehearsed(case="case-1")),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forgery_is_caught_by_its_check(forgery: str) -> None:
    check, evidence = FORGED[forgery]
    assert list(check(evidence)), forgery  # type: ignore[call-overload]
    assert any(found.startswith(check.__name__ + ":") for found in audit(evidence).violations)


def test_every_check_has_a_forgery() -> None:
    assert {check for check, _ in FORGED.values()} == set(checks.CHECKS)


def test_an_answer_that_crossed_our_cancel_is_counted() -> None:
    assert audit(honest(own=[own(answered=None, joins=[])])).counts["answer crossed our cancel"] == 1
    assert audit(honest()).counts["answer crossed our cancel"] == 0
    # Busy, and rung again two seconds later, as a pressed calendar has it: the answer is the second call's.
    again = honest(
        own=[own(began=98.0, answered=None, joins=[], ended=98.1), own(TWO)],
        town=[town(began=98.01, answered=None, ended=98.1), town()],
        attempts=[attempt(), attempt(TWO)],
    )
    assert audit(again).counts["answer crossed our cancel"] == 0


def test_what_asterisk_did_not_live_to_do_is_not_held_against_it() -> None:
    silent = honest(own=[own(joins=[], ended=None)], outages=[(105.0, 107.0)])
    assert not list(checks.everybody_who_answers_hears_somebody(silent))
    long_before = honest(own=[own(joins=[], ended=None)], outages=[(150.0, 157.0)])
    assert list(checks.everybody_who_answers_hears_somebody(long_before))


def test_what_asterisk_did_not_live_to_write_down_is_known_by_the_claim() -> None:
    cut = honest(own=[], attempts=[attempt(claimed_wall=100.0, joined=False)], outages=[(100.02, 103.0)])
    assert not list(checks.every_call_belongs_to_one_attempt(cut))
    assert list(checks.every_call_belongs_to_one_attempt(replace(cut, outages=[(150.0, 153.0)])))
    assert list(checks.every_call_belongs_to_one_attempt(replace(cut, attempts=[])))


def test_a_caller_of_whom_only_the_town_knows_may_have_a_task() -> None:
    lost = honest(own=[OwnCall("in-x", "x", 200.0, answered=200.1)], attempts=[], acknowledged={}, requests=[ASKED])
    assert not list(checks.every_caller_is_served(lost))


@pytest.mark.parametrize(
    ("began", "ended", "asked", "served"),
    [
        (197.0, 220.0, [ASKED], True),
        (197.0, 220.0, [], False),
        (197.0, 212.0, [ASKED], False),  # another's call
        (190.0, 220.0, [ASKED], False),  # nobody rings on for so long
        (201.5, 220.0, [ASKED], False),  # had not begun
    ],
)
def test_a_caller_who_rang_while_asterisk_started_comes_late(
    began: float, ended: float, asked: list[Request], served: bool
) -> None:
    late = honest(
        own=[OwnCall("in-x", "x", 200.0, answered=200.1, ended=220.1)],
        town=[TownCall(OTHER, "t-late", began, outward=True, answered=began, ended=ended)],
        attempts=[],
        acknowledged={},
        requests=asked,
    )
    assert (not list(checks.every_caller_is_served(late))) is served


@pytest.mark.parametrize(("asked", "served"), [([ASKED], True), ([], False)])
def test_two_who_ring_within_a_second_are_told_apart(asked: list[Request], served: bool) -> None:
    """The first is rung back; the second, who is in no list, is joined at once."""
    two = honest(
        own=[
            OwnCall("in-x", "x", 200.0, answered=200.1, ended=220.0),
            OwnCall("in-y", "y", 200.5, answered=200.6, ended=230.0, joins=own().joins),
        ],
        town=[
            TownCall(OTHER, "t-x", 199.99, outward=True, answered=200.1, ended=220.0),
            TownCall("+31600000999", "t-y", 200.49, outward=True, answered=200.6, ended=230.0),
        ],
        attempts=[],
        acknowledged={},
        requests=asked,
    )
    assert (not list(checks.every_caller_is_served(two))) is served


@pytest.mark.parametrize("year", range(2024, 2041))
def test_holidays_are_those_of_the_country(year: int) -> None:
    official = {day for day, name in reference.country_holidays("NL", years=year, language="nl").items()
                if "bevrijdingsdag" not in name.lower() and "goede vrijdag" not in name.lower()}  # fmt: skip
    assert checks.holidays(year) == official | {date(year, 5, 5)}, "the library has 5 May in some years only"


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 5, 4), time(18, 30)),
        (date(2026, 12, 5), time(17)),  # a Saturday
        (date(2026, 12, 24), time(18, 30)),
        (date(2026, 12, 23), time(21)),
        (date(2026, 5, 5), time(0)),
        (date(2026, 5, 10), time(0)),  # a Sunday
    ],
)
def test_it_knows_when_nobody_is_rung(day: date, end: time) -> None:
    assert checks.hours(day)[1] == end
    assert DEFAULT.closes(datetime.combine(day, time(10), checks._AMSTERDAM)) == (
        datetime.combine(day, end, checks._AMSTERDAM) if end > time(0) else None
    ), "what it knows by itself is what the service does"


def test_it_shares_no_code_with_what_it_audits() -> None:
    for path in (Path(__file__).parents[1] / "auditor").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] == "dialer" for name in names), path


def test_call_event_logs_are_read(tmp_path: Path) -> None:
    ours = tmp_path / "ours.csv"
    ours.write_text(
        f'"100.0","CHAN_START","{ONE}","{ONE}","{ONE}","resident","",""\n'
        f'"104.0","ANSWER","{ONE}","{ONE}","{ONE}","resident","",""\n'
        f'"104.1","BRIDGE_ENTER","{ONE}","{ONE}","{ONE}","resident","","{{""bridge_technology"":""simple_bridge""}}"\n'
        f'"110.0","MESSAGE","{ONE}","{ONE}","{ONE}","final","MESSAGE","{{""extra"":""rescue""}}"\n'
        f'"120.0","CHAN_END","{ONE}","{ONE}","{ONE}","final","",""\n'
        f'"101.5","CHAN_START","","{TWO}","{TWO}","nothing","",""\n'
        '"90.0","CHAN_START","","old","old","agent","",""\n'
        '"101.0","BRIDGE_ENTER","leg.a.1","leg.a.1","leg.a.1","agent","","{""bridge_technology"":""holding_bridge""}"\n'
    )
    call, cut, leg = own_calls(ours, 95.0)
    assert (cut.account, cut.kind) == (TWO, "resident")
    assert call == OwnCall(ONE, ONE, 100.0, 104.0, [104.1], [(110.0, "rescue")], 120.0)
    assert (leg.kind, leg.joins, call.kind) == ("leg", [], "resident")
    theirs = tmp_path / "theirs.csv"
    theirs.write_text(
        f'"100.1","CHAN_START","","t1","t1","called","","","{NUMBER}","+31790000000",""\n'
        f'"104.0","ANSWER","","t1","t1","listen","","","s","+31790000000","{NUMBER}"\n'
        f'"200.0","ANSWER","","t2","t2","caller","","","s","{OTHER}",""\n'
        '"220.0","CHAN_END","","t2","t2","caller","","","s","",""\n'
    )
    assert town_calls(theirs, 0.0) == [
        TownCall(NUMBER, "t1", 100.1, False, 104.0, None),
        TownCall(OTHER, "t2", 200.0, True, 200.0, 220.0),
    ]
    assert town_calls(tmp_path / "none.csv", 0.0) == []


def test_lists_and_exports_are_read() -> None:
    delivered = "kenmerk;telefoon 1\r\nZM-1;+31600000001\r\n"
    assert numbers_of(b"\xef\xbb\xbf" + delivered.encode()) == {"ZM-1": NUMBER}
    assert exported_signals(b"\xef\xbb\xbfkenmerk;signaal-id\r\nZM-1;S-1\r\n") == ["S-1"]


def test_a_proof_call_to_our_own_people_is_let_through() -> None:
    report = audit(rehearsed())
    assert report.violations == []
    assert report.counts["proof calls"] == 1


def test_a_call_to_a_strange_number_is_explained_by_one_proof_call_alone() -> None:
    evidence = rehearsed()
    twice = [*evidence.town, town("+31790000181", 300.5, answered=304.0, ended=330.0)]
    assert any("no attempt on that number" in found for found in audit(replace(evidence, town=twice)).violations)


def test_a_call_that_was_given_to_a_desk_is_no_strangers_call_and_another_is() -> None:
    desk = "+31790000010"
    given = OwnCall("transfer.1.1", "transfer.1.1", 110.0, answered=112.0, joins=[112.1], ended=130.0)
    made = honest(targets=[desk])
    made = replace(made, own=[*made.own, given], town=[*made.town, town(desk, 110.02)])
    assert audit(made).violations == []
    twice = replace(made, town=[*made.town, town(desk, 111.0)])
    assert any("no attempt on that number" in found for found in audit(twice).violations)
    stranger = replace(made, town=[*made.town[:-1], town("+31790000011", 110.02)])
    assert any("no attempt on that number" in found for found in audit(stranger).violations)
