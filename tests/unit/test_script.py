"""The conversation script as data: the shipped one, what an edited one may not do, and what differs between two."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.script import Audience, first_script, parse_script, to_json
from dialer.domain.script_check import WARNINGS, problems
from dialer.domain.script_diff import ChangeKind, FieldChange, differences
from dialer.domain.script_words import WORDS, problem_text
from dialer.storage.catalogue import first_catalogue

Json = dict[str, Any]
CATALOGUE = first_catalogue()


def edited(*changes: Callable[[Json], object]) -> Json:
    """The shipped script, changed."""
    script: Json = json.loads(json.dumps(to_json(first_script())))
    for change in changes:
        change(script)
    return script


def step(script: Json, name: str) -> Json:
    return next(one for one in script["steps"] if one["id"] == name)


def answer(script: Json, name: str, key: int) -> Json:
    found: Json = step(script, name)["answers"][key - 1]
    return found


def new_step(name: str, **more: Any) -> Json:
    answers = [{"key": 1, "label": {"nl": "Klaar"}, "to": None, "outcome": "REFUSED"}]
    made = {"id": name, "title": {"nl": "Nieuw"}, "say": {"nl": "Dag."}, "audience": "anyone", "answers": answers}
    return {**made, **more}


def passage(fact: str, *values: str) -> Json:
    return {"say": {"nl": "Nog iets."}, "when": [{"fact": fact, "is": list(values)}]}


def test_the_shipped_script_is_right_and_keeps_its_form() -> None:
    script = first_script()
    assert problems(script, CATALOGUE) == []
    assert parse_script(to_json(script)) == script
    assert [one.id for one in script.steps if one.audience is Audience.THIRD_PARTY] == ["T1", "T2"]
    assert all(text.en for one in script.steps for where, text in one.texts() if text.nl)


SAY: list[tuple[str, str, str]] = [
    # where it is said, what is said, what is wrong
    ("O2", "Het gaat om {soort}.", "placeholder_before_check"),
    ("T1", "Het gaat om {soort}.", "placeholder_third_party"),
    ("O2", "U heeft een rekening openstaan.", "tells"),
    ("T1", "Het gaat over zijn schulden.", "tells"),
    ("W1", "U krijgt hulp van de gemeente.", "tells"),
    ("T2", "It is about your debt.", "tells"),
    ("O1", "Dag {naam}", "placeholder_unknown"),
    ("O1", "Dag {aanhef", "placeholder_unknown"),
    ("V1", "Dag {bedrag}", "placeholder_unknown"),
    ("O1", " ", "empty"),
]


@pytest.mark.parametrize(("name", "said", "code"), SAY)
def test_what_may_not_be_said(name: str, said: str, code: str) -> None:
    script = parse_script(edited(lambda s: step(s, name).update(say={"nl": said, "en": said.strip() or "x"})))
    found = {(one.step, one.code) for one in problems(script, CATALOGUE)}
    assert (name, code) in found


@pytest.mark.parametrize("said", ["Mijn verontschuldigingen.", "Een schuur.", "Excuses, onschuldige vraag."])
def test_words_that_only_look_like_it(said: str) -> None:
    script = parse_script(edited(lambda s: step(s, "T2").update(say={"nl": said, "en": "Sorry."})))
    assert not [one for one in problems(script, CATALOGUE) if one.step == "T2"]


def test_labels_hints_and_passages_are_read_too() -> None:
    def change(script: Json) -> None:
        answer(script, "O1", 2)["label"] = {"nl": "Wil betalen", "en": "Wants to"}
        step(script, "O1")["hint"] = {"nl": "Zeg dat het om de huur gaat", "en": ""}
        step(script, "T1")["also"] = [{**passage("attempt", "again"), "say": {"nl": "Over {soort}", "en": "x"}}]

    found = problems(parse_script(edited(change)), CATALOGUE)
    assert {(one.step, one.where, one.code) for one in found if one.blocking} == {
        ("O1", "answers.2", "tells"),
        ("O1", "hint", "tells"),
        ("T1", "also.1", "placeholder_third_party"),
    }


BROKEN: list[tuple[str, str, Callable[[Json], object]]] = [
    ("start_unknown", "", lambda s: s["starts"].update(out="X9")),
    ("start_audience", "V1", lambda s: s["starts"].update(out="V1")),
    ("after_match_unknown", "", lambda s: s.update(after_match="X9")),
    ("after_match_audience", "L1", lambda s: s.update(after_match="L1")),
    ("identity_audience", "V2", lambda s: step(s, "V2").update(identity="may")),
    ("dead_end", "L1", lambda s: step(s, "L1").update(answers=[])),
    (
        "dead_end_conditions",
        "L1",
        lambda s: answer(s, "L1", 1).update(when=[{"fact": "attempt", "is": ["first"]}]),
    ),
    ("to_unknown", "O1", lambda s: answer(s, "O1", 1).update(to="X9")),
    ("passes_check", "O2", lambda s: answer(s, "O2", 1).update(to="V1")),
    ("passes_check", "T1", lambda s: answer(s, "T1", 1).update(to="E2")),
    ("flag_unknown", "O1", lambda s: answer(s, "O1", 1).update(flag="PANIC")),
    ("files_bad", "V2", lambda s: answer(s, "V2", 1).update(files={"name": "path", "value": "x"})),
    ("files_bad", "V2", lambda s: answer(s, "V2", 1).update(files={"name": "need", "value": ""})),
    ("outcome_unknown", "L1", lambda s: answer(s, "L1", 1).update(outcome="NONSENSE")),
    ("outcome_machine", "L1", lambda s: answer(s, "L1", 1).update(outcome="BUSY")),
    ("outcome_needs_check", "L1", lambda s: answer(s, "L1", 1).update(outcome="PAID")),
    ("unreachable", "X1", lambda s: s["steps"].append(new_step("X1"))),
    ("no_way_out", "E3", lambda s: [one.update(to="E3", outcome=None) for one in step(s, "E3")["answers"]]),
    ("condition_unknown", "O1", lambda s: step(s, "O1").update(also=[passage("weather", "rain")])),
    ("condition_unknown", "O1", lambda s: step(s, "O1").update(also=[passage("attempt")])),
    ("condition_unknown", "O1", lambda s: step(s, "O1").update(also=[passage("language", "xx")])),
    ("condition_before_check", "O1", lambda s: step(s, "O1").update(also=[passage("arrears", "rent")])),
    ("condition_before_check", "T1", lambda s: step(s, "T1").update(also=[passage("crisis", "yes")])),
    ("no_outcome", "L1", lambda s: answer(s, "L1", 1).update(outcome=None)),
    ("english_missing", "O1", lambda s: step(s, "O1")["say"].update(en="")),
]


@pytest.mark.parametrize(("code", "where", "change"), BROKEN, ids=[f"{code}-{where}" for code, where, _ in BROKEN])
def test_what_is_found(code: str, where: str, change: Callable[[Json], object]) -> None:
    found = problems(parse_script(edited(change)), CATALOGUE)
    hit = next(one for one in found if one.code == code)
    assert hit.step == where
    assert hit.blocking is (code not in WARNINGS)
    for language in ("nl", "en"):
        assert "{" not in problem_text(hit, language)


def test_every_problem_has_a_case_and_words_in_both_languages() -> None:
    tried = {code for code, _, _ in BROKEN} | {code for _, _, code in SAY}
    assert tried == set(WORDS)
    assert all(dutch and english and dutch != english for dutch, english in WORDS.values())


def test_without_a_check_nobody_comes_to_the_residents_steps() -> None:
    script = parse_script(edited(lambda s: [one.update(identity="no") for one in s["steps"]]))
    lost = {one.step for one in problems(script, CATALOGUE) if one.code == "unreachable"}
    assert {"V1", "A2", "K1"} <= lost
    assert "L1" not in lost


def test_errors_come_before_warnings() -> None:
    script = parse_script(
        edited(lambda s: step(s, "O1")["say"].update(en=""), lambda s: answer(s, "T2", 1).update(outcome="NONSENSE"))
    )
    assert [one.code for one in problems(script, CATALOGUE)] == ["outcome_unknown", "english_missing"]


def test_a_loop_with_a_way_out_is_no_problem() -> None:
    def change(script: Json) -> None:
        script["steps"].append(new_step("X1", answers=[{"key": 4, "label": {"nl": "Terug"}, "to": "O1"}]))
        answer(script, "O1", 2)["to"] = "X1"

    found = problems(parse_script(edited(change)), CATALOGUE)
    assert {one.code for one in found if one.blocking} == {"unreachable"}  # only T1, which lost its answer


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.pop("steps"),
        lambda s: s.update(steps=[]),
        lambda s: s.update(steps=[new_step("X1")] * 2),
        lambda s: s.update(steps=[new_step(f"X{number}") for number in range(61)]),
        lambda s: s.update(steps=7),
        lambda s: s.pop("after_match"),
        lambda s: s["starts"].pop("in"),
        lambda s: step(s, "O1").update(audience="everybody"),
        lambda s: step(s, "O1").update(id="o1"),
        lambda s: step(s, "O1").update(title={"nl": "x" * 61}),
        lambda s: step(s, "O1").update(title={"nl": "a\x07"}),
        lambda s: answer(s, "O1", 1).update(key=0),
        lambda s: answer(s, "O1", 1).update(key="1"),
        lambda s: answer(s, "O1", 1).update(key=2),
        lambda s: answer(s, "O1", 1).update(key=True),
        lambda s: answer(s, "O1", 1).update(to=7),
        lambda s: answer(s, "O1", 1).update(outcome="<b>"),
    ],
)
def test_what_is_no_script(change: Callable[[Json], object]) -> None:
    with pytest.raises(InvalidError):
        parse_script(edited(change))


def test_differences_by_step_and_field() -> None:
    def change(script: Json) -> None:
        step(script, "O1")["say"]["nl"] = "Dag."
        answer(script, "O2", 1).update(outcome="REFUSED", to=None, when=[{"fact": "attempt", "is": ["first", "again"]}])
        script["steps"].remove(step(script, "W1"))
        script["steps"].append(new_step("X1", also=[passage("language", "en", "de")]))
        script["starts"]["in"] = "B1"

    before, after = first_script(), parse_script(edited(change))
    found = {one.step: one for one in differences(before, after)}
    assert list(found) == ["", "O1", "O2", "X1", "W1"]
    assert found[""].fields == [FieldChange(field="starts.in", before="N1", after="B1")]
    said = before.step("O1")
    assert said is not None
    assert found["O1"].fields == [FieldChange(field="say.nl", before=said.say.nl, after="Dag.")]
    assert {(one.field, one.after) for one in found["O2"].fields} == {
        ("answers.1.to", "end"),
        ("answers.1.outcome", "REFUSED"),
        ("answers.1.when", "attempt: first, again"),
    }
    assert found["X1"].kind is ChangeKind.ADDED
    assert ("also.1.when", "language: en, de") in {(one.field, one.after) for one in found["X1"].fields}
    assert found["W1"].kind is ChangeKind.REMOVED
    assert differences(before, before) == []


def test_another_order_is_a_difference() -> None:
    after = parse_script(edited(lambda s: s["steps"].reverse()))
    (only,) = differences(first_script(), after)
    assert [one.field for one in only.fields] == ["order"]
