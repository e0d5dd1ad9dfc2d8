"""What each figure of a report counts, in words that are printed beside it.

A version never changes: a figure that shall mean something else is a new version, and earlier reports keep theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ACCEPTED = frozenset({"HELP_WANTED", "HELP_APPOINTMENT", "HELP_OTHER"})
"""Outcomes in which the resident accepted help in this conversation."""

HAD_HELP = frozenset({"IN_DEBT_HELP", "OTHER_HELP", "ADMINISTRATOR"})
"""Outcomes in which the resident turned out to be helped already."""

DECLINED = frozenset({"NO_HELP", "REFUSED", "OPT_OUT"})
"""Outcomes in which the resident wanted no help or no calls."""

GONE = frozenset({"DECEASED", "MOVED"})
"""Outcomes after which a resident is not counted in net reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A count of residents, or more exactly of their cases: one a resident and delivery period."""

    key: str
    label: tuple[str, str]  # Dutch, English
    means: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One count as a share of another, 0..1."""

    key: str
    numerator: str
    denominator: str
    label: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """A version of all of them, in the order of the page."""

    version: int
    measures: Sequence[Measure]
    shares: Sequence[Share]


NEWEST = 1

DEFINITIONS: Mapping[int, Definitions] = {
    1: Definitions(
        version=1,
        measures=(
            Measure(
                key="delivered",
                label=("Geleverd", "Delivered"),
                means=(
                    "Inwoners uit leveringen van deze periode. Dubbele en teruggeroepen zaken tellen niet mee.",
                    "Residents of deliveries in this period. Doubles and recalled cases do not count.",
                ),
            ),
            Measure(
                key="callable",
                label=("Belbaar", "Callable"),
                means=(
                    "Geleverd, en er was een nummer om te bellen. Niet: ingetrokken voor de eerste belpoging, of niet "
                    "belbaar volgens de opdrachtgever.",
                    "Delivered, and there was a number to call. Not: withdrawn before the first attempt, or not "
                    "callable by the client's word.",
                ),
            ),
            Measure(
                key="net",
                label=("Netto belbaar", "Net callable"),
                means=(
                    "Belbaar, zonder inwoners die overleden of verhuisd zijn, later zijn ingetrokken, of van wie geen "
                    "nummer bleek te werken.",
                    "Callable, without residents who died or moved, were withdrawn later, or of whom no number turned "
                    "out to work.",
                ),
            ),
            Measure(
                key="reached",
                label=("Bereikt", "Reached"),
                means=(
                    "Belbaar, en wij spraken de inwoner zelf. Ook als de inwoner ons terugbelde. Niet: huisgenoten of "
                    "een voicemail.",
                    "Callable, and we spoke to the resident in person. Also when the resident called us back. Not: "
                    "other people or a voicemail.",
                ),
            ),
            Measure(
                key="accepted",
                label=("Hulp aanvaard", "Accepted help"),
                means=(
                    "Bereikt, en de inwoner wil hulp van de gemeente.",
                    "Reached, and the resident wants help of the municipality.",
                ),
            ),
            Measure(
                key="had_help",
                label=("Had al hulp", "Had help"),
                means=(
                    "Bereikt, en de inwoner kreeg al hulp of heeft een bewindvoerder.",
                    "Reached, and the resident was helped already or has an administrator.",
                ),
            ),
            Measure(
                key="declined",
                label=("Wil geen hulp", "Wants no help"),
                means=(
                    "Bereikt, en de inwoner wil geen hulp of geen telefoon.",
                    "Reached, and the resident wants no help or no calls.",
                ),
            ),
        ),
        shares=(
            Share(key="reach", numerator="reached", denominator="callable", label=("Bereik", "Reach")),
            Share(key="net_reach", numerator="reached", denominator="net", label=("Netto bereik", "Net reach")),
            Share(
                key="help", numerator="accepted", denominator="reached",
                label=("Hulp aanvaard van wie is bereikt", "Accepted help among the reached"),
            ),
        ),
    )
}  # fmt: skip
