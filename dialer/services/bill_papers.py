"""A bill in words: as a paper, and as the list that proves it. The client's own references, nobody's name."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dialer.domain.billing import Origin, Totals
from dialer.domain.reports.operations import Unit
from dialer.schedule.windows import local
from dialer.services.ports.billing import Bill, BillLine
from dialer.services.ports.export import Table
from dialer.services.ports.report_files import Cell, Paper, PaperTable

_MONTHS = (
    ("januari", "January"), ("februari", "February"), ("maart", "March"), ("april", "April"), ("mei", "May"),
    ("juni", "June"), ("juli", "July"), ("augustus", "August"), ("september", "September"), ("oktober", "October"),
    ("november", "November"), ("december", "December"),
)  # fmt: skip
_ORIGINS = {Origin.OUTBOUND: ("wij belden", "we called"), Origin.INBOUND: ("inwoner belde", "the resident called")}

# In words: a spreadsheet would take a minus for the beginning of a formula.
_ENTRIES = {1: ("in rekening", "charged"), -1: ("gecrediteerd", "credited")}


def euros(amount: Decimal, english: int) -> str:
    """1.234,50 or 1,234.50, with its sign."""
    text = f"{amount:,.2f}"
    return text if english else text.translate(str.maketrans(",.", ".,"))


def percent(value: Decimal, english: int) -> str:
    """21% or 5,5%."""
    text = f"{value.normalize():f}%"
    return text if english else text.replace(".", ",")


def bill_paper(bill: Bill, charged: Totals, lines: Sequence[BillLine], logo: bytes | None, language: str) -> Paper:
    """Sums by price, VAT apart, and each record by its reference."""
    english = int(language == "en")
    month = f"{_MONTHS[bill.month.month - 1][english]} {bill.month.year}"
    kind = ("Factuur", "Bill")[english] if bill.credits is None else ("Creditnota", "Credit note")[english]
    at = local(bill.at)
    about = [f"{kind} {bill.number}", ("Afgesloten op ", "Closed on ")[english] + f"{at:%d-%m-%Y, %H:%M}"]
    if bill.credits is not None:
        about.append(("Hoort bij factuur ", "Belongs to bill ")[english] + bill.credits_number)
        about.append(("Reden: ", "Reason: ")[english] + bill.reason)
    sums: list[Sequence[Cell]] = [
        [
            ("Belbare records van ", "Callable records at ")[english] + euros(rate.price, english),
            rate.records,
            euros(rate.net, english),
        ]
        for rate in charged.rates
    ]
    sums.append([("Totaal zonder btw", "Total without VAT")[english], bill.records, euros(bill.net, english)])
    sums += (
        [("Btw ", "VAT ")[english] + percent(rate, english), "", euros(amount, english)]
        for rate, amount in bill.vat.items()
    )
    return Paper(
        title=f"{kind} {month}",
        about=bill.client_name,
        lines=about,
        at=bill.at,
        tables=[
            PaperTable(
                title=("Bedragen in euro", "Amounts in euros")[english],
                note="",
                head=["", ("Records", "Records")[english], ("Bedrag", "Amount")[english]],
                units=[None, Unit.COUNT, None],
                rows=sums,
                total=[("Te betalen", "To be paid")[english], "", euros(bill.gross, english)],
            ),
            PaperTable(
                title=("Bewijslijst", "Proof list")[english],
                note=(
                    "Met uw eigen kenmerken, zonder persoonsgegevens. De prijs is die van de dag van levering.",
                    "With your own references, without personal data. The price is that of the day of delivery.",
                )[english],
                head=[("Kenmerk", "Reference")[english], ("Geleverd", "Delivered")[english],
                      ("Contact", "Contact")[english], ("Bedrag", "Amount")[english]],
                units=[None, None, None, None],
                rows=[
                    [one.client_ref, f"{one.day:%d-%m-%Y}", _ORIGINS[one.origin][english],
                     euros(one.price * one.sign, english)]
                    for one in lines
                ],
            ),
        ],
        words=[
            (
                ("Belbaar record", "Callable record")[english],
                (
                    "Een inwoner in een levering die gebeld kan worden, of die ons zelf belde. Eenmaal per levering, "
                    "hoe vaak en hoe lang er ook is gebeld.",
                    "A resident in a delivery who can be called, or who called us. Once for each delivery, however "
                    "often and long the calls were.",
                )[english],
            )
        ],
        words_title=("Wat de woorden betekenen", "What the words mean")[english],
        language=language,
        empty="",
        logo=logo,
    )  # fmt: skip


def proof_table(lines: Sequence[BillLine], language: str) -> Table:
    """Every record with the client's references and its price; whoever adds them up has the bill."""
    english = int(language == "en")
    head = (
        ("kenmerk", "reference"), ("signalen", "signals"), ("levering", "delivery"), ("geleverd_op", "delivered_on"),
        ("contact", "contact"), ("boeking", "entry"), ("prijs_zonder_btw", "price_without_vat"),
        ("btw_procent", "vat_percent"),
    )  # fmt: skip
    return Table(
        header=[pair[english] for pair in head],
        rows=[
            [
                one.client_ref,
                ", ".join(one.signal_refs),
                str(one.delivery),
                one.day.isoformat(),
                _ORIGINS[one.origin][english],
                _ENTRIES[one.sign][english],
                _plain(one.price, english),
                _plain(one.vat_percent, english),
            ]
            for one in lines
        ],
    )


def _plain(amount: Decimal, english: int) -> str:
    text = f"{amount:.2f}"
    return text if english else text.replace(".", ",")
