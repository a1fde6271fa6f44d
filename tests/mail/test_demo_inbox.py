"""The demo's mail server takes letters as any other, and they can be read."""

import mailbox
import socket
from pathlib import Path

import pytest

from demo.inbox import open_inbox
from switchboard.mail import Mailer, MailServer
from tests.mail.conftest import FAST
from tests.mail.letters import a_letter


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


async def test_a_letter_stands_in_the_maildir_byte_for_byte(tmp_path: Path, port: int) -> None:
    letter = a_letter(1, body="конец\n.\n")
    inbox = tmp_path / "state" / "inbox"
    with open_inbox(inbox, port=port):
        mailer = Mailer(MailServer("127.0.0.1", port, "none"), waits=FAST)
        answers = await mailer.send(letter.sender, letter.to, letter.content)
        await mailer.close()
    assert answers == {"anna@acme.example": "250 kept"}
    [kept] = (inbox / "new").iterdir()
    assert kept.read_bytes() == letter.content
    assert [message["Message-ID"] for message in mailbox.Maildir(inbox)] == [letter.message_id]


def test_a_port_that_is_taken_is_an_error_at_once(tmp_path: Path, port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(OSError, match="in use"),
        open_inbox(tmp_path / "inbox", port=port),
    ):
        pass
