from pathlib import Path

import pytest

from tests.centers import GROUND, MENU, MINIMAL, codes, told

BOX = "voicemail: {box: {pin: 83014}}\n"
ONE = 'extensions: {"201": {}}\n'


def test_a_menu_to_which_nothing_leads_is_a_warning(tmp_path: Path) -> None:
    assert told(tmp_path, menus={"main": MENU, "lonely": MENU}) == [
        "menus/lonely.yaml:1:1: warning: no number, menu or department leads to menu “lonely”"
        " [unreachable-menu]"
    ]


def test_menus_that_lead_only_to_each_other_are_not_reached(tmp_path: Path) -> None:
    menus = {
        "main": MENU,
        "a": MENU + "keys: {1: {menu: b}}\n",
        "b": MENU + "keys: {1: {menu: a}}\n",
    }

    assert codes(told(tmp_path, menus=menus)) == ["unreachable-menu", "unreachable-menu"]


@pytest.mark.parametrize(
    "way",
    [
        "extensions: {'201': {otherwise: {menu: a}}}",
        "departments: {d: {extension: '501', members: ['201'], otherwise: {menu: a}}}\n" + ONE,
        "departments: {d: {extension: '501', members: ['201'], keys: {1: {menu: a}},"
        " otherwise: {voicemail: box}}}\n" + ONE,
    ],
)
def test_a_menu_is_reached_from_wherever_a_call_can_come(tmp_path: Path, way: str) -> None:
    found = told(tmp_path, f"{MINIMAL}{BOX}{way}\n", {"main": MENU, "a": MENU})

    assert found == []


def test_a_menu_is_reached_through_the_second_of_two_rules(tmp_path: Path) -> None:
    text = GROUND + 'hours: {h: {weekly: {mon: "09:00-18:00"}}}\n'
    text += "numbers: {other: [{hours: h, menu: main}, {menu: a}]}\n"

    assert told(tmp_path, text, {"main": MENU, "a": MENU}) == []


def test_a_department_to_which_nothing_leads_is_a_warning(tmp_path: Path) -> None:
    text = f"{MINIMAL}{ONE}departments: {{d: {{members: ['201'], otherwise: {{reject: busy}}}}}}\n"

    assert codes(told(tmp_path, text)) == ["unreachable-department"]


def test_a_fax_is_reached_by_its_tone(tmp_path: Path) -> None:
    text = "fax: {office: {email: a@acme.example}}\n"
    mail = "mail: {host: 127.0.0.1, sender: a@acme.example}\n"
    tone = "numbers: {other: {menu: main, fax: office}}\n"

    assert told(tmp_path / "a", GROUND + mail + text + tone) == []
    assert codes(told(tmp_path / "b", MINIMAL + mail + text)) == ["unreachable-fax"]


def department(tmp_path: Path, keys: str, more: str = "") -> list[str]:
    text = f"{MINIMAL}{ONE}departments: {{d: {{extension: '501', members: ['201'], {keys}}}}}\n"
    return told(tmp_path, text + more)


def test_a_department_without_an_answer_is_told_on_what(tmp_path: Path) -> None:
    assert department(tmp_path, "when_timeout: {reject: busy}, max_callers: 3") == [
        "center.yaml:7:15: warning: a caller only hears a goodbye on when_no_agents, when_full;"
        " add `otherwise` [no-answer]"
    ]


@pytest.mark.parametrize(
    ("keys", "more"),
    [
        ("otherwise: {reject: busy}", ""),
        ("", "voicemail: {d: {pin: 83014}}\n"),
        ("when_no_agents: {reject: busy}, when_timeout: {reject: busy}", ""),
    ],
)
def test_a_department_with_an_answer_to_everything_passes(
    tmp_path: Path, keys: str, more: str
) -> None:
    assert department(tmp_path, keys, more) == []


@pytest.mark.parametrize("event", ["closed", "full"])
def test_a_route_for_what_never_happens_is_a_warning(tmp_path: Path, event: str) -> None:
    found = department(tmp_path, f"when_{event}: {{menu: main}}, otherwise: {{reject: busy}}")

    assert codes(found) == ["idle-key"]


def test_a_department_without_members_is_a_warning(tmp_path: Path) -> None:
    text = MINIMAL + "departments: {d: {extension: '501', otherwise: {reject: busy}}}\n"

    assert codes(told(tmp_path, text)) == ["no-members"]
