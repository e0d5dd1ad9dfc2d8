"""What the pretended service behind the panel answers about reports."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

from dialer.domain.reports.definitions import DEFINITIONS, NEWEST
from dialer.domain.reports.kpis import Period, earlier
from dialer.domain.reports.operations import OPERATIONS_NEWEST, Found, Line, Timing, operations
from dialer.domain.reports.reach import share_of
from dialer.domain.reports.rounding import coarse
from dialer.services.operation_words import OperationsShown, kpis_shown, periods_shown, sections_shown
from dialer.services.operations import terms_shown
from dialer.services.plain import encode
from dialer.services.ports.export import OutcomeLabel
from dialer.services.report_words import meaning
from tests.support.panel_people import CAMPAIGN, CAMPAIGN_2, CASE, CLIENT, at, uid

Json = dict[str, Any]
REPORT = uid(950)
_KNOWN = DEFINITIONS[NEWEST]


def line(report: str = REPORT) -> Json:
    """One that was asked before."""
    return {
        "id": report, "client": CLIENT, "client_name": "Voorbeeldstad", "campaign": None, "campaign_name": "",
        "first_day": "2026-10-01", "last_day": "2026-10-31", "at": at(hours=-1), "automatic": True,
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
        **{key: told for key, told in line().items() if key != "automatic"}, "definitions": NEWEST, "whole": whole,
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


_LABELS = {
    code: OutcomeLabel(nl=words, en=words, ddas="")
    for code, words in {
        "HELP_WANTED": "hulpvraag", "NO_HELP": "wil geen hulp", "PAID": "betaald of regeling getroffen",
        "NO_ANSWER": "geen gehoor", "VOICEMAIL": "voicemail", "BUSY": "bezet", "THIRD_PARTY": "iemand anders",
    }.items()
}  # fmt: skip


def found_of_a_month(better: int = 0) -> Found:
    """A month of four weeks; `better`: so many callers more were in time."""

    def lines(rows: dict[str, dict[str, int]], **timings: float) -> dict[str, Line]:
        told = {key: Timing(value=seconds, base=40) for key, seconds in timings.items()}
        summed: dict[str, int] = {}
        for counts in rows.values():
            for name, many in counts.items():
                summed[name] = summed.get(name, 0) + many
        return {key: Line(counts=counts, timings=told) for key, counts in {**rows, "": summed}.items()}

    weeks = [f"2026-W{week}" for week in range(40, 45)]
    hours = {
        f"{day}-{hour:02}": {
            "attempts": 40 + 7 * ((day * hour) % 5), "answered": 6 + (day * 3 + hour * 5) % 17 + hour // 4,
            "reached": 3 + (day + hour) % 6,
        }
        for day in range(1, 7)
        for hour in (range(8, 21) if day < 6 else range(9, 17))
    }  # fmt: skip
    return {
        "reach": {"": Line(counts={"callable": 408, "reached": 198})},
        "results": lines(
            {"HELP_WANTED": {"cases": 57}, "NO_HELP": {"cases": 34}, "PAID": {"cases": 67}, "state:open": {"cases": 98},
             "state:no_number": {"cases": 23}}
        ),
        "need": lines({"company": {"cases": 31}, "overview": {"cases": 19}, "allowances": {"cases": 7}}),
        "tries": {
            **lines({"1": {"tried": 400, "reached": 88}, "2": {"tried": 290, "reached": 41},
                     "3": {"tried": 190, "reached": 21}, "4": {"tried": 101, "reached": 8}}),
            "": Line(counts={"tried": 400, "reached": 158}),
        },
        "first_time": {"": Line(counts={"spoken": 158, "right": 149})},
        "attempts": lines(
            {"NO_ANSWER": {"calls": 512}, "VOICEMAIL": {"calls": 301}, "HELP_WANTED": {"calls": 57},
             "BUSY": {"calls": 44}, "THIRD_PARTY": {"calls": 31}, "none": {"calls": 2}}
        ),
        "hours": lines(hours),
        "outbound": lines(
            {week: {"dialled": 240, "answered": 120 + n, "abandoned": n % 3} for n, week in enumerate(weeks)},
            wait_p50=0.6, wait_p90=1.3,
        ),
        "inbound": lines(
            {
                week: {"offered": 40, "answered": 37, "in_time": 28 + better + n, "judged": 39, "lost": 2, "closed": 5}
                for n, week in enumerate(weeks)
            },
            wait_p50=7.0, wait_p90=24.0,
        ),
        "appointments": lines(
            {week: {"made": 14, "due": 11, "kept": 7 + n % 3, "no_show": 2, "told": 9 + n % 3, "cancelled": 1}
             for n, week in enumerate(weeks)}
        ),
        "quality": lines(
            {week: {"reviewed": 24, "right": 22 + n % 2, "complaints": n % 2} for n, week in enumerate(weeks)}
        ),
        "survey": lines(
            {week: {"asked": 20, "answered": 11 + n} for n, week in enumerate(weeks)}, kto=4.1 + better / 20, nps=23.4
        ),
        "team": lines(
            {week: {"talks": 77, "agents": 5, "staff": 6, "busy": 6000 + 300 * n, "able": 9000}
             for n, week in enumerate(weeks)},
            talk=371.0, wrap_up=128.0,
        ),
    }  # fmt: skip


def schedules() -> Json:
    """One a month, one a week."""
    both = {"client": CLIENT, "client_name": "Voorbeeldstad"}
    return {
        "items": [
            {**both, "id": uid(980), "campaign": None, "campaign_name": "", "every": "month", "day": 3,
             "format": "pdf", "mail_to": "r•••@voorbeeldstad.example", "outlet": None},
            {**both, "id": uid(981), "campaign": CAMPAIGN, "campaign_name": "Vroege hulp, najaar", "every": "week",
             "day": 1, "format": "xlsx", "mail_to": "", "outlet": uid(1301)},
        ]
    }  # fmt: skip


def deliveries() -> Json:
    """One received, one given up."""
    both = {"client": CLIENT, "client_name": "Voorbeeldstad", "schedule": uid(980)}
    return {
        "items": [
            {**both, "id": uid(985), "report": uid(971), "way": "outlet", "format": "xlsx", "first_day": "2026-05-25",
             "last_day": "2026-05-31", "state": "dead", "created_at": at(hours=-20), "tries": 12,
             "error": "unreachable", "sha256": None, "size": None, "done_at": None},
            {**both, "id": uid(986), "report": uid(972), "way": "mail", "format": "pdf", "first_day": "2026-05-01",
             "last_day": "2026-05-31", "state": "confirmed", "created_at": at(days=-1), "tries": 1, "error": "",
             "sha256": "ab" * 32, "size": 48211, "done_at": at(days=-1)},
        ]
    }  # fmt: skip


def work(*, whole: bool = True, ours: bool = True) -> Json:
    """What happened in the days of the report."""
    known = operations(OPERATIONS_NEWEST)
    found, before = found_of_a_month(), [found_of_a_month(better) for better in (1, 3, 5)]
    if not whole:
        found, before = coarse(found), [coarse(one) for one in before]
    periods = earlier(Period(first=date(2026, 10, 1), last=date(2026, 10, 31)), 3)
    shown = OperationsShown(
        report=UUID(REPORT), definitions=OPERATIONS_NEWEST, whole=whole, earlier=periods_shown(periods),
        kpis=kpis_shown(known, found, before, {}, "nl", whole=whole),
        sections=sections_shown(known, found, _LABELS, "nl", ours=ours),
    )  # fmt: skip
    return dict(json.loads(encode(shown)))


def work_records() -> list[Json]:
    """Calls behind a count."""
    return [
        {
            "id": uid(970 + n), "kind": "call", "case": CASE if n < 2 else None, "at": at(days=-3, hours=-n),
            "direction": "in" if n == 2 else "out", "result": "geen gehoor",
        }
        for n in range(3)
    ]  # fmt: skip


def kpis() -> Json:
    """What is agreed: the usual, but for one."""
    return {"items": json.loads(encode([terms_shown(kpi, {}, 0) for kpi in operations(OPERATIONS_NEWEST).kpis]))}
