"""What the pretended service answers about clients, their systems, files, appointments and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.support import panel_bookings as bookings
from tests.support import panel_exchange as exchange
from tests.support import panel_lists as lists
from tests.support import panel_office as office
from tests.support import panel_outlets as outlets
from tests.support import panel_people as people
from tests.support.panel_answer import Asked, Handler, Json, by_id, iso, page

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub


def _new_export(stub: Stub, asked: Asked) -> Json:
    export = {**lists.exports()[0], "id": people.uid(78), "kind": asked.body["kind"], "confirmed_at": None}
    stub.exports.insert(0, export)
    return export


def _confirm(stub: Stub, asked: Asked) -> Json:
    export = by_id(stub.exports, asked.path["export"])
    export["confirmed_at"] = iso()
    return export


ANSWERS: Mapping[str, Handler] = {
    "listMappings": lambda _, __: {"items": lists.mappings(), "fields": office.intake_fields()},
    "learnMapping": lambda _, asked: lists.mapping(asked.query["name"], lists.mappings()[0]["columns"], 1),
    "getClient": lambda stub, _: office.client(stub.client_settings),
    "updateClient": lambda stub, asked: office.change_client(stub.client_settings, asked.body),
    "renameMapping": lambda _, asked: {**lists.mappings()[0], "name": asked.body["new_name"]},
    "removeMapping": lambda _, __: None,
    "saveMapping": lambda _, asked: lists.mapping(asked.body["name"], asked.body["columns"], 2),
    "listExports": lambda stub, _: page(stub.exports),
    "createExport": _new_export,
    "confirmExport": _confirm,
    "listClients": lambda _, __: {"items": lists.clients()},
    "listTokens": lambda stub, _: {"items": stub.tokens},
    "createToken": lambda stub, asked: office.new_token(stub.tokens, asked.body),
    "renewToken": lambda stub, asked: office.renew_token(stub.tokens, asked.path["token"], asked.body),
    "renewChannelSecret": lambda stub, asked: {
        "channel": office.renewed(stub.channels, asked.path["channel"], asked.body),
        "secret": "whsec_bmlldXc=",
    },
    "renewOutletSecret": lambda stub, asked: {
        "outlet": office.renewed(stub.outlets, asked.path["outlet"], asked.body),
        "secret": "whsec_bmlldXc=",
    },
    "revokeToken": lambda stub, asked: office.revoke_token(stub.tokens, asked.path["token"]),
    "listSources": lambda stub, _: {"items": stub.sources},
    "createSource": lambda stub, asked: exchange.new_source(stub.sources, asked.path["campaign"], asked.body),
    "updateSource": lambda stub, asked: exchange.change_source(stub.sources, asked.path["source"], asked.body),
    "lookAtSource": lambda stub, asked: exchange.change_source(stub.sources, asked.path["source"], {}),
    "getDdasProfile": lambda stub, _: stub.ddas,
    "setDdasProfile": lambda stub, asked: exchange.set_ddas(stub.ddas, asked.body),
    "listMappingNames": lambda _, __: {"items": [one["name"] for one in lists.mappings() if one["kind"] == "list"]},
    "listOutlets": lambda stub, _: {"items": stub.outlets},
    "createOutlet": lambda stub, asked: outlets.add(stub.outlets, asked.path["campaign"], asked.body),
    "updateOutlet": lambda stub, asked: outlets.change(stub.outlets, asked.path["outlet"], asked.body),
    "tryOutlet": lambda stub, asked: {"fault": by_id(stub.outlets, asked.path["outlet"])["last_error"]},
    "sendOutlet": lambda stub, asked: outlets.send(stub.outlets, stub.dispatches, asked.path["outlet"]),
    "listDispatches": lambda stub, asked: {
        "items": [one for one in stub.dispatches if asked.query.get("outlet") in (None, one["outlet"])]
    },
    "resendDispatch": lambda stub, asked: outlets.resend(stub.outlets, stub.dispatches, asked.path["dispatch"]),
    "listResultProfiles": lambda stub, asked: {"items": outlets.listed(stub.profiles, asked.query.get("name"))},
    "saveResultProfile": lambda stub, asked: outlets.save_profile(stub.profiles, asked.body),
    "learnResultProfile": lambda _, __: {
        "columns": [{"title": title, "field": field} for title, field in outlets.LEARNED]
    },
    "previewResultProfile": lambda _, asked: outlets.preview_of(asked.body["layout"]),
    "listArrivals": lambda _, __: {"items": exchange.arrivals()},
    "resendNotice": lambda stub, asked: bookings.changed(stub.bookings, asked.path["booking"], notice="waiting"),
    "listSlotSources": lambda stub, _: {"items": stub.slot_sources},
    "createSlotSource": lambda stub, _: stub.slot_sources[0],
    "updateSlotSource": lambda stub, asked: bookings.changed(
        stub.slot_sources, asked.path["slot_source"], **asked.body
    ),
    "lookAtSlotSource": lambda stub, asked: bookings.changed(
        stub.slot_sources, asked.path["slot_source"], last_error="", last_ok_at=None
    ),
    "listSlots": lambda stub, _: {"items": stub.slots},
    "listBookings": lambda stub, _: {"items": stub.bookings},
    "moveBooking": lambda stub, asked: bookings.changed(stub.bookings, asked.path["booking"], withdrawn=False),
    "cancelBooking": lambda stub, asked: bookings.changed(
        stub.bookings, asked.path["booking"], state="cancelled", reason=asked.body["reason"]
    ),
    "reportBooking": lambda stub, asked: bookings.changed(
        stub.bookings, asked.path["booking"], state=asked.body["result"]
    ),
    "listChannels": lambda stub, _: {"items": stub.channels},
    "createChannel": lambda stub, asked: exchange.new_channel(stub.channels, asked.body),
    "updateChannel": lambda stub, asked: exchange.change_channel(stub.channels, asked.path["channel"], asked.body),
    "tryChannel": lambda stub, asked: {"fault": by_id(stub.channels, asked.path["channel"])["last_error"]},
    "listMessages": lambda _, asked: {
        "items": exchange.messages(asked.query.get("channel"), asked.query.get("state", "dead"))
    },
    "resendMessage": lambda _, __: exchange.messages(None, "dead")[0],
    "getMessageContent": lambda _, __: exchange.content(),
    "messageEntered": lambda _, __: {**exchange.messages(None, "dead")[0], "state": "confirmed", "error": ""},
    "listDueResults": lambda _, __: exchange.due(),
    "getClientLogo": lambda _, __: {"logo": False},
    "setClientLogo": lambda _, asked: {"logo": asked.body["png"] is not None},
}
