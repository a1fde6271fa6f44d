import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("switchboard", "voicemail", "fax2pdf", "callrouter", "ivr", "reports", "center")
TELLERS = {"error", "warning", "_error"}
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")


def told_codes() -> Iterator[str]:
    """The last text given to whatever tells a problem; one that is put together by its parts."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and node.args and name_of(node.func) in TELLERS:
                    yield from codes_in(node.args[-1])


def name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else ""


def codes_in(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and CODE.fullmatch(str(argument.value)):
        yield str(argument.value)
    if isinstance(argument, ast.JoinedStr) and ast.unparse(argument) == "f'unreachable-{kind}'":
        yield from ("unreachable-menu", "unreachable-department", "unreachable-fax")


def explained_codes() -> list[str]:
    text = (ROOT / "docs" / "problems.md").read_text("utf-8")
    return re.findall(r"^\| `([a-z0-9-]+)` \| (?:error|warning)", text, re.MULTILINE)


def test_every_problem_is_explained_and_every_explanation_has_a_problem() -> None:
    assert set(told_codes()) == set(explained_codes())


def test_no_problem_is_explained_twice() -> None:
    assert len(explained_codes()) == len(set(explained_codes()))
