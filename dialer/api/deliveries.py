"""Lists in: upload, dry run, refusals, recall, enrichment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done, found, page
from dialer.api.errors import ApiError
from dialer.api.files import attachment, download, uploaded
from dialer.api.paging import page_by_id, split, text_of
from dialer.domain.ids import CampaignId, DeliveryId
from dialer.domain.intake import FIELDS, NUMBERS_FIELDS, NUMBERS_REQUIRED, REQUIRED
from dialer.domain.intake_words import FIELDS as WORDS
from dialer.domain.intake_words import REASONS, word
from dialer.domain.visits import VISIT_FIELDS, VISIT_REQUIRED
from dialer.services.intake import Loaded
from dialer.services.intake_preview import Preview
from dialer.services.ports.intake import ColumnMapping
from dialer.services.ports.office import RefusalLine

_REFUSALS = 200


async def get_import_template(call: ApiCall) -> web.StreamResponse:
    """Our own template."""
    format_ = call.query["format"]
    data = await asyncio.to_thread(call.deps.template, format_, call.language)
    return attachment(data, format_, "template")


async def list_deliveries(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    campaign = call.uuid("campaign")
    of = None if campaign is None else CampaignId(campaign)
    return await page_by_id(call, lambda after, limit: call.deps.office.deliveries(call.client, of, after, limit))


async def upload_delivery(call: ApiCall) -> web.StreamResponse:
    """A list of signals."""
    return await _take(call, "list")


async def upload_numbers(call: ApiCall) -> web.StreamResponse:
    """Numbers by reference."""
    return await _take(call, "numbers")


async def upload_visits(call: ApiCall) -> web.StreamResponse:
    """Who came to an appointment, by reference."""
    return await _take(call, "visits")


async def _take(call: ApiCall, kind: str) -> web.StreamResponse:
    campaign, viewer, intake = CampaignId(call.path["campaign"]), call.viewer(), call.deps.intake
    name = call.query.get("mapping_name")
    saved = None if name is None else await intake.mapping(await intake.client_of(campaign, viewer), name, viewer)
    async with uploaded(call) as upload:
        columns = upload.columns if saved is None else saved.columns
        if call.query["dry_run"]:
            return answer(_previewed(await intake.preview(campaign, upload.path, viewer, kind=kind, columns=columns)))
        loaded = await intake.load(campaign, upload.path, viewer, kind=kind, columns=columns)
    rows = await call.deps.office.refusals(loaded.delivery.delivery, None, _REFUSALS + 1)
    return answer(_loaded(loaded, rows, call.language), 200 if loaded.repeated else 201)


def _previewed(preview: Preview) -> dict[str, object]:
    return {
        "delivery": None,
        "dry_run": True,
        "repeated": preview.repeated,
        "counts": preview.counts,
        "columns": preview.columns,
        "unused": preview.unused,
        "rows": [row.cells for row in preview.rows],
        "refusals": preview.issues[:_REFUSALS],
        "refusals_cut": len(preview.issues) > _REFUSALS,
    }


def _loaded(loaded: Loaded, rows: Sequence[RefusalLine], language: str) -> dict[str, object]:
    return {
        "delivery": loaded.delivery.delivery,
        "dry_run": False,
        "repeated": loaded.repeated,
        "counts": loaded.delivery.counts,
        "columns": loaded.columns,
        "rows": [],
        "refusals": [_refusal(row, language) for row in rows[:_REFUSALS]],
        "refusals_cut": len(rows) > _REFUSALS,
    }


def _refusal(row: RefusalLine, language: str) -> dict[str, object]:
    return {
        "row": row.row,
        "column": word(WORDS, row.column, language),
        "reason": row.reason,
        "text": word(REASONS, row.reason, language),
        "fatal": row.fatal,
    }


async def list_mappings(call: ApiCall) -> web.StreamResponse:
    """How this client's files have been read before."""
    viewer, intake = call.viewer(), call.deps.intake
    client = await intake.client_of(CampaignId(call.path["campaign"]), viewer)
    kinds = (
        ("list", FIELDS, REQUIRED),
        ("numbers", NUMBERS_FIELDS, NUMBERS_REQUIRED),
        ("visits", VISIT_FIELDS, VISIT_REQUIRED),
    )
    fields = {
        kind: [{"field": one, "text": word(WORDS, one, call.language), "required": one in required} for one in known]
        for kind, known, required in kinds
    }
    items = [_mapped(mapping) for mapping in await intake.mappings(client, viewer)]
    return answer({"items": items, "fields": fields})


async def save_mapping(call: ApiCall) -> web.StreamResponse:
    """As given."""
    viewer, intake = call.viewer(), call.deps.intake
    client = await intake.client_of(CampaignId(call.path["campaign"]), viewer)
    kind = call.body.get("kind", "list")
    return answer(
        _mapped(await intake.save_mapping(client, call.body["name"], call.body["columns"], viewer, kind=kind))
    )


async def learn_mapping(call: ApiCall) -> web.StreamResponse:
    """As guessed from an example, or as given beside it."""
    viewer, intake = call.viewer(), call.deps.intake
    client = await intake.client_of(CampaignId(call.path["campaign"]), viewer)
    async with uploaded(call) as upload:
        saved, unused = await intake.learn_mapping(
            client, call.query["name"], upload.path, viewer, kind=call.query["kind"], columns=upload.columns
        )
    return answer(_mapped(saved, unused))


async def rename_mapping(call: ApiCall) -> web.StreamResponse:
    """Under another name, in its sources too."""
    viewer, intake = call.viewer(), call.deps.intake
    client = await intake.client_of(CampaignId(call.path["campaign"]), viewer)
    return answer(_mapped(await intake.rename_mapping(client, call.body["name"], call.body["new_name"], viewer)))


async def remove_mapping(call: ApiCall) -> web.StreamResponse:
    """No longer offered."""
    viewer, intake = call.viewer(), call.deps.intake
    client = await intake.client_of(CampaignId(call.path["campaign"]), viewer)
    await intake.remove_mapping(client, call.query["name"], viewer)
    return done()


def _mapped(mapping: ColumnMapping, unused: Sequence[str] = ()) -> dict[str, object]:
    return {
        "name": mapping.name,
        "version": mapping.version,
        "kind": mapping.kind,
        "columns": mapping.columns,
        "unused": unused,
    }


async def get_delivery(call: ApiCall) -> web.StreamResponse:
    """One."""
    return answer(found(await call.deps.office.delivery(DeliveryId(call.path["delivery"]))))


async def list_refusals(call: ApiCall) -> web.StreamResponse:
    """As a page, or as a file in the list's own columns to correct and offer again."""
    delivery, limit = DeliveryId(call.path["delivery"]), call.query["limit"]
    if call.query["format"] == "csv":
        table = await call.deps.deliveries.refused_rows(delivery, call.viewer())
        return await download(call, table, "csv", f"geweigerd-{delivery}")
    found(await call.deps.office.delivery(delivery))
    rows = await call.deps.office.refusals(delivery, _after(call.query.get("cursor")), limit + 1)
    items, following = split(rows, limit, lambda row: json.dumps([row.row, row.column, row.reason]))
    return page([_refusal(row, call.language) for row in items], following)


def _after(cursor: str | None) -> tuple[int, str, str] | None:
    text = text_of(cursor)
    if text is None:
        return None
    try:
        row, column, reason = json.loads(text)
        if not (isinstance(row, int) and -1 < row < 2**31 and isinstance(column, str) and isinstance(reason, str)):
            raise ValueError("not ours")
    except (ValueError, TypeError):
        raise ApiError("invalid", [{"field": "cursor", "rule": "format"}]) from None
    return row, column, reason


async def recall_delivery(call: ApiCall) -> web.StreamResponse:
    """Dialling stops at once, then the data goes."""
    delivery = DeliveryId(call.path["delivery"])
    report = await call.deps.deliveries.recall(delivery, call.body["reason"], call.viewer())
    return answer({"delivery": report.delivery, "cases": report.cases, "called": report.called, "seen_by": report.seen})


async def download_to_enrich(call: ApiCall) -> web.StreamResponse:
    """Residents without a number."""
    campaign = CampaignId(call.path["campaign"])
    table = await call.deps.deliveries.to_enrich(campaign, call.viewer())
    return await download(call, table, call.query["format"], f"te-verrijken-{campaign}")


HANDLERS: Handlers = {
    "getImportTemplate": get_import_template,
    "listDeliveries": list_deliveries,
    "uploadDelivery": upload_delivery,
    "uploadNumbers": upload_numbers,
    "uploadVisits": upload_visits,
    "listMappings": list_mappings,
    "saveMapping": save_mapping,
    "learnMapping": learn_mapping,
    "renameMapping": rename_mapping,
    "removeMapping": remove_mapping,
    "downloadToEnrich": download_to_enrich,
    "getDelivery": get_delivery,
    "listRefusals": list_refusals,
    "recallDelivery": recall_delivery,
}
