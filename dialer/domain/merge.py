"""Two cases of one person that were taken for two, put together by hand: when that may be, and what undoing restores.

The case that is kept answers for both: attempts of the other count in it, its signals and numbers join it, and only it
is dialled. The other is `merged` until that is undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialer.domain.case import CaseEvent, CaseState, advance
from dialer.domain.ids import CampaignId, CaseId, ClientId


class Hindrance(StrEnum):
    """Why two cases cannot be put together, or not now."""

    SAME = "same"
    CLIENT = "client"
    CAMPAIGN = "campaign"  # results, bills and reports go by campaign
    KEPT_GONE = "kept_gone"  # withdrawn, recalled, or itself merged into another
    OTHER_OVER = "other_over"  # a result stands: that one is to be kept instead
    OTHER_HAS_MERGED = "other_has_merged"
    BUSY = "busy"  # a call, or an outcome that is not filed yet


class UndoHindrance(StrEnum):
    """Why a merge cannot be undone, or not now."""

    NOT_MERGED = "not_merged"
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two as it stands, under lock."""

    case: CaseId
    client: ClientId
    campaign: CampaignId
    state: CaseState
    busy: bool = False
    has_merged: bool = False  # another case was put together with it before


_KEPT = frozenset({*CaseState} - {CaseState.WITHDRAWN, CaseState.RECALLED, CaseState.MERGED})
_OTHER = frozenset({CaseState.HELD, CaseState.NO_NUMBER, CaseState.OPEN})
_BACK = {
    CaseState.OPEN: CaseEvent.SPLIT,
    CaseState.HELD: CaseEvent.HELD,
    CaseState.NO_NUMBER: CaseEvent.NUMBERS_GONE,
}


def hindrance(kept: Side, other: Side) -> Hindrance | None:
    """The first reason why `other` cannot be merged into `kept`; None: it can."""
    found = (
        (kept.case == other.case, Hindrance.SAME),
        (kept.client != other.client, Hindrance.CLIENT),
        (kept.campaign != other.campaign, Hindrance.CAMPAIGN),
        (kept.state not in _KEPT, Hindrance.KEPT_GONE),
        (other.state not in _OTHER, Hindrance.OTHER_OVER),
        (other.has_merged, Hindrance.OTHER_HAS_MERGED),
        (kept.busy or other.busy, Hindrance.BUSY),
    )
    return next((reason for holds, reason in found if holds), None)


def undo_hindrance(kept: Side, other: Side) -> UndoHindrance | None:
    """The first reason why the merge of `other` into `kept` cannot be undone; None: it can."""
    if other.state is not CaseState.MERGED:
        return UndoHindrance.NOT_MERGED
    return UndoHindrance.BUSY if kept.busy or other.busy else None


def restored(before: CaseState, *, recalled: bool) -> CaseState:
    """Where the other case stands after undoing. `recalled`: its signals were taken back meanwhile."""
    return advance(CaseState.MERGED, CaseEvent.RECALLED if recalled else _BACK[before])
