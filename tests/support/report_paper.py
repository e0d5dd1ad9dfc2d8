"""A report of reach as it is read, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.reports.definitions import NEWEST
from dialer.domain.reports.kpis import Period
from dialer.domain.reports.operations import OPERATIONS_NEWEST
from dialer.domain.reports.reach import Dimension
from dialer.services.ports.reports import Asked, Expectation, Run
from dialer.services.report_words import ReportShown, report_shown
from tests.support.world import MONDAY

_COUNTS = {"delivered": 431, "callable": 408, "net": 391, "reached": 158, "accepted": 57, "had_help": 21, "declined": 9}
_DELIVERY = UUID(int=7)


@dataclass(frozen=True)
class Month:
    """Of 2026."""

    period: Period


def run_of(month: int) -> Month:
    """Its first four weeks."""
    return Month(Period(first=date(2026, month, 1), last=date(2026, month, 28)))


def reach_shown(language: str = "nl") -> ReportShown:
    """March 2026 of one client, whole."""
    asked = Asked(
        id=UUID(int=1), client=ClientId(UUID(int=2)), campaign=None, definitions=NEWEST, operations=OPERATIONS_NEWEST,
        first_day=date(2026, 3, 1), last_day=date(2026, 3, 31), at=MONDAY, by=None,
    )  # fmt: skip
    forecast = Expectation(
        campaign=CampaignId(UUID(int=3)), name="Belactie", at=MONDAY, share=0.38, callable=408, reached=158,
        expected=0.46, low=0.41, high=0.5, promised=0.55, band_points=10.0,
    )  # fmt: skip
    return report_shown(
        Run(asked=asked, client_name="Stad", campaign_name="", expected=[forecast], automatic=False, agreed={}),
        _COUNTS,
        {
            Dimension.DELIVERY: [(str(_DELIVERY), _COUNTS)],
            Dimension.DAY: [("2026-03-02", {"reached": 100}), ("2026-03-03", {"reached": 58})],
            Dimension.PARTNER: [("rent", _COUNTS), ("water", {**_COUNTS, "reached": None})],
            Dimension.NUMBER: [("mobile", _COUNTS)],
        },
        {_DELIVERY: MONDAY},
        [],
        language,
        whole=True,
    )
