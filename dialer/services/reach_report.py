"""The report of reach as it is shown: figures, and the same in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.services.ports.reach import KeptReport

FEWEST = 5
"""Smaller counts are not shown to roles that may not see cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Reach by a day: a share with an interval in which nine of ten forecasts shall lie."""

    until: str  # day_14 | day_28 | end
    reach: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The hold-out. Difference: reach of the planned less that of the held-out; None while there are too few."""

    share: float
    planned: int | None
    planned_reached: int | None
    held_out: int | None
    held_out_reached: int | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """An earlier forecast and what came out."""

    at: datetime
    until: str
    reach: float
    low: float
    high: float
    came_out: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachReport:
    """Shares are 0..1. None: not reckoned yet, or too small to show."""

    at: datetime | None
    callable: int | None
    reached: int | None
    share: float | None
    helped: int | None
    refused: int | None
    open: int | None
    promised: float | None
    expected: Sequence[Expected]
    by_day: Sequence[float]  # share reached by the end of each day after the delivery
    room: float | None  # attempts in an open hour, where agents are the limit
    hold_out: Compared | None
    earlier: Sequence[Foretold]
    text: Sequence[str]


def report_of(kept: KeptReport | None, promised: float | None, language: str, *, whole: bool) -> ReachReport:
    """What may be shown of a kept report. `whole` False: counts under five are left out, and what gives them away."""
    if kept is None:
        text = _say(language, "De cijfers zijn er binnen een uur.", "The figures will be there within an hour.")
        return ReachReport(
            at=None, callable=None, reached=None, share=None, helped=None, refused=None, open=None, promised=promised,
            expected=(), by_day=(), room=None, hold_out=None, earlier=(), text=[text],
        )  # fmt: skip
    data = kept.report
    small = not whole and _small(data["callable"], data["reached"], data["callable"] - data["reached"])

    def count(value: int) -> int | None:
        return None if not whole and _small(value) else value

    callable_ = data["callable"]
    report = ReachReport(
        at=kept.at,
        callable=count(callable_),
        reached=None if small else data["reached"],
        share=None if small or not callable_ else data["reached"] / callable_,
        helped=None if small else count(data["helped"]),
        refused=None if small else count(data["refused"]),
        open=count(data["open"]),
        promised=promised,
        expected=[]
        if small
        else [Expected(until=name, **_shares(data["expected"][name])) for name in _UNTIL if name in data["expected"]],
        by_day=[] if small else data["by_day"],
        room=data["room"],
        hold_out=_compared(data["hold_out"], whole=whole),
        earlier=[] if small else [_foretold(one) for one in data["earlier"]],
        text=[],
    )
    return _with_text(report, data.get("doubt", {}).get("months", 0), language)


def _small(*counts: int) -> bool:
    return any(0 < count < FEWEST for count in counts)


def _compared(data: Mapping[str, Any] | None, *, whole: bool) -> Compared | None:
    if data is None:
        return None
    found = Compared(**data)
    counts = (
        data["planned"], data["planned_reached"], data["planned"] - data["planned_reached"],
        data["held_out"], data["held_out_reached"], data["held_out"] - data["held_out_reached"],
    )  # fmt: skip
    if whole or not _small(*counts):
        return found
    return Compared(
        share=found.share, planned=None, planned_reached=None, held_out=None, held_out_reached=None,
        difference=None, low=None, high=None,
    )  # fmt: skip


def _foretold(data: Mapping[str, Any]) -> Foretold:
    at = datetime.fromisoformat(data["at"])
    return Foretold(at=at, until=data["until"], came_out=data["came_out"], **_shares(data))


def _shares(data: Mapping[str, Any]) -> dict[str, float]:
    return {name: data[name] for name in ("reach", "low", "high")}


def _with_text(report: ReachReport, months: int, language: str) -> ReachReport:
    said = [_so_far(report, language)]
    ends = {(one.reach, one.low, one.high) for one in report.expected if one.until == "end"}
    said += [
        _ahead(one, language)
        for one in report.expected
        if one.low < one.high and (one.until == "end" or (one.reach, one.low, one.high) not in ends)
    ]
    if (promise := _promise(report, language)) is not None:
        said.append(promise)
    if report.room is not None:
        room = f"{report.room:.0f}" if report.room >= 10 else f"{report.room:.1f}"
        said.append(
            _say(
                language,
                "Er wachten inwoners op hun beurt. De verwachting gaat uit van "
                f"{room.replace('.', ',')} pogingen per uur.",
                f"Residents wait for their turn. The forecast assumes {room} attempts an hour.",
            )
        )
    if report.hold_out is not None:
        said.append(_gain(report.hold_out, language))
    if report.earlier:
        held = sum(one.low <= one.came_out <= one.high for one in report.earlier)
        count = len(report.earlier)
        said.append(
            _say(
                language,
                f"Eerdere verwachtingen: {held} van de {count} kwamen uit.",
                f"Earlier forecasts: {held} of {count} came true.",
            )
        )
    if months and report.expected:
        said.append(
            _say(
                language,
                f"Hoe ruim een verwachting moet zijn, is geleerd van {months} {'maand' if months == 1 else 'maanden'}.",
                f"How wide a forecast must be was learned from {months} {'month' if months == 1 else 'months'}.",
            )
        )
    return ReachReport(**{name: getattr(report, name) for name in ReachReport.__slots__} | {"text": said})


def _so_far(report: ReachReport, language: str) -> str:
    if report.callable == 0:
        return _say(language, "Er zijn nog geen belbare inwoners.", "There are no callable residents yet.")
    if report.callable is None or report.reached is None or report.share is None:
        return _say(language, "Het zijn te weinig inwoners om te laten zien.", "There are too few residents to show.")
    return _say(
        language,
        f"Van de {report.callable} belbare inwoners zijn er {report.reached} bereikt: {_percent(report.share)}.",
        f"Of {report.callable} callable residents {report.reached} were reached: {_percent(report.share)}.",
    )


_UNTIL = {
    "day_14": ("14 dagen na de levering", "14 days after the delivery"),
    "day_28": ("28 dagen na de levering", "28 days after the delivery"),
    "end": ("aan het eind van de beltermijn", "when the time for calling ends"),
}


def _ahead(one: Expected, language: str) -> str:
    dutch, english = _UNTIL[one.until]
    return _say(
        language,
        f"Verwacht {dutch}: {_percent(one.reach)}, tussen {_percent(one.low)} en {_percent(one.high)}.",
        f"Expected {english}: {_percent(one.reach)}, between {_percent(one.low)} and {_percent(one.high)}.",
    )


def _promise(report: ReachReport, language: str) -> str | None:
    end = next((one for one in report.expected if one.until == "end"), None)
    if report.promised is None or end is None:
        return None
    if end.low >= report.promised:
        word = ("Dat halen we", "It will be kept")
    elif end.high < report.promised:
        word = ("Dat halen we waarschijnlijk niet", "It will probably not be kept")
    else:
        word = ("Dat is nog onzeker", "It is uncertain yet")
    percent = _percent(report.promised)
    return _say(language, f"Beloofd: {percent}. {word[0]}.", f"Promised: {percent}. {word[1]}.")


def _gain(found: Compared, language: str) -> str:
    if found.difference is None or found.low is None or found.high is None:
        return _say(
            language,
            "Vergelijkingsgroep: er zijn nog te weinig afgeronde zaken om iets te zeggen.",
            "Comparison group: too few finished cases yet to say anything.",
        )
    low, high = _points(found.low), _points(found.high)
    shown = found.low > 0 or found.high < 0
    return _say(
        language,
        f"Gepland bellen tegenover gewone rotatie: {_points(found.difference)} punten, tussen {low} en {high}. "
        + ("Het verschil is aangetoond." if shown else "Er is nog geen verschil aangetoond."),
        f"Planned calls against plain rotation: {_points(found.difference)} points, between {low} and {high}. "
        + ("The difference is shown." if shown else "No difference is shown yet."),
    )


def _points(share: float) -> str:
    return f"{100 * share:+.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _say(language: str, dutch: str, english: str) -> str:
    return english if language == "en" else dutch
