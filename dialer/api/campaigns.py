"""Campaigns and the catalogue of outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, found, page
from dialer.api.paging import split, uuid_of
from dialer.domain.campaign_settings import AGREEMENT, CAMPAIGN_NUMBERS, MODES
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, ClientId, UserId
from dialer.schedule import holidays, windows
from dialer.services.access import Permission
from dialer.services.ports.campaigns import NewCampaign

_OUTCOME = ("code", "set_by", "label_nl", "label_en", "reached", "final_for", "needs", "second_key", "position")


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


async def _campaign(call: ApiCall, campaign: CampaignId, status: int = 200) -> web.Response:
    line = found(await call.deps.office.campaign(campaign))
    return answer(line, status, version=line.version)


async def list_campaigns(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    limit = call.query["limit"]
    rows = await call.deps.office.campaigns(call.client, uuid_of(call.query.get("cursor")), limit + 1)
    items, following = split(rows, limit, lambda row: str(row.id))
    return page(items, following)


async def create_campaign(call: ApiCall) -> web.StreamResponse:
    """In state draft."""
    new = NewCampaign(
        client=ClientId(call.required_uuid("client")),
        name=call.body["name"],
        calendar=call.body.get("calendar"),
        settings=call.body.get("settings"),
        starts_on=_day(call.body.get("starts_on")),
        ends_on=_day(call.body.get("ends_on")),
    )
    campaign = await call.deps.campaigns.create(new, call.principal.actor)
    return await _campaign(call, campaign, 201)


async def get_campaign(call: ApiCall) -> web.StreamResponse:
    """One."""
    return await _campaign(call, CampaignId(call.path["campaign"]))


async def get_campaign_settings(call: ApiCall) -> web.StreamResponse:
    """All of them, whether set or usual."""
    line = found(await call.deps.office.campaign(CampaignId(call.path["campaign"])))
    today = windows.local_date(call.deps.clock.now())
    numbers = [
        {
            "key": key,
            "text": call.text(known.english, known.dutch),
            "unit": known.unit,
            "value": line.settings.get(key),
            "usual": known.usual,
            "low": known.low,
            "high": known.high,
            "whole": known.whole,
        }
        for key, known in CAMPAIGN_NUMBERS.items()
    ]
    return answer(
        {
            "version": line.version,
            "calendar": windows.to_json(windows.parse(line.calendar)),
            "usual": windows.to_json(windows.DEFAULT),
            "holidays": [{"code": code.value, "on": on} for code, on in holidays.coming(today)],
            "mode": line.settings.get("mode", MODES[0]),
            "modes": MODES,
            "takes_inbound": line.settings.get("takes_inbound", True),
            "ring_cuts": line.settings.get("ring_cuts", False),
            "requires_practice": line.settings.get("requires_practice", False),
            "recording": line.settings.get("recording", "off"),
            "fair": line.settings.get("fair", True),
            "hold_out_agreement": line.settings.get(AGREEMENT, ""),
            "languages": line.settings.get("languages", []),
            "skills": line.settings.get("skills", []),
            "numbers": numbers,
        },
        version=line.version,
    )


def _change(call: ApiCall) -> dict[str, object]:
    return {name: _day(value) if name in ("starts_on", "ends_on") else value for name, value in call.body.items()}


async def try_campaign_change(call: ApiCall) -> web.StreamResponse:
    """Keeps nothing."""
    return answer(await call.deps.campaigns.try_change(CampaignId(call.path["campaign"]), _change(call)))


async def update_campaign(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    campaign = CampaignId(call.path["campaign"])
    change = _change(call)
    await call.deps.campaigns.update(campaign, call.required_version, change, call.principal.actor)
    await call.deps.engine.campaign_changed(campaign)
    return await _campaign(call, campaign)


async def discard_campaign(call: ApiCall) -> web.StreamResponse:
    """A draft alone."""
    campaign = CampaignId(call.path["campaign"])
    gone = await call.deps.drafts.discard(campaign, call.viewer())
    await call.deps.engine.campaign_changed(campaign)
    return answer({"gone": gone})


async def set_campaign_state(call: ApiCall) -> web.StreamResponse:
    """Committed, then told to the engine, then answered."""
    campaign = CampaignId(call.path["campaign"])
    await call.deps.campaigns.set_state(campaign, call.body["state"], call.principal.actor)
    await call.deps.engine.campaign_changed(campaign)
    return await _campaign(call, campaign)


async def get_campaign_agents(call: ApiCall) -> web.StreamResponse:
    """Who works for it."""
    campaign = CampaignId(call.path["campaign"])
    found(await call.deps.office.campaign(campaign))
    return answer({"users": await call.deps.office.campaign_agents(campaign)})


async def set_campaign_agents(call: ApiCall) -> web.StreamResponse:
    """All of them."""
    campaign = CampaignId(call.path["campaign"])
    users = [UserId(user) for user in call.uuids("users")]
    await call.deps.campaigns.set_agents(campaign, users, call.principal.actor)
    await call.deps.engine.campaign_changed(campaign)
    return await get_campaign_agents(call)


async def get_preflight(call: ApiCall) -> web.StreamResponse:
    """What would happen."""
    return answer(await call.deps.campaigns.preflight(CampaignId(call.path["campaign"]), call.language))


async def get_campaign_terms(call: ApiCall) -> web.StreamResponse:
    """Until when it calls; who may not see cases gets no small counts."""
    whole = call.principal.may(Permission.CASE_READ)
    return answer(await call.deps.campaigns.terms(CampaignId(call.path["campaign"]), call.language, whole=whole))


async def place_test_call(call: ApiCall) -> web.StreamResponse:
    """To a staff number; the number itself is not written down."""
    campaign = CampaignId(call.path["campaign"])
    await call.audit("campaign.test_call", "campaign", campaign)
    await call.deps.campaigns.test_call(campaign, call.body["number"], call.principal.actor)
    return web.Response(status=202, headers={"Cache-Control": "no-store"})


async def why_campaign(call: ApiCall) -> web.StreamResponse:
    """Why nothing is dialled."""
    return answer(await call.deps.campaigns.why(CampaignId(call.path["campaign"]), call.language))


async def get_reach(call: ApiCall) -> web.StreamResponse:
    """Reach, counted and expected; who may not see cases gets no small counts."""
    whole = call.principal.may(Permission.CASE_READ)
    return answer(await call.deps.reach.report(CampaignId(call.path["campaign"]), call.language, whole=whole))


async def get_outcome_rules(call: ApiCall) -> web.StreamResponse:
    """What follows each outcome."""
    return answer(await call.deps.outcome_rules.rules(CampaignId(call.path["campaign"]), call.language))


async def get_outcome_rules_history(call: ApiCall) -> web.StreamResponse:
    """What it was before; our people's names are not for clients."""
    found_versions = await call.deps.outcome_rules.history(CampaignId(call.path["campaign"]))
    return answer({"items": [replace(one, by="") if call.client else one for one in found_versions]})


async def change_outcome_rules(call: ApiCall) -> web.StreamResponse:
    """Tried, or kept; the cases follow in the background."""
    changed = await call.deps.outcome_rules.revise(
        CampaignId(call.path["campaign"]),
        call.body["version"],
        call.body["steps"],
        note=call.body.get("note", ""),
        actor=call.principal.actor,
        user=call.principal.user,
        dry_run=call.query["dry_run"],
    )
    return answer(changed)


async def list_outcomes(call: ApiCall) -> web.StreamResponse:
    """The catalogue: a campaign's version (for a client, only of its own campaign), or the newest."""
    campaign = call.uuid("campaign")
    if campaign is None:
        version = await call.deps.catalogues.latest()
    else:
        line = found(await call.deps.office.campaign(CampaignId(campaign)))
        if call.client not in (None, line.client):
            raise NotFoundError("not this client's campaign")
        version = line.catalogue_version
    catalogue = await call.deps.catalogues.get(version)
    rows = [
        {name: getattr(row, name) for name in _OUTCOME}
        for row in sorted(catalogue.outcomes.values(), key=lambda row: row.position)
    ]
    return answer({"version": version, "items": rows})


HANDLERS: Handlers = {
    "listCampaigns": list_campaigns,
    "createCampaign": create_campaign,
    "getCampaign": get_campaign,
    "updateCampaign": update_campaign,
    "discardCampaign": discard_campaign,
    "getCampaignSettings": get_campaign_settings,
    "tryCampaignChange": try_campaign_change,
    "setCampaignState": set_campaign_state,
    "getCampaignAgents": get_campaign_agents,
    "setCampaignAgents": set_campaign_agents,
    "getPreflight": get_preflight,
    "getCampaignTerms": get_campaign_terms,
    "placeTestCall": place_test_call,
    "whyCampaign": why_campaign,
    "getReach": get_reach,
    "getOutcomeRules": get_outcome_rules,
    "getOutcomeRulesHistory": get_outcome_rules_history,
    "changeOutcomeRules": change_outcome_rules,
    "listOutcomes": list_outcomes,
}
