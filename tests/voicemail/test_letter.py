"""The letter about a message: what it says, in which language, and what no caller can do to it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.outbox import Letter
from switchboard.wording import Letterhead
from tests.mail.reading import HOSTILE, TAGS, Page, body, read
from voicemail.letter import TEMPLATES, Sound, Told, write_letter
from voicemail.message import Caller, Status
from voicemail.way import Step, Way

HEAD = Letterhead(
    company="Acme",
    sender="Acme <pbx@acme.example>",
    zone=ZoneInfo("Europe/Moscow"),
    language="ru",
    names={
        "mailbox/sales": {"ru": "Отдел продаж", "en": "Sales"},
        "department/sales": {"ru": "Отдел продаж", "en": "Sales"},
        "extension/201": {"": "Anna"},
    },
)
TO = ("sales@acme.example", "boss@acme.example")
SOUND = Sound(b"\xff\xfb\x90" * 4000, "audio/mpeg", "mp3")
NOW = datetime(2026, 11, 22, 0, 26, tzinfo=UTC)
WAY = Way(
    "+74950000003",
    (
        Step("menu", "main", "1"),
        Step("department", "sales", "closed"),
        Step("extension", "201", "untaken"),
    ),
)


def told(**changes: object) -> Told:
    facts: dict[str, object] = {
        "id": "0123456789abcdef",
        "mailbox": "sales",
        "caller": Caller("+79260000001", "Иван"),
        "received_at": datetime(2026, 11, 22, 0, 25, 11, tzinfo=UTC),
        "seconds": 62.4,
        "status": Status.COMPLETE,
        "way": WAY,
    }
    return Told(**{**facts, **changes})  # type: ignore[arg-type]


def written(told: Told, language: str = "en", sound: Sound | None = SOUND) -> Letter:
    return write_letter(told, TO, language, HEAD, sound, NOW)


def test_a_letter_tells_who_called_whom_when_how_long_and_on_which_way() -> None:
    message = read(written(told()).content)
    assert message["Subject"] == "Voice message for Sales: Иван, +7 926 000-00-01, 1:02"
    assert message["To"] == "sales@acme.example, boss@acme.example"
    assert body(message, "plain").splitlines() == [
        "A message was left by Иван, +7 926 000-00-01",
        "",
        "Received: Sunday, 22.11.2026, 03:25 (Europe/Moscow)",
        "Length: 1:02",
        "Mailbox: Sales",
        "Number dialled: +7 495 000-00-03",
        "Way: menu main (key 1) → Sales (closed) → extension Anna (not answered)",
        "",
        "-- ",
        "Acme · 0123456789abcdef",
    ]


def test_the_same_is_said_in_russian_and_as_a_page_with_a_link_to_call_back() -> None:
    message = read(written(told(), "ru").content)
    assert "Отдел продаж: Иван, +7 926 000-00-01" in message["Subject"]
    page = Page(body(message, "html"))
    assert page.links == ["tel:+79260000001"]
    for text in (page.text, body(message, "plain")):
        assert "воскресенье, 22.11.2026, 03:25 (Europe/Moscow)" in text
        assert "меню main (клавиша 1) → Отдел продаж (закрыто)" in text


def test_a_language_without_words_gets_english_ones() -> None:
    assert "Voice message" in read(written(told(), "xx").content)["Subject"]


def test_every_language_says_everything() -> None:
    words = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in languages()}
    assert {"de", "en", "es", "fr", "it", "pt", "ru", "th"} <= words.keys()
    for language, said in words.items():
        assert said.keys() == words["en"].keys(), language
        assert len(said["weekdays"]) == 7
        for key, text in said.items():
            if key != "weekdays":
                fields = sorted(re.findall(r"{(\w+)", text))
                assert fields == sorted(re.findall(r"{(\w+)", words["en"][key])), (language, key)


def languages() -> list[Path]:
    return sorted(TEMPLATES.glob("*.yaml"))


def test_the_sound_is_attached_bit_for_bit_with_a_name_of_digits() -> None:
    letter = written(told())
    (part,) = read(letter.content).iter_attachments()
    assert part.get_content() == SOUND.content
    assert part.get_content_type() == "audio/mpeg"
    assert part.get_filename() == "2026-11-22-032511-+79260000001.mp3"
    assert all(len(line) <= 998 for line in letter.content.split(b"\r\n"))


def test_a_smaller_letter_says_how_the_sound_is_got() -> None:
    letter = written(told())
    assert letter.smaller is not None
    smaller = read(letter.smaller)
    assert list(smaller.iter_attachments()) == []
    assert "switchboard voicemail export 0123456789abcdef" in body(smaller, "plain")
    assert smaller["Message-ID"] == read(letter.content)["Message-ID"] == letter.message_id


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": Status.PARTIAL}, "cut off by a failure"),
        ({"status": Status.DAMAGED}, "is damaged"),
        ({"status": Status.PARTIAL, "is_empty": True, "seconds": 0.0}, "Nothing was recorded"),
        ({"too_large": True}, "too large for a letter"),
        ({"transcript": "call me <back>"}, "Transcribed automatically"),
    ],
)
def test_what_is_not_as_usual_is_said(changes: dict[str, object], said: str) -> None:
    message = read(written(told(**changes)).content)
    assert said in body(message, "plain")
    assert said in Page(body(message, "html")).text
    assert said not in body(read(written(told()).content), "plain")


def test_letters_about_a_message_have_one_message_id_and_a_callers_letters_one_thread() -> None:
    first, again = written(told()), written(told(), "ru")
    other = written(told(id="fedcba9876543210"))
    assert first.message_id == again.message_id != other.message_id
    threads = {read(letter.content)["References"] for letter in (first, again, other)}
    assert len(threads) == 1
    assert read(first.content)["In-Reply-To"] in threads
    stranger = written(told(caller=Caller("+79260000002")))
    assert read(stranger.content)["References"] not in threads


def test_callers_who_withhold_their_number_are_not_one_thread() -> None:
    message = read(written(told(caller=Caller())).content)
    assert message["References"] is None
    assert "a caller who withheld the number" in body(message, "plain")
    assert Page(body(message, "html")).links == []


def test_a_colleague_is_told_by_extension_without_a_link() -> None:
    message = read(written(told(caller=Caller("202", "Boris"))).content)
    assert "Boris, 202" in body(message, "plain")
    assert Page(body(message, "html")).links == []


@pytest.mark.parametrize(
    "name",
    ["Дмитрий Ёлкин", "สมชาย ใจดี", "José Peña", "محمد", "山田太郎", "Zoë 👩‍💻", "O'Brien & Sons"],
)
def test_a_name_in_any_script_is_whole_in_subject_text_and_page(name: str) -> None:
    message = read(written(told(caller=Caller("+79260000001", name))).content)
    assert name in message["Subject"]
    assert name in body(message, "plain")
    assert name in Page(body(message, "html")).text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_text_and_nothing_more(name: str) -> None:
    assert_harmless(written(told(caller=Caller("+79260000001", name), transcript=name)))


@settings(deadline=None)
@given(st.text(max_size=120), st.text(max_size=200))
def test_no_name_and_no_transcript_can_do_anything(name: str, transcript: str) -> None:
    assert_harmless(written(told(caller=Caller("+79260000001", name), transcript=transcript)))


def assert_harmless(letter: Letter) -> None:
    """The letter has its own headers, recipients, lines, tags and file, and no others."""
    usual = read(written(told()).content)
    for content in filter(None, (letter.content, letter.smaller)):
        message = read(content)
        assert message.keys() == usual.keys()
        assert message["To"] == usual["To"]
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", message["Subject"])
        text, page = body(message, "plain"), Page(body(message, "html"))
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", text)
        assert len(text.splitlines()) <= 15
        assert page.tags <= TAGS | {"blockquote"}
        assert page.links == ["tel:+79260000001"]
        for part in message.iter_attachments():
            assert part.get_filename() == "2026-11-22-032511-+79260000001.mp3"
