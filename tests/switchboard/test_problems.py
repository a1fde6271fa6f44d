import pytest

from switchboard.problems import WIDEST_LINE, Place, Problems, Source, meant

SOURCE = Source("center.yaml", ("name: Acme", "menu: mian  # allow odd-name: it is so", "x" * 1000))


def test_a_problem_shows_its_place_its_line_and_a_caret() -> None:
    problems = Problems()
    problems.error(Place(SOURCE, 1, 7), "is taken", "name-taken")

    (problem,) = problems
    assert str(problem) == (
        "center.yaml:1:7: error: is taken [name-taken]\n    name: Acme\n          ^"
    )


def test_a_problem_as_json_has_all_its_parts() -> None:
    problems = Problems()
    problems.warning(Place(SOURCE, 1, 7), "is odd", "odd-name")

    (problem,) = problems
    assert problem.as_json() == {
        "file": "center.yaml",
        "line": 1,
        "column": 7,
        "severity": "warning",
        "message": "is odd",
        "code": "odd-name",
    }


def test_a_warning_is_accepted_by_a_comment_with_a_reason_on_its_line() -> None:
    problems = Problems()
    problems.warning(Place(SOURCE, 2, 7), "is odd", "odd-name")
    problems.warning(Place(SOURCE, 2, 7), "is odd otherwise", "other-code")

    assert [problem.code for problem in problems] == ["other-code"]


def test_an_error_is_never_accepted_by_a_comment() -> None:
    problems = Problems()
    problems.error(Place(SOURCE, 2, 7), "is wrong", "odd-name")

    assert len(problems.errors) == 1


@pytest.mark.parametrize(
    "comment", ["# allow odd-name", "# allow odd-name:", "# allow odd-name:  "]
)
def test_a_comment_without_a_reason_accepts_nothing(comment: str) -> None:
    problems = Problems()
    problems.warning(Place(Source("a.yaml", (f"a: b {comment}",)), 1, 1), "is odd", "odd-name")

    assert len(problems) == 1


def test_problems_are_told_once_and_in_the_order_of_the_files() -> None:
    problems = Problems()
    other = Source("a.yaml", ("a",))
    problems.error(Place(SOURCE, 2, 1), "third", "c")
    problems.error(Place(SOURCE, 1, 9), "second", "b")
    problems.error(Place(other, 1, 1), "first", "a")
    problems.error(Place(SOURCE, 1, 9), "second", "b")

    assert [problem.message for problem in problems] == ["first", "second", "third"]


def test_of_a_long_line_only_the_part_around_the_caret_is_shown() -> None:
    problems = Problems()
    problems.error(Place(SOURCE, 3, 500), "is far away", "far")

    (problem,) = problems
    _, line, caret = str(problem).splitlines()
    assert len(line) <= WIDEST_LINE + 4
    assert len(caret) <= len(line)


@pytest.mark.parametrize(
    "line",
    [
        '"201": {secret: Kd83-anna-fw2Lq, name: Anna}',
        "  pin: 83014",
        "mail: {password: hunter2hunter2}",
        'secret: "${ANNA:-Kd83-anna-fw2Lq}"',
    ],
)
def test_a_secret_is_shown_as_stars(line: str) -> None:
    problems = Problems()
    problems.error(Place(Source("a.yaml", (line,)), 1, 1), "is weak", "weak")

    (problem,) = problems
    for secret in ("Kd83", "83014", "hunter2"):
        assert secret not in str(problem)
    assert len(str(problem).splitlines()[1]) == len(line) + 4


def test_a_control_character_does_not_reach_the_terminal() -> None:
    problems = Problems()
    problems.error(Place(Source("a.yaml", ("a: \x1b[31mred",)), 1, 1), "is odd", "odd")

    (problem,) = problems
    assert "\x1b" not in str(problem)


def test_the_nearest_known_word_is_meant() -> None:
    assert meant("slaes", ["sales", "support"]) == " (did you mean “sales”?)"


def test_nothing_is_meant_by_a_word_far_from_all() -> None:
    assert meant("zzz", ["sales", "support"]) == ""


def test_a_name_with_a_newline_forges_no_second_problem() -> None:
    problems = Problems()
    problems.error(Place(SOURCE, 1, 7), "“a\ncenter.yaml:1:1: error: forged” is bad", "bad-name")

    (problem,) = problems
    assert problem.message == "“a\\x0acenter.yaml:1:1: error: forged” is bad"
