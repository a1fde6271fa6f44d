"""One connection to a real mail server: how it is secured, who we are, what answers mean."""

import socket
import ssl
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given
from hypothesis.strategies import lists, sampled_from

from switchboard.mail import (
    MailAway,
    MailDelayed,
    Mailer,
    MailRefused,
    MailServer,
    MailTooLarge,
    dotted,
    meaning,
)
from tests.mail.certificates import Certificates, make_certificates
from tests.mail.conftest import FAST
from tests.mail.letters import a_letter
from tests.mail.post import PostOffice

LETTER = a_letter()
TO = ("anna@acme.example",)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


async def send(server: MailServer, tls: ssl.SSLContext | None = None) -> str:
    """The answer to one letter."""
    mailer = Mailer(server, tls=tls, waits=FAST)
    try:
        [answer] = (await mailer.send(LETTER.sender, TO, LETTER.content)).values()
        return str(answer)
    finally:
        await mailer.close()


async def test_starttls_with_a_right_certificate(certificates: Certificates) -> None:
    async with PostOffice(tls=certificates.ours) as post:
        server = MailServer("127.0.0.1", post.port, "starttls")
        assert await send(server, certificates.trusting) == "250 taken"
        assert post.taken[0].content == LETTER.content


async def test_tls_from_the_start_with_a_right_certificate(certificates: Certificates) -> None:
    async with PostOffice(tls=certificates.ours, secure_from_the_start=True) as post:
        server = MailServer("127.0.0.1", post.port, "tls")
        assert await send(server, certificates.trusting) == "250 taken"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_nobody_trusts_gets_no_letter(
    certificates: Certificates, tls: str
) -> None:
    async with PostOffice(tls=certificates.theirs, secure_from_the_start=tls == "tls") as post:
        server = MailServer("127.0.0.1", post.port, tls)  # type: ignore[arg-type]
        with pytest.raises(MailAway, match="certificate verify failed"):
            await send(server, certificates.trusting)
        assert post.taken == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_of_another_name_gets_no_letter(
    certificates: Certificates, tls: str
) -> None:
    async with PostOffice(tls=certificates.ours, secure_from_the_start=tls == "tls") as post:
        server = MailServer("localhost", post.port, tls)  # type: ignore[arg-type]
        with pytest.raises(MailAway, match="certificate"):
            await send(server, certificates.trusting)
        assert post.taken == []


async def test_a_server_without_starttls_gets_no_letter_in_the_clear() -> None:
    async with PostOffice() as post:
        with pytest.raises(MailAway, match="STARTTLS"):
            await send(MailServer("127.0.0.1", post.port, "starttls"))
        assert post.taken == []


async def test_a_server_that_talks_in_the_clear_where_tls_is_wanted_is_away() -> None:
    async with PostOffice() as post:
        with pytest.raises(MailAway):
            await send(MailServer("127.0.0.1", post.port, "tls"))


async def test_a_login_is_given_and_a_wrong_one_makes_every_letter_wait() -> None:
    async with PostOffice(login=("acme", "right")) as post:
        server = MailServer("127.0.0.1", post.port, "none", "acme", "right")
        assert await send(server) == "250 taken"
        wrong = MailServer("127.0.0.1", post.port, "none", "acme", "wrong")
        with pytest.raises(MailAway, match=r"AUTH: 535 5\.7\.8 wrong password"):
            await send(wrong)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(MailServer("h", 25, "tls", "user", "hunter2"))


async def test_nobody_there() -> None:
    async with PostOffice() as post:
        server = MailServer("127.0.0.1", post.port, "none")
    with pytest.raises(MailAway, match=rf"^127.0.0.1:{server.port} at greeting: Connection ref"):
        await send(server)


async def test_an_address_that_would_forge_a_command_is_refused() -> None:
    async with PostOffice() as post:
        mailer = Mailer(MailServer("127.0.0.1", post.port, "none"), waits=FAST)
        forged = "anna@acme.example>\r\nRCPT TO:<eve@evil.example"
        answers = await mailer.send(LETTER.sender, [forged, "борис@acme.example"], b"x\r\n")
        assert [type(answer) for answer in answers.values()] == [MailRefused, MailRefused]
        assert post.taken == []
        await mailer.close()


@pytest.mark.parametrize(
    ("verb", "code", "answer", "kind"),
    [
        ("MAIL", 451, "later", MailDelayed),
        ("MAIL", 421, "closing", MailAway),
        ("MAIL", 530, "5.7.0 authentication required", MailAway),
        ("MAIL", 550, "no", MailRefused),
        ("MAIL", 552, "5.3.4 too big", MailTooLarge),
        ("RCPT", 552, "5.2.2 mailbox full", MailRefused),
        ("DATA", 552, "5.2.2 over quota", MailRefused),
        ("DATA", 554, "spam", MailRefused),
        ("DATA", 250, "taken before it was sent", MailAway),
        ("RCPT", -1, "nonsense", MailAway),
    ],
)
def test_answers_are_sorted_by_what_one_can_do_about_them(
    verb: str, code: int, answer: str, kind: type
) -> None:
    assert meaning(verb, code, answer) is kind


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (b"a\r\n", b"a\r\n.\r\n"),
        (b".a\r\n..b\r\n.\r\n", b"..a\r\n...b\r\n..\r\n.\r\n"),
        (b"a\r\n.\r\nMAIL FROM:<eve@evil>\r\n", b"a\r\n..\r\nMAIL FROM:<eve@evil>\r\n.\r\n"),
    ],
)
def test_no_line_of_a_letter_is_taken_for_its_end(content: bytes, sent: bytes) -> None:
    assert dotted(content) == sent


@given(lists(sampled_from([b".", b"\r\n", b"\n", b"\r", b"a"])).map(b"".join))
def test_every_dot_that_begins_a_line_is_doubled_and_no_other(content: bytes) -> None:
    stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..").removeprefix(b"\r\n")
    assert dotted(content) == stuffed + b".\r\n"


class Kept(Sink):
    """What aiosmtpd took."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert envelope.content is not None
        self.letters.append(bytes(envelope.content))  # type: ignore[arg-type]
        return "250 kept"


def _acme(server: SMTP, session: Session, envelope: Envelope, how: str, what: object) -> AuthResult:
    right = isinstance(what, LoginPassword) and (what.login, what.password) == (b"acme", b"right")
    return AuthResult(success=right)


@pytest.fixture
def aiosmtpd(certificates: Certificates) -> Iterator[tuple[Kept, int]]:
    """Another implementation than ours, with STARTTLS and login."""
    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        kept,
        hostname="127.0.0.1",
        port=port,
        tls_context=certificates.ours,
        require_starttls=True,
        auth_required=True,
        authenticator=_acme,
        data_size_limit=1 << 20,
    )
    controller.start()
    yield kept, port
    controller.stop()


async def test_a_letter_to_aiosmtpd_with_starttls_login_and_size(
    aiosmtpd: tuple[Kept, int], certificates: Certificates
) -> None:
    kept, port = aiosmtpd
    server = MailServer("127.0.0.1", port, "starttls", "acme", "right")
    mailer = Mailer(server, tls=certificates.trusting, waits=FAST)
    for letter in (LETTER, a_letter(2, body=".dots\n..and more")):
        await mailer.send(letter.sender, letter.to, letter.content)
    with pytest.raises(MailTooLarge):
        await mailer.send(LETTER.sender, TO, b"x" * (2 << 20))
    await mailer.close()
    assert kept.letters == [LETTER.content, a_letter(2, body=".dots\n..and more").content]
