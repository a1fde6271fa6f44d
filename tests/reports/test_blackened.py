"""Keys that may be a PIN: kept nowhere, and blackened where Asterisk wrote them."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from reports import follow
from reports.follow import Follower
from reports.records import FILES, Kind
from reports.store import RawRecord
from switchboard.db import Database
from switchboard.pbx.installation import NODE
from tests.reports.test_follow import write, written


@pytest.mark.parametrize(
    ("context", "kept"), [("ask", b"4"), ("open-mailbox", b"?"), ("serve", b"?"), ('a"sk', b"?")]
)
def test_keys_that_no_menu_asked_for_are_not_kept(context: str, kept: bytes) -> None:
    assert FILES[Kind.CEL].kept(pressed(b"4", context)) == pressed(kept, context)


def pressed(key: bytes, context: str = "open-mailbox") -> bytes:
    """A key, in a context of the dialplan."""
    record = b'"1795316550.483135","DTMF","DTMF","a.4","a.4","PJSIP/202-4","%s","s","Read","X",'
    record += b'"","","Received","{""digit"":""%s"",""duration_ms"":180}","","","","","\xff"\n'
    return record % (context.replace('"', '""').encode(), key)


async def test_keys_that_no_menu_asked_for_are_blackened_in_the_log_itself(
    database: Database, log: Path, follower: Follower
) -> None:
    """Also where such a key is the first record, by which a file is known."""
    path = log / FILES[Kind.CEL].path
    write(log, pressed(b"4") + pressed(b"7", "ask") + written("voicemail_kept") + pressed(b"1"))
    await follower.catch_up()
    blackened = pressed(b"?") + pressed(b"7", "ask") + written("voicemail_kept") + pressed(b"?")
    assert path.read_bytes() == blackened
    write(log, pressed(b"2"))
    await Follower(database, log, NODE).catch_up()
    assert path.read_bytes() == blackened + pressed(b"?")
    async with database.reading() as session:
        stored = await session.scalar(select(func.count()).select_from(RawRecord))
    assert stored == path.read_bytes().count(b"\n")


async def test_a_log_that_is_another_by_then_is_not_written_to(
    log: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log / FILES[Kind.CEL].path
    read = follow._piece

    def emptied(file: Path, position: int) -> bytes:
        piece = read(file, position)
        path.write_bytes(written("blocked"))
        return piece

    write(log, written("voicemail_kept") + pressed(b"4"))
    monkeypatch.setattr(follow, "_piece", emptied)
    await follower.catch_up()
    assert path.read_bytes() == written("blocked")
