"""Forms of what goes into a dial string, a variable or a database key: anything else never gets to Asterisk."""

from __future__ import annotations

import re

from dialer.services.ports.telephony import TelephonyError

NUMBER = re.compile(r"\+[0-9]{6,15}")
NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")
LINE = re.compile(r"[A-Za-z0-9]{1,32}-[0-9]{1,7}")
OWNER = re.compile(r"[A-Za-z0-9._-]{1,120}")


def matching(pattern: re.Pattern[str], text: str) -> str:
    """`text` as it is, or TelephonyError: what goes into a dial string or a database key has a known form."""
    if pattern.fullmatch(text) is None:
        raise TelephonyError("a value has a form that the telephone system must not get")
    return text
