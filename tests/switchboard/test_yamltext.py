from pathlib import Path
from typing import Any

import pytest

from switchboard.problems import Problems
from switchboard.yamltext import LARGEST_FILE_BYTES, Items, Table, Text, read_yaml


def read(tmp_path: Path, text: str | bytes, **environment: str) -> tuple[Any, list[str]]:
    """The tree, and each problem without the line it quotes."""
    path = tmp_path / "center.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    problems = Problems()
    tree = read_yaml(path, "center.yaml", problems, environment)
    return tree, [str(problem).splitlines()[0] for problem in problems]


def test_every_value_stays_what_it_looks_like(tmp_path: Path) -> None:
    values = ["no", "0100", "18:00", "+74950000001", "1e3", "2026-12-31", "~", "0x1F", ".5", "null"]
    tree, problems = read(tmp_path, "\n".join(f"k{n}: {value}" for n, value in enumerate(values)))

    assert list(tree.values()) == values
    assert problems == []


def test_keys_are_text_too(tmp_path: Path) -> None:
    tree, _ = read(tmp_path, "{1: a, no: b, 07: c, '*': d}")

    assert list(tree) == ["1", "no", "07", "*"]


def test_every_key_value_mapping_and_list_knows_its_place(tmp_path: Path) -> None:
    tree, _ = read(tmp_path, "name: Acme\nlist:\n  - a\n  - {b: c}\n")
    (name, listed) = tree

    assert str(name.place) == "center.yaml:1:1"
    assert str(tree["name"].place) == "center.yaml:1:7"
    assert str(tree[listed].place) == "center.yaml:3:3"
    assert str(tree[listed][0].place) == "center.yaml:3:5"
    assert str(tree[listed][1].place) == "center.yaml:4:5"
    assert str(tree[listed][1]["b"].place) == "center.yaml:4:9"
    assert tree[listed][1]["b"].place.text == "  - {b: c}"


def test_the_environment_is_read_in_values_with_defaults(tmp_path: Path) -> None:
    text = 'a: ${HOST}\nb: "${PORT:-25}"\nc: x-${HOST}-y\nd: ${EMPTY:-}\n'
    tree, problems = read(tmp_path, text, HOST="mail", PORT="587")

    assert tree == {"a": "mail", "b": "587", "c": "x-mail-y", "d": ""}
    assert problems == []


def test_a_variable_that_is_not_set_is_an_error_with_its_place(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "a: b\nsecret: ${NOT_THERE}\n")

    assert problems == [
        "center.yaml:2:9: error: the environment has no NOT_THERE; set it, or give a default: "
        "${NOT_THERE:-...} [no-variable]"
    ]


def test_two_dollars_before_a_brace_are_a_literal(tmp_path: Path) -> None:
    tree, problems = read(tmp_path, "a: $${HOST}\nb: costs $5\n", HOST="mail")

    assert tree == {"a": "${HOST}", "b": "costs $5"}
    assert problems == []


def test_what_is_said_is_never_read_from_the_environment(tmp_path: Path) -> None:
    text = "prompt: {ru: {say: '${PRICE} за $${ВСЁ}'}}\nsay: [{en: '${PRICE}'}]\n"
    tree, problems = read(tmp_path, text, PRICE="1")

    assert tree["prompt"]["ru"]["say"] == "${PRICE} за $${ВСЁ}"
    assert tree["say"][0]["en"] == "${PRICE}"
    assert problems == []


def test_a_value_of_the_environment_is_not_read_again(tmp_path: Path) -> None:
    tree, _ = read(tmp_path, "a: ${OUTER}", OUTER="${INNER}", INNER="secret")

    assert tree["a"] == "${INNER}"


def test_a_duplicate_key_is_an_error_that_names_the_first_line(tmp_path: Path) -> None:
    tree, problems = read(tmp_path, "a: 1\nb: 2\na: 3\n")

    assert problems == [
        "center.yaml:3:1: error: “a” stands here twice, first in line 1 [duplicate-key]"
    ]
    assert tree["a"] == "1"


def test_an_alias_repeats_what_it_names(tmp_path: Path) -> None:
    tree, problems = read(tmp_path, "a: &team ['201', '202']\nb: *team\n")

    assert tree["b"] == ["201", "202"]
    assert problems == []


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a\n  b: *a\n", "&a [x, {y: *a}]"])
def test_an_alias_that_contains_itself_is_an_error(tmp_path: Path, text: str) -> None:
    tree, problems = read(tmp_path, text)

    assert tree is None
    assert ["an alias contains itself" in problem for problem in problems] == [True]


def test_an_alias_bomb_is_an_error_with_its_line(tmp_path: Path) -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    tree, problems = read(tmp_path, "\n".join(lines))

    assert tree is None
    assert len(problems) == 1
    assert problems[0].startswith("center.yaml:1:")
    assert problems[0].endswith(
        "error: unfolds to more than a center can hold (aliases?) [too-large]"
    )


def test_aliases_that_nest_without_end_are_an_error(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 600))]
    tree, problems = read(tmp_path, "\n".join(lines))

    assert tree is None
    assert ["[too-large]" in problem for problem in problems] == [True]


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 50_000, "{a: " * 20_000, "? " * 50_000])
def test_nesting_without_end_is_an_error_with_its_line(tmp_path: Path, text: str) -> None:
    tree, problems = read(tmp_path, "name: Acme\nlist:\n  " + text)

    assert tree is None
    assert len(problems) == 1
    assert problems[0].startswith("center.yaml:3:")


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object:os.system {}",
        "!!python/object/apply:os.system ['true']",
        "!!binary aGVsbG8=",
        "!include other.yaml",
        "!!python/name:os.system ''",
        "!!set {a, b}",
    ],
)
def test_no_tag_is_obeyed(tmp_path: Path, value: str) -> None:
    _, problems = read(tmp_path, f"a: b\nc: {value}\n")

    assert len(problems) == 1
    assert problems[0].startswith("center.yaml:2:4: error: tags such as")
    assert problems[0].endswith("[tag]")


@pytest.mark.parametrize(
    ("text", "line"), [("\ta: b\n", 1), ("a:\n\tb: c\n", 2), ("a:\n  b: c\n\td: e\n", 3)]
)
def test_a_tab_that_indents_is_called_by_its_name(tmp_path: Path, text: str, line: int) -> None:
    _, problems = read(tmp_path, text)

    assert problems == [
        f"center.yaml:{line}:1: error: is not YAML: a tab cannot indent; write spaces [yaml]"
    ]


def test_a_control_character_is_told_where_it_stands(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "имя: да\nимя2: нет \x01\n")

    assert problems == [
        "center.yaml:2:11: error: is not YAML: the character U+0001 cannot stand in a text [yaml]"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: {c: d\ne: f\n", "2:4: error: is not YAML: this { is not closed by a } [yaml]"),
        ("a: 1\nb: [c, d\ne: f\n", "2:4: error: is not YAML: this [ is not closed by a ] [yaml]"),
        ('a: 1\nb: "c\nd: e\n', "2:4: error: is not YAML: this quote is not closed [yaml]"),
        ("a: *\n", "1:4: error: is not YAML: a text that begins with * needs quotes [yaml]"),
        ("a: *x\n", "1:4: error: is not YAML: a text that begins with * needs quotes [yaml]"),
    ],
)
def test_broken_yaml_is_told_where_it_began_and_in_plain_words(
    tmp_path: Path, text: str, told: str
) -> None:
    assert read(tmp_path, text)[1] == [f"center.yaml:{told}"]


@pytest.mark.parametrize("text", ["a:\n  b: c\n d: e\n", "a:\n  - b\n c\n", "a: 'it's'\n"])
def test_a_line_that_does_not_fit_is_told_so(tmp_path: Path, text: str) -> None:
    [told] = read(tmp_path, text)[1]
    assert "does not fit what stands above" in told


@pytest.mark.parametrize(
    "text", ["a: 'open\n", "a: [1, 2\n", "a: b: c\n", "---\na: 1\n---\nb: 2\n"]
)
def test_broken_yaml_is_an_error_with_a_line(tmp_path: Path, text: str) -> None:
    tree, problems = read(tmp_path, text)

    assert tree is None
    assert len(problems) == 1
    assert problems[0].endswith("[yaml]")


def test_a_key_that_is_no_word_is_an_error(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "? [a, b]\n: c\n")

    assert problems == ["center.yaml:1:3: error: a key is a word, not a list or a mapping [yaml]"]


def test_ten_megabytes_are_refused_unread(tmp_path: Path) -> None:
    assert LARGEST_FILE_BYTES < 10_000_000
    tree, problems = read(tmp_path, b"a: b\n" * 2_000_000)

    assert tree is None
    assert problems == ["center.yaml:1:1: error: is larger than 2000000 bytes [too-large]"]


def test_a_file_that_is_not_utf8_is_an_error_with_its_line(tmp_path: Path) -> None:
    tree, problems = read(tmp_path, "a: b\nname: Продажи\n".encode("cp1251"))

    assert tree is None
    assert problems == ["center.yaml:2:1: error: is not UTF-8 text [not-utf8]"]


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    tree, problems = read(tmp_path, b"\xef\xbb\xbfname: Acme\n")

    assert tree == {"name": "Acme"}
    assert problems == []


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    problems = Problems()

    assert read_yaml(tmp_path / "away.yaml", "away.yaml", problems, {}) is None
    assert [problem.code for problem in problems] == ["unreadable"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n"])
def test_an_empty_file_is_an_empty_mapping_with_a_place(tmp_path: Path, text: str) -> None:
    tree, problems = read(tmp_path, text)

    assert tree == {}
    assert str(tree.place) == "center.yaml:1:1"
    assert problems == []


def test_a_tree_is_made_of_tables_items_and_texts(tmp_path: Path) -> None:
    tree, _ = read(tmp_path, "a: [b]\n")

    assert type(tree) is Table
    ((key, items),) = tree.items()
    assert type(key) is Text
    assert type(items) is Items
    assert type(items[0]) is Text
