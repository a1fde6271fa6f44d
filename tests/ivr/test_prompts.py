"""Prompts as a caller hears them: loudness, silence, joining; and the cache they are kept in."""

import array
import asyncio
import json
import math
import os
import re
import subprocess
import sys
import time
import wave
from contextlib import suppress
from pathlib import Path

import pytest

from ivr.audio import MUSIC
from ivr.prompts import PromptMaker, Sound, lay_out
from ivr.recordings import Recordings
from ivr.section import Speech
from ivr.speech import Voices
from switchboard.prompt import Part
from switchboard.yamltext import Text
from tests.ivr.conftest import Studio, play, say
from tests.until import until


def _measured(file: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and the highest sample in dBFS, by ffmpeg's ebur128."""
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(file)]
    argv += ["-af", "ebur128=peak=sample:framelog=verbose", "-f", "null", "-"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    loudness, peak = (re.findall(rf"{name}:\s+(\S+)", said)[-1] for name in ("I", "Peak"))
    return float(loudness), float(peak)


def _loudness_db(file: Path, start: float, end: float) -> float:
    """The level (RMS) of a stretch of a WAV, in dBFS."""
    with wave.open(str(file)) as wav:
        rate = wav.getframerate()
        samples = array.array("h", wav.readframes(wav.getnframes()))
    stretch = samples[int(start * rate) : int(end * rate)]
    power = sum(sample * sample for sample in stretch) / len(stretch)
    return 10 * math.log10(max(power, 1e-9)) - 20 * math.log10(32768)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, dict[str, Sound]]:
    """Sounds of every kind, made once."""
    studio = Studio(tmp_path_factory.mktemp("gallery"))
    studio.tone("quiet.wav", 3, volume_db=-25)
    studio.tone("loud.flac", 3, volume_db=18)
    studio.tone("short.wav", 0.15)
    voice = studio.directory / "voice.wav"
    text = "Здравствуйте! Отдел продаж: нажмите один."
    subprocess.run(["espeak-ng", "-v", "ru", "-w", str(voice), text], check=True)
    studio.record("voice.mp3", "-i", str(voice), "-ac", "2", "-ar", "44100", "-af", "volume=-9dB")
    pieces = [Part(file=Text("loud.flac")), Part(say=Text("Press one.")), Part(say=Text("Now."))]
    sounds = {
        "english": say("Welcome to Acme. For sales press one. For support press two."),
        "russian": say("Здравствуйте! Это компания Акме. Отдел продаж: нажмите один.", "ru"),
        "thai": say("ขอบคุณที่รอสายค่ะ", "th"),
        "one word": say("один", "ru"),
        "quiet recording": play("quiet.wav"),
        "loud recording": play("loud.flac"),
        "stereo mp3": play("voice.mp3"),
        "several parts": Sound("en", tuple(pieces)),
    }
    made = asyncio.run(studio.maker.make([*sounds.values(), play("short.wav")]))
    assert made.problems == {}
    return studio, {**sounds, "very short": play("short.wav")}


KINDS = "english russian thai one~word quiet~recording loud~recording stereo~mp3 several~parts"


@pytest.mark.parametrize("kind", [kind.replace("~", " ") for kind in KINDS.split()])
def test_every_prompt_is_as_loud_as_asterisks_own(
    gallery: tuple[Studio, dict[str, Sound]], kind: str
) -> None:
    # the prompts of Asterisk measure -19 LUFS with peaks at -3 dBFS
    studio, sounds = gallery
    for file in studio.maker.files(sounds[kind]):
        loudness, peak = _measured(file)
        assert loudness == pytest.approx(-19, abs=0.7)
        assert peak <= -3


def test_a_sound_too_short_for_a_loudness_is_near_it(
    gallery: tuple[Studio, dict[str, Sound]],
) -> None:
    studio, sounds = gallery
    narrow, _ = studio.maker.files(sounds["very short"])
    assert _loudness_db(narrow, 0.12, 0.22) == pytest.approx(-19, abs=3)


def test_both_rates_are_plain_mono_and_equally_long(
    gallery: tuple[Studio, dict[str, Sound]],
) -> None:
    studio, sounds = gallery
    for sound in sounds.values():
        lengths = []
        for file, rate in zip(studio.maker.files(sound), (8000, 16000), strict=True):
            with wave.open(str(file)) as wav:
                shape = (wav.getnchannels(), wav.getsampwidth(), wav.getframerate())
                lengths.append(wav.getnframes() / rate)
            assert shape == (1, 2, rate)
        assert lengths[0] == pytest.approx(lengths[1], abs=0.01)


async def test_silence_around_a_recording_is_cut_to_a_tenth_of_a_second(studio: Studio) -> None:
    source = "sine=frequency=440:duration=1"
    pad = "adelay=2000,apad=pad_dur=3"
    studio.record("padded.wav", "-f", "lavfi", "-i", source, "-af", pad)
    made = await studio.maker.make([play("padded.wav")])
    assert made.seconds[play("padded.wav")] == pytest.approx(1.2, abs=0.05)
    narrow, _ = studio.maker.files(play("padded.wav"))
    assert _loudness_db(narrow, 0, 0.08) < -50 < -25 < _loudness_db(narrow, 0.12, 0.2)


async def test_parts_of_one_prompt_are_equally_loud(studio: Studio) -> None:
    studio.tone("loud.wav", 2, volume_db=15)
    studio.tone("quiet.wav", 2, volume_db=-15)
    both = play("loud.wav", "quiet.wav")
    made = await studio.maker.make([both])
    assert made.seconds[both] == pytest.approx(0.1 + 2 + 0.25 + 2 + 0.1, abs=0.05)
    narrow, _ = studio.maker.files(both)
    assert _loudness_db(narrow, 0.5, 1.5) == pytest.approx(_loudness_db(narrow, 3, 4), abs=1)


async def test_music_is_lower_than_speech_and_keeps_its_silence(studio: Studio) -> None:
    source = "sine=frequency=440:duration=4"
    studio.record("music/a/x.ogg", "-f", "lavfi", "-i", source, "-af", "adelay=1000")
    piece = Sound("", (Part(file=Text("music/a/x.ogg")),), MUSIC)
    made = await studio.maker.make([piece])
    assert made.seconds[piece] == pytest.approx(5, abs=0.1)
    loudness, _ = _measured(studio.maker.files(piece)[0])
    assert loudness == pytest.approx(-23, abs=0.7)


async def test_what_was_made_is_never_made_again(studio: Studio) -> None:
    studio = studio.counting()
    studio.tone("tone.wav", 1)
    wanted = [say("one"), say("two"), play("tone.wav")]
    first = await studio.maker.make(wanted)
    assert sorted(studio.spoken()) == ["robot: one", "robot: two"]
    before = {file: file.stat().st_mtime_ns for file in studio.cache.iterdir()}
    again = await studio.counting().maker.make(wanted)
    assert again == first
    assert len(studio.spoken()) == 2
    assert {file: file.stat().st_mtime_ns for file in studio.cache.iterdir()} == before


async def test_equal_prompts_are_made_once(studio: Studio) -> None:
    studio = studio.counting()
    alike = [say("one two"), say(" one\n  two "), say("one two")]
    made = await studio.maker.make(alike)
    assert studio.spoken() == ["robot: one two"]
    assert len(set(made.seconds.values())) == 1 and set(made.seconds) == set(alike)


def test_the_key_changes_with_all_that_is_heard_and_with_nothing_else(studio: Studio) -> None:
    studio.tone("a.wav", 1)
    studio.tone("b.wav", 1)
    key = studio.maker.key
    assert key(play("a.wav")) == key(play("b.wav"))
    assert len({key(say("a")), key(say("b")), key(say("a", "ru")), key(play("a.wav"))}) == 4
    assert key(say("a")) != studio.counting().maker.key(say("a"))
    assert studio.counting(voice="x").maker.key(say("a")) != studio.counting().maker.key(say("a"))
    before = key(play("a.wav"))
    studio.tone("a.wav", 2)
    assert key(play("a.wav")) != before


@pytest.mark.parametrize("damage", ["", "RIFF", "half"])
async def test_a_damaged_file_in_the_cache_is_made_again(studio: Studio, damage: str) -> None:
    studio = studio.counting()
    whole = (await studio.maker.make([say("one")])).seconds
    for file in studio.maker.files(say("one")):
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2] if damage == "half" else damage.encode())
        assert (await studio.maker.make([say("one")])).seconds == whole
        assert file.read_bytes() == content
    assert len(studio.spoken()) == 3


async def test_progress_is_told_for_what_is_missing_alone(studio: Studio) -> None:
    studio = studio.counting()
    await studio.maker.make([say("0")])
    told: list[tuple[int, int]] = []
    await studio.maker.make(
        [say(str(number)) for number in range(5)], lambda done, total: told.append((done, total))
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_prompts_are_made_side_by_side(studio: Studio) -> None:
    studio = studio.counting(slow=2)
    sounds = [say(str(number)) for number in range(os.cpu_count() or 1)]
    start = time.monotonic()
    made = await studio.maker.make(sounds)
    assert len(made.seconds) == len(sounds)
    assert time.monotonic() - start < 2 * len(sounds) or len(sounds) == 1


async def test_one_that_cannot_be_made_does_not_hold_up_the_others(studio: Studio) -> None:
    (studio.sounds / "notes.wav").write_text("this is no sound")
    studio.record("silent.wav", "-f", "lavfi", "-i", "anullsrc=duration=2")
    silent, broken, gone = play("silent.wav"), play("notes.wav"), play("gone.wav")
    made = await studio.maker.make([silent, broken, gone, say("hello")])
    assert list(made.seconds) == [say("hello")]
    assert (
        made.problems[gone]
        == "there is no file sounds/gone.wav; put it there, or write {say: TEXT}"
    )
    assert made.problems[broken].startswith("sounds/notes.wav: ffmpeg failed")
    assert made.problems[silent] == "nothing can be heard in it"
    assert not list(studio.cache.glob("making-*"))


async def test_a_recording_that_is_too_long_is_told(studio: Studio) -> None:
    studio.record("long.wav", "-f", "lavfi", "-i", "sine=duration=605", "-ar", "8000")
    made = await studio.maker.make([play("long.wav")])
    assert made.problems[play("long.wav")] == "sounds/long.wav: is longer than 10 minutes"


@pytest.mark.parametrize(
    "name", ["../secret.wav", "/etc/passwd", "a/../../secret.wav", "link.wav", "a\0b.wav", "."]
)
async def test_no_recording_is_read_outside_sounds(studio: Studio, name: str) -> None:
    outside = studio.tone("secret.wav", 1).rename(studio.directory / "secret.wav")
    (studio.sounds / "link.wav").symlink_to(outside)
    (studio.sounds / "a").mkdir()
    assert studio.maker.problem(play(name))
    made = await studio.maker.make([play(name)])
    assert made.problems and not made.seconds


def test_a_link_that_stays_in_sounds_is_a_recording(studio: Studio) -> None:
    studio.tone("tone.wav", 1)
    (studio.sounds / "link.wav").symlink_to("tone.wav")
    assert studio.maker.problem(play("link.wav")) is None


def test_check_sees_what_cannot_be_made_without_making_it(studio: Studio) -> None:
    (studio.sounds / "notes.mp3").write_text("this is no sound")
    studio.tone("tone.mp3", 1)
    problem = studio.maker.problem
    assert problem(say("hello")) is None and problem(play("tone.mp3")) is None
    assert problem(say("...")) == "there is nothing to say"
    assert problem(play("notes.mp3")) == "sounds/notes.mp3 is not a sound that ffmpeg can read"
    assert problem(say("hello", "xx")) == "espeak-ng has no voice “xx”"
    assert not list(studio.cache.glob("*.wav*"))


def test_check_probes_a_recording_only_once_until_it_changes(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = studio.tone("tone.mp3", 1)
    assert studio.maker.problem(play("tone.mp3")) is None
    judged = json.loads((studio.cache / "probed.json").read_text())
    assert [*judged.values()] == [""]
    monkeypatch.setattr("ivr.recordings._has_sound", lambda path: pytest.fail("asked again"))
    assert Studio(studio.directory).maker.problem(play("tone.mp3")) is None
    monkeypatch.undo()
    recording.write_text("this is no sound")
    assert Studio(studio.directory).maker.problem(play("tone.mp3"))


def test_check_of_six_hundred_prompts_takes_less_than_half_a_second(studio: Studio) -> None:
    for number in range(300):
        with wave.open(str(studio.sounds / f"{number}.wav"), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(8000)
            wav.writeframes(bytes(16000))
    start = time.monotonic()
    for number in range(300):
        assert studio.maker.problem(say(f"Press {number}", "ru")) is None
        assert studio.maker.problem(play(f"{number}.wav")) is None
    assert time.monotonic() - start < 0.5


async def test_killed_in_the_middle_it_leaves_no_half_prompt(studio: Studio) -> None:
    maker = await _another_maker(studio, sounds=50, slow=0)
    await until(lambda: len(list(studio.cache.glob("*.wav16"))) >= 3)
    maker.kill()
    await maker.wait()
    for file in studio.cache.glob("*.wav*"):
        with wave.open(str(file)) as wav:
            assert file.stat().st_size == 44 + 2 * wav.getnframes()
    # its scratch may be another maker's that is still at work: only what is old is removed
    for scratch in studio.cache.glob("making-*"):
        os.utime(scratch, (0, 0))
    made = await studio.counting().maker.make(say(str(number)) for number in range(5))
    assert len(made.seconds) == 5
    assert not list(studio.cache.glob("making-*"))


async def test_an_engine_does_not_outlive_a_maker_that_was_killed(studio: Studio) -> None:
    at_once = os.cpu_count() or 1
    maker = await _another_maker(studio, sounds=at_once, slow=60)
    await until(lambda: len(studio.spoken()) == at_once)
    assert len(_engines(studio)) == at_once
    maker.kill()
    await maker.wait()
    await until(lambda: not _engines(studio))


async def _another_maker(studio: Studio, sounds: int, slow: float) -> asyncio.subprocess.Process:
    """A process of its own that makes the sounds 0, 1, ... in the same cache."""
    script = (
        "import asyncio, pathlib\nfrom tests.ivr.conftest import Studio, say\n"
        f"studio = Studio(pathlib.Path({str(studio.directory)!r})).counting(slow={slow})\n"
        f"asyncio.run(studio.maker.make(say(str(n)) for n in range({sounds})))"
    )
    root = Path(__file__).parents[2]
    return await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=root)


def _engines(studio: Studio) -> list[str]:
    """The command lines of the engine's processes."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(process.read_text())
    return [line for line in lines if f"{studio.directory}/engine.py" in line]


async def test_cancelled_it_leaves_nothing_behind(studio: Studio) -> None:
    studio = studio.counting(slow=30)
    task = asyncio.create_task(studio.maker.make([say("one"), say("two")]))
    await until(lambda: bool(studio.spoken()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(studio.cache.iterdir()) == []


async def test_prompts_are_laid_out_by_language_where_asterisk_looks(studio: Studio) -> None:
    studio = studio.counting()
    prompts = {"main-1": {"en": say("one"), "ru": say("один", "ru")}, "bye": {"en": say("bye")}}
    await studio.maker.make(sound for spoken in prompts.values() for sound in spoken.values())
    into = studio.directory / "into"
    lay_out(prompts, studio.maker, into)
    laid_out = {str(file.relative_to(into)) for file in into.rglob("*.*")}
    names = ("en/sb/main-1", "ru/sb/main-1", "en/sb/bye")
    assert laid_out == {f"{name}.{kind}" for name in names for kind in ("wav", "wav16")}
    narrow, _ = studio.maker.files(say("один", "ru"))
    assert (into / "ru/sb/main-1.wav").samefile(narrow)


async def test_laying_out_again_changes_only_what_changed(studio: Studio) -> None:
    studio = studio.counting()
    other = say("два", "ru")
    await studio.maker.make([say("one"), say("two"), other])
    into = studio.directory / "into"
    lay_out({"a": {"en": say("one")}, "b": {"en": say("two")}}, studio.maker, into)
    (into / "en/sb/mine.wav").write_text("somebody else's")
    playing = (into / "en/sb/a.wav").open("rb")
    before = (into / "en/sb/b.wav").stat()
    lay_out({"a": {"en": other}, "b": {"en": say("two")}}, studio.maker, into)
    assert (into / "en/sb/b.wav").stat() == before
    assert (into / "en/sb/a.wav").samefile(studio.maker.files(other)[0])
    with playing:
        assert playing.read() == studio.maker.files(say("one"))[0].read_bytes()
    assert {file.name for file in (into / "en/sb").iterdir()} == {
        *("a.wav", "a.wav16", "b.wav", "b.wav16", "mine.wav")
    }


async def test_a_prompt_stays_playable_when_the_cache_is_emptied(studio: Studio) -> None:
    studio = studio.counting()
    await studio.maker.make([say("one")])
    into = studio.directory / "into"
    lay_out({"a": {"en": say("one")}}, studio.maker, into)
    for file in studio.cache.iterdir():
        file.unlink()
    with wave.open(str(into / "en/sb/a.wav")) as wav:
        assert wav.getnframes() > 8000


async def test_without_a_speech_engine_recordings_still_play(studio: Studio) -> None:
    studio.tone("tone.wav", 1)
    voices = Voices(Speech(engine="command"), studio.directory)
    recordings = Recordings(studio.sounds, studio.cache / "probed.json")
    maker = PromptMaker(voices, recordings, studio.cache)
    made = await maker.make([say("hello"), play("tone.wav")])
    assert "no `command`" in made.problems[say("hello")]
    assert play("tone.wav") in made.seconds
