"""F26: sound that would go only one way is told by `check`, where addresses give it away."""

from pathlib import Path

import pytest

from tests.centers import MINIMAL, codes, told

PUBLIC, OWN, OTHER = "198.41.0.4", "10.0.0.5", "10.0.0.9"


@pytest.mark.parametrize(
    ("listen", "trunk", "what"),
    [
        (f"sip: '{OWN}:5060'", PUBLIC, ["warning"]),
        (f"sip: '{OWN}:5060'", OTHER, []),
        (f"sip: '{OWN}:5060'", "sip.carrier.example", []),
        ("sip: '198.41.0.10:5060'", PUBLIC, []),
        ("sip: '0.0.0.0:5060'", PUBLIC, []),
        (f"sip: '{OWN}:5060', external: 198.41.0.10, local: [10.0.0.0/8]", PUBLIC, []),
        (f"sip: '{OWN}:5060', external: 198.41.0.10", PUBLIC, ["warning"]),
        (f"sip: '{OWN}:5060', external: 10.1.0.1, local: [10.0.0.0/8]", PUBLIC, ["error"]),
        ("external: 198.41.0.10, local: [10.0.0.0/8]", PUBLIC, ["error"]),
    ],
)
def test_addresses_that_sound_cannot_come_to_are_told(
    tmp_path: Path, listen: str, trunk: str, what: list[str]
) -> None:
    center = MINIMAL + f"listen: {{{listen}}}\ntrunks: {{carrier: {{host: '{trunk}'}}}}\n"
    found = [line for line in told(tmp_path, center) if codes([line]) == ["one-way"]]
    assert [line.split(": ")[1] for line in found] == what
