"""What a right password opens: a whole session, half a one, or nothing where its owner comes in by way of the house.

Administrators' passwords always open (with the second factor that the role needs): they are the way in when the
provider is away, and lift the rule for the others.
"""

from __future__ import annotations

from typing import Protocol

from dialer.domain.errors import ConflictError, DialerError
from dialer.domain.ids import UserId
from dialer.services.access import Role
from dialer.services.ports.accounts import Stage, User
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.second_factor import FactorRule, PasswordRule
from dialer.services.second_factor import SecondFactors


class SignOnNeededError(DialerError):
    """The password was right, and opens nothing: this user comes in by way of the house's identity provider."""

    code = "sign-on-needed"


class Links(Protocol):
    """Who is linked to the provider."""

    async def linked(self, user: UserId) -> bool:
        """To anybody there."""
        ...


class Admission:
    """The rules by role, where the house has a provider."""

    def __init__(self, factors: SecondFactors, links: Links, audit: AuditLog, *, provider: bool) -> None:
        """`provider`: whether one is set; without it nobody may be kept out by the rule."""
        self._factors = factors
        self._links = links
        self._audit = audit
        self._provider = provider

    async def stage_of(self, user: User) -> Stage:
        """Of somebody whose password was right. Raises SignOnNeededError."""
        if await self._by_provider_alone(user) and await self._links.linked(user.id):
            await self._audit.record(
                AuditEntry(
                    actor=f"user:{user.id}",
                    action="sign-in.password-refused",
                    subject_kind="user",
                    subject=str(user.id),
                )
            )
            raise SignOnNeededError("comes in by way of the provider")
        return await self._factors.stage_of(user)

    async def check_unlink(self, user: User) -> None:
        """Whether he may end his own link: not where it would open the password again. Raises SignOnNeededError."""
        if await self._by_provider_alone(user):
            raise SignOnNeededError("an administrator does this")

    async def set_rule(self, actor: str, role: Role, factor: FactorRule, password: PasswordRule) -> None:
        """From the next sign-in on. Raises ConflictError without a provider, InvalidError for administrators."""
        if password is not PasswordRule.ALLOWED and not self._provider:
            raise ConflictError("no provider")
        await self._factors.set_rule(actor, role, factor, password)

    async def _by_provider_alone(self, user: User) -> bool:
        if not self._provider or user.role == Role.ADMINISTRATOR:
            return False
        return (await self._factors.rules())[Role(user.role)].password is PasswordRule.UNTIL_LINKED
