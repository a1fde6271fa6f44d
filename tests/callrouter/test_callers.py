from pathlib import Path

import pytest

from callrouter.callers import CallerList
from callrouter.dialplan import callers_context, e164_context
from callrouter.section import RouterSection
from switchboard.noun import read_noun
from switchboard.numbering import numbering_plan
from switchboard.problems import Problems
from switchboard.yamltext import Text, read_yaml


def listed(tmp_path: Path, text: str) -> tuple[CallerList, list[str]]:
    path = tmp_path / "center.yaml"
    path.write_text(f"callers:\n  them: {text}\n", "utf-8")
    problems = Problems()
    tree = read_yaml(path, "center.yaml", problems, {})
    section = read_noun(RouterSection, tree, problems, set())
    assert section is not None
    found = section.callers[Text("them")].with_file(tmp_path, problems)
    return found, [str(problem).splitlines()[0] for problem in problems]


def test_a_number_is_on_the_list_only_whole(tmp_path: Path) -> None:
    callers, _ = listed(tmp_path, '["+79161112233"]')

    assert callers.holds("+79161112233")
    assert not callers.holds("+791611122334")
    assert not callers.holds("+7916111223")


def test_a_prefix_holds_all_that_begin_with_it(tmp_path: Path) -> None:
    callers, _ = listed(tmp_path, '["+7900*"]')

    assert callers.holds("+79001234567")
    assert callers.holds("+7900")
    assert not callers.holds("+79011234567")


def test_a_withheld_number_is_on_a_list_only_as_anonymous(tmp_path: Path) -> None:
    callers, _ = listed(tmp_path, '["+7*", anonymous]')
    others, _ = listed(tmp_path, '["+7*"]')

    assert callers.holds(None)
    assert not others.holds(None)


def test_a_list_of_one_needs_no_brackets(tmp_path: Path) -> None:
    callers, problems = listed(tmp_path, '"+79161112233"')

    assert callers.entries == ("+79161112233",)
    assert problems == []


def test_a_list_may_stand_in_a_file_with_comments(tmp_path: Path) -> None:
    (tmp_path / "vip.txt").write_text("+79161112233  # Anna\n\n# all of a company\n+7495111*\n")
    callers, problems = listed(tmp_path, "vip.txt")

    assert callers.entries == ("+79161112233", "+7495111*")
    assert problems == []


def test_a_list_of_a_file_and_more_has_both(tmp_path: Path) -> None:
    (tmp_path / "vip.txt").write_text("+79161112233\n")
    callers, problems = listed(tmp_path, '{file: vip.txt, entries: ["+7495*"]}')

    assert callers.entries == ("+7495*", "+79161112233")
    assert problems == []


def test_a_file_that_is_not_there_is_an_error_where_it_is_named(tmp_path: Path) -> None:
    _, problems = listed(tmp_path, "vip.txt")

    assert [problem.startswith("center.yaml:2:9: error: cannot be read") for problem in problems]
    assert len(problems) == 1


@pytest.mark.parametrize("entry", ["89161112233", "+7916 111", "*", "+", "+7*9*", "${X}", "+7;"])
def test_what_is_no_caller_is_an_error_that_shows_how_one_looks(tmp_path: Path, entry: str) -> None:
    (tmp_path / "vip.txt").write_text(entry + "\n")
    _, problems = listed(tmp_path, "vip.txt")

    assert problems == [
        f"center.yaml:2:9: error: “{entry}” is not a number +79161112233, a prefix +7900* or"
        " anonymous [value]"
    ]


def test_a_list_is_printed_as_patterns_that_answer_yes(tmp_path: Path) -> None:
    callers, _ = listed(tmp_path, '["+79161112233", "+7900*", anonymous]')

    assert str(callers_context("vip", "v1", callers)) == (
        "[callers-vip-v1]  ; returns yes or no\n"
        "exten => +79161112233,1,Return(yes)\n"
        "exten => _+7900!,1,Return(yes)\n"
        "exten => anonymous,1,Return(yes)\n"
        "exten => _[+0-9a-z]!,1,Return(no)"
    )


def test_a_numbering_plan_is_printed_as_patterns_that_return_e164() -> None:
    plan = numbering_plan("RU")
    assert plan is not None

    assert str(e164_context(plan)) == (
        "[e164]  ; how RU writes its numbers\n"
        "exten => _810X.,1,Return(+${EXTEN:3})\n"
        "exten => _8XXXXXXXXXX,1,Return(+7${EXTEN:1})\n"
        "exten => _7XXXXXXXXXX,1,Return(+${EXTEN})\n"
        "exten => _+X.,1,Return(${EXTEN})\n"
        "exten => _XXXXXXXXXX,1,Return(+7${EXTEN})\n"
        "exten => _[+0-9*#a-z]!,1,Return(${EXTEN})"
    )
