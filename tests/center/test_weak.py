from pathlib import Path

import pytest

from center.weak import secret_weakness
from tests.centers import MINIMAL, codes, told, told_of, write_center


@pytest.mark.parametrize(
    ("secret", "weakness"),
    [
        ("short-11-chr", None),
        ("eleven-char", "it has fewer than 12 characters"),
        ("aaaaaaaaaaaaaaaa", "it repeats too few characters"),
        ("121212121212121", "it repeats too few characters"),
        ("201annaivanova201", "it is only the name or the number"),
        ("Anna-Ivanova-201", "it is only the name or the number"),
        ("Anna-Ivanova-201-x", None),
        ("Kd83-anna-fw2Lq", None),
    ],
)
def test_a_secret_that_is_easily_guessed_is_weak(secret: str, weakness: str | None) -> None:
    assert secret_weakness(secret, ("201", "Anna Ivanova")) == weakness


def extension(tmp_path: Path, secret: str) -> list[str]:
    return told(tmp_path, f'{MINIMAL}extensions: {{"201": {{secret: {secret}}}}}\n')


def test_a_weak_secret_of_an_extension_is_an_error(tmp_path: Path) -> None:
    assert extension(tmp_path, "'201'") == [
        "center.yaml:6:30: error: this secret is weak: it has fewer than 12 characters"
        " [weak-secret]"
    ]


def test_an_extension_without_a_secret_gets_a_good_one_later(tmp_path: Path) -> None:
    assert told(tmp_path, MINIMAL + 'extensions: {"201": {}}\n') == []


@pytest.mark.parametrize(
    "secret",
    [
        '"Kd83-anna;fw2Lq"',
        '"Kd83 anna fw2Lq"',
        '"Kd83-anna\\nfw2Lq"',
        '"Kd83-anna-fw2Lq\\n"',
        '"Kd83-anna\\\\fw2Lq"',
        '">Kd83-anna-fw2Lq"',
        "Кд83-анна-фв2Лк",
    ],
)
def test_a_secret_that_asterisk_s_file_would_bend_is_an_error(tmp_path: Path, secret: str) -> None:
    assert codes(extension(tmp_path, secret)) == ["unsafe-text"]


def test_a_secret_with_signs_passes(tmp_path: Path) -> None:
    assert extension(tmp_path, "'Kd83!#$%&()*+,-./:<=?@[]^_`{|}~'") == []


def test_the_secret_of_a_carrier_is_its_own_choice(tmp_path: Path) -> None:
    text = MINIMAL + "trunks: {carrier: {host: 127.0.0.2, register: {user: acme, secret: acme}}}\n"

    (problem,) = told(tmp_path, text)
    assert ": warning: this secret is weak" in problem


def in_file(tmp_path: Path, content: bytes | None) -> list[str]:
    text = MINIMAL + 'extensions: {"201": {secret_file: anna.secret}}\n'
    directory = write_center(tmp_path / "center", text)
    if content is not None:
        (directory / "anna.secret").write_bytes(content)
    return told_of(directory)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    assert in_file(tmp_path, b"Kd83-anna-fw2Lq\n") == []


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_secret_file_that_holds_none_is_an_error_where_it_is_named(
    tmp_path: Path, content: bytes | None
) -> None:
    (problem,) = in_file(tmp_path, content)

    assert problem.startswith("center.yaml:6:35: error: ")
    assert problem.endswith("[unreadable-secret]")


def test_a_weak_secret_in_a_file_is_told_where_the_file_is_named(tmp_path: Path) -> None:
    (problem,) = in_file(tmp_path, b"hunter2\n")

    assert problem.startswith("center.yaml:6:35: error: this secret is weak")
    assert "hunter2" not in problem


def test_two_secrets_are_an_error(tmp_path: Path) -> None:
    text = 'extensions: {"201": {secret: Kd83-anna-fw2Lq, secret_file: anna.secret}}\n'

    assert codes(told(tmp_path, MINIMAL + text)) == ["secret-twice"]


def test_the_password_of_the_mail_server_may_be_any_text(tmp_path: Path) -> None:
    text = "mail: {host: 127.0.0.1, sender: a@acme.example, password: 'a;b \\ c'}\n"

    assert told(tmp_path, MINIMAL + text) == []


def test_a_password_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    text = "mail: {host: 127.0.0.1, sender: a@acme.example, password_file: away}\n"

    assert codes(told(tmp_path, MINIMAL + text)) == ["unreadable-secret"]


def secure(tmp_path: Path, certificate: str, key: str) -> list[str]:
    listen = f"{{sips: 127.0.0.1:5061, certificate: {certificate}, private_key: {key}}}"
    directory = write_center(tmp_path / "center", f"{MINIMAL}listen: {listen}\n")
    (directory / "own.pem").write_text("-----BEGIN CERTIFICATE AND KEY")
    return codes(told_of(directory))


def test_a_certificate_and_its_key_lie_beside_the_center(tmp_path: Path) -> None:
    assert secure(tmp_path, "own.pem", "own.pem") == []


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("away.pem", "unreadable-secret"),
        ("menus", "unreadable-secret"),
        ("center.yaml", "unreadable-secret"),
        ("'a;b.pem'", "unsafe-text"),
    ],
)
def test_a_key_that_cannot_be_used_is_an_error(tmp_path: Path, file: str, code: str) -> None:
    assert secure(tmp_path, "own.pem", file) == [code]
