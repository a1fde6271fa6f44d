"""From the spool to the outbox: a fax is copied, its PDF made, its letter written, and row and
letter committed together. Killed at any step, the next sweep does the same again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import SQLAlchemyError

from fax2pdf.cover import Cover
from fax2pdf.fax import FaxLine, Status
from fax2pdf.finishing import finish
from fax2pdf.letter import Enclosed, File, cover_of, write_letter
from fax2pdf.making import Made, make
from fax2pdf.row import facts_of, judge, row_of
from fax2pdf.spool import Found, Gone, Spool
from fax2pdf.store import FaxRow, find_fax, overdue, unfinished, unknown_of
from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.files import clear_up
from switchboard.forking import Forker
from switchboard.letterhead import plain
from switchboard.outbox import Letter, enqueue
from switchboard.paper.house import House
from switchboard.watch import Trouble
from switchboard.wording import Letterhead

AT_ONCE = 2  # faxes; the converters leave a processor for the calls
LARGEST_FILE_BYTES = 20 << 20  # most mail servers refuse more than 25 MB
SOME = 100  # faxes tidied up at a time
SCRATCH = "making-"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lines:
    """The fax lines of a center, and what their letters share; without a `head` there are none."""

    lines: Mapping[str, FaxLine]
    head: Letterhead | None
    language: str
    keep_days: int
    house: House

    def of(self, row: FaxRow) -> FaxLine:
        """The line that a fax came on; an empty one where it is no more."""
        return self.lines.get(row.line, FaxLine())


NO_LINES = Lines({}, None, "", 0, House())


class Deliverer:
    """`kept` is the directory of the originals. One process at a time sweeps into it."""

    def __init__(
        self, spool: Spool, database: Database, kept: Path, clock: Clock = utc_now
    ) -> None:
        self._spool = spool
        self._database = database
        self._kept = kept.absolute()
        self._clock = clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._forker = Forker("fax2pdf.making")
        self._taken: set[str] = set()  # what lies in the spool until its letter is sent
        self.troubles: list[Trouble] | None = None  # of the last sweep

    def prepare(self) -> None:
        """Make the directory, and remove what a process that was killed left in it."""
        clear_up(self._kept, SCRATCH)

    def close(self) -> None:
        """End the process that makes PDFs; the next one to be made starts another."""
        self._forker.close()

    async def do_one(self, lines: Lines) -> bool:
        """Sweep once, and take what is new; whether all went well.

        Raises SQLAlchemyError while the database is away: then nothing was taken.
        """
        troubles: dict[str, str] = {}
        try:
            seen = {found.id: found for found in await asyncio.to_thread(self._spool.sweep)}
        except OSError as trouble:
            self.troubles = [_trouble("spool", f"{trouble.filename}: {trouble.strerror}")]
            return False
        unknown = seen.keys() - self._taken
        if unknown:
            async with self._database.reading() as session:
                unknown = await unknown_of(session, unknown)
        self._taken = set(seen) - unknown
        async with asyncio.TaskGroup() as group:
            for fax_id in unknown:
                group.create_task(self._try(seen[fax_id], lines, troubles))
        self.troubles = [_trouble(line, words) for line, words in troubles.items()]
        return not troubles

    async def _try(self, found: Found, lines: Lines, troubles: dict[str, str]) -> None:
        """Take one fax; what stands in the way goes into `troubles`."""
        if found.line not in lines.lines:
            troubles[found.line] = "there is no such fax line any more"
            return
        try:
            async with self._gate:
                await self._take(found, lines)
            self._taken.add(found.id)
        except Gone:
            return  # the next sweep sees what is there
        except (SQLAlchemyError, OSError) as trouble:
            troubles[found.line] = plain(str(trouble))
        except Exception as trouble:  # one strange fax must not hold up the others
            log.exception("fax %s", found.name)
            troubles[found.line] = plain(f"{type(trouble).__name__}: {trouble}")

    async def _take(self, found: Found, lines: Lines) -> None:
        row = row_of(found)
        if row.tiff_bytes:
            await asyncio.to_thread(self._spool.copy, found, self._original(row))
        async with self.made(row, lines, found) as made:
            letter = await asyncio.to_thread(self._letter, row, made, lines)
        if letter is not None:
            row.message_id, row.letters = letter.message_id, 1
        async with self._database.begin() as session:
            session.add(row)
            await session.flush()
            if letter is not None:
                await enqueue(session, letter)

    async def resend(self, fax_id: str, lines: Lines) -> Letter | None:
        """Write another letter about a fax, to whom its line names now; None where it names nobody.

        Raises NoSuchFax.
        """
        async with self._database.reading() as session:
            row = (await find_fax(session, fax_id)).fax
        async with self.made(row, lines) as made:
            letter = await asyncio.to_thread(self._letter, row, made, lines)
        if letter is not None:
            row.message_id, row.letters = letter.message_id, row.letters + 1
            async with self._database.begin() as session:
                await session.merge(row)
                await enqueue(session, letter)
        return letter

    async def tidy(self, keep_days: int) -> bool:
        """Empty the spool of what was sent, and forget what is too old; whether there may be more.

        Raises SQLAlchemyError, OSError.
        """
        before = self._clock() - timedelta(days=keep_days)
        async with self._database.reading() as session:
            sent = [listed.fax for listed in await unfinished(session, SOME)]
            old = [listed.fax for listed in await overdue(session, before, SOME)]
        for row in sent:
            await asyncio.to_thread(self._spool.remove, row.spooled)
            row.finished_at = self._clock()
        for row in old:
            self._original(row).unlink(missing_ok=True)
            row.gone_at = self._clock()
        if sent or old:
            async with self._database.begin() as session:
                for row in (*sent, *old):
                    await session.merge(row)
        return SOME in (len(sent), len(old))

    @asynccontextmanager
    async def made(
        self, row: FaxRow, lines: Lines, found: Found | None = None
    ) -> AsyncIterator[Made]:
        """What can be made of a fax that was taken; its files are gone afterwards. One that was
        just `found` is judged by it."""
        with TemporaryDirectory(prefix=SCRATCH, dir=self._kept) as scratch:
            made, facts = Made(), facts_of(row)
            if row.tiff_bytes:
                made = await make(self._forker, self._original(row), facts, Path(scratch))
            if found is not None:
                judge(row, found, made)
            if made.pdf is not None:
                pdf = await finish(self._forker, made.pdf, self._cover(row, lines), facts)
                made = replace(made, pdf=pdf)
            yield made

    def _cover(self, row: FaxRow, lines: Lines) -> Cover | None:
        line = lines.of(row)
        if not line.cover or lines.head is None:
            return None
        return cover_of(row, line.language or lines.language, lines.head, lines.house)

    def _original(self, row: FaxRow) -> Path:
        return self._kept / f"{row.id}.tif"

    def _letter(self, row: FaxRow, made: Made, lines: Lines) -> Letter | None:
        line = lines.of(row)
        if not line.email or lines.head is None:
            return None
        language = line.language or lines.language
        enclosed = self._enclosed(row, made)
        return write_letter(row, line.email, language, lines.head, enclosed, self._clock())

    def _enclosed(self, row: FaxRow, made: Made) -> Enclosed:
        """The PDF; the original too, where not all of it could be shown."""
        wanted = [(made.pdf, "application/pdf", "pdf")] if made.pdf else []
        if row.tiff_bytes and row.status == Status.DAMAGED:
            wanted.append((self._original(row), "image/tiff", "tif"))
        files = [File(path.read_bytes(), kind, end) for path, kind, end in wanted if _fits(path)]
        picture = made.picture.read_bytes() if made.picture else None
        return Enclosed(files, picture, too_large=len(files) < len(wanted))


def _fits(path: Path) -> bool:
    return path.stat().st_size <= LARGEST_FILE_BYTES


def _trouble(line: str, words: str) -> Trouble:
    return Trouble(
        f"fax:{line}",
        f"faxes of {line} cannot be taken from the spool: {words}",
        "see that the spool can be read, its disk has room and the line is in center.yaml",
    )
