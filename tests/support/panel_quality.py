"""What the pretended service behind the panel answers about quality."""

from __future__ import annotations

from typing import Any

from dialer.domain.scorecard import SHIPPED
from tests.support import panel_people as people

Json = dict[str, Any]
SAMPLE = people.uid(800)
REVIEWED = people.uid(801)


def card() -> Json:
    """The shipped one."""
    return {
        "client": people.CLIENT,
        "version": 0,
        "criteria": [
            {"code": one.code, "label": one.label, "weight": one.weight, "fatal": one.fatal} for one in SHIPPED
        ],
    }


def lines(*, ours: bool, done: bool) -> list[Json]:
    """Three records of yesterday, of which one has been reviewed."""
    drawn = [
        (800, ["complaint"], "NO_HELP", "Noor Bakker", 2),
        (802, ["new_agent", "new_script"], "CALL_LATER", "Daan de Wit", 1),
        (801, ["chance"], "HELP_WANTED", "Noor Bakker", 0),
    ]
    return [
        {
            "id": people.uid(number),
            "client": people.CLIENT,
            "campaign": people.CAMPAIGN,
            "day": people.day(days=-1),
            "attempt": people.ATTEMPT,
            "case": people.CASE,
            "agent": people.ME if ours else None,
            "agent_name": name if ours else "",
            "outcome": outcome,
            "outcome_now": outcome,
            "reasons": reasons,
            "priority": priority,
            "mine": number == 801,
            "theirs": number == 801,
            "score": 88 if number == 801 else None,
        }
        for number, reasons, outcome, name, priority in drawn
        if done == (number == 801)
    ]


def review(side: str, **more: Any) -> Json:
    """One side's."""
    points = {one.code: 2 for one in SHIPPED} | {"listening": 1, "need": None}
    return {
        "side": side, "by": "Mila Smit" if side == "office" else "Gea Vos", "at": people.at(hours=-2), "card": card(),
        "points": points, "score": 93, "right_outcome": True, "wanted": None, "reason": "", "correction": "none",
        **more,
    }  # fmt: skip


def coaching(state: str = "answered") -> Json:
    """An item of the supervisor who looks."""
    return {
        "id": people.uid(810),
        "state": state,
        "coach": "Mila Smit",
        "opened_at": people.at(hours=-2),
        "changed_at": people.at(hours=-1),
        "text": "Vat aan het einde samen wat u heeft afgesproken.",
        "answer": None if state == "open" else "Goed punt, dat doe ik voortaan.",
    }


def sample(identity: str, *, ours: bool, reviews: list[Json] | None = None) -> Json:
    """One record; the reviewed one has both sides."""
    [line] = [one for done in (False, True) for one in lines(ours=ours, done=done) if one["id"] == identity]
    both = [
        review("office"),
        review(
            "client", score=80, right_outcome=False, wanted="ADVICE", reason="er is advies gegeven",
            correction="proposed",
        ),
    ]  # fmt: skip
    found = both if identity == REVIEWED else reviews or []
    return {
        "line": line,
        "record": {
            "direction": "out",
            "began_at": people.at(days=-1),
            "talk_seconds": 402,
            "recorded": True,
            "verified": True,
            "flags": ["COMPLAINT"] if identity == SAMPLE else [],
            "answers": {"need": "budget"},
            "note": "Wil later nog eens bellen over de energierekening.",
            "filings": [
                {"kind": "filed", "at": people.at(days=-1), "by": "Noor Bakker" if ours else "",
                 "outcome": line["outcome"], "reason": ""},
            ],
        },
        "card": card(),
        "reviews": found,
        "coaching": coaching() if ours and identity == REVIEWED else None,
    }  # fmt: skip


def own_reviews() -> list[Json]:
    """Two of the agent's calls."""
    first = {
        "review": review("office"), "campaign": people.CAMPAIGN, "day": people.day(days=-1), "outcome": "NO_HELP",
        "coaching": coaching("open"),
    }  # fmt: skip
    second = {
        "review": review("office", score=71, right_outcome=False, wanted="ADVICE", reason="er is advies gegeven",
                         correction="done"),
        "campaign": people.CAMPAIGN, "day": people.day(days=-2), "outcome": "NO_HELP", "coaching": None,
    }  # fmt: skip
    return [first, second]


def trends() -> list[Json]:
    """Three weeks of the team and two agents."""
    weeks = [people.day(days=-days) for days in (14, 7, 0)]
    rows = [
        (None, "", (81, 84, 88)),
        (people.uid(2), "Daan de Wit", (70, 78, 85)),
        (people.ME, "Noor Bakker", (90, 90, 91)),
    ]
    return [
        {"agent": agent, "agent_name": name, "week": week, "reviewed": 12 if agent is None else 6, "score": score,
         "right": 11 if agent is None else 5}
        for agent, name, scores in rows
        for week, score in zip(weeks, scores, strict=True)
    ]  # fmt: skip


def calibration() -> Json:
    """One pair."""
    office, client = review("office"), review("client", score=80, wanted="ADVICE")
    return {
        "since": people.day(days=-77),
        "summary": {
            "records": 1,
            "outcome_alike": 0,
            "higher": 13,
            "criteria": [{"code": "listening", "alike": 0, "of": 1}, {"code": "identity", "alike": 1, "of": 1}],
        },
        "pairs": [
            {
                "sample": REVIEWED,
                "office": {"score": 93, "outcome": "HELP_WANTED", "points": office["points"]},
                "client": {"score": 80, "outcome": "ADVICE", "points": client["points"]},
                "apart": 13,
            }
        ],
    }


def complaint_lines(*, is_open: bool) -> list[Json]:
    """Two that wait, of which one is late; one that is done."""
    rows = [
        (820, "received", "", -45, -3), (821, "in_hand", "Mila Smit", -3, 39), (822, "answered", "Mila Smit", -60, -18),
    ]  # fmt: skip
    return [
        {
            "id": people.uid(number), "client": people.CLIENT, "campaign": people.CAMPAIGN, "case": people.CASE,
            "attempt": people.ATTEMPT, "state": state, "received_at": people.at(days=received),
            "due_on": people.day(days=due), "owner": people.ME if owner else None, "owner_name": owner,
            "changed_at": people.at(days=received), "version": 1,
        }
        for number, state, owner, received, due in rows
        if is_open == (state != "answered")
    ]  # fmt: skip


def complaint(identity: str, state: str | None = None) -> Json:
    """One with its words."""
    [line] = [one for is_open in (True, False) for one in complaint_lines(is_open=is_open) if one["id"] == identity]
    now = state or line["state"]
    steps = ["raise"] + (["assign"] if now != "received" else []) + (["answer"] if now == "answered" else [])
    return {
        "line": {**line, "state": now},
        "overdue": now == "received",
        "what": None,
        "note": "Vindt dat wij te vaak bellen, ook na een afspraak.",
        "answer": "Wij hebben excuses gemaakt en bellen alleen nog op afspraak." if now == "answered" else None,
        "steps": [{"at": people.at(hours=n - 9), "by": "Mila Smit", "event": event, "reason": ""}
                  for n, event in enumerate(steps)],
    }  # fmt: skip


def improvements(*, is_open: bool) -> list[Json]:
    """One in each of two states, or one that is closed."""
    rows = [
        (830, "plan", "Eerst zeggen waarom wij bellen, dan pas vragen naar de geboortedatum.", "", None, ""),
        (831, "check", "De kaart over toeslagen bovenaan zetten in september.", "Mila Smit", 9, ""),
        (832, "closed", "Na 20:00 geen tweede poging.", "Mila Smit", -9, "Staat nu zo in de belactie."),
    ]
    return [
        {
            "id": people.uid(number), "text": text, "raised_at": people.at(days=-4), "raised_by": "Noor Bakker",
            "state": state, "owner": people.ME if owner else None, "owner_name": owner,
            "due_on": None if due is None else people.day(days=due), "answer": answer,
            "changed_at": people.at(days=-1), "version": 1,
        }
        for number, state, text, owner, due, answer in rows
        if is_open == (state != "closed")
    ]  # fmt: skip
