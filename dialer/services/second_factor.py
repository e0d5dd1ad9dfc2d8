"""The second factor of whoever signs in with a password: an authenticator app, with recovery codes beside it.

A right password opens a session that may do nothing but prove the app, or set one up where the role needs it
(`Stage`). Proof opens another session in its place. A code counts once, its step and all before it are refused
afterwards; wrong ones fill buckets of their own, which a right password does not empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NoReturn

from dialer.domain.errors import ConflictError, DialerError, InvalidError
from dialer.domain.ids import UserId
from dialer.domain.one_time import address_of, is_recovery, plain_code, step_of, text_of
from dialer.services.access import Role
from dialer.services.ports.accounts import Stage, User
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.second_factor import Factor, FactorRule, FactorSecrets, FactorStore
from dialer.services.throttle import Bound, SignInThrottle

BY_DEFAULT: Mapping[Role, FactorRule] = {
    Role.AGENT: FactorRule.OPTIONAL,  # sees the resident of the present call alone
    Role.SUPERVISOR: FactorRule.REQUIRED,
    Role.QUALITY: FactorRule.REQUIRED,
    Role.ADMINISTRATOR: FactorRule.REQUIRED,
    Role.PRIVACY: FactorRule.REQUIRED,
    Role.CLIENT: FactorRule.REQUIRED,
    Role.MONITOR: FactorRule.OPTIONAL,  # a screen on the wall: sees no resident
}
"""Where an administrator has said nothing: needed by whoever sees many residents, or decides who may."""

GUESSES = Bound(failures=20, drain_seconds=300)
"""Wrong codes of a user, from anywhere: 300 a day of the three in a million that fit at a time."""


class CodeRefusedError(DialerError):
    """Not a code of this app now, or used before. Says no more than that."""

    code = "code-refused"


class ResetReason(StrEnum):
    """Why an administrator takes somebody's second factor away."""

    LOST = "lost"
    REPLACED = "replaced"
    SUSPICION = "suspicion"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorState:
    """As its owner and administrators see it."""

    active: bool
    since: datetime | None
    recovery_left: int
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an authenticator app is given, once."""

    secret: str = field(repr=False)  # to type
    address: str = field(repr=False)  # to scan


class SecondFactors:
    """Use cases of the second factor, but for what a session becomes by them."""

    def __init__(
        self,
        store: FactorStore,
        secrets: FactorSecrets,
        audit: AuditLog,
        clock: Clock,
        *,
        issuer: str = "Het Gesprek",
        asks: bool = True,
    ) -> None:
        """`issuer`: as the app lists it. `asks`: roles need it by default; False for a demo."""
        self._store = store
        self._secrets = secrets
        self._audit = audit
        self._clock = clock
        self._issuer = issuer
        self._asks = asks
        self.throttle = SignInThrottle(login=GUESSES)

    async def stage_of(self, user: User) -> Stage:
        """What is still asked of somebody whose password was right."""
        factor = await self._store.factor(user.id)
        if factor is not None and factor.sealed is not None:
            return Stage.CODE
        return Stage.ENROL if await self._required(user.role) else Stage.OPEN

    async def state(self, user: User) -> FactorState:
        """Of one."""
        factor = await self._store.factor(user.id)
        on = factor is not None and factor.sealed is not None
        return FactorState(
            active=on,
            since=factor.confirmed_at if factor is not None else None,
            recovery_left=await self._store.recovery_left(user.id) if on else 0,
            required=await self._required(user.role),
        )

    async def start(self, user: User) -> Enrolment:
        """A new secret, which counts once a code of it was typed; what counts now goes on counting until then."""
        secret = self._secrets.new_secret()
        await self._store.start(user.id, self._secrets.seal(user.id, secret), self._clock.wall_utc())
        return Enrolment(secret=text_of(secret), address=address_of(secret, issuer=self._issuer, account=user.login))

    async def confirm(self, user: User, code: str, address: str) -> Sequence[str]:
        """The app that is being set up counts from now on; returns its recovery codes, which are shown once.

        Raises CodeRefusedError, ThrottledError, ConflictError where none is being set up.
        """
        factor = await self._store.factor(user.id)
        if factor is None or factor.pending is None:
            raise ConflictError("no app is being set up")
        self._take(user.id, address)
        secret = self._secrets.open(user.id, factor.pending)
        step = step_of(secret, plain_code(code), self._clock.wall_utc().timestamp(), 0)
        if step is None:
            await self._refused(user.id)
        self._give_back(user.id, address)
        codes = self._secrets.new_recovery_codes()
        hashes = [self._secrets.recovery_hash(user.id, plain_code(text)) for text in codes]
        if not await self._store.confirm(user.id, factor.pending, step, hashes, self._clock.wall_utc()):
            raise ConflictError("another app is being set up")
        await self._record(f"user:{user.id}", "second-factor.on", user.id)
        return codes

    async def check(self, user: UserId, code: str, address: str) -> None:
        """Prove that he has it: a code of the app, or a recovery code, which is used up.

        Raises CodeRefusedError, ThrottledError.
        """
        factor = await self._store.factor(user)
        self._take(user, address)
        plain = plain_code(code)
        if factor is None or factor.sealed is None:
            await self._refused(user)
        elif is_recovery(plain):
            hashed = self._secrets.recovery_hash(user, plain)
            if not await self._store.use_recovery(user, hashed, self._clock.wall_utc()):
                await self._refused(user)
            await self._record(f"user:{user}", "second-factor.recovery", user)
        elif not await self._fits(user, factor, factor.sealed, plain):
            await self._refused(user)
        self._give_back(user, address)

    async def reset(self, actor: str, user: User, reason: ResetReason) -> None:
        """By an administrator; its owner sets up another at the next sign-in. Raises ConflictError: there is none."""
        if actor == f"user:{user.id}":
            raise InvalidError("another administrator does this")
        if not await self._store.remove(user.id):
            raise ConflictError("there is no second factor")
        await self._record(actor, "second-factor.reset", user.id, {"reason": str(reason)})

    async def rules(self) -> Mapping[Role, FactorRule]:
        """For every role."""
        said = await self._store.rules()
        return {role: said.get(role, self._by_default(role)) for role in Role}

    async def set_rule(self, actor: str, role: Role, rule: FactorRule) -> None:
        """From the next sign-in on."""
        await self._store.set_rule(role, rule, self._clock.wall_utc())
        await self._audit.record(
            AuditEntry(
                actor=actor,
                action="sign-in-rule.set",
                subject_kind="role",
                subject=str(role),
                detail={"second_factor": str(rule)},
            )
        )

    # ---------------------------------------------------------------------------------------------- helpers
    def _by_default(self, role: str) -> FactorRule:
        return BY_DEFAULT[Role(role)] if self._asks else FactorRule.OPTIONAL

    async def _required(self, role: str) -> bool:
        said = await self._store.rules()
        return said.get(role, self._by_default(role)) is FactorRule.REQUIRED

    async def _fits(self, user: UserId, factor: Factor, sealed: bytes, plain: str) -> bool:
        secret = self._secrets.open(user, sealed)
        step = step_of(secret, plain, self._clock.wall_utc().timestamp(), factor.last_step)
        return step is not None and await self._store.use_step(user, sealed, step)

    def _take(self, user: UserId, address: str) -> None:
        self.throttle.take(str(user), address, self._clock.monotonic())

    def _give_back(self, user: UserId, address: str) -> None:
        self.throttle.give_back(str(user), address, self._clock.monotonic())

    async def _refused(self, user: UserId) -> NoReturn:
        await self._record(f"user:{user}", "second-factor.refused", user)
        raise CodeRefusedError("code does not fit")

    async def _record(self, actor: str, action: str, user: UserId, detail: Mapping[str, object] | None = None) -> None:
        await self._audit.record(
            AuditEntry(actor=actor, action=action, subject_kind="user", subject=str(user), detail=detail or {})
        )
