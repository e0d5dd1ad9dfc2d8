"""What the pretended service answers about an agent's day: session, duty, calls, wrap-up, practice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.support import panel_people as people
from tests.support import panel_practice as practice
from tests.support import panel_scripts as scripts
from tests.support import panel_team as team
from tests.support import panel_transfers as transfers
from tests.support.panel_answer import Asked, Handler, Json, RefusalError, by_id, iso, page

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub


def _call_preview(stub: Stub, asked: Asked) -> Json:
    if asked.body["case"] != stub.preview["case"]:
        raise RefusalError(409, "preview-gone")
    return {"attempt": people.ATTEMPT}


def _skip_preview(stub: Stub, _: Asked) -> Json:
    stub.preview = people.preview(showing="nobody")
    return stub.preview


def _sign_in(stub: Stub, asked: Asked) -> Json:
    if asked.body["password"] != people.PASSWORD:
        raise RefusalError(401, "sign-in-refused")
    stub.signed_in = True
    return stub.session()


def _change_password(_: Stub, asked: Asked) -> None:
    if asked.body["current"] != people.PASSWORD:
        raise RefusalError(401, "sign-in-refused")


def _lock(stub: Stub, _: Asked) -> None:
    stub.locked = True


def _unlock(stub: Stub, asked: Asked) -> Json:
    if asked.body["password"] != people.PASSWORD:
        raise RefusalError(401, "sign-in-refused")
    stub.locked = False
    return stub.session()


def _sign_out(stub: Stub, _: Asked) -> None:
    stub.signed_in = False


def _duty(stub: Stub, asked: Asked) -> Json:
    busy = stub.agent["state"] in ("reserved", "talking", "wrap_up")
    duty = asked.body["duty"]
    if busy:
        stub.agent["wish"] = {"pause": "pause", "off": "off_duty"}.get(duty, "")
        return stub.agent
    states = {"on": "available", "pause": "paused", "resume": "available", "off": "off"}
    phone = "none" if duty == "off" else "ready"
    stub.agent.update(state=states[duty], since=time.time(), reason=asked.body.get("reason", ""), wish="", phone=phone)
    return stub.agent


def _verify(stub: Stub, asked: Asked) -> Json:
    if asked.body["birth_date"] == people.BIRTH_DATE and asked.body["postcode"] == people.POSTCODE:
        stub.verified = True
        stub.card.update(people.names(), verified=True)
        return {"match": True, "tries_left": stub.tries}
    stub.tries -= 1
    return {"match": False, "tries_left": stub.tries}


def _dossier(stub: Stub, _: Asked) -> Json:
    if not stub.verified:
        raise RefusalError(403, "not-verified")
    return stub.dossier


def _set_recording(stub: Stub, asked: Asked) -> Json:
    states = {"agreed": "running", "pause": "paused", "resume": "running", "refuse": "refused"}
    stub.agent.update(recording=states[asked.body["wish"]])
    return stub.agent


def _hang_up(stub: Stub, asked: Asked) -> Json:
    stub.agent.update(
        state="wrap_up",
        since=time.time(),
        attempt=asked.path["attempt"],
        phone="ready",
        wrap_ups=[people.wrap_up(asked.path["attempt"])],
    )
    return stub.agent


def _filed(stub: Stub, asked: Asked) -> Json:
    stub.agent.update(
        state="available", since=time.time(), attempt=None, direction="", phone="ready",
        wrap_ups=[other for other in stub.agent["wrap_ups"] if other["attempt"] != asked.path["attempt"]],
    )  # fmt: skip
    return stub.agent


def _undone(stub: Stub, asked: Asked) -> Json:
    stub.agent.update(
        state="wrap_up", since=time.time(), attempt=asked.path["attempt"],
        wrap_ups=[*stub.agent["wrap_ups"], people.wrap_up(asked.path["attempt"])],
    )  # fmt: skip
    return stub.agent


def _save_draft(stub: Stub, asked: Asked) -> None:
    stub.drafts[asked.path["attempt"]] = asked.body


def _see_tour(stub: Stub, _: Asked) -> None:
    stub.practice["tour_seen"] = True


def _claim(stub: Stub, asked: Asked) -> Json:
    callback = by_id(stub.callbacks, asked.path["callback"])
    callback.update(state="claimed", claimed_at=iso(), number="+31790000147")
    return callback


def _dial(stub: Stub, asked: Asked) -> Json:
    callback = by_id(stub.callbacks, asked.path["callback"])
    callback.update(attempt=people.ATTEMPT)
    return callback


def _close(stub: Stub, asked: Asked) -> Json:
    callback = by_id(stub.callbacks, asked.path["callback"])
    callback.update(state=asked.body["result"], done_at=iso())
    return callback


def _read_message(stub: Stub, asked: Asked) -> Json:
    stub.agent["messages"] = [one for one in stub.agent["messages"] if one["id"] != asked.body["message"]]
    stub.agent["unread"] = len(stub.agent["messages"])
    return stub.agent


def _listen(stub: Stub, asked: Asked) -> Json:
    purpose = asked.body["purpose"]
    stub.listener = {**people.listener(), "purpose": purpose}
    return stub.listener


def _listen_mode(stub: Stub, asked: Asked) -> Json:
    return {**people.listener(), "mode": asked.body["mode"], "hears": False}


def _listen_no_more(stub: Stub, asked: Asked) -> None:
    stub.listener = None


def _make_feed(stub: Stub, _: Asked) -> Json:
    stub.roster_feed = iso()
    return {"path": "/api/v1/roster.ics?key=kZ0y3bq6cVYw1r9s2mT8nH4xUe7aLpQf5dJgKiOvBtE"}


def _end_feed(stub: Stub, _: Asked) -> None:
    stub.roster_feed = None


ANSWERS: Mapping[str, Handler] = {
    "signIn": _sign_in,
    "getSession": lambda stub, _: stub.session(),
    "signOut": _sign_out,
    "getMyView": lambda stub, _: stub.agent,
    "setMyDuty": _duty,
    "grantMyDevice": lambda _, __: people.device(),
    "lookPreview": lambda stub, _: stub.preview,
    "callPreview": _call_preview,
    "skipPreview": _skip_preview,
    "grantMySoftphone": lambda _, __: {"username": "w-7f3a", "secret": "geheim", "domain": "127.0.0.1", "relay": None},
    "sendMessage": lambda stub, asked: {**stub.agent, "user": asked.path["user"], "unread": 1},
    "readMessage": _read_message,
    "listColleagues": lambda _, __: {
        "items": [
            {"user": people.uid(2), "name": "Sem de Jong", "state": "available"},
            {"user": people.uid(3), "name": "Aaltje van der Hoeven-Oosterhuis van Wassenaer", "state": "paused"},
        ]
    },
    "callColleague": lambda _, __: people.colleague_call("ringing"),
    "moveColleagueCall": lambda _, __: people.colleague_call("talking"),
    "askHelp": lambda stub, _: stub.agent,
    "getTransferChoices": lambda _, __: transfers.choices(),
    "startTransfer": lambda _, asked: transfers.transfer("holding", way=asked.body["way"]),
    "moveTransfer": lambda _, __: transfers.transfer("gathering"),
    "listOverflowLines": lambda _, __: {"items": transfers.lines()},
    "createOverflowLine": lambda _, asked: {**transfers.lines()[0], **asked.body},
    "updateOverflowLine": lambda _, asked: {**transfers.lines()[0], **asked.body, "version": 2},
    "listTransferTargets": lambda _, __: {"items": transfers.targets()},
    "createTransferTarget": lambda _, asked: {**transfers.targets()[0], **asked.body},
    "updateTransferTarget": lambda _, asked: {**transfers.targets()[0], **asked.body, "version": 2},
    "grantListenPhone": lambda _, __: {"username": "w-5c1d", "secret": "geheim", "domain": "127.0.0.1", "relay": None},
    "startListening": _listen,
    "setListenMode": _listen_mode,
    "stopListening": _listen_no_more,
    "setAgentDuty": lambda stub, asked: {**stub.agent, "user": asked.path["user"]},
    "getCard": lambda stub, _: stub.card,
    "findCandidates": lambda _, __: {"items": people.candidates()},
    "verifyIdentity": _verify,
    "getDossier": _dossier,
    "getCallScript": lambda stub, _: stub.script,
    "getCallKnowledge": lambda _, __: {"items": scripts.shown()},
    "setRecording": _set_recording,
    "deleteRecording": lambda _, __: None,
    "hangUp": _hang_up,
    "markVoicemail": _filed,
    "fileOutcome": _filed,
    "undoOutcome": _undone,
    "getDraft": lambda stub, asked: stub.drafts.get(asked.path["attempt"], {}),
    "saveDraft": _save_draft,
    "getMyDay": lambda _, __: team.own_day(),
    "getMyRosterFeed": lambda stub, _: {"made_at": stub.roster_feed},
    "makeMyRosterFeed": _make_feed,
    "endMyRosterFeed": _end_feed,
    "getMyRoster": lambda stub, _: team.my_roster(stub.roster, stub.agent["user"]),
    "getPractice": lambda _, __: practice.the_set(),
    "getMyPractice": lambda stub, _: stub.practice,
    "reportPractice": lambda stub, asked: practice.report(stub.practice, asked.body),
    "seeTour": _see_tour,
    "listOutcomes": lambda _, __: {"version": 1, "items": people.outcomes()},
    "listCallbacks": lambda stub, asked: page(
        [item for item in stub.callbacks if item["state"] == asked.query.get("state", "open")]
    ),
    "claimCallback": _claim,
    "dialCallback": _dial,
    "closeCallback": _close,
    "changePassword": _change_password,
    "lockSession": _lock,
    "unlockSession": _unlock,
    "offerSlots": lambda stub, _: {"offers": stub.slots != [], "items": stub.slots, "confirm_by": ["email", "sms"]},
    "holdSlot": lambda _, __: None,
}
