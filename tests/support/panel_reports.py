"""What the pretended service behind the panel answers about reports."""

from __future__ import annotations

from typing import Any

from dialer.domain.reports.definitions import DEFINITIONS, NEWEST
from dialer.domain.reports.reach import share_of
from dialer.services.report_words import meaning
from tests.support.panel_people import CAMPAIGN, CAMPAIGN_2, CASE, CLIENT, at, uid

Json = dict[str, Any]
REPORT = uid(950)
_KNOWN = DEFINITIONS[NEWEST]


def line(report: str = REPORT) -> Json:
    """One that was asked before."""
    return {
        "id": report, "client": CLIENT, "client_name": "Voorbeeldstad", "campaign": None, "campaign_name": "",
        "first_day": "2026-10-01", "last_day": "2026-10-31", "at": at(hours=-1),
    }  # fmt: skip


def expected() -> list[Json]:
    """One below, one as agreed."""
    return [
        {
            "campaign": CAMPAIGN, "name": "Vroege hulp, najaar", "at": at(hours=-3), "share": 0.379, "expected": 0.46,
            "low": 0.41, "high": 0.5, "promised": 0.6, "band_points": 10, "verdict": "below",
            "text": "De verwachting ligt 14 punten onder de belofte. Afgesproken is hoogstens 10. Bespreek dit samen.",
        },
        {
            "campaign": CAMPAIGN_2, "name": "Vroege hulp, zomer", "at": at(hours=-3), "share": 0.52, "expected": 0.56,
            "low": 0.53, "high": 0.6, "promised": 0.55, "band_points": 10, "verdict": "as_agreed",
            "text": "De verwachting is zoals afgesproken.",
        },
    ]  # fmt: skip


def row(key: str, label: str, *counts: int | None) -> Json:
    """Counts in the order of the definitions."""
    named = dict(zip([measure.key for measure in _KNOWN.measures], counts, strict=True))
    return {
        "key": key, "label": label, "counts": named,
        "shares": {share.key: share_of(share, named) for share in _KNOWN.shares},
    }  # fmt: skip


def report(*, whole: bool = True) -> Json:
    """A month of two deliveries; without residents some counts are hidden."""
    few = None if not whole else 3
    names = {measure.key: measure.label[0] for measure in _KNOWN.measures}
    days = [
        ("2026-10-05", "5-10-2026", 41, 0.1),
        ("2026-10-06", "6-10-2026", 38, 0.19),
        ("2026-10-07", "7-10-2026", 79, 0.39),
    ]
    before = expected()[0] | {"expected": 0.41}
    return {
        **line(), "definitions": NEWEST, "whole": whole,
        "measures": [{"key": m.key, "label": m.label[0], "means": m.means[0]} for m in _KNOWN.measures],
        "shares": [{"key": s.key, "label": s.label[0], "means": meaning(s, names, 0)} for s in _KNOWN.shares],
        "total": row("", "Totaal", 431, 408, 391, 158, 57, 21, 34),
        "tables": [
            {
                "dimension": "delivery", "title": "Per levering", "note": "",
                "rows": [
                    row(uid(951), "1-10-2026 09:12", 240, 229, 221, 91, 33, 12, 20),
                    row(uid(952), "15-10-2026 09:05", 191, 179, 170, 67, 24, 9, 14),
                ],
            },
            {
                "dimension": "day", "title": "Per dag van het eerste gesprek",
                "note": "Bereik is hier het bereik tot en met die dag.",
                "rows": [
                    {"key": key, "label": label, "counts": {"reached": many}, "shares": {"reach": share}}
                    for key, label, many, share in days
                ],
            },
            {
                "dimension": "partner", "title": "Per vastelastenpartner",
                "note": "Een inwoner met signalen van twee partners telt bij allebei mee.",
                "rows": [
                    row("rent", "verhuurder", 120, 116, 112, 51, 20, 7, 11),
                    row("energy", "energiebedrijf", 171, 160, 152, 60, 21, 8, 13),
                    row("water", "waterbedrijf", 9, 8 if whole else None, few, few, few, 0, 0),
                ],
            },
            {
                "dimension": "number", "title": "Per soort nummer", "note": "",
                "rows": [
                    row("both", "mobiel en vast", 61, 61, 60, 31, 11, 4, 7),
                    row("fixed", "alleen vast", 44, 44, 41, 15, 5, 0, 5),
                    row("mobile", "alleen mobiel", 303, 303, 290, 112, 41, 17, 22),
                    row("none", "geen nummer", 23, 0, 0, 0, 0, 0, 0),
                ],
            },
        ],
        "expected": expected(),
        "adjustments": [
            {
                "id": uid(953), "campaign": CAMPAIGN, "campaign_name": "Vroege hulp, najaar", "at": at(days=-9),
                "by": "Sem van den Berg", "agreed_on": "2026-10-20", "agreed_with": "teamleider schuldhulp",
                "agreed": "Vanaf maandag ook op zaterdag bellen, en een maand later opnieuw kijken.",
                "before": before, "after": expected()[0],
            }
        ],
    }  # fmt: skip


def records() -> list[Json]:
    """Cases behind a figure."""
    return [
        {
            "case": CASE if n == 0 else uid(700 + n), "delivery": uid(951), "opened_at": at(days=-20),
            "reached_at": at(days=-3, hours=-n), "state": "reached", "outcome": "HELP_WANTED",
        }
        for n in range(3)
    ]  # fmt: skip


def agreed(lines: list[Json]) -> Json:
    """The log of a campaign."""
    return {"items": lines}


def agreement(body: Json) -> Json:
    """A new line."""
    return {"id": uid(954), "at": at(), "by": "Sem van den Berg", **body}
