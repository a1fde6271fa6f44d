"""Reports in the language of the center: no word of ours is missing, programs read English."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path
from string import Formatter

import pytest
import yaml

from reports.call import Direction, Heard, Outcome, RingResult
from reports.catalogue import REPORTS
from reports.hours import DAYS
from reports.letter import Address, Enclosed, report_letter
from reports.listing import timeline
from reports.paper.drawn import GROUPS, NUMBERS
from reports.paper.picture import COLOURS, picture
from reports.paper.sheet import sheet_of
from reports.period import Period
from reports.wording import ENGLISH, TEMPLATES, wording_of
from reports.writing import write_csv, write_json
from switchboard.paper.house import House
from tests.reports.book import DAY, EVERY, MOSCOW, report
from tests.reports.test_paper import ACME, as_html, as_pdf, drawn, missing, text_of, words_of

RUSSIAN = wording_of("ru")
WRITTEN = [path.stem for path in TEMPLATES.glob("*.yaml") if path.stem != "en"]


def words(language: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load((TEMPLATES / f"{language}.yaml").read_text())
    return found


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("kind", ["phrases", "charts"])
def test_every_phrase_is_translated_with_the_same_gaps(language: str, kind: str) -> None:
    def gaps(phrase: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(phrase) if name}

    english, own = words("en")[kind], words(language)[kind]
    assert english.keys() == own.keys()
    for phrase, said in english.items():
        assert gaps(said) == gaps(own[phrase]), phrase


@pytest.mark.parametrize("language", WRITTEN)
def test_every_word_of_ours_is_translated(language: str) -> None:
    own = words(language)
    assert set(own["outcomes"]) >= {str(one) for one in Outcome} | {"in_progress"}
    assert set(own["results"]) >= {str(one) for kind in (RingResult, Heard) for one in kind}
    assert set(own["words"]) >= {str(one) for one in Direction} | {"total"}
    assert set(own["groups"]) >= {*GROUPS, *NUMBERS, "service level"}
    assert set(own["kinds"]) == set(COLOURS)
    assert set(own["days"]) == set(DAYS)
    assert set(own["titles"]) == set(REPORTS)
    assert (len(own["weekdays"]), len(own["months"])) == (7, 12)


@pytest.mark.parametrize("name", REPORTS)
def test_every_column_and_definition_is_translated(name: str) -> None:
    made = report(name)
    told = set(words("ru")["definitions"].get(name, {}))
    formulas = {word for word in made.definitions if word.startswith("SL-")}
    assert told == set(made.definitions) - formulas
    for column in (*made.columns, *made.definitions):
        if column not in ("id", "A"):
            assert re.search("[а-я]", RUSSIAN.title(column)), column


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_on_paper_is_english_where_the_center_is_russian(name: str) -> None:
    made, house = drawn(name), replace(ACME, language="ru")
    page = re.sub(r"<style>.*?</style>|<[^>]+>", " ", as_html(made, house), flags=re.DOTALL)
    for text in (page, text_of(as_pdf(made, house))):
        found = set(re.findall("[a-z_]{3,}", words_of(re.sub("`[^`]*`", "", text))))
        ours = {word for column in made.columns for word in ENGLISH.title(column).split()}
        phrases = {word for said in words("en")["phrases"].values() for word in said.split()}
        assert found & (ours | phrases) == set()


def test_a_language_that_nobody_wrote_is_english() -> None:
    thai = wording_of("th")
    assert thai.period(DAY) == ENGLISH.period(DAY) == "Sunday, 22 November 2026 (Europe/Moscow)"
    assert '<html lang="en">' in as_html(drawn("hours"), replace(ACME, language="th"))


def test_a_thai_center_has_its_names_whole_among_english_words() -> None:
    calls = [replace(call, from_name="ผู้ใหญ่ น้ำ ปั๊ม") for call in EVERY]
    text = text_of(as_pdf(drawn("owed", DAY, calls), House("ศูนย์บริการ", language="th")))
    assert "ปั๊ม" in text
    assert "Callers who are owed a call" in text
    assert missing(text) == set()


def test_a_period_is_spelled_as_people_write_it() -> None:
    month = Period.of("2026-11-01", "2026-11-30", MOSCOW)
    assert RUSSIAN.period(month) == "1 — 30 ноября 2026 (Europe/Moscow)"
    assert RUSSIAN.period(DAY) == "воскресенье, 22 ноября 2026 (Europe/Moscow)"
    years = Period.of("2025-01-01", "2026-12-31T12:00", MOSCOW)
    told = "1 January 2025 00:00 to 31 December 2026 12:00 (Europe/Moscow)"
    assert ENGLISH.period(years) == told


def test_programs_read_the_same_in_every_language() -> None:
    made, out, table = report("departments"), StringIO(), StringIO()
    write_json(made, out)
    write_csv(made, table)
    assert set(json.loads(out.getvalue())["rows"][0]) >= {"department", "offered", "service_level"}
    assert table.getvalue().startswith("department,offered,answered")


def test_a_call_is_told_in_the_language_of_the_center() -> None:
    [call] = [call for call in EVERY if call.outcome == "answered" and call.path][:1]
    assert any(what.startswith("меню ") for _, _, what in timeline(call, DAY, RUSSIAN))
    assert "отвечен" in picture(call, DAY, RUSSIAN)


def test_a_package_takes_its_words_along() -> None:
    assert (Path(TEMPLATES) / "ru.yaml").is_file()


def test_the_letter_about_a_report_is_in_the_language_of_the_center() -> None:
    sheet = sheet_of(drawn("departments"), replace(ACME, language="ru"))
    address = Address("pbx@acme.example", ("boss@acme.example",), "report-1")
    letter = report_letter(Enclosed(sheet, "csv", b""), address, datetime(2026, 11, 23, tzinfo=UTC))
    assert letter.subject == f"{ACME.name}: Отделы, воскресенье, 22 ноября 2026 (Europe/Moscow)"
    message = message_from_bytes(letter.content, policy=policy.default)
    for kind in ("plain", "html"):
        told = message.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert "поступило" in told
        assert "arrived" not in told
