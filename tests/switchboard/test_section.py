from pathlib import Path

import pytest

from center.load import load_center
from switchboard.problems import Problems
from switchboard.section import check_ground
from tests.centers import GROUND, MINIMAL, write_center


def problems_of(tmp_path: Path, text: str) -> list[str]:
    problems = Problems()
    center = load_center(write_center(tmp_path, text), problems, {})
    if center is not None:
        check_ground(center.ground, problems)
    return [f"{problem.place.line}: {problem.message}" for problem in problems]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "timezone: Europe/Moskow",
            "“Europe/Moskow” is not a time zone (did you mean “Europe/Moscow”?)",
        ),
        ("country: ru", "“ru” is not a country by its two capital letters, such as RU"),
        ("language: russian", "“russian” is not a language by its two letters, such as en"),
    ],
)
def test_what_is_nowhere_is_told_with_what_was_meant(
    tmp_path: Path, key: str, message: str
) -> None:
    lines = [line for line in GROUND.splitlines() if not line.startswith(key.partition(":")[0])]

    assert problems_of(tmp_path, "\n".join([key, *lines])) == [f"1: {message}"]


@pytest.mark.parametrize(
    ("listen", "message"),
    [
        ("{sip: localhost:5060}", "“localhost:5060” is not ADDRESS:PORT such as 127.0.0.1:5060"),
        ("{sip: 127.0.0.1:99999}", "“127.0.0.1:99999” has no port from 1 to 65535"),
        ("{rtp: 10000}", "“10000” is not a range of ports such as 10000-10999"),
        ("{rtp: 20000-10000}", "“20000-10000” is not a rising range between 1024 and 65535"),
        ("{external: example.com}", "“example.com” is not an IP address"),
        (
            "{sips: 127.0.0.1:5061}",
            "TLS needs `certificate: FILE` and `private_key: FILE` beside it",
        ),
        ("{agi: 127.0.0.1:5038}", "`ami` listens where `agi` does"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_an_error(
    tmp_path: Path, listen: str, message: str
) -> None:
    assert message in "\n".join(problems_of(tmp_path, f"{MINIMAL}listen: {listen}\n"))


def test_a_network_with_host_bits_is_an_error(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, MINIMAL + "listen: {local: [10.0.0.1/8]}\n")

    assert problem.startswith("6: “10.0.0.1/8” is not a network such as 10.0.0.0/8")


def test_the_center_s_own_language_is_spoken_first(tmp_path: Path) -> None:
    text = MINIMAL + "languages: [ru, en]\n"
    center = load_center(write_center(tmp_path, text), Problems(), {})

    assert center is not None
    assert center.ground.spoken == ("en", "ru")
