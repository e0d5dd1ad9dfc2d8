"""Tariffs, bills and credit notes. Amounts are text: no machine rounds them on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.api.files import attachment
from dialer.domain.billing import Tariff, Totals
from dialer.domain.ids import ClientId
from dialer.services.ports.billing import Bill, TariffLine


async def list_tariffs(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    return answer({"items": _tariffs(await call.deps.billing.tariffs(ClientId(call.path["client"]), call.viewer()))})


async def set_tariff(call: ApiCall) -> web.StreamResponse:
    """From a day on."""
    tariff = Tariff(
        valid_from=date.fromisoformat(call.body["valid_from"]),
        price=Decimal(call.body["price"]),
        vat_percent=Decimal(call.body["vat_percent"]),
    )
    await call.deps.billing.set_tariff(ClientId(call.path["client"]), tariff, call.body.get("note", ""), call.viewer())
    response = await list_tariffs(call)
    response.set_status(201)
    return response


async def index_tariff(call: ApiCall) -> web.StreamResponse:
    """The tariff of 1 January."""
    body = call.body
    before, after = Decimal(body["before"]), Decimal(body["after"])
    client = ClientId(call.path["client"])
    await call.deps.billing.index(client, body["year"], before, after, body["source"], call.viewer())
    response = await list_tariffs(call)
    response.set_status(201)
    return response


async def get_bill_draft(call: ApiCall) -> web.StreamResponse:
    """What a month would cost now."""
    month = date.fromisoformat(call.query["month"])
    draft = await call.deps.billing.draft(ClientId(call.path["client"]), month, call.viewer())
    return answer(
        {
            "month": draft.month,
            "closable": draft.closable,
            "credited": draft.credited,
            **_totals(draft.totals),
        }
    )


async def list_bills(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    client = call.uuid("client")
    found = await call.deps.billing.bills(None if client is None else ClientId(client), call.viewer())
    return answer({"items": [_bill(one) for one in found]})


async def close_month(call: ApiCall) -> web.StreamResponse:
    """Its bill, and credit notes to earlier ones."""
    month = date.fromisoformat(call.body["month"])
    made = await call.deps.billing.close(ClientId(call.path["client"]), month, call.viewer())
    return answer({"items": [_bill(await call.deps.billing.bill(one, call.viewer())) for one in made]}, 201)


async def credit_bill(call: ApiCall) -> web.StreamResponse:
    """For records that are named, or all."""
    made = await call.deps.billing.credit(
        call.path["bill"], call.body["references"], call.body["reason"], call.viewer()
    )
    return answer(_bill(await call.deps.billing.bill(made, call.viewer())), 201)


async def download_bill(call: ApiCall) -> web.StreamResponse:
    """The bill, or its proof list; audited by the service."""
    format_ = call.query["format"]
    data, number = await call.deps.billing.file(call.path["bill"], format_, call.viewer())
    return attachment(data, format_, number)


def _tariffs(lines: Sequence[TariffLine]) -> list[dict[str, Any]]:
    return [
        {
            "valid_from": line.tariff.valid_from,
            "price": f"{line.tariff.price:.2f}",
            "vat_percent": f"{line.tariff.vat_percent:.2f}",
            "note": line.note,
            "index": None
            if line.index is None
            else {
                "source": line.index.source,
                "before": str(line.index.before),
                "after": str(line.index.after),
                "exact": str(line.index.exact),
            },
            "set_at": line.set_at,
        }
        for line in lines
    ]


def _totals(total: Totals) -> dict[str, Any]:
    return {
        "records": total.records,
        "rates": [
            {
                "price": f"{rate.price:.2f}",
                "vat_percent": f"{rate.vat_percent:.2f}",
                "records": rate.records,
                "net": f"{rate.net:.2f}",
            }
            for rate in total.rates
        ],
        "net": f"{total.net:.2f}",
        "vat": f"{sum(total.vat.values(), Decimal(0)):.2f}",
        "gross": f"{total.gross:.2f}",
    }


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "id": bill.id,
        "client": bill.client,
        "client_name": bill.client_name,
        "month": bill.month,
        "number": bill.number,
        "credits": bill.credits,
        "credits_number": bill.credits_number,
        "reason": bill.reason,
        "records": bill.records,
        "net": f"{bill.net:.2f}",
        "vat": f"{sum(bill.vat.values(), Decimal(0)):.2f}",
        "gross": f"{bill.gross:.2f}",
        "at": bill.at,
    }


HANDLERS: Handlers = {
    "listTariffs": list_tariffs,
    "setTariff": set_tariff,
    "indexTariff": index_tariff,
    "getBillDraft": get_bill_draft,
    "listBills": list_bills,
    "closeMonth": close_month,
    "creditBill": credit_bill,
    "downloadBill": download_bill,
}
