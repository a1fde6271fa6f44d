import shutil
import wave
from pathlib import Path

import pytest

from tests.centers import EXAMPLE, GROUND, MENU, MINIMAL, codes, told_of, write_center

BOTH = GROUND + "languages: [en, ru]\nnumbers: {other: {menu: main}}\n"


def center_with(tmp_path: Path, prompt: str, center: str = MINIMAL) -> Path:
    """A center whose first menu has this prompt, and an empty `sounds/`."""
    menu = f"prompt: {prompt}\notherwise: {{reject: busy}}\n"
    directory = write_center(tmp_path / "center", center, {"main": menu})
    (directory / "sounds").mkdir()
    return directory


def record(path: Path, frames: int = 8000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as recording:
        recording.setparams((1, 2, 8000, frames, "NONE", ""))
        recording.writeframes(b"\0\0" * frames)


def test_a_prompt_that_lacks_a_language_is_a_warning(tmp_path: Path) -> None:
    assert told_of(center_with(tmp_path, "{en: {say: Welcome}}", BOTH)) == [
        "menus/main.yaml:1:10: warning: this prompt has no ru: callers hear another language"
        " [missing-language]"
    ]


def test_a_prompt_for_all_languages_lacks_none(tmp_path: Path) -> None:
    directory = center_with(tmp_path, "{file: hello.wav}", BOTH)
    record(directory / "sounds" / "hello.wav")

    assert told_of(directory) == []


@pytest.mark.parametrize("place", ["short_prompt", "announce", "goodbye", "greeting"])
def test_every_kind_of_prompt_is_looked_at(tmp_path: Path, place: str) -> None:
    center, menu = BOTH, "prompt: {en: {say: Hi}, ru: {say: Да}}\notherwise: {reject: busy}\n"
    prompt = "{en: {say: Hi}}"
    if place == "short_prompt":
        menu += f"short_prompt: {prompt}\n"
    elif place == "greeting":
        center += f"voicemail: {{sales: {{pin: 83014, greeting: {prompt}}}}}\n"
    else:
        route = (
            f"{{goodbye: {prompt}}}"
            if place == "goodbye"
            else f"{{menu: main, announce: {prompt}}}"
        )
        menu += f"keys: {{1: {route}}}\n"

    assert codes(told_of(write_center(tmp_path / "center", center, {"main": menu}))) == [
        "missing-language"
    ]


def test_a_language_that_the_center_does_not_speak_is_an_error(tmp_path: Path) -> None:
    directory = center_with(tmp_path, "{en: {say: Welcome}, fr: {say: Bonjour}}")

    assert "unknown-name" in codes(told_of(directory))


@pytest.mark.parametrize(
    "name", ["away.wav", "../center.yaml", "/etc/passwd", "music", "a/../../center.yaml", '"a\\0b"']
)
def test_a_recording_that_is_not_in_sounds_is_an_error(tmp_path: Path, name: str) -> None:
    directory = center_with(tmp_path, f"{{file: {name}}}")
    (directory / "sounds" / "music").mkdir()
    (problem,) = told_of(directory)

    assert problem.startswith("menus/main.yaml:1:16: error: ")
    assert problem.endswith("[unreadable-prompt]")


def test_a_link_out_of_sounds_is_not_followed(tmp_path: Path) -> None:
    record(tmp_path / "outside.wav")
    directory = center_with(tmp_path, "{file: link.wav}")
    (directory / "sounds" / "link.wav").symlink_to(tmp_path / "outside.wav")

    assert codes(told_of(directory)) == ["unreadable-prompt"]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 100])
def test_a_file_that_is_no_sound_is_an_error(tmp_path: Path, content: bytes) -> None:
    directory = center_with(tmp_path, "{file: hello.wav}")
    (directory / "sounds" / "hello.wav").write_bytes(content)

    assert codes(told_of(directory)) == ["unreadable-prompt"]


def test_a_text_without_a_word_is_an_error(tmp_path: Path) -> None:
    assert codes(told_of(center_with(tmp_path, "{say: '...'}"))) == ["unreadable-prompt"]


def test_a_voice_that_the_engine_does_not_have_is_an_error(tmp_path: Path) -> None:
    directory = center_with(tmp_path, "{say: Welcome}", MINIMAL + "speech: {voices: {en: xx}}\n")

    assert codes(told_of(directory)) == ["unreadable-prompt"]


def test_a_missing_voice_is_told_once_not_for_every_prompt(tmp_path: Path) -> None:
    menus = {"main": MENU + "keys: {1: {menu: a}}\n", "a": MENU}
    text = MINIMAL + "speech: {voices: {en: xx}}\n"

    assert codes(told_of(write_center(tmp_path, text, menus))) == ["unreadable-prompt"]


def music(tmp_path: Path, name: str = "office") -> Path:
    text = (
        'extensions: {"201": {}}\n'
        'departments: {sales: {extension: "501", members: ["201"], otherwise: {reject: busy},'
        f" music: {name}}}}}\n"
    )
    return write_center(tmp_path / "center", MINIMAL + text, {"main": MENU})


def test_music_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert codes(told_of(music(tmp_path))) == ["unknown-name"]


def test_a_folder_without_music_is_an_error(tmp_path: Path) -> None:
    directory = music(tmp_path)
    (directory / "sounds" / "music" / "office").mkdir(parents=True)

    assert codes(told_of(directory)) == ["no-music"]


def test_music_that_is_there_passes(tmp_path: Path) -> None:
    directory = music(tmp_path)
    record(directory / "sounds" / "music" / "office" / "hold.wav")

    assert told_of(directory) == []


@pytest.mark.parametrize("name", ["../../etc", "'.'", "a/b"])
def test_music_lies_in_a_folder_of_sounds_music(tmp_path: Path, name: str) -> None:
    assert "bad-name" in codes(told_of(music(tmp_path, name)))


def test_the_recordings_of_the_example_are_needed(tmp_path: Path) -> None:
    directory = tmp_path / "example"
    shutil.copytree(EXAMPLE, directory)
    (directory / "sounds" / "support-ru.wav").unlink()

    assert told_of(directory) == [
        "menus/support.yaml:2:14: error: there is no file sounds/support-ru.wav; "
        "put it there, or write {say: TEXT} [unreadable-prompt]"
    ]
