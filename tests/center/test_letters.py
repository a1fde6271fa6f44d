from pathlib import Path

import pytest

from tests.centers import MINIMAL, codes, told

MAIL = 'mail: {host: 127.0.0.1, sender: "Acme <pbx@acme.example>"}\n'


@pytest.mark.parametrize(
    "section",
    [
        "alarms: {email: ADDRESS}",
        "emergency: {tell: ADDRESS}",
        "voicemail: {sales: {pin: 83014, email: ADDRESS}}",
        "fax: {office: {email: ADDRESS}}",
        "reports: {daily: {report: calls, email: ADDRESS}}",
    ],
)
@pytest.mark.parametrize(
    "address",
    ["nobody", "a@", "'@b'", "'a b@c'", '"a@b\\r\\nBcc: c@d"', '"a@b\\n"', "'a@b, c@d'", "a@b..c"],
)
def test_what_is_no_mail_address_is_an_error(tmp_path: Path, section: str, address: str) -> None:
    found = told(tmp_path, f"{MINIMAL}{MAIL}{section.replace('ADDRESS', address)}\n")

    assert [line for line in found if line.startswith("center.yaml:7:") and "[bad-address]" in line]


@pytest.mark.parametrize("address", ["a@acme.example", "anna.ivanova+pbx@mail.acme.example", "a@b"])
def test_a_mail_address_passes(tmp_path: Path, address: str) -> None:
    assert told(tmp_path, f"{MINIMAL}{MAIL}alarms: {{email: [{address}]}}\n") == []


def test_letters_without_a_mail_server_are_a_warning(tmp_path: Path) -> None:
    assert told(tmp_path, MINIMAL + "alarms: {email: [a@acme.example, b@acme.example]}\n") == [
        "center.yaml:6:18: warning: letters are wanted, but there is no `mail:` to send them"
        " [no-mail]"
    ]


@pytest.mark.parametrize("sender", ["Acme", "'Acme <pbx>'", '"A\\nB <a@b>"', "''"])
def test_a_sender_that_is_none_is_an_error(tmp_path: Path, sender: str) -> None:
    text = f"mail: {{host: 127.0.0.1, sender: {sender}}}\n"

    assert codes(told(tmp_path, MINIMAL + text)) == ["bad-address"]


def test_a_fax_that_goes_to_nobody_is_a_warning(tmp_path: Path) -> None:
    text = MINIMAL.replace("{other", '{"+74950000009": {fax: office}, other')

    assert codes(told(tmp_path, text + "fax: {office: {}}\n")) == ["no-letter"]


def test_a_report_that_goes_to_nobody_is_a_warning(tmp_path: Path) -> None:
    text = MINIMAL + MAIL + "reports: {daily: {report: calls, email: []}}\n"

    assert codes(told(tmp_path, text)) == ["no-letter"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("at: '7:30'", "“7:30” is not a time of day such as 07:30"),
        ("at: '24:00'", "“24:00” is not a time of day such as 07:30"),
        ("days: weekdays", "“weekdays” is not a day such as mon, or days such as mon-fri"),
        ("report: sales", "must be 'calls', 'departments'"),
        ("format: doc", "must be 'table', 'json'"),
    ],
)
def test_a_report_that_could_not_be_sent_is_an_error(
    tmp_path: Path, key: str, message: str
) -> None:
    report = "" if key.startswith("report") else "report: calls, "
    text = f"reports: {{daily: {{{report}{key}, email: a@acme.example}}}}\n"
    found = told(tmp_path, MINIMAL + MAIL + text)

    assert len(found) == 1
    assert message in found[0]


def test_a_logo_that_is_not_there_is_told(tmp_path: Path) -> None:
    def told_with(paper: str) -> list[str]:
        return codes(told(tmp_path, f"{MINIMAL}{MAIL}paper: {{{paper}}}\n"))

    assert told_with("logo: acme.png") == ["no-logo"]
    (tmp_path / "center" / "acme.png").write_bytes(b"")
    assert told_with("logo: acme.png, colour: '#aa0000'") == []
    assert told_with("colour: red") == ["value"]
