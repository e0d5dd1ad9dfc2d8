"""A report as it is read: figures with their words. The page, the files and whoever asks the API get this one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dialer.domain.intake_words import PARTNERS, word
from dialer.domain.reports.definitions import DEFINITIONS, Definitions, Share
from dialer.domain.reports.reach import Dimension, Verdict, share_of, verdict
from dialer.domain.reports.suppress import Shown, small
from dialer.schedule.windows import local
from dialer.services.ports.reports import Adjustment, Expectation, Run

_TITLES: Mapping[Dimension, tuple[str, str]] = {
    Dimension.DELIVERY: ("Per levering", "By delivery"),
    Dimension.DAY: ("Per dag van het eerste gesprek", "By day of the first conversation"),
    Dimension.PARTNER: ("Per vastelastenpartner", "By partner"),
    Dimension.NUMBER: ("Per soort nummer", "By kind of number"),
}
_NOTES: Mapping[Dimension, tuple[str, str]] = {
    Dimension.DELIVERY: ("", ""),
    Dimension.DAY: (
        "Bereik is hier het bereik tot en met die dag.",
        "Reach is the reach by the end of that day here.",
    ),
    Dimension.PARTNER: (
        "Een inwoner met signalen van twee partners telt bij allebei mee.",
        "A resident with signals of two partners counts with both.",
    ),
    Dimension.NUMBER: ("", ""),
}
_NUMBERS: Mapping[str, tuple[str, str]] = {
    "mobile": ("alleen mobiel", "mobile only"),
    "fixed": ("alleen vast", "fixed only"),
    "both": ("mobiel en vast", "mobile and fixed"),
    "none": ("geen nummer", "no number"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A measure or a share, and what it means. A share names its two measures."""

    key: str
    label: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """One line. None: hidden, or nobody to divide by."""

    key: str
    label: str
    counts: Shown
    shares: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    """One table."""

    dimension: Dimension
    title: str
    note: str
    rows: Sequence[RowShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedShown:
    """Forecast against promise of one campaign; shares 0..1."""

    campaign: UUID
    name: str
    at: datetime | None
    share: float | None
    expected: float | None
    low: float | None
    high: float | None
    promised: float | None
    band_points: float
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentShown:
    """An agreement, with reach before it and as it stands in the report."""

    id: UUID
    campaign: UUID
    campaign_name: str
    at: datetime
    by: str
    agreed_on: date
    agreed_with: str
    agreed: str
    before: ExpectedShown
    after: ExpectedShown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShown:
    """All of it."""

    id: UUID
    client: UUID
    client_name: str
    campaign: UUID | None
    campaign_name: str
    first_day: date
    last_day: date
    at: datetime
    definitions: int
    whole: bool
    measures: Sequence[Word]
    shares: Sequence[Word]
    total: RowShown
    tables: Sequence[TableShown]
    expected: Sequence[ExpectedShown]
    adjustments: Sequence[AdjustmentShown]


def report_shown(
    run: Run,
    total: Shown,
    tables: Mapping[Dimension, Sequence[tuple[str, Shown]]],
    received: Mapping[UUID, datetime],
    agreed: Sequence[Adjustment],
    language: str,
    *,
    whole: bool,
) -> ReportShown:
    """`received`: when each delivery came."""
    english = int(language == "en")
    asked = run.asked
    known = DEFINITIONS[asked.definitions]
    names = {measure.key: measure.label[english] for measure in known.measures}
    expected = [expected_shown(one, language, whole=whole) for one in run.expected]
    return ReportShown(
        id=asked.id,
        client=asked.client,
        client_name=run.client_name,
        campaign=asked.campaign,
        campaign_name=run.campaign_name,
        first_day=asked.first_day,
        last_day=asked.last_day,
        at=asked.at,
        definitions=asked.definitions,
        whole=whole,
        measures=[Word(key=one.key, label=one.label[english], means=one.means[english]) for one in known.measures],
        shares=[
            Word(key=one.key, label=one.label[english], means=meaning(one, names, english)) for one in known.shares
        ],
        total=RowShown(key="", label=("Totaal", "Total")[english], counts=total, shares=_shares(known, total)),
        tables=[
            TableShown(
                dimension=dimension,
                title=_TITLES[dimension][english],
                note=_NOTES[dimension][english],
                rows=_rows(known, dimension, tables[dimension], total, received, language),
            )
            for dimension in Dimension
        ],
        expected=expected,
        adjustments=[_agreed(one, expected, language, whole=whole) for one in agreed],
    )


def meaning(share: Share, names: Mapping[str, str], english: int) -> str:
    """What a share divides; `names`: labels of measures."""
    parts = names[share.numerator], names[share.denominator]
    return ("{} gedeeld door {}", "{} divided by {}")[english].format(parts[0], parts[1].lower())


def _shares(known: Definitions, counts: Shown) -> Mapping[str, float | None]:
    return {share.key: share_of(share, counts) for share in known.shares}


def _rows(
    known: Definitions,
    dimension: Dimension,
    rows: Sequence[tuple[str, Shown]],
    total: Shown,
    received: Mapping[UUID, datetime],
    language: str,
) -> Sequence[RowShown]:
    if dimension is Dimension.DAY:
        return _by_day(rows, total)
    if dimension is Dimension.DELIVERY:
        rows = sorted(rows, key=lambda row: (received[UUID(row[0])], row[0]))
    return [
        RowShown(
            key=key, label=_label(dimension, key, received, language), counts=counts, shares=_shares(known, counts)
        )
        for key, counts in rows
    ]


def _by_day(rows: Sequence[tuple[str, Shown]], total: Shown) -> Sequence[RowShown]:
    """With reach by the end of each day, for as long as nothing before it is hidden."""
    shown, so_far, under = [], 0, total["callable"]
    open_ = under is not None and under > 0
    for key, counts in rows:
        reached = counts["reached"]
        open_ = open_ and reached is not None
        so_far += reached or 0
        reach = so_far / under if open_ and under else None
        shown.append(RowShown(key=key, label=_date(date.fromisoformat(key)), counts=counts, shares={"reach": reach}))
    return shown


def _label(dimension: Dimension, key: str, received: Mapping[UUID, datetime], language: str) -> str:
    if dimension is Dimension.DELIVERY:
        at = local(received[UUID(key)])
        return f"{_date(at.date())} {at:%H:%M}"
    if dimension is Dimension.PARTNER:
        return word(PARTNERS, key, language)
    return word(_NUMBERS, key, language)


def _date(day: date) -> str:
    return f"{day.day}-{day.month}-{day.year}"


def expected_shown(one: Expectation, language: str, *, whole: bool) -> ExpectedShown:
    """With its verdict in words. Few residents are hidden from who may not see them."""
    few = not whole and any(
        count is not None and small(count)
        for count in (one.callable, one.reached, None if one.callable is None else one.callable - (one.reached or 0))
    )
    expected = None if few else one.expected
    stands = verdict(one.promised, one.band_points, expected)
    return ExpectedShown(
        campaign=one.campaign,
        name=one.name,
        at=one.at,
        share=None if few else one.share,
        expected=expected,
        low=None if few else one.low,
        high=None if few else one.high,
        promised=one.promised,
        band_points=one.band_points,
        verdict=stands,
        text=_verdict(stands, one, expected, language),
    )


def _verdict(stands: Verdict, one: Expectation, expected: float | None, language: str) -> str:
    english = int(language == "en")
    if one.promised is None:
        return ("Er is geen bereik beloofd.", "No reach was promised.")[english]
    if expected is None:
        return ("Er is nog geen verwachting.", "There is no forecast yet.")[english]
    points = f"{abs(100 * (expected - one.promised)):.0f}"
    band = f"{one.band_points:g}".replace(".", "." if english else ",")
    words = {
        Verdict.BELOW: (
            f"De verwachting ligt {points} punten onder de belofte. Afgesproken is hoogstens {band}. "
            "Bespreek dit samen.",
            f"The forecast is {points} points below the promise. Agreed is {band} at most. Discuss this together.",
        ),
        Verdict.ABOVE: (
            f"De verwachting ligt {points} punten boven de belofte. Afgesproken is hoogstens {band}. "
            "Kijk of de belofte en de leveringen nog kloppen.",
            f"The forecast is {points} points above the promise. Agreed is {band} at most. See whether the promise and "
            "the deliveries are still right.",
        ),
        Verdict.AS_AGREED: (
            "De verwachting is zoals afgesproken.",
            "The forecast is as agreed.",
        ),
    }
    return words[stands][english]


def _agreed(one: Adjustment, expected: Sequence[ExpectedShown], language: str, *, whole: bool) -> AdjustmentShown:
    return AdjustmentShown(
        id=one.id,
        campaign=one.campaign,
        campaign_name=one.campaign_name,
        at=one.at,
        by=one.by_name,
        agreed_on=one.agreed_on,
        agreed_with=one.agreed_with,
        agreed=one.agreed,
        before=expected_shown(one.before, language, whole=whole),
        after=next((now for now in expected if now.campaign == one.campaign), None),
    )
