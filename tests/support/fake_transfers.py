"""`Transfers` and its targets in memory, for tests of what is around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, ChannelId, ClientId, UserId
from dialer.domain.transfer import TargetKind, Transfer, TransferEvent, TransferState, Way
from dialer.domain.transfer_target import TransferTarget
from dialer.services.ports.transfers import ColleagueChoice, TargetChoice, TransferChoices
from dialer.services.transfers import TransferRefusedError

DESK = UUID(int=71)


class FakeTransfers:
    """One transfer, remembered."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.refusal = ""
        self.transfer: Transfer | None = None

    async def choices(self, user: UserId, attempt: AttemptId) -> TransferChoices:
        return TransferChoices(
            targets=[TargetChoice(id=DESK, kind="desk", name="Loket", languages=(), open=True)],
            colleagues=[ColleagueChoice(user=UserId(UUID(int=9)), name="Mila")],
        )

    async def start(
        self, user: UserId, attempt: AttemptId, way: Way, *, target: UUID | None, colleague: UserId | None
    ) -> Transfer:
        self.asked.append(("start", user, attempt, way, target, colleague))
        if self.refusal:
            raise TransferRefusedError(self.refusal)
        self.transfer = Transfer(
            attempt=attempt, agent=user, leg=ChannelId("leg.a.b"), resident=ChannelId(str(attempt)), way=way,
            kind=TargetKind.DESK, name="Loket", target=target, channel=ChannelId("transfer.a.b"), since=1000.0,
        )  # fmt: skip
        return self.transfer

    async def step(self, user: UserId, attempt: AttemptId, event: TransferEvent) -> Transfer:
        self.asked.append(("step", user, attempt, event))
        if self.transfer is None:
            raise NotFoundError("none is under way")
        return replace(self.transfer, state=TransferState.GATHERING)


class KeptTargets:
    """`TransferTargetStore`."""

    def __init__(self, *targets: TransferTarget) -> None:
        self.rows = {one.id: one for one in targets}

    async def of(self, client: ClientId) -> Sequence[TransferTarget]:
        return sorted((one for one in self.rows.values() if one.client == client), key=lambda one: one.position)

    async def find(self, target: UUID) -> TransferTarget:
        try:
            return self.rows[target]
        except KeyError:
            raise NotFoundError("no such target") from None

    async def add(self, target: TransferTarget) -> None:
        self.rows[target.id] = target

    async def change(self, target: TransferTarget) -> TransferTarget | None:
        if self.rows[target.id].version != target.version:
            return None
        self.rows[target.id] = replace(target, version=target.version + 1)
        return self.rows[target.id]
