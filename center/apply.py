"""Apply a center: check, make its sounds, render aside, swap at once, reload only what changed.

Nothing half-valid reaches Asterisk, and a call in progress ends on the version it began with.
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from center.check import check_center
from center.line import line_if_running
from center.load import Center, load_center
from center.members import members_of, sync_members
from center.reload import needs_restart, reload, versions_in_use
from center.render import Job, render_files
from center.secrets import read_secrets
from center.sounds import Sounds, lay_out_sounds, make_sounds
from center.state import Manifest, State
from ivr.prompts import Progress
from ivr.recordings import Recordings
from ivr.sounds import prune, system_text
from ivr.table import Table, compile_table
from switchboard.errors import CenterInvalid
from switchboard.files import point, write_whole
from switchboard.pbx.account import choose_account, settle
from switchboard.pbx.ami import Ami
from switchboard.pbx.installation import Installation
from switchboard.pbx.readback import verify
from switchboard.problems import Problems

# what pyst2's reader understands; the dialplan and marks such as `=>` with commas are not for it
READ_BACK = ("pjsip.conf", "queues.conf", "voicemail.conf", "musiconhold.conf", "manager.conf")
_VERSION = re.compile(r"\bv\d+\b|versions/\d+/")


@dataclass(frozen=True)
class Applied:
    """What an apply did. `restart` names what only a restart of `run` makes true."""

    number: int
    changed: bool
    running: bool
    restart: tuple[str, ...] = ()


class Invalid(CenterInvalid):
    """The center has errors; they are in `problems`."""

    def __init__(self, problems: Problems) -> None:
        count = len(problems.errors)
        super().__init__(f"{count} error{'s' if count != 1 else ''}; nothing was applied")
        self.problems = problems


def checked_center(directory: Path, state: State | None = None) -> tuple[Center, Problems]:
    """The center of a directory, with its warnings. Raises Invalid when it has errors."""
    problems = Problems()
    center = load_center(directory, problems)
    if center is not None:
        check_center(center, problems, state)
    if center is None or problems.errors:
        raise Invalid(problems)
    return center, problems


def compiled(center: Center, content: Callable[[str], str] | None = None) -> Table:
    """The table of a checked center; `content` tells that of its recordings, which are read where
    it is None."""
    mailboxes = center.voicemail.voicemail
    languages = tuple(map(str, center.ground.spoken))
    content = content or Recordings(center.directory / "sounds", Path(os.devnull)).digest
    return compile_table(center.router, center.menus, mailboxes, languages, system_text, content)


async def apply_center(
    directory: Path, state: State, installation: Installation, progress: Progress | None = None
) -> Applied:
    """Bring a center to its Asterisk, running or not. Raises Invalid; then nothing has changed."""
    center, problems = checked_center(directory, state)
    table = compiled(center)
    state.prepare()
    with state.locked("apply", "another apply is under way; try again when it has ended"):
        sounds = await make_sounds(center, table, state, problems, progress)
        if problems.errors:
            raise Invalid(problems)
        languages = tuple(map(str, center.ground.spoken))
        await lay_out_sounds(sounds, languages, installation, state, progress)
        async with line_if_running(state) as ami:
            return await _swap(center, table, sounds, state, installation, ami)


async def _swap(
    center: Center,
    table: Table,
    sounds: Sounds,
    state: State,
    installation: Installation,
    ami: Ami | None,
) -> Applied:
    """Render aside; where anything differs from what is applied, put it in place and reload."""
    applied = state.applied()
    in_use = {applied, state.loaded()} | await versions_in_use(ami) if ami else set()
    kept = {number for number in state.numbers() if number in in_use}
    number = max(state.numbers(), default=0) + 1
    job = Job(
        center=center,
        table=table,
        seconds=sounds.seconds,
        secrets=read_secrets(center, state),
        installation=installation,
        state=state,
        number=number,
        older=tuple(sorted(kept)),
        today=datetime.now(center.ground.zone).date(),
    )
    files = render_files(job)
    if applied is not None and _unchanged(center, files, state, applied):
        number = applied
    else:
        _write(job, files)
        point(state.etc, state.version(number) / "etc")
    settle(state.root, choose_account(state.root, installation).account)
    restart = await _reload(center, state, number, ami) if ami else []
    if number != applied:  # else an older version may be one that this one's dialplan includes
        state.forget(set(state.numbers()) - kept - {number})
        prune(state.sounds, {prompt for one in state.numbers() for prompt, _ in state.seconds(one)})
    return Applied(number, number != applied, ami is not None, tuple(restart))


async def _reload(center: Center, state: State, number: int, ami: Ami) -> list[str]:
    """Bring a running Asterisk from the version it has read to the applied one.

    Returns the changed addresses and files that only a restart of `run` makes true. What failed
    half-way is done again by the next apply: the version is noted as loaded last of all.
    """
    loaded = state.loaded()
    if loaded == number:
        return []
    before, after = _files(state, loaded), _files(state, number)
    wanted = listening(center)
    now = state.listening() or wanted
    moved = {f"listen.{key}" for key in now.keys() | wanted if now.get(key) != wanted.get(key)}
    changed = {name for name, text in after.items() if before.get(name) != text}
    await reload(ami, changed)
    await sync_members(ami, members_of(center.router), state)
    state.note_loaded(number)
    return sorted({*moved, *needs_restart(changed)})


def _write(job: Job, files: dict[str, str]) -> None:
    """Write a version aside, read back what can be read, then give it its name."""
    center, state = job.center, job.state
    part = state.versions / f"{job.number}.part"
    shutil.rmtree(part, ignore_errors=True)
    for name, text in files.items():
        write_whole(part / "etc" / name, text)
    for name in READ_BACK:
        verify(part / "etc" / name)
    for path, content in texts_of(center).items():
        write_whole(part / "center" / path, content)
    state.note_seconds(job.seconds, part)
    state.note_recordings(_recordings(center, job.table), part)
    now = datetime.now(center.ground.zone).isoformat(timespec="seconds")
    state.note(Manifest(job.number, now, listening(center), members_of(center.router)), part)
    part.rename(state.version(job.number))


def _recordings(center: Center, table: Table) -> dict[str, str]:
    """What tells the content of each recording: with it the text alone says the table again."""
    digest = Recordings(center.directory / "sounds", Path(os.devnull)).digest
    heard = (one for spoken in table.prompts.values() for one in spoken.values())
    return {part.file: digest(part.file) for one in heard for part in one.parts if part.file}


def texts_of(center: Center) -> dict[Path, bytes]:
    """The files that say what a center is, lists of callers too, by their paths in it."""
    directory = center.directory
    lists = [directory / one.file for one in center.router.callers.values() if one.file]
    files = [*directory.glob("*.yaml"), *directory.glob("menus/*.yaml"), *lists]
    inside = [path for path in files if path.resolve().is_relative_to(directory.resolve())]
    return {path.relative_to(directory): path.read_bytes() for path in inside}


def listening(center: Center) -> dict[str, str]:
    """Where Asterisk itself listens."""
    listen = center.ground.listen
    addresses = {"sip": listen.sip, "sips": listen.sips, "agi": listen.agi, "ami": listen.ami}
    return {key: str(address) for key, address in addresses.items() if address}


def _files(state: State, number: int | None) -> dict[str, str]:
    if number is None or not state.version(number).is_dir():
        return {}
    return {path.name: path.read_text() for path in (state.version(number) / "etc").iterdir()}


def _unchanged(center: Center, files: dict[str, str], state: State, applied: int) -> bool:
    """Whether Asterisk would read the same, and our own services (letters, alarms) as well."""
    top = state.version(applied) / "center"
    kept = {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()}
    return _alike(files, _files(state, applied)) and texts_of(center) == kept


def _alike(files: dict[str, str], before: dict[str, str]) -> bool:
    """Whether two renderings say the same, but for the number of their version."""
    return files.keys() == before.keys() and all(
        _without_version(text) == _without_version(before[name]) for name, text in files.items()
    )


def _without_version(text: str) -> str:
    lines = (line for line in text.splitlines() if not line.startswith("#include"))
    return _VERSION.sub("v", "\n".join(lines))
