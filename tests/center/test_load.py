from pathlib import Path

from center.load import Center, load_center
from switchboard.problems import Problems
from switchboard.yamltext import Text
from tests.centers import EXAMPLE, GROUND, MENU, MINIMAL, codes, told, told_of, write_center


def loaded(directory: Path) -> Center:
    problems = Problems()
    center = load_center(directory, problems, {})
    assert [str(problem) for problem in problems] == []
    assert center is not None
    return center


def test_the_example_of_the_contract_has_no_problem() -> None:
    assert told_of(EXAMPLE) == []


def test_every_section_of_the_example_is_read() -> None:
    center = loaded(EXAMPLE)

    assert center.ground.name == "Acme"
    assert center.ground.spoken == ("ru", "en")
    assert set(center.menus) == {"main", "support"}
    assert set(center.router.departments) == {"sales", "support"}
    assert set(center.voicemail.voicemail) == {"sales", "201", "202"}
    assert set(center.fax.fax) == {"office"}
    assert set(center.reports.reports) == {"morning"}
    assert center.speech.speech.voices == {"ru": "ru", "en": "en-gb"}
    assert center.left_out == frozenset()


def test_the_environment_gives_the_secrets_of_the_example() -> None:
    center = load_center(EXAMPLE, Problems(), {"ANNA_SECRET": "from-the-environment"})

    assert center is not None
    assert center.router.extensions[Text("201")].secret == "from-the-environment"


def test_a_minimal_center_has_no_problem(tmp_path: Path) -> None:
    assert told(tmp_path) == []


def test_a_directory_without_a_center_is_told(tmp_path: Path) -> None:
    assert codes(told_of(tmp_path)) == ["no-center"]


def test_an_empty_center_is_told_what_it_lacks(tmp_path: Path) -> None:
    assert codes(told(tmp_path, "")) == ["missing-key"] * 4


def test_an_unknown_section_is_told_with_what_was_meant(tmp_path: Path) -> None:
    assert told(tmp_path, MINIMAL + "extentions: {}\n") == [
        "center.yaml:6:1: error: unknown key “extentions” (did you mean “extensions”?)"
        " [unknown-key]"
    ]


def test_a_section_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    directory = write_center(tmp_path)
    (directory / "extensions.yaml").write_text('"201": {name: Anna}\n')

    assert set(loaded(directory).router.extensions) == {"201"}


def test_a_section_in_its_own_file_is_told_under_that_name(tmp_path: Path) -> None:
    directory = write_center(tmp_path)
    (directory / "extensions.yaml").write_text('"201":\n  nmae: Anna\n')

    assert told_of(directory) == [
        "extensions.yaml:2:3: error: unknown key “nmae” (did you mean “name”?) [unknown-key]"
    ]


def test_a_section_in_two_places_is_an_error(tmp_path: Path) -> None:
    directory = write_center(tmp_path, MINIMAL + 'extensions: {"201": {}}\n')
    (directory / "extensions.yaml").write_text('"202": {}\n')

    assert told_of(directory) == [
        "extensions.yaml:1:1: error: “extensions” stands in center.yaml:6:1 too [duplicate-key]"
    ]


def test_the_cases_beside_a_menu_are_no_menus(tmp_path: Path) -> None:
    directory = write_center(tmp_path)
    (directory / "menus" / "main.test.yaml").write_text("anything: goes\n")

    assert set(loaded(directory).menus) == {"main"}


def test_the_problems_of_all_files_are_told_in_one_pass(tmp_path: Path) -> None:
    center = GROUND + (
        "numbers: {other: {mneu: main}}\n"
        'extensions: {"201": {sercet: x, otherwise: {voicemail: nobody}}}\n'
        "departments: {sales: {ring_seconds: soon, otherwise: {menu: lost}}}\n"
    )
    menus = {
        "main": "keys: {1: {department: salse}}\n",
        "broken": "prompt: [\n",
        "other": MENU + "keys: {1: {department: slaes}, 2: {menu: main}, 3: {menu: broken}}\n",
    }

    assert [line.partition(" error: ")[2] for line in told(tmp_path, center, menus)] == [
        "unknown key “mneu” (did you mean “menu”?) [unknown-key]",
        "unknown key “sercet” (did you mean “secret”?) [unknown-key]",
        "there is no mailbox “nobody” [unknown-name]",
        "a whole number is expected here [value]",
        "there is no menu “lost” [unknown-name]",
        "is not YAML: a bracket is not closed [yaml]",
        "“prompt” is missing here [missing-key]",
        "“otherwise” is missing here [missing-key]",
        "there is no department “slaes” (did you mean “sales”?) [unknown-name]",
    ]


def test_what_could_not_be_read_is_not_called_missing(tmp_path: Path) -> None:
    directory = write_center(tmp_path, menus={"main": "prompt: {say: Hi}\n"})

    assert codes(told_of(directory)) == ["missing-key"]


def test_a_warning_is_accepted_where_it_stands(tmp_path: Path) -> None:
    lonely = MENU.replace("}\n", "}  # allow unreachable-menu: for next month\n", 1)

    assert codes(told(tmp_path, menus={"main": MENU, "lonely": MENU})) == ["unreachable-menu"]
    assert codes(told(tmp_path, menus={"main": MENU, "lonely": lonely})) == []


def test_hostile_files_of_a_center_are_each_an_error_with_a_line(tmp_path: Path) -> None:
    bomb = "\n".join(
        ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    )
    hostile = {
        "tag": "prompt: !!python/object/apply:os.system [id]\notherwise: repeat\n",
        "bomb": bomb,
        "large": "# " + "x" * 10_000_000,
        "tab": "prompt:\n\tsay: Hi\n",
        "twice": MENU + "tries: 1\ntries: 2\n",
        "deep": "[" * 100_000,
    }
    found = told(tmp_path, MINIMAL, {"main": MENU, **hostile})

    for name, code in {
        "tag": "[tag]",
        "bomb": "[too-large]",
        "large": "[too-large]",
        "tab": "[yaml]",
        "twice": "[duplicate-key]",
        "deep": "[too-large]",
    }.items():
        assert any(line.startswith(f"menus/{name}.yaml:") and code in line for line in found)


def test_a_file_that_is_no_menu_is_told(tmp_path: Path) -> None:
    write_center(tmp_path)
    (tmp_path / "menus" / "night.yml").write_text(MENU)
    assert told_of(tmp_path) == [
        "menus/night.yml:1:1: warning: is not read: a menu is menus/NAME.yaml [ignored-file]"
    ]
