"""Names that break no page: callers', and those of whatever else a record can hold."""

from dataclasses import replace
from io import BytesIO
from itertools import cycle

import pikepdf
import pytest

from reports.call import Call
from reports.catalogue import REPORTS
from reports.owed import OWED
from reports.paper.call import write_call
from tests.reports.book import DAY, EVERY
from tests.reports.test_paper import ACME, as_html, as_pdf, drawn, text_of

HOSTILE = {
    "10 kB": "A" * 10_240,
    "turned": "\u202elive\u202c",
    "control": "a\x00b\x1b[31m\r\nc",
    "script": "<script>alert(1)</script>",
    "emoji": "👍🏽" * 500,
    "right to left": "שלום " * 300,
    "arabic": "مرحبا بك " * 50,
    "formula": "=HYPERLINK(1)",
    "pdf": ") Tj ET Q (",
    "alone": "\ud800 \U0010ffff \ufffe",
}


def named(call: Call, name: str) -> Call:
    """The same call, in which everything that has a name has this one."""
    said = name.encode("utf-8", "replace").decode()  # no database takes half a character
    return replace(
        call,
        from_name=said,
        to=said,
        department=call.department and said,
        agents=tuple(said for _ in call.agents[:1]),
        path=tuple(replace(step, menu=said, key=step.key and said) for step in call.path),
        segments=tuple(replace(part, name=said) for part in call.segments),
        rings=tuple(replace(ring, agent=said) for ring in call.rings),
        visits=tuple(replace(visit, department=said, agent=said) for visit in call.visits),
        voicemail=call.voicemail and said,
        fax=call.fax and said,
    )


def assert_harmless(pdf: bytes, page: str = "") -> None:
    text = text_of(pdf)
    assert "page 1 of" in text
    assert not set(text + page) & set("\u202e\x00\x1b")
    assert "<script" not in page
    assert pikepdf.open(BytesIO(pdf)).check_pdf_syntax() == []


@pytest.mark.parametrize("report", REPORTS)
def test_hostile_names_wherever_a_record_has_one_break_no_page_of_any_report(report: str) -> None:
    names = cycle(HOSTILE.values())
    calls = [named(call, next(names)) for call in EVERY]
    made = drawn(report, DAY, calls)
    pdf = as_pdf(made)
    assert_harmless(pdf, as_html(made))
    text = text_of(pdf)
    for row in made.rows if "id" in made.columns else ():
        assert str(row["id"]).partition("-")[2] in text


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_breaks_no_page(name: str) -> None:
    missed = [call for call in EVERY if call.outcome in OWED and call.answered is None]
    calls = [replace(named(call, name), from_number="+79261234567") for call in missed]
    made = drawn("owed", DAY, calls)
    assert_harmless(as_pdf(made), as_html(made))
    assert "+79261234567" in text_of(as_pdf(made))
    out = BytesIO()
    write_call(calls[0], DAY, ACME, out)
    assert "+79261234567" in text_of(out.getvalue())
    assert_harmless(out.getvalue())
