"""Names, subjects and files that callers chose arrive as they are, and do no harm."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.letterhead import (
    LONGEST_TEXT,
    attach,
    domain_of,
    flatten,
    message_id_for,
    new_message,
    plain,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SENDER, TO = "Acme <pbx@acme.example>", ("anna@acme.example",)
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
}


def read(content: bytes) -> EmailMessage:
    """As a mail program reads it."""
    return message_from_bytes(content, policy=policy.default)


def written(subject: str, sender: str = SENDER) -> EmailMessage:
    message = new_message(sender, TO, subject, "<1@acme.example>", NOW)
    message.set_content("Text.")
    return read(flatten(message))


@pytest.mark.parametrize(
    "name",
    [
        "Анна Иванова",
        "สมชาย ใจดี",
        "Łukasz",
        "李雷",
        "سارة",
        "👩‍👩‍👧 Family",
        'O\'Neil, "Bob" <x@y>',
    ],
)
def test_a_name_in_any_script_arrives_as_it_is(name: str) -> None:
    assert written(f"Voicemail from {name}")["Subject"] == f"Voicemail from {name}"


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("Eve\r\nBcc: all@acme.example", "Eve Bcc: all@acme.example"),
        ("Eve\nX: y\x00\x1b[2J", "Eve X: y[2J"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\ud800half", "half"),
        ("=?utf-8?q?Bcc=3A?=", "=?utf-8?q?Bcc=3A?="),
        ("  much   space  ", "much space"),
        ("x" * 5000, "x" * LONGEST_TEXT),
    ],
)
def test_hostile_texts_become_harmless(hostile: str, harmless: str) -> None:
    assert plain(hostile) == harmless
    assert set(written(hostile).keys()) == HEADERS


@given(st.text(max_size=300))
def test_no_subject_adds_a_header_or_breaks_the_letter(text: str) -> None:
    message = written(text)
    assert set(message.keys()) == HEADERS
    assert message.get_content().strip() == "Text."


def test_the_sender_keeps_its_name_in_any_script() -> None:
    message = written("x", "Колл-центр Акме <pbx@acme.example>")
    [address] = message["From"].addresses
    assert (address.display_name, address.addr_spec) == ("Колл-центр Акме", "pbx@acme.example")


def test_letters_are_seven_bits_with_lines_that_every_server_takes() -> None:
    message = new_message(SENDER, TO, "Анна", "<1@acme.example>", NOW)
    message.set_content("Здравствуйте. " * 200 + "\nx" * 3)
    attach(message, bytes(range(256)) * 4000, "audio/mpeg", "Сообщение от Анны.mp3")
    content = flatten(message)
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 100_000])
def test_an_attachment_arrives_byte_for_byte_under_its_name(size: int) -> None:
    sound = bytes(at * 7 % 256 for at in range(size))
    message = new_message(SENDER, TO, "x", "<1@acme.example>", NOW)
    message.set_content("Text.")
    message.add_alternative("<p>Text.</p>", subtype="html")
    attach(message, sound, "audio/mpeg", 'от "Анны"\r\n../../x.mp3')
    attach(message, b"second", "audio/wav", "b.wav")
    once = flatten(message)
    first, second = read(once).iter_attachments()
    assert (first.get_content(), second.get_content()) == (sound, b"second")
    assert (first.get_content_type(), second.get_filename()) == ("audio/mpeg", "b.wav")
    assert first.get_filename() == 'от "Анны" ../../x.mp3'
    assert len(flatten(message)) == len(once), "writing it changes nothing of it"


def test_a_thread_is_named_to_mail_programs() -> None:
    message = new_message(SENDER, TO, "x", "<2@acme.example>", NOW, thread="<1@acme.example>")
    assert (message["In-Reply-To"], message["References"]) == (("<1@acme.example>",) * 2)


def test_a_message_id_is_the_same_each_time_and_differs_between_things() -> None:
    assert message_id_for("voicemail-17-3", "acme.example") == "<voicemail-17-3@acme.example>"
    things = ["a/b", "a-b", "a b", "a..b", "a.b", "ä", "ö", "x" * 200, "x" * 201, "", ">\r\nBcc: x"]
    ids = [message_id_for(thing, "acme.example") for thing in things]
    assert len(set(ids)) == len(things)
    assert all(re.fullmatch(r"<[\w-]+(\.[\w-]+)*@acme\.example>", one, re.ASCII) for one in ids)


@pytest.mark.parametrize(
    ("address", "domain"),
    [("Acme <pbx@acme.example>", "acme.example"), ("pbx@x", "x"), ("nobody", "localhost")],
)
def test_the_domain_of_an_address(address: str, domain: str) -> None:
    assert domain_of(address) == domain
