"""Sites: named parts of one centre. Each has its own processes, Asterisk nodes and clients; all share one database.

A client is wholly of one site, so no case, caller or campaign belongs to two. An agent is on duty at one at a time.
"""

from __future__ import annotations

import re

from dialer.domain.errors import InvalidError

MAIN = "main"
"""The only site of a centre that is not divided."""
CAMPAIGN_ELSEWHERE = "campaign-elsewhere"
"""Code of a refusal: another site calls for this campaign's client."""
TURN = "centre"
"""Begins the names of the turns' leases."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")


def check_site(name: str) -> str:
    """The name. Raises InvalidError for one that is none."""
    if not _NAME.match(name):
        raise InvalidError("a site is called by at most 31 small letters, digits and dashes, a letter first", "site")
    return name


def turn_name(site: str) -> str:
    """Name of the lease of whoever runs this site's calls. Main's is as it was before there were others."""
    return TURN if site == MAIN else f"{TURN}:{site}"


def site_of(name: str) -> str:
    """Whose turn the lease of this name is."""
    return name.partition(":")[2] or MAIN
