"""Mail over SMTP, with the standard library in a thread: one letter, one session."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.utils import formataddr

from dialer.domain.exchange import Fault
from dialer.services.ports.exchange import Receipt
from dialer.services.ports.notices import Letter
from dialer.services.ports.report_deliveries import FileLetter

SECONDS = 20.0
MODES = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in. `mode` none: without encryption, for a relay on this machine."""

    host: str
    port: int
    mode: str
    username: str
    password: str = field(repr=False)
    sender: str


class MailPost:
    """`Post` over SMTP."""

    def __init__(self, server: MailServer, *, tls: ssl.SSLContext | None = None, seconds: float = SECONDS) -> None:
        self._server = server
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    async def renew(self, password: str) -> Fault | None:
        """Use another password from now on, if the server lets us in with it; else what was wrong."""
        server = replace(self._server, password=password)
        fault = await asyncio.to_thread(self._hand_in, server)
        if fault is None:
            self._server = server
        return fault

    async def send(self, to: str, letter: Letter) -> Receipt:
        """Taken by the server is received: what it does with it afterwards, it tells nobody."""
        server = self._server
        return Receipt(fault=await asyncio.to_thread(self._hand_in, server, mail(letter, to, server.sender), to))

    async def send_file(self, to: str, letter: FileLetter) -> Receipt:
        """As `send`, with a file."""
        server = self._server
        return Receipt(fault=await asyncio.to_thread(self._hand_in, server, file_mail(letter, to, server.sender), to))

    def _hand_in(self, server: MailServer, message: EmailMessage | None = None, to: str = "") -> Fault | None:
        """Without a message: sign in, and no more."""
        try:
            with self._open(server) as session:
                if server.mode == "starttls":
                    session.starttls(context=self._tls)
                if server.username:
                    session.login(server.username, server.password)
                if message is not None:
                    session.send_message(message, server.sender, [to])
        except smtplib.SMTPAuthenticationError:
            return Fault.SIGN_IN
        except smtplib.SMTPRecipientsRefused as refused:
            return Fault.REFUSED if all(code >= 500 for code, _ in refused.recipients.values()) else Fault.THEIR_FAULT
        except smtplib.SMTPServerDisconnected:
            return Fault.CUT_OFF
        except smtplib.SMTPResponseException as answer:
            return Fault.REFUSED if 550 <= answer.smtp_code < 560 else Fault.THEIR_FAULT
        except smtplib.SMTPException:  # no STARTTLS offered, and the like
            return Fault.ANSWER
        except ssl.SSLError:
            return Fault.TLS
        except TimeoutError:
            return Fault.SLOW
        except OSError:
            return Fault.UNREACHABLE
        return None

    def _open(self, server: MailServer) -> smtplib.SMTP:
        if server.mode == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=self._seconds, context=self._tls)
        return smtplib.SMTP(server.host, server.port, timeout=self._seconds)


def file_mail(letter: FileLetter, to: str, sender: str) -> EmailMessage:
    """The message. The same letter makes the same Message-ID."""
    message = _mail(letter, to, sender)
    kind, _, part = letter.media_type.partition("/")
    message.add_attachment(letter.content, maintype=kind, subtype=part, filename=letter.name)
    return message


def _mail(letter: Letter | FileLetter, to: str, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = formataddr((letter.sender, sender))
    message["To"] = to
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text + "\n")
    return message


def mail(letter: Letter, to: str, sender: str) -> EmailMessage:
    """The message. The same letter makes the same Message-ID."""
    message = _mail(letter, to, sender)
    message.add_attachment(
        letter.calendar.encode(), maintype="text", subtype="calendar", filename="afspraak.ics",
        params={"method": letter.method, "charset": "utf-8"},
    )  # fmt: skip
    return message
