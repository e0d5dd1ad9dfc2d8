"""What the pretended service behind the panel answers to the office's settings: campaigns, rules, clients."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dialer.domain.campaign_settings import CAMPAIGN_NUMBERS, MODES
from dialer.schedule import holidays, windows

Json = dict[str, Any]

TRIED = {"moved": 132, "closed": 4, "same": 281, "estimated": False}


def campaign_settings(campaign: Json) -> Json:
    """As the real service makes them."""
    return {
        "version": campaign["version"],
        "calendar": windows.to_json(windows.parse(campaign["calendar"])),
        "usual": windows.to_json(windows.DEFAULT),
        "holidays": [
            {"code": code.value, "on": None if on is None else on.isoformat()}
            for code, on in holidays.coming(datetime.now(UTC).date())
        ],
        "mode": campaign["settings"].get("mode", MODES[0]),
        "modes": list(MODES),
        "takes_inbound": campaign["settings"].get("takes_inbound", True),
        "numbers": [
            {
                "key": key,
                "text": known.dutch,
                "unit": known.unit,
                "value": campaign["settings"].get(key),
                "usual": known.usual,
                "low": known.low,
                "high": known.high,
                "whole": known.whole,
            }
            for key, known in CAMPAIGN_NUMBERS.items()
        ],
    }


def change_campaign(campaign: Json, change: Json) -> Json:
    """Kept as a new version."""
    campaign.update(change, version=campaign["version"] + 1)
    return campaign
