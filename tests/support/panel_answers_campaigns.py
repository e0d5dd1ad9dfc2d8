"""What the pretended service answers about campaigns, their scripts, rules, checks and lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.support import panel_lists as lists
from tests.support import panel_office as office
from tests.support import panel_people as people
from tests.support import panel_scripts as scripts
from tests.support.panel_answer import Asked, Handler, Json, RefusalError, by_id, iso, page

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub


def _campaign_state(stub: Stub, asked: Asked) -> Json:
    if asked.body["state"] == "running" and not stub.may_start:
        raise RefusalError(409, "preflight")
    campaign = by_id(stub.campaigns, asked.path["campaign"])
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
    stub.campaigns.remove(by_id(stub.campaigns, asked.path["campaign"]))
    return {"gone": True}


def _add_staff_phone(stub: Stub, asked: Asked) -> Json:
    phone = {"id": people.uid(880), "label": asked.body["label"], "ends_with": asked.body["number"][-3:]}
    stub.staff_phones.append(phone)
    return phone


def _remove_staff_phone(stub: Stub, asked: Asked) -> None:
    stub.staff_phones.remove(by_id(stub.staff_phones, asked.path["phone"]))


def _proof_call(stub: Stub, asked: Asked) -> Json:
    label = by_id(stub.staff_phones, asked.body["phone"])["label"]
    stub.proof_calls.insert(0, office.proof_call(asked.body["phone"], label))
    return {"attempt": people.ATTEMPT}


def _new_campaign(stub: Stub, asked: Asked) -> Json:
    campaign = {**lists.campaigns()[0], **asked.body, "id": people.uid(77), "state": "draft"}
    stub.campaigns.insert(0, campaign)
    return campaign


def _recall(stub: Stub, asked: Asked) -> Json:
    by_id(stub.deliveries, asked.path["delivery"]).update(state="recalled", recalled_at=iso())
    return {"delivery": asked.path["delivery"], "cases": 482, "called": [], "seen_by": []}


ANSWERS: Mapping[str, Handler] = {
    "listKnowledge": lambda _, __: {"items": scripts.knowledge()},
    "listScripts": lambda _, __: {"items": scripts.lines()},
    "getScriptDraft": lambda _, __: scripts.draft(),
    "saveScriptDraft": lambda _, asked: scripts.draft(asked.body),
    "listScriptVersions": lambda _, __: {"items": scripts.versions()},
    "getScriptVersion": lambda stub, _: {**stub.script, "name": scripts.line()["name"], "shipped": False},
    "getCampaignScript": lambda stub, _: stub.script,
    "chooseCampaignScript": lambda stub, _: stub.script,
    "listCampaigns": lambda stub, _: page(stub.campaigns),
    "createCampaign": _new_campaign,
    "getCampaign": lambda stub, asked: by_id(stub.campaigns, asked.path["campaign"]),
    "getCampaignSettings": lambda stub, asked: office.campaign_settings(by_id(stub.campaigns, asked.path["campaign"])),
    "tryCampaignChange": lambda _, __: office.TRIED,
    "updateCampaign": lambda stub, asked: office.change_campaign(
        by_id(stub.campaigns, asked.path["campaign"]), asked.body
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
    "whyCampaign": lambda stub, asked: lists.why(by_id(stub.campaigns, asked.path["campaign"])["state"]),
    "getLearned": lambda stub, asked: office.learned(seen=stub.learned),
    "getDecisions": lambda stub, asked: office.decisions(asked.query.get("since"), **stub.past),
    "getReach": lambda _, __: lists.reach(),
    "getOutcomeRules": lambda stub, _: office.rules(stub.rules),
    "getOutcomeRulesHistory": lambda stub, _: office.rules_history(stub.rules),
    "changeOutcomeRules": lambda stub, asked: office.change_rules(
        stub.rules, asked.body, dry_run=asked.query.get("dry_run") != "false"
    ),
    "listDeliveries": lambda stub, _: page(stub.deliveries),
    "uploadDelivery": lambda _, asked: lists.intake(asked.query.get("dry_run") == "true"),
    "uploadVisits": lambda _, asked: lists.visits(asked.query.get("dry_run") == "true"),
    "recallDelivery": _recall,
}
