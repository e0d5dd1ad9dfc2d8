"""A desk without a centre: remembers what was asked of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from dialer.domain.errors import ConflictError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, DeliveryId, UserId
from dialer.domain.listening import Listener, ListenMode, ListenPurpose
from dialer.services.listening import ListenRefusedError
from dialer.services.messages import MessageRefusedError
from dialer.services.phones import OwnPhoneError
from dialer.services.ports.desk import AgentView, DeviceGrant, Filing, FloorView, WrapUp
from dialer.services.ports.ears import Supervisor
from dialer.services.ports.phones import BrowserGrant


def wrap_up(attempt: AttemptId) -> WrapUp:
    """An unfinished one."""
    return WrapUp(attempt=attempt, ended_at=datetime(2026, 3, 2, 9, tzinfo=UTC), direction="out", outcome="")


class FakeDesk:
    """`Desk`."""

    def __init__(self) -> None:
        self.views: dict[UserId, AgentView] = {}
        self.asked: list[tuple[object, ...]] = []

    def put(self, user: UserId, **changes: object) -> AgentView:
        """Bring an agent into a state."""
        self.views[user] = replace(self.agent(user), **changes)  # type: ignore[arg-type]
        return self.views[user]

    async def device(self, user: UserId) -> DeviceGrant:
        self.asked.append(("device", user))
        return DeviceGrant(username="a-1", secret="geheim", domain="127.0.0.1", sip_port=5060, transport="udp")

    async def on_duty(self, user: UserId) -> AgentView:
        self.asked.append(("on", user))
        return self.put(user, state="available")

    async def off_duty(self, user: UserId) -> AgentView:
        self.asked.append(("off", user))
        return self.put(user, state="off")

    async def pause(self, user: UserId, reason: str) -> AgentView:
        self.asked.append(("pause", user, reason))
        if self.agent(user).state == "off":
            raise ConflictError("not on duty")
        return self.put(user, state="paused", reason=reason)

    async def resume(self, user: UserId) -> AgentView:
        self.asked.append(("resume", user))
        return self.put(user, state="available", reason="")

    async def ask_help(self, user: UserId) -> AgentView:
        self.asked.append(("help", user))
        return self.put(user, help_since=5.0)

    async def hang_up(
        self, user: UserId, attempt: AttemptId, flags: Collection[str] = (), *, no_survey: bool = False
    ) -> AgentView:
        more = (tuple(flags), no_survey) if flags or no_survey else ()
        self.asked.append(("hang_up", user, attempt, *more))
        return self.put(user, state="wrap_up", wrap_ups=(wrap_up(attempt),))

    async def voicemail(self, user: UserId, attempt: AttemptId) -> AgentView:
        self.asked.append(("voicemail", user, attempt))
        return self.put(user, state="available", attempt=None)

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing) -> AgentView:
        self.asked.append(("file", user, attempt, filing))
        return self.put(user, state="available", attempt=None, wrap_ups=())

    async def undo(self, user: UserId, attempt: AttemptId) -> AgentView:
        self.asked.append(("undo", user, attempt))
        return self.put(user, state="wrap_up", attempt=attempt, wrap_ups=(wrap_up(attempt),))

    def agent(self, user: UserId) -> AgentView:
        return self.views.get(user) or AgentView(
            user=user,
            name="",
            state="off",
            since=0.0,
            reason="",
            wish="",
            phone="none",
            attempt=None,
            direction="",
            wrap_ups=(),
        )

    def floor(self) -> FloorView:
        agents: Sequence[AgentView] = tuple(self.views.values())
        return FloorView(at=0.0, link_up=True, database_up=True, stopped=False, agents=agents, calls=(), campaigns=())


class FakePhones:
    """`Phones`."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.own: set[UserId] = set()
        self.away = False

    async def grant(self, user: UserId, session: UUID, *, choose: bool) -> BrowserGrant:
        self.asked.append(("grant", user, choose))
        if user in self.own and not choose:
            raise OwnPhoneError("a phone of one's own was chosen")
        return BrowserGrant(username="w-1", secret="geheim", domain="127.0.0.1")

    async def grant_listener(self, user: UserId, session: UUID) -> BrowserGrant:
        self.asked.append(("grant_listener", user))
        return BrowserGrant(username="w-2", secret="geheim", domain="127.0.0.1")

    def open(self, user: UserId, session: UUID) -> None:
        if self.away:
            raise UnavailableError("not here")
        self.asked.append(("open", user))

    def registered(self, user: UserId) -> None:
        self.asked.append(("registered", user))

    def closed(self, user: UserId) -> None:
        self.asked.append(("closed", user))

    def ended(self, user: UserId, session: UUID) -> None:
        self.asked.append(("ended", user))


class FakeMessages:
    """`Messages`: remembered, or refused."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.refusal = ""

    async def send(self, user: UserId, text: str, *, sender: str, actor: str) -> None:
        self.asked.append(("send", user, text, sender, actor))
        if self.refusal:
            raise MessageRefusedError(self.refusal)

    async def read(self, user: UserId, message: UUID) -> None:
        self.asked.append(("read", user, message))


class FakeEars:
    """`Ears`: one who listens, remembered."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.refusal = ""
        self.listener: Listener | None = None

    async def start(self, who: Supervisor, attempt: AttemptId, purpose: ListenPurpose) -> Listener:
        self.asked.append(("start", who, attempt, purpose))
        if self.refusal:
            raise ListenRefusedError(self.refusal)
        self.listener = Listener(
            user=who.user,
            name=who.name,
            attempt=attempt,
            channel=ChannelId("listen.a.b.c"),
            purpose=purpose,
            since=1000.0,
        )
        return self.listener

    async def turn(self, who: Supervisor, attempt: AttemptId, mode: ListenMode) -> Listener:
        self.asked.append(("turn", who, attempt, mode))
        if self.listener is None:
            raise ListenRefusedError("listen-not-yet")
        return replace(self.listener, mode=mode)

    async def stop(self, who: Supervisor, attempt: AttemptId) -> None:
        self.asked.append(("stop", who, attempt))


class FakeEngine:
    """`EngineControl`."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    async def campaign_changed(self, campaign: CampaignId) -> None:
        self.told.append(("campaign", campaign))

    async def delivery_recalled(self, delivery: DeliveryId) -> None:
        self.told.append(("delivery", delivery))

    async def case_changed(self, case: CaseId) -> None:
        self.told.append(("case", case))
