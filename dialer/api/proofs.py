"""Telephones of our own people, and proof calls to them."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done, found
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, ClientId


async def list_staff_phones(call: ApiCall) -> web.StreamResponse:
    """By name; of each number the last digits only."""
    return answer({"items": await call.deps.staff.phones(ClientId(call.path["client"]))})


async def add_staff_phone(call: ApiCall) -> web.StreamResponse:
    """Never a resident's."""
    added = await call.deps.staff.add(
        ClientId(call.path["client"]),
        call.body["label"],
        call.body["number"],
        user=call.principal.user,
        actor=call.principal.actor,
    )
    return answer(added, 201)


async def remove_staff_phone(call: ApiCall) -> web.StreamResponse:
    """Its calls stay."""
    await call.deps.staff.remove(ClientId(call.path["client"]), call.path["phone"], actor=call.principal.actor)
    return done()


async def list_proof_calls(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    return answer({"items": await call.deps.staff.proofs(CampaignId(call.path["campaign"]))})


async def place_proof_call(call: ApiCall) -> web.StreamResponse:
    """Audited before it rings."""
    campaign, phone = CampaignId(call.path["campaign"]), call.required_uuid("phone")
    line = found(await call.deps.office.campaign(campaign))
    if all(one.id != phone for one in await call.deps.staff.phones(line.client)):
        raise NotFoundError("no such phone of this client")
    await call.audit("campaign.proof_call", "campaign", campaign, line.client, phone=str(phone))
    attempt = await call.deps.proof_calls.call(campaign, phone, call.principal.actor)
    return answer({"attempt": attempt}, 202)


HANDLERS: Handlers = {
    "listStaffPhones": list_staff_phones,
    "addStaffPhone": add_staff_phone,
    "removeStaffPhone": remove_staff_phone,
    "listProofCalls": list_proof_calls,
    "placeProofCall": place_proof_call,
}
