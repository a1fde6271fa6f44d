"""`docs/faults.md` names tests that are there, and every test of a fault stands in it."""

import re
from pathlib import Path

PAGE = Path("docs") / "faults.md"
TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_that_the_page_names_is_there(project: Path) -> None:
    named = NAMED.findall((project / PAGE).read_text())
    assert named
    missing = [one for one in named if one[1] not in TEST.findall((project / one[0]).read_text())]
    assert missing == []


def test_every_test_of_a_fault_stands_in_the_page(project: Path) -> None:
    page = (project / PAGE).read_text()
    files = [path for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__)]
    tests = {name for file in files for name in TEST.findall(file.read_text())}
    assert [name for name in sorted(tests) if name not in page] == []
