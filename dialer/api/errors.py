"""Errors as `application/problem+json`: a stable code and words of our own, never the text of an exception."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from aiohttp import web

from dialer.domain.errors import (
    ConflictError,
    DialerError,
    ForbiddenError,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)

STATUS: Mapping[str, int] = {
    "bad-request": 400,
    "not-signed-in": 401,
    "sign-in-refused": 401,
    "session-locked": 423,
    "second-factor-first": 403,
    "code-refused": 401,
    "sign-on-refused": 401,
    "sign-on-unknown": 403,
    "sign-on-away": 503,
    "forbidden": 403,
    "csrf": 403,
    "wrong-origin": 403,
    "not-verified": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "conflict": 409,
    "illegal-transition": 409,
    "preflight": 409,
    "repeat-in-progress": 409,
    "no-tries-left": 409,
    "callback-not-yours": 409,
    "callback-has-case": 409,
    "callback-tries": 409,
    "number-not-callable": 409,
    "number-blocked": 409,
    "number-in-call": 409,
    "outside-window": 409,
    "campaign-not-running": 409,
    "agent-not-free": 409,
    "callers-first": 409,
    "not-staff": 409,
    "staff-is-resident": 409,
    "transfer-no-conversation": 409,
    "transfer-under-way": 409,
    "transfer-closed": 409,
    "transfer-not-free": 409,
    "transfer-not-now": 409,
    "listen-no-conversation": 409,
    "listen-taken": 409,
    "listen-elsewhere": 409,
    "listen-no-phone": 409,
    "listen-not-yet": 409,
    "message-off-duty": 409,
    "message-unread": 409,
    "preview-gone": 409,
    "preview-skips": 409,
    "own-phone": 409,
    "no-own-phones": 409,
    "on-duty-elsewhere": 409,
    "campaign-elsewhere": 409,
    "lock-on-duty": 409,
    "no-line-free": 409,
    "trunk-rests": 409,
    "script-unchanged": 409,
    "script-decided": 409,
    "script-not-approved": 409,
    "slot-taken": 409,
    "source-exists": 409,
    "outlet-exists": 409,
    "outlet-off": 409,
    "outlet-busy": 409,
    "booked-already": 409,
    "booking-not-yet": 409,
    "not-on-list": 409,
    "marked-already": 409,
    "appointment-to-come": 409,
    "undo-too-late": 409,
    "merge-same": 409,
    "merge-client": 409,
    "merge-campaign": 409,
    "merge-gone": 409,
    "merge-over": 409,
    "merge-chain": 409,
    "merge-busy": 409,
    "merge-intake": 409,
    "merge-none": 409,
    "merge-other": 409,
    "release-or-withdraw": 409,
    "practice-changed": 409,
    "thread-full": 409,
    "already-reviewed": 409,
    "skill-asked": 409,
    "no-tariff": 409,
    "month-open": 409,
    "month-closed": 409,
    "billed-already": 409,
    "erased": 410,
    "changed-since": 412,
    "too-large": 413,
    "wrong-media-type": 415,
    "invalid": 422,
    "bsn": 422,
    "personal": 422,
    "file-refused": 422,
    "script-problems": 422,
    "key-reused": 422,
    "if-match-missing": 428,
    "throttled": 429,
    "error": 500,
    "unavailable": 503,
    "disk-full": 503,
}
"""Status of each code that has one of its own; other errors have that of their class (`_KIN`)."""

_KIN: tuple[tuple[type[DialerError], str], ...] = (
    (NotFoundError, "not-found"),
    (ForbiddenError, "forbidden"),
    (InvalidError, "invalid"),
    (UnavailableError, "unavailable"),
    (IllegalTransitionError, "illegal-transition"),
    (ConflictError, "conflict"),
)

TITLES: Mapping[str, tuple[str, str]] = {  # code: (Dutch, English)
    "bad-request": ("Dit verzoek is niet te lezen.", "This request cannot be read."),
    "not-signed-in": ("U bent niet aangemeld.", "You are not signed in."),
    "sign-in-refused": ("Inlognaam en wachtwoord horen niet bij elkaar.", "Login and password do not fit."),
    "session-locked": ("Het scherm is vergrendeld.", "The screen is locked."),
    "second-factor-first": ("Er is eerst nog een code nodig.", "A code is asked for first."),
    "sign-on-refused": (
        "Het aanmelden via uw organisatie is niet gelukt.",
        "Signing on did not work.",
    ),
    "sign-on-unknown": (
        "Uw account bij uw organisatie is hier nog niet gekoppeld.",
        "Your account at your organisation is not linked here yet.",
    ),
    "sign-on-away": (
        "De aanmelddienst van uw organisatie reageert niet.",
        "Your organisation's sign-on service does not answer.",
    ),
    "code-refused": ("Deze code klopt niet of is al gebruikt.", "This code is not right, or was used before."),
    "lock-on-duty": ("U kunt een gesprek krijgen. Neem eerst pauze.", "You may get a call. Take a pause first."),
    "forbidden": ("Dit mag u niet.", "You may not do this."),
    "csrf": ("Dit verzoek komt niet van deze pagina. Laad de pagina opnieuw.", "Reload the page and try again."),
    "wrong-origin": ("Dit verzoek komt van een andere website.", "This request comes from another website."),
    "not-verified": ("Eerst de identiteitscontrole.", "The identity check comes first."),
    "not-found": ("Dit is er niet.", "There is no such thing."),
    "method-not-allowed": ("Dit kan hier niet.", "This cannot be done here."),
    "conflict": ("Dit kan nu niet: de stand is intussen anders.", "Not possible now: things have changed."),
    "illegal-transition": ("Dit kan niet in deze stand.", "Not possible in the present state."),
    "merge-same": ("Dit is dezelfde zaak.", "This is the same case."),
    "merge-client": ("Deze zaken zijn van twee opdrachtgevers.", "These cases are of two clients."),
    "merge-campaign": (
        "Deze zaken zijn van twee belacties. Samenvoegen kan alleen binnen één belactie.",
        "These cases are of two campaigns. Only cases of one campaign can be merged.",
    ),
    "merge-gone": (
        "Deze zaak is ingetrokken, teruggeroepen of zelf samengevoegd.",
        "This case was withdrawn, recalled or merged itself.",
    ),
    "merge-over": (
        "De andere zaak heeft al een resultaat. Open die zaak en voeg deze erbij.",
        "The other case has a result already. Open that case and merge this one into it.",
    ),
    "merge-chain": (
        "Bij de andere zaak is al een zaak gevoegd. Maak dat eerst ongedaan.",
        "A case was merged into the other one. Undo that first.",
    ),
    "merge-busy": (
        "Er loopt een gesprek, of een afronding staat nog open. Probeer het daarna opnieuw.",
        "A call goes on, or an outcome is not filed yet. Try again afterwards.",
    ),
    "merge-intake": (
        "Er wordt net een lijst van deze opdrachtgever ingelezen. Probeer het over een minuut opnieuw.",
        "A list of this client is being read. Try again in a minute.",
    ),
    "merge-none": ("Deze zaak is niet samengevoegd.", "This case is not merged."),
    "merge-other": (
        "Deze inwoner heeft intussen een andere zaak in deze belactie.",
        "This resident has another case in this campaign by now.",
    ),
    "no-tariff": (
        "Er is geen tarief voor een van deze dagen. Leg eerst een tarief vast.",
        "There is no tariff for one of these days. Set a tariff first.",
    ),
    "month-open": ("Deze maand is nog niet voorbij.", "This month is not over yet."),
    "month-closed": ("Deze maand, of een latere, is al afgesloten.", "This month, or a later one, is closed already."),
    "billed-already": (
        "Er staat al iets hiervan op een factuur of creditnota.",
        "Some of this is on a bill or a credit note already.",
    ),
    "skill-asked": (
        "Een belactie vraagt deze vaardigheid. Haal haar daar eerst weg.",
        "A campaign asks for this skill. Take it away there first.",
    ),
    "preflight": ("De controle vooraf is nog niet in orde.", "The pre-flight check has not passed."),
    "repeat-in-progress": ("Dit verzoek loopt nog.", "This request is still being worked on."),
    "no-tries-left": ("Te veel pogingen in dit gesprek.", "Too many tries in this call."),
    "callback-not-yours": ("Neem dit verzoek eerst op.", "Take this request first."),
    "callback-has-case": (
        "Dit nummer kennen we. Het systeem belt vanzelf.",
        "We know this number: it is dialled by itself.",
    ),
    "callback-tries": ("Dit verzoek is al zeven keer gebeld.", "This request has been dialled seven times."),
    "number-not-callable": (
        "Dit nummer kan het systeem niet bellen.",
        "The system does not dial numbers of this kind.",
    ),
    "number-blocked": ("Op dit nummer wil iemand niet gebeld worden.", "Somebody on this number wants no calls."),
    "number-in-call": ("Met dit nummer is nu al een gesprek.", "There is a call with this number now."),
    "outside-window": (
        "Nu mag er niet gebeld worden: het is buiten de beltijden.",
        "Not now: outside the calling hours.",
    ),
    "campaign-not-running": ("De belactie loopt nu niet.", "The campaign does not run now."),
    "agent-not-free": ("U bent nu niet vrij voor een gesprek.", "You are not free for a call now."),
    "callers-first": ("Er wacht een beller. Die gaat voor.", "A caller is waiting, and goes first."),
    "not-staff": ("Dit nummer staat niet op de lijst van collega's.", "This number is not on the list of colleagues."),
    "staff-is-resident": (
        "Dit nummer is van een inwoner die gebeld wordt. Neem een ander nummer.",
        "This number is a resident's who is to be called. Take another one.",
    ),
    "transfer-no-conversation": (
        "Er is nu geen gesprek om door te verbinden.",
        "There is no conversation to transfer.",
    ),
    "transfer-under-way": ("U verbindt dit gesprek al door.", "You are transferring this call already."),
    "transfer-closed": ("Daar is nu niemand: het is buiten de openingstijden.", "Nobody is there now: it is closed."),
    "transfer-not-free": ("Deze collega is nu niet vrij.", "This colleague is not free now."),
    "transfer-not-now": ("Dat kan op dit moment niet.", "That is not possible at this moment."),
    "listen-no-conversation": ("Er is nu geen gesprek om mee te luisteren.", "There is no conversation to hear now."),
    "listen-taken": ("Er luistert al een collega mee.", "A colleague listens already."),
    "listen-elsewhere": ("U luistert al mee met een ander gesprek.", "You listen to another call already."),
    "listen-no-phone": ("Uw telefoon in dit scherm is niet verbonden.", "Your phone in this page is not connected."),
    "message-off-duty": ("Deze medewerker is niet in dienst.", "This agent is not on duty."),
    "message-unread": (
        "Deze medewerker heeft nog drie ongelezen berichten.",
        "This agent has three unread messages.",
    ),
    "listen-not-yet": ("U hoort het gesprek nog niet.", "You do not hear the call yet."),
    "preview-gone": ("Deze inwoner is niet meer voor u. Hier is de volgende.", "Not yours any more. Here is the next."),
    "preview-skips": (
        "U heeft dit uur al tien inwoners overgeslagen. Overleg met uw teamleider.",
        "You have passed on ten residents this hour. Ask your team leader.",
    ),
    "campaign-elsewhere": (
        "Voor deze belactie belt een andere vestiging. Doe het daar.",
        "Another site calls for this campaign. Do it there.",
    ),
    "on-duty-elsewhere": (
        "U heeft dienst bij vestiging {site}. Meld u daar eerst af.",
        "You are on duty at site {site}. Go off duty there first.",
    ),
    "own-phone": ("U gebruikt een eigen telefoon.", "You use a phone of your own."),
    "no-own-phones": (
        "Een eigen SIP-telefoon kan hier niet. Gebruik de telefoon in dit scherm.",
        "A SIP phone of your own is not possible here. Use the phone in this page.",
    ),
    "no-line-free": ("Alle lijnen zijn bezet.", "All lines are in use."),
    "trunk-rests": ("De telefoonlijn stoort. Probeer het later.", "The telephone line is faulty. Try again later."),
    "script-problems": (
        "Er zitten nog fouten in het script. Kijk bij ‘Wat klopt er nog niet’.",
        "The script still has errors. See ‘What is not right yet’.",
    ),
    "script-unchanged": ("Dit is gelijk aan de nieuwste versie.", "This is the same as the newest version."),
    "script-decided": (
        "Er is een nieuwere versie, of er is al beslist. Laad het opnieuw.",
        "There is a newer version, or it was decided already. Load it again.",
    ),
    "script-not-approved": (
        "De opdrachtgever heeft nog geen versie hiervan goedgekeurd.",
        "The client has not approved any version of it yet.",
    ),
    "source-exists": ("Er is al een plek met deze naam.", "There is a place of this name."),
    "outlet-exists": (
        "Er is al een plek met deze naam, of deze belactie heeft er al een die aanstaat.",
        "There is a place of this name, or this campaign has one that is not off.",
    ),
    "outlet-off": ("Deze plek staat uit. Zet hem eerst aan.", "This place is off. Turn it on first."),
    "outlet-busy": ("Er wordt nu al verstuurd. Wacht even.", "Something is being sent now. Wait a moment."),
    "slot-taken": ("Dit tijdstip is net vergeven. Kies een ander.", "This time has just been taken. Choose another."),
    "booked-already": (
        "De inwoner heeft al een afspraak. Verzet die.",
        "The resident has an appointment already. Move that one.",
    ),
    "booking-not-yet": ("De afspraak is nog niet geweest.", "The appointment has not taken place yet."),
    "not-on-list": ("Deze zaak staat niet meer op deze lijst.", "This case is not on this list any more."),
    "marked-already": ("Iemand anders heeft dit al vastgelegd.", "Somebody else has marked it already."),
    "appointment-to-come": ("De afspraak is nog niet geweest.", "The appointment has yet to come."),
    "undo-too-late": ("Dit is niet meer terug te draaien.", "This cannot be taken back any more."),
    "release-or-withdraw": (
        "Kies bij deze zaak: laten bellen of intrekken.",
        "Choose for this case: have it called, or withdraw it.",
    ),
    "practice-changed": (
        "Er is een nieuwe oefening. Laad de pagina opnieuw.",
        "There is a new practice. Load the page again.",
    ),
    "already-reviewed": ("Dit record is al beoordeeld.", "This record has been reviewed."),
    "thread-full": ("Er staan al 200 berichten. Bel elkaar.", "There are 200 messages already. Give us a ring."),
    "personal": (
        "Hier staat een nummer, adres of datum van iemand. Haal het weg.",
        "A number, address or date of somebody stands here. Take it out.",
    ),
    "bsn": ("Dit lijkt op een BSN. Haal het weg.", "This looks like a BSN. Take it out."),
    "erased": ("Deze gegevens zijn vernietigd.", "This data has been erased."),
    "changed-since": ("Iemand heeft dit intussen gewijzigd. Laad het opnieuw.", "Somebody changed it. Load it again."),
    "too-large": ("Dit is te groot.", "This is too large."),
    "wrong-media-type": ("Dit soort inhoud wordt hier niet aangenomen.", "This kind of content is not taken here."),
    "invalid": ("Er klopt iets niet in wat u invulde.", "Something you entered is not right."),
    "file-refused": ("Dit bestand is niet als lijst te lezen.", "This file cannot be read as a list."),
    "key-reused": ("Deze herhaalsleutel hoort bij een ander verzoek.", "This key belongs to another request."),
    "if-match-missing": ("De kop If-Match ontbreekt.", "The header If-Match is missing."),
    "throttled": ("Te vaak geprobeerd. Wacht even.", "Too many tries. Wait a moment."),
    "error": ("Er ging iets mis bij ons.", "Something went wrong on our side."),
    "disk-full": (
        "De schijf van de server is vol. Waarschuw de beheerder.",
        "The server's disk is full. Tell an admin.",
    ),
    "unavailable": ("Een onderdeel werkt nu niet. Probeer het zo weer.", "A part does not work now. Try again soon."),
}


class ApiError(DialerError):
    """An error that only HTTP knows."""

    def __init__(self, code: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


def problem(code: str, language: str, *, like: str = "", **members: object) -> web.Response:
    """The answer for `code`, with the words and status of `like` when the code has none of its own.

    Members that are None or empty are left out.
    """
    status = STATUS.get(code) or STATUS.get(like, 500)
    titles = TITLES.get(code) or TITLES.get(like) or TITLES["error"]
    body: dict[str, object] = {
        "type": "about:blank",
        "title": titles[1 if language == "en" else 0].replace("{site}", str(members.pop("site", ""))),
        "status": status,
        "code": code,
    }
    body.update({name: value for name, value in members.items() if value not in (None, "", [])})
    response = web.Response(status=status, body=json.dumps(body).encode(), content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    retry_after = members.get("retry_after")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="dialer"'
    return response


def problem_of(error: DialerError, language: str) -> web.Response:
    """The answer for an error of ours: its code, and nothing of its text."""
    like = next((code for kin, code in _KIN if isinstance(error, kin)), "error")
    return problem(
        error.code,
        language,
        like=like,
        field=getattr(error, "field", None),
        reason=getattr(error, "reason", None),
        line=getattr(error, "line", None),
        headings=getattr(error, "headings", None),
        columns=getattr(error, "columns", None) or None,
        errors=[dict(entry) for entry in error.errors] if isinstance(error, ApiError) else [],
        retry_after=getattr(error, "retry_after", None),
        site=getattr(error, "site", None),
    )


def language_of(request: web.Request) -> str:
    """nl, unless the reader prefers English."""
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in ("nl", "en"):
            return tag
    return "nl"
