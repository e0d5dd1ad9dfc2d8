"""What something tells, without what is drawn by lot in it: the digits of an id may be any, and say nothing."""

from __future__ import annotations

import re

_DRAWN = re.compile(
    r"\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?|/assets/[\w.-]+|"
    r'\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b|react-aria\d+|"(?:since|at|seq)": ?[0-9.]+',
    re.IGNORECASE,
)
"""Moments, names of the panel's own files, ids, secrets of a phone, marks of a page's parts, moments as numbers."""


def telling(said: object) -> str:
    """`said` as text, without ids, secrets and moments: where an amount may be looked for by its digits."""
    return _DRAWN.sub("", said.decode() if isinstance(said, bytes) else str(said))
