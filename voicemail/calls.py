"""What the channel events tell of a message's call. Advisory: without them the letter goes, too."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from switchboard.pbx.cel import rows_since
from voicemail.message import Caller, Trace, known_caller
from voicemail.way import Way, way_to_message

BEFORE_SECONDS = 5.0  # rows are not written in the very order of their times
BEEP_WITHIN_SECONDS = 5.0  # between the file that Asterisk makes and the tone it plays

_STARTED = re.compile(r"(\d+)\.\d+$")


class Calls:
    """`cel` is the file of channel events; where it cannot be read, nothing is known."""

    def __init__(self, cel: Path) -> None:
        self._cel = cel

    def recorded(self, mailbox: str, began_at: datetime) -> tuple[Caller, Trace]:
        """Who was being recorded from `began_at` on, by the tone that was played to him then."""
        began = began_at.timestamp()
        try:
            rows = rows_since(self._cel, began - BEFORE_SECONDS, f'"{mailbox}@center')
        except OSError:
            return Caller(), Trace()
        for row in rows:
            is_tone = row.event == "STREAM_BEGIN" and '"beep"' in row.text
            # the file's clock runs up to a tick behind
            if is_tone and -0.05 <= row.at - began <= BEEP_WITHIN_SECONDS:
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
