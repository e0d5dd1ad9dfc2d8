"""What the pretended service behind the panel answers to the client's own people: start page, lists, questions."""

from __future__ import annotations

from typing import Any

from tests.support.panel_people import CAMPAIGN, CAMPAIGN_2, CASE, CLIENT, at, uid

Json = dict[str, Any]


def home() -> Json:
    """Something of everything."""
    return {
        "at": at(),
        "campaigns": [
            {
                "campaign": CAMPAIGN, "name": "Vroege hulp, najaar", "state": "running", "at": at(hours=-3),
                "callable": 417, "reached": 158, "share": 0.379, "promised": 0.6,
                "expected": {"until": "end", "reach": 0.57, "low": 0.52, "high": 0.62},
            },
            {
                "campaign": CAMPAIGN_2, "name": "Vroege hulp, zomer", "state": "paused", "at": None, "callable": None,
                "reached": None, "share": None, "promised": None, "expected": None,
            },
        ],
        "lists": [
            {"list": "to_visit", "open": 61, "overdue": 4, "crisis": 2},
            {"list": "appointment", "open": 7, "overdue": 3, "crisis": 0},
            {"list": "decision", "open": 0, "overdue": 0, "crisis": 0},
        ],
        "questions": {"open": 1, "answered": 2, "unread": 1},
        "scripts_waiting": 1,
        "knowledge_waiting": 2,
    }  # fmt: skip


def line(number: int, **more: Any) -> Json:
    """A case on a list."""
    return {
        "case": CASE if number == 0 else uid(700 + number), "campaign": CAMPAIGN, "list": "to_visit",
        "reason": "NOT_REACHED", "state": "not_reached", "crisis": False, "language": "nl", "since": at(days=-2),
        "due_at": at(days=5), "term_ends_at": at(days=5), "done_at": None, "version": 4,
        "client_refs": [f"VS-2026-{1200 + number}"], "place": "", "tried": [], "numbers": 1, "numbers_closed": [],
        "mark": None, "marked_at": None, "marked_by": "", "not_home": 0, "question": "", "unread": 0, **more,
    }  # fmt: skip


def _tried(*parts: str) -> list[Json]:
    return [{"at": at(days=-9 + 2 * n), "day_part": part, "outcome": "NO_ANSWER"} for n, part in enumerate(parts)]


def lines(which: str) -> list[Json]:
    """One list."""
    if which == "appointment":
        meets: Json = {"list": which, "reason": "HELP_APPOINTMENT", "state": "reached"}
        return [
            line(0, **meets, due_at=at(hours=-26), place="Stadhuis, balie 4"),
            line(1, **meets, due_at=at(hours=-2), client_refs=["VS-2026-1201", "VS-2026-1207"]),
            line(2, **meets, due_at=at(days=2), place="Wij bellen u"),
        ]
    if which == "decision":
        return [
            line(0, list=which, reason="spoken_recently", state="held"),
            line(1, list=which, reason="DISPUTED", state="reached", unread=1, question="answered"),
            line(2, list=which, reason="DECEASED", state="closed", term_ends_at=at(days=-1), due_at=at(days=-1)),
        ]
    return [
        line(0, tried=_tried("Ochtend", "Middag", "Avond", "Middag", "Avond"), crisis=True, not_home=1),
        line(1, tried=_tried("Middag", "Avond"), reason="OPT_OUT", state="closed"),
        line(
            2, reason="NO_NUMBER", state="no_number", numbers=2, numbers_closed=["WRONG_PERSON", "UNALLOCATED"],
            tried=_tried("Ochtend"), term_ends_at=at(days=-1), due_at=at(days=-1),
        ),
        line(3, reason="NOT_CALLABLE", state="closed", numbers=0),
    ]  # fmt: skip


def follow_ups(marks: dict[str, Json], which: str, *, done: bool) -> list[Json]:
    """Those that are marked, or the others."""
    return [{**one, **marks.get(one["case"], {})} for one in lines(which) if (one["case"] in marks) is done]


def shown(marks: dict[str, Json], case: str) -> Json:
    """A case's place and marks."""
    found = next((one for one in lines("to_visit") if one["case"] == case), line(0, case=case))
    said = marks.get(case)
    history: list[Json] = [
        {
            "id": uid(820), "list": "to_visit", "mark": "not_home", "at": at(days=-1), "by": "Gea Gemeente",
            "reason": "Buurvrouw zegt: werkt tot 17 uur", "taken_back_at": None, "taken_back_by": "",
        }
    ]  # fmt: skip
    if said is not None:
        history.insert(0, {
            "id": uid(821), "list": "to_visit", "mark": said["mark"], "at": said["marked_at"], "by": "Gea Gemeente",
            "reason": "", "taken_back_at": None, "taken_back_by": "",
        })  # fmt: skip
    return {"line": {**found, **(said or {})}, "marks": history}


def mark(marks: dict[str, Json], case: str, body: Json) -> Json:
    """Keep it."""
    if body["mark"] != "not_home":
        marks[case] = {"done_at": at(), "marked_at": at(), "mark": body["mark"], "marked_by": "Gea Gemeente"}
    return shown(marks, case)


def undo(marks: dict[str, Json], case: str) -> Json:
    """Not any more."""
    marks.pop(case, None)
    return shown(marks, case)


def question_lines() -> list[Json]:
    """One in each state."""
    base = {"client": CLIENT, "campaign": CAMPAIGN, "opened_at": at(days=-3), "case_state": "not_reached"}
    rows = [(CASE, "answered", 1, 2), (uid(701), "open", 0, 1), (uid(702), "closed", 0, 4)]
    return [
        {
            **base, "case": case, "state": state, "unread": unread, "messages": messages, "changed_at": at(days=-n),
            "client_refs": [f"VS-2026-{1200 + n}"],
        }
        for n, (case, state, unread, messages) in enumerate(rows)
    ]  # fmt: skip


def thread(written: list[str], *, closed: bool, ours: str) -> Json:
    """A question with its answer, and what was written since."""
    messages = [
        ("client", "Klopt het dat hier twee keer niemand opnam? Zij belde ons zelf op maandag."),
        ("office", "Ja. Wij belden dinsdag en donderdag, beide keren 's avonds.\nZullen we het nog een keer proberen?"),
        *((ours, text) for text in written),
    ]
    state = "closed" if closed else ("open" if messages[-1][0] == "client" else "answered")
    return {
        "line": {**question_lines()[0], "state": state, "unread": 0, "messages": len(messages)},
        "messages": [
            {
                "number": n, "side": side, "at": at(hours=-20 + n), "text": text,
                "by": "Gea Gemeente" if side == "client" else ("" if ours == "client" else "Mila Smit"),
            }
            for n, (side, text) in enumerate(messages, start=1)
        ],
    }  # fmt: skip
