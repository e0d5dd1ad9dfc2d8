"""What the pretended service answers about the second factor, and about how people get in."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dialer.domain.one_time import STEP_SECONDS, address_of, code_at, plain_code, text_of
from dialer.services.second_factor import BY_DEFAULT
from tests.support import panel_people as people
from tests.support.panel_answer import Asked, Handler, Json, RefusalError, by_id, iso

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub

SECRET = b"12345678901234567890"
RECOVERY = [f"{a}bcd-efgh-jkm{b}" for a, b in zip("abcdefghjk", "npqrstuvwx", strict=True)]


def code() -> str:
    """What the app shows now."""
    return code_at(SECRET, int(time.time()) // STEP_SECONDS)


def factor(*, active: bool = False) -> Json:
    """Somebody's."""
    since = "2026-11-02T09:00:00Z" if active else None
    return {"active": active, "since": since, "recovery_left": 8 if active else 0, "required": False}


def rules() -> list[Json]:
    """Of every role."""
    return [{"role": str(role), "second_factor": str(rule)} for role, rule in BY_DEFAULT.items()]


def sessions() -> list[Json]:
    """This one, a laptop at home, and one that nobody knows."""
    return [
        _session(1, "chrome", "windows", hours=2, used=0),
        _session(2, "safari", "mac", hours=5, used=1, locked=True),
        _session(3, "other", "other", hours=9, used=1.5),
    ]


def _session(number: int, browser: str, system: str, *, hours: float, used: float, locked: bool = False) -> Json:
    return {
        "id": people.uid(900 + number), "browser": browser, "system": system, "created_at": iso(hours=-hours),
        "seen_at": iso(hours=-used), "locked": locked,
    }  # fmt: skip


def _end(stub: Stub, asked: Asked) -> None:
    stub.sessions.remove(by_id(stub.sessions, asked.path["session"]))


def _end_others(stub: Stub, _: Asked) -> None:
    del stub.sessions[1:]


def _checked(typed: str) -> None:
    """As the service does, but that a code counts as often as it is typed."""
    now = int(time.time()) // STEP_SECONDS
    if plain_code(typed) not in {code_at(SECRET, now - 1), code_at(SECRET, now)} and typed not in RECOVERY:
        raise RefusalError(401, "code-refused")


def _prove(stub: Stub, asked: Asked) -> Json:
    _checked(asked.body["code"])
    stub.stage = "open"
    return stub.session()


def _start(stub: Stub, asked: Asked) -> Json:
    if stub.stage == "open" and asked.body.get("password") != people.PASSWORD:
        raise RefusalError(401, "sign-in-refused")
    if stub.factor["active"]:
        _checked(asked.body.get("code", ""))
    return {"secret": text_of(SECRET), "address": address_of(SECRET, issuer="Het Gesprek", account="noor")}


def _confirm(stub: Stub, asked: Asked) -> Json:
    _checked(asked.body["code"])
    stub.stage = "open"
    stub.factor.update(active=True, since=iso(), recovery_left=10)
    return {"recovery_codes": RECOVERY, "session": stub.session()}


def _reset(stub: Stub, _: Asked) -> None:
    stub.others_factor = factor()


def _unlink(stub: Stub, _: Asked) -> None:
    stub.linked = False


def _access(stub: Stub, _: Asked) -> Json:
    return {"second_factor": stub.others_factor, "sessions": stub.sessions[:2], "linked": stub.others_linked}


def _unlink_other(stub: Stub, _: Asked) -> None:
    stub.others_linked = False


def _set_rule(stub: Stub, asked: Asked) -> Json:
    next(rule for rule in stub.sign_in_rules if rule["role"] == asked.body["role"]).update(asked.body)
    return {"items": stub.sign_in_rules}


ANSWERS: Mapping[str, Handler] = {
    "getSecondFactor": lambda stub, _: stub.factor,
    "startSecondFactor": _start,
    "confirmSecondFactor": _confirm,
    "proveSecondFactor": _prove,
    "getUserAccess": _access,
    "getSignInWays": lambda stub, _: {"sign_on": stub.sign_on},
    "startSignOn": lambda stub, _: {"url": f"{stub.url}/?sign-on=sign-on-unknown"},
    "finishSignOn": lambda _, __: None,
    "linkSignOn": lambda stub, _: {"url": f"{stub.url}/account?sign-on=linked"},
    "getMySignOn": lambda stub, _: {"name": stub.sign_on, "linked": stub.linked},
    "unlinkSignOn": _unlink,
    "unlinkUserSignOn": _unlink_other,
    "listMySessions": lambda stub, _: {"items": stub.sessions, "this": people.uid(901)},
    "endMySession": _end,
    "endMyOtherSessions": _end_others,
    "resetSecondFactor": _reset,
    "getSignInRules": lambda stub, _: {"items": stub.sign_in_rules},
    "setSignInRule": _set_rule,
}
