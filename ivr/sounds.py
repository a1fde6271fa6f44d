"""What is heard besides the center's own prompts: Switchboard's words, Asterisk's own, and music.

`system_sounds/LANGUAGE.yaml` holds texts by the sound's name below `sounds/LANGUAGE/`. A recording
that is installed is preferred; what neither has, Asterisk itself plays in English.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import yaml

from ivr.audio import MUSIC
from ivr.prompts import Made, Progress, PromptMaker, Sound, link_sound
from switchboard.prompt import Part
from switchboard.yamltext import Text

TEXTS = Path(__file__).with_name("system_sounds")
OWN = "sb/"
LAST_RESORT = "en"  # where Asterisk looks for a sound that a language lacks
SAMPLE = "vm-intro"  # a language that has this has all that Asterisk says
PAUSE = "silence/1.wav"  # what an empty text stands for


def base(language: str) -> str:
    """The language of a dialect: `pt` of `pt-br`."""
    return re.split("[-_]", language)[0]


@cache
def system_texts(language: str) -> Mapping[str, str]:
    """Texts by the name of their sound, such as `sb/wrong-key` or `vm-intro`; else none."""
    path = TEXTS / f"{base(language)}.yaml"
    texts: dict[str, str] = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}
    return texts


def system_text(language: str, name: str) -> str:
    """What Switchboard says, by its name without `sb/`; in English where it knows no other."""
    texts = system_texts(language) or system_texts(LAST_RESORT)
    return texts[OWN + name]


def spoken_in_english(installed: Mapping[str, Path], languages: Iterable[str]) -> tuple[str, ...]:
    """The languages whose callers hear Asterisk's own words in English, for a warning."""
    return tuple(
        language
        for language in languages
        if base(language) not in installed and SAMPLE not in system_texts(language)
    )


async def lay_out_core_sounds(
    installed: Mapping[str, Path],
    languages: Iterable[str],
    maker: PromptMaker,
    into: Path,
    progress: Progress | None = None,
) -> Made:
    """Put all that is said by Switchboard and Asterisk below `into/LANGUAGE/`.

    `installed` are the directories of recordings by language. What could not be spoken stands in
    the answer's problems; Asterisk plays it in English.
    """
    heard = set(languages)
    if not all(map(system_texts, heard)):
        heard.add(LAST_RESORT)
    spoken: dict[Path, Sound] = {}
    for language in heard | {LAST_RESORT}:
        recorded = _link_recordings(installed.get(base(language)), into / language)
        for name in system_texts(language).keys() - recorded if language in heard else ():
            if text := system_texts(language)[name]:
                spoken[into / language / name] = Sound(language, (Part(say=Text(text)),))
            else:
                _link(installed[LAST_RESORT] / PAUSE, into / language / f"{name}.wav")
    made = await maker.make(spoken.values(), progress)
    for place, sound in spoken.items():
        if sound in made.seconds:
            link_sound(maker, sound, place)
    return made


def music(sounds_directory: Path, name: str) -> dict[str, Sound]:
    """The pieces in `sounds/music/NAME/`, by the names they are laid out with."""
    folder = sounds_directory / "music" / name
    pieces = sorted(file for file in folder.glob("[!.]*") if file.is_file())
    return {
        f"{number:03}": Sound("", (Part(file=Text(f"music/{name}/{piece.name}")),), MUSIC)
        for number, piece in enumerate(pieces)
    }


def lay_out_music(pieces: Mapping[str, Sound], maker: PromptMaker, into: Path) -> None:
    """Link made pieces into one directory for `musiconhold.conf`, and remove those that went."""
    for name, sound in pieces.items():
        link_sound(maker, sound, into / name)
    _keep_only(into, set(pieces))


def prune(into: Path, keep: Iterable[str]) -> None:
    """Remove the prompts below `into/LANGUAGE/sb/` whose ids nobody plays any more.

    Only safe for ids that no version plays which still has a call.
    """
    own = {name.removeprefix(OWN) for name in system_texts(LAST_RESORT) if name.startswith(OWN)}
    for folder in into.glob(f"*/{OWN}"):
        _keep_only(folder, own | set(keep))


def _keep_only(folder: Path, names: set[str]) -> None:
    for file in folder.glob("*.wav*"):
        if file.stem not in names:
            file.unlink(missing_ok=True)


def _link_recordings(recordings: Path | None, into: Path) -> set[str]:
    """Link every recording of a language, and tell the names of all."""
    into.mkdir(parents=True, exist_ok=True)
    if recordings is None:
        return set()
    files = {file.relative_to(recordings) for file in recordings.rglob("*.*") if file.is_file()}
    for file in files:
        _link(recordings / file, into / file)
        for spoken in {file.with_suffix(".wav"), file.with_suffix(".wav16")} - files:
            (into / spoken).unlink(missing_ok=True)  # from before the recording was installed
    return {str(file.with_suffix("")) for file in files}


def _link(target: Path, link: Path) -> None:
    with suppress(OSError):
        if link.readlink() == target:
            return
    link.parent.mkdir(parents=True, exist_ok=True)
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
