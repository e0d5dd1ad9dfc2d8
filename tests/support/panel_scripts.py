"""Scripts as the pretended service behind the panel has them: the real shipped one, really checked."""

from __future__ import annotations

from typing import Any

from dialer.domain.script import first_script, to_json
from dialer.services.ports.scripts import SHIPPED
from tests.support.panel_people import uid

Json = dict[str, Any]


def served() -> Json:
    """What a call has."""
    return {
        "script": str(SHIPPED),
        "name": "Standaardscript",
        "shipped": True,
        "version": uid(801),
        "number": 1,
        "body": to_json(first_script()),
    }
