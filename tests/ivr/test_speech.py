"""Text to speech: what is spoken, by which voice, and what is told when it cannot be."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.audio import wav_seconds
from ivr.section import Speech
from ivr.speech import Voices, spoken_text
from switchboard.convert import ConversionFailed, convert
from switchboard.yamltext import Text
from tests.ivr.conftest import Studio


async def _seconds(voices: Voices, text: str, directory: Path, language: str = "en") -> float:
    """How long espeak-ng speaks a text that came through our hands."""
    seconds = wav_seconds(await voices.speak(text, language, directory / "spoken.wav"))
    assert seconds
    return seconds


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Welcome to Acme."),
        ("ru", "Здравствуйте! Это компания Акме."),
        ("th", "ขอบคุณที่รอสายค่ะ"),
        ("pt", "Obrigado pela sua paciência."),
        ("de", "Vielen Dank für Ihre Geduld."),
        ("es", "Gracias por su paciencia."),
    ],
)
async def test_each_language_is_spoken_by_its_voice(
    studio: Studio, language: str, text: str
) -> None:
    assert studio.voices.problem(language) is None
    assert 0.5 < await _seconds(studio.voices, text, studio.directory, language) < 5


@pytest.mark.parametrize("text", ["-v ru", "--help", "-f /etc/passwd"])
async def test_a_text_that_looks_like_an_option_is_spoken(studio: Studio, text: str) -> None:
    as_words = await _seconds(studio.voices, text.lstrip("-"), studio.directory)
    assert await _seconds(studio.voices, text, studio.directory) == pytest.approx(as_words, abs=1)


async def test_phonemes_in_brackets_are_text(studio: Studio) -> None:
    raw, script = studio.directory / "raw.wav", studio.directory / "raw.txt"
    script.write_text("[[h@l'oU]]")
    argv = ["espeak-ng", "-f", str(script), "-w", str(raw)]
    await convert(argv, seconds=10, directory=studio.directory)
    as_phonemes = wav_seconds(raw)
    assert as_phonemes
    assert await _seconds(studio.voices, "[[h@l'oU]]", studio.directory) > 2 * as_phonemes


async def test_tags_are_text(studio: Studio) -> None:
    plain = await _seconds(studio.voices, "hello", studio.directory)
    tagged = await _seconds(studio.voices, "<speak><p>hello</p></speak>", studio.directory)
    assert tagged > 2 * plain


def test_control_characters_are_no_commands_to_the_engine() -> None:
    assert spoken_text("fast \x01200S talk\r\n\x00 now") == "fast 200S talk now"
    assert spoken_text("[[[x]]") == "[ [ [x]]"


async def test_an_unknown_voice_is_told_by_its_name(tmp_path: Path) -> None:
    voices = Voices(Speech(voices={Text("ru"): Text("nobody")}), tmp_path)
    assert voices.problem("ru") == "espeak-ng has no voice “nobody”"
    with pytest.raises(ConversionFailed, match="nobody"):
        await voices.speak("привет", "ru", tmp_path / "spoken.wav")


def test_a_voice_is_asked_for_only_once(
    studio: Studio, without_programs: Callable[[], Path]
) -> None:
    assert studio.voices.problem("ru") is None
    without_programs()
    assert studio.voices.problem("ru") is None
    assert studio.voices.problem("en") == "espeak-ng is not installed"


async def test_piper_gets_its_model_file_and_the_text_as_input(
    tmp_path: Path, without_programs: Callable[[], Path]
) -> None:
    engine = Speech(engine="piper", voices={Text("ru"): Text("voices/irina.onnx")})
    programs = without_programs()
    assert Voices(engine, tmp_path).problem("ru") == "piper is not installed"
    piper = programs / "piper"
    piper.write_text(f"#!{sys.executable}\nimport sys\nopen(sys.argv[4], 'w').write(sys.argv[2])\n")
    piper.chmod(0o755)
    assert Voices(engine, tmp_path).problem("ru") == "there is no voice file voices/irina.onnx"
    assert "no voice file for “en”" in str(Voices(engine, tmp_path).problem("en"))


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ((), "no `command`"),
        (("say", "{text_file}"), "has no {wav}"),
        (("say", "{wav}"), "has no {text_file}"),
        (("./no-such", "{wav}", "{text_file}"), "./no-such is not installed"),
    ],
)
def test_a_command_that_cannot_work_is_told(
    tmp_path: Path, command: tuple[str, ...], problem: str
) -> None:
    engine = Speech(engine="command", command=tuple(Text(word) for word in command))
    assert problem in str(Voices(engine, tmp_path).problem("en"))


async def test_a_command_gets_text_voice_and_file_and_may_write_any_format(
    tmp_path: Path,
) -> None:
    (tmp_path / "tts").write_text(
        f"#!{sys.executable}\nimport subprocess, sys\n"
        "open(sys.argv[4], 'w').write(sys.argv[1] + open(sys.argv[2]).read())\n"
        "subprocess.run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=2',"
        " '-f', 'mp3', sys.argv[3]], check=True)\n"
    )
    (tmp_path / "tts").chmod(0o755)
    words = ["./tts", "{voice} in {language}: ", "{text_file}", "{wav}", str(tmp_path / "told")]
    engine = Speech(engine="command", command=tuple(Text(word) for word in words))
    assert await _seconds(Voices(engine, tmp_path), "-{voice}-", tmp_path) > 1.9
    assert (tmp_path / "told").read_text() == "en in en: -{voice}-"


async def test_an_engine_that_writes_nothing_is_told(tmp_path: Path) -> None:
    words = (Text("true"), Text("{text_file}"), Text("{wav}"))
    voices = Voices(Speech(engine="command", command=words), tmp_path)
    with pytest.raises(ConversionFailed, match="true wrote no sound"):
        await voices.speak("hello", "en", tmp_path / "spoken.wav")
