"""The center that is called, and what is kept of a call.

`pytest tests/journeys/recording/record_*.py` (pytest does not take the files by itself) writes
`tests/reports/recordings/NAME/{cdr,cel,queue_log,starts}.csv` and, where two people spoke,
`clock.json`: how long, by the caller's own clock.
"""

import json
from pathlib import Path

import pytest

from tests.centers import write_center
from tests.journeys.center import Center, RunningCenter
from tests.journeys.recording.placing import Keep

RECORDINGS = Path(__file__).resolve().parents[2] / "reports" / "recordings"
FILES = {
    "cdr.csv": "cdr-custom/cdr.csv",
    "cel.csv": "cel-custom/cel.csv",
    "queue_log.csv": "queue_log",
    "starts.csv": "starts.csv",
}
CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
callers: {blocked: ["+7900*"]}
hours: {office: {weekly: {mon-fri: "09:00-18:00"}}}
numbers:
  "+74950000001":
    - {from: blocked, reject: busy}
    - {menu: main}
  "+74950000002": {department: sales}
  "+74950000003": {department: support}
  "+74950000004": {voicemail: sales}
  "+74950000005": {department: everyone}
  "+74950000006": {department: strict}
  "+74950000007": {number: "+74951234567"}
  "+74950000008": {department: turns}
  "+74950000009": {fax: office}
  "+74950000010": {department: mobile}
  "+74950000201..+74950000204": {extension: "last 3"}
extensions:
  "201": {name: Anna, otherwise: {voicemail: sales}, ring_seconds: 3}
  "202": {name: Boris}
  "203": {name: Chai, ring_seconds: 3}
  "204": {name: Dina, otherwise: {voicemail: sales}}
  "205": {name: Eva, max_contacts: 2}
departments:
  sales:
    extension: "501"
    members: ["201"]
    max_wait_seconds: 4
    hours: office
    keys: {1: {department: everyone}}
    when_closed: {voicemail: sales}
    when_timeout: {voicemail: sales}
    otherwise: {goodbye: {say: "Nobody is here."}}
  support:
    extension: "502"
    members: ["203"]
    ring_seconds: 3
    max_wait_seconds: 4
    when_timeout: {department: sales}
    otherwise: {department: sales}
  everyone: {members: ["201", "202", "203"], strategy: ringall, ring_seconds: 10}
  turns: {members: ["202", "203"], strategy: rrmemory, ring_seconds: 3}
  mobile: {members: ["205"]}
  strict:
    members: ["204"]
    hours: office
    when_closed: {goodbye: {say: "We are closed."}}
    otherwise: {goodbye: {say: "Nobody is here."}}
voicemail:
  sales: {pin: "83014", greeting: {say: "Please speak."}}
  "202": {pin: "60285"}
pause_reasons: {1: lunch}
fax: {office: {email: [office@acme.example]}}
outbound: {trunk: [carrier], caller_id: "+74950000001", allow: ["+7495"]}
mail: {host: 127.0.0.1, port: 2525, tls: none, sender: "Acme <pbx@acme.example>"}
"""
MENU = """\
prompt: {say: "Sales one, support two, nothing nine."}
keys: {1: {department: sales}, 2: {menu: second}, 8: {goodbye: {say: "Goodbye."}}, 9: hangup}
dial_extensions: true
wait_seconds: 1
tries: 2
otherwise: {department: sales}
"""
SECOND = """\
prompt: {say: "Support one, back star."}
keys: {1: {department: support}, "*": back}
otherwise: {department: sales}
"""


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    menus = {"main": MENU, "second": SECOND}
    return write_center(tmp_path_factory.mktemp("recorded"), CENTER, menus)


@pytest.fixture
def keep(request: pytest.FixtureRequest, center: Center, running: RunningCenter) -> Keep:
    """Keeps the records of the test's calls under the test's name, once all of them are over."""
    log = running.state.asterisk / "log"
    began = {name: _size(log / path) for name, path in FILES.items()}

    async def keep(talk_seconds: float | None = None) -> None:
        await running.becomes_quiet(within=20)
        folder = RECORDINGS / request.node.name.removeprefix("test_")
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in FILES.items():
            file = log / path
            written = file.read_bytes() if file.exists() else b""
            (folder / name).write_bytes(written[began[name] :])
        if talk_seconds is not None:
            clock = {"talk_seconds": round(talk_seconds, 2)}
            (folder / "clock.json").write_text(json.dumps(clock) + "\n")

    return keep


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
