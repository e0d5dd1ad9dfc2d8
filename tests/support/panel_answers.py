"""What the pretended service behind the panel answers, operation by operation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.support import panel_bills as bills
from tests.support import panel_bookings as bookings
from tests.support import panel_exchange as exchange
from tests.support import panel_follow_up as follow_up
from tests.support import panel_lists as lists
from tests.support import panel_office as office
from tests.support import panel_outlets as outlets
from tests.support import panel_people as people
from tests.support import panel_practice as practice
from tests.support import panel_privacy as privacy
from tests.support import panel_quality as quality
from tests.support import panel_reports as reports
from tests.support import panel_scripts as scripts
from tests.support import panel_team as team
from tests.support import panel_transfers as transfers

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub

Json = dict[str, Any]


def iso(**delta: float) -> str:
    """A time from now, RFC 3339."""
    return (datetime.now(UTC) + timedelta(**delta)).isoformat(timespec="seconds").replace("+00:00", "Z")


def page(items: list[Json]) -> Json:
    """One page with everything."""
    return {"items": items, "next": None}


class RefusalError(Exception):
    """Answer with a problem."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class Asked:
    """A request, read."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


Handler = Callable[["Stub", Asked], Any]


def _by_id(items: list[Json], identity: str) -> Json:
    found = next((item for item in items if item["id"] == identity), None)
    if found is None:
        raise RefusalError(404, "not-found")
    return found


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


def _stop_everything(stub: Stub, asked: Asked) -> Json:
    stub.stop = {"at": iso(), "name": "Mila Smit", "reason": asked.body.get("reason", "")}
    stub.floor["stopped"] = True
    return {"stop": stub.stop}


def _lift_stop(stub: Stub, asked: Asked) -> Json:
    stub.stop = None
    stub.floor["stopped"] = False
    return {"stop": None}


def _campaign_state(stub: Stub, asked: Asked) -> Json:
    if asked.body["state"] == "running" and not stub.may_start:
        raise RefusalError(409, "preflight")
    campaign = _by_id(stub.campaigns, asked.path["campaign"])
    campaign["state"] = asked.body["state"]
    return campaign


def _check(stub: Stub, asked: Asked, **how: Any) -> None:
    item = next(item for item in stub.checklist if item["item"] == asked.body["item"])
    item.update({"on": None, "name": "", "reason": "", "by": "", "at": None, **how})


def _tick(stub: Stub, asked: Asked) -> None:
    said = {"on": asked.body["on"], "name": asked.body["name"]}
    _check(stub, asked, state="ticked", by="Noor Bakker", at=iso(), **said)


def _waive(stub: Stub, asked: Asked) -> None:
    _check(stub, asked, state="waived", on=iso()[:10], reason=asked.body["reason"], by="Beheer", at=iso())


def _discard(stub: Stub, asked: Asked) -> Json:
    stub.campaigns.remove(_by_id(stub.campaigns, asked.path["campaign"]))
    return {"gone": True}


def _add_staff_phone(stub: Stub, asked: Asked) -> Json:
    phone = {"id": people.uid(880), "label": asked.body["label"], "ends_with": asked.body["number"][-3:]}
    stub.staff_phones.append(phone)
    return phone


def _remove_staff_phone(stub: Stub, asked: Asked) -> None:
    stub.staff_phones.remove(_by_id(stub.staff_phones, asked.path["phone"]))


def _proof_call(stub: Stub, asked: Asked) -> Json:
    label = _by_id(stub.staff_phones, asked.body["phone"])["label"]
    stub.proof_calls.insert(0, office.proof_call(asked.body["phone"], label))
    return {"attempt": people.ATTEMPT}


def _new_campaign(stub: Stub, asked: Asked) -> Json:
    campaign = {**lists.campaigns()[0], **asked.body, "id": people.uid(77), "state": "draft"}
    stub.campaigns.insert(0, campaign)
    return campaign


def _cases(stub: Stub, asked: Asked) -> Json:
    state, reference = asked.query.get("state"), asked.query.get("reference")
    outcome = asked.query.get("outcome")
    found = [c for c in stub.cases if state in (None, c["state"]) and outcome in (None, c["outcome"])]
    return page([case for case in found if reference is None or reference in case["client_refs"]])


def _claim(stub: Stub, asked: Asked) -> Json:
    callback = _by_id(stub.callbacks, asked.path["callback"])
    callback.update(state="claimed", claimed_at=iso(), number="+31790000147")
    return callback


def _dial(stub: Stub, asked: Asked) -> Json:
    callback = _by_id(stub.callbacks, asked.path["callback"])
    callback.update(attempt=people.ATTEMPT)
    return callback


def _close(stub: Stub, asked: Asked) -> Json:
    callback = _by_id(stub.callbacks, asked.path["callback"])
    callback.update(state=asked.body["result"], done_at=iso())
    return callback


def _withdraw(stub: Stub, asked: Asked) -> Json:
    case = _by_id(stub.cases, asked.path["case"])
    case.update(state="withdrawn", next_at=None)
    return case


def _merge(stub: Stub, asked: Asked) -> Json:
    kept, other = (_by_id(stub.cases, one) for one in (asked.path["case"], asked.body["other"]))
    other.update(state="merged", next_at=None)
    stub.merges.append(
        {
            "kept": kept["id"],
            "other": other["id"],
            "at": iso(),
            "by": "Sanne Visser",
            "reason": asked.body["reason"],
            "attempts": other["attempts"],
            "client_refs": other["client_refs"],
        }
    )
    return kept


def _unmerge(stub: Stub, asked: Asked) -> Json:
    case = _by_id(stub.cases, asked.path["case"])
    stub.merges[:] = [one for one in stub.merges if one["other"] != case["id"]]
    case.update(state="open")
    return case


def _recall(stub: Stub, asked: Asked) -> Json:
    _by_id(stub.deliveries, asked.path["delivery"]).update(state="recalled", recalled_at=iso())
    return {"delivery": asked.path["delivery"], "cases": 482, "called": [], "seen_by": []}


def _new_export(stub: Stub, asked: Asked) -> Json:
    export = {**lists.exports()[0], "id": people.uid(78), "kind": asked.body["kind"], "confirmed_at": None}
    stub.exports.insert(0, export)
    return export


def _confirm(stub: Stub, asked: Asked) -> Json:
    export = _by_id(stub.exports, asked.path["export"])
    export["confirmed_at"] = iso()
    return export


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


def _new_user(stub: Stub, asked: Asked) -> Json:
    asked.body.pop("password")
    user = {**people.users()[0], **asked.body, "id": people.uid(79)}
    stub.users.append(user)
    return user


def _disable(stub: Stub, asked: Asked) -> Json:
    user = _by_id(stub.users, asked.path["user"])
    user.update(asked.body, version=user["version"] + 1)
    return user


def _side(stub: Stub) -> str:
    return "client" if stub.role == "client" else "office"


def _thread(stub: Stub, _: Asked) -> Json:
    return follow_up.thread(stub.written, closed=False, ours=_side(stub))


def _write_question(stub: Stub, asked: Asked) -> Json:
    stub.written.append(asked.body["text"])
    return _thread(stub, asked)


def _agree(stub: Stub, asked: Asked) -> Json:
    stub.agreed.insert(0, reports.agreement(asked.body))
    return reports.agreed(stub.agreed)


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
    "grantMySoftphone": lambda _, __: {"username": "w-7f3a", "secret": "geheim", "domain": "127.0.0.1"},
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
    "listTransferTargets": lambda _, __: {"items": transfers.targets()},
    "createTransferTarget": lambda _, asked: {**transfers.targets()[0], **asked.body},
    "updateTransferTarget": lambda _, asked: {**transfers.targets()[0], **asked.body, "version": 2},
    "grantListenPhone": lambda _, __: {"username": "w-5c1d", "secret": "geheim", "domain": "127.0.0.1"},
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
    "listKnowledge": lambda _, __: {"items": scripts.knowledge()},
    "listScripts": lambda _, __: {"items": scripts.lines()},
    "getScriptDraft": lambda _, __: scripts.draft(),
    "saveScriptDraft": lambda _, asked: scripts.draft(asked.body),
    "listScriptVersions": lambda _, __: {"items": scripts.versions()},
    "getScriptVersion": lambda stub, _: {**stub.script, "name": scripts.line()["name"], "shipped": False},
    "getCampaignScript": lambda stub, _: stub.script,
    "chooseCampaignScript": lambda stub, _: stub.script,
    "hangUp": _hang_up,
    "markVoicemail": _filed,
    "fileOutcome": _filed,
    "undoOutcome": _undone,
    "getDraft": lambda stub, asked: stub.drafts.get(asked.path["attempt"], {}),
    "saveDraft": _save_draft,
    "listPauseReasons": lambda stub, _: {"items": stub.pauses},
    "createPauseReason": lambda stub, asked: team.add_reason(stub.pauses, asked.body),
    "updatePauseReason": lambda stub, asked: team.change_reason(stub.pauses, asked.path["pause_reason"], asked.body),
    "getTeamTime": lambda _, __: team.team_time(),
    "getMyDay": lambda _, __: team.own_day(),
    "getAgentDay": lambda _, __: team.own_day(),
    "listSkills": lambda stub, _: team.known(stub.skills),
    "createSkill": lambda stub, asked: team.add_skill(stub.skills, asked.body),
    "updateSkill": lambda stub, asked: team.change_skill(stub.skills, asked.path["skill"], asked.body),
    "listAbilities": lambda stub, _: {"items": stub.abilities},
    "setAbilities": lambda stub, asked: team.give(stub.abilities, asked.path["user"], asked.body),
    "getMyRoster": lambda stub, _: team.my_roster(stub.roster, stub.agent["user"]),
    "getRoster": lambda stub, asked: team.roster(stub.roster, stub.floor, asked.query["from"], asked.query["until"]),
    "saveRoster": lambda stub, asked: team.save_days(stub.roster, asked.body["days"]),
    "copyRosterWeek": lambda _, asked: {"days": 12 * len(asked.body["weeks"])},
    "importRoster": lambda _, asked: team.import_days(asked.body["csv"]),
    "getPractice": lambda _, __: practice.the_set(),
    "getMyPractice": lambda stub, _: stub.practice,
    "reportPractice": lambda stub, asked: practice.report(stub.practice, asked.body),
    "seeTour": _see_tour,
    "getTeamPractice": lambda _, __: practice.team(),
    "getDay": lambda stub, _: stub.day,
    "getEmergencyStop": lambda stub, _: {"stop": stub.stop},
    "stopEverything": _stop_everything,
    "liftEmergencyStop": _lift_stop,
    "getFloor": lambda stub, _: stub.floor,
    "listCampaigns": lambda stub, _: page(stub.campaigns),
    "createCampaign": _new_campaign,
    "getCampaign": lambda stub, asked: _by_id(stub.campaigns, asked.path["campaign"]),
    "getCampaignSettings": lambda stub, asked: office.campaign_settings(_by_id(stub.campaigns, asked.path["campaign"])),
    "tryCampaignChange": lambda _, __: office.TRIED,
    "updateCampaign": lambda stub, asked: office.change_campaign(
        _by_id(stub.campaigns, asked.path["campaign"]), asked.body
    ),
    "setCampaignState": _campaign_state,
    "getCampaignAgents": lambda stub, _: {"users": stub.campaign_agents},
    "setCampaignAgents": lambda _, asked: {"users": asked.body["users"]},
    "getCampaignTerms": lambda _, __: lists.terms(),
    "getPreflight": lambda stub, _: lists.preflight(stub.may_start),
    "getCampaignChecklist": lambda stub, _: {"client": people.CLIENT, "items": stub.checklist},
    "tickCheck": _tick,
    "waiveCheck": _waive,
    "takeCheckBack": lambda stub, asked: _check(stub, asked, state="open"),
    "placeTestCall": lambda _, __: None,
    "discardCampaign": _discard,
    "listStaffPhones": lambda stub, _: {"items": stub.staff_phones},
    "addStaffPhone": _add_staff_phone,
    "removeStaffPhone": _remove_staff_phone,
    "listProofCalls": lambda stub, _: {"items": stub.proof_calls},
    "placeProofCall": _proof_call,
    "whyCampaign": lambda stub, asked: lists.why(_by_id(stub.campaigns, asked.path["campaign"])["state"]),
    "getLearned": lambda stub, asked: office.learned(seen=stub.learned),
    "getDecisions": lambda stub, asked: office.decisions(asked.query.get("since"), **stub.past),
    "getReach": lambda _, __: lists.reach(),
    "getOutcomeRules": lambda stub, _: office.rules(stub.rules),
    "getOutcomeRulesHistory": lambda stub, _: office.rules_history(stub.rules),
    "changeOutcomeRules": lambda stub, asked: office.change_rules(
        stub.rules, asked.body, dry_run=asked.query.get("dry_run") != "false"
    ),
    "listOutcomes": lambda _, __: {"version": 1, "items": people.outcomes()},
    "listDeliveries": lambda stub, _: page(stub.deliveries),
    "listMappings": lambda _, __: {"items": lists.mappings(), "fields": office.intake_fields()},
    "learnMapping": lambda _, asked: lists.mapping(asked.query["name"], lists.mappings()[0]["columns"], 1),
    "getClient": lambda stub, _: office.client(stub.client_settings),
    "updateClient": lambda stub, asked: office.change_client(stub.client_settings, asked.body),
    "undoMerge": lambda stub, _: stub.cases[1],
    "mergeCases": _merge,
    "unmergeCase": _unmerge,
    "liftOptOut": lambda stub, asked: _by_id(stub.cases, asked.path["case"]),
    "unblockPhone": lambda stub, asked: _by_id(stub.cases, asked.path["case"]),
    "recodeOutcome": lambda _, __: None,
    "renameMapping": lambda _, asked: {**lists.mappings()[0], "name": asked.body["new_name"]},
    "removeMapping": lambda _, __: None,
    "saveMapping": lambda _, asked: lists.mapping(asked.body["name"], asked.body["columns"], 2),
    "uploadDelivery": lambda _, asked: lists.intake(asked.query.get("dry_run") == "true"),
    "uploadVisits": lambda _, asked: lists.visits(asked.query.get("dry_run") == "true"),
    "recallDelivery": _recall,
    "listCases": _cases,
    "getCase": lambda stub, asked: {
        **lists.case_detail(_by_id(stub.cases, asked.path["case"])),
        "merges": [one for one in stub.merges if asked.path["case"] in (one["kept"], one["other"])],
    },
    "whyCase": lambda _, __: lists.why_case(),
    "withdrawCase": _withdraw,
    "listExports": lambda stub, _: page(stub.exports),
    "createExport": _new_export,
    "confirmExport": _confirm,
    "listCallbacks": lambda stub, asked: page(
        [item for item in stub.callbacks if item["state"] == asked.query.get("state", "open")]
    ),
    "claimCallback": _claim,
    "dialCallback": _dial,
    "closeCallback": _close,
    "listClients": lambda _, __: {"items": lists.clients()},
    "listUsers": lambda stub, asked: page(
        [user for user in stub.users if asked.query.get("role") in (None, user["role"])]
    ),
    "createUser": _new_user,
    "updateUser": _disable,
    "changePassword": _change_password,
    "lockSession": _lock,
    "unlockSession": _unlock,
    "listTokens": lambda stub, _: {"items": stub.tokens},
    "createToken": lambda stub, asked: office.new_token(stub.tokens, asked.body),
    "renewToken": lambda stub, asked: office.renew_token(stub.tokens, asked.path["token"], asked.body),
    "renewChannelSecret": lambda stub, asked: {
        "channel": office.renewed(stub.channels, asked.path["channel"], asked.body),
        "secret": "whsec_bmlldXc=",
    },
    "renewOutletSecret": lambda stub, asked: {
        "outlet": office.renewed(stub.outlets, asked.path["outlet"], asked.body),
        "secret": "whsec_bmlldXc=",
    },
    "revokeToken": lambda stub, asked: office.revoke_token(stub.tokens, asked.path["token"]),
    "listSources": lambda stub, _: {"items": stub.sources},
    "createSource": lambda stub, asked: exchange.new_source(stub.sources, asked.path["campaign"], asked.body),
    "updateSource": lambda stub, asked: exchange.change_source(stub.sources, asked.path["source"], asked.body),
    "lookAtSource": lambda stub, asked: exchange.change_source(stub.sources, asked.path["source"], {}),
    "getDdasProfile": lambda stub, _: stub.ddas,
    "setDdasProfile": lambda stub, asked: exchange.set_ddas(stub.ddas, asked.body),
    "listMappingNames": lambda _, __: {"items": [one["name"] for one in lists.mappings() if one["kind"] == "list"]},
    "listOutlets": lambda stub, _: {"items": stub.outlets},
    "createOutlet": lambda stub, asked: outlets.add(stub.outlets, asked.path["campaign"], asked.body),
    "updateOutlet": lambda stub, asked: outlets.change(stub.outlets, asked.path["outlet"], asked.body),
    "tryOutlet": lambda stub, asked: {"fault": _by_id(stub.outlets, asked.path["outlet"])["last_error"]},
    "sendOutlet": lambda stub, asked: outlets.send(stub.outlets, stub.dispatches, asked.path["outlet"]),
    "listDispatches": lambda stub, asked: {
        "items": [one for one in stub.dispatches if asked.query.get("outlet") in (None, one["outlet"])]
    },
    "resendDispatch": lambda stub, asked: outlets.resend(stub.outlets, stub.dispatches, asked.path["dispatch"]),
    "listResultProfiles": lambda stub, asked: {"items": outlets.listed(stub.profiles, asked.query.get("name"))},
    "saveResultProfile": lambda stub, asked: outlets.save_profile(stub.profiles, asked.body),
    "learnResultProfile": lambda _, __: {
        "columns": [{"title": title, "field": field} for title, field in outlets.LEARNED]
    },
    "previewResultProfile": lambda _, asked: outlets.preview_of(asked.body["layout"]),
    "listArrivals": lambda _, __: {"items": exchange.arrivals()},
    "offerSlots": lambda stub, _: {"offers": stub.slots != [], "items": stub.slots, "confirm_by": ["email", "sms"]},
    "resendNotice": lambda stub, asked: bookings.changed(stub.bookings, asked.path["booking"], notice="waiting"),
    "holdSlot": lambda _, __: None,
    "listSlotSources": lambda stub, _: {"items": stub.slot_sources},
    "createSlotSource": lambda stub, _: stub.slot_sources[0],
    "updateSlotSource": lambda stub, asked: bookings.changed(
        stub.slot_sources, asked.path["slot_source"], **asked.body
    ),
    "lookAtSlotSource": lambda stub, asked: bookings.changed(
        stub.slot_sources, asked.path["slot_source"], last_error="", last_ok_at=None
    ),
    "listSlots": lambda stub, _: {"items": stub.slots},
    "listBookings": lambda stub, _: {"items": stub.bookings},
    "moveBooking": lambda stub, asked: bookings.changed(stub.bookings, asked.path["booking"], withdrawn=False),
    "cancelBooking": lambda stub, asked: bookings.changed(
        stub.bookings, asked.path["booking"], state="cancelled", reason=asked.body["reason"]
    ),
    "reportBooking": lambda stub, asked: bookings.changed(
        stub.bookings, asked.path["booking"], state=asked.body["result"]
    ),
    "listChannels": lambda stub, _: {"items": stub.channels},
    "createChannel": lambda stub, asked: exchange.new_channel(stub.channels, asked.body),
    "updateChannel": lambda stub, asked: exchange.change_channel(stub.channels, asked.path["channel"], asked.body),
    "tryChannel": lambda stub, asked: {"fault": _by_id(stub.channels, asked.path["channel"])["last_error"]},
    "listMessages": lambda _, asked: {
        "items": exchange.messages(asked.query.get("channel"), asked.query.get("state", "dead"))
    },
    "resendMessage": lambda _, __: exchange.messages(None, "dead")[0],
    "getMessageContent": lambda _, __: exchange.content(),
    "messageEntered": lambda _, __: {**exchange.messages(None, "dead")[0], "state": "confirmed", "error": ""},
    "listDueResults": lambda _, __: exchange.due(),
    "setUserPassword": lambda _, __: None,
    "listReports": lambda _, __: page([reports.line()]),
    "askReport": lambda stub, _: reports.report(whole=stub.role != "administrator"),
    "getReport": lambda stub, _: reports.report(whole=stub.role != "administrator"),
    "listReportRecords": lambda _, __: page(reports.records()),
    "getReportOperations": lambda stub, _: reports.work(whole=stub.role != "administrator", ours=stub.role != "client"),
    "listOperationRecords": lambda _, __: page(reports.work_records()),
    "getClientLogo": lambda _, __: {"logo": False},
    "setClientLogo": lambda _, asked: {"logo": asked.body["png"] is not None},
    "listReportSchedules": lambda _, __: reports.schedules(),
    "listReportDeliveries": lambda _, __: reports.deliveries(),
    "resendReportDelivery": lambda _, __: {**reports.deliveries()["items"][0], "state": "waiting", "error": ""},
    "createReportSchedule": lambda _, __: reports.schedules(),
    "endReportSchedule": lambda _, __: None,
    "getPrivacyRegister": lambda _, __: privacy.register(),
    "getContractEnd": lambda _, __: privacy.contract_end(),
    "listKeptDeliveries": lambda _, __: {"items": privacy.kept()},
    "listIncidents": lambda _, __: {"items": privacy.leaks()},
    "reportIncident": lambda _, __: privacy.leaks()[0],
    "updateIncident": lambda _, __: privacy.leaks()[0],
    "moveIncident": lambda _, __: privacy.leaks()[0],
    "getIncidentNotice": lambda _, __: privacy.notice(),
    "findResidents": lambda _, __: {"items": privacy.found()},
    "listPrivacyRequests": lambda _, __: {"items": privacy.requests()},
    "openPrivacyRequest": lambda _, __: privacy.requests()[1],
    "previewErasure": lambda _, __: privacy.erasure(),
    "downloadResidentFile": lambda _, __: {"persoonsgegevens": []},
    "carryOutPrivacyRequest": lambda _, __: {"request": privacy.requests()[3], "cases": 1, "rows": 12},
    "movePrivacyRequest": lambda _, __: privacy.requests()[4],
    "listBills": lambda _, __: {"items": bills.bills()},
    "getBillDraft": lambda _, asked: bills.draft(asked.query["month"]),
    "listTariffs": lambda _, __: {"items": bills.tariffs()},
    "setTariff": lambda _, __: {"items": bills.tariffs()},
    "indexTariff": lambda _, __: {"items": bills.tariffs()},
    "closeMonth": lambda _, __: {"items": bills.bills()},
    "creditBill": lambda _, __: bills.bills()[0],
    "listReportDifferences": lambda _, __: {"items": []},
    "getKpis": lambda _, __: reports.kpis(),
    "agreeKpis": lambda _, __: reports.kpis(),
    "listExpectedReach": lambda _, __: {"items": reports.expected()},
    "listAdjustments": lambda stub, _: reports.agreed(stub.agreed),
    "addAdjustment": _agree,
    "getClientHome": lambda _, __: follow_up.home(),
    "listFollowUps": lambda stub, asked: page(
        follow_up.follow_ups(stub.marks, asked.query["list"], done=asked.query.get("done") == "true")
    ),
    "getFollowUp": lambda stub, asked: follow_up.shown(stub.marks, asked.path["case"]),
    "markFollowUp": lambda stub, asked: follow_up.mark(stub.marks, asked.path["case"], asked.body),
    "undoFollowUp": lambda stub, asked: follow_up.undo(stub.marks, asked.path["case"]),
    "releaseCase": lambda stub, asked: _by_id(stub.cases, asked.path["case"]),
    "listQuestions": lambda _, asked: page(
        [one for one in follow_up.question_lines() if asked.query.get("state") in (None, one["state"])]
    ),
    "getQuestion": _thread,
    "writeQuestion": _write_question,
    "readQuestion": lambda _, __: None,
    "closeQuestion": lambda stub, _: follow_up.thread(stub.written, closed=True, ours=_side(stub)),
    "endUserSessions": lambda _, __: None,
    "listSamples": lambda stub, asked: page(
        quality.lines(ours=stub.role != "client", done=asked.query.get("done") == "true")
    ),
    "getSample": lambda stub, asked: quality.sample(asked.path["sample"], ours=stub.role != "client"),
    "reviewSample": lambda stub, asked: quality.sample(
        asked.path["sample"],
        ours=stub.role != "client",
        reviews=[quality.review("client" if stub.role == "client" else "office")],
    ),
    "getScorecard": lambda _, __: quality.card(),
    "saveScorecard": lambda _, asked: {**quality.card(), "version": 1, "criteria": asked.body["criteria"]},
    "getQualityTrends": lambda _, __: {"items": quality.trends()},
    "getCalibration": lambda _, __: quality.calibration(),
    "listComplaints": lambda _, asked: page(quality.complaint_lines(is_open=asked.query.get("open", "true") == "true")),
    "listCaseComplaints": lambda _, __: {"items": quality.complaint_lines(is_open=False)},
    "getComplaint": lambda _, asked: quality.complaint(asked.path["complaint"]),
    "writeComplaint": lambda _, __: quality.complaint(people.uid(820)),
    "moveComplaint": lambda _, asked: quality.complaint(
        asked.path["complaint"], {"answer": "answered", "withdraw": "withdrawn"}.get(asked.body["step"], "in_hand")
    ),
    "listImprovements": lambda _, asked: {
        "items": quality.improvements(is_open=asked.query.get("open", "true") == "true")
    },
    "proposeImprovement": lambda _, __: quality.improvements(is_open=True)[0],
    "moveImprovement": lambda _, __: quality.improvements(is_open=True)[1],
    "listMyReviews": lambda _, __: {"items": quality.own_reviews()},
    "answerCoaching": lambda _, asked: {**quality.coaching(), "answer": asked.body["text"]},
    "closeCoaching": lambda _, __: quality.coaching("closed"),
}

FILES: Mapping[str, bytes] = {
    "downloadFollowUps": b"a;b\r\n",
    "downloadDdas": b"{}",
    "downloadDispatch": b"a;b\r\n1;2\r\n",
    "downloadRoster": b"inlognaam;naam;datum;van;tot;afwezig\r\n",
    "downloadExport": b"a;b\r\n1;2\r\n",
    "downloadReport": b"%PDF-1.4",
    "getImportTemplate": b"x",
}
