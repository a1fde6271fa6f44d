from pathlib import Path

import pytest

from callrouter.destination import KINDS, Route
from ivr.menu import Menu
from switchboard.noun import read_noun
from switchboard.problems import Problems
from switchboard.yamltext import read_yaml


def route(tmp_path: Path, text: str) -> tuple[Route | None, list[str]]:
    path = tmp_path / "main.yaml"
    path.write_text(f"prompt: {{say: Hi}}\notherwise: {text}\n", "utf-8")
    problems = Problems()
    menu = read_noun(Menu, read_yaml(path, "main.yaml", problems, {}), problems, set())
    return menu.otherwise if menu else None, [problem.message for problem in problems]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("goodbye", "reject")])
def test_a_destination_is_one_kind_and_one_name(tmp_path: Path, kind: str) -> None:
    found, problems = route(tmp_path, f"{{{kind}: sales}}")

    assert found is not None
    assert [(one.kind, one.name) for one in found] == [(kind, "sales")]
    assert problems == []


def test_a_goodbye_is_a_prompt(tmp_path: Path) -> None:
    found, _ = route(tmp_path, "{goodbye: {say: Bye}}")

    assert found is not None
    assert (found[0].kind, found[0].name) == ("goodbye", "goodbye")


@pytest.mark.parametrize("cause", ["busy", "missing"])
def test_a_reject_says_how(tmp_path: Path, cause: str) -> None:
    found, _ = route(tmp_path, f"{{reject: {cause}}}")

    assert found is not None
    assert (found[0].kind, found[0].name) == ("reject", cause)


def test_a_reject_for_no_known_cause_is_an_error(tmp_path: Path) -> None:
    assert route(tmp_path, "{reject: rudely}")[1] == ["must be 'busy' or 'missing'"]


@pytest.mark.parametrize("word", ["repeat", "back", "hangup"])
def test_a_word_stands_without_braces(tmp_path: Path, word: str) -> None:
    found, _ = route(tmp_path, word)

    assert found is not None
    assert found[0].kind == word


def test_a_word_that_means_nothing_is_an_error(tmp_path: Path) -> None:
    assert route(tmp_path, "sales")[1] == [
        "“sales” is not a destination: write {department: NAME} or the like"
    ]


def test_a_word_in_braces_is_an_error(tmp_path: Path) -> None:
    assert route(tmp_path, "{word: back}")[1] == ["write repeat, back or hangup without braces"]


def test_a_fax_may_stand_beside_another_kind_for_its_tone(tmp_path: Path) -> None:
    found, _ = route(tmp_path, "{menu: main, fax: office}")

    assert found is not None
    assert (found[0].kind, found[0].name, found[0].fax_tone) == ("menu", "main", "office")


def test_a_fax_alone_is_the_destination_itself(tmp_path: Path) -> None:
    found, _ = route(tmp_path, "{fax: office}")

    assert found is not None
    assert (found[0].kind, found[0].fax_tone) == ("fax", None)


@pytest.mark.parametrize(
    "text",
    [
        "{menu: main, department: sales}",
        "{voicemail: a, extension: '201'}",
        "{menu: main, fax: office, goodbye: {say: Bye}}",
    ],
)
def test_two_kinds_are_an_error(tmp_path: Path, text: str) -> None:
    (problem,) = route(tmp_path, text)[1]

    assert problem.startswith("one destination is expected here, not ")


def test_no_kind_is_an_error(tmp_path: Path) -> None:
    (problem,) = route(tmp_path, "{hours: office}")[1]

    assert problem.startswith("a destination is missing: one of menu, department, extension")


def test_an_empty_list_of_rules_is_an_error(tmp_path: Path) -> None:
    assert route(tmp_path, "[]")[1] == ["a list of rules needs at least one entry"]


def test_a_list_keeps_the_order_of_its_rules(tmp_path: Path) -> None:
    found, _ = route(tmp_path, "[{hours: office, menu: a}, {from: vip, menu: b}, {menu: c}]")

    assert found is not None
    assert [(one.name, one.conditional) for one in found] == [
        ("a", True),
        ("b", True),
        ("c", False),
    ]


def test_several_lists_of_callers_may_be_named(tmp_path: Path) -> None:
    found, _ = route(tmp_path, "[{from: [vip, staff], menu: a}, {menu: c}]")

    assert found is not None
    assert found[0].callers == ("vip", "staff")
