from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.domain.errors import IllegalTransitionError, InvalidError
from dialer.domain.follow_up import (
    LONGEST_REASON,
    MARKS,
    UNDO_WITHIN,
    FollowUpList,
    Mark,
    MarkedError,
    NotOnListError,
    ReleaseFirstError,
    TooEarlyError,
    TooLateError,
    check_mark,
    check_undo,
)
from dialer.domain.question import TRANSITIONS, WRITES, QuestionEvent, QuestionState, Side, advance
from dialer.domain.texts import BsnError, checked_text, looks_like_bsn
from dialer.services.mark_words import MARK_WORDS
from tests.support.schedule import MONDAY

_ON = {mark: on for on, marks in MARKS.items() for mark in marks}


def check(mark: Mark, **more: object) -> None:
    given = {"held": False, "done": False, "due_at": MONDAY, "reason": "omdat", "now": MONDAY, **more}
    check_mark(mark, given.pop("on", _ON[mark]), **given)  # type: ignore[arg-type]  # fields by name


def test_every_mark_is_of_one_list_and_has_words() -> None:
    assert sorted(_ON) == sorted(Mark)
    assert sum(len(marks) for marks in MARKS.values()) == len(Mark)
    assert set(MARK_WORDS) == set(Mark)


@pytest.mark.parametrize("mark", list(Mark))
def test_a_mark_is_taken_on_its_list_and_nowhere_else(mark: Mark) -> None:
    check(mark)
    for other in set(FollowUpList) - {_ON[mark]}:
        with pytest.raises(NotOnListError):
            check(mark, on=other)


def test_what_stands_in_the_way() -> None:
    with pytest.raises(MarkedError):
        check(Mark.STANDS, done=True)
    with pytest.raises(ReleaseFirstError):
        check(Mark.STANDS, held=True)
    with pytest.raises(TooEarlyError):
        check(Mark.KEPT, due_at=MONDAY + timedelta(seconds=1))
    check(Mark.SPOKEN, due_at=MONDAY + timedelta(days=9))  # a term is no appointment
    for mark in (Mark.SETTLED, Mark.NO_ACTION):
        with pytest.raises(InvalidError):
            check(mark, reason="")
    check(Mark.LETTER, reason="")
    with pytest.raises(InvalidError):
        check(Mark.LETTER, reason="x" * (LONGEST_REASON + 1))


def test_a_mark_is_taken_back_for_a_week() -> None:
    check_undo(MONDAY, MONDAY + UNDO_WITHIN)
    with pytest.raises(TooLateError):
        check_undo(MONDAY, MONDAY + UNDO_WITHIN + timedelta(seconds=1))
    with pytest.raises(TooLateError):
        check_undo(None, MONDAY)


def test_whose_turn_a_question_is() -> None:
    assert set(TRANSITIONS) == set(QuestionState)
    for state in QuestionState:
        assert advance(state, WRITES[Side.CLIENT]) is QuestionState.OPEN
        assert advance(state, WRITES[Side.OFFICE]) is QuestionState.ANSWERED
    with pytest.raises(IllegalTransitionError):
        advance(QuestionState.CLOSED, QuestionEvent.CLOSED)


# 111222333 passes the check and is the tax office's own example of an invented number.
@pytest.mark.parametrize("text", ["111222333", "bsn 111.222.333 genoemd", "111 222 333"])
def test_a_citizen_number_is_noticed(text: str) -> None:
    assert looks_like_bsn(text)
    with pytest.raises(BsnError):
        checked_text(text, 100, "text")


@pytest.mark.parametrize("text", ["", "111222334", "000000000", "0031790001112", "belt 12-11-2026"])
def test_other_numbers_are_not(text: str) -> None:
    assert not looks_like_bsn(text)


def test_a_text_has_something_in_it_and_an_end() -> None:
    assert checked_text("  goed  ", 4, "text") == "goed"
    for text in ("   ", "vijf!"):
        with pytest.raises(InvalidError):
            checked_text(text, 4, "text")
