"""What the pretended service behind the panel answers about bills."""

from __future__ import annotations

from typing import Any

from tests.support.panel_people import CLIENT, at, uid

Json = dict[str, Any]
BILL, NOTE = uid(970), uid(971)


def bill(identity: str = BILL, **more: object) -> Json:
    """A closed month."""
    return {
        "id": identity, "client": CLIENT, "client_name": "Voorbeeldstad", "month": "2026-10-01",
        "number": "2026-10-voorbeeldstad-1", "credits": None, "credits_number": "", "reason": "", "records": 412,
        "net": "5150.00", "vat": "1081.50", "gross": "6231.50", "at": at(hours=-200), **more,
    }  # fmt: skip


def bills() -> list[Json]:
    """A bill, and a credit note of it."""
    note = bill(
        NOTE, number="2026-10-voorbeeldstad-2", credits=BILL, credits_number="2026-10-voorbeeldstad-1",
        reason="dubbel aangeleverd", records=-2, net="-25.00", vat="-5.25", gross="-30.25", at=at(hours=-90),
    )  # fmt: skip
    return [note, bill()]


def draft(month: str) -> Json:
    """The month after: half of it at an older price."""
    return {
        "month": month, "closable": month < "2026-11-01", "credited": 2, "records": 398,
        "rates": [{"price": "12.50", "vat_percent": "21.00", "records": 398, "net": "4975.00"}],
        "net": "4975.00", "vat": "1044.75", "gross": "6019.75",
    }  # fmt: skip


def tariffs() -> list[Json]:
    """One by agreement, one by an index."""
    index = {"source": "CBS CPI, oktober 2025 en 2026", "before": "126.340", "after": "130.510", "exact": "12.912577"}
    return [
        {"valid_from": "2027-01-01", "price": "12.91", "vat_percent": "21.00", "note": "", "index": index,
         "set_at": at(hours=-20)},
        {"valid_from": "2026-05-01", "price": "12.50", "vat_percent": "21.00", "note": "overeenkomst, artikel 6",
         "index": None, "set_at": at(hours=-900)},
    ]  # fmt: skip
