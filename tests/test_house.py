"""The house tells the truth about itself: each test reads the other side's file."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from callrouter.destination import KINDS, WORDS
from center.apply import checked_center, compiled
from center.load import SECTIONS
from center.render import Job, render_files
from center.secrets import read_secrets
from center.state import State
from console.main import app
from console.watchmen import Eyes, watches
from console.wiring import Wiring
from demo import inbox
from ivr.menu import Menu
from ivr.sounds import system_texts
from switchboard.noun import Noun, nouns_in
from switchboard.pbx.installation import Installation

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "example"
TARGET = re.compile(r"(?:Goto|Gosub)\(([^(),$]+),([^(),$]+),1[)(]")


@pytest.fixture(scope="module")
def dialplan(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The example's whole dialplan as Asterisk reads it, comments left out."""
    center, _ = checked_center(EXAMPLE)
    table = compiled(center)
    state = State(tmp_path_factory.mktemp("state"))
    nowhere = Path("/nowhere")
    installation = Installation("22", ("asterisk",), nowhere, nowhere, {})
    seconds = {(name, spoken): 1.0 for name in table.prompts for spoken in table.languages}
    secrets = read_secrets(center, state)
    files = render_files(
        Job(center, table, seconds, secrets, installation, state, 7, (), date(2026, 11, 21))
    )
    text = files["extensions.conf"] + files["version.conf"]
    return "\n".join(line.partition(";")[0] for line in text.splitlines())


def test_every_make_target_stands_in_the_readme() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    readme = (ROOT / "README.md").read_text()
    assert [target for target in targets if f"make {target}" not in readme] == []


def test_every_command_stands_in_the_operators_page() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    names = list(_commands(get_group(app)))
    assert "outbox list" in names
    assert [name for name in names if f"`{name}" not in page] == []


def _commands(group: TyperGroup, before: str = "") -> Iterator[str]:
    context = group.make_context("switchboard", ["check"])
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield before + name


def test_every_alarm_stands_in_the_operators_page(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    wiring = Wiring.of(State(tmp_path), tmp_path, print)
    names = [*watches(wiring, Eyes()), "database"]
    assert [name for name in names if not re.search(rf"^\| `{name}[`:]", page, re.MULTILINE)] == []


def test_the_demos_letters_go_to_the_demos_inbox() -> None:
    mail = checked_center(ROOT / "demo")[0].ground.mail
    assert mail is not None
    assert (mail.host, mail.port, mail.tls) == (inbox.HOST, inbox.PORT, "none")


def test_every_configuration_key_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "center.md").read_text()
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", page))))
    nouns: list[type[Noun]] = [*SECTIONS, Menu]
    keys = {key for noun in nouns for key in _keys(noun)}
    assert keys - words - {"by_language", "word", "entries"} == set()


def _keys(noun: type[Noun]) -> Iterator[str]:
    for name, field in noun.model_fields.items():
        yield field.alias or name
        for inner in nouns_in(field.annotation):
            yield from _keys(inner)


def test_every_place_that_a_call_is_sent_to_exists(dialplan: str) -> None:
    places = set(_places(dialplan))
    contexts = {context for context, _ in places}
    wanted = set(TARGET.findall(dialplan))
    assert wanted, "the dialplan sends calls nowhere"
    for context, extension in wanted:
        assert context in contexts, f"no context {context}"
        patterns = {number for known, number in places if known == context}
        exact = extension in patterns
        assert exact or any(number.startswith("_") for number in patterns), (context, extension)


def _places(dialplan: str) -> Iterator[tuple[str, str]]:
    context = ""
    for line in dialplan.splitlines():
        if line.startswith("["):
            context = line[1 : line.index("]")]
        elif line.startswith("exten => "):
            yield context, line.removeprefix("exten => ").partition(",")[0]


def test_every_destination_kind_is_known_to_the_twin(dialplan: str) -> None:
    twin = (ROOT / "ivr" / "twin.py").read_text()
    assert [kind for kind in (*KINDS, *WORDS) if f'"{kind}"' not in twin] == []


def test_every_word_that_the_dialplan_says_is_written_in_every_language(dialplan: str) -> None:
    said = set(re.findall(r"sb/([a-z-]+)(?=[,)])", dialplan))
    assert said
    for language in ("en", "ru", "de", "es", "fr", "it", "pt", "th"):
        known = system_texts(language)
        assert [name for name in said if f"sb/{name}" not in known] == [], language


def test_every_variable_that_the_dialplan_sets_is_explained() -> None:
    readme = (ROOT / "asterisk-config" / "README.md").read_text()
    parts = "".join(
        path.read_text() for path in (ROOT / "asterisk-config" / "parts").glob("*.conf.j2")
    )
    names = set(re.findall(r"\bSet\(_*([A-Z_]+)=", parts))
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []


def test_every_test_that_the_table_of_faults_names_is_there() -> None:
    told = (ROOT / "docs" / "faults.md").read_text()
    named = re.findall(r"`(tests/[a-z0-9_/]+\.py)(?:::(\w+))?`", told)
    assert len(named) > 100
    gone = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file() or (name and f"def {name}(" not in (ROOT / file).read_text())
    ]
    assert gone == []
