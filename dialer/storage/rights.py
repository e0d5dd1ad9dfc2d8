"""Row-level security: what a client's own people and machines can reach in PostgreSQL, whatever a statement asks.

Their requests work under the role `dialer_tenant` (storage.pool), which sees rows of one client alone. The service's
own work runs as the owner of the tables, whom policies do not concern: claims pay nothing for it. Put in place by
`dialer migrate`, each time: a back-up holds neither roles nor grants. A table with a column `client_id` is taken in by
itself; another one needs a line below, or no client's request can touch it.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from dialer.domain.errors import ConflictError
from dialer.storage.connection import Connection

TENANT = "dialer_tenant"

_OWN = "nullif(current_setting('dialer.client', true), '')::uuid"

PARENTS = {
    "campaign_agent": ("campaign", "campaign_id"),
    "catalogue_change": ("campaign", "campaign_id"),
    "plan_change": ("campaign", "campaign_id"),
    "campaign_script": ("campaign", "campaign_id"),
    "reach_report": ("campaign", "campaign_id"),
    "delivery_refusal": ("delivery", "delivery_id"),
    "report_difference": ("delivery", "delivery_id"),
    "pii.refused_row": ("delivery", "delivery_id"),
    "pii.follow_up_note": ("delivery", "delivery_id"),
    "pii.question_text": ("delivery", "delivery_id"),
    "pii.resident": ("resident", "resident_id"),
    "pii.signal": ("signal", "signal_id"),
    "pii.phone": ("phone", "phone_id"),
    "case_phone": ("case_file", "case_id"),
    "report_mark": ("case_file", "case_id"),
    "preview_hold": ("case_file", "case_id"),
    "preview_skip": ("case_file", "case_id"),
    "question_message": ("case_file", "case_id"),
    "attempt_event": ("attempt", "attempt_id"),
    "attempt_script": ("attempt", "attempt_id"),
    "script_version": ("script", "script_id"),
    "script_decision": ("script_version", "version_id"),
    "knowledge_version": ("knowledge_card", "card_id"),
    "knowledge_decision": ("knowledge_card", "card_id"),
    "slot_seat": ("slot", "slot_id"),
    "export_line": ("export_run", "export_id"),
    "review": ("sample", "sample_id"),
    "coaching": ("review", "review_id"),
    "pii.coaching_text": ("coaching", "coaching_id"),
    "complaint_event": ("complaint", "complaint_id"),
    "pii.complaint_text": ("complaint", "complaint_id"),
}
"""Tables whose rows belong to a client by way of another one: that table, and the column that names its row."""

SHARED = frozenset(
    {
        "outcome_catalogue", "outcome_definition", "pause_reason", "skill", "agent_ability", "agent_duty",
        "agent_event", "learned_state", "report_era", "report_tally", "clock_pair", "job_run",
    }
)  # fmt: skip
"""Read by all: words, rules and figures, nobody's data."""

WORKED = frozenset({"lease"})
"""Read and written by all: who has a turn at something is nobody's data, and requests take turns too."""

CLOSED = frozenset(
    {
        "user_session", "second_factor", "recovery_code", "sign_in_rule", "user_identity", "api_token", "audit_link",
        "audit_anchor", "idempotency", "practice_result",
        "practice_pass", "roster_day", "roster_feed", "schema_migration", "improvement", "emergency_stop",
    }
)  # fmt: skip
"""Not for them, nor anything that is not named here and has no client."""

_OF_ALL_TOO = frozenset({"app_user", "script", "audit_event"})
"""Rows without a client in these are everybody's: our people's names, shipped scripts, lines about nobody's data."""

_USER_COLUMNS = "id, login, display_name, role, client_id, language, disabled_at, created_at, version"
"""Of `app_user`: no password's hash."""

_DEFINERS = ("link_audit", "report_cases", "report_case_changed", "report_partners", "report_numbers",
             "report_attempts", "report_bookings")  # fmt: skip
"""Trigger functions that write what clients may not: they work as the owner, on the names that they mean."""

SQL_TABLES_OF_CLIENTS = """
select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as name,
       exists (select 1 from pg_attribute a
                where a.attrelid = c.oid and a.attname = 'client_id' and not a.attisdropped) as has_client
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname in ('public', 'pii')
 order by 1
"""
SQL_RIGHTS_NOW = """
select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as name,
       obj_description(p.oid, 'pg_policy') as rule
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
 where p.polname = 'own_client' and c.relrowsecurity
"""
SQL_GRANTED_NOW = """
select case c.relnamespace::regnamespace::text when 'public' then '' else c.relnamespace::regnamespace || '.' end
       || c.relname as name,
       has_any_column_privilege(r.oid, c.oid, 'select') as may_read,
       has_table_privilege(r.oid, c.oid, 'insert') as may_write
  from pg_class c, pg_roles r
 where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('public', 'pii') and r.rolname = 'dialer_tenant'
"""


def rule_of(table: str, *, has_client: bool) -> str | None:
    """What a row must fulfil to be a client's own; None: the table is nobody's."""
    if table == "client":
        return f"id = {_OWN}"
    if table in _OF_ALL_TOO:
        return f"client_id is null or client_id = {_OWN}"
    if has_client:
        return f"client_id = {_OWN}"
    if table in PARENTS:
        parent, column = PARENTS[table]
        own = f"{table.rpartition('.')[2]}.{column}"
        return f"exists (select 1 from {parent} parent_row where parent_row.id = {own})"  # noqa: S608 - from PARENTS
    return None


async def lacking(connection: Connection) -> Sequence[str]:
    """Statements that put it right; none: it is as it should be."""
    granted = {row["name"]: row for row in await connection.fetch(SQL_GRANTED_NOW)}
    now = {row["name"]: row["rule"] for row in await connection.fetch(SQL_RIGHTS_NOW)}
    todo = []
    for row in await connection.fetch(SQL_TABLES_OF_CLIENTS):
        table = row["name"]
        rule = rule_of(table, has_client=row["has_client"])
        if rule is not None and now.get(table) != rule:
            text = rule.replace("'", "''")
            todo += [
                f"alter table {table} enable row level security",
                f"drop policy if exists own_client on {table}",
                f"create policy own_client on {table} using ({rule}) with check ({rule})",
                f"comment on policy own_client on {table} is '{text}'",
            ]
        had = granted.get(table)
        reads = table in SHARED | WORKED or (rule is not None and table not in CLOSED)
        writes = reads and table not in SHARED and table != "app_user"
        if had is None or (had["may_read"], had["may_write"]) != (reads, writes):
            todo.append(f"revoke all on {table} from {TENANT}")
            if table == "app_user":
                todo.append(f"grant select ({_USER_COLUMNS}) on app_user to {TENANT}")
            elif writes:
                todo.append(f"grant select, insert, update, delete on {table} to {TENANT}")
            elif reads:
                todo.append(f"grant select on {table} to {TENANT}")
    if todo or not granted:
        todo += [f"grant usage on schema public, pii to {TENANT}"]
        todo += [
            f"alter function {name}() security definer set search_path = public, pii, pg_temp" for name in _DEFINERS
        ]
    return todo


async def put_in_place(connection: Connection) -> bool:
    """Whether there was something to do. Raises ConflictError when the role may not be made by us."""
    try:
        if await connection.fetchval("select 1 from pg_roles where rolname = $1", TENANT) is None:
            async with connection.transaction():
                await connection.execute(f"create role {TENANT} nologin")
        if not await connection.fetchval("select pg_has_role(current_user, $1, 'member')", TENANT):
            await connection.execute(f"grant {TENANT} to current_user")
    except asyncpg.DuplicateObjectError:
        pass  # another database of this server was first
    except asyncpg.InsufficientPrivilegeError:
        raise ConflictError(
            f"the role {TENANT} is missing: as a superuser, `create role {TENANT} nologin; "
            f"grant {TENANT} to <the user of DIALER_DATABASE_DSN>`"
        ) from None
    todo = await lacking(connection)
    async with connection.transaction():
        for statement in todo:
            await connection.execute(statement)
    return bool(todo)
