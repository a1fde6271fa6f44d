"""What the channel events tell of a message's call. Advisory: without them the letter goes, too."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from switchboard.pbx.cel import CelRow, rows_since
from voicemail.message import Caller, Trace, known_caller
from voicemail.way import Way, way_to_message

BEFORE_SECONDS = 5.0  # rows are not written in the very order of their times
TICK_SECONDS = 0.05  # by which the clock of files may run behind that of events
FOLLOWS_SECONDS = 5.0

_STARTED = re.compile(r"(\d+)\.\d+$")


class Calls:
    """`cel` is the file of channel events; where it cannot be read, nothing is known."""

    def __init__(self, cel: Path) -> None:
        self._cel = cel

    def recorded(self, mailbox: str, touched_at: datetime) -> tuple[Caller, Trace]:
        """Who was recorded when Asterisk touched a file that it then left empty.

        It makes the file and plays the tone; where the disk is full, it fails to write the file
        and leaves the mailbox. So the first of both that follows is the caller's.
        """
        touched = touched_at.timestamp()
        try:
            rows = rows_since(self._cel, touched - BEFORE_SECONDS, f'"{mailbox}@center')
        except OSError:
            return Caller(), Trace()
        for row in rows:
            if _begins_or_ends(row) and -TICK_SECONDS <= row.at - touched <= FOLLOWS_SECONDS:
                return known_caller(row.number, row.name), Trace(row.linkedid, row.uniqueid)
        return Caller(), Trace()

    def way(self, trace: Trace) -> Way:
        """The way of a call through the menus. A linkedid tells when the call began."""
        started = _STARTED.search(trace.linkedid)
        if started is None:
            return Way(trace.dialled)
        try:
            rows = rows_since(self._cel, float(started[1]) - BEFORE_SECONDS, trace.linkedid)
        except OSError:
            return Way(trace.dialled)
        mine = [row for row in rows if row.linkedid == trace.linkedid]
        way = way_to_message(mine, trace.uniqueid)
        return replace(way, dialled=trace.dialled or way.dialled)


def _begins_or_ends(row: CelRow) -> bool:
    """Whether a recording begins with this event, or a mailbox is left."""
    if row.event == "STREAM_BEGIN":
        return '"beep"' in row.text
    return row.event == "APP_END" and row.application == "VoiceMail"
