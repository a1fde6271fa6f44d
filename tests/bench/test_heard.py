"""What the benchmark reads out of CEL."""

from pathlib import Path

import pytest

from bench.stand.heard import CelFile


def record(at: float, event: str, call: str, extra: str = "") -> str:
    fields = [f"{at:.6f}", event, event, call, call, "PJSIP/carrier-1", "ask", "s", "", "", "", ""]
    return ",".join(f'"{field}"' for field in [*fields, "", extra.replace('"', '""')]) + "\n"


def sound(at: float, call: str, name: str) -> str:
    return record(at, "STREAM_BEGIN", call, f'{{"sound":"{name}"}}')


def test_a_wait_is_from_a_key_to_the_next_sound_of_the_same_call(tmp_path: Path) -> None:
    cel = tmp_path / "cel.csv"
    cel.write_text(
        sound(1.0, "a", "sb/main")
        + record(2.0, "DTMF", "a")
        + sound(2.5, "b", "sb/main")
        + sound(2.7, "a", "sb/goodbye")
        + sound(9.0, "a", "sb/again")
    )
    heard = CelFile(cel).heard("sb/goodbye")
    assert heard.goodbyes == 1
    assert heard.key_to_sound_seconds == pytest.approx([0.7])


def test_the_next_turn_does_not_hear_the_last_one_again(tmp_path: Path) -> None:
    cel = tmp_path / "cel.csv"
    cel.write_text(sound(1.0, "a", "sb/goodbye"))
    reader = CelFile(cel)
    assert reader.heard("sb/goodbye").goodbyes == 1
    with cel.open("a") as file:
        file.write(sound(2.0, "b", "sb/goodbye") + sound(3.0, "c", "sb/goodbye"))
    assert reader.heard("sb/goodbye").goodbyes == 2
