"""What a resident reads of an appointment, in words and as iCalendar (RFC 5545): neutral, and the same at each try.

Nothing in it says why they meet. A diary knows the appointment by its UID, which stays through every move, and by its
rising SEQUENCE.
"""

from __future__ import annotations

from datetime import datetime

from dialer.domain.bookings import Meeting
from dialer.domain.ical import escaped, stamp, written
from dialer.domain.notices import NoticeKind
from dialer.schedule.windows import local
from dialer.services.ports.notices import Letter, Notice

SUBJECT = "Afspraak met de gemeente"
_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
_WORDS = {
    NoticeKind.CONFIRM: "U heeft een afspraak met de gemeente.",
    NoticeKind.MOVE: "Uw afspraak met de gemeente is verzet.",
    NoticeKind.CANCEL: "Uw afspraak met de gemeente gaat niet door.",
}
_WHERE = {
    Meeting.OFFICE: "Waar: {place}",
    Meeting.PHONE: "De gemeente belt u op dat moment.",
    Meeting.HOME: "De gemeente komt bij u thuis.",
}


def letter(notice: Notice, to: str, organizer: str) -> Letter:
    """`organizer`: the address from which mail goes out; empty where none does."""
    cancelled = notice.kind is NoticeKind.CANCEL
    lines = [_WORDS[notice.kind], f"Wanneer: {moment(notice.starts_at)} uur"]
    if not cancelled:
        lines.append(_WHERE[notice.meeting].format(place=notice.place))
    lines.append(f"{'Vragen' if cancelled else 'Kunt u niet'}? Bel {notice.number}.")
    return Letter(
        id=notice.id,
        sender=notice.neutral_name,
        subject=SUBJECT,
        text="\n".join(lines),
        method="CANCEL" if cancelled else "REQUEST",
        calendar=calendar(notice, to, organizer),
    )


def moment(at: datetime) -> str:
    """`dinsdag 3 maart 2026 om 10.00`, by Amsterdam's clocks."""
    when = local(at)
    return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]} {when.year} om {when:%H.%M}"


def calendar(notice: Notice, to: str, organizer: str) -> str:
    """One event, in UTC: no rule of time zones is needed to read it."""
    cancelled = notice.kind is NoticeKind.CANCEL
    place = notice.place if notice.meeting is Meeting.OFFICE else ""
    people = [f"ORGANIZER;CN={_quoted(notice.neutral_name)}:mailto:{organizer}", f"ATTENDEE;RSVP=FALSE:mailto:{to}"]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//dialer//afspraken//NL",
        f"METHOD:{'CANCEL' if cancelled else 'REQUEST'}",
        "BEGIN:VEVENT",
        f"UID:{notice.root}",
        # A cancellation is a step more than the time that it takes away.
        f"SEQUENCE:{2 * notice.sequence + cancelled}",
        f"DTSTAMP:{stamp(notice.created_at)}",
        f"DTSTART:{stamp(notice.starts_at)}",
        f"DTEND:{stamp(notice.ends_at)}",
        f"SUMMARY:{escaped(SUBJECT)}",
        *([f"LOCATION:{escaped(place)}"] if place else []),
        f"DESCRIPTION:{escaped(f'Kunt u niet? Bel {notice.number}.')}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        "CLASS:PRIVATE",
        *(people if organizer else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return written(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'
