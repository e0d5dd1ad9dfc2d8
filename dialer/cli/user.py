"""`dialer user`: people and tokens, for whoever has a shell on the machine."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import secrets
import sys
from dataclasses import dataclass

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.access import PERMISSIONS, Permission, Role
from dialer.services.accounts import Accounts
from dialer.services.clients import Clients
from dialer.services.ports.accounts import User, UserChange
from dialer.services.second_factor import ResetReason, SecondFactors
from dialer.services.second_step import SecondStep
from dialer.sign_in_parts import sign_in_parts
from dialer.storage.audit import PostgresAudit
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool

ACTOR = "cli"

EXAMPLES = """examples:
  dialer user add anna --name "Anna de Wit" --role agent
  dialer user add zoetermeer --name "Team VIA" --role client --client zoetermeer
  echo "$PASSWORD" | dialer user add bram --name Bram --role supervisor --password-stdin
  dialer user list --role agent
  dialer user password anna
  dialer user disable anna
  dialer user second-factor anna --reset lost
  dialer user token wallboard --role monitor --scope floor.read --days 90
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserServices:
    """What these commands work with."""

    accounts: Accounts
    factors: SecondFactors
    second_step: SecondStep
    clients: Clients


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    user = subparsers.add_parser(
        "user",
        help="people who may sign in, and tokens of machines",
        description="Add, list, disable people; set passwords; make tokens.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = user.add_subparsers(dest="action", metavar="ACTION", required=True)
    roles = [str(role) for role in Role]

    add = commands.add_parser("add", help="add somebody; asks for the password")
    add.add_argument("login", help="small letters, digits, dot, dash and underscore; 2 to 40")
    add.add_argument("--name", required=True, help="as colleagues see it")
    add.add_argument("--role", required=True, choices=roles)
    add.add_argument("--client", help="slug of the client; for role client")
    add.add_argument("--language", choices=("nl", "en"), default="nl")
    _password_options(add)
    add.set_defaults(run=_run, step=_add)

    show = commands.add_parser("list", help="who may sign in")
    show.add_argument("--role", choices=roles)
    show.set_defaults(run=_run, step=_list)

    disable = commands.add_parser("disable", help="sign somebody out and let nobody in by that login")
    disable.add_argument("login")
    disable.add_argument("--undo", action="store_true", help="let them in again")
    disable.set_defaults(run=_run, step=_disable)

    password = commands.add_parser("password", help="set a password; all sessions end")
    password.add_argument("login")
    _password_options(password)
    password.set_defaults(run=_run, step=_password)

    factor = commands.add_parser("second-factor", help="whether somebody has an authenticator app; take it away")
    factor.add_argument("login")
    factor.add_argument(
        "--reset", choices=[str(reason) for reason in ResetReason], help="take it away, for this reason; sessions end"
    )
    factor.set_defaults(run=_run, step=_factor)

    token = commands.add_parser("token", help="make a token for a machine; shown once")
    token.add_argument("name", help="what it is for")
    token.add_argument("--role", required=True, choices=roles)
    token.add_argument("--client", help="slug of the client; for role client")
    token.add_argument(
        "--scope", action="append", choices=[str(scope) for scope in Permission], help="may be repeated; default: all"
    )
    token.add_argument("--days", type=int, default=90, help="until it ends (default 90, at most 366)")
    token.set_defaults(run=_run, step=_token)


def _run(args: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(args), args))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        clock, ids = SystemClock(), SystemIds()
        audit = PostgresAudit(pool, clock.now)
        vault = MasterVault(parse_master_key(settings.keys.master))
        parts = sign_in_parts(settings, pool, audit, clock, ids)
        services = UserServices(
            accounts=parts.accounts,
            factors=parts.factors,
            second_step=parts.second_step,
            clients=Clients(PgClientStore(pool), vault, clock, ids, demo=settings.service.demo),
        )
        status: int = await args.step(args, services)
        return status
    finally:
        await pool.close()


def _password_options(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    source.add_argument("--generate", action="store_true", help="make a password and print it once")


def _ask(args: argparse.Namespace) -> str:
    """Never as an argument: those are seen by everybody on the machine."""
    if args.generate:
        password = secrets.token_urlsafe(15)
        print(f"password: {password}")
        return password
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("password (at least 12 characters): ")
    if getpass.getpass("once more: ") != password:
        raise InvalidError("the two passwords differ", "password")
    return password


async def _add(args: argparse.Namespace, services: UserServices) -> int:
    user = await services.accounts.add_user(
        ACTOR,
        login=args.login,
        display_name=args.name,
        role=Role(args.role),
        client=await _client(args.client, services),
        language=args.language,
        password=_ask(args),
    )
    print(f"added {user.login} ({user.role})")
    return 0


async def _list(args: argparse.Namespace, services: UserServices) -> int:
    after = ""
    while page := await services.accounts.users(args.role, after, 200):
        for user in page:
            print(f"{user.login:24} {user.role:14} {'disabled' if user.disabled else '':9} {user.display_name}")
        after = page[-1].login
    return 0


async def _disable(args: argparse.Namespace, services: UserServices) -> int:
    user = await _user(args.login, services)
    change = UserChange(
        display_name=user.display_name,
        role=user.role,
        client=user.client,
        language=user.language,
        disabled=not args.undo,
    )
    await services.accounts.change_user(ACTOR, user.id, user.version, change)
    print(f"{user.login}: {'may sign in again' if args.undo else 'disabled, all sessions ended'}")
    return 0


async def _password(args: argparse.Namespace, services: UserServices) -> int:
    user = await _user(args.login, services)
    await services.accounts.set_password(ACTOR, user.id, _ask(args))
    print(f"{user.login}: password set, all sessions ended")
    return 0


async def _factor(args: argparse.Namespace, services: UserServices) -> int:
    user = await _user(args.login, services)
    if args.reset is not None:
        await services.second_step.reset(ACTOR, user.id, ResetReason(args.reset))
        print(f"{user.login}: taken away, all sessions ended")
        return 0
    state = await services.factors.state(user)
    had = f"since {state.since:%Y-%m-%d}, {state.recovery_left} recovery codes left" if state.since else "none"
    print(f"{user.login}: {had}{'; the role needs one' if state.required else ''}")
    return 0


async def _token(args: argparse.Namespace, services: UserServices) -> int:
    role = Role(args.role)
    scopes = [Permission(scope) for scope in args.scope] if args.scope else sorted(PERMISSIONS[role])
    token, secret = await services.accounts.machines.add(
        ACTOR,
        None,
        name=args.name,
        role=role,
        client=await _client(args.client, services),
        scopes=scopes,
        days=args.days,
    )
    print(f"until {token.expires_at:%Y-%m-%d}: {', '.join(token.scopes)}")
    print(secret)
    return 0


async def _user(login: str, services: UserServices) -> User:
    found = await services.accounts.by_login(login)
    if found is None:
        raise NotFoundError(f"no user {login}")
    return found


async def _client(slug: str | None, services: UserServices) -> ClientId | None:
    if slug is None:
        return None
    for client in await services.clients.all():
        if client.slug == slug:
            return client.id
    raise NotFoundError(f"no client {slug}")
