"""A rendered file is read back with pyst2 before Asterisk reads it."""

from pathlib import Path

import pytest

from switchboard.pbx.readback import ConfigUnreadable, read_back, verify

PLAIN = """\
; ---- written for a test
[general]
bindaddr = 127.0.0.1

[201]
type = endpoint
callerid = "Анна = Ivanova" <201>
contact = sip:host\\;transport=tcp
empty =
[201]
type => aor
\tmatch=10.0.0.1
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "pjsip.conf"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plain_file_says_what_was_written(tmp_path: Path) -> None:
    assert read_back(write(tmp_path, PLAIN)) == {
        "general": [("bindaddr", "127.0.0.1")],
        "201": [
            ("type", "endpoint"),
            ("callerid", '"Анна = Ivanova" <201>'),
            ("contact", "sip:host;transport=tcp"),
            ("empty", ""),
            ("type", "aor"),
            ("match", "10.0.0.1"),
        ],
    }


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[a]\nname = Anna; the boss", 2, "semicolon"),
        ("[a]\n\nno value", 3, "name = value"),
        ("[a](template)\nx = y", 1, "category definition"),
        ("[a\nx = y", 1, "category definition"),
        ("a]\nx = y", 1, r"missing '\['"),
        ("[a]\n#include b.conf", 2, "name = value"),
        ("x = y\n[a]", 1, "before the first section"),
        ("[a]\n;-- cut\nx = y", 2, "comments out"),
        ("[a]\nx = a\x07b", 2, "control character"),
        ("[a]\nx = a\x85b", 2, "control character"),
        ("[a]\nx = " + "y" * 8200, 2, "longer than"),
    ],
)
def test_what_asterisk_would_read_otherwise_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigUnreadable, match=f"(?i){reason}") as raised:
        verify(path)
    assert raised.value.line == line
    assert str(raised.value).startswith(f"{path}:{line}: ")


def test_a_file_that_cannot_be_read_is_told_without_a_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable, match="No such file") as raised:
        verify(tmp_path / "gone.conf")
    assert raised.value.line == 0
    broken = tmp_path / "broken.conf"
    broken.write_bytes(b"[a]\nx = \xff\n")
    with pytest.raises(ConfigUnreadable, match="utf-8"):
        read_back(broken)
