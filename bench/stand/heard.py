"""What callers pressed and heard, from the CEL that Asterisk wrote while they called.

Both times are Asterisk's own, taken on the channel's thread: `DTMF` when the end of the key was
read from the wire, `STREAM_BEGIN` when a sound was opened, right before its first packet. The way
through the network, and a thread that comes too late to read the key, are in neither.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# positions of the fields in asterisk-config/cel_custom.conf.j2
TIME, TYPE, UNIQUEID, EXTRA = 0, 1, 3, 13


@dataclass(frozen=True)
class Heard:
    """How many calls came to the goodbye; after each key, how long until the next sound began."""

    goodbyes: int
    key_to_sound_seconds: list[float]


class CelFile:
    """The CEL of one Asterisk, read on from where it was left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0

    def heard(self, goodbye: str) -> Heard:
        """What happened since the last time; no call may be in progress."""
        calls = list(self._calls())
        waits = [wait for events in calls for wait in _waits(events)]
        goodbyes = sum(any(sound == goodbye for _, _, sound in events) for events in calls)
        return Heard(goodbyes, waits)

    def _calls(self) -> Iterator[list[tuple[float, str, str]]]:
        """(time, event, sound) of each call, in the order of time."""
        events = defaultdict(list)
        with self._path.open(newline="") as file:
            file.seek(self._position)
            for row in csv.reader(iter(file.readline, "")):
                sound = json.loads(row[EXTRA])["sound"] if row[TYPE] == "STREAM_BEGIN" else ""
                events[row[UNIQUEID]].append((float(row[TIME]), row[TYPE], sound))
            self._position = file.tell()
        return map(sorted, events.values())


def _waits(events: list[tuple[float, str, str]]) -> Iterator[float]:
    pressed = None
    for at, event, _ in events:
        if event == "DTMF":
            pressed = at
        elif event == "STREAM_BEGIN" and pressed is not None:
            yield at - pressed
            pressed = None
