"""The list of modules against a real Asterisk that loads exactly this list."""

import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation, find_installation, wanted_modules

pytestmark = pytest.mark.asterisk

APPLICATIONS = (
    "AGI AddQueueMember Answer BackGround Busy CELGenUserEvent Congestion Dial Echo ExecIf Gosub "
    "Goto GotoIf GotoIfTime Hangup Log MusicOnHold NoOp Park PauseQueueMember Pickup Playback "
    "Progress Queue Read ReadExten ReceiveFAX RemoveQueueMember Return Ringing SendDTMF SendFAX "
    "Set UnpauseQueueMember UserEvent VMAuthenticate VoiceMail VoiceMailMain Wait WaitExten"
).split()
FUNCTIONS = (
    "CALLERID CDR CHANNEL CONNECTEDLINE CUT DB DEVICE_STATE DIALPLAN_EXISTS EXTENSION_STATE "
    "FAXOPT FIELDQTY FILE FILTER GROUP GROUP_COUNT HANGUPCAUSE IF LEN LOCK MATH PASSTHRU "
    "PJSIP_AOR PJSIP_CONTACT PJSIP_DIAL_CONTACTS PJSIP_ENDPOINT PJSIP_HEADER QUEUE_MEMBER "
    "REDIRECTING REGEX REPLACE STRFTIME TIMEOUT TOUPPER UNLOCK VM_INFO"
).split()
WAYS_TO_THE_MACHINE = ("CURL", "SHELL", "System", "TrySystem")


@dataclass(frozen=True)
class RunningAsterisk:
    command: tuple[str, ...]
    log: Path

    def says(self, line: str) -> str:
        """What the command line of this Asterisk answers to `line`."""
        return subprocess.run(
            [*self.command, "-rx", line], capture_output=True, text=True, timeout=20, check=False
        ).stdout

    def wait_until_booted(self) -> None:
        for _ in range(80):
            if "fully booted" in self.says("core waitfullybooted"):
                return
            time.sleep(0.25)
        raise TimeoutError(self.log.read_text())


def write_settings(installation: Installation, home: Path) -> Path:
    """The least that lets every module start; no port is opened."""
    directories = {
        "astetcdir": home,
        "astmoddir": installation.modules_dir,
        "astdatadir": installation.data_dir,
        **dict.fromkeys(("astvarlibdir", "astdbdir", "astkeydir", "astagidir"), home / "lib"),
        **dict.fromkeys(("astspooldir", "astrundir", "astlogdir"), home / "run"),
    }
    settings = {
        "asterisk": "[directories]\n" + "".join(f"{k} => {v}\n" for k, v in directories.items()),
        "modules": "[modules]\nautoload=no\n" + "".join(f"load={m}\n" for m in wanted_modules()),
        "logger": "[general]\n[logfiles]\nlog = warning,error\n",
        "indications": "[general]\ncountry=us\n[us]\ndescription=tones\n"
        + "".join(f"{tone}=350+440\n" for tone in ("dial", "busy", "ring", "congestion")),
        **dict.fromkeys(("acl", "pjproject", "pjsip"), ""),
        "musiconhold": f"[default]\nmode=files\ndirectory={home / 'music'}\n",
        "cdr_custom": "[mappings]\ncdr.csv => ${CDR(uniqueid)}\n",
        "cel_custom": "[mappings]\ncel.csv => ${eventtype}\n",
    }
    empty = "ccss cdr cel extensions features manager queues res_fax rtp stasis udptl voicemail"
    for name in (*empty.split(), "res_parking"):
        settings[name] = "[general]\n"
    for name, text in settings.items():
        (home / f"{name}.conf").write_text(text)
    for folder in ("lib", "run", "music"):
        (home / folder).mkdir()
    (home / "music" / "silence.sln").write_bytes(bytes(16000))
    return home / "asterisk.conf"


@pytest.fixture(scope="module")
def asterisk(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAsterisk]:
    installation = find_installation(project)
    home = tmp_path_factory.mktemp("asterisk")
    command = (*installation.command, "-C", str(write_settings(installation, home)))
    with subprocess.Popen(
        [*command, "-f"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        try:
            running = RunningAsterisk(command, home / "run" / "log")
            running.wait_until_booted()
            yield running
        finally:
            process.terminate()


def test_asterisk_runs_exactly_the_modules_of_the_list(asterisk: RunningAsterisk) -> None:
    shown = re.findall(r"^(\S+\.so) .*\bRunning\b", asterisk.says("module show"), re.MULTILINE)
    assert sorted(shown) == sorted(wanted_modules())


def test_no_module_complains_while_it_loads(asterisk: RunningAsterisk) -> None:
    complaints = re.findall(r".*(?:ERROR|WARNING)\[.*", asterisk.log.read_text())
    assert complaints == []


def test_every_application_and_function_of_the_dialplan_is_there(asterisk: RunningAsterisk) -> None:
    applications = re.findall(r"^ *(\w+): ", asterisk.says("core show applications"), re.MULTILINE)
    functions = re.findall(r"^([A-Z_0-9]+) ", asterisk.says("core show functions"), re.MULTILINE)
    assert set(APPLICATIONS) - set(applications) == set()
    assert set(FUNCTIONS) - set(functions) == set()


def test_the_dialplan_has_no_way_to_a_shell_or_a_web_server(
    asterisk: RunningAsterisk,
) -> None:
    there = asterisk.says("core show applications") + asterisk.says("core show functions")
    assert [name for name in WAYS_TO_THE_MACHINE if re.search(rf"^ *{name}\b", there, re.M)] == []


def test_files_are_written_for_faxes_alone_and_none_is_read() -> None:
    parts = (Path(__file__).resolve().parents[1] / "asterisk-config" / "parts").glob("*.j2")
    named = re.findall(r"\b(?:ENV|FILE|STAT)\(.*", "".join(part.read_text() for part in parts))
    assert named
    assert [line for line in named if not line.startswith("FILE(${SPOOLED}.txt,,,al,u)=")] == []
