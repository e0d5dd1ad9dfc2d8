"""What the pretended service answers about the floor, the team, its roster and its users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.support import panel_people as people
from tests.support import panel_practice as practice
from tests.support import panel_team as team
from tests.support.panel_answer import Asked, Handler, Json, by_id, iso, page

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub


def _stop_everything(stub: Stub, asked: Asked) -> Json:
    stub.stop = {"at": iso(), "name": "Mila Smit", "reason": asked.body.get("reason", "")}
    stub.floor["stopped"] = True
    return {"stop": stub.stop}


def _lift_stop(stub: Stub, asked: Asked) -> Json:
    stub.stop = None
    stub.floor["stopped"] = False
    return {"stop": None}


def _new_user(stub: Stub, asked: Asked) -> Json:
    asked.body.pop("password")
    user = {**people.users()[0], **asked.body, "id": people.uid(79)}
    stub.users.append(user)
    return user


def _disable(stub: Stub, asked: Asked) -> Json:
    user = by_id(stub.users, asked.path["user"])
    user.update(asked.body, version=user["version"] + 1)
    return user


ANSWERS: Mapping[str, Handler] = {
    "listPauseReasons": lambda stub, _: {"items": stub.pauses},
    "createPauseReason": lambda stub, asked: team.add_reason(stub.pauses, asked.body),
    "updatePauseReason": lambda stub, asked: team.change_reason(stub.pauses, asked.path["pause_reason"], asked.body),
    "getTeamTime": lambda _, __: team.team_time(),
    "getAgentDay": lambda _, __: team.own_day(),
    "listSkills": lambda stub, _: team.known(stub.skills),
    "createSkill": lambda stub, asked: team.add_skill(stub.skills, asked.body),
    "updateSkill": lambda stub, asked: team.change_skill(stub.skills, asked.path["skill"], asked.body),
    "listAbilities": lambda stub, _: {"items": stub.abilities},
    "setAbilities": lambda stub, asked: team.give(stub.abilities, asked.path["user"], asked.body),
    "getRoster": lambda stub, asked: team.roster(stub.roster, stub.floor, asked.query["from"], asked.query["until"]),
    "saveRoster": lambda stub, asked: team.save_days(stub.roster, asked.body["days"]),
    "copyRosterWeek": lambda _, asked: {"days": 12 * len(asked.body["weeks"])},
    "importRoster": lambda _, asked: team.import_days(asked.body["csv"]),
    "getTeamPractice": lambda _, __: practice.team(),
    "getDay": lambda stub, _: stub.day,
    "getEmergencyStop": lambda stub, _: {"stop": stub.stop},
    "stopEverything": _stop_everything,
    "liftEmergencyStop": _lift_stop,
    "getFloor": lambda stub, _: stub.floor,
    "listUsers": lambda stub, asked: page(
        [user for user in stub.users if asked.query.get("role") in (None, user["role"])]
    ),
    "createUser": _new_user,
    "updateUser": _disable,
    "setUserPassword": lambda _, __: None,
    "endUserSessions": lambda _, __: None,
}
