"""Signing in: passwords, sessions and second factors, built for the composition root."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from dialer.api.spec import PREFIX
from dialer.config import Settings
from dialer.exchange.guarded import GuardedHttp, Reach, parse_networks
from dialer.security.master_key import parse_master_key
from dialer.security.second_factor import SealedFactors
from dialer.security.secrets import Argon2Passwords, RandomTokens
from dialer.security.tickets import SealedTickets
from dialer.services.accounts import Accounts, AccountSettings
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.sign_on import Provider
from dialer.services.second_factor import SecondFactors
from dialer.services.second_step import SecondStep
from dialer.services.sign_on import SignOn
from dialer.storage.accounts import PostgresAccounts
from dialer.storage.identities import PgIdentities
from dialer.storage.second_factors import PgSecondFactors

PATIENCE_SECONDS = 10.0
"""With the identity provider: somebody waits for it at a screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInParts:
    """What the API is given."""

    accounts: Accounts
    factors: SecondFactors
    second_step: SecondStep
    sign_on: SignOn


def provider_of(stack: AsyncExitStack, settings: Settings, clock: Clock) -> Provider | None:
    """The house's own identity provider, if one is set; its connections end with `stack`."""
    own = settings.sign_on
    if not own.issuer:
        return None
    from dialer.exchange.oidc import OidcProvider, OidcSettings

    http = GuardedHttp(
        Reach(networks=parse_networks(settings.exchange.networks), demo=settings.service.demo), seconds=PATIENCE_SECONDS
    )
    stack.push_async_callback(http.close)
    to_it = OidcSettings(
        issuer=own.issuer,
        client_id=own.client_id,
        client_secret=own.client_secret,
        redirect=own.url.rstrip("/") + PREFIX + "/session/sign-on/back",
    )
    return OidcProvider(http, to_it, monotonic=clock.monotonic, wall=clock.wall)


def sign_in_parts(
    settings: Settings,
    pool: asyncpg.Pool,
    audit: AuditLog,
    clock: Clock,
    ids: Ids,
    provider: Provider | None = None,
) -> SignInParts:
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
    sign_on = SignOn(
        provider,
        accounts,
        PgIdentities(pool),
        SealedTickets(parse_master_key(settings.keys.master)),
        audit,
        clock,
        name=settings.sign_on.name,
    )
    return SignInParts(accounts=accounts, factors=factors, second_step=SecondStep(accounts, factors), sign_on=sign_on)
