"""A telephone is told its account: in one line, as a QR code, as a file of its maker."""

import configparser
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from center.load import load_center
from center.provision import FILES, Account, NoServer, NoSuchExtension, account_of, qr_code
from center.secrets import read_secrets
from center.state import State
from switchboard.problems import Problems
from tests.centers import MINIMAL, write_center

EXTENSIONS = 'extensions: {"201": {name: "Anna & Co", secret: "Kd83-anna<fw2Lq"}}\n'


def account(
    tmp_path: Path, text: str = "", number: str = "201", server: str | None = None
) -> Account:
    directory = write_center(tmp_path / "center", MINIMAL + EXTENSIONS + text)
    center = load_center(directory, Problems(), {})
    assert center is not None
    return account_of(center, read_secrets(center, State(tmp_path / "state")), number, server)


def test_the_account_says_where_and_how_to_sign_in(tmp_path: Path) -> None:
    assert account(tmp_path).uri == "sip:201:Kd83-anna<fw2Lq@127.0.0.1:5060;transport=udp"
    outside = 'listen: {sip: "0.0.0.0:5070", external: 203.0.113.7}\n'
    assert account(tmp_path, outside).server == "203.0.113.7:5070"
    everywhere = 'listen: {sip: "0.0.0.0:5070"}\n'
    with pytest.raises(NoServer):
        account(tmp_path, everywhere)
    assert (
        account(tmp_path, everywhere, server="pbx.acme.example").server == "pbx.acme.example:5070"
    )
    with pytest.raises(NoSuchExtension):
        account(tmp_path, number="299")


def test_the_files_hold_the_account_whatever_signs_it_has(tmp_path: Path) -> None:
    one = account(tmp_path)
    tree = ElementTree.fromstring(FILES["linphone"](one))  # noqa: S314 - our own
    entries = {entry.get("name"): entry.text for entry in tree.iter()}
    assert entries["passwd"] == "Kd83-anna<fw2Lq"
    assert entries["reg_identity"] == '"Anna & Co" <sip:201@127.0.0.1>'
    told = configparser.RawConfigParser(delimiters=("=",))
    told.read_string("[phone]\n" + FILES["yealink"](one).partition("\n")[2])
    assert told["phone"]["account.1.password"] == "Kd83-anna<fw2Lq"
    assert told["phone"]["account.1.sip_server.1.port"] == "5060"


def test_the_code_is_square_and_the_command_prints_it(tmp_path: Path) -> None:
    one = account(tmp_path)
    rows = qr_code(one).splitlines()
    assert len(rows) > 15
    place = ["--center", str(tmp_path / "center"), "--state", str(tmp_path / "state")]
    words = ["phone", "201", "--for", "yealink", "-o", str(tmp_path / "201.cfg")]
    done = subprocess.run(
        [sys.executable, "-m", "console.main", *place, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Kd83-anna<fw2Lq" in done.stdout and "█" in done.stdout
    assert (tmp_path / "201.cfg").read_text() == FILES["yealink"](one)
    assert (tmp_path / "201.cfg").stat().st_mode & 0o777 == 0o600
