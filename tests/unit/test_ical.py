"""How iCalendar is written: an independent reader gets back what was meant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import icalendar

from dialer.domain.ical import escaped, stamp, written


def test_signs_and_long_lines_come_back_as_they_were() -> None:
    text = "Bel: 079, kamer 3; \\ links\nen " + "één lange zin met accenten " * 9
    lines = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", f"SUMMARY:{escaped(text)}", "END:VEVENT", "END:VCALENDAR")
    whole = written(lines)
    assert all(len(line.encode()) <= 75 for line in whole.split("\r\n"))
    (event,) = icalendar.Calendar.from_ical(whole).walk("VEVENT")
    assert str(event["SUMMARY"]) == text


def test_moments_are_in_utc() -> None:
    assert stamp(datetime(2026, 3, 30, 9, tzinfo=ZoneInfo("Europe/Amsterdam"))) == "20260330T070000Z"
