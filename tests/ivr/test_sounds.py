"""Switchboard's own words and Asterisk's, in every language; and music."""

import wave
from pathlib import Path

import pytest

from ivr import sounds
from ivr.prompts import Made
from ivr.sounds import (
    lay_out_core_sounds,
    lay_out_music,
    music,
    prune,
    spoken_in_english,
    system_text,
    system_texts,
)
from tests.ivr.conftest import Studio

LANGUAGES = [path.stem for path in sorted(sounds.TEXTS.glob("*.yaml"))]
WHOLE = ["de", "pt", "th"]  # languages that Debian has no recordings of

# What the applications play whatever the language: apps/app_queue.c, apps/app_voicemail.c,
# bridges/bridge_builtin_features.c, res/parking and main/say.c of 22.10.1.
QUEUE = (
    "youarenext thereare callswaiting quantity1 quantity2 holdtime minute minutes seconds thankyou "
    "periodic-announce reporthold"
)
VOICEMAIL = (
    "intro theperson isonphone isunavail extension mailboxfull login password incorrect "
    "incorrect-mailbox newuser newpassword reenterpassword passchanged mismatch "
    "invalid-password pls-try-again youhave no and INBOX Old Urgent Work Family Friends Cust1 "
    "Cust2 Cust3 Cust4 Cust5 message messages onefor onefor-full opts opts-full prev repeat next "
    "delete undelete deleted undeleted toforward savemessage savefolder savedto changeto press "
    "for tocancel nomore helpexit starmain advopts toreply tocallback tohearenv tomakecall "
    "leavemsg first last received from from-extension from-phonenumber unknown-caller duration "
    "minutes forward forwardoptions record-prepend msgforwarded nobox num-i-have tocallnum "
    "calldiffnum nonumber toenternumber enter-num-to-call then-pound star-cancel dialout "
    "options rec-name rec-unv rec-busy rec-temp tmpexists tempgreeting tempgreeting2 "
    "tempgreetactive tempremoved review review-urgent review-nonurgent marked-urgent "
    "marked-nonurgent saveoper msgsaved torerecord reachoper tocancelmsg tooshort nothingrecorded "
    "speakup sorry goodbye whichbox"
)
OTHERS = "pbx-invalid pbx-invalidpark pbx-parkingfailed pbx-transfer auth-thankyou minute minutes"
COUNTED = [*range(21), *range(30, 100, 10)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_switchboard_says_the_same_things_in_every_language(language: str) -> None:
    def own(spoken: str) -> set[str]:
        return {name for name in system_texts(spoken) if name.startswith("sb/")}

    assert own(language) == own("en")
    assert all(system_text(language, name.removeprefix("sb/")).strip() for name in own(language))


@pytest.mark.parametrize("language", WHOLE)
def test_a_language_without_recordings_has_all_that_asterisk_says(language: str) -> None:
    wanted = {f"queue-{name}" for name in QUEUE.split()}
    wanted |= {f"vm-{name}" for name in VOICEMAIL.split()} | set(OTHERS.split())
    wanted |= {f"digits/{number}" for number in COUNTED}
    wanted |= {f"digits/day-{day}" for day in range(7)}
    wanted |= {f"digits/mon-{month}" for month in range(12)}
    wanted |= {f"digits/{name}" for name in ("at", "today", "yesterday")}
    assert wanted - set(system_texts(language)) == set()


def test_a_dialect_speaks_the_words_of_its_language() -> None:
    assert system_text("pt-br", "goodbye") == system_text("pt_BR", "goodbye") == "Até logo."


def test_a_language_nobody_wrote_words_for_hears_english(tmp_path: Path) -> None:
    installed = {"en": tmp_path, "ru": tmp_path}
    assert system_text("pl", "goodbye") == "Goodbye."
    assert spoken_in_english(installed, ["ru", "en", "th", "pl", "es", "pt-br"]) == ("pl", "es")


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small tables in place of ours: English and `xx`."""
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "en.yaml").write_text('sb/goodbye: "Bye."\nspeak-up: "Louder."\n')
    (folder / "xx.yaml").write_text('sb/goodbye: "Xyx."\ndigits/1: "one"\nvm-no: "no"\nrest: ""\n')
    monkeypatch.setattr(sounds, "TEXTS", folder)
    system_texts.cache_clear()
    return folder


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, Path]:
    """Recordings of Asterisk: English, and for `xx` all that its table has but one."""
    names = {"en": ["beep", "silence/1", "speak-up"], "xx": ["digits/1", "digits/2"]}
    for language, recorded in names.items():
        for name in recorded:
            path = tmp_path / "recorded" / language / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(path), "wb") as wav:
                wav.setparams((1, 2, 8000, 0, "NONE", ""))
                wav.writeframes(bytes(1600))
    return {language: tmp_path / "recorded" / language for language in names}


async def _laid_out(
    studio: Studio, installed: dict[str, Path], *languages: str
) -> tuple[Made, set[str]]:
    into = studio.directory / "into"
    made = await lay_out_core_sounds(installed, languages, studio.maker, into)
    return made, {str(file.relative_to(into)) for file in into.rglob("*.wav")}


async def test_recordings_are_linked_and_only_what_they_lack_is_spoken(
    studio: Studio, installed: dict[str, Path], words: Path
) -> None:
    studio = studio.counting()
    _, names = await _laid_out(studio, installed, "xx")
    assert sorted(studio.spoken()) == ["xx: Xyx.", "xx: no"]
    english = {"en/beep.wav", "en/silence/1.wav", "en/speak-up.wav"}
    in_xx = {"digits/1", "digits/2", "vm-no", "sb/goodbye", "rest"}
    assert names == english | {f"xx/{name}.wav" for name in in_xx}
    into = studio.directory / "into/xx"
    assert (into / "digits/1.wav").samefile(installed["xx"] / "digits/1.wav")
    assert (into / "rest.wav").samefile(installed["en"] / "silence/1.wav")
    assert (into / "vm-no.wav16").is_file()


async def test_laying_out_again_touches_nothing(
    studio: Studio, installed: dict[str, Path], words: Path
) -> None:
    studio = studio.counting()
    await _laid_out(studio, installed, "xx", "en")
    into = studio.directory / "into"
    before = {file: (file.lstat().st_ino, file.lstat().st_mtime_ns) for file in into.rglob("*")}
    await _laid_out(studio, installed, "xx", "en")
    after = {file: (file.lstat().st_ino, file.lstat().st_mtime_ns) for file in into.rglob("*")}
    assert after == before


async def test_english_is_spoken_where_a_language_falls_back_to_it(
    studio: Studio, installed: dict[str, Path], words: Path
) -> None:
    studio = studio.counting()
    _, names = await _laid_out(studio, installed, "pl")
    assert studio.spoken() == ["robot: Bye."]
    assert "en/sb/goodbye.wav" in names


async def test_recordings_installed_later_take_the_place_of_speech(
    studio: Studio, installed: dict[str, Path], words: Path
) -> None:
    studio = studio.counting()
    await _laid_out(studio, {"en": installed["en"]}, "xx")
    await _laid_out(studio, installed, "xx")
    one = studio.directory / "into/xx/digits/1.wav"
    assert one.samefile(installed["xx"] / "digits/1.wav")
    assert not one.with_suffix(".wav16").exists()


async def test_words_that_cannot_be_spoken_are_told(
    studio: Studio, installed: dict[str, Path], words: Path
) -> None:
    made, names = await _laid_out(studio, installed, "xx")
    assert set(made.problems.values()) == {"espeak-ng has no voice “xx”"}
    assert "xx/vm-no.wav" not in names and "xx/digits/1.wav" in names


async def test_music_is_laid_out_in_the_order_of_its_names(studio: Studio) -> None:
    studio.tone("music/office/b.mp3", 2)
    studio.tone("music/office/a song.flac", 1)
    (studio.sounds / "music/office/.hidden").write_text("")
    pieces = music(studio.sounds, "office")
    assert [piece.parts[0].file for piece in pieces.values()] == [
        "music/office/a song.flac",
        "music/office/b.mp3",
    ]
    await studio.maker.make(pieces.values())
    into = studio.directory / "moh"
    lay_out_music(pieces, studio.maker, into)
    names = {"000.wav", "000.wav16", "001.wav", "001.wav16"}
    assert {file.name for file in into.iterdir()} == names
    (studio.sounds / "music/office/b.mp3").unlink()
    lay_out_music(music(studio.sounds, "office"), studio.maker, into)
    assert {file.name for file in into.iterdir()} == {"000.wav", "000.wav16"}


def test_pruning_keeps_what_is_played_and_switchboards_own_words(tmp_path: Path) -> None:
    for name in ("ru/sb/main-17", "ru/sb/main-16", "ru/sb/goodbye", "ru/vm-intro"):
        for ending in (".wav", ".wav16"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / f"{name}{ending}").touch()
    prune(tmp_path, ["main-17"])
    left = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.wav")}
    assert left == {"ru/sb/main-17.wav", "ru/sb/goodbye.wav", "ru/vm-intro.wav"}
    assert not (tmp_path / "ru/sb/main-16.wav16").exists()
