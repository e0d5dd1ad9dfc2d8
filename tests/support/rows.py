"""Rows of the office's tables for one client, put in by hand: no service is needed to have something to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from dialer.clock import SystemIds
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId
from dialer.domain.script import first_script, to_json
from dialer.storage.catalogue import CatalogueStore

_PATTERN = (
    '{"weekdays": [1], "begin": "10:00", "end": "12:00", "minutes": 60, "from_on": "2026-01-01", "until_on": null,'
    ' "except_on": []}'
)


@dataclass(frozen=True)
class Rows:
    """One of each."""

    client: ClientId
    campaign: CampaignId
    delivery: DeliveryId
    case: CaseId
    phone: PhoneId
    attempt: AttemptId
    export: UUID
    callback: UUID
    signal: UUID
    channel: UUID
    message: UUID
    source: UUID
    script: UUID
    script_version: UUID
    knowledge: UUID
    slot_source: UUID
    outlet: UUID
    dispatch: UUID
    booking: UUID
    transfer_target: UUID
    overflow_line: UUID
    report: UUID
    report_schedule: UUID
    report_delivery: UUID
    sample: UUID
    bill: UUID
    complaint: UUID
    resident: UUID
    privacy_request: UUID
    incident: UUID

    def path(self) -> dict[str, UUID]:
        """By name of the path parameter."""
        return {
            "campaign": self.campaign,
            "delivery": self.delivery,
            "case": self.case,
            "phone": self.phone,
            "attempt": self.attempt,
            "export": self.export,
            "callback": self.callback,
            "channel": self.channel,
            "source": self.source,
            "message": self.message,
            "script": self.script,
            "script_version": self.script_version,
            "knowledge": self.knowledge,
            "slot_source": self.slot_source,
            "outlet": self.outlet,
            "dispatch": self.dispatch,
            "booking": self.booking,
            "transfer_target": self.transfer_target,
            "overflow_line": self.overflow_line,
            "report": self.report,
            "report_schedule": self.report_schedule,
            "report_delivery": self.report_delivery,
            "sample": self.sample,
            "bill": self.bill,
            "complaint": self.complaint,
            "resident": self.resident,
            "privacy_request": self.privacy_request,
            "incident": self.incident,
        }


async def add_rows(pool: asyncpg.Pool, client: ClientId, at: datetime, name: str = "Maart") -> Rows:
    """A draft campaign with one delivery of one resident who was called once."""
    ids = [SystemIds().new() for _ in range(31)]
    campaign, delivery, resident, case, phone, attempt, export, callback, signal, *others = ids
    channel, message, source, script, script_version, knowledge, slot_source, slot, booking, *more = others
    transfer_target, outlet, dispatch, report, report_schedule, sample, agent, bill, complaint, *last = more
    report_delivery, privacy_request, incident, overflow_line = last
    key, body = phone.bytes, json.dumps(to_json(first_script()))
    statements: list[tuple[str, tuple[object, ...]]] = [
        (
            "insert into campaign (id, client_id, name, state, calendar, catalogue_version, created_at)"
            " values ($1, $2, $3, 'draft', '{}', 1, $4)",
            (campaign, client, name, at),
        ),
        (
            "insert into delivery (id, client_id, campaign_id, content_hash, format, state, received_at, counts)"
            " values ($1, $2, $3, $4, 'csv', 'loaded', $5, '{\"rows\": 1}')",
            (delivery, client, campaign, key, at),
        ),
        (
            "insert into delivery_refusal (delivery_id, row_number, column_name, reason, fatal)"
            " values ($1, 2, 'birth_date', 'missing', true), ($1, 2, 'phone_1', 'too_short', false),"
            " ($1, 3, 'surname', 'missing', true)",
            (delivery,),
        ),
        ("insert into resident (id, client_id, match_key, created_at) values ($1, $2, $3, $4)",
         (resident, client, key, at)),
        (
            "insert into case_file (id, client_id, campaign_id, resident_id, delivery_id, state, opened_at,"
            " term_ends_at, plan_ends_at, catalogue_version) values ($1, $2, $3, $4, $5, 'open', $6, $7, $7, 1)",
            (case, client, campaign, resident, delivery, at, at + timedelta(days=28)),
        ),
        ("insert into phone (id, client_id, number_key, kind) values ($1, $2, $3, 'mobile')", (phone, client, key)),
        ("insert into case_phone (case_id, phone_id, position) values ($1, $2, 1)", (case, phone)),
        (
            "insert into signal (id, client_id, delivery_id, case_id, client_ref, signal_ref, partner_type, signal_on,"
            " term_ends_at, plan_ends_at) values ($1, $2, $3, $4, $5, $6, 'Huur', $7, $8, $8)",
            (signal, client, delivery, case, f"K-{name}", f"S-{name}", at.date(), at + timedelta(days=28)),
        ),
        (
            "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id,"
            " state, live, claimed_at, catalogue_version, outcome, machine_result)"
            " values ($1, 'in', $2, $3, $4, $5, $6, 'c', 'ended', false, $7, 1, 'LOST', 'LOST')",
            (attempt, client, campaign, case, phone, key, at),
        ),
        (
            "insert into export_run (id, client_id, campaign_id, kind, created_at, line_count)"
            " values ($1, $2, $3, 'full', $4, 0)",
            (export, client, campaign, at),
        ),
        (
            "insert into callback_task (id, client_id, campaign_id, number_key, sealed_number, origin, state,"
            " requested_at) values ($1, $2, $3, $4, '', 'closed', 'open', $5)",
            (callback, client, campaign, key, at),
        ),
        (
            "insert into arrival_source (id, client_id, campaign_id, kind, name, place, created_at)"
            " values ($1, $2, $3, 'folder', $4, '{\"path\": \"stad\"}', $5)",
            (source, client, campaign, f"Map {name}", at),
        ),
        (
            "insert into result_outlet (id, client_id, campaign_id, kind, name, state, place, created_at)"
            " values ($1, $2, $3, 'folder', $4, 'on', '{\"path\": \"stad\"}', $5)",
            (outlet, client, campaign, f"Uit {name}", at),
        ),
        (
            "insert into result_dispatch (id, outlet_id, number, client_id, campaign_id, export_id, name, lines,"
            " replacements, state, created_at, due_at)"
            " values ($1, $2, 1, $3, $4, $5, 'resultaten-0001.csv', 1, 0, 'dead', $6, $6)",
            (dispatch, outlet, client, campaign, export, at),
        ),
        (
            "insert into slot_source (id, client_id, kind, name, place, meeting, seats, pattern, created_at)"
            " values ($1, $2, 'own', $3, 'Stadhuis', 'office', 1, $4::text::jsonb, $5)",
            (slot_source, client, f"Spreekuur {name}", _PATTERN, at),
        ),
        (
            "insert into slot (id, source_id, client_id, key, starts_at, ends_at) values ($1, $2, $3, 'k', $4, $5)",
            (slot, slot_source, client, at + timedelta(days=1), at + timedelta(days=1, hours=1)),
        ),
        (
            "insert into booking (id, client_id, campaign_id, case_id, attempt_id, root_id, slot_id, state, booked_at)"
            " values ($1, $2, $3, $4, $5, $1, $6, 'booked', $7)",
            (booking, client, campaign, case, attempt, slot, at),
        ),
        ("insert into slot_seat (slot_id, seat, booking_id) values ($1, 1, $2)", (slot, booking)),
        (
            "insert into exchange_channel (id, client_id, kind, name, state, created_at)"
            " values ($1, $2, 'hand', $3, 'on', $4)",
            (channel, client, f"Werklijst {name}", at),
        ),
        (
            "insert into outbox_message (id, channel_id, client_id, campaign_id, case_id, resident_id, result_version,"
            " created_at, due_at) values ($1, $2, $3, $4, $5, $6, 1, $7, $7)",
            (message, channel, client, campaign, case, resident, at),
        ),
        (
            "insert into script (id, client_id, name, draft, draft_at, created_at)"
            " values ($1, $2, $3, $4::text::jsonb, $5, $5)",
            (script, client, name, body, at),
        ),
        (
            "insert into knowledge_card (id, client_id, created_at) values ($1, $2, $3)",
            (knowledge, client, at),
        ),
        (
            "insert into knowledge_version (card_id, version, title, body, valid_from, created_at)"
            " values ($1, 1, 'Toeslagen', 'Aanvragen kan tot 1 september.', $2, $3)",
            (knowledge, at.date(), at),
        ),
        (
            "insert into report_run (id, client_id, campaign_id, definitions, operations, first_day, last_day, at, era,"
            " expected, agreed)"
            " values ($1, $2, $3, 1, 1, '2026-03-01', '2026-03-31', $4, newest_report_era(), '[]', '{}')",
            (report, client, campaign, at),
        ),
        (
            "insert into tariff (client_id, valid_from, price, vat_percent, set_at, set_by)"
            " values ($1, '2026-01-01', 12.50, 21, $2, 'cli') on conflict do nothing",  # one for the client
            (client, at),
        ),
        (
            "insert into privacy_request (id, client_id, resident_id, kind, state, received_on, due_on, reason,"
            " opened_at) values ($1, $2, $3, 'file', 'open', '2026-03-02', '2026-04-02', 'verzoek om inzage', $4)",
            (privacy_request, client, resident, at),
        ),
        (
            "insert into incident (id, client_id, state, discovered_at, kind, data, what, opened_at)"
            " values ($1, $2, 'open', $3, 'sent', '{names}', 'een lijst ging naar een verkeerd adres', $3)",
            (incident, client, at),
        ),
        (
            "insert into bill (id, client_id, month, sequence, number, records, net, vat, gross, at, by_actor)"
            " select $1, $2, (date '2026-02-01' + make_interval(months => count(*)::int))::date, count(*) + 1, $3, 1,"
            " 12.50, '{\"21\": \"2.63\"}', 15.13, $4, 'cli' from bill where client_id = $2",
            (bill, client, str(bill), at),
        ),
        (
            "insert into bill_line (bill_id, position, client_id, case_id, delivery_id, turn, client_ref, signal_refs,"
            " origin, day, price, vat_percent, sign)"
            " values ($1, 1, $2, $3, $4, 1, 'Z-1', '{S-1}', 'outbound', '2026-02-27', 12.50, 21, 1)",
            (bill, client, case, delivery),
        ),
        (
            "insert into report_schedule (id, client_id, campaign_id, every, day, done, created_at)"
            " values ($1, $2, $3, 'month', 3, $4, $5)",
            (report_schedule, client, campaign, at.date(), at),
        ),
        (
            "insert into report_delivery (id, schedule_id, report_id, client_id, way, format, state, created_at,"
            " due_at) values ($1, $2, $3, $4, 'mail', 'pdf', 'confirmed', $5, $5)",
            (report_delivery, report_schedule, report, client, at),
        ),
        (
            "insert into transfer_target (id, client_id, kind, name, number, hours)"
            " values ($1, $2, 'desk', 'Loket', '+31790000010', '[[],[],[],[],[],[],[]]')",
            (transfer_target, client),
        ),
        (
            "insert into overflow_line (id, client_id, campaign_id, number, team, opening, back_number, hours,"
            " most_waiting, most_seconds) values ($1, $2, $3, $4, 'het loket', 'U neemt op voor het loket.',"
            " '+31790000011', '[[],[],[],[],[],[],[]]', 3, 120)",
            (overflow_line, client, campaign, f"+3179{overflow_line.int % 10_000_000:07}"),
        ),
        (
            "insert into app_user (id, login, display_name, role, password_hash, created_at)"
            " values ($1, $2, 'Sanne de Wit', 'agent', '', $3)",
            (agent, f"a{agent.hex[-20:]}", at),
        ),
        (
            "insert into sample_draw (client_id, day, seed, per_agent, population, drawn_at)"
            " values ($1, $2, 's', 3, '[]', $3) on conflict do nothing",
            (client, at.date(), at),
        ),
        (
            "insert into sample (id, client_id, campaign_id, day, attempt_id, agent_id, outcome, reasons, priority)"
            " values ($1, $2, $3, $4, $5, $6, 'LOST', '{chance}', 0)",
            (sample, client, campaign, at.date(), attempt, agent),
        ),
        (
            "insert into complaint (id, client_id, campaign_id, case_id, attempt_id, state, received_at, due_on,"
            " changed_at) values ($1, $2, $3, $4, $5, 'received', $6, $7, $6)",
            (complaint, client, campaign, case, attempt, at, at.date() + timedelta(days=42)),
        ),
        (
            "insert into script_version (id, script_id, number, body, note, created_at)"
            " values ($1, $2, 1, $3::text::jsonb, 'eerste', $4)",
            (script_version, script, body, at),
        ),
    ]  # fmt: skip
    await CatalogueStore(pool).seed(at)
    async with pool.acquire() as connection, connection.transaction():
        for sql, values in statements:
            await connection.execute(sql, *values)
    return Rows(
        client=client,
        campaign=CampaignId(campaign),
        delivery=DeliveryId(delivery),
        case=CaseId(case),
        phone=PhoneId(phone),
        attempt=AttemptId(attempt),
        export=export,
        callback=callback,
        signal=signal,
        channel=channel,
        message=message,
        source=source,
        script=script,
        script_version=script_version,
        knowledge=knowledge,
        slot_source=slot_source,
        outlet=outlet,
        dispatch=dispatch,
        booking=booking,
        transfer_target=transfer_target,
        overflow_line=overflow_line,
        report=report,
        report_schedule=report_schedule,
        report_delivery=report_delivery,
        sample=sample,
        bill=bill,
        resident=resident,
        privacy_request=privacy_request,
        incident=incident,
        complaint=complaint,
    )
