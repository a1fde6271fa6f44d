"""What was deleted from SQLite is overwritten: its file keeps pages for later, its log what was."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

PIECE_PAGES = 2_000  # a row of zeros
PATIENCE_SECONDS = 10.0  # others read now and then; the log is emptied when nobody does
AGAIN_SECONDS = 0.1


def scrub(file: Path) -> bool:
    """Whether nothing is left; False where others kept it busy all the time.

    Free pages are filled with zeros and given back, which costs as much as they are: a `VACUUM`
    would write the whole file anew, with everybody locked out.
    """
    with closing(sqlite3.connect(file, PATIENCE_SECONDS, isolation_level=None)) as database:
        try:
            _overwrite(database)
            return _emptied(database)
        except sqlite3.OperationalError:  # locked
            return False


def _overwrite(database: sqlite3.Connection) -> None:
    def number(pragma: str) -> int:
        return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])

    database.execute("BEGIN IMMEDIATE")
    size, free = number("page_size"), number("freelist_count")
    database.execute("CREATE TABLE scrubbed (zeros BLOB)")
    for begin in range(0, free, PIECE_PAGES):
        zeros = min(PIECE_PAGES, free - begin) * size
        database.execute("INSERT INTO scrubbed VALUES (zeroblob(?))", (zeros,))
    database.execute("DROP TABLE scrubbed")
    database.execute("COMMIT")


def _emptied(database: sqlite3.Connection) -> bool:
    """The log is written into the file and begins anew."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > deadline:
            return False
        time.sleep(AGAIN_SECONDS)
    return True
