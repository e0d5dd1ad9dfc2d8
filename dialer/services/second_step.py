"""What a session becomes by the second factor: from half to whole, and back to signed out by an administrator."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.domain.browsers import Device
from dialer.domain.errors import ConflictError, ForbiddenError, InvalidError
from dialer.domain.ids import UserId
from dialer.services.access import Principal
from dialer.services.accounts import Accounts
from dialer.services.ports.accounts import Stage, User
from dialer.services.second_factor import Enrolment, ResetReason, SecondFactors


class SecondStep:
    """Binds sessions and second factors."""

    def __init__(self, accounts: Accounts, factors: SecondFactors) -> None:
        self._accounts = accounts
        self._factors = factors

    async def prove(
        self, principal: Principal, code: str, address: str, secret: str | None, device: Device
    ) -> tuple[str, Principal]:
        """A whole session in the place of the half one, whose cookie is `secret`.

        Raises CodeRefusedError, ThrottledError, ConflictError where no code is asked for.
        """
        user = await self._user(principal)
        if principal.stage is not Stage.CODE:
            raise ConflictError("no code is asked for")
        await self._factors.check(user.id, code, address)
        return await self._accounts.open(user, secret, device)

    async def start(self, principal: Principal, password: str, code: str, address: str) -> Enrolment:
        """Begin with an app. Whoever is in already proves that he is not just somebody at an open screen.

        Raises SignInRefusedError, CodeRefusedError, ThrottledError, ForbiddenError.
        """
        user = await self._user(principal)
        on = (await self._factors.state(user)).active
        if principal.stage is Stage.OPEN:
            await self._accounts.own_password(principal, password, address)
            if on:
                await self._factors.check(user.id, code, address)
        else:
            _may_enrol(principal, on=on)
        return await self._factors.start(user)

    async def confirm(
        self, principal: Principal, code: str, address: str, secret: str | None, device: Device
    ) -> tuple[Sequence[str], str | None, Principal]:
        """The app counts. Returns its recovery codes, the secret of a new session (None: the present one goes on), and
        whose it is; the user's other sessions end, for they were opened without it.

        Raises CodeRefusedError, ThrottledError, ConflictError, ForbiddenError.
        """
        user = await self._user(principal)
        if principal.stage is not Stage.OPEN:
            _may_enrol(principal, on=(await self._factors.state(user)).active)
        codes = await self._factors.confirm(user, code, address)
        await self._accounts.end_sessions(principal.actor, user.id, keep=principal.credential)
        if principal.stage is Stage.OPEN:
            return codes, None, principal
        opened, whole = await self._accounts.open(user, secret, device)
        return codes, opened, whole

    async def reset(self, actor: str, user: UserId, reason: ResetReason) -> None:
        """By an administrator; all sessions of that user end. Raises NotFoundError, ConflictError, InvalidError."""
        await self._factors.reset(actor, await self._accounts.user(user), reason)
        await self._accounts.end_sessions(actor, user)

    async def _user(self, principal: Principal) -> User:
        if principal.user is None:
            raise InvalidError("only for people")
        return await self._accounts.user(principal.user)


def _may_enrol(principal: Principal, *, on: bool) -> None:
    """A half session sets one up only where there is none: else the password alone would be enough after all."""
    if on or principal.stage is not Stage.ENROL:
        raise ForbiddenError("a code of the present app is asked for")
