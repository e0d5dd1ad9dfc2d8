"""Whose object it is, for the one check that keeps clients apart."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from dialer.domain.ids import ClientId
from dialer.storage.pool import store

SQL_CLIENT_OF_CAMPAIGN = "select client_id from campaign where id = $1"
SQL_CLIENT_OF_DELIVERY = "select client_id from delivery where id = $1"
SQL_CLIENT_OF_CASE = "select client_id from case_file where id = $1"
SQL_CLIENT_OF_ATTEMPT = "select client_id from attempt where id = $1"
SQL_CLIENT_OF_EXPORT = "select client_id from export_run where id = $1"
SQL_CLIENT_OF_CALLBACK = "select client_id from callback_task where id = $1"
SQL_CLIENT_OF_SCRIPT = "select client_id from script where id = $1"
SQL_CLIENT_OF_SCRIPT_VERSION = """
select s.client_id from script_version v join script s on s.id = v.script_id where v.id = $1
"""

SQL_CLIENT_OF_SOURCE = "select client_id from arrival_source where id = $1"
SQL_CLIENT_OF_OUTLET = "select client_id from result_outlet where id = $1"
SQL_CLIENT_OF_DISPATCH = "select client_id from result_dispatch where id = $1"
SQL_CLIENT_OF_CHANNEL = "select client_id from exchange_channel where id = $1"
SQL_CLIENT_OF_MESSAGE = "select client_id from outbox_message where id = $1"
SQL_CLIENT_OF_KNOWLEDGE = "select client_id from knowledge_card where id = $1"

SQL_CLIENT_OF_SLOT_SOURCE = "select client_id from slot_source where id = $1"
SQL_CLIENT_OF_BOOKING = "select client_id from booking where id = $1"
SQL_CLIENT_OF_TRANSFER_TARGET = "select client_id from transfer_target where id = $1"
SQL_CLIENT_OF_OVERFLOW_LINE = "select client_id from overflow_line where id = $1"

SQL_CLIENT_OF_REPORT = "select client_id from report_run where id = $1"
SQL_CLIENT_OF_REPORT_SCHEDULE = "select client_id from report_schedule where id = $1"

SQL_CLIENT_OF_REPORT_DELIVERY = "select client_id from report_delivery where id = $1"
SQL_CLIENT_OF_SAMPLE = "select client_id from sample where id = $1"
SQL_CLIENT_OF_COMPLAINT = "select client_id from complaint where id = $1"

SQL_CLIENT_OF_BILL = "select client_id from bill where id = $1"

SQL_CLIENT_OF_RESIDENT = "select client_id from resident where id = $1"
SQL_CLIENT_OF_PRIVACY_REQUEST = "select client_id from privacy_request where id = $1"

SQL_CLIENT_OF_INCIDENT = "select client_id from incident where id = $1"

SQL_CLIENT = "select id from client where id = $1"

OWNED: Mapping[str, str] = {
    "client": SQL_CLIENT,
    "campaign": SQL_CLIENT_OF_CAMPAIGN,
    "delivery": SQL_CLIENT_OF_DELIVERY,
    "case": SQL_CLIENT_OF_CASE,
    "attempt": SQL_CLIENT_OF_ATTEMPT,
    "export": SQL_CLIENT_OF_EXPORT,
    "callback": SQL_CLIENT_OF_CALLBACK,
    "source": SQL_CLIENT_OF_SOURCE,
    "outlet": SQL_CLIENT_OF_OUTLET,
    "dispatch": SQL_CLIENT_OF_DISPATCH,
    "channel": SQL_CLIENT_OF_CHANNEL,
    "message": SQL_CLIENT_OF_MESSAGE,
    "script": SQL_CLIENT_OF_SCRIPT,
    "knowledge": SQL_CLIENT_OF_KNOWLEDGE,
    "script_version": SQL_CLIENT_OF_SCRIPT_VERSION,
    "slot_source": SQL_CLIENT_OF_SLOT_SOURCE,
    "booking": SQL_CLIENT_OF_BOOKING,
    "transfer_target": SQL_CLIENT_OF_TRANSFER_TARGET,
    "overflow_line": SQL_CLIENT_OF_OVERFLOW_LINE,
    "report": SQL_CLIENT_OF_REPORT,
    "report_schedule": SQL_CLIENT_OF_REPORT_SCHEDULE,
    "report_delivery": SQL_CLIENT_OF_REPORT_DELIVERY,
    "sample": SQL_CLIENT_OF_SAMPLE,
    "bill": SQL_CLIENT_OF_BILL,
    "complaint": SQL_CLIENT_OF_COMPLAINT,
    "resident": SQL_CLIENT_OF_RESIDENT,
    "incident": SQL_CLIENT_OF_INCIDENT,
    "privacy_request": SQL_CLIENT_OF_PRIVACY_REQUEST,
}
"""Path parameter -> question. A parameter that is not here belongs to no client."""


@store
class PostgresOwnership:
    """`Ownership` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def client_of(self, kind: str, subject: UUID) -> ClientId | None:
        """None when there is no such object."""
        found: UUID | None = await self._pool.fetchval(OWNED[kind], subject)
        return None if found is None else ClientId(found)
