"""`switchboard simulate`: what it prints of a call, and why each rule was taken."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.main import app
from switchboard.errors import SwitchboardError
from tests.centers import EXAMPLE

NOON, NIGHT = "2026-11-18T12:00", "2026-11-22T03:00"
MAIN = (
    "Welcome to Acme. For sales press one. For support press two. To leave a message press seven."
)
MAIN += " For the operator press zero. To hear this again press star."


def switchboard(state: Path, *words: str, typed: str = "") -> Result:
    place = ["--center", str(EXAMPLE), "--state", str(state)]
    return CliRunner().invoke(app, [*place, "simulate", *words], input=typed)


@pytest.fixture
def simulated(tmp_path: Path) -> Any:
    """What `simulate --json` says of a call in English."""

    def simulate(*words: str) -> Any:
        said = switchboard(tmp_path, "--to", "+74950000002", "--json", *words)
        assert said.exit_code == 0, said.output
        return json.loads(said.stdout)

    return simulate


def test_the_walk_is_told_in_the_words_of_the_contract(simulated: Any) -> None:
    walk = simulated("--keys", "2,1", "--at", NOON)
    assert walk.keys() == {"steps", "destination", "language"}
    assert (walk["destination"], walk["language"]) == ({"extension": "203"}, "en")
    asked = [step for step in walk["steps"] if step["heard"]]
    assert all({"menu", "heard", "key", "result"} <= step.keys() for step in asked)
    assert [(step["menu"], step["key"], step["result"]) for step in asked] == [
        ("main", "2", "menu support"),
        ("support", "1", "extension 203"),
    ]
    assert asked[0]["heard"] == [MAIN]


def test_every_rule_says_why_it_was_taken(simulated: Any) -> None:
    def why(at: str) -> Any:
        return simulated("--keys", "0", "--at", at)["steps"][1]["why"]

    assert why(NOON) == ["rule 1 holds"]
    assert why(NIGHT) == ["rule 1: office is closed", "rule 2 takes the rest"]


def test_a_number_that_is_not_listed_is_told_to_be_taken_by_other(tmp_path: Path) -> None:
    said = switchboard(tmp_path, "--to", "abc", "--json")
    [why] = json.loads(said.stdout)["steps"][0]["why"]
    assert why == "“abc” is none of `numbers`: `other` takes it"


def test_a_closed_department_leads_on(simulated: Any) -> None:
    walk = simulated("--keys", "1", "--at", NIGHT)
    assert walk["destination"] == {"voicemail": "sales"}
    assert ["Sales is closed now."] in [step["heard"] for step in walk["steps"]]


def test_a_comma_tells_two_keys_from_one_extension(simulated: Any) -> None:
    assert simulated("--keys", "202")["destination"] == {"extension": "202"}
    assert simulated("--keys", "2,2")["destination"] == {"department": "support"}


def test_the_callers_number_decides(tmp_path: Path) -> None:
    def ends(*caller: str) -> Any:
        said = switchboard(tmp_path, "--to", "84950000001", *caller, "--json", "--at", NOON)
        return json.loads(said.stdout)["destination"]

    assert ends("--from", "8 900 123-45-67") == {"reject": "busy"}
    assert ends("--from", "+79161112233") == {"department": "sales"}
    assert ends() == {"department": "sales"}  # after three silences in the menu


def test_a_person_reads_the_prompts_and_types_keys(tmp_path: Path) -> None:
    call = ["--to", "+74950000002", "--at", NOON, "--interactive"]
    said = switchboard(tmp_path, *call, typed="what?\n2\n1\n")
    assert said.exit_code == 0, said.output
    assert f"“{MAIN}”\nkeys> keys are digits" in said.stdout
    assert "ends at extension 203, in en" in said.stdout
    stopped = switchboard(tmp_path, *call, typed="2\n")
    assert stopped.exit_code == 1
    assert stopped.output.endswith("Aborted.\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--keys", "2a"], "not a"),
        (["--at", "noon"], "“noon” is not a time"),
        (["--language", "fr"], "the center speaks ru, en, not fr"),
    ],
)
def test_wrong_words_are_refused_with_what_is_meant(
    tmp_path: Path, words: list[str], told: str
) -> None:
    said = switchboard(tmp_path, "--to", "+74950000002", *words)
    assert isinstance(said.exception, SwitchboardError)
    assert told in str(said.exception)
