"""Reports as PDF and HTML: what stands in the files, read back by other programs."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from reports.call import Call
from reports.catalogue import REPORTS, Question, answered
from reports.compare import compared, other_period
from reports.departments import Promise
from reports.paper.call import write_call
from reports.paper.page import write_html
from reports.paper.pdf import write_pdf
from reports.paper.sheet import sheet_of
from reports.period import Period, PeriodInvalid
from reports.report import Report, cell, plain
from reports.summary import Clockwork
from reports.wording import ADDED_UP, OF_OURS, Wording, wording_of
from switchboard.db import Base
from switchboard.paper.house import House
from switchboard.paper.setting import Type
from switchboard.pbx.installation import NODE
from tests.reports.book import DAY, EVERY, INBOUND, MOSCOW, fill, report

BERLIN = ZoneInfo("Europe/Berlin")
ACME = House("Acme · Ромашка")
EMPTY = Period.of("2025-01-01", "2025-01-01", MOSCOW)
YEARS = Period.of("2025-01-01", "2026-12-31", MOSCOW)
ALPHABETS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ№«»—",
    "en": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-@#&%(),.:;'\"!?/→…",
    "th": "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮะัาำิีึืุูเแโใไๅ็่้๊๋์ๆฯ฿๐๑๒๓๔๕๖๗๘๙",
}
NAMES = ["Анна Щукина", "ผู้ใหญ่ น้ำ ปั๊ม", "שלום", "مرحبا", "Łódź", "Ελλάδα", "Ann 👍🏽 日本"]


@cache
def recorded() -> Engine:
    """The recorded calls, in a database."""
    return filled(EVERY)


def filled(calls: Iterable[Call]) -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session, calls)
        session.commit()
    return engine


def drawn(name: str, period: Period = DAY, calls: Iterable[Call] | None = None) -> Report:
    """With its charts, and its rows read."""
    return of_recorded(name, period) if calls is None else made_of(filled(calls), name, period)


@cache
def of_recorded(name: str, period: Period) -> Report:
    return made_of(recorded(), name, period)


def made_of(engine: Engine, name: str, period: Period) -> Report:
    clockwork = Clockwork(period.zone, {}, period.span.end)
    with Session(engine) as session:
        question = Question(name, period, clockwork, {"sales": Promise()}, is_drawn=True)
        made = answered(session, question, None)
        return replace(made, rows=list(made.rows))


def as_pdf(made: Report, house: House = ACME) -> bytes:
    out = BytesIO()
    write_pdf(sheet_of(made, house), out)
    return out.getvalue()


def as_html(made: Report, house: House = ACME) -> str:
    out = StringIO()
    write_html(sheet_of(made, house), out)
    return out.getvalue()


def text_of(pdf: bytes, *options: str) -> str:
    """As poppler reads it, the way a search or a screen reader does."""
    asked = ["pdftotext", "-layout", *options, "-", "-"]
    return subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout.decode()


def words_of(text: str) -> str:
    return " ".join(text.split())


def missing(text: str) -> set[str]:
    """The signs that no font has."""
    type_ = Type()
    runs = (run for word in set(text.split()) for run in type_.runs(word, False))
    return {run.text for run in runs if run.is_unknown}


def on_paper(made: Report, row: object, column: str, words: Wording) -> str:
    """How a figure of the JSON is written for people."""
    value = cell(row, column)  # type: ignore[arg-type]
    if value is None or value in ("", {}):
        return "-"
    if isinstance(value, int | float) and column in ADDED_UP and made.name != "calls":
        seconds = round(value)
        return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    if isinstance(value, float):
        return f"{value:.1f}".replace(".", "," if words.language == "ru" else ".")
    if column in OF_OURS or value == "total":
        return words.word("words" if value == "total" else OF_OURS[column], str(value))
    text = str(plain(value))
    return text[:19].replace("T", " ") if column.endswith("_at") else text.removeprefix(f"{NODE}-")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", REPORTS)
def test_each_pdf_and_each_page_holds_every_row_as_json_has_it(name: str, language: str) -> None:
    made, words = drawn(name), wording_of(language)
    house = replace(ACME, language=language)
    text = words_of(text_of(as_pdf(made, house)))
    page = words_of(unescape(re.sub(r"<[^>]+>", " ", as_html(made, house))))
    assert missing(text) == set()
    for row in made.lines() if made.rows else ():
        line = " ".join(words_of(on_paper(made, row, column, words)) for column in made.columns)
        assert line in text
        assert line in page
    assert words_of(words.balance(made.balance)[0]) in text
    for word, definition in made.definitions.items():
        assert words_of(words.title(word, name)) in text
        assert words.definition(name, word, definition).split()[0] in text


def test_the_key_figures_are_those_of_the_total_beside_their_goal() -> None:
    made = drawn("departments")
    assert made.total is not None
    text = words_of(text_of(as_pdf(made)))
    level = made.total["service_level"]["SL-4"]
    assert f"{level:.1f}" in text
    assert f"goal 80 %, {'reached' if level >= 80 else 'missed'}" in text


def test_the_course_of_a_period_is_all_of_its_calls() -> None:
    for period in (DAY, Period.of("2026-11-01", "2026-11-30", MOSCOW), YEARS):
        made = drawn("departments", period)
        assert sum(point.balance.arrived for point in made.course) == len(INBOUND)
        assert made.total is not None
        assert sum(point.departments["offered"] for point in made.course) == made.total["offered"]


@pytest.mark.parametrize(
    ("period", "points"),
    [
        (DAY, 24),
        (Period.of("2026-11-01", "2026-11-30", MOSCOW), 30),
        (YEARS, 24),
        (Period.of("2026-03-29", "2026-03-29", BERLIN), 23),
        (Period.of("2026-10-25", "2026-10-25", BERLIN), 25),
    ],
)
def test_a_course_has_hours_days_or_months(period: Period, points: int) -> None:
    assert len(drawn("calls", period).course) == points


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("period", [EMPTY, YEARS], ids=["an empty day", "two years"])
def test_every_report_can_be_printed_of_every_period(name: str, period: Period) -> None:
    made = drawn(name, period)
    text = text_of(as_pdf(made))
    assert "page 1 of" in text
    assert ("Nothing in this period." in text) == (not list(made.rows))


@pytest.mark.parametrize("language", ALPHABETS)
@pytest.mark.parametrize("bold", [False, True])
def test_no_sign_of_a_language_is_missing(language: str, bold: bool) -> None:
    runs = Type().runs(ALPHABETS[language], bold)
    assert "".join(run.text for run in runs) == ALPHABETS[language]
    assert [run.text for run in runs if run.is_unknown] == []


def test_names_in_any_script_are_found_in_the_text() -> None:
    calls = [replace(EVERY[0], id=f"n-{at}", from_name=name) for at, name in enumerate(NAMES)]
    for at, name in enumerate(NAMES):
        out = BytesIO()
        write_call(calls[at], DAY, ACME, out)
        shown = text_of(out.getvalue(), "-raw")
        letters = {sign for sign in name if sign.isalpha()}
        assert letters <= set(shown), name


def test_all_fonts_are_embedded(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(as_pdf(drawn("departments")))
    told = subprocess.run(["pdffonts", file], capture_output=True, check=True, text=True).stdout
    fonts = told.splitlines()[2:]
    assert fonts
    assert [line for line in fonts if " yes yes yes " not in line] == []


def test_a_long_table_repeats_its_headings_and_numbers_its_pages() -> None:
    [first, *_] = EVERY
    calls = [replace(first, id=f"n-{at}", began=first.began + at) for at in range(200)]
    text = text_of(as_pdf(drawn("calls", DAY, calls)))
    pages = text.split("\f")[:-1]
    with_rows = [page for page in pages if " n-" in page]
    assert len(with_rows) > 3
    for page in with_rows:
        assert re.search(r"started +direction +from", page)
    assert f"page {len(pages)} of {len(pages)}" in words_of(pages[-1])


def test_the_same_report_is_the_same_file_whatever_was_printed_before() -> None:
    thai = [replace(call, from_name=NAMES[1]) for call in EVERY]
    first = as_pdf(drawn("owed", DAY, thai))
    as_pdf(drawn("owed", DAY, [replace(call, from_name="ปั๊ม กุ้ง ฝ้า") for call in EVERY]))
    assert as_pdf(drawn("owed", DAY, thai)) == first
    assert as_html(drawn("owed", DAY, thai)) == as_html(drawn("owed", DAY, thai))


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_asks_for_nothing_from_elsewhere_and_says_what_is_what(name: str) -> None:
    page = as_html(drawn(name))
    assert page.count('<th scope="col"') == page.count("<th ")
    assert page.count('role="img"') == page.count("<svg") == page.count("<figure")
    assert len(re.findall(r"<svg[^>]*><title>[^<]", page)) == page.count("<svg")
    assert re.findall("<img(?! [^>]*alt=)", page) == []
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href)=["'](?!data:)""", page) == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", page) == []


def test_a_logo_that_is_missing_or_broken_is_left_out(tmp_path: Path) -> None:
    made, logo = drawn("calls"), tmp_path / "logo.png"
    plain_file = as_pdf(made)
    assert as_pdf(made, replace(ACME, logo=logo)) == plain_file
    logo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert as_pdf(made, replace(ACME, logo=logo)) == plain_file
    Image.new("RGB", (60, 20), "#cc0000").save(logo)
    assert b"/Subtype /Image" in as_pdf(made, replace(ACME, logo=logo))
    assert "data:image/png;base64," in as_html(made, replace(ACME, logo=logo))


def test_every_recorded_call_can_be_printed() -> None:
    for call in EVERY[:40]:
        out = BytesIO()
        write_call(call, DAY, ACME, out)
        text = text_of(out.getvalue())
        assert call.id in text
        assert "What happened" in text


@pytest.mark.parametrize(("begin", "end", "expected"), [
    ("2026-11-22", "2026-11-22", ("2026-11-21", "2026-11-22")),
    ("2026-11-01", "2026-11-30", ("2026-10-01", "2026-11-01")),
    ("2026-01-01", "2026-03-31", ("2025-10-01", "2026-01-01")),
    ("2026-03-30", "2026-04-05", ("2026-03-23", "2026-03-30")),
])  # fmt: skip
def test_what_came_before_is_as_many_months_or_days(
    begin: str, end: str, expected: tuple[str, str]
) -> None:
    found = other_period(Period.of(begin, end, BERLIN), "previous")
    assert (found.begin.date().isoformat(), found.end.date().isoformat()) == expected


def test_another_period_is_named_as_in_a_report() -> None:
    found = other_period(DAY, "2026-01-05..2026-01-06")
    assert (found.begin.day, found.end.day) == (5, 7)
    for wrong in ("", "yesterday", "2026-01-06..2026-01-05", "..", "2026-01-05"):
        with pytest.raises(PeriodInvalid):
            other_period(DAY, wrong)


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "calls"])
def test_a_comparison_stands_beside_each_figure(name: str) -> None:
    now, earlier = report(name), report(name, EVERY[::2])
    both = compared(now, earlier)
    assert both.columns[: len(now.columns)] == [*now.columns]
    for row, alone in zip(both.rows, now.rows, strict=True):
        assert {key: value for key, value in row.items() if key != "previous"} == alone
    if earlier.total is not None and both.total is not None:
        assert earlier.total.items() >= both.total["previous"].items()
