"""`dialer secret`: keys of machines and secrets that sign what we send, listed and renewed."""

from __future__ import annotations

import argparse
import asyncio
from uuid import UUID

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.exchange import ChannelKind
from dialer.domain.outlets import OutletKind
from dialer.security.master_key import parse_master_key
from dialer.security.secrets import Argon2Passwords, RandomTokens
from dialer.security.vault import MasterVault
from dialer.services.accounts import Accounts
from dialer.services.ports.people import CLI
from dialer.services.secrets import Secrets
from dialer.storage.accounts import PostgresAccounts
from dialer.storage.audit import PostgresAudit
from dialer.storage.channels import PgChannels
from dialer.storage.outlets import PgOutlets
from dialer.storage.pool import open_pool
from dialer.storage.secrets import PgSecrets

EXAMPLES = """examples:
  dialer secret list
  dialer secret renew token 0198c0de-0000-7000-8000-000000000000
  dialer secret renew channel 0198c0de-0000-7000-8000-000000000000 --overlap-hours 72
  dialer secret renew outlet 0198c0de-0000-7000-8000-000000000000 --overlap-hours 0

The new one is printed once. The old one stays valid for the overlap (24 hours unless you say otherwise); 0 ends it now,
for one that others may have seen.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "secret",
        help="list and renew the secrets of exchange",
        description="Tokens that let machines in, and secrets with which we sign webhooks and pushes.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="step", metavar="COMMAND", required=True)
    show = commands.add_parser("list", help="which there are, without the secrets")
    show.set_defaults(run=_run)
    renew = commands.add_parser("renew", help="a new one, printed once")
    renew.add_argument("kind", choices=("token", "channel", "outlet"))
    renew.add_argument("id", type=UUID)
    renew.add_argument("--overlap-hours", type=int, default=24, help="how long the old one stays valid (default 24)")
    renew.add_argument("--days", type=int, default=90, help="of a token: until the new one ends (default 90)")
    renew.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(args), args))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        clock = SystemClock()
        audit = PostgresAudit(pool, clock.now)
        channels, outlets = PgChannels(pool), PgOutlets(pool)
        accounts = Accounts(PostgresAccounts(pool), Argon2Passwords(), RandomTokens(), audit, clock, SystemIds())
        if args.step == "list":
            return await _list(accounts, channels, outlets)
        hours: int = args.overlap_hours
        if args.kind == "token":
            token, made = await accounts.machines.renew(
                CLI.actor, None, token=args.id, overlap_hours=hours, days=args.days
            )
            print(f"token {token.id} {token.name}, until {token.expires_at:%Y-%m-%d}")
            print(made)
            return 0
        secrets = Secrets(
            store=PgSecrets(pool), channels=channels, outlets=outlets, audit=audit, clock=clock,
            vault=MasterVault(parse_master_key(settings.keys.master)),
        )  # fmt: skip
        if args.kind == "channel":
            version = (await channels.find(args.id)).version
            made = (await secrets.renew_channel(args.id, version, hours, CLI))[1]
        else:
            version = (await outlets.find(args.id)).version
            made = (await secrets.renew_outlet(args.id, version, hours, CLI))[1]
        print(made)
        return 0
    finally:
        await pool.close()


async def _list(accounts: Accounts, channels: PgChannels, outlets: PgOutlets) -> int:
    for token in await accounts.machines.all():
        if token.revoked_at is None:
            print(f"token    {token.id}  {token.name}  until {token.expires_at:%Y-%m-%d %H:%M}")
    for channel in await channels.all(None):
        if channel.kind is ChannelKind.WEBHOOK:
            print(f"channel  {channel.id}  {channel.name}{_old(channel.old_until)}")
    for outlet in await outlets.all(None):
        if outlet.kind is OutletKind.PUSH:
            print(f"outlet   {outlet.id}  {outlet.name}{_old(outlet.old_until)}")
    return 0


def _old(until: object) -> str:
    return "" if until is None else f"  old one until {until:%Y-%m-%d %H:%M}"
