"""A call goes to somebody else: to whom it may go, and an agent's steps."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.domain.transfer import TransferEvent, Way
from dialer.domain.transfer_target import TransferTarget
from dialer.services.ports.transfers import transfer_view


async def transfer_choices(call: ApiCall) -> web.StreamResponse:
    """To whom my call may go now; without numbers."""
    return answer(await call.deps.transfers.choices(call.user, AttemptId(call.path["attempt"])))


async def start_transfer(call: ApiCall) -> web.StreamResponse:
    """Audited by the service, before anything rings."""
    target, colleague = call.body.get("target"), call.body.get("colleague")
    begun = await call.deps.transfers.start(
        call.user,
        AttemptId(call.path["attempt"]),
        Way(call.body["way"]),
        target=None if target is None else UUID(target),
        colleague=None if colleague is None else UserId(UUID(colleague)),
    )
    return answer(transfer_view(begun), 201)


async def move_transfer(call: ApiCall) -> web.StreamResponse:
    """Three together, leave, or back."""
    attempt, event = AttemptId(call.path["attempt"]), TransferEvent(call.body["step"])
    return answer(transfer_view(await call.deps.transfers.step(call.user, attempt, event)))


async def list_transfer_targets(call: ApiCall) -> web.StreamResponse:
    """In the order in which agents see them."""
    found = await call.deps.transfer_targets.of(ClientId(call.path["client"]))
    return answer({"items": [_target(one) for one in found]})


async def create_transfer_target(call: ApiCall) -> web.StreamResponse:
    """Its number is one that the service may ring, from now on."""
    client = ClientId(call.path["client"])
    made = await call.deps.transfer_targets.add(client, call.body)
    await call.audit("transfer_target.add", "transfer_target", made.id, client, target_kind=made.kind, name=made.name)
    return answer(_target(made), 201, version=made.version)


async def update_transfer_target(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    stored = await call.deps.transfer_targets.change(call.path["transfer_target"], call.required_version, call.body)
    changed = sorted(call.body)
    await call.audit("transfer_target.change", "transfer_target", stored.id, stored.client, changed=changed)
    return answer(_target(stored), version=stored.version)


def _target(one: TransferTarget) -> dict[str, object]:
    return {
        "id": one.id,
        "client": one.client,
        "kind": one.kind.value,
        "name": one.name,
        "number": one.number,
        "hours": one.hours,
        "languages": one.languages,
        "protocol": one.protocol,
        "position": one.position,
        "active": one.active,
        "version": one.version,
    }


HANDLERS: Handlers = {
    "getTransferChoices": transfer_choices,
    "startTransfer": start_transfer,
    "moveTransfer": move_transfer,
    "listTransferTargets": list_transfer_targets,
    "createTransferTarget": create_transfer_target,
    "updateTransferTarget": update_transfer_target,
}
