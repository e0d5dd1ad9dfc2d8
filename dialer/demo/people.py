"""An invented list of residents, the same for the same seed. Nobody in it exists, and no number in it is issued.

The mix of partners is that of 2024 (health insurers 41%, landlords 20%, energy 20%, water 18%); some residents have
signals of several partners, some no number; some rows are wrong on purpose, to show what a refusal looks like.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta

HEADER = (
    "kenmerk",
    "signaal-id",
    "vastelastenpartner",
    "signaaldatum",
    "ontstaansdatum",
    "bedrag",
    "crisis",
    "warme overdracht",
    "aanhef",
    "voorletters",
    "tussenvoegsel",
    "achternaam",
    "geboortedatum",
    "postcode",
    "huisnummer",
    "toevoeging",
    "telefoon 1",
    "telefoon 2",
    "taal",
)
_PARTNERS = (("Zorg", 41), ("Huur", 20), ("Energie", 20), ("Water", 18), ("Hypotheek", 1))
_PREFIXES = (("", 70), ("van", 8), ("de", 7), ("van der", 6), ("van den", 4), ("ten", 3), ("el", 2))
_SURNAMES = (
    "Jansen", "Vries", "Berg", "Bakker", "Visser", "Smit", "Meijer", "Boer", "Mulder", "Bos", "Vos", "Peters",
    "Dekker", "Brink", "Graaf", "Kok", "Jacobs", "Haan", "Vermeulen", "Broek", "Bruin", "Schouten", "Beek", "Willems",
    "Yılmaz", "Kaya", "Öztürk", "Amrani", "Bouzidi", "Nguyễn", "Kowalski", "Nowak", "Pinas", "Ferreira", "Koç", "Groot",
    "Gerritsen", "Linden", "Heuvel", "Wijk", "Molenaar", "Postma", "Kuipers", "Veenstra", "Prins", "Blom", "Huisman",
)  # fmt: skip
_LANGUAGES = (("nl", 90), ("en", 3), ("ar", 2), ("tr", 2), ("pl", 2), ("uk", 1))
NO_NUMBER = 0.08
SECOND_NUMBER = 0.3
SECOND_SIGNAL = 0.15
CRISIS = 0.05
WRONG_ROWS = 0.02


def number(kind: str, place: int) -> str:
    """The invented number at `place` (0 to 899,999 for mobile, to 99,999 for fixed numbers), E.164.

    Mobile ones lie in 0600 to 0608: what begins with 0609 does special things in the demo's town.
    """
    return f"+3160{place % 9:d}{place // 9:06d}" if kind == "mobile" else f"+31790{place % 1_000_000:06d}"


def generate(n: int, seed: int, *, today: date = date(2026, 6, 1), wrong: bool = True) -> bytes:
    """A list of `n` residents as CSV (UTF-8, `;`), delivered on `today`. Numbers are unique up to n = 450,000.

    `wrong`: with some rows that will be refused, beside the n.
    """
    rng = random.Random(seed)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for place in range(n):
        person = _person(rng, place)
        signals = 2 if rng.random() < SECOND_SIGNAL else 1
        partners = rng.sample([name for name, _ in _PARTNERS], k=signals) if signals > 1 else [_pick(rng, _PARTNERS)]
        for count, partner in enumerate(partners, start=1):
            writer.writerow(_signal(rng, place, count, partner, today) + person)
        if wrong and rng.random() < WRONG_ROWS:
            writer.writerow(_wrong(rng, place, today))
    return text.getvalue().encode("utf-8")


def _pick(rng: random.Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([value for value, _ in weighted], weights=[weight for _, weight in weighted])[0]


def _signal(rng: random.Random, place: int, count: int, partner: str, today: date) -> list[str]:
    signal_on = today - timedelta(days=rng.randint(0, 4))
    arisen = signal_on - timedelta(days=rng.randint(30, 100))
    euros = max(75, int(rng.lognormvariate(6.0, 0.7)))
    return [
        f"ZM-{place:06d}",
        f"S-{today:%Y%m}-{place:06d}-{count}",
        partner,
        f"{signal_on:%d-%m-%Y}",
        f"{arisen:%d-%m-%Y}",
        f"{euros},{rng.randint(0, 99):02d}",
        "ja" if rng.random() < CRISIS else "nee",
        "ja" if rng.random() < 0.1 else "nee",
    ]


def _person(rng: random.Random, place: int) -> list[str]:
    born = date(1945, 1, 1) + timedelta(days=rng.randint(0, 60 * 365))
    letters = rng.sample("ABCDEFGHIJKLMNOPRSTW", k=rng.randint(1, 3))
    phones = _phones(rng, place)
    return [
        rng.choice(("dhr", "mevr", "")),
        "".join(f"{letter}." for letter in letters),
        _pick(rng, _PREFIXES),
        rng.choice(_SURNAMES) if rng.random() < 0.85 else f"{rng.choice(_SURNAMES)}-{rng.choice(_SURNAMES)}",
        f"{born:%d-%m-%Y}",
        f"{2700 + place % 30}{rng.choice('ABCEGHJKLMNPRTVWXZ')}{rng.choice('ABCEGHJKLMNPRTVWXZ')}",
        str(rng.randint(1, 250)),
        rng.choice(("", "", "", "A", "2", "bis")),
        *phones,
        _pick(rng, _LANGUAGES),
    ]


def _phones(rng: random.Random, place: int) -> tuple[str, str]:
    if rng.random() < NO_NUMBER:
        return "", ""
    mobile = number("mobile", place)
    fixed = number("fixed", place)
    first = mobile if rng.random() < 0.85 else fixed
    second = (fixed if first == mobile else mobile) if rng.random() < SECOND_NUMBER else ""
    return _written(rng, first), _written(rng, second) if second else ""


def _written(rng: random.Random, e164: str) -> str:
    """As people type it."""
    national = e164[3:]
    return rng.choice(
        (f"0{national}", f"0{national}", e164, f"+31(0){national}", national, f"0{national[:1]}-{national[1:]}")
    )


def _wrong(rng: random.Random, place: int, today: date) -> list[str]:
    row = _signal(rng, place + 900_000, 1, _pick(rng, _PARTNERS), today) + _person(rng, place)
    fault = rng.randrange(5)
    if fault == 0:
        row[HEADER.index("geboortedatum")] = "00-00-1970"
    elif fault == 1:
        row[HEADER.index("achternaam")] = ""
    elif fault == 2:
        row[HEADER.index("postcode")] = "27 AB"
    elif fault == 3:
        row[HEADER.index("vastelastenpartner")] = "Sportschool"
    else:
        row[HEADER.index("achternaam")] = "Klusbedrijf De Hamer B.V."
        row[HEADER.index("geboortedatum")] = ""
    return row
