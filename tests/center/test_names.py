from pathlib import Path

import pytest

from tests.centers import MENU, MINIMAL, codes, told

LINES = """\
trunks: {carrier: {host: 127.0.0.2}}
extensions: {"201": {}}
departments: {sales: {members: ["201"], otherwise: {goodbye: {say: Bye}}}}
voicemail: {sales: {pin: 83014}}
fax: {office: {email: a@acme.example}}
hours: {office: {weekly: {mon: "09:00-18:00"}}}
callers: {vip: "+7900*"}
mail: {host: 127.0.0.1, sender: pbx@acme.example}
"""


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ("{menu: mian}", "there is no menu “mian” (did you mean “main”?)"),
        ("{department: salse}", "there is no department “salse” (did you mean “sales”?)"),
        ('{extension: "210"}', "there is no extension “210” (did you mean “201”?)"),
        ("{voicemail: nobody}", "there is no mailbox “nobody”"),
        ("{fax: ofice}", "there is no fax “ofice” (did you mean “office”?)"),
        ("[{hours: ofice, menu: main}, {menu: main}]", "there is no hours “ofice”"),
        ("[{from: vpi, menu: main}, {menu: main}]", "there is no list of callers “vpi”"),
        ("[{from: [vip, xxx], menu: main}, {menu: main}]", "there is no list of callers “xxx”"),
        ("{menu: main, language: fr}", "there is no language “fr”"),
    ],
)
def test_a_destination_that_names_nothing_is_an_error(
    tmp_path: Path, route: str, message: str
) -> None:
    found = told(tmp_path, MINIMAL + LINES, {"main": f"{MENU}keys:\n  1: {route}\n"})

    errors = [line for line in found if " error: " in line]
    assert len(errors) == 1
    assert errors[0].startswith("menus/main.yaml:4:")
    assert message in errors[0]
    assert errors[0].endswith("[unknown-name]")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('departments: {d: {members: ["209"]}}', "there is no extension “209”"),
        ("departments: {d: {hours: night}}", "there is no hours “night”"),
        ("departments: {d: {name: {ru: Отдел}}}", "there is no language “ru”"),
        ('voicemail: {b: {pin: 83014, lamps: ["209"]}}', "there is no extension “209”"),
        ("voicemail: {b: {pin: 83014, language: fr}}", "there is no language “fr”"),
        ('extensions: {"201": {language: fr}}', "there is no language “fr”"),
        ("emergency: {trunk: [carier]}", "there is no trunk “carier”"),
        ('emergency: {ring: ["209"]}', "there is no extension “209”"),
        ('outbound: {trunk: x, caller_id: "+74950000001"}', "there is no trunk “x”"),
        ("speech: {voices: {fr: fr}}", "there is no language “fr”"),
    ],
)
def test_a_section_that_names_nothing_is_an_error(
    tmp_path: Path, section: str, message: str
) -> None:
    found = told(tmp_path, f"{MINIMAL}{section}\n")

    assert any(f" error: {message}" in line and "[unknown-name]" in line for line in found)


def test_an_extension_that_a_menu_lets_dial_must_exist(tmp_path: Path) -> None:
    found = told(tmp_path, MINIMAL, {"main": MENU + 'dial_extensions: ["201"]\n'})

    assert found == ["menus/main.yaml:3:19: error: there is no extension “201” [unknown-name]"]


@pytest.mark.parametrize(
    "section",
    [
        "departments: {NAME: {}}",
        "voicemail: {NAME: {pin: 83014}}",
        "fax: {NAME: {}}",
        "hours: {NAME: {}}",
        "callers: {NAME: []}",
        "trunks: {NAME: {host: 127.0.0.2}}",
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        "main-v1",
        "Sales",
        "отдел",
        "a b",
        "a;b",
        "'a]b'",
        "a/b",
        "../a",
        "'${X}'",
        "x" * 40,
        "''",
        '"a\\nb"',
        '"sales\\n"',
    ],
)
def test_a_name_that_a_context_or_a_file_could_not_carry_is_an_error(
    tmp_path: Path, section: str, name: str
) -> None:
    text = MINIMAL + section.replace("NAME", name) + "\n"

    assert "bad-name" in codes(told(tmp_path, text.replace("${X}", "$${X}")))


def test_a_menu_file_has_such_a_name_too(tmp_path: Path) -> None:
    found = told(tmp_path, MINIMAL, {"main": MENU, "Main-v1": MENU})

    assert "bad-name" in codes(found)


@pytest.mark.parametrize("number", ["1", "123456789", "20a", "+7495", "*98", "２０１"])
def test_an_extension_is_2_to_8_digits(tmp_path: Path, number: str) -> None:
    assert "bad-name" in codes(told(tmp_path, f'{MINIMAL}extensions: {{"{number}": {{}}}}\n'))


def test_a_trunk_is_never_called_like_an_extension(tmp_path: Path) -> None:
    assert "bad-name" in codes(told(tmp_path, MINIMAL + 'trunks: {"201": {host: 127.0.0.2}}\n'))


@pytest.mark.parametrize(
    "section",
    ["departments: {general: {}}", "trunks: {system: {host: 127.0.0.2}}"],
)
def test_a_word_of_asterisk_s_own_files_is_no_name(tmp_path: Path, section: str) -> None:
    assert "bad-name" in codes(told(tmp_path, f"{MINIMAL}{section}\n"))


def test_a_caller_id_must_be_a_number_of_the_center(tmp_path: Path) -> None:
    text = MINIMAL.replace("{other", '{"+74950000001": {menu: main}, other') + (
        'extensions: {"201": {caller_id: "+74950000002"}}\nemergency: {caller_id: "+74950000003"}\n'
    )
    found = [line for line in told(tmp_path, text) if "caller-id" in line]

    assert found == [
        "center.yaml:6:33: error: “+74950000002” is not one of `numbers`"
        " (did you mean “+74950000001”?) [foreign-caller-id]",
        "center.yaml:7:24: error: “+74950000003” is not one of `numbers`"
        " (did you mean “+74950000001”?) [foreign-caller-id]",
    ]


def test_a_caller_id_may_lie_in_a_range(tmp_path: Path) -> None:
    numbers = '{"+74950000200..+74950000299": {menu: main}, other'
    text = MINIMAL.replace("{other", numbers) + 'extensions: {"201": {caller_id: "+74950000250"}}\n'

    assert told(tmp_path, text) == []


OUTBOUND = (
    'trunks: {carrier: {host: 127.0.0.2}}\noutbound: {trunk: carrier, caller_id: "+74950000001"}\n'
)


def outside(tmp_path: Path, number: str, outbound: str = OUTBOUND) -> list[str]:
    text = MINIMAL.replace("{other", '{"+74950000001": {menu: main}, other') + outbound
    return told(tmp_path, text, {"main": f'{MENU}keys: {{1: {{number: "{number}"}}}}\n'})


def test_an_outside_number_goes_out_through_outbound(tmp_path: Path) -> None:
    assert outside(tmp_path, "+74951234567") == []
    assert codes(outside(tmp_path, "+74951234567", "")) == ["no-outbound"]


@pytest.mark.parametrize("number", ["500&PJSIP/1", "sip:a@b", "123", "+7(495)1234567", "*72201"])
def test_an_outside_number_is_a_number(tmp_path: Path, number: str) -> None:
    assert codes(outside(tmp_path, number)) == ["bad-number"]


def test_a_call_is_not_sent_out_to_come_back(tmp_path: Path) -> None:
    assert codes(outside(tmp_path, "+74950000001")) == ["own-number"]
    assert codes(outside(tmp_path, "84950000001")) == ["own-number"]


@pytest.mark.parametrize(
    ("prefix", "good"),
    [("+7495", True), ("+7", True), ("7495", False), ("+", False), ("+7*", False)],
)
def test_what_may_be_called_is_a_begin_of_numbers(tmp_path: Path, prefix: str, good: bool) -> None:
    outbound = OUTBOUND.replace("{trunk", f'{{allow: ["{prefix}"], trunk')

    assert codes(outside(tmp_path, "+74951234567", outbound)) == ([] if good else ["bad-number"])


def test_hours_that_never_open_are_a_warning(tmp_path: Path) -> None:
    text = MINIMAL + "hours: {never: {weekly: {mon: closed}}}\n"

    assert told(tmp_path, text) == ["center.yaml:6:9: warning: “never” is never open [never-open]"]
