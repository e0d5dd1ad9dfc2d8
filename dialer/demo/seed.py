"""What the demo's database begins with: a client, and log-ins with drawn passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from dialer.clock import PressedClock, SystemIds
from dialer.demo.options import DemoOptions
from dialer.demo.postgres import EmbeddedPostgres
from dialer.domain.checklist import ITEMS
from dialer.security.master_key import parse_master_key
from dialer.security.secrets import Argon2Passwords, RandomTokens
from dialer.security.vault import MasterVault
from dialer.services.access import Role
from dialer.services.accounts import Accounts
from dialer.services.checklist import Checklist
from dialer.services.clients import Clients, NewClient
from dialer.services.skills import Skills
from dialer.storage.accounts import PostgresAccounts
from dialer.storage.audit import PostgresAudit
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.checklist import PgChecklist
from dialer.storage.clients import PgClientStore
from dialer.storage.connecting import connect
from dialer.storage.migrate import migrate
from dialer.storage.pool import open_pool
from dialer.storage.skills import PgSkills

CLIENT = NewClient(
    slug="voorbeeldstad",
    name="Gemeente Voorbeeldstad",
    municipality="Voorbeeldstad",
    neutral_name="het Contactteam",
    inbound_number="+31790000000",
)


_SPOKEN = (["tr", "en"], ["ar", "en"], ["pl", "uk"])
"""What the first robots speak beside Dutch: the languages of the invented list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """(login, password) of everybody in the demo."""

    administrator: tuple[str, str]
    supervisor: tuple[str, str] = field(repr=False)
    agent: tuple[str, str] = field(repr=False)
    robots: tuple[tuple[str, str], ...] = field(repr=False)


async def seed(
    postgres: EmbeddedPostgres, database: str, master_key: str, options: DemoOptions, start: datetime
) -> Logins:
    """A fresh database, or with `keep` the old one with new passwords."""
    await _make_database(postgres.dsn(), database, keep=options.keep)
    await migrate(postgres.dsn(database))
    pool = await open_pool(postgres.dsn(database), size=4)
    try:
        clock, ids = PressedClock(start, 1.0), SystemIds()
        await CatalogueStore(pool).seed(start)
        accounts = Accounts(
            PostgresAccounts(pool), Argon2Passwords(), RandomTokens(), PostgresAudit(pool, clock.now), clock, ids
        )
        if not options.keep:
            vault = MasterVault(parse_master_key(master_key))
            client = await Clients(PgClientStore(pool), vault, clock, ids, demo=True).add(CLIENT)
            checklist = Checklist(PgChecklist(pool), clock)
            for item in ITEMS:
                await checklist.waive(client.id, item, "demo: er is geen opdrachtgever", user=None, actor="cli")
        known = {user.login: user for user in await accounts.users(None, "", 1000)}

        async def user(login: str, name: str, role: Role) -> tuple[str, str]:
            password = secrets.token_urlsafe(9)
            if login in known:
                await accounts.set_password("cli", known[login].id, password)
            else:
                await accounts.add_user(
                    "cli", login=login, display_name=name, role=role, client=None, language="nl", password=password
                )
            return login, password

        robots = tuple([await user(f"robot-{n}", f"Robot {n}", Role.AGENT) for n in range(1, options.agents + 1)])
        if not options.keep:
            skills, made = Skills(PgSkills(pool), clock, ids), await accounts.users(None, "", 1000)
            speakers = [one for one in made if one.login.startswith("robot-")]
            for one, languages in zip(speakers, _SPOKEN, strict=False):
                await skills.set_abilities(one.id, 0, languages, [], "cli")
        return Logins(
            administrator=await user("beheer", "Beheer", Role.ADMINISTRATOR),
            supervisor=await user("teamleider", "Teamleider", Role.SUPERVISOR),
            agent=await user("medewerker", "Medewerker", Role.AGENT),
            robots=robots,
        )
    finally:
        await pool.close()


async def _make_database(dsn: str, database: str, *, keep: bool) -> None:
    connection = await connect(dsn)
    try:
        exists = await connection.fetchval("select 1 from pg_database where datname = $1", database)
        if exists and not keep:
            await connection.execute(f'drop database "{database}" with (force)')
        if not exists or not keep:
            await connection.execute(f'create database "{database}"')
    finally:
        await connection.close()
