"""Letters to the mail server: one connection for many letters, and every answer understood.

An answer is sorted by what one can do about it: accepted, `MailDelayed` (try again), `MailRefused`
(somebody has to mend it).
"""

import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

from switchboard.errors import SwitchboardError
from switchboard.letterhead import plain

IDLE_SECONDS = 10.0  # for so long a connection waits for the next letter

# Who answers so speaks of our login or of the connection, and has not looked at the letter.
GO_ON, TAKEN = 354, 250
NOT_ABOUT_THE_LETTER = frozenset({421, 454, 530, 534, 535, 538})
TOO_LARGE = frozenset({523, 552})
_ADDRESS = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.:\[\]-]+")
_OTHER_FULL = re.compile(r"[45]\.2\.\d")  # of a 552: the mailbox is full, whatever the size


class MailDelayed(SwitchboardError):
    """The mail server does not take the letter now."""


class MailAway(MailDelayed):
    """The mail server did not look at the letter: not there, does not talk, refuses our login."""


class MailRefused(SwitchboardError):
    """The mail server will never take the letter as it is."""


class MailTooLarge(MailRefused):
    """The letter is larger than the mail server takes."""


# what became of each recipient; a text is the server's answer where it took the letter
Answers = Mapping[str, str | MailDelayed | MailRefused]


@dataclass(frozen=True)
class MailServer:
    """`tls` says how the line is secured; where it is, the server's certificate must be right."""

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Waits:
    """How long each answer is waited for. After the final dot it is long: a letter that was taken
    without our hearing of it is sent twice."""

    connect_seconds: float = 15.0
    command_seconds: float = 30.0
    data_seconds: float = 600.0
    quit_seconds: float = 3.0


class Mailer:
    """One connection to a server, opened with the first letter; for one letter at a time."""

    def __init__(
        self, server: MailServer, *, tls: ssl.SSLContext | None = None, waits: Waits | None = None
    ) -> None:
        self._server = server
        self._tls = tls or (None if server.tls == "none" else ssl.create_default_context())
        self._waits = waits or Waits()
        self._smtp: aiosmtplib.SMTP | None = None
        self._used_at = 0.0

    async def send(self, sender: str, to: Sequence[str], content: bytes) -> Answers:
        """Hand a letter over; an answer for each recipient.

        Raises what holds for all of them: MailAway, MailDelayed, MailTooLarge, MailRefused.
        """
        try:
            smtp = await self._begin(sender, content)
            answers = {address: await self._recipient(smtp, address) for address in to}
            if not any(isinstance(answer, str) for answer in answers.values()):
                await self._reset(smtp)
                return answers
            taken = await self._data(smtp, content)
            return {one: taken if isinstance(met, str) else met for one, met in answers.items()}
        except (MailDelayed, MailRefused) as trouble:
            if self._smtp is not None and not isinstance(trouble, MailAway):
                await self._reset(self._smtp)
            else:
                self._drop()
            raise
        except BaseException:
            self._drop()
            raise
        finally:
            self._used_at = monotonic()

    async def rest(self) -> None:
        """Take leave of the server once nothing was sent for a while."""
        if self._smtp is not None and monotonic() - self._used_at > IDLE_SECONDS:
            await self.close()

    async def close(self) -> None:
        """Take leave of the server."""
        if self._smtp is not None:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=self._waits.quit_seconds)
        self._drop()

    async def _begin(self, sender: str, content: bytes) -> aiosmtplib.SMTP:
        """A connection on which MAIL was accepted, the last one where it still holds."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(MailAway):  # servers close what rests; that says nothing about them
                await self._mail(self._smtp, sender, content)
                return self._smtp
        self._drop()
        self._smtp = await self._connected()
        await self._mail(self._smtp, sender, content)
        return self._smtp

    async def _connected(self) -> aiosmtplib.SMTP:
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()),
            use_tls=server.tls == "tls",
            start_tls=False,
            tls_context=self._tls,
            timeout=self._waits.command_seconds,
        )
        try:
            with self._understood("greeting", to_us=True):
                await smtp.connect(timeout=self._waits.connect_seconds)
            with self._understood("EHLO", to_us=True):
                await smtp.ehlo()
            if server.tls == "starttls":
                with self._understood("STARTTLS", to_us=True):
                    await smtp.starttls()
                    await smtp.ehlo()
            if server.user is not None:
                with self._understood("AUTH", to_us=True):
                    await smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    async def _mail(self, smtp: aiosmtplib.SMTP, sender: str, content: bytes) -> None:
        options = []
        if smtp.supports_extension("size"):
            limit = smtp.esmtp_extensions["size"]
            if limit.isdecimal() and 0 < int(limit) < len(content):
                raise MailTooLarge(f"{len(content)} bytes; {self._name} takes {limit} at most")
            options.append(f"SIZE={len(content)}")
        if smtp.supports_extension("8bitmime") and not content.isascii():
            options.append("BODY=8BITMIME")
        with self._understood("MAIL"):
            await smtp.mail(sender, options=options)

    async def _recipient(
        self, smtp: aiosmtplib.SMTP, address: str
    ) -> str | MailDelayed | MailRefused:
        if not _ADDRESS.fullmatch(address):
            return MailRefused(f"“{plain(address)}” is not an address in ASCII letters")
        try:
            with self._understood("RCPT"):
                return (await smtp.rcpt(address)).message
        except MailAway:
            raise
        except (MailDelayed, MailRefused) as answer:
            return answer

    async def _data(self, smtp: aiosmtplib.SMTP, content: bytes) -> str:
        """The library's own way searches a whole letter twice for ends of lines: ours are right."""
        with self._understood("DATA"):
            answer = await smtp.execute_command(b"DATA")
            if answer.code == GO_ON and smtp.protocol is not None:
                smtp.protocol.write(dotted(content))
                answer = await smtp.protocol.read_response(self._waits.data_seconds)
                if answer.code == TAKEN:
                    return plain(f"{answer.code} {answer.message}")
            raise SMTPResponseException(answer.code, answer.message)

    async def _reset(self, smtp: aiosmtplib.SMTP) -> None:
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    @property
    def _name(self) -> str:
        return f"{self._server.host}:{self._server.port}"

    @contextmanager
    def _understood(self, verb: str, *, to_us: bool = False) -> Iterator[None]:
        """Raise what an answer means; whatever is said `to_us` is not about the letter."""
        try:
            yield
        except SMTPResponseException as said:
            words = f"{self._name} at {verb}: {said.code} {plain(said.message)}"
            kind = MailAway if to_us else meaning(verb, said.code, said.message)
            raise kind(words) from said
        except (SMTPException, OSError) as trouble:
            raise MailAway(f"{self._name} at {verb}: {_words(trouble)}") from trouble


def _words(trouble: Exception) -> str:
    """What the system says (`Connection refused`) where it said it, else the library's words."""
    cause = trouble if isinstance(trouble, OSError) and trouble.errno else trouble.__cause__
    if isinstance(cause, OSError) and cause.errno and not isinstance(cause, ssl.SSLError):
        return os.strerror(cause.errno)
    return plain(str(trouble)) or type(trouble).__name__


def dotted(content: bytes) -> bytes:
    """A letter as it follows DATA: no line of it is taken for its end.

    A minute of sound has no dot in it: to look for one costs a thirtieth of looking for CR LF dot.
    """
    pieces: list[bytes] = []
    begin, at = 0, content.find(b".")
    while at >= 0:
        if at == 0 or content[at - 2 : at] == b"\r\n":
            pieces += content[begin:at], b"."
            begin = at
        at = content.find(b".", at + 1)
    return b"".join((*pieces, content[begin:], b".\r\n"))


def meaning(verb: str, code: int, answer: str) -> type[MailDelayed | MailRefused]:
    """What an answer that is not a yes means for the letter, or at RCPT for one recipient."""
    if code in NOT_ABOUT_THE_LETTER or not 400 <= code <= 599:
        return MailAway
    if code < 500:
        return MailDelayed
    if code in TOO_LARGE and verb != "RCPT" and not _OTHER_FULL.search(answer):
        return MailTooLarge
    return MailRefused
