"""Signing in: passwords, sessions and second factors, built for the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from dialer.config import Settings
from dialer.security.master_key import parse_master_key
from dialer.security.second_factor import SealedFactors
from dialer.security.secrets import Argon2Passwords, RandomTokens
from dialer.services.accounts import Accounts, AccountSettings
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.second_factor import SecondFactors
from dialer.services.second_step import SecondStep
from dialer.storage.accounts import PostgresAccounts
from dialer.storage.second_factors import PgSecondFactors


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInParts:
    """What the API is given."""

    accounts: Accounts
    factors: SecondFactors
    second_step: SecondStep


def sign_in_parts(settings: Settings, pool: asyncpg.Pool, audit: AuditLog, clock: Clock, ids: Ids) -> SignInParts:
    """All of it. In a demo no role needs a second factor; whoever wants one may set it up."""
    factors = SecondFactors(
        PgSecondFactors(pool),
        SealedFactors(parse_master_key(settings.keys.master)),
        audit,
        clock,
        asks=not settings.service.demo,
    )
    accounts = Accounts(
        PostgresAccounts(pool),
        Argon2Passwords(),
        RandomTokens(),
        audit,
        clock,
        ids,
        AccountSettings(lock=timedelta(minutes=settings.http.lock_minutes)),
        asks=factors.stage_of,
    )
    return SignInParts(accounts=accounts, factors=factors, second_step=SecondStep(accounts, factors))
