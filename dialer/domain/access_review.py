"""Who may sign in, and what of it somebody should look at: the periodic review of access rights. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNUSED = timedelta(days=90)
"""Whoever has not signed in for so long hardly needs to."""
ENDS_SOON = timedelta(days=14)


class Remark(StrEnum):
    """What a reviewer should look at."""

    NEVER_USED = "never signed in"
    UNUSED = "not signed in for 90 days"
    NO_SECOND_FACTOR = "no second factor"
    ENDS_SOON = "ends within two weeks"
    MAKER_GONE = "its maker may not sign in any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Somebody, or a machine's token, that may come in now."""

    kind: str  # person | token
    name: str  # login, or the token's name
    role: str
    client: str  # slug; "": of none
    scopes: Collection[str]  # of a token; a person has what the role has
    since: datetime
    seen_at: datetime | None  # of a person: the last request of any session that is remembered
    second_factor: bool  # of a person
    ends_at: datetime | None  # of a token
    maker_gone: bool  # of a token


def remarks(one: Access, at: datetime) -> list[Remark]:
    """In the order of the table; empty: nothing."""
    if one.kind == "token":
        checks = (
            (Remark.ENDS_SOON, one.ends_at is not None and one.ends_at - at <= ENDS_SOON),
            (Remark.MAKER_GONE, one.maker_gone),
        )
        return [remark for remark, holds in checks if holds]
    used = one.seen_at
    checks = (
        (Remark.NEVER_USED, used is None and at - one.since > ENDS_SOON),
        (Remark.UNUSED, used is not None and at - used > UNUSED),
    )
    found = [remark for remark, holds in checks if holds]
    return found if one.second_factor else [*found, Remark.NO_SECOND_FACTOR]
