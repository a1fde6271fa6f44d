from pathlib import Path

import pytest

from tests.centers import MINIMAL, codes, told

HOSTILE = [
    '"a\\nb"',
    '"a\\r\\nb"',
    '"a\\tb"',
    '"a\\0b"',
    '"a\\x7fb"',
    '"a\\u2028b"',
    "'a;b'",
    "'a\"b'",
    "'a<b>'",
    "'a|b'",
    "'a\\b'",
    "'[a]'",
    "'$${SHELL(id)}'",
    "'$[1+1]'",
    "x" * 100,
]
HOSTILE_IN_DIALPLAN = ["'a,b'", "'a(b)'", "'a$b'", "'a}b'"]


@pytest.mark.parametrize("text", [*HOSTILE, *HOSTILE_IN_DIALPLAN])
@pytest.mark.parametrize(
    "section",
    [
        'extensions: {"201": {name: TEXT}}',
        "departments: {sales: {caller_prefix: TEXT}}",
        "pause_reasons: {1: TEXT}",
    ],
)
def test_a_text_of_the_dialplan_that_would_be_more_is_an_error(
    tmp_path: Path, section: str, text: str
) -> None:
    found = told(tmp_path, MINIMAL + section.replace("TEXT", text) + "\n")

    assert "unsafe-text" in codes(found)
    assert all(line.startswith("center.yaml:6:") for line in found)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("section", ["departments: {sales: {name: TEXT}}", "name: TEXT"])
def test_a_shown_text_that_would_be_more_is_an_error(
    tmp_path: Path, section: str, text: str
) -> None:
    center = MINIMAL.replace("name: Acme\n", "") if section.startswith("name") else MINIMAL

    assert "unsafe-text" in codes(told(tmp_path, center + section.replace("TEXT", text) + "\n"))


@pytest.mark.parametrize("name", ["Анна Иванова", "ชัย สุวรรณ", "O'Brien-Łódź", "Anna + Boris & Co."])
def test_a_name_in_any_script_passes(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, f'{MINIMAL}extensions: {{"201": {{name: "{name}"}}}}\n') == []


def trunk(tmp_path: Path, trunk: str) -> list[str]:
    text = MINIMAL.replace("{other", '{"+74950000001": {menu: main}, other')
    return codes(told(tmp_path, f"{text}trunks: {{carrier: {{{trunk}}}}}\n"))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "'127.0.0.2:5090'", "'[::1]:5060'", "'::1'", "'[::1]'"],
)
def test_a_trunk_has_an_address_and_may_have_a_port(tmp_path: Path, host: str) -> None:
    assert trunk(tmp_path, f"host: {host}") == []


@pytest.mark.parametrize("host", ["sip.example.com", "'sip.example.com:5060'"])
def test_a_trunk_by_name_is_recognised_by_addresses(tmp_path: Path, host: str) -> None:
    assert trunk(tmp_path / "a", f"host: {host}") == ["host-name"]
    assert trunk(tmp_path / "b", f"host: {host}, accept_from: [127.0.0.2, 10.0.0.0/8]") == []
    assert trunk(tmp_path / "c", f"host: {host}, accept_from: [sip.example.com]") == ["host-name"]


@pytest.mark.parametrize(
    "host",
    [
        "'sip.example.com:99999'",
        "'sip.example.com:'",
        "'sip example com'",
        "'a;b'",
        '"a\\nb"',
        "'sip:a@b'",
        "''",
        "'a/b'",
        "'${SHELL(id)}'",
        "'127.0.0.2\\;transport=tcp'",
    ],
)
def test_what_is_no_host_is_an_error(tmp_path: Path, host: str) -> None:
    host = host.replace("${", "$${")

    assert "bad-host" in trunk(tmp_path / "a", f"host: {host}")
    assert "bad-host" in trunk(tmp_path / "b", f"host: 127.0.0.2, accept_from: [{host}]")


@pytest.mark.parametrize("user", ["'a b'", "'a;b'", '"a\\nb"', "''", "'a<b>'"])
def test_a_user_that_would_be_more_is_an_error(tmp_path: Path, user: str) -> None:
    secret = "secret: Kd83-anna-fw2Lq"

    assert trunk(tmp_path / "a", f"host: 127.0.0.2, user: {user}, {secret}") == ["unsafe-text"]
    registered = f"host: 127.0.0.2, register: {{user: {user}, {secret}}}"
    assert trunk(tmp_path / "b", registered) == ["unsafe-text"]


@pytest.mark.parametrize("station", ["офис", "0123456789012345678901", "a", '"1\\n2"', "'1;2'"])
def test_what_a_fax_machine_cannot_show_is_an_error(tmp_path: Path, station: str) -> None:
    text = MINIMAL + f"fax: {{office: {{station_id: {station}}}}}\n"

    assert "unsafe-text" in codes(told(tmp_path, text))
