"""PINs that were guessed at: what is locked now, as the dialplan's `open-mailbox` counts it."""

import re
from collections.abc import Mapping
from datetime import datetime

from switchboard.watch import Trouble

FAMILY = "pin"  # of Asterisk's database: KIND/WHO -> COUNT-AT-UNTIL, seconds since 1970
MEND = (
    "find out who dials *98 there; it ends by itself, and everything that is locked at once by"
    " `switchboard asterisk database deltree pin`"
)

_COUNTED = re.compile(r"\d+-\d+-(\d+)")
_WHERE = {"caller": "from extension {who}", "mailbox": "at mailbox {who}", "all": "everywhere"}


def pin_troubles(counts: Mapping[str, str], now: datetime) -> list[Trouble]:
    """One for each lock of now."""
    return [
        Trouble(f"pin:{key}", f"too many wrong PINs {_where(key)}: *98 is locked there", MEND)
        for key, counted in counts.items()
        if (match := _COUNTED.fullmatch(counted)) and int(match[1]) > now.timestamp()
    ]


def _where(key: str) -> str:
    kind, _, who = key.partition("/")
    return _WHERE[kind].format(who=who)
