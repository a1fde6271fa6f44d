"""The letter about a fax: what it says in every language, and what no sender can do to it."""

import re
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fax2pdf.fax import CAUSES, Status
from fax2pdf.letter import TEMPLATES, Enclosed, File, write_letter
from fax2pdf.store import FaxRow
from switchboard.outbox import Letter
from tests.fax2pdf.conftest import HEAD
from tests.mail.reading import HOSTILE, TAGS, Page, body, read

PDF = File(b"%PDF-1.7 \xff" * 400, "application/pdf", "pdf")
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 80
NOW = datetime(2026, 11, 22, 0, 27, tzinfo=UTC)
LANGUAGES = sorted(path.stem for path in TEMPLATES.glob("*.yaml"))


def fax(**changes: object) -> FaxRow:
    facts: dict[str, object] = {
        "id": "0123456789abcdef",
        "line": "office",
        "caller_number": "+79260000001",
        "caller_name": "Иван",
        "station": "+7 926 000 00 01",
        "dialled": "+74950000009",
        "received_at": datetime(2026, 11, 22, 0, 25, 11, tzinfo=UTC),
        "seconds": 62.4,
        "pages": 3,
        "confirmed": 3,
        "resolution": "204x196",
        "bits_per_second": 14400,
        "status": Status.COMPLETE.value,
        "cause": "",
        "letters": 0,
    }
    return FaxRow(**{**facts, **changes})


def written(row: FaxRow, language: str = "en", **enclosed: object) -> Letter:
    whole = Enclosed(**{"files": [PDF], "picture": PICTURE, **enclosed})  # type: ignore[arg-type]
    return write_letter(row, ("a@acme.example", "b@acme.example"), language, HEAD, whole, NOW)


def test_every_language_says_everything() -> None:
    words = {name: yaml.safe_load((TEMPLATES / f"{name}.yaml").read_text()) for name in LANGUAGES}
    assert {"de", "en", "es", "fr", "it", "pt", "ru", "th"} <= words.keys()
    for language, said in words.items():
        assert said.keys() == words["en"].keys(), language
        assert set(CAUSES) <= said.keys()
        for key, text in said.items():
            if key != "weekdays":
                fields = sorted(re.findall(r"{(\w+)", text))
                assert fields == sorted(re.findall(r"{(\w+)", words["en"][key])), (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_written_in_every_language(status: Status, language: str) -> None:
    cause = "hung_up" if status is not Status.COMPLETE else ""
    message = read(written(fax(status=status.value, cause=cause), language).content)
    assert "+7 926 000-00-01" in message["Subject"]
    assert "{" not in message["Subject"] + body(message, "plain") + body(message, "html")


def test_the_files_are_attached_bit_for_bit_with_names_of_digits() -> None:
    tif = File(b"II*\0", "image/tiff", "tif")
    letter = written(fax(), files=[PDF, tif])
    first, second = read(letter.content).iter_attachments()
    assert (first.get_content(), second.get_content()) == (PDF.content, tif.content)
    assert first.get_filename() == "2026-11-22-032511-+79260000001.pdf"
    assert second.get_filename() == "2026-11-22-032511-+79260000001.tif"
    assert all(len(line) <= 998 for line in letter.content.split(b"\r\n"))


def test_a_smaller_letter_says_how_the_pages_are_got() -> None:
    letter = written(fax())
    assert letter.smaller
    smaller = read(letter.smaller)
    assert list(smaller.iter_attachments()) == []
    assert "switchboard fax export 0123456789abcdef" in body(smaller, "plain")
    assert smaller["Message-ID"] == letter.message_id


def test_who_withholds_his_number_is_called_as_his_machine_calls_itself() -> None:
    message = read(written(fax(caller_number=None, caller_name=None, station="ACME 1")).content)
    assert message["Subject"] == "Fax for office: ACME 1, 3 pages"
    message = read(written(fax(caller_number=None, caller_name=None, station="")).content)
    assert "a caller who withheld the number" in message["Subject"]


def test_one_page_is_not_pages() -> None:
    message = read(written(fax(pages=1)).content)
    assert message["Subject"].endswith(", 1 page")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_or_station_is_a_text_and_nothing_more(text: str) -> None:
    assert_harmless(written(fax(caller_name=text, station=text)))


@settings(deadline=None)
@given(st.text(max_size=120), st.text(max_size=60))
def test_no_name_and_no_station_can_do_anything(name: str, station: str) -> None:
    assert_harmless(written(fax(caller_name=name, station=station)))


def assert_harmless(letter: Letter) -> None:
    usual = read(written(fax()).content)
    for content in filter(None, (letter.content, letter.smaller)):
        message = read(content)
        assert message.keys() == usual.keys()
        assert message["To"] == usual["To"]
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", message["Subject"])
        text, page = body(message, "plain"), Page(body(message, "html"))
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", text)
        assert len(text.splitlines()) <= 17
        assert page.tags <= TAGS | {"img"}
        assert page.links == ["tel:+79260000001", "cid:page.0123456789abcdef@acme.example"]
        for part in message.iter_attachments():
            assert part.get_filename() == "2026-11-22-032511-+79260000001.pdf"
