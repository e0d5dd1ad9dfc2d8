"""Channels to clients' own systems, their letters, and what is due to clients."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.exchange import ChannelKind, ChannelState, MessageState
from dialer.domain.ids import ClientId
from dialer.services.channels import ChannelWish
from dialer.services.ports.exchange import Channel, Message


async def list_channels(call: ApiCall) -> web.StreamResponse:
    """By name; without secrets."""
    return answer({"items": [_channel(one, call) for one in await call.deps.channels.channels(call.viewer())]})


async def create_channel(call: ApiCall) -> web.StreamResponse:
    """A secret that was made goes out this once; so this operation takes no idempotency key."""
    kind = ChannelKind(call.body["kind"])
    made, secret = await call.deps.channels.add(ClientId(call.path["client"]), kind, _wish(call), call.viewer())
    return answer({"channel": _channel(made, call), "secret": secret}, 201)


async def update_channel(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    stored = await call.deps.channels.change(call.path["channel"], call.required_version, _wish(call), call.viewer())
    return answer(_channel(stored, call), version=stored.version)


async def renew_channel_secret(call: ApiCall) -> web.StreamResponse:
    """The secret goes out this once; so this operation takes no idempotency key."""
    channel, hours = call.path["channel"], call.body["overlap_hours"]
    renewed, secret = await call.deps.secrets.renew_channel(channel, call.required_version, hours, call.viewer())
    return answer({"channel": _channel(renewed, call), "secret": secret})


async def try_channel(call: ApiCall) -> web.StreamResponse:
    """Now, and of nobody."""
    receipt = await call.deps.channels.try_out(call.path["channel"], call.viewer())
    return answer({"fault": "" if receipt.fault is None else receipt.fault})


async def list_messages(call: ApiCall) -> web.StreamResponse:
    """Pseudonymous."""
    found = await call.deps.channels.letters(
        call.viewer(), call.uuid("channel"), [MessageState(call.query["state"])], call.query["limit"]
    )
    return answer({"items": [_message(one) for one in found]})


async def resend_message(call: ApiCall) -> web.StreamResponse:
    """A dead one, now."""
    return answer(_message(await call.deps.channels.resend(call.path["message"], call.viewer())))


async def get_message_content(call: ApiCall) -> web.StreamResponse:
    """To type over; audited by the service."""
    return answer({"content": await call.deps.channels.content(call.path["message"], call.viewer())})


async def message_entered(call: ApiCall) -> web.StreamResponse:
    """It stands in the client's system."""
    done = await call.deps.channels.entered(call.path["message"], call.body["reference"], call.viewer())
    return answer(_message(done))


async def list_due_results(call: ApiCall) -> web.StreamResponse:
    """What goes first stands first."""
    due = await call.deps.hand_back.due(call.client)
    items = due[: call.query["limit"]]
    return answer({"items": items, "total": len(due), "late": sum(one.late for one in due)})


def _wish(call: ApiCall) -> ChannelWish:
    state = call.body.get("state")
    return ChannelWish(
        name=call.body.get("name"),
        state=None if state is None else ChannelState(state),
        url=call.body.get("url"),
        settings=call.body.get("settings"),
        secret=call.body.get("secret"),
    )


def _channel(one: Channel, call: ApiCall) -> dict[str, object]:
    return {
        "id": one.id,
        "client": one.client,
        "kind": one.kind,
        "name": one.name,
        "state": one.state,
        "url": one.url,
        "fields": [
            {"key": key, "value": one.settings.get(key, usual), "usual": usual}
            for key, usual in call.deps.channels.usual(one.kind).items()
        ],
        "has_secret": one.has_secret,
        "old_secret_until": one.old_until,
        "version": one.version,
        "failures": one.failures,
        "rest_until": one.rest_until,
        "last_ok_at": one.last_ok_at,
        "last_error": one.last_error,
        "last_error_at": one.last_error_at,
        "waiting": one.waiting,
        "dead": one.dead,
        "confirmed": one.confirmed,
    }


def _message(one: Message) -> dict[str, object]:
    return {
        "id": one.id,
        "channel": one.channel,
        "campaign": one.campaign,
        "case": one.case,
        "state": one.state,
        "kind": one.kind,
        "created_at": one.created_at,
        "due_at": one.due_at,
        "tries": one.tries,
        "error": one.error,
        "remote": one.remote,
        "done_at": one.done_at,
        "done_by": one.done_by,
    }


HANDLERS: Handlers = {
    "listChannels": list_channels,
    "createChannel": create_channel,
    "updateChannel": update_channel,
    "renewChannelSecret": renew_channel_secret,
    "tryChannel": try_channel,
    "listMessages": list_messages,
    "resendMessage": resend_message,
    "getMessageContent": get_message_content,
    "messageEntered": message_entered,
    "listDueResults": list_due_results,
}
