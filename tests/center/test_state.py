"""The state directory: what `run` notes for the commands."""

from pathlib import Path

from center.state import State


def test_what_keeps_letters_from_arriving_is_noted_until_it_is_over(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.mail_trouble() == ""
    state.note_mail_trouble("mail fails: “нет связи”")
    assert state.mail_trouble() == "mail fails: “нет связи”"
    state.note_mail_trouble("")
    assert state.mail_trouble() == ""


def test_a_note_that_cannot_be_read_stops_no_command(tmp_path: Path) -> None:
    (tmp_path / "mail.trouble").mkdir()
    assert State(tmp_path).mail_trouble() == ""
