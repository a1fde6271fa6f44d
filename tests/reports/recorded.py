"""What Asterisk wrote about real calls (`tests/journeys/recording/` placed them)."""

import json
from datetime import datetime
from pathlib import Path

from reports.call import Call
from reports.fold import calls
from switchboard.pbx.cel import CelRow, read_row

RECORDINGS = Path(__file__).parent / "recordings"
NAMES = sorted(path.name for path in RECORDINGS.iterdir())


def rows(name: str) -> list[CelRow]:
    """The events of a recording, as they were written."""
    lines = (RECORDINGS / name / "cel.csv").read_bytes().splitlines(keepends=True)
    read = [read_row(line) for line in lines]
    assert None not in read
    return [row for row in read if row is not None]


def starts(name: str) -> list[float]:
    """When Asterisk was started during a recording, in seconds since 1970."""
    lines = (RECORDINGS / name / "starts.csv").read_text().splitlines()
    return [datetime.fromisoformat(line.partition(",")[0]).timestamp() for line in lines]


def talk_seconds(name: str) -> float | None:
    """How long two people were connected, by the caller's clock."""
    path = RECORDINGS / name / "clock.json"
    return float(json.loads(path.read_text())["talk_seconds"]) if path.exists() else None


def recorded(name: str) -> list[Call]:
    return calls(rows(name), starts(name))


def one(name: str) -> Call:
    [call] = recorded(name)
    return call


def parts(call: Call) -> list[tuple[str, str, float]]:
    """Kind, name and seconds of each segment."""
    return [(part.kind, part.name, part.lasted / 1000) for part in call.segments]
