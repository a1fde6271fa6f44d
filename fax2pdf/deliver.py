"""From the spool to the outbox: a fax is copied, its PDF made, its letter written, and row and
letter committed together. Killed at any step, the next sweep does the same again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from fax2pdf.fax import Status
from fax2pdf.finishing import Finisher, Wish
from fax2pdf.in_hand import InHand
from fax2pdf.letter import Enclosed, File, cover_of, write_letter
from fax2pdf.lines import Lines, NoSuchLine
from fax2pdf.making import Made, make
from fax2pdf.row import facts_of, judge, row_of
from fax2pdf.searchable import WAIT_SECONDS
from fax2pdf.spool import Found, Spool
from fax2pdf.store import FaxRow, find_fax, overdue, unfinished, unknown_of
from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.files import clear_up
from switchboard.forking import Forker
from switchboard.outbox import Letter, enqueue
from switchboard.watch import Trouble

AT_ONCE = 2  # children, and letters in memory; a processor is left for the calls
LARGEST_FILE_BYTES = 20 << 20  # most mail servers refuse more than 25 MB
SOME = 100  # faxes tidied up at a time
SCRATCH = "making-"

log = logging.getLogger(__name__)


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
        self._forker = Forker("fax2pdf.making", at_once=AT_ONCE)
        self._finisher = Finisher(self._forker)
        self._taken: set[str] = set()  # what lies in the spool until its letter is sent
        self._in_hand = InHand()
        self._spool_trouble: list[Trouble] | None = None  # None before the first sweep

    @property
    def troubles(self) -> list[Trouble] | None:
        """What stands in the way of faxes, None before the first sweep."""
        words = {failure.line: failure.words for failure in self._in_hand.failures}
        lines = [_trouble(line, said) for line, said in words.items()]
        return None if self._spool_trouble is None else [*self._spool_trouble, *lines]

    def prepare(self) -> None:
        """Make the directory, and remove what a process that was killed left in it."""
        clear_up(self._kept, SCRATCH)

    async def close(self) -> None:
        """Give up what is in hand, and end the process that makes PDFs."""
        await self._in_hand.give_up()
        self._forker.close()

    async def do_one(self, lines: Lines) -> bool:
        """Sweep once, and take all that is there; whether all went well.

        Raises SQLAlchemyError while the database is away: then nothing was taken.
        """
        await self.sweep(lines)
        await self._in_hand.settle()
        return not self.troubles

    async def sweep(self, lines: Lines, again_seconds: float = 0.0) -> None:
        """Begin to take what is new; what could not be taken is tried `again_seconds` later.

        Raises SQLAlchemyError while the database is away.
        """
        if lines.lines:
            self._forker.start()
        try:
            seen = {found.id: found for found in await asyncio.to_thread(self._spool.sweep)}
        except OSError as trouble:
            self._spool_trouble = [_trouble("spool", f"{trouble.filename}: {trouble.strerror}")]
            return
        self._spool_trouble = []
        self._in_hand.forget(seen)
        self._taken &= seen.keys()
        new = seen.keys() - self._taken
        due = {one for one in new if self._in_hand.is_due(one, again_seconds)}
        if due:
            async with self._database.reading() as session:
                unknown = await unknown_of(session, due)
            self._taken |= due - unknown
            for fax_id in unknown:
                self._in_hand.begin(seen[fax_id], partial(self._take, seen[fax_id], lines))

    async def _take(self, found: Found, lines: Lines) -> None:
        if found.line not in lines.lines:
            raise NoSuchLine("there is no such fax line any more")
        row = row_of(found)
        if row.tiff_bytes:
            await asyncio.to_thread(self._spool.copy, found, self._original(row))
        async with self.made(row, lines, found) as made, self._gate:
            letter = await asyncio.to_thread(self._letter, row, made, lines)
            if letter is not None:
                row.message_id, row.letters = letter.message_id, 1
            async with self._database.begin() as session:
                session.add(row)
                await session.flush()
                if letter is not None:
                    await enqueue(session, letter)
        self._taken.add(found.id)

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
            if made.pdf is not None and (found is None or lines.writes(row)):
                pdf = await self._finisher.finish(made.pdf, facts, self._wish(row, lines, found))
                made = replace(made, pdf=pdf)
            yield made

    def _wish(self, row: FaxRow, lines: Lines, found: Found | None) -> Wish:
        """The time for text counts from the end of a fax that has just come."""
        line, cover = lines.of(row), None
        language = line.language or lines.language
        ended_at = row.received_at + timedelta(seconds=row.seconds) if found else self._clock()
        if line.cover and lines.head is not None:
            cover = cover_of(row, language, lines.head, lines.house)
        return Wish(
            cover,
            lines.languages_of(line) if line.searchable else (),
            lambda: WAIT_SECONDS - (self._clock() - ended_at).total_seconds(),
        )

    def _original(self, row: FaxRow) -> Path:
        return self._kept / f"{row.id}.tif"

    def _letter(self, row: FaxRow, made: Made, lines: Lines) -> Letter | None:
        if not lines.writes(row) or lines.head is None:
            return None
        line = lines.of(row)
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
