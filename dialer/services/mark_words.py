"""What the client's people said of a case, in words: (Dutch, English)."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.domain.follow_up import Mark

MARK_WORDS: Mapping[str, tuple[str, str]] = {
    Mark.SPOKEN: ("bezocht, gesproken", "visited, spoken to"),
    Mark.NOT_HOME: ("bezocht, niet thuis", "visited, not at home"),
    Mark.LETTER: ("brief gestuurd", "letter sent"),
    Mark.NO_ACTION: ("geen actie nodig", "no action needed"),
    Mark.KEPT: ("afspraak doorgegaan", "appointment kept"),
    Mark.NO_SHOW: ("niet verschenen", "no-show"),
    Mark.WE_CONTACT: ("gemeente neemt contact op", "municipality takes it up"),
    Mark.STANDS: ("nagekeken: signaal klopt", "looked into: signal is right"),
    Mark.VOID: ("nagekeken: signaal vervalt", "looked into: signal is void"),
    Mark.SETTLED: ("afgehandeld", "settled"),
}
