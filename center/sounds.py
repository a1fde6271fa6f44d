"""Everything a caller may hear: made, told where it cannot be, laid where Asterisk looks for it."""

from dataclasses import dataclass
from pathlib import Path

from center.heard import prompt_maker
from center.load import Center
from center.render import music_names
from center.state import State
from ivr.prompts import Progress, PromptMaker, Sound, lay_out
from ivr.sounds import lay_out_core_sounds, lay_out_music, music
from ivr.table import Table
from ivr.twin import Seconds
from switchboard.errors import CenterInvalid
from switchboard.files import point
from switchboard.pbx.installation import Installation
from switchboard.problems import Problems


@dataclass(frozen=True)
class Sounds:
    """Made sounds, not yet where Asterisk looks: prompts by id and language, music by class."""

    maker: PromptMaker
    prompts: dict[str, dict[str, Sound]]
    music: dict[str, dict[str, Sound]]
    seconds: Seconds


async def make_sounds(
    center: Center, table: Table, state: State, problems: Problems, progress: Progress | None
) -> Sounds:
    """Make every prompt and all music; what cannot be made is an error, never silence on a call."""
    maker = prompt_maker(center, state)
    prompts = {
        prompt_id: {language: Sound(*heard) for language, heard in spoken.items()}
        for prompt_id, spoken in table.prompts.items()
    }
    pieces = {name: music(center.directory / "sounds", name) for name in music_names(center)}
    wanted = [
        sound for spoken in (*prompts.values(), *pieces.values()) for sound in spoken.values()
    ]
    made = await maker.make(wanted, progress)
    for sound, words in made.problems.items():
        problems.error(
            sound.parts[0].text.place, f"this cannot be heard: {words}", "unreadable-prompt"
        )
    seconds = {
        (prompt_id, language): made.seconds[sound]
        for prompt_id, spoken in prompts.items()
        for language, sound in spoken.items()
        if sound in made.seconds
    }
    return Sounds(maker, prompts, pieces, seconds)


async def lay_out_sounds(
    sounds: Sounds,
    languages: tuple[str, ...],
    installation: Installation,
    state: State,
    progress: Progress | None,
) -> None:
    """Put prompts, Asterisk's own sounds and music below the data directory of this Asterisk."""
    link_data(installation.data_dir, state.asterisk / "data")
    made = await lay_out_core_sounds(
        installation.sounds, languages, sounds.maker, state.sounds, progress
    )
    for sound, words in made.problems.items():
        raise CenterInvalid(f"“{sound.parts[0].text}” cannot be spoken: {words}")
    lay_out(sounds.prompts, sounds.maker, state.sounds)
    for name, pieces in sounds.music.items():
        (state.music / name).mkdir(parents=True, exist_ok=True)
        lay_out_music(pieces, sounds.maker, state.music / name)


def link_data(installed: Path, data: Path) -> None:
    """What else Asterisk wants in its data directory (its documentation), and its own music."""
    for entry in installed.iterdir():
        link = data / entry.name
        if entry.name not in ("sounds", "music") and not link.exists():
            point(link, entry)
    default = data / "music" / "default"
    if not default.exists():
        default.parent.mkdir(parents=True, exist_ok=True)
        point(default, installed / "moh")
