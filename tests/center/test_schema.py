from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from center.schema import center_schema, menu_schema
from tests.centers import EXAMPLE


def as_an_editor_reads(text: str) -> Any:
    """YAML's own values; keys as text, for JSON has no others."""

    def keyed(tree: Any) -> Any:
        if isinstance(tree, dict):
            return {str(key): keyed(value) for key, value in tree.items()}
        return [keyed(value) for value in tree] if isinstance(tree, list) else tree

    return keyed(yaml.safe_load(text))


def faults(schema: dict[str, Any], text: str) -> list[str]:
    return [
        error.message
        for error in Draft202012Validator(schema).iter_errors(as_an_editor_reads(text))
    ]


@pytest.mark.parametrize("schema", [center_schema(), menu_schema()])
def test_a_schema_is_json_schema_itself(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


def test_the_example_center_fits_the_schema() -> None:
    assert faults(center_schema(), (EXAMPLE / "center.yaml").read_text("utf-8")) == []


def test_the_example_menus_fit_the_schema() -> None:
    for menu in (EXAMPLE / "menus").glob("*.yaml"):
        assert faults(menu_schema(), menu.read_text("utf-8")) == []


def test_a_misspelt_key_does_not_fit() -> None:
    text = "prompt: {say: Welcome}\notherwse: {goodbye: {say: Bye}}\n"

    assert any("otherwse" in fault for fault in faults(menu_schema(), text))


def test_values_fit_that_yaml_takes_for_numbers_or_for_no() -> None:
    text = """
name: no
timezone: UTC
country: NO
language: no
mail: {host: 1, port: "${PORT:-25}", sender: a@b}
voicemail: {sales: {pin: 83014}}
"""
    assert faults(center_schema(), text) == []


def test_a_number_out_of_bounds_does_not_fit() -> None:
    text = "prompt: {say: Welcome}\notherwise: repeat\ntries: 99\n"

    assert any("99" in fault for fault in faults(menu_schema(), text))


def test_words_that_only_the_reader_knows_are_not_offered() -> None:
    assert "word" not in menu_schema()["$defs"]["Destination"]["properties"]
