"""What callers hear: each prompt in each language, recordings that play, music for waiting."""

from collections.abc import Iterator

from center.load import Center
from center.routes import written_ways
from center.state import State
from ivr.prompts import PromptMaker, Sound
from ivr.recordings import Recordings
from ivr.speech import Voices
from switchboard.problems import Problems
from switchboard.prompt import EVERY_LANGUAGE, Prompt
from switchboard.yamltext import Text


def check_heard(center: Center, maker: PromptMaker, problems: Problems) -> None:
    """Prompts, their languages, and the music of departments."""
    told: set[tuple[str, str]] = set()  # a voice that is missing is missing for every text
    for prompt in _prompts(center):
        _check_languages(prompt, center, problems)
        for written, parts in prompt.by_language.items():
            language = str(written or center.ground.language)
            for part in parts:
                trouble = maker.problem(Sound(language, (part,)))
                if trouble and (language, trouble) not in told:
                    problems.error(part.text.place, trouble, "unreadable-prompt")
                if trouble and part.say:
                    told.add((language, trouble))
    for department in center.router.departments.values():
        if department.music is not None:
            _check_music(department.music, center, problems)


def prompt_maker(center: Center, state: State) -> PromptMaker:
    """What judges and makes the sounds of a center."""
    voices = Voices(center.speech.speech, center.directory)
    recordings = Recordings(center.directory / "sounds", state.prompts / "recordings.json")
    return PromptMaker(voices, recordings, state.prompts)


def _prompts(center: Center) -> Iterator[Prompt]:
    for menu in center.menus.values():
        yield menu.prompt
        if menu.short_prompt is not None:
            yield menu.short_prompt
    for way in written_ways(center):
        for rule in way.route:
            yield from (prompt for prompt in (rule.announce, rule.goodbye) if prompt is not None)
    for box in center.voicemail.voicemail.values():
        if box.greeting is not None:
            yield box.greeting


def _check_languages(prompt: Prompt, center: Center, problems: Problems) -> None:
    spoken = center.ground.spoken
    place = next((key.place for key in prompt.by_language if key.place), None)
    for language in prompt.by_language:
        if language != EVERY_LANGUAGE and language not in spoken:
            message = f"“{language}” is not one of `languages`"
            problems.error(language.place, message, "unknown-name")
    missing = [language for language in spoken if prompt.in_language(language) is None]
    if missing:
        message = f"this prompt has no {', '.join(missing)}: callers hear another language"
        problems.warning(place, message, "missing-language")


def _check_music(name: Text, center: Center, problems: Problems) -> None:
    folder = center.directory / "sounds" / "music" / name
    inside = (center.directory / "sounds").resolve()
    if "\0" in name or not folder.resolve().is_relative_to(inside) or not folder.is_dir():
        problems.error(name.place, f"there is no folder sounds/music/{name}", "unknown-name")
    elif not any(path.is_file() for path in folder.iterdir()):
        message = f"sounds/music/{name} is empty: waiting callers would hear silence"
        problems.error(name.place, message, "no-music")
