"""Why so many calls were started then: out of a journal, in calendar time, in one line."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId
from dialer.journals import PacingFiles
from dialer.pacing.journal import Recorder
from dialer.pacing.learned import Model
from dialer.pacing.past import look_back
from dialer.pacing.view import AgentView, Called, Decision, Doing, Held, Mode, Reasons, RingView, Settings, State
from dialer.pacing.words import because, held_by
from dialer.services.past_decisions import MOST, PastDecisions, calendar_of, wall_of
from dialer.services.ports.pacing import ClockPair, T

CAMPAIGN = CampaignId(UUID(int=7))
NOON = datetime(2026, 11, 24, 13, 32, tzinfo=UTC)  # 14:32 in Amsterdam
SECONDS = NOON.timestamp()
RISK = Reasons(Held.RISK, "predictive", 2, 1, 0.84, 1.25, 0.004, 0.009, 2.14)
STARTED = Decision(start=3, reasons=RISK)
NOTHING = Decision(reasons=RISK._replace(idle=0))
CUT = Decision(cancel=("x",), reasons=RISK)


def day(decisions: Sequence[tuple[float, Decision]], settings: Settings | None = None) -> list[str]:
    recorder = Recorder("1")
    lines = recorder.begin(Model(), settings or Settings(ring_cuts=True))
    for second, decision in decisions:
        state = State(now=SECONDS + second, agents=[AgentView("ann", Doing.IDLE, 1.0)], rings=[RingView("x", 2.0)])
        lines += [recorder.decision(state, decision), recorder.event(Called(SECONDS + second))]
    return lines


def test_the_minutes_that_were_asked_for_and_no_others() -> None:
    past = look_back(day([(-0.1, STARTED), (0.0, STARTED), (59.9, CUT), (60.0, STARTED)]), SECONDS, SECONDS + 60, 9)
    assert [step.at - SECONDS for step in past.steps] == [0.0, pytest.approx(59.9)]
    assert (past.decisions, past.started, past.hung_up, past.held, past.more) == (2, 3, 1, {Held.RISK: 2}, False)
    assert past.settings == (Settings(ring_cuts=True),)
    assert past.steps[0].decision == STARTED


def test_rows_of_nothing_are_one_step() -> None:
    other = Decision(reasons=NOTHING.reasons._replace(held=Held.LINES))
    moments = [(0.0, STARTED), (1.0, STARTED), (2.0, NOTHING), (3.0, NOTHING), (4.0, NOTHING), (5.0, other)]
    past = look_back(day(moments), SECONDS, SECONDS + 60, 9)
    assert [(step.at - SECONDS, step.until - SECONDS, step.decisions) for step in past.steps] == [
        (0.0, 0.0, 1),
        (1.0, 1.0, 1),
        (2.0, 4.0, 3),
        (5.0, 5.0, 1),
    ]


def test_sums_are_of_all_when_there_are_too_many_steps() -> None:
    past = look_back(day([(float(k), STARTED) for k in range(5)]), SECONDS, SECONDS + 60, 2)
    assert (len(past.steps), past.more, past.started) == (2, True, 15)


def test_who_waits_is_known_though_it_was_written_long_before() -> None:
    recorder = Recorder("1")
    lines = recorder.begin(Model(), Settings())
    for second, waiting in ((-50.0, 2), (-40.0, 2), (1.0, 2), (2.0, 0)):
        lines.append(recorder.decision(State(now=SECONDS + second, inbound_waiting=waiting), STARTED))
    assert [step.inbound_waiting for step in look_back(lines, SECONDS, SECONDS + 9, 9).steps] == [2, 0]
    again = lines[:-1] + day([(3.0, STARTED)])
    assert look_back(again, SECONDS, SECONDS + 9, 9).steps[-1].inbound_waiting == 0, "a new process begins anew"


def test_settings_are_those_of_the_moment() -> None:
    calm, bold = Settings(mode=Mode.PROGRESSIVE), Settings(mode=Mode.PREDICTIVE, target=0.02)
    recorder = Recorder("1")
    lines = recorder.begin(Model(), calm)
    lines.append(recorder.decision(State(now=SECONDS), NOTHING))
    lines += recorder.begin(Model(), bold)
    lines.append(recorder.decision(State(now=SECONDS + 1), NOTHING))
    past = look_back(lines, SECONDS, SECONDS + 9, 9)
    assert past.settings == (calm, bold)
    assert [step.settings for step in past.steps] == [0, 1], "no row goes on over a change"


def test_an_empty_day_has_nothing() -> None:
    assert look_back([], 0.0, 9.0, 9).decisions == 0


@pytest.mark.parametrize("line", ["what", "[]", '["d",{"now":1.0},[]]', '["m",{},{}]', '["d",{"now":x},[]]'])
def test_what_is_no_journal_is_refused(line: str) -> None:
    with pytest.raises(InvalidError):
        look_back([line], 0.0, 9.0, 9)


def test_one_plain_line_says_it() -> None:
    assert because(STARTED) == (
        "3 nieuwe oproepen. 2 medewerkers vrij, 1 telefoon gaat over. Verwacht: 0,8 keer opgenomen, 1,2 medewerkers "
        "vrij binnen een halve minuut. Kans dat iemand niemand treft 0,4%, toegestaan 0,9%; nog 2,1 over van de "
        "belofte. "
        "Waarom niet meer: bij nog een oproep neemt misschien iemand op voor wie niemand vrij is."
    )
    calm = replace(CUT, reasons=Reasons(Held.GUARD, "progressive", 1, 2, surprise="lag"))
    assert because(calm) == (
        "Geen nieuwe oproep, 1 opgehangen. 1 medewerker vrij, 2 telefoons gaan over. Waarom niet meer: er gebeurt iets "
        "onverwachts: eerst één oproep per vrije medewerker (berichten van de centrale komen laat)."
    )
    assert because(replace(calm, start=1), "en").startswith(
        "1 call started, 1 hung up. 1 agent free, 2 telephones in ring"
    )
    assert "Expected: 0.8 answered, 1.2 agents free within half a minute." in because(STARTED, "en")
    assert because(NOTHING, "en").startswith("No calls started. 0 agents free, 1 telephone in ring.")
    for held in Held:
        assert held_by(held) != held_by(held, "en")


class Pairs:
    def __init__(self, *pairs: ClockPair) -> None:
        self.pairs = pairs

    async def clock_pairs(self, since: datetime, until: datetime) -> Sequence[ClockPair]:
        assert since < until
        return self.pairs


async def test_a_day_is_read_off_the_disk_with_what_waits(tmp_path: Path) -> None:
    files = PacingFiles(tmp_path)
    past = PastDecisions(files, Pairs())
    assert await past.between(CAMPAIGN, NOON, 5) is None
    files.write(CAMPAIGN, date(2026, 11, 24), day([(10.0, STARTED)]))
    found = await past.between(CAMPAIGN, NOON, 5)
    assert found is not None
    assert [found.moment(step.at) for step in found.past.steps] == [NOON + timedelta(seconds=10)]
    plain = tmp_path / str(CAMPAIGN) / "pacing-2026-11-24.jsonl"
    plain.with_name(f"{plain.name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert await past.between(CAMPAIGN, NOON, 5) == found
    assert await PastDecisions(None, Pairs()).between(CAMPAIGN, NOON, 5) is None


async def test_an_answer_has_an_end() -> None:
    class Long:
        async def read(self, campaign: CampaignId, day: date, reader: Callable[[Iterable[str]], T]) -> T | None:
            return reader(long)

    long: Iterable[str] = day([(float(k) / 10, STARTED) for k in range(MOST + 1)])
    found = await PastDecisions(Long(), Pairs()).between(CAMPAIGN, NOON, 5)
    assert found is not None
    assert (len(found.past.steps), found.past.more) == (MOST, True)


def test_a_pressed_calendar_is_told_by_its_pairs() -> None:
    wall = datetime(2030, 1, 1, tzinfo=UTC)
    pairs = [ClockPair(wall, NOON, 60.0), ClockPair(wall + timedelta(seconds=10), NOON + timedelta(hours=12), 60.0)]
    assert wall_of(NOON + timedelta(minutes=5), pairs) == wall + timedelta(seconds=5)
    assert wall_of(NOON + timedelta(hours=6), pairs) == wall + timedelta(seconds=10), "a night that was leapt over"
    assert wall_of(NOON + timedelta(hours=12, minutes=1), pairs) == wall + timedelta(seconds=11)
    assert calendar_of(wall + timedelta(seconds=5), pairs) == NOON + timedelta(minutes=5)
    assert calendar_of(wall + timedelta(seconds=11), pairs) == NOON + timedelta(hours=12, minutes=1)
    assert (wall_of(NOON, ()), calendar_of(NOON, ())) == (NOON, NOON)
    assert wall_of(NOON - timedelta(hours=1), pairs) == NOON - timedelta(hours=1)
