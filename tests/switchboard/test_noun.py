from pathlib import Path

from switchboard.noun import Noun, read_noun
from switchboard.problems import Problems
from switchboard.prompt import Part, Prompt, WrittenPrompt
from switchboard.shapes import Count, Texts
from switchboard.yamltext import Text, read_yaml


class Wheel(Noun):
    size: Count = 10
    names: Texts = ()


class Car(Noun):
    make: Text
    wheels: dict[Text, Wheel] = {}
    horn: WrittenPrompt | None = None


def read(tmp_path: Path, text: str) -> tuple[Car | None, list[str], set[str]]:
    path = tmp_path / "car.yaml"
    path.write_text(text, "utf-8")
    problems, left_out = Problems(), set[str]()
    car = read_noun(Car, read_yaml(path, "car.yaml", problems, {}), problems, left_out)
    return car, [str(problem) for problem in problems], left_out


def test_a_noun_is_read_with_its_defaults(tmp_path: Path) -> None:
    car, problems, left_out = read(tmp_path, "{make: Lada, wheels: {left: {}}}")

    assert car is not None
    assert car.wheels[Text("left")].size == 10
    assert (problems, left_out) == ([], set())


def test_a_read_text_keeps_its_place(tmp_path: Path) -> None:
    car, _, _ = read(tmp_path, "wheels: {}\nmake: Lada\n")

    assert car is not None
    assert str(car.make.place) == "car.yaml:2:7"


def test_an_unknown_key_is_told_with_a_caret_and_what_was_meant(tmp_path: Path) -> None:
    _, problems, _ = read(tmp_path, "make: Lada\nwheels:\n  left: {szie: 12}\n")

    assert problems == [
        "car.yaml:3:10: error: unknown key “szie” (did you mean “size”?) [unknown-key]\n"
        "      left: {szie: 12}\n"
        "             ^"
    ]


def test_a_value_of_the_wrong_kind_is_told_where_the_value_stands(tmp_path: Path) -> None:
    _, problems, _ = read(tmp_path, "make: Lada\nwheels: {left: {size: big}}\n")

    assert problems[0].startswith("car.yaml:2:23: error: a whole number is expected here [value]")


def test_a_number_out_of_bounds_is_told_with_the_bound(tmp_path: Path) -> None:
    _, problems, _ = read(tmp_path, "make: Lada\nwheels: {left: {size: 0}}\n")

    assert "must be at least 1 [value]" in problems[0]


def test_a_missing_key_is_told_where_its_mapping_begins(tmp_path: Path) -> None:
    car, problems, _ = read(tmp_path, "# a car\nwheels: {}\n")

    assert car is None
    assert problems[0].startswith("car.yaml:2:1: error: “make” is missing here [missing-key]")


def test_a_text_where_a_mapping_belongs_is_told_in_plain_words(tmp_path: Path) -> None:
    _, problems, _ = read(tmp_path, "make: Lada\nwheels: {left: round}\n")

    assert "error: keys and values are expected here, such as {name: value} [value]" in problems[0]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    _, problems, _ = read(tmp_path, "{mkae: Lada, wheels: {left: {size: big}, right: {szie: 1}}}")

    assert len(problems) == 4


def test_the_rest_of_a_faulty_noun_is_read_on(tmp_path: Path) -> None:
    car, problems, left_out = read(tmp_path, "{make: Lada, wheels: {left: {size: big, names: a}}}")

    assert car is not None
    assert car.wheels[Text("left")] == Wheel(names=(Text("a"),))
    assert (len(problems), left_out) == (1, {"size"})


def test_what_is_left_out_of_a_noun_stays_in_the_tree(tmp_path: Path) -> None:
    path = tmp_path / "car.yaml"
    path.write_text("{make: Lada, mkae: Lada}", "utf-8")
    tree = read_yaml(path, "car.yaml", Problems(), {})
    read_noun(Car, tree, Problems(), set())

    assert "mkae" in tree


def test_one_value_may_stand_where_a_list_may(tmp_path: Path) -> None:
    car, _, _ = read(tmp_path, "{make: Lada, wheels: {left: {names: a}, right: {names: [a, b]}}}")

    assert car is not None
    assert [wheel.names for wheel in car.wheels.values()] == [("a",), ("a", "b")]


def test_a_prompt_is_written_in_four_ways(tmp_path: Path) -> None:
    said, played = Part(say=Text("Hi")), Part(file=Text("hi.wav"))
    ways: dict[str, dict[str, tuple[Part, ...]]] = {
        "{say: Hi}": {"": (said,)},
        "{file: hi.wav}": {"": (played,)},
        "[{file: hi.wav}, {say: Hi}]": {"": (played, said)},
        "{en: {say: Hi}, ru: [{file: hi.wav}, {say: Hi}]}": {"en": (said,), "ru": (played, said)},
    }
    for written, by_language in ways.items():
        car, problems, _ = read(tmp_path, f"{{make: Lada, horn: {written}}}")
        assert problems == []
        assert car is not None
        assert car.horn == Prompt(by_language={Text(k): v for k, v in by_language.items()})


def test_a_prompt_that_says_and_plays_in_one_part_is_an_error(tmp_path: Path) -> None:
    _, problems, _ = read(tmp_path, "{make: Lada, horn: {say: Hi, file: hi.wav}}")

    assert "a prompt part is either {say: TEXT} or {file: NAME} [value]" in problems[0]


def test_a_prompt_that_says_nothing_is_an_error(tmp_path: Path) -> None:
    _, problems, _ = read(tmp_path, "{make: Lada, horn: {say: ' '}}")

    assert "there is nothing to say [value]" in problems[0]


def test_a_prompt_in_no_language_is_heard_in_all(tmp_path: Path) -> None:
    car, _, _ = read(tmp_path, "{make: Lada, horn: {say: Hi}}")

    assert car is not None and car.horn is not None
    assert car.horn.in_language("ru") == car.horn.in_language("en") == (Part(say=Text("Hi")),)
