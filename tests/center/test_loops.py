from pathlib import Path

import pytest

from tests.centers import GROUND, MENU, MINIMAL, codes, told

HOURS = 'hours: {day: {weekly: {mon: "09:00-18:00"}}, late: {weekly: {mon: "18:00-20:00"}}}\n'
ONE = 'extensions: {"201": {}}\n'


def menu(otherwise: str) -> str:
    return f"prompt: {{say: Hi}}\notherwise: {otherwise}\n"


def departments(tmp_path: Path, *written: str, more: str = HOURS) -> list[str]:
    """Departments a, b, ... of one member each, and a number that leads to the first."""
    lines = [
        f"  {name}: {{members: ['201'], {keys}}}"
        for name, keys in zip("abcd", written, strict=False)
    ]
    text = f"{GROUND}{more}{ONE}numbers: {{other: {{department: a}}}}\ndepartments:\n"
    return told(tmp_path, text + "\n".join(lines) + "\n", {})


def test_a_menu_that_leads_to_itself_when_nobody_presses_a_key_is_an_error(tmp_path: Path) -> None:
    assert told(tmp_path, menus={"main": menu("{menu: main}")}) == [
        "menus/main.yaml:2:19: error: menu main → menu main: a call goes round here for ever and"
        " nobody answers [endless-loop]"
    ]


def test_menus_that_lead_to_each_other_without_a_key_are_an_error(tmp_path: Path) -> None:
    menus = {"main": menu("{menu: a}"), "a": menu("{menu: b}"), "b": menu("{menu: main}")}
    (problem,) = told(tmp_path, menus=menus)

    assert "menu a → menu b → menu main → menu a" in problem
    assert problem.endswith("[endless-loop]")


def test_a_ring_that_needs_a_key_is_no_loop(tmp_path: Path) -> None:
    menus = {
        "main": MENU + "keys: {1: {menu: a}, 2: repeat}\n",
        "a": MENU + "keys: {1: back, 2: {menu: main}}\n",
    }

    assert told(tmp_path, menus=menus) == []


def test_two_loops_are_told_each(tmp_path: Path) -> None:
    menus = {
        "main": MENU + "keys: {1: {menu: a}}\n",
        "a": menu("{menu: a}"),
        "b": menu("{menu: b}"),
    }

    assert codes(told(tmp_path, menus=menus)).count("endless-loop") == 2


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("when_no_agents", "when_no_agents"),
        ("otherwise", "otherwise"),
        ("when_no_agents", "otherwise"),
        ("max_callers: 1, when_full", "max_callers: 1, when_full"),
    ],
)
def test_departments_that_pass_a_call_round_at_once_are_an_error(
    tmp_path: Path, there: str, back: str
) -> None:
    rest = "otherwise: {reject: busy}, " if "otherwise" not in there + back else ""
    found = departments(
        tmp_path, f"{rest}{there}: {{department: b}}", f"{rest}{back}: {{department: a}}"
    )

    assert "endless-loop" in codes(found)


def test_departments_that_pass_a_call_round_after_a_wait_are_a_warning(tmp_path: Path) -> None:
    rest = "otherwise: {reject: busy}"

    assert departments(
        tmp_path,
        f"{rest}, when_timeout: {{department: b}}",
        f"{rest}, when_timeout: {{department: a}}",
    ) == [
        "center.yaml:10:79: warning: department a → department b → department a: a caller may"
        " wait here round after round [waiting-loop]"
    ]


def test_a_ring_with_an_announcement_is_a_warning(tmp_path: Path) -> None:
    announced = "{department: a, announce: {say: Please hold the line}}"
    found = departments(tmp_path, f"otherwise: {{reject: busy}}, when_no_agents: {announced}")

    assert codes(found) == ["waiting-loop"]


def test_extensions_that_pass_a_call_round_are_an_error(tmp_path: Path) -> None:
    lines = (
        'extensions: {"201": {otherwise: {extension: "202"}},'
        ' "202": {otherwise: {extension: "201"}}}\n'
    )

    assert codes(told(tmp_path, MINIMAL + lines)) == ["endless-loop"]


def test_a_menu_and_a_closed_department_that_pass_a_call_round_are_an_error(tmp_path: Path) -> None:
    text = (
        f"{MINIMAL}{HOURS}{ONE}departments: {{a: {{members: ['201'], hours: day,"
        " when_closed: {menu: main}, otherwise: {reject: busy}}}\n"
    )

    assert codes(told(tmp_path, text, {"main": menu("{department: a}")})) == ["endless-loop"]


def test_a_day_and_a_night_that_hand_over_to_each_other_are_no_loop(tmp_path: Path) -> None:
    assert (
        departments(
            tmp_path,
            "hours: day, when_closed: {department: b}, otherwise: {reject: busy}",
            "when_timeout: {reject: busy},"
            " otherwise: [{hours: day, department: a}, {reject: busy}]",
        )
        == []
    )


def test_two_departments_closed_at_once_are_a_loop(tmp_path: Path) -> None:
    found = departments(
        tmp_path,
        "hours: day, when_closed: {department: b}, otherwise: {reject: busy}",
        "hours: late, when_closed: {department: a}, otherwise: {reject: busy}",
    )

    assert codes(found) == ["endless-loop"]


def test_two_departments_of_one_opening_are_closed_together(tmp_path: Path) -> None:
    rest = "otherwise: {reject: busy}"
    found = departments(
        tmp_path,
        f"hours: day, when_closed: {{department: b}}, {rest}",
        f"hours: day, when_no_agents: {{department: a}}, {rest}",
    )

    assert found == []


def test_a_list_of_callers_closes_a_ring_as_hours_do(tmp_path: Path) -> None:
    vip = "callers: {vip: '+7900*'}\n"
    onward = "[{from: vip, department: OTHER}, {reject: busy}]"
    rest = "when_timeout: {reject: busy}"
    found = departments(
        tmp_path / "a",
        f"{rest}, when_no_agents: {onward.replace('OTHER', 'b')}",
        f"{rest}, when_no_agents: {onward.replace('OTHER', 'a')}",
        more=vip,
    )
    against = "[{from: vip, reject: busy}, {department: a}]"
    none = departments(
        tmp_path / "b",
        f"{rest}, when_no_agents: {onward.replace('OTHER', 'b')}",
        f"{rest}, when_no_agents: {against}",
        more=vip,
    )

    assert codes(found) == ["endless-loop"]
    assert none == []


def test_a_rule_behind_one_that_holds_closes_no_ring(tmp_path: Path) -> None:
    found = departments(
        tmp_path,
        "hours: day, when_closed: {reject: busy},"
        " otherwise: [{hours: day, reject: busy}, {department: a}]",
    )

    assert found == []


def test_a_language_may_hold_or_not(tmp_path: Path) -> None:
    text = f"{GROUND}languages: [en, ru]\nnumbers: {{other: {{menu: main}}}}\n"
    prompt = "prompt: {en: {say: Hi}, ru: {say: Да}}\n"
    otherwise = "otherwise: [{language: ru, menu: main}, {reject: busy}]\n"

    assert codes(told(tmp_path, text, {"main": prompt + otherwise})) == ["endless-loop"]


def test_a_chain_that_ends_is_no_loop(tmp_path: Path) -> None:
    found = departments(
        tmp_path,
        "otherwise: {department: b}",
        "otherwise: {department: c}",
        "otherwise: {reject: busy}",
    )

    assert found == []
