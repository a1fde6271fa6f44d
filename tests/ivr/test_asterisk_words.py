"""A real Asterisk says numbers, dates and times, and finds every sound that it asks for."""

import shutil
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.sounds import system_texts
from switchboard.pbx.installation import Installation
from switchboard.pbx.process import AsteriskProcess
from tests.until import until

pytestmark = pytest.mark.asterisk

NUMBERS = [*range(22), 30, 42, 67, 89, 91, 99, 100, 101, 121, 200, 342, 567, 899, 1000, 1999]
NUMBERS += [2001, 21021, 100_000, 234_567, 1_000_000, 2_345_678]
DAY = 86_400
# what app_voicemail says of a message, and the shorter dates it uses as the message grows old
FORMATS = ["'vm-received' q 'digits/at' IMp", "'vm-received' Q 'digits/at' HM"]
AGES = [0, DAY, 3 * DAY, 20 * DAY, 100 * DAY, 400 * DAY, 15 * 3600, 8 * 3600]

MODULES = "app_playback app_verbose bridge_simple format_wav pbx_config res_clioriginate"
MODULES += " res_timing_timerfd app_sayunixtime func_channel"


class Speaker:
    """An Asterisk in which every sound of a language lasts 10 ms, and no language has another's."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self.home = Path(tempfile.mkdtemp(prefix="words-"))  # short, for the control socket
        for name in ("etc", "run", "log", "spool", "data/sounds"):
            (self.home / name).mkdir(parents=True)
        documentation = installation.data_dir / "documentation"
        (self.home / "data/documentation").symlink_to(documentation)
        self._write_files()
        self.process = AsteriskProcess(installation, self.home / "etc/asterisk.conf")

    def give(self, language: str) -> None:
        """All the names that lay_out_core_sounds brings for a language."""
        names = set(system_texts(language))
        if recordings := self._installation.sounds.get(language):
            recorded = recordings.rglob("*.wav")
            names |= {str(file.relative_to(recordings).with_suffix("")) for file in recorded}
        tick = self.home / "tick.wav"
        with wave.open(str(tick), "wb") as wav:
            wav.setparams((1, 2, 8000, 0, "NONE", ""))
            wav.writeframes(bytes(160))
        for name in names:
            place = self.home / "data/sounds" / language / f"{name}.wav"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.hardlink_to(tick)

    def log(self) -> str:
        file = self.home / "log/full"
        return file.read_text(errors="replace") if file.exists() else ""

    def _write_files(self) -> None:
        etc = self.home / "etc"
        places = (
            "etc:etc varlib:data db:data key:data data:data agi:data spool:spool run:run log:log"
        )
        pairs = (place.split(":") for place in places.split())
        lines = [f"ast{name}dir => {self.home / folder}" for name, folder in pairs]
        lines.append(f"astmoddir => {self._installation.modules_dir}")
        (etc / "asterisk.conf").write_text("\n".join(["[directories]", *lines, ""]))
        loads = "".join(f"load = {name}.so\n" for name in MODULES.split())
        (etc / "modules.conf").write_text(f"[modules]\nautoload = no\n{loads}")
        (etc / "logger.conf").write_text("[logfiles]\nfull => warning,error,verbose(3)\n")
        says = [f"SayNumber({number}{gender})" for number in NUMBERS for gender in ("", ",f", ",n")]
        ages = [f"$[${{EPOCH}}-{age}]" for age in AGES]
        says += [f"SayUnixTime({age},,{form})" for age in ages for form in FORMATS]
        steps = ["Answer()", "Set(CHANNEL(language)=${EXTEN})", *says, "Verbose(1,END ${EXTEN})"]
        dialplan = "[say]\n" + "exten => _[a-z][a-z],1,NoOp()\n"
        dialplan += "".join(f" same => n,{step}\n" for step in steps)
        dialplan += "[listen]\nexten => s,1,Answer()\n same => n,Wait(100)\n"
        (etc / "extensions.conf").write_text(dialplan)


@pytest.fixture
def speaker(installation: Installation) -> Iterator[Speaker]:
    speaker = Speaker(installation)
    yield speaker
    shutil.rmtree(speaker.home)


async def test_every_number_and_date_is_found_in_every_language_we_bring(speaker: Speaker) -> None:
    languages = ["de", "pt", "ru", "th"]  # without English, which would stand in for all of them
    for language in languages:
        speaker.give(language)
    await speaker.process.start()
    try:
        for language in languages:
            await speaker.process.cli(f"channel originate Local/{language}@say extension s@listen")
        await until(lambda: speaker.log().count("END ") >= len(languages), within_seconds=60)
    finally:
        await speaker.process.stop()
    assert [line for line in speaker.log().splitlines() if "does not exist" in line] == []
