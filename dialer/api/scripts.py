"""Conversation scripts: drafts, versions, the client's decision, and what campaigns and calls have."""

from __future__ import annotations

from aiohttp import web

from dialer.api.attempts import mine
from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import CampaignId, ClientId
from dialer.services.ports.scripts import ScriptDraft


def _draft(draft: ScriptDraft, status: int = 200) -> web.Response:
    return answer(draft, status, version=draft.line.draft_version)


async def list_scripts(call: ApiCall) -> web.StreamResponse:
    """The shipped one first."""
    return answer({"items": await call.deps.scripts.lines(call.client)})


async def create_script(call: ApiCall) -> web.StreamResponse:
    """A copy to work on."""
    line = await call.deps.scripts.add(
        ClientId(call.required_uuid("client")),
        call.body["name"],
        call.uuid("source"),
        actor=call.principal.actor,
        user=call.principal.user,
    )
    return answer(line, 201)


async def get_script_draft(call: ApiCall) -> web.StreamResponse:
    """With what is wrong, and what differs."""
    return _draft(await call.deps.scripts.draft(call.path["script"], call.language))


async def save_script_draft(call: ApiCall) -> web.StreamResponse:
    """Kept as it is, finished or not."""
    draft = await call.deps.scripts.save_draft(
        call.path["script"],
        call.required_version,
        call.body,
        call.language,
        actor=call.principal.actor,
        user=call.principal.user,
    )
    return _draft(draft)


async def list_script_versions(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    return answer({"items": await call.deps.scripts.versions(call.path["script"], call.client)})


async def publish_script(call: ApiCall) -> web.StreamResponse:
    """The draft becomes a version."""
    version = await call.deps.scripts.publish(
        call.path["script"],
        call.required_version,
        call.body["note"],
        actor=call.principal.actor,
        user=call.principal.user,
    )
    return answer(version, 201)


async def roll_back_script(call: ApiCall) -> web.StreamResponse:
    """An old version's words as a new version."""
    version = await call.deps.scripts.roll_back(
        call.path["script"],
        call.required_uuid("to"),
        call.body["note"],
        actor=call.principal.actor,
        user=call.principal.user,
    )
    return answer(version, 201)


async def get_script_version(call: ApiCall) -> web.StreamResponse:
    """Whole."""
    return answer(await call.deps.scripts.version(call.path["script_version"]))


async def decide_script_version(call: ApiCall) -> web.StreamResponse:
    """By a person of the client."""
    version = await call.deps.scripts.decide(
        call.path["script_version"],
        call.body["decision"],
        call.body.get("note", ""),
        client=call.client,
        actor=call.principal.actor,
        user=call.user,
    )
    return answer(version)


async def get_campaign_script(call: ApiCall) -> web.StreamResponse:
    """What the next call gets."""
    return answer(await call.deps.scripts.of_campaign(CampaignId(call.path["campaign"])))


async def choose_campaign_script(call: ApiCall) -> web.StreamResponse:
    """From the next call on."""
    chosen = await call.deps.scripts.choose(
        CampaignId(call.path["campaign"]),
        call.uuid("script"),
        actor=call.principal.actor,
        user=call.principal.user,
    )
    return answer(chosen)


async def get_call_script(call: ApiCall) -> web.StreamResponse:
    """The same for as long as the call and its wrap-up last."""
    attempt, _ = mine(call)
    return answer(await call.deps.scripts.of_call(attempt))


HANDLERS: Handlers = {
    "listScripts": list_scripts,
    "createScript": create_script,
    "getScriptDraft": get_script_draft,
    "saveScriptDraft": save_script_draft,
    "listScriptVersions": list_script_versions,
    "publishScript": publish_script,
    "rollBackScript": roll_back_script,
    "getScriptVersion": get_script_version,
    "decideScriptVersion": decide_script_version,
    "getCampaignScript": get_campaign_script,
    "chooseCampaignScript": choose_campaign_script,
    "getCallScript": get_call_script,
}
