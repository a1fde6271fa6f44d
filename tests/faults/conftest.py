"""A small center under faults, its calls short: each prompt a sentence, each wait two seconds."""

from pathlib import Path

import pytest

from tests.centers import write_center
from tests.journeys.conftest import (  # noqa: F401 - a center that runs, as the journeys have it
    carried_by,
    center,
    prompt_cache,
    quiet_afterwards,
    running,
)

CENTER = """\
name: Faults
timezone: Europe/Moscow
country: RU
language: en
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
callers: {blocked: ["+7900*"]}
numbers:
  "+74950000001": [{from: blocked, reject: busy}, {menu: main}]
  "+74950000003": {department: sales}
extensions: {"201": {name: Anna}}
departments:
  sales:
    members: ["201"]
    when_no_agents: {goodbye: {say: Nobody of our sales department is there today.}}
"""
MENUS = {
    "main": """\
prompt: {say: "This is the main menu. For sales press one, for more press two."}
keys:
  1: {department: sales}
  2: {menu: more}
  3: {goodbye: {say: That was the third key.}, announce: {say: This announcement has some length.}}
wait_seconds: 2
digit_seconds: 0.5
otherwise: {goodbye: {say: You have pressed nothing that we know.}}
""",
    "more": """\
prompt: {say: "Here is more to choose from. Press one for the end, star to go back."}
keys: {1: {goodbye: {say: This is the end of all menus.}}, "*": back}
wait_seconds: 2
digit_seconds: 0.5
otherwise: {goodbye: {say: You have chosen nothing.}}
""",
}


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_center(tmp_path_factory.mktemp("faults"), CENTER, MENUS)
